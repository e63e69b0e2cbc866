"""A laboratory connects what it owns, on screen: what arrives is learned from, and no result is lost meanwhile."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Listen
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.context import acting
from tests.factories import make_accepted
from tests.journeys.stage import CLOCK, Stage
from tests.processes import free_port, wait_for

pytestmark = pytest.mark.journey
UNKNOWN = (
    Measurement("Gluk.", "5.4", "mmol/Ltr", flags="ok"),
    Measurement("K+/S", "4.4", "mmol/Ltr", flags="ok"),
)
"""What a device says that nobody has a driver for: codes, a unit and a flag of its own."""
STATES = """SELECT r.code, r.state FROM reading r JOIN analyzer a ON a.id = r.analyzer_id
             WHERE a.code = %s ORDER BY 1"""


@pytest.fixture
def tube(stage: Stage) -> str:
    """The number of an accepted tube with glucose and potassium."""

    def make() -> str:
        with acting(stage.region.worker):
            return make_accepted(stage.region, "GLUS", "K").number

    return str(stage.in_python(make))


def connect(stage: Stage, code: str, driver: str, **facts: str) -> Page:
    """Install an analyzer on the page of Setup; the administrator's page, at the analyzer."""
    page = stage.page_of("director")
    page.goto("/setup/analyzers/")
    page.select_option("#id_driver", driver)
    page.select_option("#id_bench", label=page.locator("#id_bench option").nth(1).inner_text())
    for name, value in {"code": code, "name": f"Device {code}", **facts}.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/setup/analyzers/{code}/")
    return page


def on_the_line(stage: Stage, code: str) -> None:
    wait_for(lambda: stage.one("SELECT state FROM line_state l JOIN analyzer a ON a.id = l.analyzer_id"
                               " WHERE a.code = %s", code) is not None, f"the line of {code} is held")  # fmt: skip


def play(stage: Stage, device: Callable[[], SimulatedAnalyzer], act: Callable[[Any], Awaitable[Any]]) -> Any:
    """Let a simulated device do something over its real line."""

    async def work() -> Any:
        async with device() as analyzer:
            return await asyncio.wait_for(act(analyzer), 40)

    return stage.in_python(lambda: asyncio.run(work()))


def mean(page: Page, word: str, meaning: str, reason: str = "") -> None:
    """Say what a word means, by keys alone: the page has chosen the word and stands in the field."""
    expect(page.locator("#id_term")).to_have_value(word)
    expect(page.locator("#id_meaning")).to_be_focused()
    page.keyboard.type(meaning)
    if reason:
        page.fill("#id_reason", reason)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("The word has a meaning.")


def read_again(stage: Stage, code: str) -> None:
    """The doctor looks what today's meanings change, and applies it."""
    page = stage.page_of("doctor")
    page.goto(f"/bench/analyzers/{code}/")
    page.keyboard.press("a")
    page.wait_for_url(f"**/bench/analyzers/{code}/replay/")
    page.get_by_role("button", name="Show what would change").press("Enter")
    expect(page.get_by_role("region", name="What would change")).to_contain_text("5.4")
    page.fill("#id_reason", "words have a meaning now")
    page.keyboard.press("Control+Enter")
    expect(page.locator("body")).to_contain_text("Messages read again")


def filed(stage: Stage, code: str) -> None:
    """Wait until both values are filed, and have a person release what waits for one."""
    wait_for(
        lambda: {state for _, state in stage.live.look(STATES, code) if state != "dismissed"} == {"filed"},
        "the values are filed",
    )
    decided = """SELECT count(*) FROM result r JOIN analyzer a ON a.id = r.analyzer_id
                  WHERE a.code = %s AND r.decided_at IS NOT NULL"""
    wait_for(lambda: stage.one(decided, code) == 2, "the results are decided")
    released = """SELECT r.id FROM result r JOIN analyzer a ON a.id = r.analyzer_id
                   WHERE a.code = %s AND r.state = 'held'"""
    page = stage.page_of("doctor")
    for (result,) in stage.live.look(released, code):
        page.goto(f"/bench/verify/?result={result}")
        page.wait_for_timeout(400)  # keys are silent until a person can have read what appeared
        page.keyboard.press("r")
        expect(page.locator("#toasts")).to_contain_text("Released")
    values = """SELECT t.code, r.value::text, r.unit FROM result r JOIN analyzer a ON a.id = r.analyzer_id
                  JOIN test t ON t.id = r.test_id WHERE a.code = %s AND r.state = 'released' ORDER BY 1"""
    found = [(test, float(value), unit) for test, value, unit in stage.live.look(values, code)]
    assert found == [("GLUS", 5.4, "mmol/L"), ("K", 4.4, "mmol/L")]


def test_a_device_of_an_unknown_model_is_learned_from_what_it_sends(stage: Stage, tube: str) -> None:
    port = free_port()
    connect(stage, "ODD", "generic_astm", listen_port=str(port))
    on_the_line(stage, "ODD")
    device = lambda: SimulatedAnalyzer("generic_astm", port, zone=CLOCK)  # noqa: E731 - made inside the loop
    play(stage, device, lambda analyzer: analyzer.upload(Run(tube, UNKNOWN)))
    wait_for(
        lambda: stage.live.look(STATES, "ODD") == [("Gluk.", "quarantined"), ("K+/S", "quarantined")],
        "what nobody understands waits for a person",
    )
    doctor = stage.page_of("doctor")
    doctor.goto("/bench/analyzers/")
    expect(doctor.locator("#analyzers tr").first).to_contain_text("Device ODD")
    expect(doctor.locator("#analyzers tr").first).to_contain_text("wait for a person")

    page = stage.page_of("director")
    page.keyboard.press("w")
    page.wait_for_url("**/words/")
    for word in ("Gluk.", "K+/S", "mmol/Ltr", "ok"):
        expect(page.get_by_role("row").filter(has_text=word).first).to_contain_text("no meaning yet")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    mean(page, "Gluk.", "GLUS", reason="its manual, chapter 4")
    mean(page, "K+/S", "K")
    mean(page, "ok", "normal")
    mean(page, "mmol/Ltr", "mmol/L")
    expect(page.locator("#words")).not_to_contain_text("no meaning yet")

    read_again(stage, "ODD")
    filed(stage, "ODD")
    doctor.goto("/bench/analyzers/ODD/")
    doctor.locator("#messages a").first.click()
    expect(doctor.get_by_role("region", name="On the line")).to_contain_text("mmol/Ltr")
    expect(doctor.get_by_role("region", name="What was understood")).to_contain_text("mmol/L")


def test_an_analyzer_that_is_dialled_is_learned_from_as_well(stage: Stage, tube: str) -> None:
    port = free_port()
    connect(stage, "DIAL", "generic_astm", transport="dial", address=f"127.0.0.1:{port}")
    device = lambda: SimulatedAnalyzer("generic_astm", endpoint=Listen("127.0.0.1", port), zone=CLOCK)  # noqa: E731 - made inside the loop
    play(stage, device, lambda analyzer: analyzer.upload(Run(tube, UNKNOWN)))
    wait_for(lambda: len(stage.live.look(STATES, "DIAL")) == 2, "both readings wait")
    page = stage.page_of("director")
    page.goto("/setup/analyzers/DIAL/words/?kind=code&term=Gluk.")
    mean(page, "Gluk.", "GLUS", reason="its manual")
    for word, meaning in (("K+/S", "K"), ("ok", "normal"), ("mmol/Ltr", "mmol/L")):
        mean(page, word, meaning)
    read_again(stage, "DIAL")
    filed(stage, "DIAL")


def test_a_law_analyzer_asks_is_answered_and_sends(stage: Stage, tube: str) -> None:
    port = free_port()
    page = connect(stage, "LAW", "generic_law", listen_port=str(port))
    for code, test in (("2345-7", "GLUS"), ("2823-3", "K")):
        page.goto("/setup/analyzers/LAW/")
        form = page.get_by_role("region", name="Map a code by hand")
        form.get_by_label("Code of the analyzer").fill(code)
        form.get_by_label("Test").fill(test)
        form.get_by_label(re.compile("^Unit it sends")).fill("mmol/L")
        form.get_by_label("Why").fill("the analyzer's menu")
        form.get_by_role("button", name="Map").press("Enter")
        expect(page.locator("#toasts")).not_to_be_empty()
    on_the_line(stage, "LAW")

    async def measured(analyzer: SimulatedAnalyzer) -> tuple[str, ...]:
        codes = await analyzer.ask(tube)
        found = {"2345-7": "5.4", "2823-3": "4.4"}
        await analyzer.upload(Run(tube, tuple(Measurement(one, found[one], "mmol/L") for one in codes)))
        return codes

    codes = play(stage, lambda: SimulatedAnalyzer("generic_law", port, zone=CLOCK), measured)
    assert sorted(codes) == ["2345-7", "2823-3"]
    answer = stage.one(
        "SELECT convert_from(content, 'UTF8') FROM message m JOIN analyzer a ON a.id = m.analyzer_id"
        " WHERE a.code = 'LAW' AND m.is_outgoing AND convert_from(content, 'UTF8') LIKE '%%OML^O33%%'"
    )
    assert tube in answer
    filed(stage, "LAW")
