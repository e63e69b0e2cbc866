"""Who files controls and who counts patients' results at the same time: nobody waits in a circle."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from threading import Event as Signal

import pytest

from aliquot.flow.instruments.actions import ControlReading
from aliquot.flow.instruments.models import Reading
from aliquot.flow.quality.actions import Plan, Watched, close_alarm, file_controls, set_plan, watch_results
from aliquot.flow.quality.models import MonitorAlarm, MonitorState, PatientMonitor
from aliquot.flow.quality.rules.moving.inclusion import Patient
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, as_json
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW
from tests.flow.quality.benches import Controlled, make_controlled
from tests.flow.results.test_races import in_session, sessions
from tests.processes import LiveRegion, wait_for
from tests.regions import read_region

PATIENCE = 20
MEAN_OF_FOUR = Monitor(procedure=Procedure.MEAN, block=4, limits=Limits(135, 149))


@pytest.fixture
def bench(live_region: LiveRegion) -> Controlled:
    """Haemoglobin in control, due after three patients; leucocytes counted and watched as well."""
    assert live_region
    region = read_region()
    with acting(region.worker):
        other = Test.objects.get(code="WBC")
        bench = make_controlled(region)
    with acting(bench.manager):
        for test in (other, bench.test):  # the count of leucocytes is held before that of haemoglobin
            plan = Plan(rules=("1-3s",), every_results=3)
            set_plan(bench.analyzer, test, plan, by=bench.manager, at=NOW)
            monitor = PatientMonitor.objects.create(
                laboratory=region.hub, analyzer=bench.analyzer, test=test, procedure="moving_average",
                settings=as_json(MEAN_OF_FOUR), design={"signed": "by simulation"}, state="active",
                drafted_at=NOW, drafted_by="test", approved_at=NOW, approved_by="test",
            )  # fmt: skip
            MonitorState.objects.create(monitor=monitor, laboratory=region.hub, changed_at=NOW)
    with acting(region.worker):
        bench.run(0.1, 0.2)
    return bench


def patients(bench: Controlled, test: Test, *values: float) -> list[Watched]:
    return [Watched(bench.analyzer.pk, test.pk, one, Patient(), bench.at) for one in values]


def a_control(bench: Controlled) -> ControlReading:
    """Level 1 of haemoglobin, a minute later."""
    bench.at += timedelta(minutes=1)
    reading = Reading.objects.latest("id").pk + 1000
    return ControlReading(
        reading, bench.region.hub.pk, bench.analyzer.pk, "QC-L1", bench.test.pk, Decimal(80), "g/L", bench.at
    )


def is_blocked_or(done: Callable[[], bool], live_region: LiveRegion) -> Callable[[], bool]:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    return lambda: done() or live_region.look(waiting)[0][0] > 0


@pytest.mark.parametrize(
    ("values", "is_alarm"), [((152, 153, 154, 151), 1), ((140, 141, 142, 143), 0)], ids=["alarm", "due"]
)
def test_a_control_and_the_patients_of_its_test_at_once(
    live_region: LiveRegion, bench: Controlled, values: tuple[float, ...], is_alarm: int
) -> None:
    """One files a control of haemoglobin, then counts leucocytes; the other counts both, and finds something."""
    worker = bench.region.worker
    with acting(worker):
        other, control = Test.objects.get(code="WBC"), a_control(bench)
    is_filed = Signal()

    def count_both() -> None:
        assert is_filed.wait(PATIENCE)
        with acting(worker):
            found = [*patients(bench, other, 140), *patients(bench, bench.test, *values)]
            watch_results(found, by=worker, at=bench.at)

    with sessions() as pool:
        counting = in_session(pool, count_both)

        def file_and_count() -> None:
            with acting(worker):
                file_controls([control], by=worker, at=bench.at)
                is_filed.set()
                wait_for(is_blocked_or(counting.done, live_region), "the other one waits, or is done")
                watch_results(patients(bench, other, 141), by=worker, at=bench.at)

        filing = in_session(pool, file_and_count)
        counting.result(PATIENCE)
        filing.result(PATIENCE)
    with acting(worker):
        counted = dict(MonitorState.objects.values_list("monitor__test__code", "counted"))
        assert counted == {"WBC": 2, "HGB": 4}
        assert MonitorAlarm.objects.filter(closed_at=None).count() == is_alarm
        # an alarm is heeded by the batch that comes next at the latest, a full count when that has ended
        assert [bench.patient().state for _ in range(2)] == ["held" if is_alarm else "released", "held"]
        assert bench.standing() == ("out_of_control" if is_alarm else "unknown")


def test_an_answer_waits_for_the_controls_and_they_for_nobody(
    live_region: LiveRegion, bench: Controlled
) -> None:
    worker, by = bench.region.worker, bench.technologist
    with acting(worker):
        watch_results(patients(bench, bench.test, 152, 153, 154, 151), by=worker, at=bench.at)
        assert bench.standing() == "out_of_control"
        control = a_control(bench)
    is_filed = Signal()

    def answer() -> None:
        assert is_filed.wait(PATIENCE)
        with acting(by):
            alarm = MonitorAlarm.objects.get()
            close_alarm(alarm, cause="reagent", action="new bottle", by=by, at=bench.at)

    with sessions() as pool:
        answering = in_session(pool, answer)

        def file_and_count() -> None:
            with acting(worker):
                file_controls([control], by=worker, at=bench.at)
                is_filed.set()
                wait_for(is_blocked_or(answering.done, live_region), "the answer waits")
                watch_results(patients(bench, bench.test, 150), by=worker, at=bench.at)

        filing = in_session(pool, file_and_count)
        filing.result(PATIENCE)
        answering.result(PATIENCE)
    with acting(worker):
        assert MonitorState.objects.get(monitor__test=bench.test).values == []
