"""What analyzers of a laboratory are to be told, as a person decides about it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aliquot.flow.instruments.models import WorkRequest
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
FAILED = ("undelivered", "refused")


@dataclass(frozen=True, slots=True)
class ToldOrder:
    """One thing an analyzer is to be told of a tube; state and kind as WorkRequest, `urgency` R or S."""

    id: int
    analyzer_code: str
    analyzer: str
    specimen_code: str
    urgency: str
    kind: str
    codes: list[str]
    dilution: str
    state: str
    attempts: int
    detail: str
    asked_at: datetime
    changed_at: datetime
    by: str
    message_id: int | None


def open_requests(site_id: int, *, limit: int = 200) -> list[ToldOrder]:
    """What analyzers are still to be told: what failed first, then urgent tubes, then the longest waiting."""
    return sql_files.fetch(ToldOrder, SQL, "open_requests", laboratory=site_id, limit=limit)


def settled_requests(site_id: int, *, limit: int = 200) -> list[ToldOrder]:
    """What analyzers were told last, and what was withdrawn; the newest first."""
    return sql_files.fetch(ToldOrder, SQL, "settled_requests", laboratory=site_id, request=None, limit=limit)


def request_of(site_id: int, request_id: int) -> ToldOrder | None:
    """One request of a laboratory in whatever state; None when it has no such."""
    found = sql_files.fetch(
        ToldOrder, SQL, "settled_requests", laboratory=site_id, request=request_id, limit=1
    )
    return found[0] if found else None


def count_failed_orders(site_id: int) -> int:
    """How many orders no analyzer took: each waits for a person."""
    return WorkRequest.objects.filter(analyzer__laboratory_id=site_id, state__in=FAILED).count()
