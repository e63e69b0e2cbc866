"""A rule set tried on what was measured before: results replayed, decisions counted, a report made."""
