"""What is allowed by biological variation, at levels, and where only a part of it is stated."""

from decimal import Decimal

import pytest

from aliquot.registers.catalogue.rules.allowable import Allowable, Kind, of_variation


def test_desirable_limits_are_those_of_the_published_arithmetic() -> None:
    """Sodium with CVI 0.5 and CVG 1.0: 0.25, 0.28 and 0.69 %; Fraser 1997."""
    found = of_variation(Decimal("0.5"), Decimal("1.0"))
    assert found == Allowable(Decimal("0.69"), None, Decimal("0.28"), Decimal("0.25"))
    assert of_variation(Decimal("5.3"), Decimal("16.2")).bias_percent == Decimal("4.26")  # cholesterol


@pytest.mark.parametrize(
    ("kind", "cv"), [(Kind.OPTIMUM, "1.25"), (Kind.DESIRABLE, "2.5"), (Kind.MINIMUM, "3.75")]
)
def test_optimum_is_half_and_minimum_one_and_a_half(kind: Kind, cv: str) -> None:
    assert of_variation(Decimal(5), Decimal("8.1"), kind).cv_percent == Decimal(cv)


def test_bias_and_imprecision_are_shares_of_a_total_error_that_stands_alone() -> None:
    alone = Allowable(total_percent=Decimal(8))
    assert (alone.bias, alone.cv) == (Decimal(4), Decimal(2))
    stated = Allowable(Decimal(8), None, Decimal(1), Decimal(3))
    assert (stated.bias, stated.cv) == (Decimal(1), Decimal(3))
    assert (Allowable().bias, Allowable().cv) == (None, None)


def test_at_a_level_the_greater_holds_and_over_levels_the_strictest() -> None:
    glucose = Allowable(total_percent=Decimal(8), total=Decimal("0.4"))
    assert glucose.total_at([Decimal(2)]) == Decimal(20)
    assert glucose.total_at([Decimal(2), Decimal(10)]) == Decimal(8)
    assert glucose.total_at([]) == Decimal(8)
    assert Allowable(total=Decimal(4)).total_at([Decimal(100), Decimal(160)]) == Decimal("2.5")
    assert Allowable(total=Decimal(4)).total_at([Decimal(0)]) is None
    assert Allowable().total_at([Decimal(5)]) is None
