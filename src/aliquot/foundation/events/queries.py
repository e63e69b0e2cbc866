"""Which events wait."""

from pathlib import Path

from aliquot.foundation import sql_files
from aliquot.foundation.events.models import Event

SQL = Path(__file__).parent / "sql"


def waiting(kind: str) -> int:
    """How many events of a kind nobody has reacted to yet."""
    return Event.objects.filter(kind=kind).count()


def due_subjects(kind: str, *, limit: int) -> list[int]:
    """The subjects of a kind that are due, the oldest first, at most `limit`."""
    return [row[0] for row in sql_files.fetch_rows(SQL, "due_subjects", kind=kind, limit=limit)]
