"""The load: analyzers in processes of their own, each line sending message after message over a socket."""

import asyncio
import multiprocessing
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aliquot.entrypoints.bench.processes import cpu_seconds
from aliquot.entrypoints.bench.workload import Upload
from aliquot.flow.instruments.rules.driver import load
from aliquot.wire.astm_link import MessageDelivered, MessageUndelivered
from aliquot.wire.links import open_link

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CONNECT_SECONDS = 20.0
PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """One connection: the model, its port, and the messages it may take from, shared by the model's lines."""

    model: str
    port: int
    queue: "deque[_Waiting]"


@dataclass(frozen=True, slots=True)
class _Waiting:
    place: int
    records: tuple[bytes, ...]
    due: float | None  # seconds after the start; None: as soon as the line is free


@dataclass(frozen=True, slots=True)
class Sent:
    """When the first and last byte of a message left, and its last frame was acknowledged; of the epoch.

    At a given pace the time begins when the message was due, so a line that lags is not forgiven.
    """

    place: int
    began: float
    acknowledged: float
    ended: float


@dataclass(slots=True)
class Load:
    """The processes that send; `finish` brings what they noted."""

    processes: list[multiprocessing.process.BaseProcess] = field(default_factory=list)
    pipes: "list[Connection[object, list[Sent]]]" = field(default_factory=list)

    def begin(self) -> None:
        """Let all lines send; they are connected already."""
        for pipe in self.pipes:
            pipe.send("go")

    def seconds(self) -> float:
        """Processor seconds used so far."""
        return cpu_seconds(one.pid for one in self.processes if one.pid)

    @property
    def is_over(self) -> bool:
        """Whether every process has handed over its notes or died."""
        return all(
            pipe.poll() or not one.is_alive() for one, pipe in zip(self.processes, self.pipes, strict=True)
        )

    def finish(self) -> list[Sent]:
        """All messages that were acknowledged, in the order in which they were given."""
        sent = [one for pipe in self.pipes for one in pipe.recv()]
        for process in self.processes:
            process.join(CONNECT_SECONDS)
        return sorted(sent, key=lambda one: one.place)


def start_load(
    messages: Sequence[Upload],
    ports: dict[str, tuple[int, ...]],
    *,
    lines_each: int,
    processes: int,
    pace: float | None = None,
) -> Load:
    """Start the analyzers and wait for all their lines; at `pace` results a second, or freely."""
    load_ = Load()
    context = multiprocessing.get_context("spawn")
    due = _due(messages, pace)
    shares = [
        [
            (place, one.model, one.records, due[place])
            for place, one in enumerate(messages)
            if place % processes == share
        ]
        for share in range(processes)
    ]
    for share in shares:
        here, there = context.Pipe()
        process = context.Process(target=_run, args=(share, ports, lines_each, there), daemon=True)
        process.start()
        load_.processes.append(process)
        load_.pipes.append(here)
    for pipe in load_.pipes:
        pipe.recv()
    return load_


def _due(messages: Sequence[Upload], pace: float | None) -> list[float | None]:
    if pace is None:
        return [None] * len(messages)
    moments, sent = [], 0
    for one in messages:
        moments.append(sent / pace)
        sent += one.readings
    return list(moments)


def _run(
    share: list[tuple[int, str, tuple[bytes, ...], float | None]],
    ports: dict[str, tuple[int, ...]],
    lines_each: int,
    pipe: "Connection[object, object]",
) -> None:
    queues: dict[str, deque[_Waiting]] = {model: deque() for model in ports}
    for place, model, records, due in share:
        queues[model].append(_Waiting(place, records, due))
    lines = [
        Line(model, port, queues[model])
        for model, found in ports.items()
        for port in found
        for _ in range(lines_each)
    ]
    pipe.send(asyncio.run(_send_all(lines, pipe)))


async def _send_all(lines: Sequence[Line], pipe: "Connection[object, object]") -> list[Sent]:
    analyzers = [_Analyzer(line) for line in lines]
    await asyncio.gather(*(one.connect() for one in analyzers))
    pipe.send("ready")
    await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    start = time.time()
    for one in analyzers:
        one.begin(start)
    await asyncio.gather(*(one.done for one in analyzers))
    for one in analyzers:
        one.close()
    return [note for one in analyzers for note in one.notes]


class _Analyzer(asyncio.Protocol):
    """The instrument's end of one line, without anything but sending."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._link = open_link("instrument", load(line.model).framing)
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._current: _Waiting | None = None
        self._start = self._began = self._ended = 0.0
        self.notes: list[Sent] = []
        self.done: asyncio.Future[None] = self._loop.create_future()

    async def connect(self) -> None:
        deadline = self._loop.time() + CONNECT_SECONDS
        while self._transport is None:
            try:
                await self._loop.create_connection(lambda: self, "127.0.0.1", self._line.port)
            except OSError:
                if self._loop.time() > deadline:
                    raise
                await asyncio.sleep(PAUSE)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the host closed the line"))

    def begin(self, start: float) -> None:
        self._start = start
        self._next()

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        for event in self._link.receive(data, self._loop.time()):
            if isinstance(event, MessageDelivered):
                self._delivered()
            elif isinstance(event, MessageUndelivered):
                self.done.set_exception(ConnectionError(event.reason))
                return
        self._write()

    def _delivered(self) -> None:
        assert self._current is not None
        self.notes.append(Sent(self._current.place, self._began, time.time(), self._ended))
        self._write()  # EOT, before anything else
        self._next()

    def _next(self) -> None:
        if not self._line.queue:
            if not self.done.done():
                self.done.set_result(None)
            return
        self._current = self._line.queue.popleft()
        wait = 0.0 if self._current.due is None else self._start + self._current.due - time.time()
        if wait > 0:
            self._loop.call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        assert self._current is not None
        due = self._current.due
        self._began = time.time() if due is None else self._start + due
        self._link.send(self._current.records, self._current.place)
        self._write()

    def _write(self) -> None:
        data = self._link.outgoing(self._loop.time())
        if data and self._transport:
            self._transport.write(data)
            self._ended = time.time()
