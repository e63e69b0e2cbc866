"""How fast errors are found: each trial against the live monitor, and what must hold of any curve."""

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.quality.rules.moving import detection as module
from aliquot.flow.quality.rules.moving.design import design, false_alarms
from aliquot.flow.quality.rules.moving.detection import Error, detection
from aliquot.flow.quality.rules.moving.live import advance
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    State,
    Treatment,
    with_limits,
)
from tests.flow.quality.rules.moving.histories import days_of, found_after, summary
from tests.flow.quality.rules.moving.monitors import KINDS, monitor, named

DAYS = days_of(45, each=37)


def limited(one: Monitor, share: float = 0.3) -> Monitor:
    return with_limits(one, design(DAYS, one, alarms_per_day=share))


def chance(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def npeds_of(one: Monitor, size: float, error: Error, most: int, *, is_within_day: bool = False) -> Any:
    """The places drawn and the numbers found there, as the curve is made of them."""
    history = module._history(DAYS, one)
    places = chance().choice(module._beginnings(history, 1 if is_within_day else most), size=40)
    drawn = module._trials(history, places, most, is_within_day=is_within_day)
    return drawn, module._npeds(history, drawn, module._Fault(error, size, chance())).tolist()


@pytest.mark.parametrize("one", KINDS, ids=named)
@pytest.mark.parametrize("error", [Error.PROPORTIONAL, Error.CONSTANT])
def test_a_trial_is_the_live_monitor_with_an_error(one: Monitor, error: Error) -> None:
    one = limited(one)
    size = 0.015 if error is Error.PROPORTIONAL else -2.5
    factor, added = (1 + size, 0.0) if error is Error.PROPORTIONAL else (1.0, size)
    drawn, found = npeds_of(one, size, error, 300)
    assert found == [found_after(one, DAYS, int(place), 300, factor, added) for place in drawn.places]


@pytest.mark.parametrize(
    "one",
    [
        monitor(),
        monitor(Procedure.SD),
        monitor(Procedure.EWMA, treatment=Treatment.EXCLUDE, truncation=Limits(136.0, 144.0)),
    ],
    ids=named,
)
def test_a_trial_within_its_day_ends_with_it(one: Monitor) -> None:
    one = limited(one)
    drawn, found = npeds_of(one, 0.02, Error.PROPORTIONAL, 30, is_within_day=True)
    assert drawn.watched.tolist() == [min(37 - int(place) % 37, 30) for place in drawn.places]
    assert found == [
        found_after(one, DAYS, int(place), int(left), 1.02)
        for place, left in zip(drawn.places, drawn.watched, strict=True)
    ]
    assert math.inf in found


def test_no_trial_begins_while_the_monitor_alarms() -> None:
    one = limited(monitor(), 0.9)
    drawn, _ = npeds_of(one, 0.0, Error.CONSTANT, 10)
    assert false_alarms(DAYS, one).alarm_days >= 30
    assert all(
        advance(one, State(), np.concatenate(DAYS)[:place].tolist())[0].outside == 0 for place in drawn.places
    )


def test_many_trials_are_watched_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    one = limited(monitor())
    whole = detection(DAYS, one, [0.01], chance(), trials=50, most=200)
    monkeypatch.setattr(module, "_CELLS", 1000)
    assert detection(DAYS, one, [0.01], chance(), trials=50, most=200) == whole
    monkeypatch.setattr(module, "_CELLS", 1)
    assert detection(DAYS, one, [0.01], chance(), trials=50, most=200) == whole


def test_a_curve_sums_up_its_trials() -> None:
    one = limited(monitor(block=20), 0.1)
    size = 0.008
    history = module._history(DAYS, one)
    places = chance().choice(module._beginnings(history, 100), size=60)
    npeds = [found_after(one, DAYS, int(place), 100, 1 + size) for place in places]
    point = detection(DAYS, one, [size], chance(), trials=60, most=100).at(size)
    assert (point.anped, point.mnped, point.undetected) == pytest.approx(summary(npeds, 100))
    late = sorted(npeds)[56]
    assert (point.p95, point.trials) == (late if math.isfinite(late) else None, 60)
    assert 0 < point.undetected < 1


def test_an_error_that_is_never_found_has_no_median() -> None:
    one = with_limits(monitor(), Limits(0.0, 1e9))
    point = detection(DAYS, one, [0.0], chance(), trials=20, most=50).curve[0]
    assert (point.anped, point.mnped, point.p95, point.undetected) == (50, None, None, 1)


def test_no_error_is_found_no_sooner_than_a_false_alarm() -> None:
    one = limited(monitor(block=20), 0.05)
    assert detection(DAYS, one, [0.0], chance(), trials=300, most=37).curve[0].undetected > 0.8


def test_a_gross_error_is_found_at_once() -> None:
    for procedure in (Procedure.MEAN, Procedure.EWMA):
        one = limited(monitor(procedure, start=140.0))
        assert detection(DAYS, one, [10.0], chance(), trials=50, most=50).curve[0].p95 == 1


@settings(max_examples=15, deadline=None)
@given(
    procedure=st.sampled_from([Procedure.MEAN, Procedure.MEDIAN, Procedure.EWMA, Procedure.PERCENTILE]),
    block=st.integers(1, 40),
    treated=st.sampled_from([{}, {"treatment": Treatment.WINSORISE, "truncation": Limits(134.0, 146.0)}]),
    seed=st.integers(0, 2**32),
    side=st.sampled_from([1, -1]),
)
def test_a_larger_error_is_found_no_later(
    procedure: Procedure, block: int, treated: dict[str, Any], seed: int, side: int
) -> None:
    """By nothing but its size: the same trials, and each statistic moves with each of its results."""
    one = monitor(procedure, block=block, start=140.0, **treated)
    bound = design(DAYS, one, alarms_per_day=0.2)
    one = with_limits(one, replace(bound, lower=-math.inf) if side > 0 else replace(bound, upper=math.inf))
    sizes = [side * size for size in (0.0, 0.003, 0.006, 0.01, 0.02, 0.05)]
    curve = detection(DAYS, one, sizes, chance(seed), trials=60, most=200).curve
    for less, more in pairwise(curve):
        assert more.anped <= less.anped
        assert more.undetected <= less.undetected
        assert less.mnped is None or (more.mnped is not None and more.mnped <= less.mnped)


def test_more_imprecision_is_found_by_the_moving_sd_and_sooner() -> None:
    one = limited(monitor(Procedure.SD, block=20), 0.1)
    some, more = detection(
        DAYS, one, [0.02, 0.06], chance(), error=Error.IMPRECISION, trials=200, most=300
    ).curve
    assert more.anped < some.anped < 300
    assert more.p95 is not None


def test_the_same_chance_gives_the_same_curve() -> None:
    one = limited(monitor())
    assert detection(DAYS, one, [0.01], chance(), trials=30) == detection(
        DAYS, one, [0.01], chance(), trials=30
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"trials": 0}, "trials, most: "),
        ({"most": 0}, "trials, most: "),
        ({"most": 1661}, "history: it is shorter"),
    ],
)
def test_what_cannot_be_tried_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=f"^{words}"):
        detection(DAYS, limited(monitor()), [0.01], chance(), **changes)


def test_a_size_that_was_not_tried_has_no_point() -> None:
    with pytest.raises(KeyError):
        detection(DAYS, limited(monitor()), [0.01], chance(), trials=5).at(0.02)
