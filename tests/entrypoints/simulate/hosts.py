"""A host in the same process: the computer's end of every link, which keeps what it is told in a list."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aliquot.flow.instruments.rules.driver import Driver
from aliquot.wire.link_events import Event, FrameRefused, FrameRepeated, MessageReceived
from aliquot.wire.links import open_link

Answer = Callable[[bytes], list[list[bytes]]]  # what the host says after a message


@dataclass(slots=True)
class Host:
    """Listens on a port and acknowledges everything that its link accepts."""

    driver: Driver
    answer: Answer = lambda _content: []
    port: int = 0
    contents: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    connections: int = 0
    ends: "list[_End]" = field(default_factory=list)

    @property
    def distinct(self) -> set[bytes]:
        """What was said, each once."""
        return set(self.contents)

    def count(self, kind: type) -> int:
        """How often a link told this."""
        return sum(isinstance(event, kind) for event in self.events)

    @property
    def refused(self) -> int:
        return self.count(FrameRefused)

    @property
    def repeated(self) -> int:
        return self.count(FrameRepeated)


class _End(asyncio.Protocol):
    def __init__(self, host: Host, messages: "list[list[bytes]] | tuple[()]" = ()) -> None:
        self._host, self._messages = host, messages
        self._link = open_link("computer", host.driver.framing)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host.connections += 1
        self._host.ends.append(self)
        for records in self._messages:
            self._link.send(records, object())
        self._speak()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        if self._timer:
            self._timer.cancel()
        self.gone.set()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._told(self._link.receive(data, self._loop.time()))

    def _told(self, events: list[Event]) -> None:
        self._host.events += events
        for event in events:
            if isinstance(event, MessageReceived):
                self._host.contents.append(event.content)
            self._write(event.reply)
            if isinstance(event, MessageReceived):
                for records in self._host.answer(event.content):
                    self._link.send(records, object())
        self._speak()

    def _speak(self) -> None:
        self._write(self._link.outgoing(self._loop.time()))
        deadline = self._link.next_deadline
        if self._timer:
            self._timer.cancel()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        if self._transport:
            self._told(self._link.overdue(self._loop.time()))

    def _write(self, data: bytes) -> None:
        if data and self._transport:
            self._transport.write(data)


@asynccontextmanager
async def dialling(driver: Driver, port: int, messages: list[list[bytes]]) -> AsyncIterator[Host]:
    """A host that calls the device and says these messages."""
    host = Host(driver)
    loop = asyncio.get_running_loop()
    for _ in range(200):
        try:
            await loop.create_connection(lambda: _End(host, messages), "127.0.0.1", port)
            break
        except OSError:
            await asyncio.sleep(0.01)
    try:
        yield host
    finally:
        await _gone(host)


async def _gone(host: Host) -> None:
    for end in host.ends:
        end.abort()
        await end.gone.wait()


@asynccontextmanager
async def listening(driver: Driver, answer: Answer = lambda _content: []) -> AsyncIterator[Host]:
    """A host of this model on a free port."""
    host = Host(driver, answer)
    server = await asyncio.get_running_loop().create_server(lambda: _End(host), "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        await _gone(host)
