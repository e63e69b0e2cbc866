"""Control stops release and lets it go on, a spoilt tube is drawn again by one key, a lot is looked back for."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.fresh import ANALYZER, fresh_result, reasons_of, state_of
from tests.journeys.stage import Stage, press
from tests.processes import wait_for

pytestmark = pytest.mark.journey
LOT = "R-77"


def say(stage: Stage, *, lot: str = "", **chosen: str) -> Page:
    """The technologist says how all tests of the analyzer stand."""
    page = stage.page_of("technologist")
    page.goto(f"/bench/analyzers/{ANALYZER}/control/")
    for name, value in chosen.items():
        page.select_option(f"#id_{name}", value)
    page.locator("#id_reagent_lot").fill(lot)
    page.locator("#id_note").fill("morning control")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("Kept for")
    return page


def test_out_of_control_blocks_release_and_in_control_lets_it_go_on(stage: Stage) -> None:
    page = say(stage, qc_state="out_of_control")
    expect(page.locator("#standing ~ .table-frame")).to_contain_text("out of control")
    held = fresh_result(stage, "K", "4.1")
    assert state_of(stage, held) == "held"
    assert any("control" in one for one in reasons_of(stage, held))
    page = say(stage, qc_state="in_control", lot=LOT)
    expect(page.locator("#standing ~ .table-frame")).to_contain_text(LOT)
    assert state_of(stage, fresh_result(stage, "K", "4.2")) == "released"
    assert state_of(stage, held) == "held"  # what waits goes on waiting for a person


def test_a_haemolysed_tube_is_drawn_again_by_one_key(stage: Stage) -> None:
    spoilt = fresh_result(stage, "K", "4.3", haemolysis="5")
    assert state_of(stage, spoilt) == "held"
    page = stage.page_of("doctor")
    page.goto(f"/bench/results/{spoilt}/")
    expect(page.locator("main")).to_contain_text("Index H is 5")
    press(page, "d")
    wait_for(
        lambda: stage.one("SELECT state FROM result WHERE id = %s", spoilt) == "refused", "it is refused"
    )
    drawn = "SELECT count(*) FROM specimen n JOIN result r ON n.replaces_id = r.specimen_id WHERE r.id = %s"
    assert stage.one(drawn, spoilt) == 1
    nurse = stage.page_of("nurse")
    nurse.goto("/collection/")
    expect(nurse.locator("main")).to_contain_text("drawn again")


def test_everything_of_a_lot_is_held_or_recalled_and_measured_again(stage: Stage) -> None:
    free, waiting = fresh_result(stage, "K", "4.4"), fresh_result(stage, "K", "8.1")
    assert (state_of(stage, free), state_of(stage, waiting)) == ("released", "held")
    page = stage.page_of("doctor")
    page.goto("/corrections/look-backs/")
    page.keyboard.press("n")
    page.get_by_label("Reagent lot").fill(LOT)
    page.get_by_role("button", name="Show what is concerned").click()
    expect(page.locator("#found")).to_contain_text("results")
    page.get_by_label("Reason").fill("the lot is recalled by its maker")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/corrections/look-backs/*/")
    assert (state_of(stage, free), state_of(stage, waiting)) == ("recalled", "held")
    page.get_by_label("What to do").select_option("repeat")
    page.get_by_label("Reason").fill("measured again with another lot")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("to be measured again")
    assert (state_of(stage, free), state_of(stage, waiting)) == ("withdrawn", "refused")
    state = (
        "SELECT t.state FROM specimen_test t JOIN result r USING (specimen_id, order_item_id) WHERE r.id = %s"
    )
    assert stage.one(state, free) == "accepted"
