"""The line of one device: what is not acknowledged is sent again, over as many connections as it takes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from aliquot.entrypoints.simulate.endpoints import Endpoint
from aliquot.entrypoints.simulate.faults import Chaos
from aliquot.entrypoints.simulate.wire import Wire
from aliquot.wire.link_events import (
    AnswerUnmatched,
    Event,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.mllp import MllpLink

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5  # seconds between tries to connect
AGAIN_PAUSE = 0.2  # seconds before a refused message is sent again

What = Literal["sent", "acknowledged", "undelivered"]
Watch = Callable[[What, int, list[bytes]], None]


class NotTakenError(Exception):
    """The host did not take a message as often as it was sent; the words are the last reason."""


@dataclass(slots=True)
class Sending:
    """A message on its way until the last of its frames is acknowledged; the answer is what the host said."""

    records: list[bytes]
    delivered: "asyncio.Future[bytes]"
    form: str = ""
    refusals: int = 0


@dataclass(slots=True)
class Totals:
    """What happened on the line so far."""

    connections: int = 0
    sent: int = 0
    sent_again: int = 0
    acknowledged: int = 0
    undelivered: int = 0
    received: int = 0


@dataclass(slots=True)
class _Queue:
    """What is not acknowledged yet, in order, by number."""

    last: int = 0
    sendings: dict[int, Sending] = field(default_factory=dict)

    def add(self, sending: Sending) -> int:
        self.last += 1
        self.sendings[self.last] = sending
        return self.last


class DeviceLine:
    """Keeps one connection open and delivers; `heard` gets every message of the host, `watch` every step.

    `strayed` gets each acknowledgement of what was not sent over this line.
    """

    def __init__(
        self,
        profile: LinkProfile,
        endpoint: Endpoint,
        *,
        heard: Callable[[bytes], None],
        opened: Callable[[], None] = lambda: None,
        strayed: Callable[[bytes], None] = lambda _content: None,
        watch: Watch = lambda _what, _number, _records: None,
        chaos: Chaos | None = None,
        mangle: Callable[[bytes], bytes] = bytes,
        tries: int | None = None,
    ) -> None:
        self.totals = Totals()
        self.chaos = chaos or Chaos()
        self._profile, self._endpoint = profile, endpoint
        self._heard, self._opened, self._watch = heard, opened, watch
        self._strayed = strayed
        self._mangle, self._tries = mangle, tries
        self._queue = _Queue()
        self._wire: Wire | None = None
        self._wires: list[Wire] = []  # that are not gone, also those that were forgotten
        self._lost, self._settled = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._contends: list[bytes] = []

    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._stay_connected())

    async def stop(self) -> None:
        """End the line at once; what was not acknowledged stays undone."""
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        self._endpoint.close()
        for wire in self._wires:
            wire.abort()
        for wire in self._wires:
            await wire.gone.wait()

    def send(self, records: list[bytes]) -> "asyncio.Future[bytes]":
        """Queue one message; done when the host acknowledged it, with its answer."""
        sending = Sending(records, asyncio.get_running_loop().create_future(), self.chaos.form())
        number = self._queue.add(sending)
        self._settled.clear()
        self._watch("sent", number, records)
        self.totals.sent += 1
        if self._wire:
            self._wire.link.send(records, number)
            self._wire.speak()
        return sending.delivered

    def take_answer(self, content: bytes) -> None:
        """Settle what this acknowledges; it came over the other socket of the device."""
        link = self._wire and self._wire.link
        if self._wire and isinstance(link, MllpLink) and link.is_awaiting(content):
            self.told(self._wire, link.take_answer(content, asyncio.get_running_loop().time()))
            self._wire.speak()

    @property
    def newest(self) -> int:
        """The number of the message that was queued last."""
        return self._queue.last

    async def settled(self) -> None:
        """Return when nothing waits to be acknowledged."""
        if self._queue.sendings:
            await self._settled.wait()

    @property
    def is_idle(self) -> bool:
        """Whether everything is acknowledged."""
        return not self._queue.sendings

    def contend(self, records: list[bytes]) -> None:
        """In the moment the host bids for the line, bid for it too, with this message."""
        self._contends = records

    # -- connections ----------------------------------------------------------------------------------

    async def _stay_connected(self) -> None:
        pause = FIRST_PAUSE
        while True:
            self._lost.clear()
            try:
                await self._endpoint.attach(self._make)
            except OSError:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)
            else:
                await self._lost.wait()
                pause = FIRST_PAUSE
                await asyncio.sleep(pause)

    def _make(self) -> Wire:
        return Wire(open_link("instrument", self._profile), self, self.chaos, self._mangle)

    def opened(self, wire: Wire) -> None:
        """A connection stands: everything that waits is sent over it."""
        previous, self._wire = self._wire, wire
        if previous:
            previous.abort()
        self._wires = [*(one for one in self._wires if not one.gone.is_set()), wire]
        self.totals.connections += 1
        if self.totals.connections > 1:
            self.totals.sent_again += len(self._queue.sendings)
        for number, sending in self._queue.sendings.items():
            wire.link.send(sending.records, number)
        self._opened()

    def ended(self, wire: Wire) -> None:
        """A connection ended, or was given up."""
        wire.link.closed()
        if wire is self._wire:
            self._wire = None
            self._lost.set()

    def bids(self, wire: Wire) -> None:
        """The host bids: a device that wants the line in this moment bids too."""
        if self._contends:
            self.chaos.did("contention")
            records, self._contends = self._contends, []
            self.send(records)
            wire.speak()

    def form(self) -> str:
        """How the message that is on the line is written."""
        return next((one.form for one in self._queue.sendings.values()), "")

    # -- events ---------------------------------------------------------------------------------------

    def told(self, wire: Wire, events: list[Event]) -> None:
        """Answer every event, and settle what it is about."""
        for event in events:
            wire.write(event.reply)
            if isinstance(event, MessageDelivered):
                self._delivered(event)
            elif isinstance(event, MessageUndelivered):
                self._undelivered(event)
            elif isinstance(event, MessageReceived):
                self.totals.received += 1
                self._heard(event.content)
            elif isinstance(event, AnswerUnmatched):
                self._strayed(event.raw)

    def _delivered(self, event: MessageDelivered) -> None:
        assert isinstance(event.tag, int)
        sending = self._take(event.tag)
        if sending is None:
            return
        self.totals.acknowledged += 1
        self._watch("acknowledged", event.tag, sending.records)
        if not sending.delivered.done():
            sending.delivered.set_result(event.answer)

    def _take(self, number: int) -> Sending | None:
        """Take a message out of the queue; whoever waits for the empty queue is told."""
        sending = self._queue.sendings.pop(number, None)
        if not self._queue.sendings:
            self._settled.set()
        return sending

    def _undelivered(self, event: MessageUndelivered) -> None:
        number = event.tag
        assert isinstance(number, int)
        sending = self._queue.sendings.get(number)
        if sending is None:
            return
        self.totals.undelivered += 1
        self._watch("undelivered", number, sending.records)
        sending.refusals += 1
        if self._tries is not None and sending.refusals >= self._tries:
            self._take(number)
            if not sending.delivered.done():
                sending.delivered.set_exception(NotTakenError(event.reason))
            return
        asyncio.get_running_loop().call_later(AGAIN_PAUSE, self._again, self._wire, number)

    def _again(self, wire: Wire | None, number: int) -> None:
        sending = self._queue.sendings.get(number)
        if wire is None or wire is not self._wire or sending is None:
            return  # the next connection takes everything that waits
        self.totals.sent_again += 1
        wire.link.send(sending.records, number)
        wire.speak()
