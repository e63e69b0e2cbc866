"""The sending half of LIS01-A2: a table of states and inputs (its Figure A1) with the time as an argument."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from aliquot.wire.astm_link.frames import ENQ, EOT, NUL, STANDARD, FramingProfile, frame_bytes, texts_of
from aliquot.wire.link import Role
from aliquot.wire.link_events import Event, MessageDelivered, MessageUndelivered

REPLY_TIMER = 15.0  # seconds; LIS01-A2 6.5.2.1, 6.5.2.3
BUSY_TIMER = 10.0  # 6.2.6
CONTENTION_COMPUTER = 20.0  # 6.5.2.2
CONTENTION_INSTRUMENT = 1.0  # 6.2.7.1
INTERRUPT_TIMER = 15.0  # 6.3.5
REFUSALS = 6  # 6.5.1.2
BIDS = 6  # ours: so many unanswered or refused bids, and the message is told undelivered


class State(Enum):
    NEUTRAL = "Idle"
    LINE_BID = "LineBid"
    WAIT_REPLY = "WaitReply"
    BUSY = "Idle, receiver busy"
    WAIT_ENQ = "Idle, contention lost by the computer"
    PAUSE = "Idle, contention won by the instrument"
    INTERRUPTED = "Idle, receiver asked to stop"


class Input(Enum):
    HAVE_DATA = auto()
    ACK = auto()
    ACK_LAST = auto()  # of the last frame, and nothing else is waiting
    NAK = auto()  # to a bid
    REFUSAL = auto()  # of a frame: NAK or any character but ACK and EOT
    REFUSAL_LAST = auto()  # the sixth of the same frame
    ENQ_TO_COMPUTER = auto()
    ENQ_TO_INSTRUMENT = auto()
    EOT = auto()
    EOT_LAST = auto()
    NOISE = auto()
    TIMER = auto()
    RELEASED = auto()  # the other side has had its turn


# (state, input) -> (action, next state); LIS01-A2 6.2, 6.3, 6.5 and Figure A1
SENDER: dict[tuple[State, Input], tuple[str, State]] = {
    (State.NEUTRAL, Input.HAVE_DATA): ("bid", State.LINE_BID),
    (State.LINE_BID, Input.ACK): ("send_frame", State.WAIT_REPLY),
    (State.LINE_BID, Input.NAK): ("back_off", State.BUSY),
    (State.LINE_BID, Input.ENQ_TO_COMPUTER): ("yield_line", State.WAIT_ENQ),
    (State.LINE_BID, Input.ENQ_TO_INSTRUMENT): ("hold_line", State.PAUSE),
    (State.LINE_BID, Input.TIMER): ("abandon_bid", State.NEUTRAL),
    (State.BUSY, Input.TIMER): ("rest", State.NEUTRAL),
    (State.WAIT_ENQ, Input.TIMER): ("rest", State.NEUTRAL),
    (State.WAIT_ENQ, Input.RELEASED): ("rest", State.NEUTRAL),
    (State.PAUSE, Input.TIMER): ("rest", State.NEUTRAL),
    (State.WAIT_REPLY, Input.ACK): ("send_next", State.WAIT_REPLY),
    (State.WAIT_REPLY, Input.ACK_LAST): ("finish", State.NEUTRAL),
    (State.WAIT_REPLY, Input.REFUSAL): ("repeat_frame", State.WAIT_REPLY),
    (State.WAIT_REPLY, Input.REFUSAL_LAST): ("abort_refused", State.NEUTRAL),
    (State.WAIT_REPLY, Input.EOT): ("send_next", State.WAIT_REPLY),
    (State.WAIT_REPLY, Input.EOT_LAST): ("finish_interrupted", State.INTERRUPTED),
    (State.WAIT_REPLY, Input.TIMER): ("abort_unanswered", State.NEUTRAL),
    (State.INTERRUPTED, Input.TIMER): ("rest", State.NEUTRAL),
    (State.INTERRUPTED, Input.RELEASED): ("rest", State.NEUTRAL),
}

_REPLIES = {0x06: Input.ACK, 0x15: Input.NAK, 0x05: Input.ENQ_TO_COMPUTER, 0x04: Input.EOT}


@dataclass(slots=True)
class _Message:
    texts: list[tuple[bytes, bytes]]  # (text, ETB or ETX) of each frame
    tag: object
    sent: int = 0  # frames acknowledged


@dataclass(slots=True)
class AstmSender:
    """Deliver queued messages frame by frame, or tell them undelivered; never more than one try of each.

    Whether an unacknowledged message arrived cannot be known, so repeating it is the owner's decision.
    Sources: CLSI LIS01-A2 6.2 to 6.5.
    """

    role: Role = "computer"
    profile: FramingProfile = STANDARD
    state: State = State.NEUTRAL
    deadline: float | None = None
    _queue: deque[_Message] = field(default_factory=deque)
    _outbox: bytearray = field(default_factory=bytearray)
    _number: int = 0  # frame number on the line
    _refusals: int = 0
    _bids: int = 0
    _interrupted: bool = False
    _events: list[Event] = field(default_factory=list)

    @property
    def expects_reply(self) -> bool:
        """Whether the bytes of the line belong to this half."""
        return self.state in (State.LINE_BID, State.WAIT_REPLY, State.PAUSE)

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, H to L, its records without CR; `tag` comes back in the event that ends it."""
        strict = self.role == "computer" and not self.profile.ends_records
        profile = replace(self.profile, ends_records=True) if strict else self.profile
        self._queue.append(_Message(list(texts_of(records, profile)), tag))

    def start(self, now: float) -> None:
        """Bid for the line, if there is work and no reason to wait."""
        if self.state is State.NEUTRAL and self._queue:
            self._apply(Input.HAVE_DATA, now)

    def release(self, now: float) -> None:
        """The other side has had its turn: end a wait that was for its sake."""
        if (self.state, Input.RELEASED) in SENDER:
            self._apply(Input.RELEASED, now)

    def receive(self, data: bytes, now: float) -> tuple[bytes, list[Event]]:
        """Return (bytes that are not this half's, what the reply brought about).

        Only the first reply counts: what came with it left before our next frame and cannot answer it,
        so a doubled ACK does not acknowledge a frame that was lost.
        """
        self._events = []
        for at, char in enumerate(data):
            given = self._judge(char)
            if (self.state, given) in SENDER:
                self._apply(given, now)
                return (b"" if self.expects_reply else data[at + 1 :]), self._events
        return b"", self._events

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about; new bytes may wait in `outgoing`."""
        self._events = []
        if self.deadline is not None and now >= self.deadline:
            self._apply(Input.TIMER, now)
        return self._events

    def outgoing(self) -> bytes:
        """Return, once, the bytes to write to the line."""
        if not self._outbox:
            return b""
        data = bytes(self._outbox)
        self._outbox.clear()
        return data

    def closed(self) -> list[Event]:
        """Return every message the end of the connection leaves undelivered."""
        self._events = []
        while self._queue:
            self._undelivered("the connection ended")
        self.state, self.deadline = State.NEUTRAL, None
        self._outbox.clear()
        return self._events

    # -- inputs ---------------------------------------------------------------------------------------

    def _judge(self, char: int) -> Input:
        given = _REPLIES.get(char, Input.NOISE)
        if self.state is State.WAIT_REPLY:
            return self._judge_frame_reply(given, char)
        if given is Input.ENQ_TO_COMPUTER and self.role == "instrument":
            return Input.ENQ_TO_INSTRUMENT
        return given

    def _judge_frame_reply(self, given: Input, char: int) -> Input:
        if given in (Input.ACK, Input.EOT):
            message = self._queue[0]
            stop = self._interrupted or given is Input.EOT or len(self._queue) == 1
            if message.sent + 1 < len(message.texts) or not stop:
                self._interrupted = self._interrupted or given is Input.EOT
                return given
            if self._interrupted or given is Input.EOT:
                return Input.EOT_LAST
            return Input.ACK_LAST
        if char == NUL[0]:
            return Input.NOISE
        return Input.REFUSAL if self._refusals + 1 < REFUSALS else Input.REFUSAL_LAST

    # -- the table's actions --------------------------------------------------------------------------

    def _apply(self, given: Input, now: float) -> None:
        action, self.state = SENDER[self.state, given]
        wait = getattr(self, f"_{action}")()
        self.deadline = None if wait is None else now + wait

    def _bid(self) -> float:
        self._bids += 1
        self._number, self._interrupted = 0, False
        self._outbox += ENQ
        return REPLY_TIMER

    def _back_off(self) -> float:
        self._count_bid("the other side was busy at every bid")
        return BUSY_TIMER

    def _yield_line(self) -> float:
        return CONTENTION_COMPUTER

    def _hold_line(self) -> float:
        return CONTENTION_INSTRUMENT

    def _abandon_bid(self) -> None:
        self._outbox += EOT
        self._count_bid("no answer to any bid")

    def _rest(self) -> None:
        return None

    def _send_frame(self) -> float:
        self._bids, self._refusals = 0, 0
        self._number = (self._number + 1) % 8
        return self._repeat()

    def _send_next(self) -> float:
        message = self._queue[0]
        message.sent += 1
        if message.sent == len(message.texts):
            self._delivered()
        return self._send_frame()

    def _repeat_frame(self) -> float:
        self._refusals += 1
        return self._repeat()

    def _repeat(self) -> float:
        message = self._queue[0]
        self._outbox += frame_bytes(self._number, *message.texts[message.sent], self.profile)
        return REPLY_TIMER

    def _finish(self) -> None:
        self._delivered()
        self._outbox += EOT

    def _finish_interrupted(self) -> float:
        self._finish()
        return INTERRUPT_TIMER

    def _abort_refused(self) -> None:
        self._outbox += EOT
        self._undelivered("a frame was refused six times")

    def _abort_unanswered(self) -> None:
        self._outbox += EOT
        self._undelivered("no reply to a frame within 15 s")

    def _delivered(self) -> None:
        self._events.append(MessageDelivered(self._queue.popleft().tag))

    def _undelivered(self, reason: str) -> None:
        self._events.append(MessageUndelivered(self._queue.popleft().tag, reason))

    def _count_bid(self, reason: str) -> None:
        if self._bids >= BIDS:
            self._bids = 0
            self._undelivered(reason)
