"""What every link engine can do, whatever its protocol: bytes and time in, events and bytes out."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from aliquot.wire.link_events import Event

Role: TypeAlias = Literal["computer", "instrument"]


class Link(Protocol):
    """One connection. After each call: keep every event, write its reply, then write `outgoing(now)`.

    Call `overdue(now)` at `next_deadline` and `closed()` when the connection ends. Seconds are of any clock
    that only goes forward. How the bytes are cut never changes the events, but that a reply counts only once
    what it answers has left.
    """

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Return what these bytes brought about, in order."""
        ...

    def send(self, records: Sequence[bytes], tag: object = None) -> None:
        """Queue one message, records or segments without CR; `tag` comes back when it is settled."""
        ...

    def outgoing(self, now: float) -> bytes:
        """Return, once, what this side has to say of its own accord."""
        ...

    def overdue(self, now: float) -> list[Event]:
        """Return what the passing of time brought about."""
        ...

    def closed(self) -> list[Event]:
        """Return what the end of the connection leaves incomplete or undelivered."""
        ...

    @property
    def next_deadline(self) -> float | None:
        """The time at which `overdue` wants to be called, or None."""
        ...
