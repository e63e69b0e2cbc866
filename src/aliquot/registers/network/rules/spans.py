"""Spans of dated records: from a moment, which is inside, to another, which is not, or without end.

Source: half-open intervals of ISO 9075-2 (SQL:2011), 4.15.3, periods.
"""

from datetime import datetime
from typing import Protocol


class Dated(Protocol):
    """A record that begins and may end."""

    @property
    def since(self) -> datetime:
        """Its first moment."""
        ...

    @property
    def until(self) -> datetime | None:
        """The first moment it no longer holds; None: it has no end yet."""
        ...


def holds(one: Dated, at: datetime) -> bool:
    """Whether the record is in force at that moment: its first is inside, its last is not."""
    return one.since <= at and (one.until is None or at < one.until)


def overlap(one: Dated, since: datetime, until: datetime | None) -> bool:
    """Whether the record is in force at some moment of the span."""
    return (until is None or one.since < until) and (one.until is None or since < one.until)
