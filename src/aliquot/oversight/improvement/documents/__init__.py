"""The printed report of an internal audit."""
