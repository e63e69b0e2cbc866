"""One connection whose blocks have neither number nor E1381 checksum, in both roles."""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.wire.blocks import (
    ACK,
    ENQ,
    EOT,
    FRAME_TIMER,
    NAK,
    Block,
    BlockCutter,
    Broken,
)
from aliquot.wire.dialogue import Dialogue
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
from aliquot.wire.sums import checksum

REPLY_TIMER = 15.0  # LIS01-A2 6.5.2.1, 6.5.2.3
BUSY_TIMER = 10.0  # LIS01-A2 6.2.6
CONTENTION = {"computer": 20.0, "instrument": 1.0}  # LIS01-A2 6.5.2.2, 6.2.7.1
TRIES = 6  # of one block, and of one bid
_HEADER = re.compile(rb"[Hh][^\w\s]")
_TERMINATOR = re.compile(rb"(?:^|\r)[Ll](?:[^\w\s\r][^\r]*)?\r*$")
_LONGEST_TERMINATOR = 256
_NEXT_HEADER = re.compile(rb"\r+(?=[Hh][^\w\s])")


_WITH_TEXT = (Input.BLOCK, Input.BROKEN)
_WRITING = ("send_first", "send_next", "repeat_block")
_SINGLES = {ENQ: Input.ENQ, EOT: Input.EOT, ACK: Input.ACK, NAK: Input.NAK}


@dataclass(slots=True)
class _Outgoing:
    blocks: list[bytes]
    tag: object
    sent: int = 0  # blocks acknowledged


@dataclass(slots=True)
class PlainLink(Dialogue[State, Input]):
    """One half-duplex connection in either role; time is an argument.

    The ACK of a block is the reply to the last message it completes. A block that comes again before anything
    else was said is told as repeated. The owner keeps every event before it writes its reply.
    """

    profile: PlainProfile = field(default_factory=PlainProfile)
    _content: bytearray = field(default_factory=bytearray)
    _last: bytes = b""  # the block accepted last
    _last_at: float = 0.0
    _now: float = 0.0  # when the block in hand came
    _queue: deque[_Outgoing] = field(default_factory=deque)
    _tries: int = 0

    def __post_init__(self) -> None:
        profile = self.profile
        with_session = SESSION if profile.needs_session else EITHER
        self.state, self._table = State.IDLE, with_session if profile.has_session else SESSIONLESS
        breaks = ENQ + EOT if profile.has_session else b""
        self._cutter = BlockCutter(
            profile.start, profile.end, 2 if profile.has_sum else 0, breaks, limit=profile.block_limit
        )

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message: the records of one block, or each element a block of its own."""
        joined = [b"".join(record + b"\r" for record in records)] if self.profile.joins_records else records
        self._queue.append(_Outgoing([self._framed(text) for text in joined], tag))

    def _break_off(self) -> None:
        self._abandon("the connection ended before the message did")
        if self.state is State.RECEIVING:
            self._events.append(SessionClosed("connection"))

    def _give_back_all(self, reason: str) -> None:
        while self._queue:
            self._settle(MessageUndelivered(self._queue[0].tag, reason))
        self.state = State.IDLE

    # -- inputs ---------------------------------------------------------------------------------------

    @property
    def _has_partial(self) -> bool:
        return bool(self._content) or self._cutter.is_inside

    def _speak(self, now: float) -> None:
        if self._queue and self.state is State.IDLE and not self._has_partial:
            self._apply(Input.HAVE_DATA, now)

    def _arm(self, now: float) -> None:
        """What has begun must end within 30 s."""
        if self._has_partial and self.deadline is None:
            self.deadline = now + FRAME_TIMER

    def _judge_silence(self, now: float) -> None:
        self._apply(Input.TIMER, now)
        self._arm(now)

    def _judge_broken(self, broken: Broken, now: float) -> None:
        self._apply(Input.BROKEN, now, broken.raw, broken.reason)

    def _judge_single(self, char: bytes, now: float) -> None:
        # a reply that came before our block has left cannot answer it, e.g. a doubled ACK
        if char in _SINGLES and not (self._outbox and char in (ACK, NAK)):
            self._apply(self._judge(_SINGLES[char]), now)

    def _judge(self, given: Input) -> Input:
        if self.state is not State.SENDING:
            return given
        message = self._queue[0]
        if given in (Input.ACK, Input.EOT):
            return Input.ACK if message.sent + 1 < len(message.blocks) else Input.ACK_LAST
        return Input.NAK_LAST if given is Input.NAK and self._tries >= TRIES else given

    def _judge_block(self, block: Block, now: float) -> None:
        if self.profile.has_sum and block.tail.upper() != checksum(block.text + self.profile.end):
            self._apply(Input.BROKEN, now, block.text, "wrong checksum")
        else:
            self._now = now
            self._apply(Input.BLOCK, now, block.text.replace(b"\0", b""))

    def _timer(self, now: float, given: Input, action: str) -> float | None:
        if given in _WITH_TEXT and self.state in (State.SENDING, State.WAITING):
            return self.deadline  # what comes meanwhile neither prolongs our wait nor ends it
        if self.state is State.IDLE:
            return now + FRAME_TIMER if self._content else None
        return now + {
            "bid": REPLY_TIMER,
            "yield_line": CONTENTION[self.role],
            "back_off": BUSY_TIMER,
            "abandon_bid": 0.0,
            **dict.fromkeys(_WRITING, REPLY_TIMER if self.profile.acknowledges else 0.0),
        }.get(action, FRAME_TIMER)

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

    def _show_stray(self, text: bytes) -> None:
        self._events.append(Unintelligible(text, "a block without the ENQ that opens a session"))

    def _refuse(self, raw: bytes, reason: str) -> None:
        """Ask for the block again; of a device that nobody answers it will not come again, so it is shown."""
        refused = FrameRefused(raw, reason, NAK) if self._ack else Unintelligible(raw, reason)
        self._events.append(refused)

    def _take(self, text: bytes) -> None:
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
        total = checksum(text + profile.end).lower() if profile.has_sum else b""
        return profile.start + text + profile.end + total + profile.trailer

    def _bid(self) -> None:
        self._tries += 1
        self._outbox += ENQ

    def _yield_line(self) -> None:
        return None

    def _back_off(self) -> None:
        self._count_bids("the other side was busy at every bid")

    def _abandon_bid(self) -> None:
        self._outbox += EOT
        self._count_bids("no answer to any bid")

    def _count_bids(self, reason: str) -> None:
        if self._tries >= TRIES:
            self._settle(MessageUndelivered(self._queue[0].tag, reason))

    def _rest(self) -> None:
        return None

    def _send_first(self) -> None:
        self._tries = 0
        self._write()

    def _send_next(self) -> None:
        self._queue[0].sent += 1
        self._send_first()

    def _repeat_block(self) -> None:
        self._write()

    def _write(self) -> None:
        message = self._queue[0]
        self._tries += 1
        self._last = b""
        if self.profile.acknowledges:
            self._outbox += message.blocks[message.sent]
        else:
            self._outbox += b"".join(message.blocks)

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
