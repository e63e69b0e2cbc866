"""Patient-based control over what the line sends: a drift that no control saw stops its test."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.quality.actions import activate_monitor, close_alarm, end_plan, retire_monitor
from aliquot.flow.quality.models import MonitorAlarm, MonitorPoint, MonitorState, PatientMonitor, ReleaseState
from aliquot.flow.quality.queries import doubtful_windows
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, as_json
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW, make_accepted
from tests.flow.quality.benches import Controlled, make_controlled
from tests.regions import Region

MEAN_OF_FOUR = Monitor(procedure=Procedure.MEAN, block=4, limits=Limits(135, 149))
HOUR = timedelta(hours=1)


@pytest.fixture
def bench(region: Region) -> Controlled:
    bench = make_controlled(region)
    bench.run(0.1, 0.2)
    return bench


def draft(bench: Controlled, monitor: Monitor = MEAN_OF_FOUR, **changes: Any) -> PatientMonitor:
    values: dict[str, Any] = {"design": {"signed": "by simulation"}, **changes}
    with acting(bench.manager):
        return PatientMonitor.objects.create(
            laboratory=bench.region.hub,
            analyzer=bench.analyzer,
            test=bench.test,
            procedure=monitor.procedure.value,
            settings=as_json(monitor),
            drafted_at=NOW,
            drafted_by=bench.manager.key,
            **values,
        )


def switch_on(bench: Controlled, monitor: Monitor = MEAN_OF_FOUR, **changes: Any) -> PatientMonitor:
    drafted = draft(bench, monitor, **changes)
    with acting(bench.manager):
        return activate_monitor(drafted, by=bench.manager, at=bench.at)


def measure(bench: Controlled, *values: float, **order: Any) -> None:
    """Patients with this haemoglobin in g/L, one after the other, in one batch."""
    for value in values:
        tube = make_accepted(bench.region, "HGB", **order)
        bench.send(tube.number, f"{value / 10:.2f}")
    bench.read()


def state(monitor: PatientMonitor) -> MonitorState:
    return MonitorState.objects.get(monitor=monitor)


def answer(bench: Controlled) -> MonitorAlarm:
    alarm = MonitorAlarm.objects.get(closed_at=None)
    with acting(bench.technologist):
        return close_alarm(
            alarm, cause="calibration", action="calibrated", by=bench.technologist, at=bench.at
        )


def test_a_monitor_moves_with_every_batch_and_remembers_between(bench: Controlled) -> None:
    monitor = switch_on(bench)
    measure(bench, 140, 142, 144)
    assert (state(monitor).statistic, state(monitor).counted) == (None, 3)
    measure(bench, 138, 150)
    assert (state(monitor).statistic, state(monitor).counted) == (143.5, 5)
    assert MonitorPoint.objects.get().statistic == 143.5
    assert not MonitorAlarm.objects.exists()


def test_a_drift_that_no_control_saw_stops_its_test_from_the_next_batch_on(bench: Controlled) -> None:
    monitor = switch_on(bench)
    measure(bench, 140, 142, 144, 141)
    measure(bench, 152, 153, 154, 151)
    alarm = MonitorAlarm.objects.get()
    assert (alarm.is_high, alarm.blocks, state(monitor).is_alarmed) == (True, True, True)
    assert bench.standing() == "out_of_control"
    assert bench.patient().state == "held"
    assert MonitorAlarm.objects.count() == 1  # it is told once


def test_after_the_answer_the_window_is_empty_and_the_release_goes_on(bench: Controlled) -> None:
    monitor = switch_on(bench)
    measure(bench, 152, 153, 154, 151)
    answer(bench)
    assert bench.standing() == "in_control"
    assert (state(monitor).values, state(monitor).is_alarmed) == ([], False)
    measure(bench, 152)
    assert not MonitorAlarm.objects.filter(closed_at=None).exists()
    with acting(bench.technologist), pytest.raises(Refused, match="answered this already"):
        close_alarm(
            MonitorAlarm.objects.get(), cause="chance", action="y", by=bench.technologist, at=bench.at
        )


@pytest.mark.parametrize("cause", ["", "the moon"])
def test_an_answer_needs_a_cause_and_an_action(bench: Controlled, cause: str) -> None:
    switch_on(bench)
    measure(bench, 152, 153, 154, 151)
    with acting(bench.technologist), pytest.raises(Refused) as refused:
        close_alarm(MonitorAlarm.objects.get(), cause=cause, action=" ", by=bench.technologist, at=bench.at)
    assert set(refused.value.fields) == {"cause", "action"}


def test_a_good_control_does_not_silence_an_open_alarm(bench: Controlled) -> None:
    switch_on(bench)
    measure(bench, 152, 153, 154, 151)
    bench.run(0.1, 0.1)
    assert bench.standing() == "out_of_control"


def test_an_alarm_that_only_tells_stops_nothing(bench: Controlled) -> None:
    switch_on(bench, blocks=False)
    measure(bench, 152, 153, 154, 151)
    assert MonitorAlarm.objects.exists()
    assert bench.standing() == "in_control"


def test_without_a_plan_an_answered_alarm_leaves_the_test_as_it_was(bench: Controlled) -> None:
    with acting(bench.manager):
        end_plan(bench.analyzer, bench.test, by=bench.manager, at=bench.at)
    switch_on(bench)
    bench.at += HOUR
    measure(bench, 152, 153, 154, 151)
    assert bench.standing() == "out_of_control"
    answer(bench)
    assert (bench.standing(), bench.patient().state) == ("unknown", "released")


def test_patients_that_do_not_count_move_nothing(bench: Controlled) -> None:
    monitor = switch_on(bench, inclusion={"urgencies": ["R"]})
    measure(bench, 160, 160, 160, 160, urgency="S")
    assert state(monitor).counted == 0
    assert not MonitorAlarm.objects.exists()


def test_reruns_and_limits_move_nothing(bench: Controlled) -> None:
    monitor = switch_on(bench)
    tube = make_accepted(bench.region, "HGB")
    bench.send(tube.number, "14.20")
    bench.read()
    bench.send(tube.number, "15.90")
    bench.read()
    assert Result.objects.filter(specimen=tube).count() == 2
    assert state(monitor).counted == 1


def test_what_lies_in_the_window_of_an_alarm_is_in_doubt(bench: Controlled) -> None:
    switch_on(bench)
    for _ in range(4):
        measure(bench, 140, 142, 144, 141)
    [*_, good, _, _] = MonitorPoint.objects.order_by("id")
    measure(bench, 152, 153, 154, 151)
    failed = ReleaseState.objects.get(analyzer=bench.analyzer, qc_state="out_of_control")
    [window] = doubtful_windows(bench.region.hub.pk, failed.pk)
    assert window.since == MonitorAlarm.objects.get().doubtful_since
    assert good.at <= window.since < failed.since


def test_what_a_line_kept_back_is_in_doubt_from_its_own_time_on(bench: Controlled) -> None:
    switch_on(bench)
    for _ in range(4):
        measure(bench, 140, 142, 144, 141)
    now = bench.at
    bench.at -= 3 * HOUR
    first = bench.at
    for value in (152, 153, 154, 151):
        bench.send(make_accepted(bench.region, "HGB").number, f"{value / 10:.2f}")
    bench.at = now + HOUR
    bench.read()
    assert MonitorAlarm.objects.get().doubtful_since == first + timedelta(minutes=1)


def test_without_a_block_before_it_all_since_the_monitor_was_switched_on_is_in_doubt(
    bench: Controlled,
) -> None:
    monitor = switch_on(bench)
    measure(bench, 152, 153)
    bench.run(0.1, 0.2)  # a good control between them says nothing of what it does not feel
    measure(bench, 154, 151)
    failed = ReleaseState.objects.get(analyzer=bench.analyzer, qc_state="out_of_control")
    [window] = doubtful_windows(bench.region.hub.pk, failed.pk)
    assert window.since == monitor.approved_at


def test_a_monitor_is_designed_signed_and_only_then_in_use(bench: Controlled) -> None:
    with acting(bench.manager):
        undesigned = draft(bench, design={})
        with pytest.raises(Refused, match="Design this monitor"):
            activate_monitor(undesigned, by=bench.manager, at=bench.at)
    monitor = switch_on(bench)
    with acting(bench.manager), pytest.raises(Refused, match="signed already"):
        activate_monitor(monitor, by=bench.manager, at=bench.at)
    other = draft(bench)
    with pytest.raises(Forbidden), acting(bench.technologist):
        activate_monitor(other, by=bench.technologist, at=bench.at)
    with acting(bench.manager):
        activate_monitor(other, by=bench.manager, at=bench.at)
    monitor.refresh_from_db()
    assert monitor.state == "retired"  # one of a kind is in use


def test_a_monitor_with_an_open_alarm_is_not_switched_off(bench: Controlled) -> None:
    monitor = switch_on(bench)
    measure(bench, 152, 153, 154, 151)
    with acting(bench.manager), pytest.raises(Refused, match="Answer the alarm"):
        retire_monitor(monitor, by=bench.manager, at=bench.at)


def test_a_control_is_due_after_so_many_patients(region: Region) -> None:
    bench = make_controlled(region, every_results=3)
    bench.run(0.1, 0.1)
    measure(bench, 140, 141)
    assert bench.standing() == "in_control"
    measure(bench, 142, 143)
    assert bench.standing() == "unknown"
    assert bench.patient().state == "held"
    bench.run(0.1, 0.2)
    assert (bench.standing(), bench.patient().state) == ("in_control", "released")


def test_what_somebody_else_held_is_watched_when_it_is_decided(bench: Controlled) -> None:
    """Of two values of one test in a batch the rules decide later; the monitor sees the first of them once."""
    monitor = switch_on(bench)
    tube = make_accepted(bench.region, "HGB")
    bench.send(tube.number, "14.20")
    bench.send(tube.number, "14.30")
    bench.read()
    assert state(monitor).counted == 0
    with acting(bench.region.worker):
        assert autoverify_batch(limit=10, by=bench.region.worker, at=bench.at) == 2
        assert autoverify_batch(limit=10, by=bench.region.worker, at=bench.at) == 0
    assert state(monitor).counted == 1
