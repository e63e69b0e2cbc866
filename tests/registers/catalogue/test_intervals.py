from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.catalogue.rules.intervals import Critical, Interval, flag_of, interval_for

D = Decimal
ADULT = 6574
MEN = Interval(D(130), D(170), "M", ADULT)
WOMEN = Interval(D(120), D(150), "F", ADULT)
ANYBODY = Interval(D(110), D(180), "", ADULT)
LIMITS = st.decimals(-1000, 1000, allow_nan=False, places=2)


@pytest.mark.parametrize(("sex", "expected"), [("M", MEN), ("F", WOMEN), ("U", ANYBODY), ("", ANYBODY)])
def test_the_own_sex_comes_before_both(sex: str, expected: Interval) -> None:
    assert interval_for([ANYBODY, MEN, WOMEN], sex, 12_000) == expected


def test_a_child_finds_no_adult_interval() -> None:
    assert interval_for([MEN, WOMEN, ANYBODY], "M", ADULT - 1) is None
    assert interval_for([MEN, WOMEN, ANYBODY], "M", ADULT) == MEN


def test_an_unknown_age_fits_only_limits_for_all_ages() -> None:
    everybody = Interval(None, D(5))
    assert interval_for([MEN], "M", None) is None
    assert interval_for([MEN, everybody], "M", None) == everybody


def test_the_narrower_age_wins() -> None:
    newborn = Interval(D(1), D(2), "", 0, 28)
    assert interval_for([Interval(D(3), D(4)), newborn], "F", 27) == newborn


def test_two_that_contradict_each_other_are_none() -> None:
    assert interval_for([Interval(D(1), D(2)), Interval(D(1), D(3))], "F", 9000) is None


@given(st.permutations([MEN, WOMEN, ANYBODY, Interval(D(1), D(2), "M", 0, ADULT)]), st.integers(0, 59_999))
def test_the_order_of_the_table_does_not_matter(shuffled: list[Interval], age: int) -> None:
    assert interval_for(shuffled, "M", age) == (MEN if age >= ADULT else Interval(D(1), D(2), "M", 0, ADULT))


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("2.7", "LL"),
        ("2.8", "L"),
        ("3.4", "L"),
        ("3.5", "N"),
        ("5.1", "N"),
        ("5.2", "H"),
        ("6.2", "H"),
        ("6.3", "HH"),
    ],
)
def test_a_limit_belongs_to_the_interval_it_closes(value: str, flag: str) -> None:
    assert flag_of(D(value), Interval(D("3.5"), D("5.1")), Critical(D("2.8"), D("6.2"))) == flag


def test_an_open_side_never_flags() -> None:
    assert flag_of(D(99), Interval(D(1), None)) == "N"
    assert flag_of(D(-99), Interval(None, D(1))) == "N"


@given(LIMITS, LIMITS, LIMITS)
def test_a_higher_value_never_has_a_lower_flag(one: Decimal, other: Decimal, middle: Decimal) -> None:
    order = ["LL", "L", "N", "H", "HH"]
    interval, critical = Interval(middle, middle + 10), Critical(middle - 20, middle + 30)
    low, high = sorted([one, other])
    assert order.index(flag_of(low, interval, critical)) <= order.index(flag_of(high, interval, critical))
