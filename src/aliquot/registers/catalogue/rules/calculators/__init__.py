"""Quantities that are computed from measured ones: formulas with their sources, validity and units."""
