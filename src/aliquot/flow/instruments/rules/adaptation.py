"""What a laboratory says an analyzer's words mean, beyond its driver: plain values that a driver merges."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

TermKind: TypeAlias = Literal["code", "unit", "flag", "aspect", "status", "sender", "index"]


@dataclass(frozen=True, slots=True)
class Term:
    """One word as it is sent, and its meaning in the driver's words.

    UCUM for a unit; report, keep or drop for an aspect; a name of rules/layout.py for a flag or a status;
    empty for a sender that is expected; H, I or L for a code that is an index of the specimen, "-" for a
    code that is none here. `factor` multiplies the value of a unit, e.g. 1000000 for 10^6; that of an index
    gives the level in the unit of the rules.
    """

    kind: TermKind
    term: str
    meaning: str = ""
    factor: Decimal | None = None


Adaptation: TypeAlias = tuple[Term, ...]
"""All terms of one analyzer, sorted by kind and term: hashable, so that a merged driver is kept."""
