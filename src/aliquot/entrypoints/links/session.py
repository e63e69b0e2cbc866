"""One connection, whatever its protocol and transport: bytes, events, commit, and only then the reply."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

from aliquot.entrypoints.links.answers import is_refusal
from aliquot.entrypoints.links.faults import CloggedError
from aliquot.entrypoints.links.health import TALK, LineHealth
from aliquot.entrypoints.links.keeper import Keeper
from aliquot.entrypoints.links.parcel import Parcel
from aliquot.entrypoints.links.recorder import Recorder, clock_offset
from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.reading import HostQuery
from aliquot.wire.link import Link
from aliquot.wire.link_events import (
    AnswerUnmatched,
    Event,
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    SessionClosed,
    SessionOpened,
    Unintelligible,
)
from aliquot.wire.mllp import MllpLink

logger = logging.getLogger(__name__)

KEEP_BUDGET = 10.0  # seconds; LIS01-A2 6.5.2.5 lets a receiver delay its reply for 15
REFUSED_LIMIT = 20_000  # bytes of refused frames shown to a person
AT_ONCE = 64  # messages of one connection that may wait for one commit
BACKLOG = 256  # events not worked off; no more is read until they are
PENDING_LIMIT = 1 << 20  # bytes recorded and not in the ledger; no more is read until they are


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A kept message on its way to the analyzer; the answer to a question is never tried twice."""

    message_id: int
    records: Sequence[bytes]
    is_answer: bool = False


class Owner(Protocol):
    """What a session needs of the line it belongs to."""

    facts: AnalyzerLine
    keeper: Keeper
    health: LineHealth

    @property
    def is_clogged(self) -> bool:
        """Whether so much waits for the database that nothing may be read."""

    def reply(self, session: "LinkSession", data: bytes, now: float) -> None:
        """Write what this session owes, over the connection that the model wants it on."""

    def hand_answer(self, session: "LinkSession", content: bytes, now: float) -> bool:
        """Give an acknowledgement to the connection whose message it answers; whether there is one."""

    def queries_in(self, content: bytes) -> list[HostQuery]:
        """The host queries of a message that holds nothing else, also those that take one back."""

    def received(self, content: bytes, now: float) -> None:
        """A message was kept."""

    def asked(self, session: "LinkSession", question_id: int, queries: list[HostQuery]) -> None:
        """Find the answer to a host query and send it."""

    def settled(self, message: Outgoing, event: MessageDelivered | MessageUndelivered) -> None:
        """The analyzer took a message, or did not."""

    def opened(self, session: "LinkSession", transport: asyncio.BaseTransport) -> None:
        """The connection stands."""

    def closed(self, session: "LinkSession") -> None:
        """The connection has ended and nothing of it waits to be kept."""

    def lost(self, parcel: Parcel) -> None:
        """These bytes could not be kept yet."""


class LinkSession(asyncio.Protocol):
    """Feeds a link engine, keeps what it tells, then replies; sends one message at a time."""

    def __init__(self, owner: Owner, link: Link, name: str = "") -> None:
        self.name = name or owner.facts.code
        self.ended = asyncio.Event()
        self.has_failed = False  # something was not kept
        self.fault: Exception | None = None  # why the connection ended, when it was not closed
        self._owner, self._link = owner, link
        self._loop = asyncio.get_running_loop()
        self._recorder = Recorder()
        self._events: deque[Event] = deque()
        self._refused: list[FrameRefused] = []
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[float] = deque()  # since when each message waits for its commit
        self._to_send: deque[Outgoing] = deque()
        self._handed: Outgoing | None = None
        self._is_in_session = self._is_finishing = self._is_held = False
        self._timer: asyncio.TimerHandle | None = None

    # -- asyncio's side -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._owner.opened(self, transport)
        if self._owner.is_clogged:
            self.fault = CloggedError()
            self.close()
        else:
            self._speak(self._loop.time())

    def data_received(self, data: bytes) -> None:
        now = self._loop.time()
        data = bytes(data)
        self._recorder.note(now, data, is_outgoing=False)
        health = self._owner.health
        health.bytes_in += len(data)
        health.last_byte = now
        self._events += self._link.receive(data, now)
        self._advance(now)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport, self.fault = None, self.fault or exc
        if self._timer:
            self._timer.cancel()
        self._events += self._link.closed()
        # protocols without sessions end none: what was refused and never came again is shown now
        self._events.append(SessionClosed("connection"))
        self._advance(self._loop.time())

    # -- the line's side ------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def is_free(self) -> bool:
        """Whether a message may be handed over now."""
        return self.is_open and self._handed is None and not self._to_send and not self._is_in_session

    def close(self) -> None:
        """End the connection at once; what was not acknowledged is sent again by the analyzer."""
        self._events.clear()
        if self._transport:
            self._transport.abort()

    def finish(self) -> None:
        """End the connection, after the messages that wait for their commit were acknowledged."""
        self._is_finishing = True
        if self._transport and not self._waiting:
            self._transport.close()

    def send(self, message: Outgoing) -> None:
        """Send a kept message as soon as the line is free."""
        self._to_send.append(message)
        self._speak(self._loop.time())

    def write(self, data: bytes, now: float) -> None:
        """Write a reply to what came over another connection of the line."""
        self._write(data, now)

    def awaits(self, content: bytes) -> bool:
        """Whether this acknowledges the message that went over this connection."""
        return isinstance(self._link, MllpLink) and self._link.is_awaiting(content)

    def take_answer(self, content: bytes, now: float) -> None:
        """Settle what this acknowledges; it came over another connection, which has replied to it."""
        assert isinstance(self._link, MllpLink)
        found = self._link.take_answer(content, now)
        self._events += [replace(one, reply=b"") for one in found if not isinstance(one, AnswerUnmatched)]
        self._advance(now)

    def withdraw_answers(self) -> list[Outgoing]:
        """Take back the answers that did not go out yet: the analyzer cancelled its question."""
        withdrawn = [one for one in self._to_send if one.is_answer]
        self._to_send = deque(one for one in self._to_send if not one.is_answer)
        return withdrawn

    def look_after(self, now: float) -> None:
        """Once a second: hand over bytes that carried no message, give up a commit that takes too long."""
        if self._waiting and now - self._waiting[0] > KEEP_BUDGET:
            logger.error("%s: the database did not keep a message within %.0f s", self.name, KEEP_BUDGET)
            self.close()
        elif self._recorder.stretches and not self._waiting:
            self._flush(now)
        self._hold_back()

    # -- events ---------------------------------------------------------------------------------------

    def _advance(self, now: float) -> None:
        """Work off events in order; what has to be answered after a commit waits for it."""
        events = self._events
        while events and (not self._waiting or self._may_join(events[0])):
            event = events.popleft()
            parcel, queries = self._parcel(event, now)
            if parcel is None:
                self._owner.reply(self, event.reply, now)
            else:
                self._keep(parcel, event, queries, now)
        self._hold_back()
        if not self._waiting:
            self._speak(now)
            if self._transport is None:
                self._end(now)

    def _may_join(self, event: Event) -> bool:
        return type(event) is MessageReceived and len(self._waiting) < AT_ONCE

    def _parcel(self, event: Event, now: float) -> tuple[Parcel | None, list[HostQuery]]:
        """What has to be committed before this event is answered, and the questions in it."""
        health = self._owner.health
        match event:
            case FrameAccepted():
                health.frames_accepted += 1
                self._refused.clear()
            case MessageReceived():
                self._refused.clear()
                queries = self._owner.queries_in(event.content)
                is_asked = any(not one.cancelled for one in queries)
                return self._message(event.content, now, "asked" if is_asked else "received"), queries
            case SessionOpened():
                health.sessions += 1
                self._is_in_session = True
            case SessionClosed():
                self._is_in_session = False
                return self._never_repaired(now), []
            case FrameRepeated():
                health.frames_repeated += 1
            case FrameRefused():
                health.frames_refused += 1
                logger.warning("%s: a frame was refused: %s", self.name, event.reason)
                self._refused.append(event)
            case MessageIncomplete() | Unintelligible() | AnswerUnmatched():
                return self._for_a_person(event, now), []
            case MessageDelivered() | MessageUndelivered():
                self._settle(event)
        return None, []

    def _for_a_person(
        self, event: MessageIncomplete | Unintelligible | AnswerUnmatched, now: float
    ) -> Parcel | None:
        if isinstance(event, MessageIncomplete):
            return self._quarantined(event.raw, "incomplete", event.reason, now)
        if isinstance(event, Unintelligible):
            return self._quarantined(event.raw, "unintelligible", event.reason, now)
        if self._owner.hand_answer(self, event.raw, now):
            return None
        return self._stray_answer(event, now)

    def _stray_answer(self, event: AnswerUnmatched, now: float) -> Parcel | None:
        """An answer that nobody awaits: a refusal is for a person, any other settles what it names when read.

        A bare ACK or NAK of MLLP release 2 stays in the traffic only.
        """
        refused = is_refusal(event.raw)
        if refused:
            return self._quarantined(event.raw, "answer_unmatched", event.reason, now)
        self._owner.health.fail(TALK, f"answer_unmatched: {event.reason}")
        return None if refused is None else self._message(event.raw, now, "received")

    def _never_repaired(self, now: float) -> Parcel | None:
        """The frames that were refused and not sent again before the session ended, for a person."""
        if not self._refused:
            return None
        raw = b"\r".join(one.raw for one in self._refused)[:REFUSED_LIMIT]
        reasons = ", ".join(sorted({one.reason for one in self._refused}))
        self._refused.clear()
        return self._quarantined(raw, "frame_refused", reasons, now)

    def _quarantined(self, raw: bytes, code: str, detail: str, now: float) -> Parcel:
        self._owner.health.fail(TALK, f"{code}: {detail}")
        return self._message(raw, now, "quarantined", {"code": code, "detail": detail})

    def _message(
        self, content: bytes, now: float, state: str, problem: dict[str, str] | None = None
    ) -> Parcel:
        offset = clock_offset(now)
        stretches = self._recorder.take()
        return Parcel(self._owner.facts, self.name, now + offset, stretches, offset, content, state, problem)

    def _hold_back(self) -> None:
        """Read no more while too much waits; go on when it does not."""
        here = len(self._events) > BACKLOG or self._recorder.size > PENDING_LIMIT
        too_much = here or self._owner.is_clogged
        if too_much is not self._is_held and self._transport and not self._transport.is_closing():
            self._is_held = too_much
            (self._transport.pause_reading if too_much else self._transport.resume_reading)()

    # -- commit, then reply ---------------------------------------------------------------------------

    def _keep(self, parcel: Parcel, event: Event, queries: list[HostQuery], now: float) -> None:
        self._waiting.append(now)
        self._owner.keeper.keep(parcel, lambda message_id: self._kept(message_id, parcel, event, queries))

    def _kept(self, message_id: int | None, parcel: Parcel, event: Event, queries: list[HostQuery]) -> None:
        self._waiting.popleft()
        now = self._loop.time()
        if message_id is None:
            self._owner.lost(parcel.without_message())
            self.has_failed = True
            self.close()
        elif not self.has_failed:
            # after one that failed nothing is acknowledged: replies may not change their order
            if type(event) is MessageReceived:
                self._owner.received(event.content, now)
            self._owner.reply(self, event.reply, now)
            if queries:
                self._owner.asked(self, message_id, queries)
        if self._is_finishing and not self._waiting:
            self._events.clear()
            self.finish()
        self._advance(now)

    def _flush(self, now: float) -> None:
        offset = clock_offset(now)
        parcel = Parcel(self._owner.facts, self.name, now + offset, self._recorder.take(), offset)
        self._owner.keeper.keep(parcel, lambda kept: None if kept is not None else self._owner.lost(parcel))
        self._hold_back()

    def _end(self, now: float) -> None:
        if self.ended.is_set():
            return
        if self._recorder.stretches:
            self._flush(now)
        unsent, self._to_send = self._to_send, deque()
        for message in unsent:
            reason = MessageUndelivered(message.message_id, "the connection ended")
            self._owner.settled(message, reason)
        self.ended.set()
        self._owner.closed(self)

    # -- what this side says --------------------------------------------------------------------------

    def _write(self, data: bytes, now: float) -> None:
        if data and self._transport and not self._transport.is_closing():
            self._transport.write(data)
            self._recorder.note(now, data, is_outgoing=True)
            self._owner.health.bytes_out += len(data)

    def _speak(self, now: float) -> None:
        """Write what the link says of its own accord, and set its timer."""
        if self._transport is None or self._waiting:
            return
        if self._to_send and self._handed is None and not self._is_in_session:
            self._handed = self._to_send.popleft()
            self._link.send(self._handed.records, self._handed.message_id)
        self._write(self._link.outgoing(now), now)
        deadline = self._link.next_deadline
        # one timer is enough: when it rings early it is set again
        if deadline is not None and (self._timer is None or deadline < self._timer.when()):
            if self._timer:
                self._timer.cancel()
            self._timer = self._loop.call_at(deadline, self._ring)

    def _settle(self, event: MessageDelivered | MessageUndelivered) -> None:
        message, self._handed = self._handed, None
        if message is not None and message.message_id == event.tag:
            self._owner.settled(message, event)

    def _ring(self) -> None:
        self._timer = None
        if self._transport is None or self._waiting:
            return
        now = self._loop.time()
        self._events += self._link.overdue(now)
        self._advance(now)
