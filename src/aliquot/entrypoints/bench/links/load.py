"""The load: one process that plays all lines with a bare poll loop, so that it takes little itself."""

import multiprocessing
import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aliquot.entrypoints.bench.links.messages import END, Template
from aliquot.entrypoints.bench.processes import cpu_seconds

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CONNECT_SECONDS = 30.0
PAUSE = 0.05
LOOK_SECONDS = 0.25
REST_SECONDS = 0.003  # between a line's EOT and its next ENQ: a server that reads both at once may lose one
ENQ_AGAIN_SECONDS = 0.5
SILENT_SECONDS = 20.0
ACK, NAK, EOT = b"\x06", b"\x15", b"\x04"


@dataclass(frozen=True, slots=True)
class Sent:
    """What one load brought: acknowledged messages of each line, and times in seconds."""

    acknowledged: dict[int, int]  # by line
    receipts: list[float]  # from the write that ends a message to its acknowledgement
    messages: list[float]  # from the message's first write
    seconds: float  # from the first write to the last acknowledgement
    refused: int  # writes that were not acknowledged and were written again
    fault: str = ""

    @property
    def total(self) -> int:
        """Messages acknowledged on all lines."""
        return sum(self.acknowledged.values())


@dataclass(slots=True)
class Load:
    """The process that sends; `begin` lets it, `finish` brings what it noted."""

    process: multiprocessing.process.BaseProcess
    pipe: "Connection[object, object]"

    def begin(self) -> None:
        self.pipe.send("go")

    def seconds(self) -> float:
        """Processor seconds used so far."""
        return cpu_seconds([self.process.pid or 0])

    def is_over(self) -> bool:
        return self.pipe.poll(LOOK_SECONDS) or not self.process.is_alive()

    def finish(self) -> Sent:
        """Wait for its end and bring what it noted."""
        try:
            sent = self.pipe.recv()
        except EOFError:
            raise ConnectionError("the process that sends ended") from None
        assert isinstance(sent, Sent)
        self.process.join()
        return sent


def start_load(template: Template, ports: Sequence[int], seconds: float) -> Load:
    """Start the process and wait until a line stands to each port."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(template, list(ports), seconds, there), daemon=True)
    process.start()
    there.close()  # so that its end is heard when the process dies
    try:
        told = here.recv()
    except EOFError:
        told = "the process that sends ended"
    if told != "ready":
        raise ConnectionError(f"the lines could not be connected: {told}")
    return Load(process, here)


@dataclass(slots=True)
class _Line:
    number: int
    sock: socket.socket
    place: int = 0  # messages acknowledged
    writes: tuple[bytes, ...] = ()
    at: int = 0  # writes acknowledged
    began: float = 0.0
    wrote: float = 0.0
    gathered: bytes = b""


@dataclass(slots=True)
class _Player:
    """All lines of one process; `play` returns when each has ended its last message."""

    template: Template
    lines: dict[int, _Line]  # by file descriptor
    receipts: list[float] = field(default_factory=list)
    messages: list[float] = field(default_factory=list)
    refused: int = 0
    idle: deque[tuple[float, _Line]] = field(default_factory=deque)  # from when on a line may start

    def play(self, seconds: float) -> Sent:
        poll = select.epoll()
        for fd in self.lines:
            poll.register(fd, select.EPOLLIN)
        began = heard = time.perf_counter()
        ends, busy, fault = began + seconds, len(self.lines), ""
        self.idle.extend((began, line) for line in self.lines.values())
        while busy and not fault:
            busy -= self._start_due(time.perf_counter(), ends)
            happened = poll.poll(REST_SECONDS if self.idle else LOOK_SECONDS) if busy else []
            for fd, _ in happened:
                fault = self._heard(self.lines[fd]) or fault
            if happened:
                heard = time.perf_counter()
            else:
                fault = self._nudge(heard) if busy else ""
        return Sent(
            {one.number: one.place for one in self.lines.values()},
            self.receipts,
            self.messages,
            heard - began,
            self.refused,
            fault,
        )

    def _start_due(self, now: float, ends: float) -> int:
        """Start the next message of each rested line; after the end, how many lines have ended."""
        ended = 0
        while self.idle and self.idle[0][0] <= now:
            _, line = self.idle.popleft()
            if now < ends:
                self._start(line, now)
            else:
                ended += 1
        return ended

    def _start(self, line: _Line, now: float) -> None:
        line.writes, line.at = self.template.numbered(line.number, line.place), 0
        line.began = line.wrote = now
        line.sock.send(line.writes[0])

    def _heard(self, line: _Line) -> str:
        """Go on with this line; words when it has ended."""
        try:
            data = line.sock.recv(65536)
        except ConnectionError as fault:
            return f"line {line.number}: {fault}"
        if not data:
            return f"line {line.number} was closed by the other side"
        if self.template.kind == "mllp":
            line.gathered += data
            if not line.gathered.endswith(END):
                return ""
            is_taken, line.gathered = b"\rMSA|AA|" in line.gathered or b"\rMSA|CA|" in line.gathered, b""
        else:
            is_taken = data == ACK
        self._go_on(line, is_taken=is_taken)
        return ""

    def _go_on(self, line: _Line, *, is_taken: bool) -> None:
        now = time.perf_counter()
        if not is_taken:
            self.refused += 1
        line.at += is_taken
        if line.at < len(line.writes):
            line.wrote = now
            line.sock.send(line.writes[line.at])
            return
        self.receipts.append(now - line.wrote)
        self.messages.append(now - line.began)
        line.place += 1
        if self.template.kind == "astm":
            line.sock.send(EOT)
            now += REST_SECONDS
        self.idle.append((now, line))

    def _nudge(self, heard: float) -> str:
        """Bid again where a bid got lost; words when all lines have been silent for long."""
        now = time.perf_counter()
        for line in self.lines.values():
            if self.template.kind == "astm" and line.at == 0 and now - line.wrote > ENQ_AGAIN_SECONDS:
                line.wrote = now
                line.sock.send(line.writes[0])
        return "no line was answered any more" if now - heard > SILENT_SECONDS else ""


def _run(
    template: Template, ports: Sequence[int], seconds: float, pipe: "Connection[object, object]"
) -> None:
    try:
        lines = [_Line(number, _connected(number, port)) for number, port in enumerate(ports)]
    except OSError as fault:
        pipe.send(str(fault))
        return
    pipe.send("ready")
    pipe.recv()
    pipe.send(_Player(template, {one.sock.fileno(): one for one in lines}).play(seconds))
    for one in lines:
        one.sock.close()


def _connected(number: int, port: int) -> socket.socket:
    """Connect from an address of its own, as analyzers do: some servers tell lines apart by nothing else."""
    own = (f"127.0.{1 + number // 250}.{1 + number % 250}", 0)
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            found = socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS, own)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)
        else:
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return found
