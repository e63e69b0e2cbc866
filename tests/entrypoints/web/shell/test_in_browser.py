"""Keys, scanner and theme in a real browser, against a small server, under the real content policy."""

import json
import mimetypes
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django.template import engines
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

import aliquot.entrypoints.web
from aliquot.entrypoints.web.shell.security import HEADERS
from tests.chromium import chromium_path

pytestmark = pytest.mark.journey
STATIC = Path(aliquot.entrypoints.web.__file__).parent / "static"
PAGE = """{% extends "shell/page.html" %}{% load shell %}{% block title %}T{% endblock %}{% block heading %}Queue{% endblock %}
{% block toolbar %}<a class="button" href="#used-r" data-key="r">Release</a><a class="button" href="#used-alt" data-key="Alt+r">Other</a>{% endblock %}
{% block content %}BODY{% endblock %}
{% block dialogs %}<dialog id="sure"><p>sure?</p><a href="#used-y" data-key="y">Yes</a></dialog>{% endblock %}"""
LIST = """<ul class="list" data-list id="queue">{% for name in "abc" %}<li data-item="{{ name }}"><a href="#open-{{ name }}">{{ name }}</a></li>{% endfor %}</ul>
<input id="note" aria-label="note"><button type="button" data-key="d" data-dialog="sure">Ask</button>
<div id="live" hx-get="/list/" hx-trigger="refresh" hx-target="#queue" hx-swap="outerHTML"></div>"""
PARTS = """<div id="part"></div>
<button hx-get="/part/" hx-target="#part">Part</button><button hx-get="/broken/" hx-target="#part">Broken</button>"""
WHOLE = """<div data-settle="page"><a href="#used-a" data-key="a">Acknowledge</a></div>"""
DECIDED = """<div id="card" data-settle><button hx-post="/decide/" hx-target="#card" data-key="k">Decide</button>
<button type="button" data-key="d" data-dialog="sure">Ask</button></div>"""
NEXT = """<a href="#unseen" id="next">The next one</a>"""
SCANS = """<ol id="taken"></ol>{% scan_field "/scan/" "#taken" mode="MODE" %}<input id="note" aria-label="note">"""


@dataclass
class Laboratory:
    """What the small server serves and what reached it."""

    page: str = ""
    scans: list[dict[str, str]] = field(default_factory=list)
    away: int = 0
    signed_out: bool = False


def draw(source: str) -> str:
    return (
        engines["django"]
        .from_string("{% load shell %}" + source if not source.startswith("{% extends") else source)
        .render({})
    )


class Handler(BaseHTTPRequestHandler):
    laboratory: Laboratory

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            file = STATIC / self.path.removeprefix("/static/")
            self.answer(200, file.read_bytes(), mimetypes.guess_type(file.name)[0] or "text/plain")
        elif self.path == "/list/":
            self.answer(200, draw(LIST).encode(), "text/html")
        elif self.path == "/broken/":
            self.answer(500, b"<p>traceback</p>", "text/html")
        elif self.path == "/part/":
            told = {"HX-Trigger": json.dumps({"notice": {"kind": "good", "text": "Released <b>."}})}
            self.answer(200, b"<dialog data-open-now><p>Call now</p></dialog>", "text/html", told)
        else:
            self.answer(200, self.laboratory.page.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        scan = {name: values[0] for name, values in body.items()}
        self.take(scan)

    def take(self, scan: dict[str, str]) -> None:
        if self.laboratory.away:
            self.laboratory.away -= 1
            self.answer(503, b"", "text/html")
            return
        if self.laboratory.signed_out:
            self.laboratory.page = "<!doctype html><title>Sign in</title><h1>Sign in</h1>"
            self.answer(200, self.laboratory.page.encode(), "text/html")
            return
        self.laboratory.scans.append(scan)
        code = scan["barcode"]
        outcome = "danger" if code.startswith("D") else "problem" if code.startswith("P") else "ok"
        told = {"HX-Trigger": json.dumps({"scan": {"outcome": outcome, "text": f"seen {outcome}"}})}
        self.answer(422 if outcome == "problem" else 200, f"<li>{code}</li>".encode(), "text/html", told)

    def answer(self, status: int, body: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            **HEADERS,
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(more or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""


@pytest.fixture
def laboratory() -> Laboratory:
    return Laboratory()


@pytest.fixture
def address(laboratory: Laboratory) -> Iterator[str]:
    handler = type("Bound", (Handler,), {"laboratory": laboratory})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en")
    made = context.new_page()
    complaints: list[str] = []
    made.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    context.close()
    assert complaints == []


def open_page(page: Page, laboratory: Laboratory, address: str, body: str) -> None:
    laboratory.page = draw(PAGE.replace("BODY", body))
    page.goto(address)


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def test_five_hundred_scans_in_a_row_arrive_once_each_in_order(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    expect(page.locator("[data-scan]")).to_be_focused()
    codes = [f"A{number:05}" for number in range(500)]
    page.evaluate(
        """(codes) => { const field = document.querySelector("[data-scan]"); for (const code of codes) {
        field.value = code; field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})); } }""",
        codes,
    )
    expect(page.locator("#taken li")).to_have_count(500, timeout=60_000)
    assert [one["barcode"] for one in laboratory.scans] == codes
    assert len({one["scan_id"] for one in laboratory.scans}) == 500
    expect(page.locator("[data-scan-pending]")).to_be_hidden()


def test_a_line_that_is_down_loses_nothing(page: Page, laboratory: Laboratory, address: str) -> None:
    laboratory.away = 2
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    page.locator("[data-scan-form]").evaluate("form => { form.dataset.retryMs = '50'; }")
    scan(page, "A00001")
    scan(page, "A00002")
    expect(page.locator("#taken li")).to_have_count(2)
    assert [one["barcode"] for one in laboratory.scans] == ["A00001", "A00002"]


def test_scans_kept_over_a_reload(page: Page, laboratory: Laboratory, address: str) -> None:
    laboratory.away = 10**6
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    page.on("dialog", lambda dialog: dialog.accept())
    scan(page, "A00001")
    expect(page.locator("[data-scan-pending]")).to_contain_text("1")
    laboratory.away = 0
    page.reload()
    expect(page.locator("#taken li")).to_have_text(["A00001"])


def test_a_session_that_ended_keeps_the_scan_and_shows_the_sign_in_page(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    laboratory.signed_out = True
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    scan(page, "A00001")
    expect(page.locator("h1")).to_have_text("Sign in")
    laboratory.signed_out = False
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    expect(page.locator("#taken li")).to_have_text(["A00001"])


def test_outcomes_are_said_in_words(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    feedback = page.locator("[data-scan-feedback]")
    for code, outcome in (("A1", "ok"), ("P1", "problem"), ("D1", "danger")):
        scan(page, code)
        expect(feedback).to_have_attribute("data-outcome", outcome)
        expect(feedback).to_have_text(f"seen {outcome} {code}")
    expect(page.locator("#taken li")).to_have_count(3)
    expect(page.locator(".toast")).to_have_count(0)


def test_a_russian_layout_and_a_hand_are_understood(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    page.keyboard.type("Фи12", delay=120)
    page.keyboard.press("Enter")
    scan(page, "B0000001")
    expect(page.locator("#taken li")).to_have_count(2)
    assert [(one["barcode"], one["entry"]) for one in laboratory.scans] == [
        ("Ab12", "hand"),
        ("B0000001", "scanner"),
    ]


def test_the_scan_field_takes_the_focus_back_but_not_from_a_field(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, SCANS.replace("MODE", "always"))
    page.locator("h1").click()
    expect(page.locator("[data-scan]")).to_be_focused()
    page.locator("#note").click()
    page.keyboard.type("r?j")
    expect(page.locator("#note")).to_have_value("r?j")
    expect(page.locator("#note")).to_be_focused()


BURST = """(code) => { for (const key of [...code, "Enter"]) document.body.dispatchEvent(
    new KeyboardEvent("keydown", {key, code: /\\d/.test(key) ? `Digit${key}` : key === "Enter" ? key : `Key${key.toUpperCase()}`,
    bubbles: true, cancelable: true})); }"""
"""A scanner's keys within a moment: on a busy machine the driver itself types no faster than a person."""


def test_a_scan_beside_a_list_is_no_command(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, SCANS.replace("MODE", "passive"))
    page.evaluate(BURST, "rjr00012")
    expect(page.locator("#taken li")).to_have_text(["rjr00012"])
    assert "#" not in page.url
    # a person's key comes later than a scanner's: the burst is over when no scanner would still be typing
    page.wait_for_function("since => performance.now() - since > 150", arg=page.evaluate("performance.now()"))
    page.keyboard.press("r")
    page.wait_for_url("**/#used-r")


def test_keys_use_what_they_name_and_fields_are_left_alone(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, LIST)
    page.locator("#note").click()
    page.keyboard.type("r")
    expect(page.locator("#note")).to_have_value("r")
    assert "#" not in page.url
    page.keyboard.press("Alt+r")
    page.wait_for_url("**/#used-alt")
    page.locator("h1").click()
    page.keyboard.press("r")
    page.wait_for_url("**/#used-r")


def test_a_list_is_walked_and_opened(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, LIST)
    for key in ("j", "j", "j", "j", "k"):
        page.keyboard.press(key)
    expect(page.locator("[aria-selected=true]")).to_have_text("b")
    page.keyboard.press("Enter")
    page.wait_for_url("**/#open-b")


def test_the_chosen_line_stays_chosen_when_the_list_is_drawn_anew(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, LIST)
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    page.locator("#queue").evaluate("list => { list.dataset.old = 'yes'; }")
    page.evaluate("() => htmx.trigger('#live', 'refresh')")
    expect(page.locator("#queue[data-old]")).to_have_count(0)
    expect(page.locator("#queue [aria-selected=true]").first).to_have_text("b")


def test_a_cyrillic_letter_is_the_key_it_lies_on(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, LIST)
    page.evaluate(
        "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'к', code: 'KeyR', bubbles: true}))"
    )
    page.wait_for_url("**/#used-r")


def test_an_open_dialog_has_its_own_keys(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, LIST)
    page.keyboard.press("d")
    expect(page.locator("#sure")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.press("y")
    page.wait_for_url("**/#used-y")


def test_a_key_decides_nothing_on_what_it_brought(page: Page, laboratory: Laboratory, address: str) -> None:
    page.add_init_script(
        "addEventListener('load', () => document.body.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'a', code: 'KeyA', bubbles: true})))"
    )
    open_page(page, laboratory, address, WHOLE)
    page.wait_for_timeout(400)
    assert "#used-a" not in page.url
    page.keyboard.press("a")
    page.wait_for_url("**/#used-a")


def test_keys_are_silent_while_a_decision_is_made(page: Page, laboratory: Laboratory, address: str) -> None:
    held: list[Route] = []
    page.route("**/decide/", lambda route: held.append(route))  # noqa: PLW0108 - a built-in takes no mark of the driver
    open_page(page, laboratory, address, DECIDED)
    with page.expect_request("**/decide/"):
        page.keyboard.press("k")
    page.keyboard.press("d")
    page.wait_for_timeout(400)
    page.keyboard.press("d")
    expect(page.locator("#sure")).to_be_hidden()
    held[0].abort()
    page.wait_for_timeout(400)
    page.keyboard.press("d")
    expect(page.locator("#sure")).to_be_visible()


def test_a_double_click_decides_once(page: Page, laboratory: Laboratory, address: str) -> None:
    page.route("**/decide/", lambda route: route.fulfill(body=NEXT, content_type="text/html"))
    open_page(page, laboratory, address, DECIDED)
    page.evaluate(
        "() => document.addEventListener('htmx:afterSwap', () => document.getElementById('next').dispatchEvent("
        "new MouseEvent('click', {bubbles: true, cancelable: true, detail: 2})))"
    )
    page.keyboard.press("k")
    expect(page.locator("#next")).to_be_visible()
    assert "#unseen" not in page.url
    page.locator("#next").click()
    page.wait_for_url("**/#unseen")


def test_the_list_of_keys_names_what_the_page_offers(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, LIST)
    page.keyboard.press("?")
    expect(page.locator("#keys [data-keys-here] dt")).to_have_text(["r", "Alt+r", "d"])
    expect(page.locator("#keys [data-keys-here] dd")).to_have_text(["Release", "Other", "Ask"])
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


def test_the_chosen_theme_is_kept(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, LIST)
    page.get_by_role("button", name="Dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(14, 20, 26)")


def test_the_menu_opens_on_a_telephone(page: Page, laboratory: Laboratory, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, laboratory, address, LIST)
    expect(page.locator("#nav")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(page.locator("#nav")).to_have_attribute("data-open", "")
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390


def test_a_part_brings_a_message_and_opens_its_dialog(
    page: Page, laboratory: Laboratory, address: str
) -> None:
    open_page(page, laboratory, address, PARTS)
    page.get_by_role("button", name="Part").click()
    expect(page.locator("#part dialog")).to_be_visible()
    expect(page.locator(".toast-good span")).to_have_text("Released <b>.")


def test_a_failure_is_said_and_not_drawn(page: Page, laboratory: Laboratory, address: str) -> None:
    open_page(page, laboratory, address, PARTS)
    page.get_by_role("button", name="Broken").click()
    expect(page.locator(".toast-notice span")).to_contain_text("Nothing was changed")
    expect(page.locator("#part")).to_be_empty()
    page.locator(".toast").get_by_role("button", name="Close").click()
    expect(page.locator(".toast")).to_have_count(0)
