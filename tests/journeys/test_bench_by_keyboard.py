"""A laboratory doctor decides, tells a critical value and a technologist types a column: no mouse is touched."""

import pytest
from playwright.sync_api import expect

from aliquot.flow.results.actions import autoverify_batch
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.journeys.stage import at_work, held, press, state
from tests.processes import LiveRegion, wait_for
from tests.regions import Region

pytestmark = pytest.mark.journey


def test_a_doctor_decides_by_keys_and_the_next_result_opens(live_region: LiveRegion, region: Region) -> None:
    first, second, third = held(region, "7.8", "8.1", "8.3")
    with at_work(live_region, "doctor", "/bench/") as page:
        shown = page.locator("#card .verify")
        expect(shown).to_have_attribute("data-chosen", str(first))
        press(page, "j")
        expect(shown).to_have_attribute("data-chosen", str(second))
        press(page, "r")
        expect(shown).to_have_attribute("data-chosen", str(third))
        expect(page.locator("#queue [aria-selected=true]")).to_have_attribute("data-item", str(third))
        page.keyboard.press("r")  # at once: nobody can have read the third yet
        press(page, "x")
        page.keyboard.type("clotted")
        page.keyboard.press("Enter")
        expect(shown).to_have_attribute("data-chosen", str(first))
        press(page, "h")
        press(page, "Alt+2")
        expect(page.locator(f"#row-{first} .queue-why")).to_contain_text("+1")
        assert [state(live_region, one) for one in (first, second, third)] == ["held", "released", "refused"]


CUT = """() => [...document.querySelectorAll("#card .table-frame")].filter((one) => one.scrollWidth > one.clientWidth)
    .map((one) => one.textContent)"""


def test_on_a_telephone_no_table_of_the_card_is_cut(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        tube = make_accepted(region, "GLUS", "K", "NA", "CHOL")
        for code, value in (("K", "7.8"), ("GLUS", "25.4"), ("CHOL", "4.9")):
            make_result(region, tube, code, value)
        autoverify_batch(limit=10, by=region.worker, at=NOW)
    with at_work(live_region, "doctor", "/bench/") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        expect(page.locator("#card .table-frame tr")).to_have_count(3)
        assert page.evaluate(CUT) == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        press(page, "s")
        expect(page.locator("#release-order")).to_be_visible()
        assert page.evaluate(
            "() => { const d = document.getElementById('release-order'); return d.scrollWidth <= d.clientWidth; }"
        )


def test_a_critical_value_is_told_and_read_back(live_region: LiveRegion, region: Region) -> None:
    held(region, "7.8")
    with at_work(live_region, "doctor", "/bench/") as page:
        press(page, "t")
        page.wait_for_url("**/bench/calls/**")
        page.get_by_label("Told to").fill("Dr. Lugovoy")
        page.get_by_label("Read back to you").fill("8.7")
        press(page, "Control+Enter")
        expect(page.locator("#card .field-error")).to_contain_text("does not hold the value 7.8")
        page.get_by_label("Read back to you").fill("7,8")
        press(page, "Control+Enter")
        expect(page.locator("#card")).to_contain_text("Nobody has to be called")
        assert live_region.look("SELECT state, told_to FROM critical_call") == [("closed", "Dr. Lugovoy")]


def test_a_technologist_types_down_the_column(live_region: LiveRegion, region: Region) -> None:
    with acting(region.worker):
        make_accepted(region, "GLUS", "K")
    with at_work(live_region, "technologist", "/bench/") as page:
        page.locator("[data-column] input").first.focus()
        for value in ("4,4", "5.1"):
            page.keyboard.type(value)
            page.keyboard.press("Enter")
        expect(page.locator("#measuring tbody")).to_contain_text("Entered by hand")
        wait_for(lambda: live_region.look("SELECT count(*) FROM result")[0][0] == 2, "both values are kept")
