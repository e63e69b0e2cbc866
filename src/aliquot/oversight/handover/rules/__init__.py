"""Pure: what a package says of itself, and whether what lies there is that."""
