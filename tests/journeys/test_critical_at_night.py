"""One person at night with a critical value: the alarm, whom to reach, the read-back; and a physician who reads it."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from aliquot.flow.results.actions import escalate_calls
from aliquot.foundation.context import acting
from aliquot.registers.network.actions import ContactFacts, keep_contact
from tests.factories import NOW, make_accepted, make_decided
from tests.journeys.stage import at_work, press
from tests.processes import LiveRegion
from tests.regions import LOADER, Region, one_with

pytestmark = pytest.mark.journey
CLOSED = "SELECT state, told_to, told_role, how FROM critical_call ORDER BY id"
DECIDED = NOW - timedelta(hours=9)
"""At midnight by the laboratory's clock; when the test runs the call is overdue."""


def critical(region: Region, **changes: Any) -> None:
    """A critical potassium of the night, its ladder climbed with nobody but the technologist on duty."""
    with acting(LOADER):
        for function in ("department_head", "laboratory_doctor", "director"):
            site = region.clinic if function == "department_head" else region.hub
            facts = ContactFacts(
                site.pk, function, function, function, "+7 4872 00-00-00", on_from=time(8), on_until=time(18)
            )
            keep_contact(facts, by=LOADER, at=DECIDED)
        ward = ContactFacts(region.clinic.pk, "ward", "ICU desk", "Пост", "+7 4872 11-22-33")
        keep_contact(ward, by=LOADER, at=DECIDED)
    with acting(region.worker):
        make_decided(region, make_accepted(region, "K", **changes), "K", "7.8", decided_at=DECIDED)
        escalate_calls(limit=10, by=region.worker, at=DECIDED + timedelta(minutes=25))


def username(region: Region, role: str) -> str:
    wanted = one_with(region, role, region.clinic if role == "physician" else region.hub)
    return next(name for name, person in region.people.items() if person.key == wanted.key)


def test_one_person_at_night(live_region: LiveRegion, region: Region, tmp_path: Path) -> None:
    critical(region, ward="ICU")
    with at_work(live_region, username(region, "technologist"), "/bench/worklist/") as page:
        expect(page.get_by_role("alert")).to_contain_text("1 critical value is overdue")
        press(page, "Alt+c")
        page.wait_for_url("**/bench/calls/**")
        card = page.locator("#card")
        expect(card.locator(".time-left")).to_contain_text("late by")
        expect(card.locator(".call-now")).to_contain_text("the ward")
        expect(card.locator(".call-now")).to_contain_text("+7 4872 11-22-33")
        expect(card.locator(".ladder-passed_over")).to_have_count(4)
        page.screenshot(path=tmp_path / "night.png", full_page=True)
        press(page, "u")
        page.keyboard.type("ward desk, nobody answers")
        page.keyboard.press("Enter")
        expect(card).to_contain_text("ward desk, nobody answers")
        page.fill("[name=told_to]", "Sister Petrova")
        page.fill("[name=read_back]", "8.7")
        page.locator("[name=role]").select_option("nurse")
        press(page, "Control+Enter")
        expect(card).to_contain_text("does not hold the value 7.8")
        page.fill("[name=read_back]", "7.8")
        press(page, "Control+Enter")
        expect(card).to_contain_text("Nobody has to be called")
        assert live_region.look(CLOSED) == [("closed", "Sister Petrova", "nurse", "phone")]
        page.reload()
        expect(page.get_by_role("alert")).to_have_count(0)


def test_a_physician_reads_and_acknowledges(live_region: LiveRegion, region: Region, tmp_path: Path) -> None:
    critical(region)
    with at_work(live_region, username(region, "physician"), "/reports/") as page:
        expect(page.get_by_role("alert")).to_contain_text("1 critical value waits for your acknowledgement")
        press(page, "c")
        page.wait_for_url("**/reports/critical/")
        page.screenshot(path=tmp_path / "list.png", full_page=True)
        press(page, "j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/reports/critical/*/")
        assert live_region.look("SELECT state, read_at IS NOT NULL FROM critical_call") == [("open", True)]
        page.screenshot(path=tmp_path / "value.png", full_page=True)
        page.fill("[name=read_back]", "7.8")
        press(page, "Control+Enter")
        expect(page.locator("#main")).to_contain_text("No critical value waits")
        [(state, _told_to, role, how)] = live_region.look(CLOSED)
        assert (state, role, how) == ("closed", "physician", "app")
