"""Faults of lines and devices: each named, seeded, counted, and combinable with every other."""

from aliquot.entrypoints.simulate.faults.catalogue import FAULTS, Fault, FaultError, Strikes, chosen
from aliquot.entrypoints.simulate.faults.chaos import Chaos

__all__ = ["FAULTS", "Chaos", "Fault", "FaultError", "Strikes", "chosen"]
