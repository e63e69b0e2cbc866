"""One analyzer's line: its connections, its driver, what it asks, and how it fares."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aliquot.entrypoints.links.faults import named
from aliquot.entrypoints.links.folder import watch_folder
from aliquot.entrypoints.links.health import TALK, LineHealth, moment
from aliquot.entrypoints.links.keeper import Keeper
from aliquot.entrypoints.links.parcel import Parcel
from aliquot.entrypoints.links.questions import Questions
from aliquot.entrypoints.links.recorder import clock_offset
from aliquot.entrypoints.links.session import LinkSession, Outgoing
from aliquot.entrypoints.links.transports import dial, listen, open_port, stay_connected, tune
from aliquot.flow.instruments.actions import LineFacts
from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.addresses import EVERYTHING, folder_address, serial_address, tcp_address
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.heading import heading_of
from aliquot.flow.instruments.rules.reading import HostQuery
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.link_events import MessageDelivered, MessageUndelivered
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.mllp import MllpProfile

logger = logging.getLogger(__name__)

RESULTS, ORDERS = "results", "orders"  # the connections of a line; most have no second one
OWED_SECONDS = 15.0  # a receipt waits so long for the connection it has to go over
SKEW_SECONDS = 10.0  # a device's clock is compared with ours so often

Settled = MessageDelivered | MessageUndelivered


class Node(Protocol):
    """What a line needs of the service that owns it."""

    keeper: Keeper
    host: str

    @property
    def is_clogged(self) -> bool:
        """Whether so much waits for the database that nothing may be read."""

    async def answer(self, line: "Line", question_id: int, queries: Sequence[HostQuery]) -> list[Outgoing]:
        """Find and keep the answer; its messages, none when it could not be given."""

    async def is_kept(self, line: "Line", connection: str, since: float) -> bool:
        """Whether the ledger has something that came under this name."""

    def settled(self, line: "Line", message: Outgoing, event: Settled) -> None:
        """Note what became of a message that was sent."""

    def withdrawn(self, messages: Sequence[Outgoing]) -> None:
        """Note that the analyzer took back its question before the answer left."""

    def forgotten(self, question_id: int) -> None:
        """Note that the analyzer took back a question that nobody worked on."""

    def unanswered(self, question_ids: Sequence[int]) -> None:
        """Note that the connection of these questions ended before anybody worked on them."""

    def lost(self, parcel: Parcel) -> None:
        """Bytes that have to be kept later."""

    def closed(self) -> None:
        """A session of some line has ended."""


class Line:
    """Runs the transports of one analyzer, and is what each of its sessions belongs to."""

    def __init__(self, facts: AnalyzerLine, driver: Driver, node: Node) -> None:
        self.facts, self.driver, self.keeper = facts, driver, node.keeper
        self.health = LineHealth()
        self.sessions: dict[LinkSession, str] = {}  # those that stand, with their part
        self._parts: dict[LinkSession, str] = {}  # those being made
        self._node = node
        self._questions: dict[LinkSession, Questions] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._skew_looked = 0.0
        self._owed: deque[tuple[float, bytes]] = deque()  # until when each receipt is wanted
        self._is_finishing = False
        self.is_broken = False  # a transport ended by a fault of ours; the service opens the line anew

    # -- running --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open what the register says; whatever fails is said and tried again."""
        try:
            self._tasks = [asyncio.create_task(one) for one in self._transports()]
        except ValueError as fault:
            self.failed(RESULTS, f"bad_address: {fault}")
        for task in self._tasks:
            task.add_done_callback(self._broke_down)

    def _broke_down(self, task: "asyncio.Task[None]") -> None:
        """A transport runs until it is cancelled; whatever else ends it is our own fault."""
        if not task.cancelled() and (fault := task.exception()):
            logger.error("%s: the line broke down", self.facts.code, exc_info=fault)
            self.failed(RESULTS, named(fault))
            self.is_broken = True

    async def stop(self) -> None:
        """End every connection at once, and give back the ports."""
        for session in list(self.sessions):
            session.close()
        await self._end_transports()

    def finish(self) -> None:
        """End every connection once what it waits for is acknowledged."""
        for task in self._tasks:
            task.cancel()
        self._is_finishing = True
        self._finish_sessions()

    def _finish_sessions(self) -> None:
        """Where receipts go over another connection, that one ends last."""
        is_needed = self._replies_elsewhere and set(self.sessions.values()) != {ORDERS}
        for session, part in list(self.sessions.items()):
            if not (is_needed and part == ORDERS):
                session.finish()

    def look_after(self, now: float) -> None:
        """Once a second."""
        for session in list(self.sessions):
            session.look_after(now)
        while self._owed and self._owed[0][0] < now:
            self._owed.popleft()
            self.failed(TALK, "no_way_back: a receipt could not be given, the orders connection is not there")

    def state(self, now: float, process_since: datetime) -> LineFacts:
        """How the line fares, as it is written for the people who look after it."""
        health, offset = self.health, clock_offset(now)
        return LineFacts(
            self.facts.id,
            self.facts.laboratory_id,
            self._state,
            process_since,
            connected_since=moment(health.connected_since),
            last_byte_at=moment(health.last_byte, offset),
            last_message_at=moment(health.last_message, offset),
            frames_accepted=health.frames_accepted,
            frames_refused=health.frames_refused,
            frames_repeated=health.frames_repeated,
            sessions=health.sessions,
            reconnects=max(health.connects - 1, 0),
            messages=health.messages,
            bytes_in=health.bytes_in,
            bytes_out=health.bytes_out,
            clock_skew_seconds=health.clock_skew,
            last_error=health.last_error,
            last_error_at=moment(health.last_error_at),
        )

    @property
    def _state(self) -> str:
        if RESULTS in self.sessions.values():
            return "reconnecting" if self.health.is_failed(ORDERS) else "connected"
        if self.health.is_failed(RESULTS):
            return "reconnecting" if self.facts.transport in ("dial", "serial") else "failed"
        return "connected" if self.facts.transport == "folder" else "listening"

    async def _end_transports(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _transports(self) -> list[Coroutine[Any, Any, None]]:
        facts, found = self.facts, []
        if facts.transport == "dial":
            found.append(stay_connected(self, RESULTS, dial(*tcp_address(facts.address))))
        elif facts.transport == "serial":
            found.append(stay_connected(self, RESULTS, open_port(serial_address(facts.address))))
        elif facts.transport == "folder":
            found.append(watch_folder(self, RESULTS, folder_address(facts.address), self._patterns))
        elif facts.listen_port is None:
            raise ValueError("no port to listen on")
        else:
            found.append(listen(self, RESULTS, self._node.host, facts.listen_port))
        if facts.order_address:
            found.append(stay_connected(self, ORDERS, dial(*tcp_address(facts.order_address))))
        return found

    # -- what a transport says ------------------------------------------------------------------------

    def new_session(self, part: str) -> LinkSession:
        """A session for a connection that is being made."""
        session = LinkSession(self, open_link("computer", self._profile))
        self._parts[session] = part
        return session

    @property
    def _profile(self) -> LinkProfile:
        """In a folder each file is one message, whatever the model's frames are on a line."""
        framing = self.driver.framing
        is_folder = self.facts.transport == "folder" and not isinstance(framing, FileProfile)
        return FileProfile() if is_folder else framing

    @property
    def _patterns(self) -> tuple[str, ...]:
        profile = self._profile
        return profile.patterns if isinstance(profile, FileProfile) else (EVERYTHING,)

    async def is_kept(self, connection: str, since: float) -> bool:
        """Whether the ledger has what came under this name."""
        return await self._node.is_kept(self, connection, since)

    def failed(self, part: str, fault: str) -> None:
        """A part cannot be opened, or was lost."""
        if self.health.fail(part, fault):
            logger.error("%s: %s: %s", self.facts.code, part, fault)

    def works(self, part: str) -> None:
        """A part listens, or is connected."""
        if self.health.recover(part):
            logger.warning("%s: %s: works again", self.facts.code, part)

    # -- what a session says --------------------------------------------------------------------------

    def opened(self, session: LinkSession, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self.sessions[session] = self._parts.pop(session, RESULTS)
        if peer := tune(transport) or transport.get_extra_info("peername"):
            session.name = f"{self.facts.code} {peer}"
        self.health.connected()
        if self.speaker is session:
            self._pay(session)

    def closed(self, session: LinkSession) -> None:
        """The connection has ended and nothing of it waits to be kept."""
        self.sessions.pop(session, None)
        self._parts.pop(session, None)
        if questions := self._questions.pop(session, None):
            self._node.unanswered(questions.abandon())
        if not self.sessions:
            self.health.connected_since = None
        elif self._is_finishing:
            self._finish_sessions()
        self._node.closed()

    @property
    def is_clogged(self) -> bool:
        """Whether so much waits for the database that nothing may be read."""
        return self._node.is_clogged

    @property
    def _replies_elsewhere(self) -> bool:
        framing = self.driver.framing
        return (
            isinstance(framing, MllpProfile) and framing.replies_elsewhere and self.facts.order_address != ""
        )

    def reply(self, session: LinkSession, data: bytes, now: float) -> None:
        """Write what a session owes: over it, or where the model wants it, as soon as that stands."""
        if not self._replies_elsewhere:
            session.write(data, now)
        elif speaker := self.speaker:
            speaker.write(data, now)
        elif data:
            self._owed.append((now + OWED_SECONDS, data))

    def _pay(self, speaker: LinkSession) -> None:
        """Write the receipts that waited for this connection."""
        now = asyncio.get_running_loop().time()
        while self._owed:
            until, data = self._owed.popleft()
            if now <= until:
                speaker.write(data, now)

    def hand_answer(self, session: LinkSession, content: bytes, now: float) -> bool:
        """Give an acknowledgement to the connection whose message it answers; whether there is one."""
        for one in list(self.sessions):
            if one.awaits(content):
                if one is not session:
                    one.take_answer(content, now)
                return True
        return False

    def queries_in(self, content: bytes) -> list[HostQuery]:
        """The host queries of a message that holds nothing else; a cheap look spares the rest the reading."""
        if self.facts.is_stopped or not self.driver.may_ask(content):
            return []
        try:
            understood = self.driver.read(content, ZoneInfo(self.facts.time_zone))
        except Exception:
            logger.exception("%s: the driver failed on a message", self.facts.code)
            return []
        return [] if understood.readings else list(understood.queries)

    def received(self, content: bytes, now: float) -> None:
        """A message was kept."""
        self.health.messages += 1
        self.health.last_message = now
        self.works(TALK)
        if now - self._skew_looked >= SKEW_SECONDS:
            self._skew_looked = now
            if told := heading_of(content, ZoneInfo(self.facts.time_zone)).device_at:
                self.health.clock_skew = (told - datetime.now(UTC)).total_seconds()

    def asked(self, session: LinkSession, question_id: int, queries: list[HostQuery]) -> None:
        """Answer a host query, or take back the one before."""
        questions = self._questions.get(session)
        if questions is None:
            node = self._node
            questions = Questions(partial(node.answer, self), self._sender(session), node.withdrawn)
            self._questions[session] = questions
        if any(one.cancelled for one in queries):
            self._withdraw(session, questions)
        if wanted := [one for one in queries if not one.cancelled]:
            questions.ask(question_id, wanted)

    def _withdraw(self, session: LinkSession, questions: Questions) -> None:
        for question_id in questions.withdraw():
            self._node.forgotten(question_id)
        withdrawn = [one for each in self._speakers(session) for one in each.withdraw_answers()]
        for one in withdrawn:
            questions.settle(one.message_id)
        self._node.withdrawn(withdrawn)

    def settled(self, message: Outgoing, event: Settled) -> None:
        """The analyzer took a message, or did not."""
        if isinstance(event, MessageUndelivered):
            self.failed(TALK, f"not_taken: {event.reason}")
        else:
            self.works(TALK)
        self._node.settled(self, message, event)
        for questions in list(self._questions.values()):
            questions.settle(message.message_id)

    def lost(self, parcel: Parcel) -> None:
        """These bytes could not be kept yet."""
        self._node.lost(parcel)

    # -- sending --------------------------------------------------------------------------------------

    @property
    def speaker(self) -> LinkSession | None:
        """The connection orders go over: the newest one of the part that is for them."""
        part = ORDERS if self.facts.order_address else RESULTS
        found = [session for session, of in self.sessions.items() if of == part and session.is_open]
        return found[-1] if found else None

    def _speakers(self, asking: LinkSession) -> list[LinkSession]:
        return [one for one in (asking, self.speaker) if one is not None]

    def send(self, message: Outgoing, over: LinkSession | None = None) -> None:
        """Send a message over this connection, or over the one that orders take."""
        speaker = over or self.speaker
        if speaker is None or not speaker.is_open:
            self.settled(message, MessageUndelivered(message.message_id, "the connection ended"))
        else:
            speaker.send(message)

    def _sender(self, asking: LinkSession) -> Callable[[Outgoing], None]:
        return partial(self.send, over=None if self.facts.order_address else asking)
