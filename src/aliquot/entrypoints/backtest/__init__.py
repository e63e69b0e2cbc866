"""A rule set tried on a stretch of history by several processes, beside the live path."""
