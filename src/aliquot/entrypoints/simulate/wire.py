"""One connection of a simulated device: the link engine's bytes, and what a bad line does to them."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from aliquot.entrypoints.simulate.faults import Chaos
from aliquot.entrypoints.simulate.faults.strokes import cut_off, in_pieces
from aliquot.wire.link import Link
from aliquot.wire.link_events import Event

ACK, ENQ, STX = b"\x06", b"\x05", b"\x02"
_ANSWERS = (ACK, b"\x15")
PAUSE = 0.004  # seconds between the pieces of a slow sender
LOOKED = (0.02, 0.6)  # seconds until a slow receiver looks
FORGOTTEN = (2.0, 12.0)  # seconds a forgotten connection stays open


class Owner(Protocol):
    """What a connection tells the line it belongs to."""

    def opened(self, wire: "Wire") -> None: ...

    def told(self, wire: "Wire", events: list[Event]) -> None: ...

    def ended(self, wire: "Wire") -> None: ...

    def form(self) -> str: ...

    def bids(self, wire: "Wire") -> None: ...


class Wire(asyncio.Protocol):
    """Bytes in, events to the owner; replies and the link's own words out, in order, through the faults."""

    def __init__(self, link: Link, owner: Owner, chaos: Chaos, mangle: Callable[[bytes], bytes]) -> None:
        self.link = link
        self._owner, self._chaos, self._mangle = owner, chaos, mangle
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._leaving: deque[bytes] = deque()
        self._heard: deque[bytes] = deque()
        self._is_looking_away = self._is_forgotten = self._is_over = False
        self._surplus = 0  # replies to doubled frames that are not listened to
        self._said_frame = False
        self._timer: asyncio.TimerHandle | None = None
        self.gone = asyncio.Event()

    # -- asyncio's side -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._owner.opened(self)
        self.speak()

    def data_received(self, data: bytes) -> None:
        if self._is_forgotten:
            return
        self._heard.append(data)
        if self._is_looking_away:
            return
        if self._chaos.happens("slow-receiver"):
            self._is_looking_away = True
            self._loop.call_later(self._chaos.draw.uniform(*LOOKED), self._look)
        else:
            self._hear()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._end()
        self.gone.set()

    def abort(self) -> None:
        """Break the connection."""
        if self._transport:
            self._transport.abort()
        self._end()

    def _end(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self._is_over:
            self._is_over = True
            self._owner.ended(self)

    # -- hearing --------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._is_looking_away = False
        self._hear()

    def _hear(self) -> None:
        while self._heard and not self._is_over:
            data = self._as_heard(self._heard.popleft())
            if data:
                if data == ENQ:
                    self._owner.bids(self)
                self._owner.told(self, self.link.receive(data, self._now))
        self.speak()

    def _as_heard(self, data: bytes) -> bytes:
        while self._surplus and data[:1] in _ANSWERS:
            self._surplus, data = self._surplus - 1, data[1:]
        is_ack = data == ACK or b"\rMSA|" in data
        if is_ack and self._chaos.happens("lost-ack"):
            return b""
        if data == ACK and self._said_frame and self._chaos.happens("garbled-ack"):
            return b"?"
        return data

    # -- speaking -------------------------------------------------------------------------------------

    def speak(self) -> None:
        """Write what the link says of its own accord, and set its timer."""
        if self._transport is None or self._is_over:
            return
        self.write(self.link.outgoing(self._now), self._owner.form())
        deadline = self.link.next_deadline
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._ring)

    def write(self, data: bytes, form: str = "") -> None:
        """Write these bytes as the line lets them pass."""
        if not data or self._transport is None or self._is_over:
            return
        self._said_frame = STX in data
        data, done = self._chaos.sent(self._mangle(data), form)
        self._surplus += "doubled-frame" in done
        if not data:
            return
        if self._chaos.happens("cut"):
            self._transport.write(cut_off(data, self._chaos.draw))
            self._break()
        elif self._chaos.happens("half-open"):
            self._forget()
        elif self._leaving or self._chaos.happens("slow-sender"):
            self._leave_slowly(in_pieces(data, self._chaos.draw))
        else:
            self._transport.write(data)

    def _break(self) -> None:
        assert self._transport is not None
        if self._chaos.draw.random() < 0.5:  # noqa: PLR2004 - half of them by FIN, half by RST
            self._transport.close()
        else:
            self._transport.abort()
        self._end()

    def _forget(self) -> None:
        """Leave the connection as it is, and end it much later: its other side has to live with that."""
        assert self._transport is not None
        self._is_forgotten = True
        self._loop.call_later(self._chaos.draw.uniform(*FORGOTTEN), self._transport.abort)
        self._end()

    def _leave_slowly(self, pieces: list[bytes]) -> None:
        was_idle = not self._leaving
        self._leaving += pieces
        if was_idle:
            self._leave()

    def _leave(self) -> None:
        if self._transport is None or self._transport.is_closing() or self._is_forgotten:
            self._leaving.clear()
            return
        self._transport.write(self._leaving.popleft())
        if self._leaving:
            self._loop.call_later(PAUSE * self._chaos.draw.random(), self._leave)

    def _ring(self) -> None:
        self._timer = None
        if self._transport and not self._is_over:
            self._owner.told(self, self.link.overdue(self._now))
            self.speak()

    @property
    def _now(self) -> float:
        return self._loop.time()
