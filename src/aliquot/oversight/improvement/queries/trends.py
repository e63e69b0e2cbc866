"""Causes over time."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class CauseMonth:
    """How often a cause was found in what was raised in a month; cause "": not known yet."""

    month: date
    cause: str
    count: int


def causes_by_month(laboratory_id: int, *, since: datetime, time_zone: str) -> list[CauseMonth]:
    """Counts of what was raised since then, by month of the laboratory's calendar, without dismissed ones."""
    return sql_files.fetch(
        CauseMonth, SQL, "causes_by_month", laboratory=laboratory_id, since=since, time_zone=time_zone
    )
