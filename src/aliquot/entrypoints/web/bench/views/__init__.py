"""Views of the bench, by page."""
