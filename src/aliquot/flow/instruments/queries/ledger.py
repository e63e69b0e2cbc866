"""What analyzers sent and were sent, what waits for a person, and what a person decided."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from aliquot.flow.instruments.models import Message, Reading
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message or a reading that waits for a person; `reasons` are rendered by rules/quarantine.py."""

    kind: str
    id: int
    message_id: int
    analyzer: str
    received_at: datetime
    specimen_code: str
    code: str
    value: str
    unit: str
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One message of a connection, in or out, with its bytes."""

    id: int
    is_outgoing: bool
    received_at: datetime
    connection: str
    state: str
    problems: list[dict[str, Any]]
    content: bytes


def latest_messages(analyzer_id: int, *, limit: int = 100) -> QuerySet[Message]:
    """The last messages of an analyzer both ways, newest first, without their bytes."""
    found = Message.objects.filter(analyzer_id=analyzer_id).defer("content")
    return found.order_by("-received_at", "-id")[:limit]


def decided_readings(laboratory_id: int, text: str = "", *, limit: int = 200) -> QuerySet[Reading]:
    """Readings that a person decided, newest decision first; `text` is a tube's number or a code."""
    found = Reading.objects.filter(laboratory_id=laboratory_id, decided_at__isnull=False)
    if wanted := text.strip():
        found = found.filter(Q(specimen_code=wanted) | Q(specimen__number=wanted) | Q(code__iexact=wanted))
    return found.select_related("analyzer", "specimen").order_by("-decided_at", "-id")[:limit]


def decided_messages(laboratory_id: int, *, limit: int = 100) -> QuerySet[Message]:
    """Messages that a person decided, the newest decision first."""
    found = Message.objects.filter(laboratory_id=laboratory_id, decided_at__isnull=False).defer("content")
    return found.select_related("analyzer").order_by("-decided_at", "-id")[:limit]


def quarantine(site_id: int, *, limit: int = 200) -> list[Quarantined]:
    """Messages and readings of a laboratory that wait for a person, newest first."""
    rows = sql_files.fetch(Quarantined, SQL, "quarantine", laboratory=site_id, limit=limit)
    return [replace(row, reasons=_json(row.reasons)) for row in rows]


def session_of(message_id: int, *, limit: int = 500) -> list[SessionLine]:
    """What went over the connection of this message nearest to it, both ways, oldest first."""
    rows = sql_files.fetch(SessionLine, SQL, "session_of", message=message_id, limit=limit)
    return [replace(row, problems=_json(row.problems)) for row in rows]


def _json(value: object) -> list[dict[str, Any]]:
    # Django's connection brings jsonb as text
    return orjson.loads(value) if isinstance(value, str) else []
