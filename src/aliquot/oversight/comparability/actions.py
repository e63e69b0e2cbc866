"""Compute the facts of a month: medians, means of lots, split specimens."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.oversight.comparability.models import ComparedMonth, LotMean, PatientMedian, SplitPair

SQL = Path(__file__).parent / "sql"
POPULATION = Path(__file__).parent / "data" / "population.toml"
LONGEST_MONTH = timedelta(days=32)
SETTLED_AFTER = timedelta(days=5)
"""So long into a month the month before is computed still: results come late."""


def compare_month(month: date, *, by: Actor, at: datetime) -> None:
    """Compute the facts of a month anew; what stood there goes. Computing again gives the same.

    A month of UTC: laboratories of several zones are compared by the same results.
    """
    by.require("read_indicators")
    with transaction.atomic():
        ComparedMonth.objects.get_or_create(month=month)
        ComparedMonth.objects.select_for_update().get(month=month)
        for kept in (PatientMedian, LotMean, SplitPair):
            kept.objects.filter(month=month).delete()
        span = _span(month)
        sql_files.execute(SQL, "compute_medians", born_until=_adults_until(month), **span)
        sql_files.execute(SQL, "compute_lots", **span)
        sql_files.execute(SQL, "compute_pairs", pair_hours=_population()["pair_hours"], **span)
        ComparedMonth.objects.filter(month=month).update(counted_at=at)


def compare_due_months(*, by: Actor, at: datetime) -> int:
    """Compute this month, and in its first days the one before, once a day; how many months."""
    by.require("read_indicators")
    this = at.astimezone(UTC).date().replace(day=1)
    before = (at.astimezone(UTC) - SETTLED_AFTER).date().replace(day=1)
    done = 0
    for month in sorted({this, before}):
        if _is_taken(month, at):
            compare_month(month, by=by, at=at)
            done += 1
    return done


def _is_taken(month: date, at: datetime) -> bool:
    """Whether this month is due and nobody else is at it; until the transaction ends nobody else begins."""
    ComparedMonth.objects.get_or_create(month=month)
    free = ComparedMonth.objects.select_for_update(skip_locked=True).filter(month=month).first()
    return free is not None and (free.counted_at is None or at - free.counted_at >= timedelta(days=1))


def _span(month: date) -> dict[str, Any]:
    until = (month + LONGEST_MONTH).replace(day=1)
    midnight = datetime.min.time()
    return {
        "month": month,
        "since": datetime.combine(month, midnight, UTC),
        "until": datetime.combine(until, midnight, UTC),
    }


def _adults_until(month: date) -> date:
    return month.replace(year=month.year - _population()["adults_from_years"])


def _population() -> dict[str, int]:
    found: dict[str, int] = tomllib.loads(POPULATION.read_text(encoding="utf-8"))["population"]
    return found
