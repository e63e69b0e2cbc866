"""Which candidate is best, and the record that a person signs."""

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from aliquot.flow.quality.rules.moving.choice import Choice, candidates, choose
from aliquot.flow.quality.rules.moving.design import design
from aliquot.flow.quality.rules.moving.detection import Error
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    Treatment,
    from_json,
    with_limits,
)
from aliquot.flow.quality.rules.moving.record import (
    Shortfall,
    Verification,
    record_as_json,
    sign,
    verification,
)
from tests.flow.quality.rules.moving.histories import Floats, days_of
from tests.flow.quality.rules.moving.monitors import monitor

AT = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=3)))
DAYS = days_of(90)


def chosen(days: list[Floats] | None = None, monitors: list[Monitor] | None = None, **changes: Any) -> Choice:
    given: dict[str, Any] = {"tea": 0.02, "alarms_per_day": 0.1, "trials": 100, "most": 200} | changes
    tried = [monitor(Procedure.MEDIAN, block=20), monitor(block=20)] if monitors is None else monitors
    return choose(DAYS if days is None else days, tried, np.random.default_rng(1), **given)


def test_the_soonest_at_the_allowable_error_is_the_best() -> None:
    """Of results from a normal distribution the mean tells more than the median."""
    found = chosen()
    assert [one.monitor.procedure for one in found.assessed] == [Procedure.MEAN, Procedure.MEDIAN]
    assert found.best is found.assessed[0]
    first, second = (one.slowest for one in found.assessed)
    assert first.mnped is not None
    assert second.mnped is not None
    assert first.mnped <= second.mnped
    assert first == max(
        (found.assessed[0].detection.at(size) for size in (0.02, -0.02)),
        key=lambda one: (one.mnped, one.anped),
    )


def test_limits_do_not_know_the_days_of_the_trial() -> None:
    found = chosen()
    one = monitor(block=20)
    assert found.assessed[0].monitor == with_limits(one, design(DAYS[:60], one, alarms_per_day=0.1))
    assert found.assessed[0].detection.false_alarms.days == 30


def test_a_curve_has_both_directions_and_sizes_about_the_allowable() -> None:
    curve = chosen().assessed[0].detection.curve
    assert [one.size for one in curve] == pytest.approx(
        [-0.04, -0.03, -0.02, -0.01, 0, 0.01, 0.02, 0.03, 0.04]
    )


def test_who_alarms_too_often_comes_last_however_soon() -> None:
    """The last third is wider spread than what the limits know: the mean of few results alarms daily."""
    days = [*days_of(60), *days_of(30, sd=5.0, seed=9)]
    found = chosen(
        days,
        [monitor(block=2), monitor(block=80, treatment=Treatment.WINSORISE, truncation=Limits(139, 141))],
    )
    assert [(one.monitor.block, one.keeps_rate) for one in found.assessed] == [(80, True), (2, False)]
    assert found.best is not None
    assert found.best.monitor.block == 80


def test_where_none_finds_the_allowable_error_none_is_best() -> None:
    found = chosen(tea=0.0001)
    assert found.best is None
    assert all(one.keeps_rate for one in found.assessed)
    assert found.assessed[0].slowest.mnped is None


@pytest.mark.parametrize(("spread", "keeps"), [(3.0, True), (3.6, False)])
def test_a_rate_of_one_a_day_and_more_counts_alarms(spread: float, keeps: Any) -> None:
    days = [*days_of(60), *days_of(30, sd=spread, seed=9)]
    found = chosen(days, [monitor(block=5)], alarms_per_day=2.0).assessed[0]
    assert found.keeps_rate is keeps


def test_a_candidate_that_cannot_be_tried_is_named() -> None:
    found = chosen(monitors=[monitor(block=9000), monitor(block=20)])
    assert [one.monitor.block for one in found.assessed] == [20]
    assert [(one.block, words.split(":")[0]) for one, words in found.failed] == [(9000, "history")]


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^history: 2 days cannot show"):
        chosen(days_of(3))
    with pytest.raises(ValueError, match=r"^monitors: "):
        chosen(monitors=[])
    with pytest.raises(ValueError, match=r"^tea: "):
        chosen(tea=0.0)


def test_candidates_are_procedures_by_blocks_by_truncations() -> None:
    days = [np.arange(1.0, 102.0)]
    found = candidates(days, blocks=[9], cuts=[0.0, 0.25])
    assert [(one.procedure, one.block, one.truncation) for one in found] == [
        (procedure, block, truncation)
        for truncation in (None, Limits(26.0, 76.0))
        for procedure, block in (
            (Procedure.MEAN, 9), (Procedure.MEDIAN, 9), (Procedure.EWMA, 9), (Procedure.BULL, 20)
        )
    ]  # fmt: skip
    assert found[2].lam == pytest.approx(0.2)
    assert {one.start for one in found} == {51.0}
    assert [one.treatment for one in found[::4]] == [Treatment.NONE, Treatment.WINSORISE]
    assert len(candidates(days)) == 30


def test_what_is_found_no_sooner_than_a_false_alarm_is_not_found() -> None:
    """An alarm comes every few results, error or not: the median of both is far below the results watched."""
    found = chosen(monitors=[monitor(block=2)], tea=0.0001, alarms_per_day=30.0, most=2000)
    one = found.assessed[0]
    assert one.keeps_rate
    assert one.slowest.mnped is not None
    assert not one.finds
    assert found.best is None
    assert record(found).shortfalls == (Shortfall.UNDETECTED,)


# --- the record ---------------------------------------------------------------------------------------------


def record(choice: Choice | None = None, days: list[Floats] | None = None) -> Verification:
    choice = choice or chosen()
    return verification(
        days or DAYS,
        choice,
        choice.assessed[0],
        test="Na",
        analyzer="A1",
        unit="mmol/L",
        first_day=date(2026, 1, 1),
    )


def test_a_record_says_what_was_asked_and_found() -> None:
    choice = chosen(error=Error.CONSTANT, tea=3.0)
    found = record(choice)
    assert (found.days, found.results, found.compared, found.tea) == (90, 9000, 2, 3.0)
    assert (found.error, found.alarms_per_day, found.shortfalls) == (Error.CONSTANT, 0.1, ())
    assert found.curve == choice.assessed[0].detection.curve
    assert found.false_alarms == choice.assessed[0].detection.false_alarms
    assert not found.is_signed


def test_a_record_says_where_it_falls_short() -> None:
    assert record(chosen(tea=0.0001)).shortfalls == (Shortfall.UNDETECTED,)
    assert record(days=[np.ones(3)] * 9).shortfalls == (Shortfall.SLOW,)
    wider = [*days_of(60), *days_of(30, sd=9.0, seed=9)]
    assert Shortfall.FALSE_ALARMS in record(chosen(wider, [monitor(block=20)])).shortfalls


def test_a_record_is_signed_once_by_name() -> None:
    signed = sign(record(), by="A. Petrova", at=AT)
    assert (signed.signed_by, signed.signed_at, signed.is_signed) == ("A. Petrova", AT.astimezone(UTC), True)
    with pytest.raises(ValueError, match="signed"):
        sign(signed, by="B", at=AT)
    with pytest.raises(ValueError, match=r"^by: "):
        sign(record(), by=" ", at=AT)


def test_a_record_that_falls_short_is_signed_with_a_reason() -> None:
    short = record(chosen(tea=0.0001))
    with pytest.raises(ValueError, match=r"^despite: "):
        sign(short, by="A", at=AT)
    assert (
        sign(short, by="A", at=AT, despite="Controls are run hourly.").despite == "Controls are run hourly."
    )


def test_a_record_is_kept_as_json() -> None:
    kept = json.loads(json.dumps(record_as_json(sign(record(), by="A", at=AT))))
    assert from_json(kept["monitor"]) == record().monitor
    assert (kept["first_day"], kept["last_day"], kept["signed_at"]) == (
        "2026-01-01",
        None,
        "2026-03-01T09:00:00+00:00",
    )
    assert kept["curve"][0]["size"] == pytest.approx(-0.04)
    assert math.isfinite(kept["curve"][0]["anped"])
    assert kept["false_alarms"]["days"] == 30
