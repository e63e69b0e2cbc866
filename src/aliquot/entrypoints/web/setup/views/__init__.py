"""Setup's pages."""
