"""Simulated analyzers: the instrument's end of the line, spoken by the same wire code and drivers."""

from aliquot.entrypoints.simulate.analyzer import SimulatedAnalyzer

__all__ = ["SimulatedAnalyzer"]
