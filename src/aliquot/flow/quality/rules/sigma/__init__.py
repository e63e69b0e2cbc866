"""Sigma of a test: the metric, the rules and the run size that it asks for, what a procedure detects."""
