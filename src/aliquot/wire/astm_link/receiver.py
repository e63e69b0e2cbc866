"""The receiving half of LIS01-A2, fed with bytes and time: the stream is cut into inputs of its session."""

import re
from dataclasses import dataclass, field

from aliquot.wire.astm_link.frames import CR, CRLF, LF, NAK, OVERHEAD, STX
from aliquot.wire.astm_link.session import Frame, Input, ReceivingSession, State
from aliquot.wire.link_events import Event, SessionClosed
from aliquot.wire.sums import checksum

_ENQ, _EOT, _STX = 0x05, 0x04, 0x02
_SESSION_MARK = re.compile(rb"[\x04\x05]")
_FRAME_MARK = re.compile(rb"[\x02\x04\x05]")
_FRAME_END = re.compile(rb"[\x03\x04\x05\x17]")
_NOISE = re.compile(rb"[^\x00\r\n]")
_NEXT = (b"\x02", b"\x04", b"\x05")  # STX, EOT, ENQ: the line has gone on
_DIGITS_SO_FAR = re.compile(rb"[0-9A-Fa-f]{0,2}")
_PLAIN = re.compile(rb"\x02([0-7][\t\r\x20-\xff]*[\x03\x17])([0-9A-F]{2})\r\n")  # nothing odd in it


@dataclass(slots=True)
class AstmReceiver(ReceivingSession):
    """Turn bytes of the line into events; every accepted message is told once, with the ACK it owes.

    The cutting of the byte stream does not change the events.
    """

    _buffer: bytearray = field(default_factory=bytearray)
    _at: int = 0  # start of what is not consumed yet
    _searched: int = 0  # no frame end before here

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
            self._apply(Input.TIMER, Frame(self._drop_partial()), now)
        return self._events

    def closed(self) -> list[Event]:
        """Return what is left over when the connection ends."""
        self._events = []
        self._abandon("the connection ended before the L record")
        self._show_partial(self._drop_partial(), "the connection ended inside the frame")
        self._tell_stray("the connection ended inside a session whose start was not seen")
        if self.state is State.WAITING:
            self._events.append(SessionClosed("connection"))
        self.state, self.deadline = State.NEUTRAL, None
        return self._events

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
        self._apply(Input.GOOD_FRAME, Frame(body), now)
        return True

    def _scan_neutral(self, now: float) -> bool:
        found = _SESSION_MARK.search(self._buffer, self._at)
        end = found.start() if found else len(self._buffer)
        self._gather_stray(bytes(self._buffer[self._at : end]), now)
        self._at = end + (found is not None)
        if found:
            self._apply(Input.ENQ if self._buffer[end] == _ENQ else Input.EOT, Frame(), now)
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
        self._apply(Input.ENQ if mark == _ENQ else Input.EOT, Frame(), now)
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

    def _broken(self, start: int, end: int, fault: str, reply: bytes) -> Frame:
        return Frame(bytes(self._buffer[start:end]), fault, reply)

    def _drop_partial(self) -> bytes:
        """Forget a frame whose end never came; return it."""
        rest = bytes(self._buffer[self._at :])
        self._buffer.clear()
        self._at = self._searched = 0
        return rest
