"""Evaluation studies: precision, comparison, linearity, limits, intervals, lots; each ends in a decision."""
