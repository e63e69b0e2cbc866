"""Reports as others may ask for them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.models import Report


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
