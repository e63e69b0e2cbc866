"""A drift of patients' results that no control shows: a monitor stops the test, what is in doubt is listed."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.faults.drift import Drift, Drifts
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.quality.models import PatientMonitor
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, as_json
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import make_fresh
from tests.journeys.fresh import ANALYZER
from tests.journeys.stage import CLOCK, Stage, measuring, press
from tests.journeys.test_control_at_night import STANDING, measure_controls, patient, put_under_control
from tests.processes import wait_for
from tests.regions import one_with

pytestmark = pytest.mark.journey
MEAN_OF_EIGHT = Monitor(procedure=Procedure.MEAN, block=8, limits=Limits(4.0, 4.4))
RECORD = {
    "results": 2700, "days": 45, "first_day": "2026-10-01", "last_day": "2026-11-14", "compared": 30, "tea": 0.08,
    "alarms_per_day": 0.1, "false_alarms": {"alarms": 1, "alarm_days": 1, "days": 15, "results": 900}, "shortfalls": [],
    "curve": [
        {"size": 0.08 * place, "trials": 500, "anped": 30.0 / abs(place or 0.1), "mnped": 25.0 / abs(place or 0.1),
         "p95": 60.0 / abs(place or 0.1), "undetected": 0.0}
        for place in (-2, -1, 0, 1, 2)
    ],
}  # fmt: skip
USUAL = ("4.1", "4.3", "4.2", "4.0", "4.4", "4.2", "4.1", "4.3")
DRIFT = Decimal(8)
"""Percent: potassium of 4.2 becomes 4.5, well within what is usual, and 3 SD of no control."""


def draft(stage: Stage) -> int:
    """A monitor of potassium, as its trial left it."""

    def work() -> int:
        by = one_with(stage.region, "quality_manager")
        with acting(by):
            own: dict[str, Any] = {
                "analyzer": Analyzer.objects.get(code=ANALYZER), "test": Test.objects.get(code="K")
            }  # fmt: skip
            made = PatientMonitor.objects.create(
                laboratory=stage.region.hub, procedure="moving_average", settings=as_json(MEAN_OF_EIGHT),
                design=RECORD, drafted_at=timezone.now(), drafted_by=by.key, **own,
            )  # fmt: skip
            return int(made.pk)

    return int(stage.in_python(work))


def send(stage: Stage, values: Sequence[str], drifts: Drifts) -> None:
    """So many patients' tubes over the line, one after the other; wait until all are decided."""
    loinc = stage.one("SELECT loinc FROM test WHERE code = 'K'")

    def tubes() -> list[str]:
        with acting(stage.region.worker):
            return [str(make_fresh(stage.region, "K").number) for _ in values]

    numbers = stage.in_python(tubes)
    by_tube = {
        number: measuring(ANALYZER, {loinc: value}) for number, value in zip(numbers, values, strict=True)
    }

    def measure(number: str, code: str) -> Measurement | None:
        found = by_tube[number](number, code)
        return found and drifts.measured(found)

    async def work() -> None:
        line = SimulatedAnalyzer(ANALYZER, stage.ports[ANALYZER], measure=measure, zone=CLOCK)
        async with line as analyzer:
            await analyzer.measure(numbers)

    stage.in_python(lambda: asyncio.run(work()))
    decided = (
        "SELECT count(*) FROM result r JOIN specimen s ON s.id = r.specimen_id"
        " WHERE s.number = ANY(%s) AND r.state <> 'recorded'"
    )
    wait_for(lambda: stage.one(decided, numbers) == len(numbers), "all of them are decided")


def sign(stage: Stage, monitor: int) -> Page:
    page = stage.page_of("quality")
    page.goto(f"/quality/monitors/{monitor}/")
    expect(page.locator("svg.detect")).to_be_visible()
    page.get_by_role("button", name="Sign and switch on").click()
    expect(page.locator("#toasts")).to_contain_text("in use from now on")
    return page


def test_a_drift_stops_its_test_although_the_controls_stay_in(stage: Stage) -> None:
    put_under_control(stage)
    measure_controls(stage, "0.3", "-0.4")
    monitor = draft(stage)
    quality = sign(stage, monitor)

    loinc = stage.one("SELECT loinc FROM test WHERE code = 'K'")
    code = next(one.code for one in load(ANALYZER).tests.values() if one.loinc == loinc)
    drifts = Drifts([Drift(code, DRIFT, after=len(USUAL))])
    send(stage, USUAL, drifts)
    assert stage.one(STANDING) == "in_control"
    assert stage.one("SELECT count(*) FROM monitor_alarm") == 0

    send(stage, USUAL, drifts)  # the same patients, measured wrong
    measure_controls(stage, "0.4", "-0.2")  # their matrix is not touched: no rule is broken
    assert stage.one("SELECT count(*) FROM control_violation") == 0
    assert stage.one("SELECT verdict FROM control_run ORDER BY number DESC LIMIT 1") == "accepted"
    assert stage.one("SELECT count(*) FROM monitor_alarm WHERE closed_at IS NULL AND is_high") == 1
    assert stage.one(STANDING) == "out_of_control"
    assert patient(stage, "4.2") == ("held", ["out_of_control"])

    page = stage.page_of("technologist")
    page.goto("/quality/")
    expect(page.locator("#act-list")).to_contain_text("patient results moved")
    press(page, "j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quality/monitors/")
    press(page, "j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/quality/monitors/{monitor}/")
    expect(page.locator("#stopped")).to_contain_text("above its upper limit")
    expect(page.locator("svg.moving")).to_be_visible()
    press(page, "1")
    page.keyboard.press("Tab")
    page.keyboard.type("calibrated with fresh calibrator")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("release goes on")
    assert stage.one(STANDING) == "in_control"
    second = int(timezone.now().timestamp())  # the device's clock knows no less
    wait_for(lambda: timezone.now().timestamp() > second + 1, "the next patient is measured after the answer")
    assert patient(stage, "4.2") == ("released", [])

    quality.reload()
    expect(quality.locator("main")).to_contain_text("calibrated with fresh calibrator")
    doctor = stage.page_of("doctor")
    doctor.goto(f"/quality/monitors/{monitor}/")
    doctor.get_by_role("link", name="what was in doubt").click()
    doctor.wait_for_url("**/corrections/look-backs/new/*")
    told = doctor.locator("#found")
    expect(told).to_be_visible()
    assert int(told.inner_text().split()[0]) >= len(USUAL)
    expect(doctor.locator("svg.doubt")).to_be_visible()
