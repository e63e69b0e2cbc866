"""Materials and their lots, targets in force, what a laboratory measures as control."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.db.models import Count, Max, QuerySet

from aliquot.flow.quality.models import ControlLot, ControlMaterial, ControlResult, ControlTarget
from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian

SQL = Path(__file__).parent.parent / "sql"
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test of an analyzer with its plan, if there is one, and how many lots in use have a target for it."""

    analyzer_code: str
    analyzer_name: str
    test_code: str
    name_en: str
    name_ru: str
    rules: Sequence[str] | None
    levels: int | None
    every_minutes: int | None
    every_results: int | None
    sigma: Decimal | None
    targets: int

    @property
    def is_planned(self) -> bool:
        return self.rules is not None

    @property
    def name(self) -> str:
        """The test's name in the reader's language."""
        return self.name_ru if is_russian() else self.name_en


def planned_tests(laboratory_id: int) -> list[PlannedTest]:
    """Every test that an analyzer of the laboratory measures as a number, by analyzer and test."""
    return sql_files.fetch(PlannedTest, SQL, "planned_tests", laboratory=laboratory_id)


def materials_of(laboratory_id: int) -> QuerySet[ControlMaterial]:
    """The materials of a laboratory with their lots."""
    return (
        ControlMaterial.objects.filter(laboratory_id=laboratory_id)
        .prefetch_related("controllot_set")
        .order_by("name")
    )


def lots_in_use(laboratory_id: int) -> QuerySet[ControlLot]:
    """Lots that are measured now, level by level."""
    found = ControlLot.objects.filter(laboratory_id=laboratory_id, ended_at=None)
    return found.select_related("material").order_by("material__name", "begun_at", "number", "level")


def expiring_lots(laboratory_id: int, at: datetime) -> list[ControlLot]:
    """The lots in use that expire within two weeks or have expired: one level of each stands for all."""
    found = lots_in_use(laboratory_id).filter(expires_at__lte=at + SOON)
    return list({(one.material_id, one.number): one for one in found}.values())


def targets_in_force(analyzer_id: int, test_id: int) -> dict[int, ControlTarget]:
    """The target of each lot for a test on an analyzer, by lot."""
    found = ControlTarget.objects.filter(analyzer_id=analyzer_id, test_id=test_id, until=None)
    return {one.lot_id: one for one in found.select_related("lot__material")}


def anchor_of(target: ControlTarget) -> ControlTarget:
    """The target that this one began with: the newest that was not renewed from runs, or the very first."""
    earlier = ControlTarget.objects.filter(
        lot_id=target.lot_id, analyzer_id=target.analyzer_id, test_id=target.test_id
    )
    own_word = earlier.exclude(origin=ControlTarget.Origin.CUMULATIVE).order_by("-since").first()
    return own_word or earlier.order_by("since")[0]


def lots_measured(analyzer_id: int, test_id: int, *, since: datetime) -> dict[int, tuple[int, datetime]]:
    """How often each lot was measured since then, and when last, by lot."""
    found = ControlResult.objects.filter(analyzer_id=analyzer_id, test_id=test_id, measured_at__gte=since)
    rows = found.values("lot_id").annotate(count=Count("id"), last=Max("measured_at"))
    return {row["lot_id"]: (row["count"], row["last"]) for row in rows}


def values_of(lot_id: int, analyzer_id: int, test_id: int, *, most: int = 200) -> list[ControlResult]:
    """The newest counted values of a lot that were not in a rejected run, oldest first."""
    found = ControlResult.objects.filter(
        lot_id=lot_id, analyzer_id=analyzer_id, test_id=test_id, is_counted=True
    ).exclude(run__verdict="rejected")
    return list(found.order_by("-measured_at", "-id")[:most])[::-1]
