"""Events: what happened, kept in the transaction that made it happen, worked off in batches."""
