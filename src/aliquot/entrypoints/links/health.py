"""How a line fares since this process began: counted in memory, written at most once a second."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

TALK = "talk"  # the part of every line that is wrong when what was said is


@dataclass(slots=True)
class LineHealth:
    """Counters and moments of one analyzer's line.

    `..._since` and `..._at` are seconds of the epoch, `last_byte` and `last_message` of the loop's clock.
    """

    connected_since: float | None = None
    last_byte: float | None = None
    last_message: float | None = None
    frames_accepted: int = 0
    frames_refused: int = 0
    frames_repeated: int = 0
    sessions: int = 0
    connects: int = 0
    messages: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    clock_skew: float | None = None  # seconds the device's clock is ahead of ours
    last_error: str = ""
    last_error_at: float | None = None
    _faults: dict[str, str] = field(default_factory=dict)  # what is wrong now, by part of the line

    def fail(self, part: str, fault: str) -> bool:
        """Note what is wrong with a part of the line; whether that is news."""
        is_news = self._faults.get(part) != fault
        self._faults[part] = fault
        self.last_error, self.last_error_at = fault, time.time()
        return is_news

    def recover(self, part: str) -> bool:
        """Note that a part works again; whether it did not before."""
        return self._faults.pop(part, None) is not None

    def is_failed(self, part: str) -> bool:
        """Whether a part is wrong now."""
        return part in self._faults

    def connected(self) -> None:
        """Note one more connection."""
        self.connects += 1
        self.connected_since = self.connected_since or time.time()


def moment(seconds: float | None, offset: float = 0.0) -> datetime | None:
    """Return seconds of the epoch, or of a clock that is `offset` behind it, as a moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds + offset, UTC)
