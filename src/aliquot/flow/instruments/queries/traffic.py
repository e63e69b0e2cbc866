"""What went over a line, byte by byte and hour by hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aliquot.flow.instruments.rules.traffic import unpack
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Said:
    """The bytes of one read or write; `is_outgoing`: we wrote them."""

    at: datetime
    is_outgoing: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Hour:
    """The messages of one hour, and how many of them wait for a person."""

    hour: datetime
    received: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Reached:
    """How many readings got as far as a stage and are in a state now."""

    stage: str
    state: str
    readings: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    began_at: datetime
    content: bytes


def conversation_of(message_id: int, *, stretches: int = 3) -> list[Said]:
    """Every read and write around a message, oldest first: what carried it, and what followed at once."""
    found = sql_files.fetch(_Stretch, SQL, "stretches_of", message=message_id, limit=stretches)
    return [
        Said(one.began_at + timedelta(milliseconds=piece.milliseconds), piece.is_outgoing, piece.data)
        for one in found
        for piece in unpack(bytes(one.content))
    ]


def messages_by_hour(analyzer_id: int, *, since: datetime) -> list[Hour]:
    """The hours since a moment in which an analyzer sent anything, oldest first."""
    return sql_files.fetch(Hour, SQL, "messages_by_hour", analyzer=analyzer_id, since=since)


def ledger_since(analyzer_id: int, *, since: datetime) -> list[Reached]:
    """What became of the readings an analyzer sent since a moment, by how far they got."""
    return sql_files.fetch(Reached, SQL, "ledger_since", analyzer=analyzer_id, since=since)
