"""One session of LIS01-A2 as the receiver lives through it: its table of states and inputs (Figure A1)."""

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
    STANDARD,
    STX,
    FramingProfile,
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
from aliquot.wire.sums import checksum

FRAME_TIMER = 30.0  # seconds; LIS01-A2 6.5.2.4
_ETX, _CR = 0x03, 0x0D
_LAST_NUMBER = 7
_BEGINNINGS = (b"H", b"h", b"M")  # of a header, also MSH
_NO_ENQ = "frames without the ENQ that opens a session"
_ACCEPTED = [FrameAccepted(char - 48, ACK) for char in range(256)]  # one for each number: events never change


class State(Enum):
    __hash__ = object.__hash__  # members are singletons; Enum's own hash takes about three times as long
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
class Frame:
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
class ReceivingSession:
    """What becomes of each frame once it is cut from the line: judged, numbered, gathered into a message.

    A wrong checksum, number or character is answered NAK and its text goes nowhere. Source: CLSI LIS01-A2 6.3
    and 6.5.
    """

    profile: FramingProfile = STANDARD
    state: State = State.NEUTRAL
    deadline: float | None = None
    _stray: bytearray = field(default_factory=bytearray)
    _content: bytearray = field(default_factory=bytearray)
    _last: bytes = b""  # body of the last accepted frame of this session
    _refusing: str = ""  # why every further frame of this session is refused
    _disturbed: bool = False  # something was refused or skipped since the last accepted frame
    _skips_zero: bool | None = None  # what this connection has shown of its numbering after 7
    _record_open: bool = False  # the last frame ended inside a record (ETB)
    _events: list[Event] = field(default_factory=list)

    def _apply(self, given: Input, frame: Frame, now: float) -> None:
        action, self.state = RECEIVER[self.state, given]
        self.deadline = now + FRAME_TIMER if self.state is State.WAITING else None
        getattr(self, f"_{action}")(frame)

    # -- which input a frame is ------------------------------------------------------------------------

    def _take(self, body: bytes, digits: bytes, now: float, *, is_ended: bool) -> None:
        if self.profile.has_checksum and digits.upper() != checksum(body):
            self._apply(Input.BAD_FRAME, Frame(body, "wrong checksum"), now)
        elif not is_ended:
            self._apply(Input.BAD_FRAME, Frame(body, "no CR LF after the checksum"), now)
        elif FORBIDDEN.search(body):
            self._apply(Input.BAD_FRAME, Frame(body, "a character that may not stand in a frame"), now)
        elif self._refusing:
            self._apply(Input.BAD_FRAME, Frame(body, self._refusing), now)
        elif body == self._last:
            self._apply(Input.REPEATED_FRAME, Frame(body), now)
        elif self._restarts(body) or self._follows(body):
            self._apply(Input.GOOD_FRAME, Frame(body), now)
        else:
            self._lose_place(body, now)

    def _lose_place(self, body: bytes, now: float) -> None:
        """Refuse a frame out of order and all after it: numbers come round, and would hide what is missing.

        A sender that keeps to the rules repeats the refused frame and never gets here.
        """
        if self._content:
            self._abandon("frames are missing from the message")
        self._refusing = "an earlier frame of the session is missing"
        self._apply(Input.BAD_FRAME, Frame(body, "wrong frame number"), now)

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

    # -- the table's actions --------------------------------------------------------------------------

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
            self._events.append(Unintelligible(raw, _NO_ENQ))

    def _open_session(self, _: Frame) -> None:
        self._tell_stray(_NO_ENQ)
        self._last, self._refusing, self._record_open, self._disturbed = b"", "", False, False
        self._events.append(SessionOpened(ACK))

    def _reopen_session(self, frame: Frame) -> None:
        self._abandon("a new ENQ came before the L record")
        self._open_session(frame)

    def _close_session(self, _: Frame) -> None:
        if self._content and self.profile.message_ends == "session":
            self._complete(b"")
        self._abandon("EOT came before the L record")
        self._events.append(SessionClosed("EOT"))

    def _give_up_waiting(self, begun: Frame) -> None:
        self._abandon("no frame for 30 s")
        self._show_partial(begun.body, "its end did not come within 30 s")
        self._events.append(SessionClosed("timer"))

    def _show_stray(self, _: Frame) -> None:
        self._tell_stray(_NO_ENQ)

    def _tell_stray(self, reason: str) -> None:
        if self._stray:
            self._events.append(Unintelligible(bytes(self._stray), reason))
            self._stray.clear()

    def _acknowledge_again(self, frame: Frame) -> None:
        self._events.append(FrameRepeated(frame.body[0] - 48, ACK))

    def _refuse_frame(self, frame: Frame) -> None:
        self._disturbed = True
        self._events.append(FrameRefused(frame.body, frame.fault, frame.reply))

    def _save_frame(self, frame: Frame) -> None:
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

    def _show_partial(self, begun: bytes, reason: str) -> None:
        """Show a frame whose end never came."""
        if begun:
            self._events.append(FrameRefused(begun, reason, b""))
