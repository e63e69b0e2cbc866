"""How long the pages take that people use all day: over HTTP, signed in, one request after the other."""

import http.client
import random
import re
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from aliquot.entrypoints.bench.figures import percentiles
from aliquot.entrypoints.bench.laboratory import Laboratory
from aliquot.entrypoints.bench.processes import Processes
from aliquot.entrypoints.bench.session import Session
from aliquot.registers.people.actions import DEMO_PASSWORD

AT_ONCE = 500  # tubes that reception accepts by one key
ROUNDS = 5
START_SECONDS = 30.0
DONE = {http.client.OK, http.client.FOUND}


class PageError(Exception):
    """A page answered something else than a page; the words say which and what."""


def measure_pages(
    session: Session,
    laboratory: Laboratory,
    arriving: Sequence[str],
    patients: Sequence[int],
    *,
    requests: int,
    pause: float = 0.0,
) -> dict[str, Any]:
    """Times of the doctor's worklist, one result, a patient's history, a scanned tube, 500 tubes accepted.

    `arriving`: numbers of tubes made for this; `patients`: those with the most history, by id.
    `pause`: seconds between two requests.
    """
    processes = Processes()
    port = _free_port()
    processes.start("serve", "serve", "--port", str(port), ALIQUOT_HOSTS="127.0.0.1")
    try:
        _wait_for(port, processes)
        doctor = _Browser(port, _username(session, "laboratory_doctor", laboratory.hub))
        desk = _Browser(port, _username(session, "technologist", laboratory.hub))
        return {
            "requests": requests,
            "doctors_worklist": _times(lambda _: doctor.get(reverse("bench:verify")), requests, pause),
            "one_result": _of_each(doctor, "bench:result", _held(session), requests, pause),
            "patient_history": _of_each(doctor, "bench:history", patients, requests, pause),
            "tube_scanned": _times(lambda at: _scan(desk, arriving[at % len(arriving)]), requests, pause),
            f"{AT_ONCE}_tubes_accepted": _accept(session, desk, arriving),
        }
    finally:
        processes.stop()


def measure_addresses(
    session: Session, site: int, role: str, addresses: Mapping[str, Sequence[str]], *, requests: int
) -> dict[str, dict[str, Any]]:
    """Times of each page by name, opened by somebody with this role at this site; addresses take turns."""
    processes = Processes()
    port = _free_port()
    processes.start("serve", "serve", "--port", str(port), ALIQUOT_HOSTS="127.0.0.1")
    try:
        _wait_for(port, processes)
        browser = _Browser(port, _username(session, role, site))
        return {
            name: _times(lambda at, given=given: browser.get(given[at % len(given)]), requests, 0.0)  # type: ignore[misc]
            for name, given in addresses.items()
        }
    finally:
        processes.stop()


def _of_each(
    browser: "_Browser", page: str, ids: Sequence[int], requests: int, pause: float
) -> dict[str, Any]:
    return _times(lambda at: browser.get(reverse(page, args=[ids[at % len(ids)]])), requests, pause)


def _scan(browser: "_Browser", number: str) -> None:
    """A scan at reception: the tube is found, and its page is shown."""
    browser.post(reverse("reception:find"), {"barcode": number})
    browser.get(reverse("reception:tube", args=[number]))


def _accept(session: Session, browser: "_Browser", numbers: Sequence[str]) -> dict[str, Any]:
    """Let the first so many tubes arrive again and again, and accept them by one request each time."""
    seconds = []
    for _ in range(ROUNDS):
        session.run("let_arrive", numbers=list(numbers[:AT_ONCE]))
        began = time.perf_counter()
        browser.post(reverse("reception:accept"), {})
        seconds.append(time.perf_counter() - began)
        left = session.text(
            "SELECT count(*) FROM specimen WHERE number = ANY(%s) AND state <> 'accepted'",
            [list(numbers[:AT_ONCE])],
        )[0][0]
        if left:
            raise PageError(f"{left} of {AT_ONCE} tubes were not accepted")
    return {"rounds": ROUNDS, **percentiles(seconds)}


def _times(request: Callable[[int], None], requests: int, pause: float) -> dict[str, Any]:
    for place in range(5):
        request(place)
    seconds = []
    for place in range(requests):
        began = time.perf_counter()
        request(place)
        seconds.append(time.perf_counter() - began)
        if pause:
            time.sleep(pause)
    return percentiles(seconds)


def _held(session: Session) -> list[int]:
    found = [
        row[0] for row in session.text("SELECT id FROM result WHERE state = 'held' ORDER BY id LIMIT 500")
    ]
    random.Random(3).shuffle(found)  # noqa: S311 - a measurement, not a secret
    return found


def _username(session: Session, role: str, site: int) -> str:
    rows = session.text(
        "SELECT p.username FROM person p JOIN assignment a ON a.person_id = p.id"
        " WHERE a.role = %s AND a.site_id = %s ORDER BY a.id",
        [role, site],
    )
    return str(rows[0][0])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int, processes: Processes) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and not processes.died():
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise PageError("the web server did not start")


class _Browser:
    """One person's browser: a connection that stays open, cookies, the token of forms."""

    def __init__(self, port: int, username: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: SimpleCookie = SimpleCookie()
        self.get(reverse("sign-in"))
        self.post(reverse("sign-in"), {"username": username, "password": DEMO_PASSWORD})

    def get(self, address: str) -> None:
        """Ask for a page and read it whole."""
        self._ask("GET", address)

    def post(self, address: str, fields: dict[str, str]) -> None:
        """Send a form and read the answer whole; a redirect is not followed."""
        token = self._cookies["csrftoken"].value
        self._ask("POST", address, urlencode({**fields, "csrfmiddlewaretoken": token}))

    def _answer(
        self, method: str, address: str, body: str | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        """The answer; a connection that the server closed because it was idle is opened again."""
        try:
            self._connection.request(method, address, body, headers)
            return self._connection.getresponse()
        except (BrokenPipeError, ConnectionResetError, http.client.RemoteDisconnected):
            self._connection.close()
            self._connection.request(method, address, body, headers)
            return self._connection.getresponse()

    def _ask(self, method: str, address: str, body: str | None = None) -> None:
        headers = {"Cookie": "; ".join(f"{name}={one.value}" for name, one in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self._answer(method, address, body, headers)
        content = answer.read()
        for value in answer.headers.get_all("Set-Cookie", []):
            self._cookies.load(value)
        target = answer.headers.get("Location", "")
        if answer.status not in DONE or target.startswith(reverse("sign-in")):
            words = re.sub(rb"<[^>]+>|\s+", b" ", content)[:300].decode("utf-8", "replace")
            raise PageError(f"{method} {address}: {answer.status} {target} {words}")
