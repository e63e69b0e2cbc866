"""The sending half of an HL7 connection: one message outstanding, matched by MSA-2 and nothing else.

Sources: HL7 v2.5.1 2.9.2 and 2.9.3; IHE LAW (one message outstanding per connection).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from aliquot.wire.hl7 import Hl7Error, parse
from aliquot.wire.link_events import Event, MessageDelivered, MessageUndelivered
from aliquot.wire.mllp.answers import ACCEPTED, COMMITTED, Answer
from aliquot.wire.mllp.profile import STANDARD, MllpProfile, block
from aliquot.wire.mllp.receipts import wanted


class State(Enum):
    IDLE = "nothing outstanding"
    AWAITING = "an acknowledgement is awaited"
    COMMITTED = "received by the other side (CA), its application's answer awaited"


class Input(Enum):
    HAVE_DATA = auto()
    HAVE_QUIET_DATA = auto()  # a message that asks for no acknowledgement
    ACCEPTED = auto()
    COMMITTED = auto()
    REFUSED = auto()
    TIMER = auto()


# (state, input) -> (action, next state)
SENDER: dict[tuple[State, Input], tuple[str, State]] = {
    (State.IDLE, Input.HAVE_DATA): ("write", State.AWAITING),
    (State.IDLE, Input.HAVE_QUIET_DATA): ("write_quietly", State.IDLE),
    (State.AWAITING, Input.ACCEPTED): ("settle", State.IDLE),
    (State.AWAITING, Input.COMMITTED): ("wait_on", State.COMMITTED),
    (State.AWAITING, Input.REFUSED): ("give_back", State.IDLE),
    (State.AWAITING, Input.TIMER): ("give_up", State.IDLE),
    (State.COMMITTED, Input.ACCEPTED): ("settle", State.IDLE),
    (State.COMMITTED, Input.COMMITTED): ("wait_on", State.COMMITTED),
    (State.COMMITTED, Input.REFUSED): ("give_back", State.IDLE),
    (State.COMMITTED, Input.TIMER): ("give_up_committed", State.IDLE),
}


@dataclass(frozen=True, slots=True)
class _Outgoing:
    data: bytes
    tag: object
    control_id: str
    commit_wanted: bool
    answer_wanted: bool
    error_only: bool  # MSH-16 ER: silence is success


@dataclass(slots=True)
class MllpSender:
    """Deliver queued messages one by one, or tell them undelivered; never more than one try of each.

    Whether an unanswered message arrived cannot be known, so repeating it is the owner's decision.
    """

    profile: MllpProfile = STANDARD
    state: State = State.IDLE
    deadline: float | None = None
    _queue: deque[_Outgoing] = field(default_factory=deque)
    _outbox: bytearray = field(default_factory=bytearray)
    _settled: list[Event] = field(default_factory=list)  # known without an answer, not told yet
    _answer: Answer = field(default=Answer("", "", ""))
    _content: bytes = b""
    _reply: bytes = b""

    def send(self, segments: Sequence[bytes], tag: object) -> None:
        """Queue one message, its segments without CR."""
        try:
            self._queue.append(self._prepared(segments, tag))
        except (Hl7Error, ValueError) as fault:
            self._settled.append(MessageUndelivered(tag, str(fault)))

    def awaits(self, control_id: str) -> bool:
        """Whether this is the MSH-10 of the message outstanding."""
        return self.state is not State.IDLE and self._queue[0].control_id == control_id

    def take(self, answer: Answer, content: bytes, reply: bytes, now: float) -> list[Event]:
        """Return what an acknowledgement of the message outstanding brings about."""
        self._answer, self._content, self._reply = answer, content, reply
        return self._apply(self._judge(answer), now)

    def outgoing(self, now: float) -> bytes:
        """Return, once, the blocks to write."""
        while self.state is State.IDLE and self._queue:
            first = self._queue[0]
            quiet = not (first.commit_wanted or first.answer_wanted or first.error_only)
            self._settled += self._apply(Input.HAVE_QUIET_DATA if quiet else Input.HAVE_DATA, now)
        data = bytes(self._outbox)
        self._outbox.clear()
        return data

    def overdue(self, now: float) -> list[Event]:
        """Return what is settled by now."""
        events = self.told()
        if self.deadline is not None and now >= self.deadline:
            self._content = self._reply = b""
            events += self._apply(Input.TIMER, now)
        return events

    def told(self) -> list[Event]:
        """Return, once, what was settled without an answer."""
        events, self._settled = self._settled, []
        return events

    def closed(self) -> list[Event]:
        """Return every message the end of the connection leaves undelivered."""
        events = self.told()
        events += [MessageUndelivered(one.tag, "the connection ended") for one in self._queue]
        self._queue.clear()
        self._outbox.clear()
        self.state, self.deadline = State.IDLE, None
        return events

    @property
    def next_deadline(self) -> float | None:
        return 0.0 if self._settled else self.deadline

    def _prepared(self, segments: Sequence[bytes], tag: object) -> _Outgoing:
        if not segments:
            raise Hl7Error("the message is empty")
        head = parse(segments[0])
        control_id = head.unescape(head.control_id).strip()
        if not control_id:
            raise Hl7Error("MSH-10 is empty, so that no acknowledgement can be matched")
        commit, answer = wanted(head)
        error_only = head.header.field(16).strip().upper() == "ER"
        if any(one.startswith(b"MSA") for one in segments[1:]) and not head.header.field(16):
            answer = False  # an answer is not answered
        return _Outgoing(block(segments), tag, control_id, commit, answer, error_only)

    def _judge(self, answer: Answer) -> Input:
        if answer.fault:
            return Input.REFUSED
        if answer.code == ACCEPTED:
            return Input.ACCEPTED
        assert answer.code == COMMITTED
        done = self.profile.commit_settles or not (self._queue[0].answer_wanted or self._queue[0].error_only)
        return Input.ACCEPTED if done else Input.COMMITTED

    # -- the table's actions --------------------------------------------------------------------------

    def _apply(self, given: Input, now: float) -> list[Event]:
        action, self.state = SENDER[self.state, given]
        event: Event | None = getattr(self, f"_{action}")()
        self.deadline = None if self.state is State.IDLE else now + self.profile.reply_timer
        return [event] if event else []

    def _write(self) -> None:
        self._outbox += self._queue[0].data

    def _write_quietly(self) -> Event:
        self._write()
        return MessageDelivered(self._queue.popleft().tag)

    def _wait_on(self) -> None:
        """The timer starts again."""

    def _settle(self) -> Event:
        return MessageDelivered(self._queue.popleft().tag, self._reply, self._content)

    def _give_back(self) -> Event:
        return MessageUndelivered(self._queue.popleft().tag, self._answer.fault, self._reply, self._content)

    def _give_up(self) -> Event:
        first = self._queue.popleft()
        if first.error_only and not first.commit_wanted:
            return MessageDelivered(first.tag)
        return MessageUndelivered(first.tag, "no acknowledgement in time")

    def _give_up_committed(self) -> Event:
        first = self._queue.popleft()
        if first.error_only:
            return MessageDelivered(first.tag)
        return MessageUndelivered(first.tag, "received by the other side (CA), but not answered in time")
