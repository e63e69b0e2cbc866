"""A nurse registers, orders and draws without a mouse, in a real browser against the real server."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.stage import at_work
from tests.processes import LiveRegion

pytestmark = pytest.mark.journey


@pytest.fixture
def page(live_region: LiveRegion) -> Iterator[Page]:
    """The nurse's browser after signing in, in English."""
    with at_work(live_region, "nurse", "/ordering/") as page:
        yield page


def type_test(page: Page, text: str, code: str) -> None:
    """Type, wait for what fits, take the first with Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(f'#basket input[value="{code}"]')).to_have_count(1)
    expect(page.locator("[data-picker]")).to_have_value("")
    expect(page.locator(".htmx-request, .htmx-settling, .htmx-added")).to_have_count(0)


def scan(page: Page, number: str) -> None:
    page.keyboard.type(number)
    page.keyboard.press("Enter")


def register(page: Page, family_name: str, given_name: str, born: str) -> None:
    page.keyboard.press("Alt+n")
    page.wait_for_url("**/patients/new/")
    expect(page.locator("#id_family_name")).to_be_focused()
    for typed in (family_name, given_name, "", born):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/order/")
    expect(page.locator("[data-picker]")).to_be_focused()


def place(page: Page, *tests: tuple[str, str]) -> list[str]:
    """Order by typing; the numbers of the tubes, from the draw."""
    for text, code in tests:
        type_test(page, text, code)
    page.fill("#id_requester", "Lugova")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/collection/orders/**")
    return page.locator(".rack-number").all_inner_texts()


def test_register_order_and_draw_without_a_mouse(page: Page, live_region: LiveRegion) -> None:
    register(page, "Журавлёва", "Ксения", "14031986")
    type_test(page, "калий", "K")
    page.keyboard.press("Backspace")
    expect(page.locator('#basket input[name="codes"]')).to_have_count(0)
    first, second = place(page, ("cbc", "CBC"), ("глюкоза (сыв", "GLUS"))

    scan(page, first)
    expect(page.locator("[data-scan-feedback]")).to_contain_text("compare them with the label")
    page.keyboard.press("Alt+i")
    scan(page, first)
    expect(page.locator(".rack-done")).to_have_count(1)
    scan(page, second)
    expect(page.get_by_text("All tubes are drawn")).to_be_visible()
    states = live_region.look("SELECT DISTINCT state, collected_at >= labelled_at FROM specimen")
    assert states == [("collected", None)]  # nothing was printed: the draw does not depend on it


def test_a_strangers_tube_stops_the_draw(page: Page, live_region: LiveRegion) -> None:
    register(page, "Первушина", "Ада", "02011950")
    (strange,) = place(page, ("GLUS", "GLUS"))
    page.keyboard.press("Alt+n")
    page.goto("/ordering/")
    register(page, "Козлов", "Пётр", "31121999")
    place(page, ("GLUS", "GLUS"))
    page.keyboard.press("Alt+i")
    scan(page, strange)
    expect(page.get_by_role("alert")).to_contain_text("This tube belongs to another patient")
    assert live_region.look("SELECT count(*) FROM specimen WHERE state = 'collected'") == [(0,)]
