"""At night a control fails: its test waits, the technologist finds out by keys what it was, a good run resumes."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Run
from aliquot.flow.instruments.rules.simulation import measurement
from aliquot.flow.quality.actions import Level, Plan, Target, add_material, begin_lot, set_plan, set_target
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import make_fresh
from tests.journeys.fresh import ANALYZER
from tests.journeys.stage import CLOCK, Stage, press
from tests.processes import wait_for
from tests.regions import one_with

pytestmark = pytest.mark.journey
MEANS = {"NIGHT-1": Decimal("4.0"), "NIGHT-2": Decimal("6.5")}  # mmol/L of potassium
SD = Decimal("0.1")
STANDING = "SELECT s.qc_state FROM release_state s JOIN test t ON t.id = s.test_id WHERE t.code = 'K' AND s.until IS NULL"


def put_under_control(stage: Stage) -> None:
    """Material, lot, targets and a plan of potassium, by the quality manager."""

    def work() -> None:
        by, since = one_with(stage.region, "quality_manager"), timezone.now() - timedelta(days=1)
        with acting(by):
            analyzer, test = Analyzer.objects.get(code=ANALYZER), Test.objects.get(code="K")
            material = add_material(stage.region.hub, "Serum control", by=by, at=since)
            levels = [Level(number, (code,)) for number, code in enumerate(MEANS, start=1)]
            for lot, mean in zip(
                begin_lot(material, "N1", levels, by=by, at=since), MEANS.values(), strict=True
            ):
                set_target(lot, analyzer, test, Target(mean, SD), by=by, at=since)
            set_plan(analyzer, test, Plan(rules=("1-3s", "2-2s", "R-4s")), by=by, at=since)

    stage.in_python(work)


def measure_controls(stage: Stage, *z: str) -> None:
    """The analyzer measures both levels, so many SD from their means, and sends them over its line."""
    driver = load(ANALYZER)
    loinc = stage.one("SELECT loinc FROM test WHERE code = 'K'")
    code = next(one.code for one in driver.tests.values() if one.loinc == loinc)

    async def work() -> None:
        async with SimulatedAnalyzer(ANALYZER, stage.ports[ANALYZER], zone=CLOCK) as analyzer:
            for (tube, mean), one in zip(MEANS.items(), z, strict=True):
                found = measurement(driver, code, mean + SD * Decimal(one), places=3)
                await analyzer.upload(Run(tube, (found,), control=True))

    before = stage.one("SELECT count(*) FROM control_result")
    stage.in_python(lambda: asyncio.run(work()))
    wait_for(
        lambda: stage.one("SELECT count(*) FROM control_result") == before + len(MEANS), "controls are filed"
    )
    second = int(timezone.now().timestamp())  # the device's clock knows no less, and doubt reaches back to it
    wait_for(lambda: timezone.now().timestamp() > second + 1, "the next patient is measured after them")


def patient(stage: Stage, value: str) -> tuple[str, list[str]]:
    """What becomes of a patient's potassium that is measured now: its state, and why it waits."""

    def make() -> str:
        with acting(stage.region.worker):
            return str(make_fresh(stage.region, "K").number)

    number = stage.in_python(make)
    stage.measure(ANALYZER, [number], {"K": value})
    query = (
        "SELECT r.state, r.reasons FROM result r JOIN specimen s ON s.id = r.specimen_id WHERE s.number = %s"
    )
    wait_for(lambda: stage.live.look(f"{query} AND r.state <> 'recorded'", number), f"{number} is decided")
    [(state, reasons)] = stage.live.look(query, number)
    return state, [one["code"] for one in reasons]


def test_a_failed_control_stops_its_test_till_it_is_answered_by_keys_and_measured_again(stage: Stage) -> None:
    put_under_control(stage)
    assert patient(stage, "4.2") == ("held", ["qc_unknown"])  # nobody has measured a control yet
    measure_controls(stage, "0.3", "-0.4")
    assert patient(stage, "4.3") == ("released", [])

    measure_controls(stage, "0.2", "3.6")
    assert stage.one(STANDING) == "out_of_control"
    assert patient(stage, "4.4") == ("held", ["out_of_control"])

    page = stage.page_of("technologist")
    page.goto("/quality/")
    expect(page.locator("#act-list")).to_contain_text("rejected run")
    press(page, "j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/quality/control/{ANALYZER}/K/")
    expect(page.locator("#stopped")).to_contain_text("One value lies more than 3 SD from its mean.")
    expect(page.locator(".lj-rule.lj-rejection")).to_have_text("1-3s")
    expect(page.locator("#id_cause_0")).to_be_focused()
    press(page, "2")
    expect(page.locator("#id_cause_1")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("new reagent pack, calibrated")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Measure the controls again")
    assert patient(stage, "4.5") == ("held", ["out_of_control"])  # an answer alone resumes nothing

    measure_controls(stage, "0.1", "0.2")
    assert stage.one(STANDING) == "in_control"
    assert patient(stage, "4.6") == ("released", [])
    page.reload()
    expect(page.locator("#stopped")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("new reagent pack, calibrated")
