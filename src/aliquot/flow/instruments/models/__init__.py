"""Analyzers and all that came from them or was asked of them."""

from aliquot.flow.instruments.models.analyzers import (
    Adaptation,
    Analyzer,
    DriverStop,
    LineState,
    Stop,
    TestMapping,
)
from aliquot.flow.instruments.models.ledger import Message, Reading, SpecimenIndex, Traffic, WorkRequest

__all__ = [
    "Adaptation",
    "Analyzer",
    "DriverStop",
    "LineState",
    "Message",
    "Reading",
    "SpecimenIndex",
    "Stop",
    "TestMapping",
    "Traffic",
    "WorkRequest",
]
