"""Targets that follow the newest runs: renewed by themselves, and never away from what was established."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from aliquot.flow.quality.actions.setting_up import Target, set_target
from aliquot.flow.quality.models import ControlTarget
from aliquot.flow.quality.queries.lots import anchor_of
from aliquot.flow.quality.rules.targets import own, proposals
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"
DIGITS = Decimal("0.000001")


def renew_floating_targets(*, limit: int, by: Actor, at: datetime) -> int:
    """Renew floating targets in force that have a whole window of newer good values; how many were renewed.

    One that would lie more than 1 SD from the target it began with stays as it was, and its chart shows the
    drift. Source: `rules/targets/own.py: floating`.
    """
    by.require("manage_quality")
    with transaction.atomic():
        due = sql_files.fetch_rows(SQL, "due_floating_targets", window=own.LEAST_RUNS, at=at, limit=limit)
        return sum(_renew(target, list(values), by=by, at=at) for target, values in due)


def _renew(target_id: int, values: list[Decimal], *, by: Actor, at: datetime) -> bool:
    current = ControlTarget.objects.select_related("lot", "analyzer", "test").get(pk=target_id)
    found = own.floating(values, _anchor(current))
    if found.target is None or not found.is_accepted:
        return False
    figures = found.target.figures
    renewed = Target(
        figures.mean.quantize(DIGITS),
        figures.sd.quantize(DIGITS),
        origin=ControlTarget.Origin.CUMULATIVE.value,
        runs=figures.n,
        is_floating=True,
    )
    if not renewed.sd:
        return False
    set_target(current.lot, current.analyzer, current.test, renewed, by=by, at=at)
    return True


def _anchor(current: ControlTarget) -> proposals.Target:
    found = anchor_of(current)
    figures = proposals.Summary(found.runs, found.mean, found.sd)
    return proposals.Target(figures, proposals.Origin(found.origin))
