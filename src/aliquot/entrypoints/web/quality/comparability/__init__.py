"""Comparability: one map of tests by analyzers, and what is behind each of its fields."""
