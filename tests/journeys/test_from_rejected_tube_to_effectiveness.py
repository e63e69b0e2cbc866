"""A rejected tube is raised with one key, worked on by three people, and its effect judged by who did not act."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stage import press, served, sign_in
from tests.oversight.improvement.made import make_rejected
from tests.processes import LiveRegion
from tests.regions import Region

pytestmark = pytest.mark.journey


def test_from_the_rejected_tube_to_the_closing(live_region: LiveRegion, region: Region) -> None:
    tube = make_rejected(region)
    with served(live_region) as (browser, url):
        desk = sign_in(browser, url, "reception")
        desk.goto(f"/reception/tubes/{tube.number}/")
        press(desk, "Alt+n")
        expect(desk.get_by_label("What happened")).to_have_value("K: Haemolysed")
        desk.get_by_label("What happened").fill("the third haemolysed tube of this clinic today")
        press(desk, "Control+Enter")
        expect(desk.locator("main h1")).to_contain_text("2026-0001")
        assert "/contain/" not in desk.content()

        manager = sign_in(browser, url, "quality")
        manager.goto("/quality/nonconformities/")
        expect(manager.locator("#nonconformities")).to_contain_text(tube.number)
        press(manager, "j")
        press(manager, "Enter")
        contained(manager)
        analysed(manager)
        planned(manager)

        technologist = sign_in(browser, url, "technologist")
        technologist.goto("/quality/nonconformities/?show=mine")
        technologist.locator("#nonconformities a[data-open]").click()
        technologist.get_by_label("What was done").fill("all nurses were shown the draw")
        technologist.get_by_role("button", name="Done").click()
        expect(technologist.locator("main")).to_contain_text("effect to be checked")

        judged(manager)
        closed(manager)
        assert live_region.look("SELECT state FROM nonconformity") == [("closed",)]
        desk.reload()
        expect(desk.locator(".timeline")).to_contain_text("found effective")
        expect(desk.locator("main")).to_contain_text("taught every year")
        press(desk, "g")
        expect(desk.locator("main h1")).to_contain_text(tube.number)


def contained(page: Page) -> None:
    page.get_by_label("What was done at once").fill("another tube was asked for")
    page.get_by_label("Patients").select_option("none")
    page.get_by_label("Severity").select_option("3")
    page.get_by_label("Probability that it comes again").select_option("3")
    press(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("another tube was asked for")


def analysed(page: Page) -> None:
    page.get_by_label("Why did it happen?").fill("the tourniquet stayed too long")
    page.get_by_label("people: training").check()
    page.get_by_label("The cause in a sentence").fill("the draw is not taught")
    press(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("the draw is not taught")


def planned(page: Page) -> None:
    today = date.today().isoformat()  # noqa: DTZ011 - the browser's own day
    page.get_by_label("What is to be done").fill("show the draw to all nurses")
    page.get_by_label("Who does it").select_option(index=choice_of(page, "technolog"))
    page.get_by_label("Until when").fill(today)
    page.get_by_label("By what one will see that it helped").fill("below 0.2 % haemolysed")
    page.get_by_label("When that is looked at").fill(today)
    press(page, "Control+Enter")
    expect(page.locator(".actions")).to_contain_text("show the draw to all nurses")


def judged(page: Page) -> None:
    page.reload()
    page.get_by_label("yes", exact=True).check()
    page.get_by_label("What you looked at and found").fill("0.1 % this week")
    press(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("0.1 % this week")


def closed(page: Page) -> None:
    page.get_by_label("In words").first.fill("the draw is taught every year")
    press(page, "Control+Enter")
    expect(page.locator("main")).to_contain_text("What came of it")


def choice_of(page: Page, username: str) -> int:
    """Which of the offered people signs in by this name."""
    values = (
        page.get_by_label("Who does it").locator("option").evaluate_all("all => all.map(one => one.value)")
    )
    return next(place for place, value in enumerate(values) if f":{username}" in value)
