"""Cutting a stream into blocks between two characters: what the links without E1381 frames share."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

STX, ETX = b"\x02", b"\x03"
EOT, ENQ, ACK, NAK = b"\x04", b"\x05", b"\x06", b"\x15"
BLOCK_LIMIT = 256 * 1024  # bytes between start and end
FRAME_TIMER = 30.0  # seconds a block may take, as a frame of LIS01-A2 6.5.2.4
ANSWER_TIMER = 15.0  # seconds an analyzer waits for the answer to its question
_BLANKS = b"\0\r\n "


@dataclass(frozen=True, slots=True)
class Block:
    """What stood between start and end; `tail` came behind the end, e.g. a checksum."""

    text: bytes
    tail: bytes = b""


@dataclass(frozen=True, slots=True)
class Broken:
    """A block that was broken off, or is longer than a block may be."""

    raw: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Single:
    """One character outside a block."""

    char: bytes


@dataclass(slots=True)
class BlockCutter:
    """Turn bytes into blocks and single characters; how the bytes are cut does not change them.

    Without a `start`, a block begins with the first character that is neither blank nor one of `breaks`.
    """

    start: bytes = STX
    end: bytes = ETX
    tail: int = 0  # bytes behind the end that belong to the block
    breaks: bytes = b""  # characters that break off a block
    free_last: bool = False  # the character before the end may be any, even a start (a binary checksum)
    limit: int = BLOCK_LIMIT
    timer: float = FRAME_TIMER
    deadline: float | None = None  # by which the end of the block that has begun is to come
    _buffer: bytearray = field(default_factory=bytearray)
    _searched: int = 0  # nothing of interest in the buffer before here
    _inside: bool = False
    _marks: re.Pattern[bytes] | None = None

    def __post_init__(self) -> None:
        marks = self.start + self.breaks
        self._marks = re.compile(b"[" + re.escape(marks) + b"]") if marks else None

    def feed(self, data: bytes) -> Iterator[Block | Broken | Single]:
        """Yield what these bytes complete, in order; take every item, or the rest waits."""
        self._buffer += data
        while self._buffer:
            if not self._inside:
                if not self._begins():
                    yield Single(self._leave(1))
                continue
            found = self._next()
            if found is None:
                return
            yield found

    @property
    def is_inside(self) -> bool:
        """Whether a block has begun whose end has not come."""
        return self._inside

    def arm(self, now: float) -> None:
        """Start the clock of a block that has begun, stop it when none is open; call it after `feed`."""
        if not self._inside:
            self.deadline = None
        elif self.deadline is None:
            self.deadline = now + self.timer

    def overdue(self, now: float) -> Broken | None:
        """Return, once, the block whose end did not come in time."""
        if self.deadline is None or now < self.deadline:
            return None
        return self.drop(f"its end did not come within {self.timer:.0f} s")

    def drop(self, reason: str) -> Broken | None:
        """Forget a block whose end did not come, and return it."""
        self.deadline = None
        return Broken(self._leave(len(self._buffer)), reason) if self._inside else None

    def _leave(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._inside, self._searched = False, 0
        return taken

    def _begins(self) -> bool:
        first = self._buffer[0]
        if self.start:
            self._inside = first == self.start[0]
            if self._inside:
                del self._buffer[:1]
        else:
            self._inside = first not in _BLANKS and first not in self.breaks
        return self._inside

    def _next(self) -> Block | Broken | None:
        buffer, size = self._buffer, len(self.end)
        while self.start and buffer.startswith(self.start):  # a doubled start
            del buffer[:1]
        end = buffer.find(self.end, self._searched, self.limit + size)
        until = min(len(buffer), self.limit) if end < 0 else end
        judged = max(until - self.free_last, 0)
        broken = self._marks.search(buffer, self._searched, judged) if self._marks else None
        if broken:
            return Broken(self._leave(broken.start()), "broken off before its end")
        if end < 0 and len(buffer) >= self.limit + size:
            return Broken(self._leave(self.limit), "longer than a block may be")
        if end < 0 or len(buffer) < end + size + self.tail:
            self._searched = max(min(judged, len(buffer) - size + 1), 0) if end < 0 else end
            return None
        taken = self._leave(end + size + self.tail)
        return Block(taken[:end], taken[end + size :])
