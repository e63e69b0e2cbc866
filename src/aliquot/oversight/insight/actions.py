"""Count the indicators: note which days changed, count each such day anew from what is recorded."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.months.rules.calendar import Month
from aliquot.oversight.insight.models import (
    IndicatorCase,
    IndicatorDay,
    IndicatorDue,
    IndicatorMonth,
    IndicatorProgress,
    LegDay,
    LegMonth,
)
from aliquot.oversight.insight.queries import definitions
from aliquot.oversight.insight.rules.definitions import Definitions
from aliquot.oversight.insight.rules.times import PER_DOUBLING
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import allowable_errors, allowed_of
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent / "sql"
OVERLAP = 2000
"""Rows looked at again if they are young: a lower number may have been committed after a higher one."""
LONGEST_MONTH = timedelta(days=32)
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def note_due_days(laboratory: Site, *, by: Actor, at: datetime) -> int:
    """Note the days of a laboratory that have to be counted since the last look; how many were new.

    Days whose months may lie in files stay as they were counted. What another worker counts is left to it.
    """
    by.require("read_indicators")
    with transaction.atomic():
        progress = _held(laboratory)
        if progress is None:
            return 0
        last = _last_ids()
        count = sql_files.execute(
            SQL,
            "note_due_days",
            laboratory=laboratory.pk,
            zone=laboratory.time_zone,
            looked_at=progress.looked_at,
            earliest=Month.earliest_at_hand(at).begin.date(),
            at=at,
            overlap=OVERLAP,
            **{name: getattr(progress, name) for name in last},
        )
        IndicatorProgress.objects.filter(pk=progress.pk).update(looked_at=at, **last)
    return count


def count_due_days(laboratory: Site, *, limit: int, by: Actor, at: datetime) -> int:
    """Count days that are due, the newest first, at most `limit`; how many."""
    by.require("read_indicators")
    with transaction.atomic():
        progress = _held(laboratory)
        waiting = IndicatorDue.objects.filter(laboratory=laboratory).order_by("-day")
        due = list(waiting[:limit]) if progress else []
        for one in due:
            _count(laboratory, one.day, at)
            one.delete()
        _sum_up(laboratory, {one.day.replace(day=1) for one in due})
        if progress:
            IndicatorProgress.objects.filter(pk=progress.pk).update(counted_at=at)
    return len(due)


def count_day(laboratory: Site, day: date, *, by: Actor, at: datetime) -> None:
    """Count one day of a laboratory anew; what stood there goes. Counting again gives the same."""
    by.require("read_indicators")
    with transaction.atomic():
        # two that count for the same laboratory wait for each other
        IndicatorProgress.objects.select_for_update().filter(laboratory=laboratory).first()
        _count(laboratory, day, at)
        _sum_up(laboratory, {day.replace(day=1)})


def _count(laboratory: Site, day: date, at: datetime) -> None:
    for kept in (IndicatorDay, IndicatorCase, LegDay):
        kept.objects.filter(laboratory=laboratory, day=day).delete()
    for name, asked in _statements(laboratory, day, definitions(), at).items():
        sql_files.execute(SQL, name, **asked)


def _sum_up(laboratory: Site, months: set[date]) -> None:
    """Each month is the sum of its days."""
    for month in sorted(months):
        span: dict[str, Any] = {
            "laboratory": laboratory.pk,
            "month": month,
            "until": (month + LONGEST_MONTH).replace(day=1),
        }
        for kept in (IndicatorMonth, LegMonth):
            kept.objects.filter(laboratory=laboratory, month=month).delete()
        sql_files.execute(SQL, "sum_up_figures", **span)
        sql_files.execute(SQL, "sum_up_times", **span)


def _held(laboratory: Site) -> IndicatorProgress | None:
    """How far the counting is, held; None while another worker holds it."""
    IndicatorProgress.objects.get_or_create(laboratory=laboratory, defaults={"looked_at": BEGINNING})
    return IndicatorProgress.objects.select_for_update(skip_locked=True).filter(laboratory=laboratory).first()


def _statements(
    laboratory: Site, day: date, known: Definitions, at: datetime
) -> Mapping[str, dict[str, Any]]:
    zone = ZoneInfo(laboratory.time_zone)
    bounds = {
        "laboratory": laboratory.pk,
        "day": day,
        "since": datetime.combine(day, datetime.min.time(), zone).astimezone(UTC),
        "until": datetime.combine(day + timedelta(days=1), datetime.min.time(), zone).astimezone(UTC),
    }
    sites = list(Site.objects.values_list("pk", flat=True))
    return {
        "count_tubes": {**bounds, **_tubes_asked(known)},
        "count_indices": {**bounds, "limit": known.settings["haemolysed_above"]},
        "count_calls": {**bounds, "at": at},
        "count_reports": {**bounds, "sites": sites},
        "count_values": {**bounds, "sites": sites},
        "count_tests": {**bounds, "assessed_days": int(known.settings["assessed_days"])},
        "count_controls": {**bounds, **_controls_asked(known, day)},
        "count_scores": bounds,
        "count_failures": bounds,
        "count_times": {**bounds, "sites": sites, **_times_asked(known)},
    }


def _tubes_asked(known: Definitions) -> dict[str, Any]:
    counted = known.of_family("tubes")
    pairs = [(name, code) for name, codes in known.containers.items() for code in codes]
    return {
        "codes": [one.code for one in counted],
        "populations": [one.population for one in counted],
        "names": [name for name, _ in pairs],
        "containers": [code for _, code in pairs],
        "late_minutes": int(known.settings["late_minutes"]),
        "spoilt": list(known.spoilt),
        "spoilt_after_minutes": int(known.settings["spoilt_after_minutes"]),
    }


def _controls_asked(known: Definitions, day: date) -> dict[str, Any]:
    """The CV that the catalogue allows of each test on this day; a test without one is not judged."""
    stated = allowable_errors(Test.objects.values_list("pk", flat=True), on=day)
    allowed = {test: cv for test, one in stated.items() if (cv := allowed_of(one).cv) is not None}
    return {
        "tests": list(allowed),
        "allowed": list(allowed.values()),
        "control_values": int(known.settings["control_values"]),
        "control_days": int(known.settings["control_days"]),
    }


def _times_asked(known: Definitions) -> dict[str, Any]:
    tests = [one for one in known.legs.values() if one.test]
    return {
        "legs": [one.code for one in tests],
        "tests": [one.test for one in tests],
        "slowest": int(known.settings["slowest"]),
        "per_doubling": PER_DOUBLING,
    }


def _last_ids() -> dict[str, int]:
    names = ("event_id", "index_id", "report_id", "score_id", "control_id")
    (found,) = sql_files.fetch_rows(SQL, "last_ids")
    return dict(zip(names, found, strict=True))
