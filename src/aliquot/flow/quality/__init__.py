"""Quality: whether an analyzer's test may be trusted now, with which reagent and calibrator, since when."""
