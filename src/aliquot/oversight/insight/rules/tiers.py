"""A figure as rate, tier and sigma.

Source: IFCC quality specifications as quoted by KEQAS (jlmqa.org): high performance at or below the first
limit, low performance at or above the second; tiers from participants' percentiles:
doi 10.1515/cclm-2014-1124.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from aliquot.flow.quality.rules.sigma.metrics import short_term_sigma

HUNDRED = Decimal(100)


class Tier(StrEnum):
    """How a rate stands among laboratories; UNKNOWN where nothing was counted or nobody published limits."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A numerator and its denominator, with what follows from them; the rate in per cent."""

    numerator: int
    denominator: int
    rate: Decimal | None
    sigma: float | None
    tier: Tier


def judge(
    numerator: int, denominator: int, *, high_le: Decimal | None = None, low_ge: Decimal | None = None
) -> Figure:
    """The figure of a count; limits in per cent. Without a denominator no rate, no sigma and no tier.

    More cases than tubes (one day's tubes, another day's cases) give a rate above 100 and no sigma.
    """
    if denominator <= 0:
        return Figure(numerator, denominator, None, None, Tier.UNKNOWN)
    share = Decimal(numerator) / denominator
    sigma = short_term_sigma(share) if share <= 1 else None
    return Figure(numerator, denominator, share * HUNDRED, sigma, _tier(share * HUNDRED, high_le, low_ge))


def _tier(rate: Decimal, high_le: Decimal | None, low_ge: Decimal | None) -> Tier:
    if high_le is None or low_ge is None:
        return Tier.UNKNOWN
    if rate <= high_le:
        return Tier.HIGH
    return Tier.LOW if rate >= low_ge else Tier.MEDIUM
