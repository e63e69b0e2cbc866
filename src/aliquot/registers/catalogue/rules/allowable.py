"""How wrong a result may be: total error, bias and imprecision, stated or by biological variation.

Kinds of source: Sandberg et al., Clin Chem Lab Med 2015;53:833 (Milan 2014). By biological variation: Fraser
et al., Ann Clin Biochem 1997;34:8: imprecision at most half of the variation within a person, bias at most a
quarter of the whole, total error 1.65 times that imprecision and that bias; optimum is the half of each,
minimum one and a half times. Where only the total error is stated: half of it for the bias, a quarter for the
imprecision (Westgard, Basic Method Validation).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

HUNDRED = Decimal(100)
COVERAGE = Decimal("1.65")
SHARE_OF_BIAS, SHARE_OF_CV = Decimal("0.5"), Decimal("0.25")
DIGITS = 2


class Kind(StrEnum):
    """On what a limit rests."""

    OUTCOME = "outcome"
    OPTIMUM = "variation_optimum"
    DESIRABLE = "variation_desirable"
    MINIMUM = "variation_minimum"
    STATE_OF_THE_ART = "state_of_the_art"
    REGULATION = "regulation"
    OWN = "own"


FACTORS = {Kind.OPTIMUM: Decimal("0.5"), Kind.DESIRABLE: Decimal(1), Kind.MINIMUM: Decimal("1.5")}


@dataclass(frozen=True, slots=True)
class Allowable:
    """Total error in per cent and in the test's unit (the greater holds), bias and CV in per cent."""

    total_percent: Decimal | None = None
    total: Decimal | None = None
    bias_percent: Decimal | None = None
    cv_percent: Decimal | None = None

    @property
    def bias(self) -> Decimal | None:
        """The bias in per cent; half of the total error where only that is stated."""
        return (
            self.bias_percent if self.bias_percent is not None else _part(self.total_percent, SHARE_OF_BIAS)
        )

    @property
    def cv(self) -> Decimal | None:
        """The CV in per cent; a quarter of the total error where only that is stated."""
        return self.cv_percent if self.cv_percent is not None else _part(self.total_percent, SHARE_OF_CV)

    def total_at(self, levels: Iterable[Decimal]) -> Decimal | None:
        """The total error in per cent that holds at all of these levels: the smallest of them.

        At a level the greater of what is stated in per cent and in the unit; without levels what is stated in
        per cent.
        """
        found = [one for level in levels if (one := self._at(level)) is not None]
        return min(found, default=self.total_percent)

    def _at(self, level: Decimal) -> Decimal | None:
        of_unit = None if self.total is None or not level else self.total / abs(level) * HUNDRED
        return max((one for one in (self.total_percent, of_unit) if one is not None), default=None)


def of_variation(within: Decimal, between: Decimal, kind: Kind = Kind.DESIRABLE) -> Allowable:
    """What the variation within (CVI) and between people (CVG), in per cent, allows; two decimals."""
    factor = FACTORS[kind]
    cv = factor * within / 2
    bias = factor * (within**2 + between**2).sqrt() / 4
    return Allowable(
        total_percent=round(COVERAGE * cv + bias, DIGITS),
        bias_percent=round(bias, DIGITS),
        cv_percent=round(cv, DIGITS),
    )


def _part(total: Decimal | None, share: Decimal) -> Decimal | None:
    return None if total is None else total * share
