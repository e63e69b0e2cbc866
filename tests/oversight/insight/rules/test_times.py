"""Percentiles of times that were counted in classes."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.insight.rules.times import PER_DOUBLING, Spread, bounds, spread


def classed(minutes: list[float]) -> Counter[int]:
    """The class of each time, as sql/count_times.sql says it."""
    return Counter(0 if one < 1 else 1 + math.floor(PER_DOUBLING * math.log2(one)) for one in minutes)


def test_nothing_has_no_percentile() -> None:
    assert spread({}) == Spread(0, (), 0)
    assert spread({-1: 3, 4: 0}) == Spread(0, (), 3)


def test_an_hour_is_found_again() -> None:
    found = spread(classed([60.0] * 50), (50,))
    assert found.n == 50
    assert found.minutes[0] == pytest.approx(60, rel=0.123)


def test_less_than_a_minute_is_spread_evenly() -> None:
    assert spread({0: 10}, (10, 50, 100)).minutes == (0.1, 0.5, 1.0)


def test_contradicting_times_count_for_nothing() -> None:
    assert spread({-1: 90, 1: 10}) == Spread(10, spread({1: 10}).minutes, 90)


def test_the_last_class_ends_at_its_bound() -> None:
    assert spread({7: 1}, (100,)).minutes == (bounds(7)[1],)
    assert spread({1: 3, 7: 1}, (100.0000001,)).minutes == (bounds(7)[1],)


@given(st.lists(st.floats(0.01, 50_000), min_size=1, max_size=200), st.sampled_from([10, 50, 90]))
def test_a_percentile_is_off_by_less_than_a_class(minutes: list[float], percent: int) -> None:
    ordered = sorted(minutes)
    exact = ordered[max(math.ceil(percent * len(ordered) / 100), 1) - 1]
    found = spread(classed(minutes), (percent,)).minutes[0]
    assert found == pytest.approx(exact, rel=0.1225, abs=1.0)
