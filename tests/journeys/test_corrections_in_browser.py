"""A correction is acknowledged by its recipient; a look-back goes from the analyzer to the recall and back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import Result
from aliquot.foundation.context import acting
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.chromium import LAUNCH_FLAGS, chromium_path
from tests.factories import NOW, make_accepted, make_result
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import Region, read_region

pytestmark = pytest.mark.journey
SETTLED_MS = 400
"""After a page came its deciding keys are silent for a moment, so that nothing unseen is acknowledged."""
MANY = 1100
"""More results than are changed while a person waits."""


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@contextmanager
def served(live: LiveRegion, *, is_worked: bool = True) -> Iterator[tuple[Browser, str]]:
    """Pages and worker; make the data before, for the browser holds this thread."""
    port = free_port()
    live.start("serve", "--port", str(port), "--threads", "4")
    if is_worked:
        live.start("work")
    wait_for(lambda: listens(port), "the pages are served")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(LAUNCH_FLAGS))
        yield browser, f"http://127.0.0.1:{port}"
        browser.close()


def signed_in(browser: Browser, url: str, username: str) -> Page:
    context = browser.new_context(base_url=url, viewport={"width": 1366, "height": 850})
    context.add_cookies([{"name": "django_language", "value": "en", "url": url}])
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#id_username", username)
    page.fill("#id_password", DEMO_PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_load_state()
    return page


def released(region: Region) -> Result:
    with acting(region.worker):
        result = make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.0")
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        return result


def reported(live: LiveRegion, versions: int) -> None:
    wait_for(
        lambda: live.look("SELECT count(*) FROM report")[0][0] == versions, f"{versions} versions are out"
    )


def test_an_amendment_is_acknowledged_by_its_recipient(live_region: LiveRegion, region: Region) -> None:
    result = released(region)
    with served(live_region) as (browser, url):
        reported(live_region, 1)
        doctor = signed_in(browser, url, "doctor")
        doctor.goto(f"/bench/results/{result.pk}/")
        doctor.keyboard.press("a")
        doctor.get_by_label("Corrected value").fill("6.6")
        doctor.get_by_label("Why it is amended").fill("dilution slip")
        doctor.keyboard.press("Control+Enter")
        reported(live_region, 2)
        wait_for(lambda: bool(live_region.look("SELECT 1 FROM report_notice")), "the recipient is told")
        doctor.goto("/corrections/told/")
        expect(doctor.locator("#open-notices")).to_contain_text("told, not seen")
        nurse = signed_in(browser, url, "nurse")
        nurse.goto("/corrections/")
        expect(nurse.locator("#corrections")).to_contain_text("dilution slip")
        expect(nurse.locator("#corrections s")).to_contain_text("5.0")
        nurse.wait_for_timeout(SETTLED_MS)
        nurse.keyboard.press("a")
        expect(nurse.locator("main")).to_contain_text("Nothing to acknowledge")
        doctor.reload()
        expect(doctor.locator("main")).to_contain_text("Everybody has acknowledged")


def test_a_look_back_recalls_and_gives_free_again(live_region: LiveRegion, region: Region) -> None:
    results = [released(region) for _ in range(3)]
    with acting(region.worker):
        name = str(results[0].analyzer)
    with served(live_region) as (browser, url):
        reported(live_region, 3)
        doctor = signed_in(browser, url, "doctor")
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
        nurse = signed_in(browser, url, "nurse")
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
        result = make_result(region, make_accepted(region, "K"), "K", "8.1")
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        name = str(result.analyzer)
    multiply(live_region, result.pk, MANY)
    with served(live_region, is_worked=False) as (browser, url):
        doctor = signed_in(browser, url, "doctor")
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
