"""The blocks of MLLP cut from a stream: a table of states and inputs, fed with bytes and time.

Source: HL7 Implementation Guide, Minimal Lower Layer Protocol release 1: VT, message, FS, CR. The FS is
believed when its CR follows, or nothing does: an FS inside a message is damage, and cutting there would
shorten a value. When the last segment lacks its own CR, FS CR is believed when no text follows it.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from aliquot.wire.hl7 import split_messages
from aliquot.wire.mllp.profile import FS, STANDARD, MllpProfile

_VT, _FS = 0x0B, 0x1C
_BLANK = b"\x00\t\r\n "
_PATIENCE = 64  # CR, LF and NUL behind a doubtful end, and it is believed
_BEHIND_FS = b"\r\n\x00"
_BLANKS = re.compile(rb"[\x00\t\r\n ]*")
_BEGINS = re.compile(rb"MSH[^\w\s]")


class State(Enum):
    OUTSIDE = "between blocks"
    INSIDE = "in a block"
    ENDING = "after FS, before its CR"
    DOUBTING = "after FS CR, which the end of a segment did not precede"
    OVERLONG = "in a block that outgrew the limit"


class Input(Enum):
    VT = auto()
    FS = auto()
    AFTER = auto()  # CR, LF or NUL behind an FS
    AFTER_TORN = auto()  # the same, but the text in front of the FS does not end a segment
    TEXT = auto()  # anything else behind an FS
    LIMIT = auto()
    TIMER = auto()
    CLOSED = auto()  # the connection ended


_BEHIND = (State.ENDING, State.DOUBTING)

# (state, input) -> (action, next state)
READER: dict[tuple[State, Input], tuple[str, State]] = {
    (State.OUTSIDE, Input.VT): ("show_stray", State.INSIDE),
    (State.OUTSIDE, Input.FS): ("await_return", State.ENDING),
    (State.OUTSIDE, Input.LIMIT): ("shed_stray", State.OUTSIDE),
    (State.OUTSIDE, Input.TIMER): ("show_stray", State.OUTSIDE),
    (State.OUTSIDE, Input.CLOSED): ("show_stray", State.OUTSIDE),
    (State.INSIDE, Input.VT): ("abandon_for_next", State.INSIDE),
    (State.INSIDE, Input.FS): ("await_return", State.ENDING),
    (State.INSIDE, Input.LIMIT): ("outgrow", State.OVERLONG),
    (State.INSIDE, Input.TIMER): ("abandon_silent", State.OUTSIDE),
    (State.INSIDE, Input.CLOSED): ("abandon_cut", State.OUTSIDE),
    (State.ENDING, Input.AFTER): ("finish", State.OUTSIDE),
    (State.ENDING, Input.FS): ("finish", State.OUTSIDE),
    (State.ENDING, Input.VT): ("finish", State.INSIDE),
    (State.ENDING, Input.TIMER): ("finish", State.OUTSIDE),
    (State.ENDING, Input.CLOSED): ("finish", State.OUTSIDE),
    (State.ENDING, Input.AFTER_TORN): ("await_text", State.DOUBTING),
    (State.ENDING, Input.TEXT): ("doubt_end", State.INSIDE),
    (State.DOUBTING, Input.AFTER): ("await_text", State.DOUBTING),
    (State.DOUBTING, Input.LIMIT): ("finish_torn", State.OUTSIDE),
    (State.DOUBTING, Input.FS): ("doubt_first_end", State.ENDING),
    (State.DOUBTING, Input.VT): ("finish_torn", State.INSIDE),
    (State.DOUBTING, Input.TIMER): ("finish_torn", State.OUTSIDE),
    (State.DOUBTING, Input.CLOSED): ("finish_torn", State.OUTSIDE),
    (State.DOUBTING, Input.TEXT): ("doubt_end", State.INSIDE),
    (State.OVERLONG, Input.VT): ("finish_overlong", State.INSIDE),
    (State.OVERLONG, Input.FS): ("finish_overlong", State.OUTSIDE),
    (State.OVERLONG, Input.LIMIT): ("shed_overlong", State.OVERLONG),
    (State.OVERLONG, Input.TIMER): ("finish_overlong", State.OUTSIDE),
    (State.OVERLONG, Input.CLOSED): ("finish_overlong", State.OUTSIDE),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """What was cut: a whole message, or bytes with the reason why they are none."""

    raw: bytes
    fault: str = ""
    broken_off: bool = False  # the beginning of a message, rather than noise
    refuse: bool = False  # it is answered with a refusal
    bare: bool = False  # it came without VT and FS


@dataclass(slots=True)
class BlockReader:
    """Cut the stream into pieces; how it arrives in parts changes nothing."""

    profile: MllpProfile = STANDARD
    state: State = State.OUTSIDE
    deadline: float | None = None
    _buffer: bytearray = field(default_factory=bytearray)
    _at: int = 0  # what is before here is done with
    _searched: int = 0  # no mark between `_at` and here
    _unopened: bool = True  # the text in hand came without VT
    _doubtful: bool = False  # an FS stands inside the text in hand
    _end: int = 0  # where the FS stands that is not believed yet
    _tears: bool = False  # this model leaves out the last segment's CR, as it has shown
    _pieces: list[Piece] = field(default_factory=list)

    def receive(self, data: bytes, now: float) -> list[Piece]:
        """Return what these bytes complete, in order."""
        self._pieces = []
        self._buffer += data
        while self._step():
            pass
        del self._buffer[: self._at]
        self._searched -= self._at
        self._end -= self._at
        self._at = 0
        self._arm(now)
        return self._pieces

    def overdue(self, now: float) -> list[Piece]:
        """Return what silence completes or ends."""
        self._pieces = []
        if self.deadline is not None and now >= self.deadline:
            self._settle(Input.TIMER)
        return self._pieces

    def closed(self) -> list[Piece]:
        """Return what the end of the connection leaves."""
        self._pieces = []
        self._settle(Input.CLOSED)
        return self._pieces

    def _settle(self, given: Input) -> None:
        self._apply(given, self._end if self.state in _BEHIND else len(self._buffer))
        self._buffer.clear()
        self._searched = 0
        self.deadline = None

    # -- cutting --------------------------------------------------------------------------------------

    def _step(self) -> bool:
        """Take the next mark of the stream; return False when more bytes are needed."""
        buffer = self._buffer
        if self.state in _BEHIND:
            return self._step_behind_end()
        if self.state is State.OUTSIDE and self._searched == self._at:
            self._skip_blanks()
        furthest = self._at + self.profile.message_limit
        end = self._next_mark(furthest)
        if end >= 0:
            self._take_mark(end)
            return True
        self._searched = min(len(buffer), furthest)
        if len(buffer) < furthest:
            return False
        self._apply(Input.LIMIT, furthest)
        self._at = furthest
        return True

    def _next_mark(self, furthest: int) -> int:
        """Where the next VT or FS stands, -1 for nowhere: two finds are many times as fast as a search."""
        end = self._buffer.find(_FS, self._searched, furthest)
        start = self._buffer.find(_VT, self._searched, furthest if end < 0 else end)
        return end if start < 0 else start

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self._buffer, self._at)
        assert found is not None
        self._at = self._searched = found.end()

    def _take_mark(self, end: int) -> None:
        self._apply(Input.VT if self._buffer[end] == _VT else Input.FS, end)
        self._searched = end + 1
        if self.state is not State.ENDING:
            self._at = end + 1

    def _step_behind_end(self) -> bool:
        """Look at the next byte behind the FS; what was looked at ends at `_searched`."""
        if self._searched == len(self._buffer):
            return False
        given = self._judge(self._buffer[self._searched])
        self._apply(given, self._end)
        if self.state is not State.INSIDE or given is Input.VT:
            self._searched += 1
        if self.state not in _BEHIND and given is not Input.TEXT:
            self._at = self._searched
        return True

    def _judge(self, char: int) -> Input:
        if char == _VT:
            return Input.VT
        if char == _FS:
            return Input.FS
        if char not in _BEHIND_FS:
            return Input.TEXT
        if self._searched - self._end > _PATIENCE:
            return Input.LIMIT
        has_text = self.state is State.ENDING and self._end > self._at
        torn = has_text and self._buffer[self._end - 1] not in b"\r\n"
        return Input.AFTER_TORN if torn and not self._tears else Input.AFTER

    def _apply(self, given: Input, end: int) -> None:
        action, self.state = READER[self.state, given]
        getattr(self, f"_{action}")(end)
        if self.state is State.OUTSIDE or given is Input.VT:
            self._unopened, self._doubtful = self.state is State.OUTSIDE, False

    def _arm(self, now: float) -> None:
        if self.state in _BEHIND:
            self.deadline = now + self.profile.return_timer
        elif self.state is State.OUTSIDE:
            wait = self.profile.bare_timer if self.profile.bare else self.profile.block_timer
            self.deadline = now + wait if self._buffer else None
        else:
            self.deadline = now + self.profile.block_timer

    def _tell(self, raw: bytes, fault: str = "", *, broken_off: bool = False, refuse: bool = False) -> None:
        if raw.strip(_BLANK):
            self._pieces.append(Piece(raw, fault, broken_off, refuse))

    def _text(self, end: int) -> bytes:
        return bytes(self._buffer[self._at : end])

    # -- the table's actions --------------------------------------------------------------------------

    def _await_return(self, end: int) -> None:
        self._end = end

    def _await_text(self, _: int) -> None:
        """Text would show that the FS is damage."""

    def _doubt_first_end(self, _: int) -> None:
        """The true end has come, so the FS in front of it is damage."""
        self._doubtful, self._end = True, self._searched

    def _finish_torn(self, end: int) -> None:
        self._tears = True
        self._finish(end)

    def _doubt_end(self, _: int) -> None:
        self._doubtful = True

    def _finish(self, end: int) -> None:
        raw = self._text(end)
        if self._doubtful:
            self._finish_doubtful(raw)
        elif self._unopened and not _BEGINS.match(raw):
            self._tell(raw, "an end mark, and no message in front of it")
        else:
            self._tell(raw)

    def _finish_doubtful(self, raw: bytes) -> None:
        """Messages whose CR and VT were left out, or one whose FS is damage."""
        parts = [part.strip(_BLANK) for part in raw.split(FS)]
        if all(_BEGINS.match(part) for part in parts):
            for part in parts:
                self._tell(part)
        else:
            self._tell(raw, "an end mark stands inside the block", broken_off=True, refuse=True)

    def _show_stray(self, end: int) -> None:
        raw = self._text(end)
        begins = _BEGINS.match(raw) is not None
        if begins and self.profile.bare:
            self._pieces += [Piece(one, bare=True) for one in split_messages(raw)]
        elif begins:
            self._tell(raw, "a message without the marks of a block", broken_off=True)
        else:
            self._tell(raw, "bytes outside any block")

    def _shed_stray(self, end: int) -> None:
        self._tell(self._text(end), "bytes outside any block, more than a message may have")

    def _abandon_for_next(self, end: int) -> None:
        self._tell(self._text(end), "a new block began before its end", broken_off=True)

    def _abandon_silent(self, end: int) -> None:
        self._tell(self._text(end), "its end did not come in time", broken_off=True)

    def _abandon_cut(self, end: int) -> None:
        self._tell(self._text(end), "the connection ended inside the block", broken_off=True)

    def _outgrow(self, end: int) -> None:
        self._tell(self._text(end), "the message is larger than the limit", broken_off=True, refuse=True)

    def _shed_overlong(self, end: int) -> None:
        self._tell(self._text(end), "the rest of a message larger than the limit")

    def _finish_overlong(self, end: int) -> None:
        self._shed_overlong(end)
