"""A step of a look-back over many results, done beside the live path."""
