"""Host queries over the real line, timed from the question's acknowledgement, with many orders open."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any, cast

from aliquot.entrypoints.bench.figures import percentiles, rate
from aliquot.entrypoints.bench.laboratory import Laboratory, Tubes, accept_tubes
from aliquot.entrypoints.bench.links.lines import Lines
from aliquot.entrypoints.bench.links.messages import XN
from aliquot.entrypoints.bench.links.receiving import Bench
from aliquot.entrypoints.bench.machine import fsyncs_per_second, load_average
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import Processes
from aliquot.entrypoints.simulate import ordered_codes
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.wire.link_events import MessageDelivered, MessageReceived, MessageUndelivered
from aliquot.wire.links import open_link

CONNECT_SECONDS = 30.0
ANSWER_SECONDS = 20.0
PAUSE = 0.05
LINES = 10  # analyzers that ask at the same time


def open_orders(
    bench: Bench, lines: Lines, orders: int, patients: tuple[int, int]
) -> tuple[Tubes, dict[str, Any]]:
    """So many orders whose tubes are accepted and wait to be measured, and how many rows that makes."""
    plan = lines.laboratory.plan
    began = time.perf_counter()
    results = max(1, orders // plan.kinds) * plan.results
    tubes = accept_tubes(bench.session, lines.laboratory, results, patients=patients, batch="Q-")
    count = "SELECT count(DISTINCT order_id) FROM order_item WHERE state = 'open'"
    facts = {
        "open_orders": int(bench.session.value(count)),
        "tubes": len(tubes.numbers),
        "tests_open": tubes.results,
        "made_in_s": round(time.perf_counter() - began, 1),
    }
    return tubes, facts


def measure_queries(bench: Bench, lines: Lines, tubes: Tubes, queries: int) -> dict[str, Any]:
    """Latencies of so many questions, on ten lines at once, each asked when the line's last was answered."""
    probe = fsyncs_per_second(bench.home)
    processes = Processes()
    processes.start("links", "links")
    try:
        began = time.perf_counter()
        asked = ask_all(lines.ports["astm"][:LINES], askable(lines.laboratory, tubes, queries))
        seconds = time.perf_counter() - began
    finally:
        processes.stop()
    first = percentiles([one[0] for one in asked])
    return {
        "queries": len(asked),
        "lines": min(LINES, len(lines.ports["astm"])),
        "tests_each": round(sum(tests_in(one[2]) for one in asked) / len(asked), 1),
        "answer_begins": first,
        "answer_complete": percentiles([one[1] for one in asked]),
        "queries_per_second": rate(len(asked), seconds),
        "fsyncs_per_second": probe,
        "load_average": load_average(),
    }


def askable(laboratory: Laboratory, tubes: Tubes, queries: int) -> list[str]:
    """Numbers of tubes that the model which asks can measure, spread over all, for so many questions."""
    kinds = laboratory.plan.by_tube()
    able = [
        number for place, number in enumerate(tubes.numbers) if kinds[place % len(kinds)][0].what.model == XN
    ]
    step = max(1, len(able) // queries)
    return list(islice(cycle(able[::step]), queries))


def ask_all(
    ports: Sequence[int], numbers: Sequence[str], *, pause: float = 0.0
) -> list[tuple[float, float, bytes]]:
    """Ask about these tubes: of each the seconds to the answer's first byte, to its end, and the answer.

    A line rests `pause` seconds between two questions.
    """
    return asyncio.run(_ask_all(ports, numbers, pause))


async def _ask_all(
    ports: Sequence[int], numbers: Sequence[str], pause: float
) -> list[tuple[float, float, bytes]]:
    askers = [_Asker(pause) for _ in ports]
    for asker, port in zip(askers, ports, strict=True):
        await asker.connect(port)
    shares = [numbers[place :: len(ports)] for place in range(len(ports))]
    found = await asyncio.gather(*(one.ask_each(share) for one, share in zip(askers, shares, strict=True)))
    for asker in askers:
        asker.close()
    return [one for share in found for one in share]


def tests_in(answer: bytes) -> int:
    """How many tests the answer orders; raises MeasurementError where the host found nothing to measure."""
    tests = len(ordered_codes(load(XN), answer))
    if not tests:
        raise MeasurementError(f"an answer orders nothing: {answer!r}")
    return tests


class _Asker(asyncio.Protocol):
    """An analyzer that asks about one tube after the other."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._driver = load(XN)
        self._link = open_link("instrument", self._driver.framing)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] = self._loop.create_future()
        self._asked = self._heard = 0.0

    async def connect(self, port: int) -> None:
        deadline = self._loop.time() + CONNECT_SECONDS
        while self._transport is None:
            try:
                await self._loop.create_connection(lambda: self, "127.0.0.1", port)
            except OSError:
                if self._loop.time() > deadline:
                    raise
                await asyncio.sleep(PAUSE)

    async def ask_each(self, numbers: Sequence[str]) -> list[tuple[float, float, bytes]]:
        """Of each question: seconds to the answer's first byte, to its end, and the answer."""
        return [await self._ask(number) for number in numbers]

    async def _ask(self, number: str) -> tuple[float, float, bytes]:
        self._answer, self._asked, self._heard = self._loop.create_future(), 0.0, 0.0
        records = self._driver.query_message(number, Header(datetime.now(UTC), UTC))
        self._link.send(records, number)
        self._speak()
        content = await asyncio.wait_for(self._answer, ANSWER_SECONDS)
        if number.encode() not in content:
            raise MeasurementError(f"the answer to {number} is of another tube: {content!r}")
        seconds = self._heard - self._asked, self._loop.time() - self._asked
        if self._pause:
            await asyncio.sleep(self._pause)
        return *seconds, content

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the host closed the line"))

    def data_received(self, data: bytes) -> None:
        if self._asked and not self._heard:
            self._heard = self._loop.time()
        for event in self._link.receive(data, self._loop.time()):
            if self._transport:
                self._transport.write(event.reply)
            if isinstance(event, MessageDelivered):
                self._asked = self._loop.time()
            elif isinstance(event, MessageUndelivered):
                self._answer.set_exception(ConnectionError(event.reason))
            elif isinstance(event, MessageReceived):
                self._answer.set_result(event.content)
        self._speak()

    def _speak(self) -> None:
        data = self._link.outgoing(self._loop.time())
        if data and self._transport:
            self._transport.write(data)
