"""One connection whose blocks have neither number nor E1381 checksum, in both roles."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.wire.blocks import (
    ACK,
    ANSWER_TIMER,
    ENQ,
    EOT,
    FRAME_TIMER,
    NAK,
    Block,
    BlockCutter,
    Broken,
    summed,
)
from aliquot.wire.link import Role
from aliquot.wire.link_events import (
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
from aliquot.wire.plain_frames.tables import EITHER, SESSION, SESSIONLESS, Input, PlainProfile, State

REPLY_TIMER = ANSWER_TIMER
BUSY_TIMER = 10.0  # LIS01-A2 6.2.6
CONTENTION = {"computer": 20.0, "instrument": 1.0}  # LIS01-A2 6.5.2.2, 6.2.7.1
TRIES = 6  # of one block, and of one bid
_HEADER = re.compile(rb"[Hh][^\w\s]")
_TERMINATOR = re.compile(rb"(?:^|\r)[Ll](?:[^\w\s\r][^\r]*)?\r*$")
_LONGEST_TERMINATOR = 256
_NEXT_HEADER = re.compile(rb"\r+(?=[Hh][^\w\s])")


_SINGLES = {ENQ: Input.ENQ, EOT: Input.EOT, ACK: Input.ACK, NAK: Input.NAK}


@dataclass(slots=True)
class _Outgoing:
    blocks: list[bytes]
    tag: object
    sent: int = 0  # blocks acknowledged


@dataclass(slots=True)
class PlainLink:
    """One half-duplex connection in either role; time is an argument.

    The ACK of a block is the reply to the last message it completes. A block that comes again before anything
    else was said is told as repeated. The owner keeps every event before it writes its reply.
    """

    role: Role = "computer"
    profile: PlainProfile = field(default_factory=PlainProfile)
    state: State = State.IDLE
    deadline: float | None = None
    _cutter: BlockCutter = field(init=False)
    _content: bytearray = field(default_factory=bytearray)
    _table: dict[tuple[State, Input], tuple[str, State]] = field(init=False)
    _last: bytes = b""  # the block accepted last
    _last_at: float = 0.0
    _now: float = 0.0
    _queue: deque[_Outgoing] = field(default_factory=deque)
    _outbox: bytearray = field(default_factory=bytearray)
    _tries: int = 0
    _events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        profile = self.profile
        with_session = SESSION if profile.needs_session else EITHER
        self._table = with_session if profile.has_session else SESSIONLESS
        breaks = ENQ + EOT if profile.has_session else b""
        self._cutter = BlockCutter(
            profile.start, profile.end, 2 if profile.has_sum else 0, breaks, limit=profile.block_limit
        )

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order."""
        self._events = []
        for item in self._cutter.feed(data):
            if isinstance(item, Block):
                self._judge_block(item, now)
            elif isinstance(item, Broken):
                self._apply(Input.BROKEN, now, item.raw, item.reason)
            elif item.char in _SINGLES and not (self._outbox and item.char in (ACK, NAK)):
                # a reply that came before our block has left cannot answer it, e.g. a doubled ACK
                self._apply(self._judge(_SINGLES[item.char]), now)
        self._arm(now)
        return self._events

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message: the records of one block, or each element a block of its own."""
        joined = [b"".join(record + b"\r" for record in records)] if self.profile.joins_records else records
        self._queue.append(_Outgoing([self._framed(text) for text in joined], tag))

    def outgoing(self, now: float) -> bytes:
        """Return, once, what this side has to say of its own accord."""
        if self._queue and self.state is State.IDLE and not self._has_partial:
            self._apply(Input.HAVE_DATA, now)
        data = bytes(self._outbox)
        self._outbox.clear()
        return data

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about."""
        self._events = []
        if self.deadline is not None and now >= self.deadline:
            self._apply(Input.TIMER, now)
            self._arm(now)
        return self._events

    def closed(self) -> list[Event]:
        """Return what the end of the connection leaves incomplete or undelivered."""
        self._events = []
        self._abandon("the connection ended before the message did")
        if self.state is State.RECEIVING:
            self._events.append(SessionClosed("connection"))
        while self._queue:
            self._settle(MessageUndelivered(self._queue[0].tag, "the connection ended"))
        self.state, self.deadline = State.IDLE, None
        self._outbox.clear()
        return self._events

    @property
    def next_deadline(self) -> float | None:
        """The time at which `overdue` wants to be called, or None."""
        return self.deadline

    # -- inputs ---------------------------------------------------------------------------------------

    @property
    def _has_partial(self) -> bool:
        return bool(self._content) or self._cutter.is_inside

    def _arm(self, now: float) -> None:
        """What has begun must end within 30 s."""
        if self._has_partial and self.deadline is None:
            self.deadline = now + FRAME_TIMER

    def _judge(self, given: Input) -> Input:
        if self.state is not State.SENDING:
            return given
        message = self._queue[0]
        if given in (Input.ACK, Input.EOT):
            return Input.ACK if message.sent + 1 < len(message.blocks) else Input.ACK_LAST
        return Input.NAK_LAST if given is Input.NAK and self._tries >= TRIES else given

    def _judge_block(self, block: Block, now: float) -> None:
        if self.profile.has_sum and block.tail.upper() != summed(block.text + self.profile.end):
            self._apply(Input.BROKEN, now, block.text, "wrong checksum")
        else:
            self._apply(Input.BLOCK, now, block.text.replace(b"\0", b""))

    def _apply(self, given: Input, now: float, text: bytes = b"", reason: str = "") -> None:
        if (self.state, given) not in self._table:
            return
        self._now = now
        action, self.state = self._table[self.state, given]
        wait = getattr(self, f"_{action}")(*((text, reason) if given in _WITH_TEXT else ()))
        if self.state in (State.SENDING, State.WAITING) and given in _WITH_TEXT:
            return  # what comes meanwhile neither prolongs our wait nor ends it
        if wait is None and (self.state is State.RECEIVING or self._content):
            wait = FRAME_TIMER
        self.deadline = None if wait is None else now + wait

    # -- receiving ------------------------------------------------------------------------------------

    @property
    def _ack(self) -> bytes:
        return ACK if self.profile.acknowledges else b""

    def _open_session(self) -> None:
        self._last = b""
        self._events.append(SessionOpened(ACK))

    def _reopen_session(self) -> None:
        self._abandon("a new ENQ came before the message ended")
        self._open_session()

    def _close_session(self) -> None:
        self._abandon("EOT came before the message ended")
        self._events.append(SessionClosed("EOT"))

    def _give_up_session(self) -> None:
        self._abandon("nothing came for 30 s")
        self._events.append(SessionClosed("timer"))

    def _give_up_waiting(self) -> None:
        self._abandon("nothing came for 30 s")

    def _show_stray(self, text: bytes, _: str) -> None:
        self._events.append(Unintelligible(text, "a block without the ENQ that opens a session"))

    def _refuse(self, raw: bytes, reason: str) -> None:
        """Ask for the block again; of a device that nobody answers it will not come again, so it is shown."""
        refused = FrameRefused(raw, reason, NAK) if self._ack else Unintelligible(raw, reason)
        self._events.append(refused)

    def _take(self, text: bytes, _: str) -> None:
        if self._ack and text == self._last and self._now - self._last_at < FRAME_TIMER:
            self._events.append(FrameRepeated(0, ACK))
            return
        self._last, self._last_at = text, self._now
        if self.profile.joins_records and b"\n" in text:
            text = text.replace(b"\r\n", b"\r").replace(b"\n", b"\r")
        if self.profile.joins_records and not self._content:
            text = text.lstrip(b"\r")
        if not text.strip():
            self._events.append(FrameAccepted(0, self._ack))
        elif not self.profile.joins_records or not (self._content or _HEADER.match(text)):
            self._events.append(MessageReceived(text, self._ack))
        elif len(self._content) + len(text) > self.profile.message_limit:
            self._abandon("the message is larger than the limit")
            self._refuse(text, "the message is larger than the limit")
        else:
            self._join(text)

    def _join(self, text: bytes) -> None:
        """Tell every message of records that is complete now; the last of them carries the ACK."""
        content, told = self._content, list[Event]()
        begins_record = text[:1].isalpha() and text[1:2] == content[1:2]
        if content and not content.endswith(b"\r") and begins_record:
            content += b"\r"  # the device leaves out the last CR of a block
        if content.endswith(b"\r") and _HEADER.match(text):
            told.append(self._told(b""))
        *whole, last = _NEXT_HEADER.split(text)
        for part in whole:
            content += part + b"\r"
            told.append(self._told(b""))
        content += last
        ended = self._is_terminated
        told.append(self._told(self._ack) if ended else FrameAccepted(0, self._ack))
        self._events.extend(told)

    @property
    def _is_terminated(self) -> bool:
        return _TERMINATOR.search(self._content, max(len(self._content) - _LONGEST_TERMINATOR, 0)) is not None

    def _told(self, reply: bytes) -> MessageReceived:
        unterminated = not self._is_terminated
        content = bytes(self._content)
        self._content.clear()
        return MessageReceived(content, reply, unterminated)

    def _abandon(self, reason: str) -> None:
        """Show what was gathered of a message that will not be completed."""
        if self._content:
            self._events.append(MessageIncomplete(bytes(self._content), reason))
            self._content.clear()
        broken = self._cutter.drop(reason)
        if broken and broken.raw:
            rest = FrameRefused(broken.raw, reason, b"") if self._ack else Unintelligible(broken.raw, reason)
            self._events.append(rest)

    # -- sending --------------------------------------------------------------------------------------

    def _framed(self, text: bytes) -> bytes:
        profile = self.profile
        total = summed(text + profile.end).lower() if profile.has_sum else b""
        return profile.start + text + profile.end + total + profile.trailer

    def _bid(self) -> float:
        self._tries += 1
        self._outbox += ENQ
        return REPLY_TIMER

    def _yield_line(self) -> float:
        return CONTENTION[self.role]

    def _back_off(self) -> float:
        self._count_bids("the other side was busy at every bid")
        return BUSY_TIMER

    def _abandon_bid(self) -> float:
        self._outbox += EOT
        self._count_bids("no answer to any bid")
        return 0.0

    def _count_bids(self, reason: str) -> None:
        if self._tries >= TRIES:
            self._settle(MessageUndelivered(self._queue[0].tag, reason))

    def _rest(self) -> None:
        return None

    def _send_first(self) -> float:
        self._tries = 0
        return self._write()

    def _send_next(self) -> float:
        self._queue[0].sent += 1
        return self._send_first()

    def _repeat_block(self) -> float:
        return self._write()

    def _write(self) -> float:
        message = self._queue[0]
        self._tries += 1
        self._last = b""
        if self.profile.acknowledges:
            self._outbox += message.blocks[message.sent]
            return REPLY_TIMER
        self._outbox += b"".join(message.blocks)
        return 0.0

    def _finish(self) -> None:
        self._settle(MessageDelivered(self._queue[0].tag))

    def _give_up_refused(self) -> None:
        self._settle(MessageUndelivered(self._queue[0].tag, f"a block was refused {TRIES} times"))

    def _give_up_unanswered(self) -> None:
        if self.profile.acknowledges:
            self._settle(MessageUndelivered(self._queue[0].tag, "no reply to a block within 15 s"))
        else:
            self._finish()  # nobody answers: written is delivered

    def _settle(self, event: MessageDelivered | MessageUndelivered) -> None:
        self._queue.popleft()
        if self.profile.has_session and self.state is State.IDLE:
            self._outbox += EOT
        self._tries = 0
        self._events.append(event)


_WITH_TEXT = (Input.BLOCK, Input.BROKEN)
