"""Record what happened; claim what is to be reacted to."""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent / "sql"
FAULT_LIMIT = 500  # characters of an error kept with an event


def record_events(
    kind: str, subjects: Iterable[int], *, at: datetime, not_before: datetime | None = None
) -> None:
    """Keep an event of `kind` for each subject id; it appears when the caller's transaction commits.

    Nobody reacts to it before `not_before`.
    """
    if ids := list(subjects):
        sql_files.execute(SQL, "record_events", kind=kind, subjects=ids, at=at, not_before=not_before)


def claim_events(kind: str, *, limit: int) -> list[int]:
    """Subject ids of a batch of events that are due, distinct, in order; gone when the caller commits."""
    rows = sql_files.fetch_rows(SQL, "claim_events", kind=kind, limit=limit)
    return sorted({subject for (subject,) in rows})


def claim_subject(kind: str, subject: int) -> bool:
    """Take the events of one subject; whether there were any that no other worker holds."""
    return bool(sql_files.fetch_rows(SQL, "claim_subject", kind=kind, subject=subject))


def postpone_events(kind: str, subject: int, fault: str) -> None:
    """Let the events of a subject wait, longer each time, with what went wrong: `aliquot doctor` shows it."""
    kept = fault[:FAULT_LIMIT].replace("\x00", "")
    sql_files.execute(SQL, "postpone_events", kind=kind, subject=subject, fault=kept)


def discard_events(reacted_to: Collection[str], *, limit: int) -> int:
    """Remove events of kinds to which nobody reacts; how many."""
    return sql_files.execute(SQL, "discard_events", kinds=list(reacted_to), limit=limit)
