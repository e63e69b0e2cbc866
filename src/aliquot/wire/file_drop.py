"""Files a device drops into a folder: one file is one message, and nobody answers.

The owner gives a file's bytes to `receive` and ends it with `closed()`; each file takes a fresh link.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.wire.link import Role
from aliquot.wire.link_events import (
    Event,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
)


@dataclass(frozen=True, slots=True)
class FileProfile:
    """Which files of the folder are messages."""

    patterns: tuple[str, ...] = ("*",)  # of the file's name, as fnmatch reads them
    message_limit: int = 16 * 1024 * 1024  # bytes


@dataclass(slots=True)
class FileLink:
    """One file. In the instrument's role the file to write is what `outgoing` returns."""

    role: Role = "computer"
    profile: FileProfile = field(default_factory=FileProfile)
    _content: bytearray = field(default_factory=bytearray)
    _is_too_large: bool = False
    _queue: deque[tuple[bytes, object]] = field(default_factory=deque)
    _written: list[object] = field(default_factory=list)  # tags of files given out

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return nothing until the file is larger than it may be; the message comes with `closed`."""
        del now
        if self._is_too_large:
            return []
        self._content += data
        if len(self._content) <= self.profile.message_limit:
            return []
        self._is_too_large = True
        raw = bytes(self._content[: self.profile.message_limit])
        self._content.clear()
        return [MessageIncomplete(raw, "the file is larger than the limit")]

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one file's lines; a computer that only collects files tells them undelivered."""
        self._queue.append((b"".join(record + b"\r\n" for record in records), tag))

    def outgoing(self, now: float) -> bytes:
        """Return, once, the file a simulated device would drop."""
        del now
        if self.role == "computer" or not self._queue:
            return b""
        content, tag = self._queue.popleft()
        self._written.append(tag)
        return content

    def overdue(self, now: float) -> list[Event]:
        """Return what was written, and what cannot be sent this way."""
        del now
        told: list[Event] = [MessageDelivered(tag) for tag in self._written]
        self._written.clear()
        if self.role == "computer":
            told += [MessageUndelivered(tag, "a folder takes no messages") for _, tag in self._queue]
            self._queue.clear()
        return told

    def closed(self) -> list[Event]:
        """Return the file as one message."""
        content = bytes(self._content)
        self._content.clear()
        told: list[Event] = [MessageReceived(content, b"")] if content.strip() else []
        return told + self.overdue(0.0)

    @property
    def next_deadline(self) -> float | None:
        """At once where something was written, or queued that cannot be sent; or None."""
        return 0.0 if self._written or (self._queue and self.role == "computer") else None
