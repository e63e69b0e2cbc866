"""Analyzers, drivers, messages, readings."""
