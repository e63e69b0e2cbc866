"""A laboratory gets another operator: planned, approved by a second officer, in force by its date alone.

Its date is tomorrow. The test does not wait for it and moves no clock: once the evening before was looked at, the
owner of the tables moves the recorded moment to now, and nothing else.
"""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import release_reports
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Organisation
from aliquot.registers.people.actions import (
    DEMO_PASSWORD,
    add_person,
    assign_role,
    employ_person,
    set_password,
)
from tests.factories import make_fresh
from tests.flow.reports.released import release
from tests.journeys.papers import text_of
from tests.journeys.stage import CLOCK, Stage
from tests.regions import LOADER

pytestmark = pytest.mark.journey
HOME, OLD, NEW = "/setup/operators/", "Regional laboratory service", "Northern Diagnostics"
PEOPLE = {"new.technologist": "technologist", "new.director": "hub_director"}


def typed(at: datetime) -> str:
    """The moment as it is typed by the clock of the hub."""
    return at.astimezone(CLOCK).strftime("%Y-%m-%dT%H:%M:%S")


def unfold(page: Page, words: str) -> None:
    page.locator("summary", has_text=words).click()


def ordered(stage: Stage) -> Order:
    """An order whose tube the hub has just taken in."""
    with acting(stage.region.worker):
        return make_fresh(stage.region, "GLUS", "K").order


def report(stage: Stage, code: str) -> None:
    """A test of the order is released, and what is known of the order reported, at this moment."""

    def make() -> None:
        order = stage.kept["order"]
        release(stage.region, order, code)
        with acting(stage.region.worker):
            assert release_reports([order.pk], by=stage.region.worker, at=timezone.now()) == 1

    stage.in_python(make)


def document(stage: Stage, version: int, language: str = "en") -> bytes:
    """A version of the report as the clinic's nurse prints it."""
    number = stage.kept["order"].number
    answer = stage.page_of("nurse").request.get(f"/reports/{number}/{version}/{language}.pdf")
    assert answer.ok
    return answer.body()


def test_an_officer_keeps_the_contract_and_plans_the_change(stage: Stage) -> None:
    stage.kept["order"] = stage.in_python(lambda: ordered(stage))
    report(stage, "GLUS")
    stage.kept["printed"] = document(stage, 1)
    page = stage.page_of("officer")
    assert page.url.endswith(HOME)
    unfold(page, "Add an organisation")
    for name, value in {"code": "NORTH", "name_en": NEW, "name_ru": "Северная диагностика"}.items():
        page.fill(f"#organisation-{name}", value)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("body")).to_contain_text("The organisation is added.")
    unfold(page, "Keep a contract")
    page.fill("#contract-number", "7/2026")
    page.select_option("#contract-customer", label="Ministry of health of the region (demonstration)")
    page.select_option("#contract-contractor", label=NEW)
    page.fill("#contract-since", typed(timezone.now() - timedelta(days=1)))
    signed: FilePayload = {"name": "7.pdf", "mimeType": "application/pdf", "buffer": b"%PDF signed"}
    page.set_input_files("#contract-document", files=signed)
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("body")).to_contain_text("The contract is kept.")
    stage.in_python(lambda: hire(stage))
    unfold(page, "Plan a change")
    page.get_by_role("checkbox", name="Tula central laboratory").check()
    page.select_option("#change-contract", label=f"7/2026 · {NEW}")
    page.fill("#change-on", typed(timezone.now() + timedelta(days=1)))
    page.fill("#change-reason", "tender 7")
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("heading", name="They lose their rights")).to_be_visible()
    shown = page.locator("main")
    for words in ("Ksenia Yartseva", "Irina Belozyorova", "new.director", "waits for somebody else"):
        expect(shown).to_contain_text(words)
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    stage.kept["change"] = page.url


def hire(stage: Stage) -> None:
    """The new operator's people, prepared ahead."""
    now = timezone.now()
    with acting(LOADER):
        new = Organisation.objects.get(code="NORTH")
        for username, role in PEOPLE.items():
            person = add_person(
                username=username, name_en=username, name_ru=username, language="en", by=LOADER, at=now
            )
            set_password(person, DEMO_PASSWORD, by=LOADER, at=now)
            employ_person(person, new, since=now, by=LOADER, at=now)
            assign_role(person, site=stage.region.hub, role=role, since=now, by=LOADER, at=now)


def test_a_second_officer_approves_and_until_the_moment_all_is_as_it_was(stage: Stage) -> None:
    page = stage.page_of("officer.second")
    page.goto(stage.kept["change"])
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("body")).to_contain_text("The change is approved.")
    expect(page.locator("main")).to_contain_text("What it changes, as approved")
    old = stage.page_of("technologist")
    old.goto("/bench/worklist/")
    expect(old.locator("main")).to_contain_text("Potassium")
    assert old.request.get("/bench/worklist/").status == 200
    new = stage.page_of("new.technologist")
    assert new.request.get("/bench/worklist/").status == 403
    expect(new.locator("body")).to_contain_text(f"{OLD} (demonstration) operates Tula central laboratory")


def test_from_that_moment_the_old_are_refused_and_the_new_work(stage: Stage) -> None:
    stage.live.look("UPDATE operation SET since = now()")
    stage.live.look('UPDATE operator_change SET "on" = (SELECT since FROM operation)')
    old = stage.page_of("technologist")  # the page is still open
    old.reload()
    expect(old.locator("body")).to_contain_text(f"{NEW} operates Tula central laboratory since")
    assert old.request.get("/bench/worklist/").status == 403
    new = stage.page_of("new.technologist")
    new.goto("/bench/worklist/")
    assert new.request.get("/bench/worklist/").status == 200
    assert stage.page_of("nurse").request.get("/ordering/").status == 200


def test_reports_from_then_on_carry_the_new_heading_and_earlier_ones_their_own(stage: Stage) -> None:
    report(stage, "K")
    first, second = document(stage, 1), document(stage, 2)
    assert first == stage.kept["printed"]
    assert (OLD in text_of(first), NEW in text_of(first)) == (True, False)
    assert (OLD in text_of(second), NEW in text_of(second)) == (False, True)
    assert "Региональная лабораторная служба" in text_of(document(stage, 1, "ru"))


def test_the_audit_shows_who_did_it(stage: Stage) -> None:
    page = stage.page_of("new.director")
    page.goto("/setup/audit/?table=operation")
    expect(page.locator("main")).to_contain_text("Roman Nadzornov")
    expect(page.locator("main")).to_contain_text("tender 7")
    page.goto("/setup/audit/?table=operator_change")
    expect(page.locator("main")).to_contain_text("Nadezhda Oblastnaya")
    page.goto(HOME)
    expect(page.locator("svg.spells")).to_be_visible()
    expect(page.locator("main")).to_contain_text("7/2026")
