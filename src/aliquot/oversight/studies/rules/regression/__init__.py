"""Lines through pairs of measurements, each with its confidence interval."""
