"""How great a risk is: severity of harm by probability, before and after what controls it.

Source: ISO 22367:2020 (risk estimation, evaluation and control; review of the risk after control); ISO
15189:2022, 5.6 and 8.5. Where in the matrix a risk begins to be too great is for the laboratory to say:
`MATRIX` is what this program ships, and docs/how-to/work-a-nonconformity.md says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STEPS: Final = range(1, 6)
"""Severity from negligible to death, probability from improbable to frequent."""


class Level(StrEnum):
    """What a place of the matrix means."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


MATRIX: Final[tuple[str, ...]] = (
    # probability 1 to 5, of severity 1 (first line) to 5
    "LLLLM",
    "LLLMM",
    "LLMMH",
    "LMMHH",
    "MMHHH",
)
LETTERS: Final = {"L": Level.LOW, "M": Level.MEDIUM, "H": Level.HIGH}
ORDER: Final = (Level.LOW, Level.MEDIUM, Level.HIGH)


@dataclass(frozen=True, slots=True)
class Rating:
    """Severity and probability, each 1 to 5."""

    severity: int
    probability: int

    @property
    def level(self) -> Level:
        return level_of(self.severity, self.probability)


def level_of(severity: int, probability: int) -> Level:
    """The level of a risk. Raises ValueError for a number that is not 1 to 5."""
    if severity not in STEPS or probability not in STEPS:
        raise ValueError(f"Severity and probability are 1 to 5, not {severity} and {probability}.")
    return LETTERS[MATRIX[severity - 1][probability - 1]]


def why_not_accepted(
    before: Rating, after: Rating | None, controls: Sequence[str], *, is_director: bool
) -> str:
    """Why a risk cannot be accepted as it is left: "" or one of unrated, uncontrolled, grown, high, director.

    A high residual risk is never accepted, a medium one by the director alone. A risk that was not low needs
    something that controls it. Source: ISO 22367:2020, risk control and acceptability of the residual risk.
    """
    if after is None:
        return "unrated"
    if before.level is not Level.LOW and not controls:
        return "uncontrolled"
    if ORDER.index(after.level) > ORDER.index(before.level):
        return "grown"
    if after.level is Level.HIGH:
        return "high"
    return "director" if after.level is Level.MEDIUM and not is_director else ""
