"""Control limits from a history: by hand, and as rarely left on days that they do not know."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.quality.rules.moving.design import by_day, design, false_alarms, settled
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    Transform,
    Treatment,
    with_limits,
)
from tests.flow.quality.rules.moving.histories import Floats, alarm_days, days_of, limits_by_hand
from tests.flow.quality.rules.moving.monitors import KINDS, monitor, named


@pytest.mark.parametrize("one", KINDS, ids=named)
def test_limits_let_half_the_rate_pass_on_each_side(one: Monitor) -> None:
    days = days_of(45, each=37)
    found, expected = design(days, one, alarms_per_day=0.1), limits_by_hand(one, days, 0.1)
    assert [found.lower, found.upper] == pytest.approx([expected.lower, expected.upper])


@pytest.mark.parametrize("one", KINDS, ids=named)
def test_false_alarms_are_those_of_the_live_monitor(one: Monitor) -> None:
    days = days_of(45, each=37)
    limited = with_limits(one, design(days, one, alarms_per_day=0.3))
    found = false_alarms(days, limited)
    assert (found.alarms, found.alarm_days) == alarm_days(limited, days)
    assert (found.days, found.results) == (45, 45 * 37)
    assert (found.per_day, found.share_of_days) == (found.alarms / 45, found.alarm_days / 45)


@pytest.mark.parametrize("procedure", [Procedure.MEAN, Procedure.MEDIAN, Procedure.EWMA, Procedure.SD])
def test_the_rate_holds_on_days_that_the_limits_do_not_know(procedure: Procedure) -> None:
    one = monitor(procedure, block=20)
    limited = with_limits(one, design(days_of(1000, seed=1), one, alarms_per_day=0.1))
    found = false_alarms(days_of(2000, seed=2), limited)
    assert 0.07 <= found.share_of_days <= 0.13  # three standard errors of both histories


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([0.05, 0.1, 0.2]), st.integers(0, 2**32))
def test_any_rate_holds_on_days_that_the_limits_do_not_know(rate: float, seed: int) -> None:
    one = monitor(Procedure.EWMA, lam=0.1, start=140.0)
    limited = with_limits(one, design(days_of(800, each=50, seed=seed), one, alarms_per_day=rate))
    found = false_alarms(days_of(800, each=50, seed=seed + 1), limited)
    error = 5 * (2 * rate * (1 - rate) / 800) ** 0.5
    assert abs(found.share_of_days - rate) <= error


@pytest.mark.parametrize(
    ("stated", "permitted"), [({"alarms_per_day": 2.0}, 100), ({"results_per_alarm": 250.0}, 20)]
)
def test_limits_are_left_no_more_often_than_is_permitted(stated: dict[str, float], permitted: int) -> None:
    days, one = days_of(50), monitor(block=10)
    limits = design(days, one, **stated)
    assert 0.9 * permitted <= false_alarms(days, with_limits(one, limits)).alarms <= permitted


def test_limits_of_few_values_lie_among_them() -> None:
    days = [np.array([3.0, 1.0, 3.0, 5.0, 3.0, 2.0, 3.0, 4.0, 3.0])]
    one = monitor(block=1)
    assert design(days, one, alarms_per_day=1) == Limits(1, 5)
    assert design(days, one, alarms_per_day=2) == design(days, one, alarms_per_day=3) == Limits(2, 4)
    assert design(days, one, alarms_per_day=4) == design(days, one, alarms_per_day=99) == Limits(3, 3)


def test_a_stated_rate_once_more_is_a_wider_limit() -> None:
    days, one = days_of(200), monitor(block=20)
    rare, frequent = design(days, one, alarms_per_day=0.02), design(days, one, alarms_per_day=0.4)
    assert rare.lower < frequent.lower < frequent.upper < rare.upper


@pytest.mark.parametrize(
    ("changes", "stated", "words"),
    [
        ({}, {}, "alarms_per_day, results_per_alarm: state one"),
        (
            {},
            {"alarms_per_day": 0.1, "results_per_alarm": 10.0},
            "alarms_per_day, results_per_alarm: state one",
        ),
        ({}, {"alarms_per_day": 0.0}, "alarms_per_day: state a rate above 0"),
        ({}, {"results_per_alarm": 0.0}, "results_per_alarm: state a number above 0"),
        ({}, {"alarms_per_day": 0.1}, "history: 18 days cannot show 0.1 false alarms a day; give 19 days"),
        ({}, {"results_per_alarm": 1801.0}, "history: it is shorter than the time to one alarm"),
        ({"block": 2000}, {"alarms_per_day": 0.5}, "history: no result counts, or no block is full"),
    ],
)
def test_a_history_that_cannot_show_it_is_refused(
    changes: dict[str, Any], stated: dict[str, float], words: str
) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        design(days_of(18), monitor(**changes), **stated)


@pytest.mark.parametrize("days", [[], [np.array([])]])
def test_no_history_is_told(days: list[Floats]) -> None:
    with pytest.raises(ValueError, match=r"^history: there is no result"):
        design(days, monitor(), alarms_per_day=1)


def test_a_monitor_without_limits_has_no_alarms_to_count() -> None:
    with pytest.raises(ValueError, match=r"^limits: "):
        false_alarms(days_of(2), monitor())


def test_a_monitor_starts_from_the_mean_of_what_counts() -> None:
    days: list[Floats] = [np.array([100.0, 1e6]), np.array([1.0])]
    cut = {"treatment": Treatment.WINSORISE, "truncation": Limits(1.0, 1e4)}
    one = monitor(Procedure.EWMA, transform=Transform.LOG10, **cut)
    assert settled(days, one).start == pytest.approx(2.0)


def test_days_are_read_from_columns() -> None:
    found = by_day(["a", "a", "b", "c"], [1, 2, 3, 4])
    assert [one.tolist() for one in found] == [[1, 2], [3], [4]]
    assert by_day([], []) == []
    with pytest.raises(ValueError, match=r"^day: "):
        by_day(["a", "b", "a"], [1, 2, 3])
    with pytest.raises(ValueError, match=r"^value: "):
        by_day(["a", "b"], [1])
