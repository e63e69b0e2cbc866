"""A monitor is tried on own results, chosen among candidates, signed by a person with second thoughts, switched off."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
from django.utils import timezone

from aliquot.flow.quality.actions import (
    DesignAsked,
    activate_monitor,
    ask_design,
    fail_design,
    finish_design,
    note_design,
    retire_monitor,
    start_design,
    take_candidate,
)
from aliquot.flow.quality.actions.designing import is_silent
from aliquot.flow.quality.models import MonitorDesign, PatientMonitor, ReleaseState
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, as_json
from aliquot.flow.results.queries.numbers import numbers_of
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.models import Event
from tests.flow.quality.benches import Controlled, make_controlled
from tests.flow.quality.histories import write_history
from tests.flow.quality.test_watching import measure
from tests.regions import Region

State = MonitorDesign.State
ASKED = DesignAsked(days=60, tea=0.06, alarms_per_day=0.1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench(region: Region) -> Controlled:
    bench = make_controlled(region)
    bench.run(0.1, 0.2)
    return bench


def ask(bench: Controlled, asked: DesignAsked = ASKED) -> MonitorDesign:
    with acting(bench.manager):
        return ask_design(bench.analyzer, bench.test, asked, by=bench.manager, at=bench.at)


def candidate(procedure: Procedure = Procedure.MEAN, *shortfalls: str) -> dict[str, Any]:
    found = Monitor(
        procedure=procedure,
        block=4,
        lam=0.4 if procedure is Procedure.EWMA else None,
        limits=Limits(135, 149),
    )
    return {"monitor": as_json(found), "shortfalls": list(shortfalls), "signed_by": "", "signed_at": None}


def finished(bench: Controlled, *candidates: Mapping[str, Any]) -> MonitorDesign:
    design = ask(bench)
    with acting(bench.manager):
        assert start_design(design, by=bench.manager, at=bench.at)
        finish_design(design, candidates, ["bull 20: too few"], by=bench.manager, at=bench.at)
        design.refresh_from_db()
    return design


def test_a_trial_that_is_asked_for_waits_for_its_process(bench: Controlled) -> None:
    design = ask(bench)
    assert (design.state, design.until - design.since) == (State.QUEUED, timedelta(days=60))
    assert design.asked_by == bench.manager.key
    assert Event.objects.filter(kind="design_asked", subject_id=design.pk).exists()
    with pytest.raises(Refused, match="being designed"):
        ask(bench)
    bench.at += timedelta(minutes=4)
    assert ask(bench).pk != design.pk  # its process must have ended


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("days", 6),
        ("days", 367),
        ("error", "luck"),
        ("tea", 0),
        ("tea", 1),
        ("alarms_per_day", 0),
        ("alarms_per_day", 11),
    ],
)
def test_what_cannot_be_asked_is_said_at_its_field(bench: Controlled, field: str, wrong: float | str) -> None:
    said: dict[str, Any] = {"days": 60, "tea": 0.06, "alarms_per_day": 0.1, field: wrong}
    with pytest.raises(Refused) as refused:
        ask(bench, DesignAsked(**said))
    assert set(refused.value.fields) == {field}


def test_who_may_not_manage_quality_designs_nothing(bench: Controlled) -> None:
    with pytest.raises(Forbidden), acting(bench.technologist):
        ask_design(bench.analyzer, bench.test, ASKED, by=bench.technologist, at=bench.at)


def test_one_process_takes_a_trial_and_says_how_far_it_is(bench: Controlled) -> None:
    design, by = ask(bench), bench.manager
    with acting(by):
        assert start_design(design, by=by, at=bench.at)
        assert not start_design(design, by=by, at=bench.at + MINUTE)
        note_design(design, done=3, total=30, by=by, at=bench.at + MINUTE)
        design.refresh_from_db()
        assert (design.state, design.done, design.total) == (State.RUNNING, 3, 30)
        assert not is_silent(design, bench.at + 4 * MINUTE)
        assert is_silent(design, bench.at + 5 * MINUTE)
        assert start_design(design, by=by, at=bench.at + 5 * MINUTE)


def test_a_draft_comes_of_the_first_candidate_and_another_may_be_taken(bench: Controlled) -> None:
    design = finished(bench, candidate(), candidate(Procedure.EWMA))
    first = design.monitor
    assert first is not None
    assert (first.state, first.procedure, first.design["shortfalls"]) == ("draft", "moving_average", [])
    assert (design.state, design.done, design.total, len(design.candidates)) == (State.FINISHED, 3, 3, 2)
    with acting(bench.manager):
        second = take_candidate(design, 1, by=bench.manager, at=bench.at)
        assert second.procedure == "ewma"
        first.refresh_from_db()
        assert first.state == "retired"
        activate_monitor(second, by=bench.manager, at=bench.at)
        take_candidate(design, 0, by=bench.manager, at=bench.at)
        second.refresh_from_db()
        assert second.state == "active"  # a signed one stays
        with pytest.raises(Refused, match="no such candidate"):
            take_candidate(design, 2, by=bench.manager, at=bench.at)


def test_nothing_comes_of_a_trial_that_failed(bench: Controlled) -> None:
    design, by = ask(bench), bench.manager
    with acting(by):
        start_design(design, by=by, at=bench.at)
        with pytest.raises(Refused, match="No monitor could be tried"):
            finish_design(design, [], [], by=by, at=bench.at)
        fail_design(design, Refused("too few"), by=by, at=bench.at)
        design.refresh_from_db()
        assert (design.state, design.fault) == (State.FAILED, "too few")
        with pytest.raises(Refused, match="ended meanwhile"):
            finish_design(design, [candidate()], [], by=by, at=bench.at)
        assert not PatientMonitor.objects.exists()
        fail_design(ask(bench), ValueError("odd"), by=by, at=bench.at)
        assert MonitorDesign.objects.latest("pk").fault == "The program failed: ValueError: odd"


def test_a_monitor_that_falls_short_is_signed_with_a_reason_that_the_record_keeps(bench: Controlled) -> None:
    monitor = finished(bench, candidate(Procedure.MEAN, "slow")).monitor
    assert monitor is not None
    with acting(bench.manager):
        with pytest.raises(Refused, match="falls short") as refused:
            activate_monitor(monitor, despite=" ", by=bench.manager, at=bench.at)
        assert set(refused.value.fields) == {"despite"}
        signed = activate_monitor(monitor, despite="better than nothing", by=bench.manager, at=bench.at)
        assert signed.design["despite"] == "better than nothing"
        assert signed.design["signed_by"] == bench.manager.key == signed.approved_by
        assert datetime.fromisoformat(signed.design["signed_at"]) == bench.at
        retire_monitor(signed, by=bench.manager, at=bench.at)
        assert signed.state == "retired"


# -- the history that a monitor is tried on ------------------------------------------------------------


def numbers(bench: Controlled, **changes: Any) -> dict[str, list[float]]:
    now = timezone.now()
    said = {"since": now - timedelta(days=90), "until": now + timedelta(days=1), "inclusion": {}, **changes}
    with acting(bench.manager):
        found = numbers_of(bench.region.hub.pk, bench.analyzer.pk, bench.test.pk, **said)
    return {day.isoformat(): list(values) for day, values in found.items()}


def past(*days: int) -> list[datetime]:
    """Noon of so many days ago."""
    noon = timezone.now().astimezone(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    return [noon - timedelta(days=one) for one in days]


def test_a_history_is_first_numbers_by_day_in_the_order_of_measurement(bench: Controlled) -> None:
    like = bench.patient()
    times = past(40, 3, 2, 2)
    times[-1] += MINUTE
    with acting(bench.region.worker):
        write_history(like, [139.5, 141, 142, 143], times)
    found = numbers(bench)
    days = [one.date().isoformat() for one in times]
    assert [found.pop(day) for day in dict.fromkeys(days)] == [[139.5], [141], [142, 143]]
    assert list(found.values()) == [[142]]  # the patient of today
    assert numbers(bench, limit=2) == {**found, days[-1]: [143]}
    assert numbers(bench, until=times[1]) == {days[0]: [139.5]}


def test_what_no_monitor_would_see_is_not_in_a_history(bench: Controlled) -> None:
    like = bench.patient()
    unseen: list[dict[str, str | int]] = [
        {"state": "withdrawn"}, {"state": "recalled"}, {"run": 2}, {"comparator": ">"}, {"version": 2}
    ]  # fmt: skip
    with acting(bench.region.worker):
        for said in unseen:
            write_history(like, [150], past(9), **said)
        write_history(like, [144], past(5))
    assert sorted(chain.from_iterable(numbers(bench).values())) == [142, 144]


def test_times_of_known_errors_are_left_out(bench: Controlled) -> None:
    like = bench.patient()
    [before, within, after] = past(9, 8, 7)
    with acting(bench.region.worker):
        write_history(like, [150, 160, 151], [before, within, after])
    with acting(bench.manager):
        ReleaseState.objects.create(
            laboratory=bench.region.hub,
            analyzer=bench.analyzer,
            test=bench.test,
            since=within - MINUTE,
            until=within + MINUTE,
            qc_state="out_of_control",
            by="test",
        )
    assert sorted(chain.from_iterable(numbers(bench).values())) == [142, 150, 151]


def test_only_patients_that_count_are_tried_on(bench: Controlled) -> None:
    measure(bench, 140, urgency="S")
    measure(bench, 141)
    assert list(numbers(bench, inclusion={"urgencies": ["R"]}).values()) == [[141]]
