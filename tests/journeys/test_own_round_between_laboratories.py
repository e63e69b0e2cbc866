"""A round of the hub's own between it and two rapid-response laboratories, from its plan to a closed case."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.actions import DEMO_PASSWORD, add_person, assign_role, set_password
from tests.factories import make_decided, make_fresh
from tests.journeys.stage import CLOCK, Stage, press
from tests.regions import LOADER

pytestmark = pytest.mark.journey
HUB, FIRST, SECOND = "TUL-HUB", "TUL-NOV", "TUL-UZ2"
AT_FIRST, AT_SECOND = "technologist.novomoskovsk", "technologist.second"
TABLE = "sample;test;value;method\nS1;GLUS;6,4;c111\nS1;K;4,0;c111\nS2;GLUS;12,9;c111\nS2;K;6,1;c111\n"


@pytest.fixture(scope="module")
def laboratories(stage: Stage) -> Stage:
    """A second rapid-response laboratory with its technologist."""

    def make() -> None:
        now = timezone.now()
        with acting(LOADER):
            hub = Site.objects.get(code=HUB)
            site = Site.objects.create(
                organisation=hub.organisation,
                code=SECOND,
                kind=Site.Kind.RAPID_LABORATORY,
                laboratory=hub,
                name_en="Uzlovaya rapid-response laboratory",
                name_ru="Узловая, экспресс-лаборатория",
            )
            facts = {"name_en": "Anna Second", "name_ru": "Анна Вторая", "language": "en"}
            person = add_person(username=AT_SECOND, **facts, by=LOADER, at=now)
            set_password(person, DEMO_PASSWORD, by=LOADER, at=now)
            assign_role(person, site=site, role="technologist", since=now, by=LOADER, at=now)

    stage.in_python(make)
    return stage


def in_days(days: int) -> str:
    """A moment as the field of a date and time takes it, by the clock of the laboratory."""
    return (datetime.now(CLOCK) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


def due(stage: Stage, username: str) -> Page:
    """The person's page of the round, opened from what is due."""
    page = stage.page_of(username)
    page.goto("/quality/eqa/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/at/*/")
    return page


def take_in(page: Page, tubes: Iterator[str]) -> None:
    """Say by keyboard that both samples came in order, with the tubes that they were taken in as."""
    for condition in page.locator("[name^=condition_]").all():
        condition.focus()
        page.keyboard.type("in")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type(next(tubes, ""))
    page.keyboard.press("Alt+r")
    expect(page.locator("body")).to_contain_text("2 samples are noted.")


def test_the_manager_plans_a_round(laboratories: Stage) -> None:
    page = laboratories.page_of("quality")
    page.goto("/quality/eqa/")
    page.keyboard.press("n")
    page.wait_for_url("**/eqa/plan/")
    page.fill("#id_samples", "S1 S2")
    page.fill("#id_tests", "GLUS K")
    page.keyboard.press("Alt+l")
    page.wait_for_url("**/plan/?*")
    page.fill("#id_code", "TUL-2026-11")
    page.fill("#id_submit_by", in_days(5))
    page.fill("#id_material", "pooled serum")
    for place, (assigned, sigma) in enumerate(
        (("5,0", "0.2"), ("4.0", "0.1"), ("12.0", "0.4"), ("6.0", "0.15"))
    ):
        page.fill(f"#id_assigned_{place}", assigned)
        page.fill(f"#id_u_assigned_{place}", "0.02")
        page.fill(f"#id_sigma_{place}", sigma)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/eqa/rounds/*/")
    expect(page.locator("#participant-list tr")).to_have_count(3)
    laboratories.kept["round"] = page.url


def test_the_material_is_checked(laboratories: Stage) -> None:
    page = laboratories.page_of("quality")
    page.goto(laboratories.kept["round"])
    page.locator("#item-list a").first.click()
    page.fill("#id_values", "\n".join(["5.01 5.02", "5.00 5,02"] * 5))
    page.keyboard.press("Alt+h")
    expect(page.locator("body")).to_contain_text("The material is homogeneous enough.")


def test_the_hub_measures_the_samples_as_tubes(laboratories: Stage) -> None:
    def measured(glucose: str, potassium: str) -> str:
        with acting(laboratories.region.worker):
            tube, now = make_fresh(laboratories.region, "GLUS", "K"), timezone.now()
            for code, value in (("GLUS", glucose), ("K", potassium)):
                make_decided(laboratories.region, tube, code, value, decided_at=now, measured_at=now)
            return tube.number

    tubes = laboratories.in_python(lambda: [measured("5.1", "4.0"), measured("11.8", "5.9")])
    page = due(laboratories, "technologist")
    expect(page.locator("main")).not_to_contain_text("0.02")
    take_in(page, iter(tubes))
    press(page, "t")
    expect(page.locator("body")).to_contain_text("4 results are taken from their tubes.")
    press(page, "Alt+s")
    expect(page.locator("main")).to_contain_text("the scores stand here once the round is evaluated")


def test_a_spoke_types_its_results(laboratories: Stage) -> None:
    page = due(laboratories, AT_FIRST)
    take_in(page, iter(()))
    typed = ("4.9", "four", "12.3", "6.05")
    for field, text in zip(page.locator("[name^=value_]").all(), typed, strict=True):
        field.focus()
        page.keyboard.type(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#results-form .field-error")).to_contain_text("“four” is no number")
    wrong = page.locator("[name^=value_]").nth(1)
    wrong.fill("4,05")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("4 results are kept.")
    press(page, "Alt+s")
    expect(page.locator("main")).to_contain_text("the scores stand here once the round is evaluated")


def test_another_reads_them_from_its_table(laboratories: Stage, tmp_path: Path) -> None:
    page, table = due(laboratories, AT_SECOND), tmp_path / "results.csv"
    take_in(page, iter(()))
    table.write_text(TABLE.replace("K;6,1", "K;six"), encoding="utf-8")
    press(page, "f")
    page.set_input_files("#id_file", table)
    page.get_by_role("button", name="Read the table").click()
    expect(page.locator(".field-error")).to_contain_text("C5: “six” is no number")
    table.write_text(TABLE, encoding="utf-8")
    page.set_input_files("#id_file", table)
    page.get_by_role("button", name="Read the table").click()
    expect(page.locator("body")).to_contain_text("4 results are kept.")
    press(page, "Alt+s")
    expect(page.locator("main")).to_contain_text("the scores stand here once the round is evaluated")


def test_the_round_is_evaluated(laboratories: Stage) -> None:
    page = laboratories.page_of("quality")
    page.goto(laboratories.kept["round"])
    expect(page.locator("#participant-list")).not_to_contain_text("not yet")
    press(page, "Alt+e")
    expect(page.locator("body")).to_contain_text("The round is evaluated.")
    expect(page.locator(".score-cell")).to_have_count(12)
    expect(page.locator("svg.youden")).to_be_visible()
    z = laboratories.live.look(
        "SELECT s.code, t.code, o.z::float8 FROM eqa_score o JOIN site l ON l.id = o.laboratory_id"
        " JOIN eqa_item i ON i.id = o.item_id JOIN eqa_sample s ON s.id = i.sample_id JOIN test t ON t.id = o.test_id"
        " WHERE l.code = %s ORDER BY i.id",
        SECOND,
    )
    assert [(*one[:2], round(one[2], 3)) for one in z] == [
        ("S1", "GLUS", 7.0),
        ("S1", "K", 0.0),
        ("S2", "GLUS", 2.25),
        ("S2", "K", 0.667),
    ]


def test_each_sees_its_own_scores(laboratories: Stage) -> None:
    page = laboratories.page_of(AT_FIRST)
    page.goto("/quality/eqa/")
    page.locator("#past-list a").first.click()
    expect(page.locator("svg.z-rows")).to_be_visible()
    expect(page.locator("#score-list tr")).to_have_count(4)
    expect(page.locator("main")).to_contain_text("100 %")
    page.locator("#score-list a").first.click()
    expect(page.locator("svg.histogram")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("Uzlovaya")


def test_the_failure_is_worked_off(laboratories: Stage) -> None:
    page = laboratories.page_of(AT_SECOND)
    page.goto("/quality/eqa/")
    page.locator("#case-list a").first.click()
    page.wait_for_url("**/cases/*/")
    answers = (
        ("1", "unit, sample and test as on the sheet"),
        ("1", "came in order"),
        ("1", "the others agree"),
        ("2", "calibrator of lot 7 had expired"),
        ("2", "14 results of that day"),
    )
    for key, note in answers:
        page.locator("#id_finding_0").focus()
        page.keyboard.press(key)
        page.fill("#id_note", note)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".timeline")).to_contain_text(note)
    expect(page.locator(".timeline")).to_contain_text("Anna Second")
    expect(page.locator("main")).to_contain_text("who manages quality closes the case")
    laboratories.kept["case"] = page.url


def test_the_manager_closes_the_case(laboratories: Stage) -> None:
    page = laboratories.page_of("quality")
    page.goto(laboratories.kept["case"])
    page.fill("#id_conclusion", "Calibrated with a new lot; results of that day looked back.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("The case is closed.")
    cases = laboratories.live.look("SELECT state, cause FROM eqa_case ORDER BY state")
    assert cases == [("closed", "analyzer"), ("open", "")]  # the other sample is beyond what is allowed, too
