"""The receiving half of LIS01-A2: a table of states and inputs (its Figure A1), fed with bytes and time."""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from aliquot.wire.astm_link.frames import (
    ACK,
    CR,
    CRLF,
    FORBIDDEN,
    LF,
    NAK,
    NUL,
    OVERHEAD,
    STANDARD,
    STX,
    FramingProfile,
    checksum,
)
from aliquot.wire.link_events import (
    Event,
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageIncomplete,
    MessageReceived,
    SessionClosed,
    SessionOpened,
    Unintelligible,
)

FRAME_TIMER = 30.0  # seconds; LIS01-A2 6.5.2.4
_ENQ, _EOT, _STX, _ETX, _CR = 0x05, 0x04, 0x02, 0x03, 0x0D
_SESSION_MARK = re.compile(rb"[\x04\x05]")
_FRAME_MARK = re.compile(rb"[\x02\x04\x05]")
_FRAME_END = re.compile(rb"[\x03\x04\x05\x17]")
_NOISE = re.compile(rb"[^\x00\r\n]")
_LAST_NUMBER = 7
_NEXT = (b"\x02", b"\x04", b"\x05")  # STX, EOT, ENQ: the line has gone on
_DIGITS_SO_FAR = re.compile(rb"[0-9A-Fa-f]{0,2}")
_PLAIN = re.compile(rb"\x02([0-7][\t\r\x20-\xff]*[\x03\x17])([0-9A-F]{2})\r\n")  # nothing odd in it
_BEGINNINGS = (b"H", b"h", b"M")  # of a header, also MSH
_ACCEPTED = [FrameAccepted(char - 48, ACK) for char in range(256)]  # one for each number: events never change


class State(Enum):
    __hash__ = object.__hash__  # members are singletons; Enum's own hash takes ten times as long
    NEUTRAL = "Idle"
    WAITING = "WaitFrame"


class Input(Enum):
    __hash__ = object.__hash__
    ENQ = auto()
    EOT = auto()
    GOOD_FRAME = auto()
    REPEATED_FRAME = auto()
    BAD_FRAME = auto()
    TIMER = auto()


# (state, input) -> (action, next state); LIS01-A2 6.2 to 6.5 and Figure A1
RECEIVER: dict[tuple[State, Input], tuple[str, State]] = {
    (State.NEUTRAL, Input.ENQ): ("open_session", State.WAITING),
    (State.NEUTRAL, Input.EOT): ("show_stray", State.NEUTRAL),
    (State.NEUTRAL, Input.TIMER): ("show_stray", State.NEUTRAL),
    (State.WAITING, Input.ENQ): ("reopen_session", State.WAITING),
    (State.WAITING, Input.EOT): ("close_session", State.NEUTRAL),
    (State.WAITING, Input.GOOD_FRAME): ("save_frame", State.WAITING),
    (State.WAITING, Input.REPEATED_FRAME): ("acknowledge_again", State.WAITING),
    (State.WAITING, Input.BAD_FRAME): ("refuse_frame", State.WAITING),
    (State.WAITING, Input.TIMER): ("give_up_waiting", State.NEUTRAL),
}


@dataclass(slots=True)
class _Frame:
    """One candidate frame cut from the line; `fault` says why it may not be accepted."""

    body: bytes = b""  # frame number, text, ETB/ETX
    fault: str = ""
    reply: bytes = NAK

    @property
    def text(self) -> bytes:
        """The frame's text; NULs are padding, and LF or CR LF between records is a CR."""
        text = self.body[1:-1]
        if LF in text:
            text = text.replace(CRLF, CR).replace(LF, CR)
        return text.replace(NUL, b"") if NUL in text else text


@dataclass(slots=True)
class AstmReceiver:
    """Turn bytes of the line into events; every accepted message is told once, with the ACK it owes.

    The cutting of the byte stream does not change the events. A wrong checksum, number or character is
    answered NAK and its text goes nowhere. Source: CLSI LIS01-A2 6.3 and 6.5.
    """

    profile: FramingProfile = STANDARD
    state: State = State.NEUTRAL
    deadline: float | None = None
    _buffer: bytearray = field(default_factory=bytearray)
    _at: int = 0  # start of what is not consumed yet
    _searched: int = 0  # no frame end before here
    _stray: bytearray = field(default_factory=bytearray)
    _content: bytearray = field(default_factory=bytearray)
    _last: bytes = b""  # body of the last accepted frame of this session
    _refusing: str = ""  # why every further frame of this session is refused
    _disturbed: bool = False  # something was refused or skipped since the last accepted frame
    _skips_zero: bool | None = None  # what this connection has shown of its numbering after 7
    _record_open: bool = False  # the last frame ended inside a record (ETB)
    _events: list[Event] = field(default_factory=list)

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order; write each event's reply after keeping it."""
        self._events = []
        if not self._buffer and self._receive_plain(data, now):
            return self._events
        self._buffer += data
        while self._at < len(self._buffer):
            step = self._scan_neutral if self.state is State.NEUTRAL else self._scan_session
            if not step(now):
                break
        del self._buffer[: self._at]
        self._searched -= self._at
        self._at = 0
        return self._events

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about: an incomplete message after 30 s without a frame."""
        self._events = []
        if self.deadline is not None and now >= self.deadline:
            self._apply(Input.TIMER, _Frame(), now)
        return self._events

    def closed(self) -> list[Event]:
        """Return what is left over when the connection ends."""
        self._events = []
        self._abandon("the connection ended before the L record")
        self._drop_partial("the connection ended inside the frame")
        self._show_stray("the connection ended inside a session whose start was not seen")
        if self.state is State.WAITING:
            self._events.append(SessionClosed("connection"))
        self.state, self.deadline = State.NEUTRAL, None
        return self._events

    # -- cutting the stream ---------------------------------------------------------------------------

    def _receive_plain(self, data: bytes, now: float) -> bool:
        """Take a read that is the next frame and nothing else, as nearly every read is, without a search."""
        profile = self.profile
        if self.state is not State.WAITING or self._refusing or not profile.has_checksum:
            return False
        found = _PLAIN.fullmatch(data)
        if not found or profile.trailer != CRLF or len(data) > profile.accepted_text_limit:
            return False
        body, digits = found.groups()
        last = self._last[0] - 48 if self._last else 0
        if body[0] - 48 != (last + 1) % 8 or digits != checksum(body):
            return False
        self._apply(Input.GOOD_FRAME, _Frame(body), now)
        return True

    def _scan_neutral(self, now: float) -> bool:
        found = _SESSION_MARK.search(self._buffer, self._at)
        end = found.start() if found else len(self._buffer)
        self._gather_stray(bytes(self._buffer[self._at : end]), now)
        self._at = end + (found is not None)
        if found:
            self._apply(Input.ENQ if self._buffer[end] == _ENQ else Input.EOT, _Frame(), now)
        return found is not None

    def _scan_session(self, now: float) -> bool:
        found = _FRAME_MARK.search(self._buffer, self._at)
        end = found.start() if found else len(self._buffer)
        if end > self._at and _NOISE.search(self._buffer, self._at, end):
            self._disturbed = True
        self._at = end
        if not found:
            return False
        mark = self._buffer[self._at]
        if mark == _STX:
            return self._scan_frame(now)
        self._at += 1
        self._apply(Input.ENQ if mark == _ENQ else Input.EOT, _Frame(), now)
        return True

    def _scan_frame(self, now: float) -> bool:
        """Cut one frame at `_at` (an STX); return False when its end has not come yet."""
        buffer = self._buffer
        while buffer.startswith(STX + STX, self._at):
            self._at += 1
        furthest = self._at + self.profile.accepted_text_limit + OVERHEAD
        found = _FRAME_END.search(buffer, max(self._at + 1, self._searched), furthest)
        if not found:
            self._searched = min(len(buffer), furthest)
            return self._scan_endless(furthest, now)
        end = found.start()
        self._searched = end
        start, self._at = self._at + 1, end + 1
        if buffer[end] in (_ENQ, _EOT):
            self._at = end
            self._apply(Input.BAD_FRAME, self._broken(start, end, "broken off by ENQ or EOT", b""), now)
            return True
        width = 2 if self.profile.has_checksum else 0
        digits = bytes(buffer[end + 1 : end + 1 + width])
        ending = self._ending(end + 1 + width) if _DIGITS_SO_FAR.fullmatch(digits) else -1
        if ending is None or (len(digits) < width and ending >= 0):
            self._at = start - 1
            return False
        if ending >= 0:
            self._at = end + 1 + width + ending
        self._take(bytes(buffer[start : end + 1]), digits, now, is_ended=ending >= 0)
        return True

    def _ending(self, at: int) -> int | None:
        """Return how many bytes the frame's line end has here; None when it has not come, -1 when it is none.

        CR LF is the rule. LF alone, CR alone and nothing are taken where the next character tells them.
        """
        rest, whole = bytes(self._buffer[at : at + max(2, len(self.profile.trailer))]), self.profile.trailer
        if rest.startswith(whole) and (whole or rest[:1] not in (b"", b"\r", b"\n")):
            return len(whole)
        if rest.startswith((CRLF, LF)):
            return 2 if rest[:1] == CR else 1
        if rest[:1] == CR and rest[1:2] in _NEXT:
            return 1
        if rest[:1] in _NEXT or (not whole and rest in (b"", CR)):
            return 0
        return None if whole.startswith(rest) or CRLF.startswith(rest) else -1

    def _scan_endless(self, furthest: int, now: float) -> bool:
        """Refuse a frame that outgrew the limit without an end, so that memory stays bounded."""
        if len(self._buffer) < furthest:
            return False
        frame = self._broken(self._at + 1, furthest, "longer than the longest frame allowed", NAK)
        self._at = furthest
        self._apply(Input.BAD_FRAME, frame, now)
        return True

    def _broken(self, start: int, end: int, fault: str, reply: bytes) -> _Frame:
        return _Frame(bytes(self._buffer[start:end]), fault, reply)

    def _take(self, body: bytes, digits: bytes, now: float, *, is_ended: bool) -> None:
        if self.profile.has_checksum and digits.upper() != checksum(body):
            self._apply(Input.BAD_FRAME, _Frame(body, "wrong checksum"), now)
        elif not is_ended:
            self._apply(Input.BAD_FRAME, _Frame(body, "no CR LF after the checksum"), now)
        elif FORBIDDEN.search(body):
            self._apply(Input.BAD_FRAME, _Frame(body, "a character that may not stand in a frame"), now)
        elif self._refusing:
            self._apply(Input.BAD_FRAME, _Frame(body, self._refusing), now)
        elif body == self._last:
            self._apply(Input.REPEATED_FRAME, _Frame(body), now)
        elif self._restarts(body) or self._follows(body):
            self._apply(Input.GOOD_FRAME, _Frame(body), now)
        else:
            self._lose_place(body, now)

    def _lose_place(self, body: bytes, now: float) -> None:
        """Refuse a frame out of order and all after it: numbers come round, and would hide what is missing.

        A sender that keeps to the rules repeats the refused frame and never gets here.
        """
        if self._content:
            self._abandon("frames are missing from the message")
        self._refusing = "an earlier frame of the session is missing"
        self._apply(Input.BAD_FRAME, _Frame(body, "wrong frame number"), now)

    def _follows(self, body: bytes) -> bool:
        """Whether this is the next frame number: 1 first, then modulo 8 (LIS01-A2 6.3.2.1)."""
        number, last = body[0] - 48, (self._last[0] - 48 if self._last else 0)
        if number == (last + 1) % 8 or self._is_unnumbered(body):
            return True
        if number != 1:
            return False
        return last == _LAST_NUMBER and self.profile.wraps_to_one and self._may_skip_zero()

    def _restarts(self, body: bytes) -> bool:
        """Whether this model begins again at 1 with a header; a record it left open is lost, and told."""
        begins = body[:1] == b"1" and body[1:2] in (b"H", b"h") and self._last[:1] != b"0"
        if not (self.profile.restarts_with_header and begins):
            return False
        if self._record_open:
            self._abandon("frames are missing from the message")
            self._record_open = False
        return True

    def _is_unnumbered(self, body: bytes) -> bool:
        """Whether the frame begins a record of a letter that this model numbers as it likes."""
        letter, mark = body[1:2], body[2:3]
        return letter in self.profile.unnumbered_records and mark == self._content[1:2] and mark != b""

    def _may_skip_zero(self) -> bool:
        """Whether 1 after 7 is this model's habit rather than a lost frame 0."""
        return not self._disturbed if self._skips_zero is None else self._skips_zero

    def _learn_numbering(self, body: bytes) -> None:
        if self._last[:1] == b"7" and not self._disturbed and body[1:2] not in (b"H", b"h"):
            self._skips_zero = body[:1] == b"1"

    def _gather_stray(self, data: bytes, now: float) -> None:
        if not self._stray:
            start = data.find(STX)
            data = data[start:] if start >= 0 else b""
        if not data:
            return
        self._stray += data
        self.deadline = now + FRAME_TIMER
        limit = self.profile.message_limit
        while len(self._stray) > limit:
            raw = bytes(self._stray[:limit])
            del self._stray[:limit]
            self._events.append(Unintelligible(raw, "frames without the ENQ that opens a session"))

    # -- the table's actions --------------------------------------------------------------------------

    def _apply(self, given: Input, frame: _Frame, now: float) -> None:
        action, self.state = RECEIVER[self.state, given]
        self.deadline = now + FRAME_TIMER if self.state is State.WAITING else None
        getattr(self, f"_{action}")(frame)

    def _open_session(self, _: _Frame) -> None:
        self._show_stray("frames without the ENQ that opens a session")
        self._last, self._refusing, self._record_open, self._disturbed = b"", "", False, False
        self._events.append(SessionOpened(ACK))

    def _reopen_session(self, frame: _Frame) -> None:
        self._abandon("a new ENQ came before the L record")
        self._open_session(frame)

    def _close_session(self, _: _Frame) -> None:
        if self._content and self.profile.message_ends == "session":
            self._complete(b"")
        self._abandon("EOT came before the L record")
        self._events.append(SessionClosed("EOT"))

    def _give_up_waiting(self, _: _Frame) -> None:
        self._abandon("no frame for 30 s")
        self._drop_partial("its end did not come within 30 s")
        self._events.append(SessionClosed("timer"))

    def _show_stray(self, reason: str | _Frame) -> None:
        if self._stray:
            words = reason if isinstance(reason, str) else "frames without the ENQ that opens a session"
            self._events.append(Unintelligible(bytes(self._stray), words))
            self._stray.clear()

    def _acknowledge_again(self, frame: _Frame) -> None:
        self._events.append(FrameRepeated(frame.body[0] - 48, ACK))

    def _refuse_frame(self, frame: _Frame) -> None:
        self._disturbed = True
        self._events.append(FrameRefused(frame.body, frame.fault, frame.reply))

    def _save_frame(self, frame: _Frame) -> None:
        text, ended = frame.text, frame.body[-1] == _ETX
        if self._content and self._starts_message(text):
            self._complete(b"", unterminated=True)
        elif self._content and not self._record_open and self._starts_record(text):
            self._content += CR
        if len(self._content) + len(text) > self.profile.message_limit:
            self._overflow()
            return
        self._learn_numbering(frame.body)
        self._last, self._disturbed = frame.body, False
        self._content += text
        cut = not ended and not self.profile.etb_ends_record
        self._record_open = cut and not self._content.endswith(CR)
        if ended and self._is_whole():
            self._complete(ACK)
        else:
            self._events.append(_ACCEPTED[frame.body[0]])

    def _starts_message(self, text: bytes) -> bool:
        if self._record_open or text[:1] not in _BEGINNINGS:
            return False
        if self._is_hl7:
            return text[:4] == self._content[:4]
        return text[:1] in (b"H", b"h") and text[1:2] == self._content[1:2]

    def _starts_record(self, text: bytes) -> bool:
        """Whether the frame before left out the CR at its record's end, as Sysmex CS does."""
        if self._content.endswith(CR):
            return False
        if self._is_hl7:
            return text[:3].isalnum() and text[3:4] == self._content[3:4]
        return text[:1].isalpha() and text[1:2] == self._content[1:2]

    @property
    def _is_hl7(self) -> bool:
        """Whether HL7 is sent in these frames (GeneXpert): grammar and link are independent."""
        return self._content[:3] == b"MSH" and not self._content[3:4].isalnum()

    def _is_whole(self) -> bool:
        """Whether the message ends with this frame: HL7 has no L record, fixed-width messages neither."""
        ends = self.profile.message_ends
        return ends == "frame" or (ends == "record" and (self._is_hl7 or self._is_terminated()))

    def _is_terminated(self) -> bool:
        """Whether the last record of the joined text is an L."""
        content, end = self._content, len(self._content)
        while end and content[end - 1] == _CR:
            end -= 1
        last = bytes(content[content.rfind(CR, 0, end) + 1 : end])
        return last[:1] in (b"L", b"l") and (len(last) == 1 or last[1] == content[1])

    def _complete(self, reply: bytes, *, unterminated: bool = False) -> None:
        content = bytes(self._content)
        self._content.clear()
        is_begun = content[:1] in (b"H", b"h") or content[:3] == b"MSH"
        if is_begun or self.profile.message_ends != "record":
            self._events.append(MessageReceived(content, reply, unterminated))
        else:
            self._events.append(Unintelligible(content, "the message does not begin with an H record", reply))

    def _overflow(self) -> None:
        raw = bytes(self._content)
        self._content.clear()
        self._refusing = "the message is larger than the limit"
        self._events.append(MessageIncomplete(raw, self._refusing, NAK))

    def _abandon(self, reason: str) -> None:
        """Show what was gathered of a message that will not be completed."""
        if self._content:
            self._events.append(MessageIncomplete(bytes(self._content), reason))
            self._content.clear()

    def _drop_partial(self, reason: str) -> None:
        """Show a frame whose end never came."""
        rest = bytes(self._buffer[self._at :])
        if rest:
            self._events.append(FrameRefused(rest, reason, b""))
        self._buffer.clear()
        self._at = self._searched = 0
