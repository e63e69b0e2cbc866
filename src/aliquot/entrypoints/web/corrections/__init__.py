"""Corrections: what recipients acknowledge, whom the laboratory calls, looking back after a failure."""
