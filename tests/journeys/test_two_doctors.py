"""Two doctors at one list, by keys alone: decide, take back, meet at one result, take it over; what leaves waits."""

import pytest
from playwright.sync_api import Browser, Page, expect

from aliquot.foundation.context import acting
from tests.factories import make_accepted, make_decided
from tests.journeys.stage import held, press, served, sign_in, state
from tests.processes import LiveRegion, wait_for
from tests.regions import Region

pytestmark = pytest.mark.journey
LONG, SHORT = "600", "1"
"""Seconds in which a decision may be taken back."""


def at_the_list(browser: Browser, address: str, username: str) -> Page:
    """The list as this person sees it after signing in, in a browser of his own."""
    page = sign_in(browser, address, username)
    page.goto("/bench/verify/")
    return page


def test_a_release_is_taken_back_by_a_key(live_region: LiveRegion, region: Region) -> None:
    first, second = held(region, "7.8", "8.1")
    live_region.start("work")
    with served(live_region, ALIQUOT_UNDO_SECONDS=LONG) as (browser, address):
        page = at_the_list(browser, address, "doctor")
        shown = page.locator("#card .verify")
        expect(shown).to_have_attribute("data-chosen", str(first))
        press(page, "r")
        expect(shown).to_have_attribute("data-chosen", str(second))
        expect(page.locator("#undo")).to_contain_text("Nothing has left the house yet")
        assert state(live_region, first) == "released"
        page.keyboard.press("z")
        expect(shown).to_have_attribute("data-chosen", str(first))
        expect(page.locator("#undo form")).to_have_count(0)
        expect(page.locator(f"#row-{first}")).to_have_count(1)
        assert state(live_region, first) == "held"
        assert live_region.look("SELECT was_taken_back FROM decision") == [(True,)]
        assert live_region.look("SELECT count(*) FROM report") == [(0,)]


def test_the_report_leaves_when_the_time_is_over_and_the_key_goes(
    live_region: LiveRegion, region: Region
) -> None:
    with acting(region.worker):
        result = make_decided(region, make_accepted(region, "K"), "K", "7.8").pk
    live_region.start("work")
    with served(live_region, ALIQUOT_UNDO_SECONDS=SHORT) as (browser, address):
        page = at_the_list(browser, address, "doctor")
        press(page, "r")
        expect(page.locator("#card")).to_contain_text("No result waits for a person")
        wait_for(lambda: live_region.look("SELECT count(*) FROM report") == [(1,)], "the report is composed")
        expect(page.locator("#undo form")).to_have_count(0)
        waited = "SELECT r.released_at >= d.until FROM report r, decision d"
        assert live_region.look(waited) == [(True,)]
        assert state(live_region, result) == "released"


def test_two_doctors_never_have_one_result(live_region: LiveRegion, region: Region) -> None:
    first, second = held(region, "7.8", "8.1")
    with served(live_region, ALIQUOT_UNDO_SECONDS=LONG) as (browser, address):
        mine = at_the_list(browser, address, "doctor")
        expect(mine.locator("#card .verify")).to_have_attribute("data-chosen", str(first))
        hers = at_the_list(browser, address, "director")
        expect(hers.locator("#claim")).to_contain_text("looks at this result")
        expect(hers.locator("#card [data-key='r']")).to_have_count(0)
        press(hers, "r")
        press(hers, "v")
        expect(hers.locator("#card [data-key='r']")).to_have_count(1)
        press(mine, "r")
        expect(mine.locator("#card .refusal")).to_contain_text("Take it over first.")
        assert state(live_region, first) == "held"
        press(hers, "r")
        expect(hers.locator("#card .verify")).to_have_attribute("data-chosen", str(second))
        press(mine, "j")
        expect(mine.locator("#claim")).to_contain_text("looks at this result")
        who = live_region.look("SELECT released_by FROM result WHERE id = %s", first)
        assert who == [(region.people["director"].key,)]


ASK_WHO = (
    "() => htmx.ajax('POST', document.querySelector('#claim').getAttribute('hx-post'), {source: '#claim'})"
)
"""What the open page does every twenty seconds."""


def test_who_takes_a_result_over_takes_no_dialog_away(live_region: LiveRegion, region: Region) -> None:
    held(region, "7.8", "8.1")
    with served(live_region, ALIQUOT_UNDO_SECONDS=LONG) as (browser, address):
        mine = at_the_list(browser, address, "doctor")
        press(mine, "x")
        mine.keyboard.type("clot")
        hers = at_the_list(browser, address, "director")
        press(hers, "v")
        expect(hers.locator("#card [data-key='r']")).to_have_count(1)
        with mine.expect_response("**/claim/"):
            mine.evaluate(ASK_WHO)
        mine.keyboard.type("ted")
        expect(mine.locator("#refuse [name=reason]")).to_have_value("clotted")
        mine.keyboard.press("Escape")
        with mine.expect_response("**/claim/"):
            mine.evaluate(ASK_WHO)
        expect(mine.locator("#claim")).to_contain_text("looks at this result")


def test_the_next_result_stands_at_once_and_is_claimed(live_region: LiveRegion, region: Region) -> None:
    _first, second = held(region, "7.8", "8.1")
    with served(live_region, ALIQUOT_UNDO_SECONDS=LONG) as (browser, address):
        page = at_the_list(browser, address, "doctor")
        with page.expect_response(f"**/bench/results/{second}/") as ahead:
            pass
        assert ahead.value.request.headers["x-preload"] == "1"
        with page.expect_response(f"**/bench/results/{second}/claim/"):
            press(page, "n")
        expect(page.locator("#card .verify")).to_have_attribute("data-chosen", str(second))
        claims = "SELECT result_id FROM result_claim ORDER BY id DESC LIMIT 1"
        assert live_region.look(claims) == [(second,)]
