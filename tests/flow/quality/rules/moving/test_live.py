"""Monitors as results come: against the definition, in any portions, without drift, in bounded memory."""

import math
import random
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.quality.rules.moving.live import advance, follow, scaling, unscaling
from aliquot.flow.quality.rules.moving.monitors import (
    Alarm,
    Limits,
    Monitor,
    Procedure,
    State,
    Transform,
    Treatment,
    from_floats,
    with_limits,
)
from tests.flow.quality.rules.moving.monitors import KINDS, WIDE, by_definition, monitor, named

RESULTS = [140, 141, 139, 142, 138, 140, 155, 141, 139, 140, 143, 144, 145, 144, 146]
ODD = [*RESULTS, math.nan, -1.0, 0.0, math.inf, -math.inf, *RESULTS]
VALUES = st.lists(
    st.floats(min_value=-1e6, max_value=1e6) | st.sampled_from([math.nan, math.inf, 140.0, 0.0, 1e-9]),
    max_size=60,
)


def as_none(series: list[float]) -> list[float | None]:
    return [None if math.isnan(one) else one for one in series]


@pytest.mark.parametrize("one", KINDS, ids=named)
def test_each_statistic_is_its_definition(one: Monitor) -> None:
    _, places, series = follow(one, State(), ODD)
    expected = by_definition(one, ODD)
    assert len(places) == len(expected)
    assert as_none(series) == [
        None if value is None else pytest.approx(value, rel=1e-12) for value in expected
    ]


@pytest.mark.parametrize("one", KINDS, ids=named)
def test_portions_change_nothing(one: Monitor) -> None:
    """Kept between portions as an array of numbers; the last alarm and the last digit agree."""
    watched = with_limits(one, Limits(139.5, 141.0))
    whole, alarms = advance(watched, State(), ODD)
    state, found = State(), []
    for place in range(0, len(ODD), 4):
        state, more = advance(watched, from_floats(watched, state.as_floats()), ODD[place : place + 4])
        found += more
    assert state.as_floats() == pytest.approx(whole.as_floats(), rel=0, abs=0, nan_ok=True)
    assert [(one.seen, one.statistic, one.limit) for one in found] == [
        (one.seen, one.statistic, one.limit) for one in alarms
    ]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(KINDS), VALUES, st.data())
def test_any_portions_of_any_values_change_nothing(
    one: Monitor, values: list[float], data: st.DataObject
) -> None:
    whole, _, series = follow(one, State(), values)
    cut = data.draw(st.integers(0, len(values)))
    state, _, head = follow(one, State(), values[:cut])
    state, _, tail = follow(one, from_floats(one, state.as_floats()), values[cut:])
    assert [*head, *tail] == pytest.approx(series, rel=0, abs=0, nan_ok=True)
    assert state.as_floats() == pytest.approx(whole.as_floats(), rel=0, abs=0, nan_ok=True)


@settings(max_examples=8, deadline=None)
@given(
    procedure=st.sampled_from([Procedure.MEAN, Procedure.SD, Procedure.MEDIAN, Procedure.EWMA]),
    block=st.integers(2, 60),
    seed=st.integers(0, 2**32),
    outlier=st.floats(1e6, 1e12),
)
def test_running_sums_do_not_drift(procedure: Procedure, block: int, seed: int, outlier: float) -> None:
    """After 100,000 results with gross outliers among them the last window is that of its values alone."""
    chance = random.Random(seed)
    values = [chance.gauss(140, 3) for _ in range(100_000)]
    for place in chance.sample(range(99_000), 50):
        values[place] = outlier
    one = monitor(procedure, block=block)
    _, _, series = follow(one, State(), values)
    recent = by_definition(one, values[-2000:])
    assert series[-200:] == pytest.approx(recent[-200:], rel=1e-9)


def test_an_alarm_is_given_once_until_the_statistic_is_back() -> None:
    one = monitor(limits=Limits(138.0, 142.0), treatment=Treatment.WINSORISE, truncation=WIDE)
    state, alarms = advance(one, State(), RESULTS)
    assert alarms == [Alarm(12, 13, 142.2, 142.0)]
    assert alarms[0].is_high
    assert state.outside == 1
    state, alarms = advance(one, state, [144.0, 135.0, 135.0, 135.0, 135.0])
    assert (state.outside, alarms) == (-1, [Alarm(4, 20, 136.8, 138.0)])
    assert not alarms[0].is_high


def test_a_statistic_on_its_limit_is_inside() -> None:
    one = monitor(block=3, limits=Limits(0.1, 0.2))
    assert advance(one, State(), [0.1, 0.2, 0.3])[1] == []  # their mean is 0.20000000000000004
    assert advance(one, State(), [0.1, 0.2, 0.300001])[1] != []


def test_without_limits_nothing_is_an_alarm() -> None:
    assert advance(monitor(block=1), State(), [1e300, -1e300])[1] == []


def test_a_side_that_is_not_watched_gives_no_alarm() -> None:
    one = monitor(block=1, limits=Limits(upper=142.0))
    assert [alarm.place for alarm in advance(one, State(), [-1e300, 143.0])[1]] == [1]


def test_a_sum_beyond_all_numbers_stops_nothing() -> None:
    state, _, series = follow(monitor(block=1), State(), [1.7e308, 1.7e308, 140.0])
    assert (state.seen, series[-1]) == (3, 140.0)


@pytest.mark.parametrize("one", KINDS, ids=named)
def test_a_state_is_small(one: Monitor) -> None:
    state, _, _ = follow(one, State(), RESULTS * 100)
    assert len(state.as_floats()) <= 5 + one.block
    assert (state.seen, follow(one, state, [])[0]) == (1500, state)


@pytest.mark.parametrize("transform", list(Transform))
@pytest.mark.parametrize("power", [-0.5, 0.0, 0.5, 2.0])
def test_a_transform_leads_back(transform: Transform, power: float) -> None:
    one = monitor(transform=transform, power=power)
    for value in (0.01, 1.0, 140.0):
        assert unscaling(one)(scaling(one)(value)) == pytest.approx(value)


def test_what_no_transform_leads_to_has_no_way_back() -> None:
    assert math.isnan(unscaling(monitor(transform=Transform.BOX_COX, power=0.5))(-3.0))


def test_a_power_beyond_all_numbers_stops_nothing() -> None:
    one = monitor(block=1, transform=Transform.BOX_COX, power=-3.0)
    assert math.isfinite(follow(one, State(), [1e-200])[2][0])


def test_the_hot_path_loads_no_heavy_library() -> None:
    code = (
        "import sys, aliquot.flow.quality.rules.moving.live; print({'numpy', 'scipy'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
