"""The sigma metric of a test, what it asks of control, and the short-term sigma of a rate of defects.

Source: Westgard, Six Sigma Quality Design and Control (2006); westgard.com/westgard-sigma-rules.htm, whose N
and R for sigma below 6 are general knowledge; Parry, QGI: westgard.com/guest34.htm; critical errors: Koch et
al., Clin Chem 1990;36:230 (1.65: one-sided 5 % of results beyond the allowable error).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import NormalDist

TAIL = Decimal("1.65")
SHIFT = Decimal("1.5")
MILLION = Decimal(1_000_000)


class Weakness(StrEnum):
    """What keeps sigma low, by the quality goal index: below 0.8, to 1.2, above."""

    IMPRECISION = "imprecision"
    BOTH = "imprecision and inaccuracy"
    INACCURACY = "inaccuracy"


@dataclass(frozen=True, slots=True)
class Sigma:
    """How a test performs at a decision level: sigma, critical errors in SD, quality goal index and why."""

    sigma: Decimal
    critical_systematic: Decimal
    critical_random: Decimal
    quality_goal_index: Decimal
    weakness: Weakness


@dataclass(frozen=True, slots=True)
class SigmaRules:
    """Rules by name with `n` control values for a decision over `r` runs; `instead`: another N and R."""

    names: tuple[str, ...]
    n: int
    r: int
    instead: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """As they are printed: 1-3s/2-2s/R-4s."""
        return "/".join(self.names)


def sigma_metric(allowable: Decimal, bias: Decimal, imprecision: Decimal) -> Sigma:
    """Sigma = (TEa - |bias|) / CV, all in per cent at the decision level, or all in the unit of the test.

    critical systematic error = sigma - 1.65, critical random error = sigma / 1.65, quality goal index =
    |bias| / (1.5 CV). ValueError for an allowable error or an imprecision that is not above zero.
    """
    if allowable <= 0:
        raise ValueError("TEa: an allowable error is above zero.")
    if imprecision <= 0:
        raise ValueError("CV: an imprecision is above zero.")
    sigma = (allowable - abs(bias)) / imprecision
    index = abs(bias) / (SHIFT * imprecision)
    return Sigma(sigma, sigma - TAIL, sigma / TAIL, index, _weakness(index))


def _weakness(index: Decimal) -> Weakness:
    if index < _LOW_INDEX:
        return Weakness.IMPRECISION
    return Weakness.BOTH if index <= _HIGH_INDEX else Weakness.INACCURACY


def sigma_rules(sigma: Decimal, levels: int = 2) -> SigmaRules:
    """The Westgard Sigma Rules for one or two levels, or for three and more; without the warning 1-2s."""
    table = _TWO_LEVELS if levels < _THREE else _THREE_LEVELS
    return next(rules for least, rules in table if least is None or sigma >= least)


def short_term_sigma(rate: Decimal, shift: Decimal = SHIFT) -> float | None:
    """Sigma of a share of defects (0.002: two of a thousand): the deviate of 1 - share, and the shift.

    None where there is no defect or nothing else: sigma has no bound there. ValueError outside 0 to 1.
    Source: Zorbozan, Biochem Med 2022;32:030701; KEQAS, jlmqa.org; both reproduced with a shift of 1.5.
    """
    if not 0 <= rate <= 1:
        raise ValueError("The share of defects lies from 0 to 1.")
    if rate in {0, 1}:
        return None
    return float(shift) - NormalDist().inv_cdf(float(rate))


_LOW_INDEX = Decimal("0.8")
_HIGH_INDEX = Decimal("1.2")
_THREE = 3
_TWO_LEVELS: tuple[tuple[int | None, SigmaRules], ...] = (
    (6, SigmaRules(("1-3s",), 2, 1)),
    (5, SigmaRules(("1-3s", "2-2s", "R-4s"), 2, 1)),
    (4, SigmaRules(("1-3s", "2-2s", "R-4s", "4-1s"), 4, 1, (2, 2))),
    (None, SigmaRules(("1-3s", "2-2s", "R-4s", "4-1s", "8-x"), 4, 2, (2, 4))),
)
_THREE_LEVELS: tuple[tuple[int | None, SigmaRules], ...] = (
    (6, SigmaRules(("1-3s",), 3, 1)),
    (5, SigmaRules(("1-3s", "2of3-2s", "R-4s"), 3, 1)),
    (4, SigmaRules(("1-3s", "2of3-2s", "R-4s", "3-1s"), 3, 1)),
    (None, SigmaRules(("1-3s", "2of3-2s", "R-4s", "3-1s", "6-x"), 6, 1, (3, 2))),
)
