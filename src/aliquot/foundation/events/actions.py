"""Record what happened; claim what is to be reacted to."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent / "sql"


def record_events(kind: str, subjects: Iterable[int], *, at: datetime) -> None:
    """Keep an event of `kind` for each subject id; it appears when the caller's transaction commits."""
    if ids := list(subjects):
        sql_files.execute(SQL, "record_events", kind=kind, subjects=ids, at=at)


def claim_events(kind: str, *, limit: int) -> list[int]:
    """Subject ids of a batch of events, distinct, in order; they are gone when the caller commits."""
    rows = sql_files.fetch_rows(SQL, "claim_events", kind=kind, limit=limit)
    return sorted({subject for (subject,) in rows})
