"""An analyzer that asks what to do, measures, and sends every result until it is acknowledged."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Self

from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.wire.astm_link import AstmLink, Event, MessageDelivered, MessageReceived, MessageUndelivered
from aliquot.wire.astm_records import Message, parse

Measure = Callable[[str, str], Measurement | None]  # (tube's number, analyzer's code) -> what is found
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5  # seconds between tries to connect
PATIENCE = 20.0  # seconds an analyzer waits for the answer to a host query, before it asks again


@dataclass(slots=True)
class _Sending:
    """A message on its way until the last of its frames is acknowledged."""

    records: list[bytes]
    delivered: "asyncio.Future[None]"


@dataclass(slots=True)
class _Question:
    """A host query that waits for its answer."""

    specimen_code: str
    answered: "asyncio.Future[tuple[str, ...]]"


@dataclass(slots=True)
class _Totals:
    """What happened on the line so far."""

    connections: int = 0
    sent_again: int = 0
    acknowledged: int = 0


@dataclass(slots=True)
class _Queue:
    """What is not acknowledged yet, in order, by number."""

    last: int = 0
    sendings: dict[int, _Sending] = field(default_factory=dict)

    def add(self, sending: _Sending) -> int:
        self.last += 1
        self.sendings[self.last] = sending
        return self.last


class SimulatedAnalyzer(asyncio.Protocol):
    """The instrument's side of one line: `async with SimulatedAnalyzer("sysmex_xn", port) as analyzer`.

    A lost connection is opened again, and what was not acknowledged is sent again, as a real analyzer does.
    `mangle` may damage what is written, to show what a bad line does; results carry `clock()` in `zone`.
    """

    def __init__(
        self,
        model: str,
        port: int,
        *,
        host: str = "127.0.0.1",
        measure: Measure | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = UTC,
        mangle: Callable[[bytes], bytes] = bytes,
        patience: float = PATIENCE,
    ) -> None:
        self.driver: Driver = load(model)
        self.totals = _Totals()
        self._host, self._port = host, port
        self._measure, self._clock, self._zone, self._mangle = measure, clock, zone, mangle
        self._patience = patience
        self._queue = _Queue()
        self._question: _Question | None = None
        self._link = AstmLink("instrument", self.driver.framing)
        self._transport: asyncio.Transport | None = None
        self._lost = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay_connected())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._transport:
            self._transport.abort()

    # -- what an operator does ------------------------------------------------------------------------

    async def ask(self, specimen_code: str) -> tuple[str, ...]:
        """Ask the host about a tube; the test codes of its answer. One question is open at a time."""
        assert self._question is None
        self._question = _Question(specimen_code, asyncio.get_running_loop().create_future())
        self._send_question()
        try:
            return await self._answer(self._question)
        finally:
            self._question = None

    async def _answer(self, question: _Question) -> tuple[str, ...]:
        while True:
            try:
                return await asyncio.wait_for(asyncio.shield(question.answered), self._patience)
            except TimeoutError:
                self._send_question()

    def send(self, runs: Sequence[Run]) -> "asyncio.Future[None]":
        """Queue the results of these runs as one message; done when the host acknowledged it."""
        return self._enqueue(self.driver.result_message(runs, self._header()))

    async def upload(self, *runs: Run) -> None:
        """Send the results of these runs as one message, again and again until it is acknowledged."""
        await self.send(runs)

    async def measure(self, specimen_codes: Iterable[str]) -> int:
        """For each tube: ask, measure what is wanted, upload; how many results were acknowledged."""
        assert self._measure is not None
        count = 0
        for number in specimen_codes:
            found = [self._measure(number, code) for code in await self.ask(number)]
            measured = tuple(one for one in found if one is not None)
            if measured:
                await self.upload(Run(number, measured))
                count += len(measured)
        return count

    # -- the line -------------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            self._lost.clear()
            try:
                await loop.create_connection(lambda: self, self._host, self._port)
            except OSError:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
            else:
                await self._lost.wait()
                pause = FIRST_PAUSE
                await asyncio.sleep(pause)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.totals.connections += 1
        self.totals.sent_again += len(self._queue.sendings) if self.totals.connections > 1 else 0
        self._transport = transport
        self._link = AstmLink("instrument", self.driver.framing)
        for number, sending in self._queue.sendings.items():
            self._link.send(sending.records, number)
        if self._question and not self._queue.sendings:
            self._send_question()
        self._speak()

    def data_received(self, data: bytes) -> None:
        self._told(self._link.receive(data, self._now))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._lost.set()

    def _told(self, events: list[Event]) -> None:
        for event in events:
            self._write(event.reply)
            if isinstance(event, MessageDelivered):
                self._delivered(event.tag)
            elif isinstance(event, MessageUndelivered):
                self._again(event.tag)
            elif isinstance(event, MessageReceived):
                self._ordered(event.content)
        self._speak()

    def _delivered(self, number: object) -> None:
        assert isinstance(number, int)
        self.totals.acknowledged += 1
        sending = self._queue.sendings.pop(number)
        if not sending.delivered.done():
            sending.delivered.set_result(None)

    def _again(self, number: object) -> None:
        assert isinstance(number, int)
        self.totals.sent_again += 1
        self._link.send(self._queue.sendings[number].records, number)

    def _ordered(self, content: bytes) -> None:
        if self._question and not self._question.answered.done():
            self._question.answered.set_result(ordered_codes(self.driver, content))

    def _send_question(self) -> None:
        if self._question:
            code = self._question.specimen_code
            self._enqueue(self.driver.query_message(code, self._header()))

    def _enqueue(self, records: list[bytes]) -> "asyncio.Future[None]":
        sending = _Sending(records, asyncio.get_running_loop().create_future())
        number = self._queue.add(sending)
        if self._transport:
            self._link.send(records, number)
            self._speak()
        return sending.delivered

    def _speak(self) -> None:
        self._write(self._link.outgoing(self._now))
        deadline = self._link.next_deadline
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            if self._timer:
                self._timer.cancel()
            self._timer = asyncio.get_running_loop().call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._transport:
            self._told(self._link.overdue(self._now))

    def _write(self, data: bytes) -> None:
        if data and self._transport:
            self._transport.write(self._mangle(data))

    def _header(self) -> Header:
        return Header(self._clock(), self._zone)

    @property
    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def ordered_codes(driver: Driver, content: bytes) -> tuple[str, ...]:
    """The analyzer's test codes that an order message asks for, each once."""
    codes: dict[str, None] = {}
    for message in parse(content, driver.layout.charset):
        for order in _orders(message):
            for text in filter(None, order.split(message.delimiters.repeat)):
                codes[_code(driver, message, text)] = None
    return tuple(codes)


def _orders(message: Message) -> Iterable[str]:
    for below in message.header.children:
        for record in (below, *below.children):
            if record.kind == "O":
                yield record.field(5)


def _code(driver: Driver, message: Message, text: str) -> str:
    place = driver.layout.order.test.split("^").index(
        next(part for part in driver.layout.order.test.split("^") if "{code}" in part)
    )
    code = message.component(text, place + 1).strip()
    pattern = driver.layout.result.code_pattern
    found = pattern.fullmatch(code) if pattern else None
    return found["code"] if found else code
