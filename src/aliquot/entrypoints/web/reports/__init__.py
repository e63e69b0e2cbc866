"""Reports of a place, one report, and a patient's results over time."""
