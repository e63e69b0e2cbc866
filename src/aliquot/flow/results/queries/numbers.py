"""What patients' results were, day by day, as a monitor would have seen them."""

from array import array
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aliquot.flow.quality.rules.moving.inclusion import Patient, counts
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
MOST = 500_000


def numbers_of(
    laboratory_id: int,
    analyzer_id: int,
    test_id: int,
    *,
    since: datetime,
    until: datetime,
    inclusion: Mapping[str, Any],
    limit: int = MOST,
) -> dict[date, "array[float]"]:
    """First measured numbers by the laboratory's day, in the order of measurement, of the newest `limit`.

    Only those that count by `inclusion`, and none from a time of known errors. One statement, read as a
    stream inside the caller's transaction.
    """
    rows = sql_files.stream_rows(
        SQL,
        "first_numbers",
        laboratory=laboratory_id,
        analyzer=analyzer_id,
        test=test_id,
        since=since,
        until=until,
        limit=limit,
    )
    found: dict[date, array[float]] = {}
    for day, value, ward, urgency, age_days, flags in rows:
        if counts(inclusion, Patient(ward, urgency, age_days, tuple(flags))):
            found.setdefault(day, array("d")).append(value)
    for one in found.values():
        one.reverse()
    return dict(reversed(found.items()))
