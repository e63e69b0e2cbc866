"""A rule set tried beside the live path: on a stretch of history by several processes, on planted errors."""
