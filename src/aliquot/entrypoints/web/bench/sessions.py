"""Messages of analyzers as a person reads them: the bytes, and what was understood of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from aliquot.entrypoints.web.bench.pictures import Piece, analyzer_words, pieces
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.instruments.queries import session_of
from aliquot.flow.instruments.queries.traffic import Said, conversation_of
from aliquot.flow.instruments.rules.quarantine import describe_reason
from aliquot.registers.people.queries import Name, names_of

NEAR = 30
"""Messages of a session that are shown around the chosen one."""
KINDS = {"filed": "good", "answered": "good", "sent": "accent", "quarantined": "notice"}


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One line of what an analyzer said, with what became of it."""

    id: int
    specimen: str
    code: str
    test: str
    value: str
    unit: str
    flags: list[str]
    measured_at: datetime | None
    kind: str
    state: str
    words: str
    reasons: list[str]
    decided_by: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, in or out, without its bytes."""

    id: int
    is_outgoing: bool
    received_at: datetime
    kind: str
    words: str
    reasons: list[str]
    decided_by: str
    decided_at: datetime | None
    analyzer_id: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One message of a connection: its bytes by line and its readings."""

    id: int
    is_outgoing: bool
    received_at: datetime
    connection: str
    kind: str
    words: str
    reasons: list[str]
    lines: list[list[Piece]]
    readings: list[ReadingRow]


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One read or write of a line; `after` is in milliseconds since the first one shown."""

    at: datetime
    after: int
    is_outgoing: bool
    lines: list[list[Piece]]


def reason_words(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why something waits and what to do, in the reader's language."""
    return [describe_reason(one, get_language() or "en") for one in reasons]


def reading_rows(readings: Iterable[Reading]) -> list[ReadingRow]:
    """Readings as they are drawn."""
    found = list(readings)
    names = names_of(one.decided_by for one in found)
    return [_reading_row(one, names) for one in found]


def _reading_row(one: Reading, names: Mapping[str, Name]) -> ReadingRow:
    return ReadingRow(
        id=one.pk,
        specimen=one.specimen_code,
        code=one.code,
        test=one.test.short if one.test else "",
        value=one.value,
        unit=one.unit,
        flags=analyzer_words(one.flags),
        measured_at=one.measured_at,
        kind=KINDS.get(one.state, "neutral"),
        state=one.state,
        words=str(Reading.State(one.state).label),
        reasons=reason_words(one.reason),
        decided_by=names[one.decided_by].name,
        decided_at=one.decided_at,
        note=one.decision_note,
    )


def message_rows(messages: Iterable[Message]) -> list[MessageRow]:
    """Messages as they are drawn."""
    found = list(messages)
    names = names_of(one.decided_by for one in found)
    return [
        MessageRow(
            id=one.pk,
            is_outgoing=one.is_outgoing,
            received_at=one.received_at,
            kind=KINDS.get(one.state, "neutral"),
            words=str(Message.State(one.state).label),
            reasons=reason_words(one.problems),
            decided_by=names[one.decided_by].name,
            decided_at=one.decided_at,
            analyzer_id=one.analyzer_id,
        )
        for one in found
    ]


def session_lines(message_id: int, *, only: bool = False) -> list[SessionRow]:
    """What went over the connection of a message, or the message alone, oldest first."""
    lines = session_of(message_id, limit=1 if only else NEAR)
    readings: dict[int, list[ReadingRow]] = {}
    found = Reading.objects.filter(message_id__in=[one.id for one in lines]).select_related("test")
    kept = list(found.order_by("message_id", "position"))
    for one, row in zip(kept, reading_rows(kept), strict=True):
        readings.setdefault(one.message_id, []).append(row)
    return [
        SessionRow(
            id=one.id,
            is_outgoing=one.is_outgoing,
            received_at=one.received_at,
            connection=one.connection,
            kind=KINDS.get(one.state, "neutral"),
            words=str(Message.State(one.state).label),
            reasons=reason_words(one.problems),
            lines=pieces(bytes(one.content)),
            readings=readings.get(one.id, []),
        )
        for one in lines
    ]


def conversation_rows(message_id: int) -> list[SaidRow]:
    """Every byte that went over the line around a message, both ways, oldest first."""
    said = conversation_of(message_id)
    return [_said_row(one, said[0].at) for one in said]


def _said_row(one: Said, first: datetime) -> SaidRow:
    after = round((one.at - first).total_seconds() * 1000)
    return SaidRow(one.at, after, one.is_outgoing, pieces(one.data))
