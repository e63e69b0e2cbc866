"""Who changed what, chained by hash."""
