"""Reports as others may ask for them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import Exists, OuterRef, QuerySet

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.models import Notice, Report
from aliquot.flow.reports.rules.corrections import Correction, corrections
from aliquot.foundation import sql_files
from aliquot.registers.patients.queries import PatientRow

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class ReportedRow(PatientRow):
    """A result of a look-back with its patient, and which report told it to whom; who looked at that."""

    result_id: int
    state: str
    order_id: int
    order_number: str
    test_code: str
    short_en: str
    short_ru: str
    value: Decimal | None
    value_text: str
    unit: str
    unit_ru: str
    flag: str
    measured_at: datetime | None
    released_at: datetime | None
    analyzer: str | None
    site_en: str
    site_ru: str
    requester: str
    ward: str
    version: int | None
    reported_at: datetime | None
    seen_at: datetime | None
    seen_by: str | None


@dataclass(frozen=True, slots=True)
class ConcernedRow(PatientRow):
    """A result a look-back's notice tells of: what was told before, how it stands, what came after it."""

    result_id: int
    order_id: int
    order_number: str
    requester: str
    ward: str
    urgency: str
    short_en: str
    short_ru: str
    value_text: str
    unit: str
    unit_ru: str
    flag: str
    state: str
    collected_at: datetime | None
    released_at: datetime | None
    newer_id: int | None
    newer_text: str | None


def latest_reports() -> QuerySet[Report]:
    """The newest version of every report that the actor may see."""
    newer = Report.objects.filter(order=OuterRef("order"), version__gt=OuterRef("version"))
    return Report.objects.filter(~Exists(newer)).select_related("order", "patient")


def reports_for(
    site_id: int, *, since: datetime | None = None, only_unseen: bool = False
) -> QuerySet[Report]:
    """The newest version of each report of a place, as orderer or as laboratory, the newest first."""
    found = latest_reports()
    found = found.filter(ordering_site_id=site_id) | found.filter(laboratory_id=site_id)
    if since is not None:
        found = found.filter(released_at__gte=since)
    if only_unseen:
        found = found.filter(seen_at=None)
    return found.order_by("-released_at", "-id")


def latest_report(order: Order) -> Report | None:
    """The newest version of the order's report, or None while nothing was released."""
    return versions_of(order).first()


def versions_of(order: Order) -> QuerySet[Report]:
    """Every version of the order's report, the newest first."""
    return Report.objects.filter(order=order).order_by("-version")


def reports_of_patients(patient_ids: Iterable[int]) -> QuerySet[Report]:
    """The newest version of each report of these patients, the newest first."""
    return latest_reports().filter(patient_id__in=list(patient_ids)).order_by("-released_at", "-id")


def notices_to_take(site_id: int) -> QuerySet[Notice]:
    """What the people of an ordering site still have to acknowledge, the most pressing first."""
    found = Notice.objects.filter(ordering_site_id=site_id, acknowledged_at=None)
    return found.select_related("report__order__patient", "step").order_by("due_at", "id")


def notices_open(laboratory_id: int) -> QuerySet[Notice]:
    """What recipients of a laboratory have not acknowledged yet, the most pressing first, with every try."""
    found = Notice.objects.filter(laboratory_id=laboratory_id, acknowledged_at=None)
    related = found.select_related("report__order__patient", "step", "ordering_site")
    return related.prefetch_related("attempts").order_by("due_at", "id")


def notices_settled(laboratory_id: int, *, limit: int = 40) -> QuerySet[Notice]:
    """What was acknowledged, the newest first."""
    found = Notice.objects.filter(laboratory_id=laboratory_id, acknowledged_at__isnull=False)
    related = found.select_related("report__order__patient", "step", "ordering_site")
    return related.prefetch_related("attempts").order_by("-acknowledged_at", "-id")[:limit]


def corrections_of(notice: Notice) -> list[Correction]:
    """Old and new of a correction's notice; nothing for a look-back's."""
    if notice.report is None:
        return []
    earlier = versions_of(notice.report.order).filter(version=notice.earlier_version or 0).first()
    return corrections(earlier.content if earlier else None, notice.report.content)


def concerned_by(notice: Notice, *, limit: int = 200, offset: int = 0) -> list[ConcernedRow]:
    """The patients of whom a look-back's notice tells, by name; nothing for a correction's."""
    if notice.step_id is None:
        return []
    return sql_files.fetch(
        ConcernedRow,
        SQL,
        "step_patients",
        step=notice.step_id,
        site=notice.ordering_site_id,
        limit=limit,
        offset=offset,
    )


def count_concerned(notice: Notice) -> tuple[int, int]:
    """How many results and how many patients a look-back's notice tells of."""
    rows = sql_files.fetch_rows(SQL, "count_step_patients", step=notice.step_id, site=notice.ordering_site_id)
    return (rows[0][0], rows[0][1])


def reported_rows(result_ids: Collection[int]) -> list[ReportedRow]:
    """These results with what was reported of them to whom, in the given order."""
    return sql_files.fetch(ReportedRow, SQL, "look_back_rows", ids=list(result_ids)) if result_ids else []
