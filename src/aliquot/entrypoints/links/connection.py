"""One connection of an analyzer: the link's events are kept first, and their replies written then."""

import asyncio
import logging
import re
import socket
from collections import deque
from typing import Protocol
from zoneinfo import ZoneInfo

from aliquot.entrypoints.links.keeper import Keeper
from aliquot.entrypoints.links.store import message_of
from aliquot.flow.instruments.actions import KeptMessage
from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.reading import HostQuery
from aliquot.wire.link_events import (
    Event,
    FrameAccepted,
    FrameRefused,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    SessionClosed,
    Unintelligible,
)
from aliquot.wire.links import open_link

logger = logging.getLogger(__name__)

KEEP_BUDGET = 10.0  # seconds; LIS01-A2 6.5.2.5 lets a receiver delay its reply for 15
REFUSED_LIMIT = 20_000  # bytes of refused frames shown to a person
_MAY_ASK = re.compile(rb"[\r\n][Qq][^\r\n]")


class Helper(Protocol):
    """What a connection asks of the service that owns it."""

    def answer(self, connection: "AnalyzerConnection", question_id: int, queries: list[HostQuery]) -> None:
        """Find the answer to a host query and hand it to `connection.send`."""

    def note_undelivered(self, message_id: int, detail: str) -> None:
        """Show a person that the analyzer did not take a message."""

    def closed(self, connection: "AnalyzerConnection") -> None:
        """The connection has ended and nothing of it waits to be kept."""


class AnalyzerConnection(asyncio.Protocol):
    """Feeds the link, keeps what it tells, then replies. Nothing is read while a message waits for commit."""

    def __init__(self, line: AnalyzerLine, driver: Driver, keeper: Keeper, helper: Helper) -> None:
        self.line, self.driver = line, driver
        self.name = line.code
        self._keeper, self._helper = keeper, helper
        self._loop = asyncio.get_running_loop()
        self._link = open_link("computer", driver.framing)
        self._events: deque[Event] = deque()
        self._refused: list[FrameRefused] = []
        self._transport: asyncio.Transport | None = None
        self._is_waiting = False
        self._is_finishing = False
        self._timer: asyncio.TimerHandle | None = None
        self._budget: asyncio.TimerHandle | None = None

    # -- asyncio's side -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        host, port = transport.get_extra_info("peername")[:2]
        self.name = f"{self.line.code} {host}:{port}"

    def data_received(self, data: bytes) -> None:
        self._events += self._link.receive(data, self._loop.time())
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        for handle in (self._timer, self._budget):
            if handle:
                handle.cancel()
        self._events += self._link.closed()
        self._advance()

    def close(self) -> None:
        """End the connection at once; what was not acknowledged is sent again by the analyzer."""
        self._events.clear()
        if self._transport:
            self._transport.abort()

    def finish(self) -> None:
        """End the connection, after the message that waits for its commit was acknowledged."""
        self._is_finishing = True
        if self._transport and not self._is_waiting:
            self._transport.close()

    def send(self, records: list[bytes], message_id: int) -> None:
        """Send a kept message as soon as the line is free."""
        if self._transport is None:
            self._helper.note_undelivered(message_id, "the connection ended")
            return
        self._link.send(records, message_id)
        self._speak()

    # -- events ---------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Work off events in order, up to one that has to be committed first."""
        while self._events and not self._is_waiting:
            event = self._events.popleft()
            kept, queries = self._to_keep(event)
            if kept is None:
                self._write(event.reply)
            else:
                self._wait_for(kept, event, queries)
        if not self._is_waiting:
            self._speak()
            if self._transport is None:
                self._helper.closed(self)

    def _to_keep(self, event: Event) -> tuple[KeptMessage | None, list[HostQuery]]:
        """What has to be committed before this event is answered, and the questions in it."""
        if isinstance(event, MessageReceived):
            self._refused.clear()
            queries = self._queries_in(event.content)
            return self._message(event.content, "asked" if queries else "received"), queries
        if isinstance(event, FrameRefused):
            logger.warning("%s: a frame was refused: %s", self.name, event.reason)
            self._refused.append(event)
        elif isinstance(event, FrameAccepted):
            self._refused.clear()
        elif isinstance(event, MessageIncomplete):
            return self._quarantined(event.raw, "incomplete", event.reason), []
        elif isinstance(event, Unintelligible):
            return self._quarantined(event.raw, "unintelligible", event.reason), []
        elif isinstance(event, MessageUndelivered):
            assert isinstance(event.tag, int)
            self._helper.note_undelivered(event.tag, event.reason)
        elif isinstance(event, SessionClosed):
            return self._never_repaired(), []
        return None, []

    def _queries_in(self, content: bytes) -> list[HostQuery]:
        """The host queries of a message that holds nothing else; a cheap look spares the rest the reading."""
        if not _MAY_ASK.search(content):
            return []
        try:
            understood = self.driver.read(content, ZoneInfo(self.line.time_zone))
        except Exception:
            logger.exception("%s: the driver failed on a message", self.name)
            return []
        return [] if understood.readings else [one for one in understood.queries if not one.cancelled]

    def _never_repaired(self) -> KeptMessage | None:
        """The frames that were refused and not sent again before the session ended, for a person."""
        if not self._refused:
            return None
        raw = b"\r".join(one.raw for one in self._refused)[:REFUSED_LIMIT]
        reasons = ", ".join(sorted({one.reason for one in self._refused}))
        self._refused.clear()
        return self._quarantined(raw, "frame_refused", reasons)

    def _quarantined(self, raw: bytes, code: str, detail: str) -> KeptMessage:
        return self._message(raw, "quarantined", {"code": code, "detail": detail})

    def _message(self, content: bytes, state: str, problem: dict[str, str] | None = None) -> KeptMessage:
        return message_of(self.line, self.name, content, state, problem)

    # -- commit, then reply ---------------------------------------------------------------------------

    def _wait_for(self, kept: KeptMessage, event: Event, queries: list[HostQuery]) -> None:
        self._is_waiting = True
        if self._transport:
            self._transport.pause_reading()
            self._budget = self._loop.call_later(KEEP_BUDGET, self._give_up)
        self._keeper.keep(kept, lambda message_id: self._committed(message_id, event, queries))

    def _committed(self, message_id: int | None, event: Event, queries: list[HostQuery]) -> None:
        self._is_waiting = False
        if self._budget:
            self._budget.cancel()
        if message_id is None:
            self.close()
        else:
            self._write(event.reply)
            if queries:
                self._helper.answer(self, message_id, queries)
        if self._is_finishing:
            self._events.clear()
            self.finish()
        elif self._transport and not self._transport.is_closing():
            self._transport.resume_reading()
        self._advance()

    def _give_up(self) -> None:
        logger.error("%s: the database did not keep a message within %.0f s", self.name, KEEP_BUDGET)
        self.close()

    def _write(self, data: bytes) -> None:
        if data and self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def _speak(self) -> None:
        """Write what the link says of its own accord, and set its timer."""
        if self._transport is None or self._is_waiting:
            return
        self._write(self._link.outgoing(self._loop.time()))
        deadline = self._link.next_deadline
        # one timer is enough: when it rings early it is set again
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._transport is None or self._is_waiting:
            return
        self._events += self._link.overdue(self._loop.time())
        self._advance()
