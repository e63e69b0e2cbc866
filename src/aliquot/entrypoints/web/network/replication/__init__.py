"""How facts flow from a region to the federation, seen from either side."""
