"""Plans, lots and targets in force, runs before this one, what nobody has acted on."""

from datetime import datetime
from pathlib import Path

from django.db.models import Q, QuerySet

from aliquot.flow.instruments.models import Reading
from aliquot.flow.quality.models import (
    ControlLot,
    ControlPlan,
    ControlResult,
    ControlRun,
    ControlTarget,
    ControlViolation,
)
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
NEWEST = 5000
"""Control readings of a few weeks."""


def open_plan(analyzer_id: int, test_id: int) -> ControlPlan | None:
    """The plan by which a test on an analyzer is controlled now."""
    return ControlPlan.objects.filter(analyzer_id=analyzer_id, test_id=test_id, until=None).first()


def lot_of(laboratory_id: int, code: str, at: datetime) -> ControlLot | None:
    """The lot in use at that time that analyzers of this laboratory call so; the newest, if there are two."""
    in_use = Q(ended_at=None) | Q(ended_at__gt=at)
    found = ControlLot.objects.filter(
        in_use, laboratory_id=laboratory_id, codes__contains=[code], begun_at__lte=at
    )
    return found.order_by("-begun_at", "-id").first()


def target_at(lot_id: int, analyzer_id: int, test_id: int, at: datetime) -> ControlTarget | None:
    """Mean and SD of a lot as they were in force at that time; None while none are established."""
    in_force = Q(until=None) | Q(until__gt=at)
    found = ControlTarget.objects.filter(
        in_force, lot_id=lot_id, analyzer_id=analyzer_id, test_id=test_id, since__lte=at
    )
    return found.order_by("-since").first()


def results_before(run: ControlRun, *, depth: int) -> list[ControlResult]:
    """What rules over runs may look at before this run, oldest first: at most so many of each lot.

    Left out: rejected runs, values set aside, all up to the last rejection after which something was mended.
    """
    found = sql_files.fetch_rows(
        SQL,
        "results_before",
        analyzer=run.analyzer_id,
        test=run.test_id,
        began_at=run.began_at,
        number=run.number,
        depth=depth,
    )
    by_id = ControlResult.objects.select_related("run", "lot", "target").in_bulk([row[0] for row in found])
    return [by_id[row[0]] for row in found]


def open_rejections(analyzer_id: int, test_id: int) -> QuerySet[ControlViolation]:
    """Broken rules that stop this test on this analyzer until a person has found the cause and acted."""
    return ControlViolation.objects.filter(
        analyzer_id=analyzer_id, test_id=test_id, is_rejection=True, closed_at=None
    ).order_by("id")


def unfiled_controls(laboratory_id: int, *, limit: int = 200, among: int = NEWEST) -> list[Reading]:
    """Control readings that belong to no lot or test that is known here, the newest first.

    Looked for among so many of the newest, so that a long history costs nothing.
    """
    rows = sql_files.fetch_rows(SQL, "unfiled_controls", laboratory=laboratory_id, limit=limit, among=among)
    by_id = Reading.objects.select_related("analyzer", "test").in_bulk([row[0] for row in rows])
    return [by_id[row[0]] for row in rows]
