"""Tools beneath every package."""
