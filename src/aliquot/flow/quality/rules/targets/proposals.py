"""What a target is, the figures it stands on, and a proposal of one with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from aliquot.flow.quality.rules.reasons import Reason

LEAST_SD = 2
"""An SD needs two values."""


class Origin(StrEnum):
    """Where mean and SD come from."""

    ESTABLISHED = "established"
    CUMULATIVE = "cumulative"
    TRANSFERRED = "transferred"
    PEER = "peer"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Summary:
    """Count, mean and SD (n - 1) of values: a month, an overlap, a peer group."""

    n: int
    mean: Decimal
    sd: Decimal

    @property
    def cv(self) -> Decimal | None:
        """In per cent; None where the mean is not above zero, since a share of it means nothing there."""
        return self.sd / self.mean * 100 if self.mean > 0 else None


@dataclass(frozen=True, slots=True)
class Target:
    """Mean and SD that control results are held against, with where they come from."""

    figures: Summary
    origin: Origin
    is_floating: bool = False

    @property
    def mean(self) -> Decimal:
        return self.figures.mean

    @property
    def sd(self) -> Decimal:
        return self.figures.sd


@dataclass(frozen=True, slots=True)
class Proposal:
    """A target, whether it may be used, why (not), and which values (counted from 0) were left out.

    `target` is None only where nothing can be computed; one that is not accepted shows what it would be.
    """

    target: Target | None
    is_accepted: bool
    reasons: tuple[Reason, ...]
    left_out: tuple[int, ...] = ()


def summary_of(values: Sequence[Decimal]) -> Summary:
    """Count, mean and SD of at least two values; ValueError for fewer."""
    if len(values) < LEAST_SD:
        raise ValueError("values: an SD needs two values at least.")
    mean = sum(values, Decimal(0)) / len(values)
    squares = sum(((one - mean) ** 2 for one in values), Decimal(0))
    return Summary(len(values), mean, (squares / (len(values) - 1)).sqrt())
