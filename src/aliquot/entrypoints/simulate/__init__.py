"""Simulated analyzers: the instrument's end of the line, spoken by the same wire code and drivers."""

from aliquot.entrypoints.simulate.analyzer import SimulatedAnalyzer
from aliquot.entrypoints.simulate.answers import ordered_codes

__all__ = ["SimulatedAnalyzer", "ordered_codes"]
