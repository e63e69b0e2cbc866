"""A technologist plans a study and is told of the wrong cell; what is found stands first; a doctor signs it."""

from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.journeys.stage import Stage
from tests.oversight.studies.made import pairs_file

pytestmark = pytest.mark.journey


def give(page: Page, path: Path, content: bytes) -> None:
    """Choose a file and upload it by its key."""
    path.write_bytes(content)
    page.set_input_files("input[type=file]", path)
    page.locator("h1").click()
    page.keyboard.press("u")


def test_a_plan_is_made_by_keys(stage: Stage) -> None:
    page = stage.page_of("technologist")
    page.goto("/quality/studies/")
    page.keyboard.press("n")
    page.wait_for_url("**/quality/studies/new/")
    page.get_by_role("link", name="Method comparison").click()
    page.get_by_label("What is to be decided").fill("New analyzer for glucose")
    glucose = page.locator("#id_test option", has_text="GLUS ·").first.get_attribute("value")
    page.select_option("#id_test", glucose)
    page.keyboard.press("Control+Enter")
    expect(page.locator("main .refusal")).to_contain_text("at least one limit or claim")
    page.get_by_label("Allowable bias, %").fill("5")
    page.get_by_label("Decision levels").fill("5; 7; 11")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("The plan is kept.")
    stage.kept["study"] = page.url


def test_a_wrong_cell_is_named_and_a_good_file_evaluated(stage: Stage, tmp_path: Path) -> None:
    page = stage.page_of("technologist")
    page.goto(stage.kept["study"])
    give(page, tmp_path / "pairs.csv", b"x;y\n5,1;5,2\n6,0;6.o\n")
    expect(page.locator("main .refusal, main .field-error").first).to_contain_text(
        "y, B3: '6.o' is not a number"
    )
    give(page, tmp_path / "pairs.csv", pairs_file())
    expect(page.locator("#decision")).to_have_text("Accepted")
    expect(page.locator("svg.study-picture")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("Bias at 5: ")
    expect(page.locator("#sign")).to_have_count(0)


def test_a_doctor_reads_signs_and_takes_the_report(stage: Stage) -> None:
    page = stage.page_of("doctor")
    page.goto("/quality/studies/")
    page.get_by_role("link", name="New analyzer for glucose").click()
    page.wait_for_url(stage.kept["study"])
    page.get_by_label("What the signature means").fill("Fit for use")
    page.get_by_label("Your password").fill(DEMO_PASSWORD)
    page.keyboard.press("Alt+s")
    expect(page.locator("#signature")).to_contain_text("Signed")
    answer = page.request.get(page.url + "report.en.pdf")
    text = pypdfium2.PdfDocument(BytesIO(answer.body()))[0].get_textpage().get_text_range()
    assert "Accepted" in text
    assert stage.one("SELECT state FROM study") == "signed"


def test_nothing_of_it_changes_any_more(stage: Stage) -> None:
    page = stage.page_of("technologist")
    page.goto(stage.kept["study"])
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(page.get_by_role("link", name="Report (PDF)")).to_be_visible()
    page.keyboard.press("v")
    page.wait_for_url("**/quality/studies/new/comparison/?after=*")
    expect(page.get_by_label("Allowable bias, %")).to_have_value("5")
