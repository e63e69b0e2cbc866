"""The sigma metric, the rules it asks for, and the sigma of a rate of defects."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.sigma.metrics import (
    Weakness,
    short_term_sigma,
    sigma_metric,
    sigma_rules,
)


def test_the_metric_and_what_follows() -> None:
    found = sigma_metric(Decimal(10), Decimal(-2), Decimal(2))
    assert found.sigma == 4
    assert found.critical_systematic == Decimal("2.35")
    assert round(found.critical_random, 4) == Decimal("2.4242")
    assert round(found.quality_goal_index, 4) == Decimal("0.6667")


@pytest.mark.parametrize(
    ("bias", "weakness"),
    [
        ("1.19", Weakness.IMPRECISION),
        ("1.2", Weakness.BOTH),
        ("-1.8", Weakness.BOTH),
        ("1.81", Weakness.INACCURACY),
    ],
)
def test_the_quality_goal_index_says_what_is_weak(bias: str, weakness: Weakness) -> None:
    assert sigma_metric(Decimal(10), Decimal(bias), Decimal(1)).weakness is weakness


@pytest.mark.parametrize(
    ("allowable", "cv", "field"), [("0", "1", "TEa"), ("10", "0", "CV"), ("10", "-1", "CV")]
)
def test_nothing_is_measured_without_error(allowable: str, cv: str, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        sigma_metric(Decimal(allowable), Decimal(0), Decimal(cv))


@pytest.mark.parametrize(
    ("sigma", "levels", "text", "n", "r"),
    [
        ("6.0", 2, "1-3s", 2, 1),
        ("5.999", 2, "1-3s/2-2s/R-4s", 2, 1),
        ("5", 1, "1-3s/2-2s/R-4s", 2, 1),
        ("4.99", 2, "1-3s/2-2s/R-4s/4-1s", 4, 1),
        ("4", 2, "1-3s/2-2s/R-4s/4-1s", 4, 1),
        ("3.99", 2, "1-3s/2-2s/R-4s/4-1s/8-x", 4, 2),
        ("-1", 2, "1-3s/2-2s/R-4s/4-1s/8-x", 4, 2),
        ("6", 3, "1-3s", 3, 1),
        ("5.5", 3, "1-3s/2of3-2s/R-4s", 3, 1),
        ("4.5", 3, "1-3s/2of3-2s/R-4s/3-1s", 3, 1),
        ("3", 3, "1-3s/2of3-2s/R-4s/3-1s/6-x", 6, 1),
    ],
)
def test_westgard_sigma_rules(sigma: str, levels: int, text: str, n: int, r: int) -> None:
    found = sigma_rules(Decimal(sigma), levels)
    assert (found.text, found.n, found.r) == (text, n, r)


@pytest.mark.parametrize(
    ("percent", "sigma"),
    [("0.0036", "5.47"), ("0.34", "4.21"), ("50", "1.5"), ("0.197", "4.38")],
)
def test_published_rates(percent: str, sigma: str) -> None:
    """Zorbozan 2022 (transport, late reports); KEQAS (rejected for haemolysis)."""
    assert short_term_sigma(Decimal(percent) / 100) == pytest.approx(float(sigma), abs=0.005)


def test_six_sigma_is_three_and_a_half_defects_in_a_million() -> None:
    assert short_term_sigma(Decimal("0.0000034")) == pytest.approx(6, abs=0.001)
    assert short_term_sigma(Decimal("0.0000034"), Decimal(0)) == pytest.approx(4.5, abs=0.001)


def test_a_rate_without_bound() -> None:
    assert short_term_sigma(Decimal(0)) is None
    assert short_term_sigma(Decimal(1)) is None
    with pytest.raises(ValueError, match="from 0 to 1"):
        short_term_sigma(Decimal("1.01"))
