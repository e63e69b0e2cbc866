"""Which results a look-back concerns, and what was done about them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db.models import Count, Q, QuerySet

from aliquot.flow.orders.models import Order
from aliquot.flow.quality.queries import doubtful_windows, lot_windows
from aliquot.flow.results.models import LookBack, LookBackTask
from aliquot.flow.results.rules.look_back import Criteria, Span, read_spans, spans_of, thinned
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
MOST = 100_000
"""Results that one look-back may concern; what is wider is looked for in parts."""
DRAWN = 1500
SILENT = timedelta(minutes=2)
"""A step that says nothing for so long has ended without changing anything."""
MARGIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Match:
    """A result that may be held or recalled."""

    id: int
    order_id: int
    ordering_site_id: int
    state: str
    test_id: int
    analyzer_id: int | None
    measured_at: datetime | None
    value: Decimal | None
    flag: str


@dataclass(frozen=True, slots=True)
class Matches:
    """What a look-back concerns; `is_cut` when there is more than MOST."""

    found: Sequence[Match]
    spans: Sequence[Span]
    is_cut: bool

    @property
    def released(self) -> list[Match]:
        return [one for one in self.found if one.state == "released"]

    @property
    def by_test(self) -> list[tuple[int, int]]:
        """(test, how many), the most frequent first."""
        return Counter(one.test_id for one in self.found).most_common()


def matches_of(criteria: Criteria, laboratory_id: int, *, at: datetime, limit: int = MOST) -> Matches:
    """The results that these criteria name, by time of measurement: one statement, bounded."""
    if criteria.is_of_one_order:
        rows = _of_order(criteria, laboratory_id, limit + 1)
        return Matches(rows[:limit], (), len(rows) > limit)
    spans = spans_of(criteria, _windows(criteria, laboratory_id), at=at)
    rows = _of_spans(spans, laboratory_id, limit + 1) if spans else []
    return Matches(rows[:limit], spans, len(rows) > limit)


def matches_within(spans: Sequence[Span], laboratory_id: int) -> list[Match]:
    """The results that were measured in these windows and may still be held or recalled, at most MOST."""
    return _of_spans(spans, laboratory_id, MOST) if spans else []


@dataclass(frozen=True, slots=True)
class OpenLookBack:
    """A look-back that is not finished: what was measured in its windows belongs to it."""

    id: int
    laboratory_id: int
    reason: str
    opened_by: str
    spans: tuple[Span, ...]


def unfinished_look_backs(laboratory_ids: Collection[int]) -> list[OpenLookBack]:
    """The open look-backs over an interval of these laboratories, the oldest first."""
    found = LookBack.objects.filter(state=LookBack.State.OPEN, laboratory_id__in=laboratory_ids)
    rows = found.order_by("pk").values_list("pk", "laboratory_id", "reason", "opened_by", "spans")
    return [
        OpenLookBack(look_back, laboratory, reason, opened_by, read_spans(spans))
        for look_back, laboratory, reason, opened_by, spans in rows
        if spans
    ]


def picture_of(
    matches: Matches, laboratory_id: int, *, test_id: int, analyzer_id: int | None
) -> list[tuple[datetime, Decimal]]:
    """Values of one test from a little before the interval until a little after it, thinned to be drawn."""
    of_test = [one.id for one in matches.found if one.test_id == test_id]
    spans = [one for one in matches.spans if one.test_id in (None, test_id)]
    if not spans:
        moments = [one.measured_at for one in matches.found if one.measured_at]
        spans = [Span(None, None, min(moments), max(moments))] if moments else []
    if not spans:
        return []
    rows = sql_files.fetch_rows(
        SQL,
        "look_back_picture",
        laboratory=laboratory_id,
        test=test_id,
        analyzer=analyzer_id,
        since=min(one.since for one in spans) - MARGIN,
        until=max(one.until for one in spans) + MARGIN,
        share=thinned(of_test, DRAWN),
        limit=4 * DRAWN,
    )
    return [(row[0], row[1]) for row in rows]


def look_backs_of(laboratory_id: int, *, limit: int = 100) -> QuerySet[LookBack]:
    """The look-backs of a laboratory, the newest first, with how many members and how many are open."""
    found = LookBack.objects.filter(laboratory_id=laboratory_id)
    counted = found.annotate(
        total=Count("members"), waiting=Count("members", filter=Q(members__settled__isnull=True))
    )
    return counted.order_by("-opened_at", "-id")[:limit]


def tasks_of(laboratory_id: int, *, limit: int = 20) -> list[LookBackTask]:
    """The steps of a laboratory that were done by processes of their own, the newest first."""
    found = LookBackTask.objects.filter(laboratory_id=laboratory_id).select_related("look_back")
    return list(found.order_by("-asked_at", "-id")[:limit])


def is_silent(task: LookBackTask, at: datetime) -> bool:
    """Whether a step that is not finished has said nothing for so long that its process must have ended."""
    is_undone = task.state in (LookBackTask.State.QUEUED, LookBackTask.State.RUNNING)
    return is_undone and at - (task.beat_at or task.asked_at) > SILENT


def _windows(
    criteria: Criteria, laboratory_id: int
) -> list[tuple[int, int, datetime, datetime | None]] | None:
    if criteria.failure_id is not None:
        found = doubtful_windows(laboratory_id, criteria.failure_id)
    elif criteria.has_windows:
        found = lot_windows(laboratory_id, reagent=criteria.reagent_lot, calibrator=criteria.calibrator_lot)
    else:
        return None
    return [(one.analyzer_id, one.test_id, one.since, one.until) for one in found]


def _of_spans(spans: Sequence[Span], laboratory_id: int, limit: int) -> list[Match]:
    return sql_files.fetch(
        Match,
        SQL,
        "look_back_by_time",
        laboratory=laboratory_id,
        since=min(one.since for one in spans),
        until=max(one.until for one in spans),
        analyzers=[one.analyzer_id for one in spans],
        tests=[one.test_id for one in spans],
        sinces=[one.since for one in spans],
        untils=[one.until for one in spans],
        any_analyzer=any(one.analyzer_id is None for one in spans),
        any_test=any(one.test_id is None for one in spans),
        limit=limit,
    )


def _of_order(criteria: Criteria, laboratory_id: int, limit: int) -> list[Match]:
    specimen = Specimen.objects.filter(number=criteria.specimen).first() if criteria.specimen else None
    if criteria.specimen and specimen is None:
        return []
    order = specimen.order_id if specimen else _order_id(criteria.order)
    return sql_files.fetch(
        Match,
        SQL,
        "look_back_by_order",
        order=order,
        laboratory=laboratory_id,
        specimen=specimen.pk if specimen else None,
        test=criteria.test_id,
        limit=limit,
    )


def _order_id(number: str) -> int | None:
    return Order.objects.filter(number=number).values_list("pk", flat=True).first()
