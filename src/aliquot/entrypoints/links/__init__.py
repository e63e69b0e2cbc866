"""Sessions with analyzers."""
