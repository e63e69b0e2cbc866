"""A whole region at work: link, worker and server on a database of their own, browsers for people, analyzers."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from aliquot.config.settings import _database
from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Bench
from aliquot.registers.people.actions import DEMO_PASSWORD
from tests.chromium import LAUNCH_FLAGS, chromium_path
from tests.factories import make_accepted, make_decided
from tests.processes import MAIN, PATIENCE, LiveRegion, free_port, listens, wait_for
from tests.regions import LOADER, Region, read_region

expect.set_options(timeout=1000 * PATIENCE)
BENCHES = {"sysmex_xn": "HEM1", "roche_cobas_c311": "CHEM1", "siemens_immulite2000": "IA1"}
CLOCK = ZoneInfo("Europe/Moscow")
"""What the clocks on the walls and in the analyzers of the demonstration region show."""
SETTLED_MS = 400
"""After a part was drawn anew its keys are silent for a moment, so that nothing unseen is decided."""
SCREEN: ViewportSize = {"width": 1366, "height": 850}


@dataclass(slots=True)
class Stage:
    """The running region, and the browser of each person who has signed in."""

    live: LiveRegion
    region: Region
    address: str
    ports: dict[str, int]
    browser: Browser
    people: dict[str, Page] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self.threads = ThreadPoolExecutor(1, initializer=self._connect)

    def _connect(self) -> None:
        """Connections belong to a thread: point this one's to the region as well."""
        for alias, url in (("default", self.live.app_url), ("owner", self.live.owner_url)):
            connections[alias].settings_dict = {**connections[alias].settings_dict, **_database(url)}

    def page_of(self, username: str, language: str = "en") -> Page:
        """The browser of this person, signed in at the door when it is opened first."""
        if username not in self.people:
            self.people[username] = sign_in(self.browser, self.address, username, language)
        return self.people[username]

    def in_python(self, work: Callable[[], Any]) -> Any:
        """Do something with Django's connections, aside from the browser's event loop."""
        return self.threads.submit(work).result(60)

    def one(self, query: str, *params: Any) -> Any:
        """One value from the database, past row security."""
        rows = self.live.look(query, *params)
        return rows[0][0] if rows else None

    def measure(self, model: str, numbers: list[str], values: Mapping[str, str]) -> int:
        """Let an analyzer ask for these tubes and send `values` (our test code -> number in our unit)."""
        loinc = dict(self.live.look("SELECT code, loinc FROM test WHERE code = ANY(%s)", list(values)))
        by_loinc = {loinc[code]: value for code, value in values.items()}

        async def work() -> int:
            found = measuring(model, by_loinc)
            async with SimulatedAnalyzer(model, self.ports[model], measure=found, zone=CLOCK) as analyzer:
                return await analyzer.measure(numbers)

        return int(self.in_python(lambda: asyncio.run(work())))

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """What `aliquot <arguments>` said."""
        return subprocess.run(
            [sys.executable, "-c", MAIN, *arguments],
            env={**os.environ, **self.live.environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def counts(self) -> dict[str, int]:
        """The counts of `aliquot doctor --json`."""
        told: dict[str, int] = json.loads(self.command("doctor", "--json").stdout)["counts"]
        return told


def measuring(model: str, values: Mapping[str, str]) -> Callable[[str, str], Measurement | None]:
    """What an analyzer of this model finds in any tube: our values in the device's own units."""
    driver = load(model)

    def found(_number: str, code: str) -> Measurement | None:
        proposal = driver.tests.get(code)
        if proposal is None or proposal.loinc not in values:
            return None
        value = Decimal(values[proposal.loinc]) / Decimal(proposal.factor or 1)
        return Measurement(code, f"{value.normalize():f}", proposal.device_unit)

    return found


def connect_analyzers() -> dict[str, int]:
    """An analyzer of each model at the hub, mapped as its driver proposes; the port of each."""
    ports = {model: free_port() for model in BENCHES}
    now = datetime.now(UTC)
    with acting(LOADER):
        benches = {bench.code: bench for bench in Bench.objects.select_related("department__site")}
        for model, bench in BENCHES.items():
            place, port = benches[bench], ports[model]
            install_analyzer(
                code=model, name=model, driver=model, bench=place, listen_port=port, by=LOADER, at=now
            )
    return ports


@contextmanager
def set_stage(live: LiveRegion) -> Iterator[Stage]:
    """Start the processes and the browser; all end with the block."""
    region = read_region()
    ports = connect_analyzers()
    connections.close_all()
    live.start("links")
    live.start("work")
    for port in ports.values():
        wait_for(lambda port=port: listens(port), f"somebody listens on {port}")  # type: ignore[misc]
    with served(live) as (browser, address):
        stage = Stage(live, region, address, ports, browser)
        try:
            yield stage
        finally:
            stage.in_python(connections.close_all)
            stage.threads.shutdown()


@contextmanager
def served(live: LiveRegion, **environ: str) -> Iterator[tuple[Browser, str]]:
    """A browser and the address of the pages; make the data before, for the browser holds this thread."""
    port = free_port()
    live.start("serve", "--port", str(port), "--threads", "4", **environ)
    wait_for(lambda: listens(port), "the pages are served")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(LAUNCH_FLAGS))
        try:
            yield browser, f"http://127.0.0.1:{port}"
        finally:
            browser.close()


def sign_in(browser: Browser, address: str, username: str, language: str = "en") -> Page:
    """The first page this person sees after the door, in a browser of his own."""
    context: BrowserContext = browser.new_context(base_url=address, locale=language, viewport=SCREEN)
    context.set_default_timeout(1000 * PATIENCE)
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#id_username", username)
    page.fill("#id_password", DEMO_PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    return page


@contextmanager
def at_work(live: LiveRegion, username: str, path: str) -> Iterator[Page]:
    """The person's browser at this page, in English; make the data before."""
    with served(live) as (browser, address):
        page = sign_in(browser, address, username)
        page.goto(path)
        yield page


def held(region: Region, *values: str) -> list[int]:
    """Critical potassium results of as many patients, waiting for a person."""
    with acting(region.worker):
        return [make_decided(region, make_accepted(region, "GLUS", "K"), "K", one).pk for one in values]


def state(live: LiveRegion, result: int) -> str:
    """How far a result is at this moment."""
    return str(live.look("SELECT state FROM result WHERE id = %s", result)[0][0])


def press(page: Page, key: str) -> None:
    """Press a key once the page listens."""
    page.wait_for_timeout(SETTLED_MS)
    page.keyboard.press(key)


def scan(page: Page, number: str, said: str = "") -> None:
    """Scan a bar code, which a scanner types, and wait until the page answers with its number and these words."""
    read(page, number)
    feedback = page.locator("[data-scan-feedback]")
    expect(feedback).to_contain_text(said)
    expect(feedback).to_contain_text(number)


def read(page: Page, number: str) -> None:
    """Let the scanner read a bar code."""
    expect(page.locator("[data-scan]")).to_have_value("")
    page.locator("[data-scan]").focus()
    page.keyboard.type(number)
    page.keyboard.press("Enter")


def choose_test(page: Page, text: str, code: str) -> None:
    """Type a part of a test's name and take the first that fits with Enter."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.locator(f'#basket input[value="{code}"]')).to_have_count(1)
    expect(page.locator("[data-picker]")).to_have_value("")


def words(page: Page) -> str:
    """What stands on the page, blanks folded."""
    return re.sub(r"\s+", " ", page.locator("body").inner_text())
