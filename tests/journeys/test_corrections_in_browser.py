"""A correction is acknowledged by its recipient; a look-back goes from the analyzer to the recall and back."""

import pytest
from playwright.sync_api import expect

from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_decided
from tests.journeys.stage import press, served, sign_in
from tests.processes import LiveRegion, wait_for
from tests.regions import Region

pytestmark = pytest.mark.journey
MANY = 1100
"""More results than are changed while a person waits."""


def released(region: Region) -> Result:
    with acting(region.worker):
        return make_decided(region, make_accepted(region, "GLUS"), "GLUS", "5.0")


def reported(live: LiveRegion, versions: int) -> None:
    wait_for(
        lambda: live.look("SELECT count(*) FROM report")[0][0] == versions, f"{versions} versions are out"
    )


def test_an_amendment_is_acknowledged_by_its_recipient(live_region: LiveRegion, region: Region) -> None:
    result = released(region)
    with served(live_region) as (browser, url):
        live_region.start("work")
        reported(live_region, 1)
        doctor = sign_in(browser, url, "doctor")
        doctor.goto(f"/bench/results/{result.pk}/")
        doctor.keyboard.press("a")
        doctor.get_by_label("Corrected value").fill("6.6")
        doctor.get_by_label("Why it is amended").fill("dilution slip")
        doctor.keyboard.press("Control+Enter")
        reported(live_region, 2)
        wait_for(lambda: bool(live_region.look("SELECT 1 FROM report_notice")), "the recipient is told")
        doctor.goto("/corrections/told/")
        expect(doctor.locator("#open-notices")).to_contain_text("told, not seen")
        nurse = sign_in(browser, url, "nurse")
        nurse.goto("/corrections/")
        expect(nurse.locator("#corrections")).to_contain_text("dilution slip")
        expect(nurse.locator("#corrections s")).to_contain_text("5.0")
        press(nurse, "a")
        expect(nurse.locator("main")).to_contain_text("Nothing to acknowledge")
        doctor.reload()
        expect(doctor.locator("main")).to_contain_text("Everybody has acknowledged")


def test_a_look_back_recalls_and_gives_free_again(live_region: LiveRegion, region: Region) -> None:
    results = [released(region) for _ in range(3)]
    with acting(region.worker):
        name = str(results[0].analyzer)
    with served(live_region) as (browser, url):
        live_region.start("work")
        reported(live_region, 3)
        doctor = sign_in(browser, url, "doctor")
        doctor.goto("/corrections/look-backs/")
        doctor.keyboard.press("n")
        doctor.get_by_label("Analyzer").select_option(label=name)
        doctor.get_by_label("Measured since").fill("2026-11-22T00:00")
        doctor.get_by_label("Measured before").fill("2026-11-23T00:00")
        doctor.get_by_role("button", name="Show what is concerned").click()
        expect(doctor.locator("#found")).to_have_text("3 results")
        expect(doctor.locator("svg.doubt")).to_be_visible()
        doctor.get_by_label("Reason").fill("lamp failed")
        doctor.keyboard.press("Control+Enter")
        doctor.wait_for_url("**/corrections/look-backs/*/")
        assert live_region.look("SELECT DISTINCT state FROM result") == [("recalled",)]
        reported(live_region, 6)
        nurse = sign_in(browser, url, "nurse")
        nurse.goto("/corrections/")
        expect(nurse.locator("#corrections > li")).to_have_count(1)
        expect(nurse.locator("#corrections")).to_contain_text("3 patients")
        doctor.get_by_label("What to do").select_option("release")
        doctor.get_by_label("Reason").fill("controls were fine")
        doctor.keyboard.press("Control+Enter")
        expect(doctor.locator("main")).to_contain_text("given free again")
        assert live_region.look("SELECT DISTINCT state FROM result") == [("released",)]
        doctor.get_by_label("What to do").select_option("close")
        doctor.get_by_label("Reason").fill("lamp was fine")
        doctor.keyboard.press("Control+Enter")
        expect(doctor.locator("main")).to_contain_text("lamp was fine")
        assert live_region.look("SELECT state FROM look_back") == [("closed",)]


def test_many_results_are_held_beside_the_page(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        result = make_decided(region, make_accepted(region, "K"), "K", "8.1")
        name = str(result.analyzer)
    multiply(live_region, result.pk, MANY)
    with served(live_region) as (browser, url):
        doctor = sign_in(browser, url, "doctor")
        doctor.goto("/corrections/look-backs/new/")
        doctor.get_by_label("Analyzer").select_option(label=name)
        doctor.get_by_label("Measured since").fill("2026-11-22T00:00")
        doctor.get_by_label("Measured before").fill("2026-11-23T00:00")
        doctor.get_by_role("button", name="Show what is concerned").click()
        doctor.get_by_label("Reason").fill("lamp failed")
        doctor.keyboard.press("Control+Enter")
        doctor.wait_for_url("**/corrections/look-backs/steps/*/")
        expect(doctor.locator("#progress")).to_contain_text("Waits to begin")
        asked = doctor.url
        doctor.keyboard.press("b")  # left, and come back to
        expect(doctor.locator("#steps-in-background")).to_contain_text("lamp failed")
        live_region.start("work")
        doctor.goto(asked)
        expect(doctor.locator(".outcome")).to_contain_text(f"{MANY + 1} results were changed")
        doctor.keyboard.press("o")
        doctor.wait_for_url("**/corrections/look-backs/*/")
        expect(doctor.locator("#steps-in-background")).to_contain_text("finished")
        assert live_region.look("SELECT count(*) FROM look_back_member") == [(MANY + 1,)]


def multiply(live: LiveRegion, result: int, times: int) -> None:
    """So many further results like this one, for what takes longer than a person waits."""
    named = "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
    of_result = "WHERE table_name = 'result' AND is_generated = 'NEVER' AND column_name <> 'id'"
    columns = live.look(f"{named} {of_result}")[0][0]
    live.look(
        f"INSERT INTO result ({columns}) SELECT {columns} FROM result, generate_series(1, %s) WHERE id = %s",
        times,
        result,
    )
