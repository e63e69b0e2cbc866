"""Turnaround: shares and percentiles, against definitions worked out by hand and against each other."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.orders.rules.turnaround import METHODS, median, percentile, share_within

TIMES = st.lists(st.integers(0, 10_000).map(Decimal), min_size=1, max_size=60)
PERCENTS = st.integers(0, 1000).map(lambda one: Decimal(one) / 10)


def of(*minutes: int) -> list[Decimal]:
    return [Decimal(one) for one in minutes]


@pytest.mark.parametrize(
    ("minutes", "target", "share"), [((60,), 60, "100"), ((61,), 60, "0"), ((1, 2, 3, 4), 3, "75")]
)
def test_within_is_at_most_the_target(minutes: tuple[int, ...], target: int, share: str) -> None:
    assert share_within(of(*minutes), Decimal(target)) == Decimal(share)


@pytest.mark.parametrize(
    ("percent", "method", "expected"),
    [
        (90, "nearest-rank", "9"),
        (91, "nearest-rank", "10"),
        (100, "nearest-rank", "10"),
        (0, "nearest-rank", "1"),
        (10, "nearest-rank", "1"),
        ("10.1", "nearest-rank", "2"),
        (90, "linear", "9.1"),
        (0, "linear", "1"),
        (100, "linear", "10"),
        (50, "exclusive", "5.5"),
        (90, "exclusive", "9.9"),
        (1, "exclusive", "1"),
        (99, "exclusive", "10"),
    ],
)
def test_a_percentile_of_one_to_ten(percent: str, method: str, expected: str) -> None:
    assert percentile(of(*range(10, 0, -1)), Decimal(percent), method) == Decimal(expected)


def test_the_median_of_an_even_number_lies_between() -> None:
    assert median(of(4, 1, 2, 9)) == 3
    assert median(of(4, 1, 9)) == 4


@pytest.mark.parametrize("asked", [median, lambda one: share_within(one, Decimal(1)), lambda one: percentile(one, Decimal(1))])  # fmt: skip
def test_without_times_there_is_nothing_to_say(asked: object) -> None:
    assert callable(asked)
    with pytest.raises(ValueError, match="without a time"):
        asked([])


@pytest.mark.parametrize(("percent", "method", "words"), [("100.1", "linear", "from 0 to 100"), ("-1", "linear", "from 0 to 100"), ("5", "mode", "none of nearest-rank")])  # fmt: skip
def test_what_nobody_can_mean_is_refused(percent: str, method: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        percentile(of(1), Decimal(percent), method)


@given(TIMES, PERCENTS, PERCENTS)
def test_a_percentile_rises_and_nearest_rank_was_measured(
    minutes: list[Decimal], one: Decimal, other: Decimal
) -> None:
    for method in METHODS:
        low, high = (percentile(minutes, share, method) for share in sorted((one, other)))
        assert min(minutes) <= low <= high <= max(minutes)
    nearest = percentile(minutes, one)
    assert nearest in minutes
    assert share_within(minutes, nearest) >= one
