"""Evaluation studies: planned, given data, read with their decision first, signed."""
