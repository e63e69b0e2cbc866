"""A director writes a rule and is told of the character that is wrong; another approves; release is switched off."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from aliquot.foundation.context import acting
from aliquot.registers.people.actions import DEMO_PASSWORD, add_person, assign_role, set_password
from tests.journeys.fresh import ANALYZER, fresh_result, reasons_of, state_of
from tests.journeys.stage import Stage
from tests.regions import LOADER

pytestmark = pytest.mark.journey
RULE = """
[[rule]]
code = "sugar-and-potassium"
kind = "consistency"
tests = ["GLUS"]
when = "GLUS > 5.5 {and_} K > 6"
missing = "skip"
hold = true
text_en = "Glucose and potassium are high"
text_ru = "Глюкоза и калий высоки"
source = "Order 3 of the hub"

[[rule]]
code = "GLUS-narrow"
kind = "limits"
tests = ["GLUS"]
autoverification = [3.9, 5.5]
source = "Order 3 of the hub"

[[case]]
rule = "GLUS-narrow"
test = "GLUS"
value = "5.8"
fires = true
expect = "hold"

[[case]]
rule = "GLUS-narrow"
test = "GLUS"
value = "5.0"
fires = false
expect = "release"
"""
OTHER = "director2"


@pytest.fixture(scope="module")
def other(stage: Stage) -> str:
    """A second director, for nobody approves what he wrote himself."""

    def make() -> None:
        now = timezone.now()
        with acting(LOADER):
            facts = {"username": OTHER, "name_en": "Olga Second", "name_ru": "Ольга Вторая", "language": "en"}
            person = add_person(**facts, by=LOADER, at=now)
            set_password(person, DEMO_PASSWORD, by=LOADER, at=now)
            assign_role(
                person, site=stage.region.hub, role="hub_director", since=now, until=None, by=LOADER, at=now
            )

    stage.in_python(make)
    return OTHER


def write(page: Page, text: str) -> None:
    page.locator("#id_text").fill(text)


def take(page: Page, field: str, words: str, button: str) -> None:
    """Give the reason of a step and take it."""
    page.locator(field).fill(words)
    page.get_by_role("button", name=button).click()


def test_an_error_points_at_its_character(stage: Stage) -> None:
    for value in ("5.0", "5.8", "5.9"):
        assert state_of(stage, fresh_result(stage, "GLUS", value)) == "released"
    page = stage.page_of("director")
    page.goto("/rules/")
    page.get_by_label("What the draft is for").fill("narrower glucose")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rules/versions/*/")
    stage.kept["draft"] = page.url
    stage.kept["text"] = page.locator("#id_text").input_value()
    write(page, stage.kept["text"] + RULE.format(and_="andd"))
    expect(page.locator("#checked")).to_contain_text("1 mistake")
    caret = page.locator("#checked .mistake-caret")
    line, mark = caret.nth(0).inner_text(), caret.nth(1).inner_text()
    assert line[mark.index("^") :].startswith("andd")
    write(page, stage.kept["text"] + RULE.format(and_="and"))
    expect(page.locator("#checked")).to_contain_text("no mistakes")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("The draft is kept.")


def test_the_back_test_stands_beside_the_draft(stage: Stage) -> None:
    page = stage.page_of("director")
    page.goto(stage.kept["draft"])
    page.locator("#id_until").fill("2040-01-01T00:00")
    page.locator("#id_until").blur()
    page.keyboard.press("v")
    page.wait_for_url("**/rules/validations/*/")
    expect(page.locator("svg.wholes")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Of 3 results: 2 newly wait for a person")
    expect(page.locator("#tests ~ .table-frame tbody tr").first).to_contain_text("GLUS")
    page.goto(stage.kept["draft"])
    expect(page.locator("#back-test")).to_contain_text("2 newly wait for a person")
    expect(page.locator("#back-test svg.wholes")).to_be_visible()
    page.keyboard.press("Alt+u")
    expect(page.locator("main")).to_contain_text("waits for approval")


def test_who_wrote_it_cannot_approve_it(stage: Stage) -> None:
    page = stage.page_of("director")
    page.goto(stage.kept["draft"])
    expect(page.locator("main")).to_contain_text("You wrote in this set")
    page.locator("#approve-reason").fill("it is good")
    page.locator("[name=untried]").fill("tried by hand")
    page.keyboard.press("Alt+a")
    expect(page.locator("main .refusal")).to_contain_text("somebody else approves it")
    assert stage.one("SELECT state FROM rule_set ORDER BY id DESC LIMIT 1") == "submitted"


def test_a_second_person_signs_approves_and_puts_it_in_force(stage: Stage, other: str) -> None:
    page = stage.page_of(other)
    page.goto(stage.kept["draft"])
    page.keyboard.press("d")
    expect(page.locator("main")).to_contain_text("GLUS-narrow")
    page.goto(stage.kept["draft"])
    page.keyboard.press("r")
    page.get_by_label("Your password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign the report").click()
    expect(page.locator("body")).to_contain_text("The report is signed.")
    page.goto(stage.kept["draft"])
    page.locator("[name=untried]").fill("tried by hand")
    take(page, "#approve-reason", "agreed", "Approve")
    expect(page.locator("body")).to_contain_text("The set is approved.")
    take(page, "#activate-reason", "from now on", "Put in force")
    expect(page.locator("body")).to_contain_text("The set is put in force.")
    page.goto("/rules/")
    expect(page.locator("#version-list tr").first).to_contain_text("in force")
    held = fresh_result(stage, "GLUS", "5.8")
    assert state_of(stage, held) == "held"
    assert state_of(stage, fresh_result(stage, "GLUS", "5.2")) == "released"


@pytest.mark.parametrize(
    ("scope", "field", "choice"),
    [("test", "test", "GLUS"), ("analyzer", "analyzer", ANALYZER), ("laboratory", "", "")],
)
def test_one_switch_stops_release_and_lets_it_go_on(
    stage: Stage, scope: str, field: str, choice: str
) -> None:
    page = stage.page_of("director")
    page.goto("/rules/")
    expect(page.locator("main")).to_contain_text("nothing is suspended")
    page.select_option("#id_scope", scope)
    if field:
        page.select_option(f"#id_{field}", choice)
    page.locator("#id_reason").fill("lamp flickers")
    page.keyboard.press("Alt+s")
    expect(page.locator(".suspension")).to_contain_text("lamp flickers")
    held = fresh_result(stage, "GLUS", "5.0")
    assert state_of(stage, held) == "held"
    assert any("suspend" in one for one in reasons_of(stage, held))
    page.get_by_label("Why it may release again").fill("lamp replaced")
    page.keyboard.press("Alt+r")
    expect(page.locator("main")).to_contain_text("nothing is suspended")
    assert state_of(stage, fresh_result(stage, "GLUS", "5.1")) == "released"
    assert state_of(stage, held) == "held"
