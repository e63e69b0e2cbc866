"""A count as rate, tier and sigma."""

from decimal import Decimal

import pytest

from aliquot.oversight.insight.rules.tiers import Tier, judge

LIMITS = {"high_le": Decimal("0.08"), "low_ge": Decimal("0.402")}


@pytest.mark.parametrize(
    ("numerator", "tier"),
    [(0, Tier.HIGH), (8, Tier.HIGH), (9, Tier.MEDIUM), (40, Tier.MEDIUM), (41, Tier.LOW), (10_000, Tier.LOW)],
)
def test_the_tier_of_clotted_tubes(numerator: int, tier: Tier) -> None:
    assert judge(numerator, 10_000, **LIMITS).tier is tier


def test_at_the_second_limit_performance_is_low() -> None:
    assert judge(402, 100_000, **LIMITS).tier is Tier.LOW


def test_a_published_rate_has_its_published_sigma() -> None:
    late = judge(34, 10_000)  # late reports 0.34 %: sigma 4.21 (Zorbozan 2022)
    assert late.rate == Decimal("0.34")
    assert late.sigma == pytest.approx(4.21, abs=0.005)
    assert late.tier is Tier.UNKNOWN


def test_without_a_denominator_nothing_is_said() -> None:
    found = judge(0, 0, **LIMITS)
    assert (found.rate, found.sigma, found.tier) == (None, None, Tier.UNKNOWN)


def test_more_cases_than_tubes_have_no_sigma() -> None:
    found = judge(3, 2)
    assert (found.rate, found.sigma) == (Decimal(150), None)


def test_one_limit_alone_makes_no_tier() -> None:
    assert judge(1, 10, high_le=Decimal(1)).tier is Tier.UNKNOWN
