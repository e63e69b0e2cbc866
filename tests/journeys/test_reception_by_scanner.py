"""Reception opens a box and scans faster than the server answers, in a real browser: no scan is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.entrypoints.web.boxes import travelling_box
from tests.journeys.stage import at_work
from tests.processes import LiveRegion, wait_for
from tests.regions import Region

pytestmark = pytest.mark.journey


@pytest.fixture
def sent(region: Region) -> tuple[str, list[str]]:
    """A box on the road, by number, with the numbers of its tubes."""
    box, numbers = travelling_box(region, 12, "CBC", "K")
    return box.number, numbers


@pytest.fixture
def page(live_region: LiveRegion, sent: tuple[str, list[str]]) -> Iterator[Page]:
    """Reception's browser after signing in, in English."""
    with at_work(live_region, "reception", "/reception/") as page:
        yield page


def scan(page: Page, number: str) -> None:
    page.keyboard.insert_text(number)
    page.keyboard.press("Enter")


def test_a_box_is_opened_scanned_finished_and_accepted_without_a_mouse(
    page: Page, live_region: LiveRegion, sent: tuple[str, list[str]]
) -> None:
    box, numbers = sent
    scan(page, box)
    page.wait_for_url(f"**/boxes/{box}/")
    for number in (*numbers[:-1], "719999999999"):
        scan(page, number)
    expect(page.locator("#scans > li")).to_have_count(len(numbers), timeout=30_000)
    expect(page.locator("#tally .answer")).to_have_text([str(len(numbers)), str(len(numbers) - 1), "1", "0"])
    scan(page, numbers[0])
    expect(page.locator("[data-scan-feedback]")).to_contain_text("Already received.")
    page.keyboard.press("Alt+h")
    expect(page.locator('#in-hand [aria-pressed="true"]')).to_contain_text("Haemolysed")
    page.keyboard.press("F8")
    expect(page.locator("#lacking + ul")).to_contain_text(numbers[-1])
    page.keyboard.press("F9")
    page.wait_for_url("**/acceptance/")
    page.keyboard.press("F9")
    page.wait_for_load_state()
    taken = "SELECT count(*) FROM specimen WHERE number = ANY(%s) AND state IN ('accepted', 'rejected')"
    wait_for(lambda: live_region.look(taken, numbers) == [(len(numbers) - 1,)], "acceptance")
