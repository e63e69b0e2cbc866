"""Control values of a test on an analyzer as a chart and a table need them, and what they broke."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from aliquot.flow.quality.models import ControlViolation
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
MOST_POINTS = 1500


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A control value with its run, level and lot; `z` is None while it had no target."""

    id: int
    run_id: int
    run: int
    verdict: str
    is_complete: bool
    lot_id: int
    lot: str
    level: int
    material: str
    target_id: int | None
    value: Decimal
    z: Decimal | None
    unit: str
    measured_at: datetime
    reagent_lot: str
    calibrator_lot: str
    is_counted: bool
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A lot in a month: count, mean and SD of its counted values, its last target, rejected runs."""

    month: str
    level: int
    material: str
    lot: str
    lot_id: int
    n: int
    mean: Decimal
    sd: Decimal | None
    target_mean: Decimal | None
    target_sd: Decimal | None
    rejected: int

    @property
    def cv(self) -> Decimal | None:
        """In per cent; None without an SD or for a mean that is not above zero."""
        return self.sd / self.mean * 100 if self.sd is not None and self.mean > 0 else None

    @property
    def bias(self) -> Decimal | None:
        """How many per cent the mean lies above the target."""
        if self.target_mean is None or self.target_mean <= 0:
            return None
        return (self.mean - self.target_mean) / self.target_mean * 100


def control_series(
    analyzer_id: int, test_id: int, *, since: datetime, most: int = MOST_POINTS
) -> list[SeriesPoint]:
    """Values measured from `since` on, in the order of run and level; of very many, the newest."""
    return sql_files.fetch(
        SeriesPoint, SQL, "control_series", analyzer=analyzer_id, test=test_id, since=since, most=most
    )


def control_months(analyzer_id: int, test_id: int, *, since: datetime, zone: str) -> list[MonthRow]:
    """Each lot in each month since then, the newest month first; `zone` is the laboratory's clock."""
    return sql_files.fetch(
        MonthRow, SQL, "control_months", analyzer=analyzer_id, test=test_id, since=since, zone=zone
    )


def violations_of(run_ids: Collection[int]) -> list[ControlViolation]:
    """What these runs broke, the newest first."""
    found = ControlViolation.objects.filter(run_id__in=run_ids).select_related("run")
    return list(found.order_by("-run__number", "-is_rejection", "id"))
