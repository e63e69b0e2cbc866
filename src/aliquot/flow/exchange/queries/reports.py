"""Reports by the parameters of a FHIR search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from aliquot.flow.exchange.rules.searching import Bound
from aliquot.flow.exchange.rules.systems import ORDER_NUMBER
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.reports.models import Report
from aliquot.flow.reports.queries import latest_reports


@dataclass(frozen=True, slots=True)
class ReportSearch:
    """What is looked for; all parts must fit. `requests` are (order, code), `after` continues a page."""

    ids: Sequence[int] = ()
    patients: Sequence[int] = ()
    identifiers: Sequence[tuple[str | None, str]] = ()
    requests: Sequence[tuple[int, str]] = ()
    released: Sequence[Bound] = ()
    statuses: Sequence[str] = ()
    count: int = 20
    after: int = 0


def find_reports(search: ReportSearch) -> QuerySet[Report]:
    """The newest version of each fitting report, oldest first by release; unsliced."""
    found = latest_reports().order_by("id")
    if search.ids:
        found = found.filter(order_id__in=search.ids)
    if search.patients:
        found = found.filter(patient_id__in=search.patients)
    if search.statuses:
        found = found.filter(kind__in=search.statuses)
    if search.identifiers:
        found = found.filter(_any(_identified(*one) for one in search.identifiers))
    if search.requests:
        found = found.filter(order_id__in=_orders_with(search.requests))
    for bound in search.released:
        found = _within(found, bound)
    return found


def page_of(found: QuerySet[Report], search: ReportSearch) -> tuple[list[Report], int | None]:
    """One page, and where the next one begins: a report released meanwhile comes last, so no page shifts."""
    page = list(found.filter(pk__gt=search.after)[: search.count + 1])
    return page[: search.count], (page[search.count - 1].pk if len(page) > search.count else None)


def report_of_item(item_id: int) -> Report | None:
    """The newest report that holds this item of an order."""
    order = OrderItem.objects.filter(pk=item_id).values_list("order_id", flat=True)
    return latest_reports().filter(order_id__in=order).first()


def _any(conditions: Iterable[Q]) -> Q:
    wanted = Q(pk__in=[])
    for one in conditions:
        wanted |= one
    return wanted


def _identified(system: str | None, value: str) -> Q:
    ours, theirs = Q(order__number=value), Q(order__external_number=value)
    if system is None:
        return ours | theirs
    return ours if system == ORDER_NUMBER else theirs & Q(order__external_system=system)


def _orders_with(requests: Sequence[tuple[int, str]]) -> list[int]:
    held = OrderItem.objects.filter(order_id__in=[order for order, _ in requests])
    rows = held.values_list("order_id", "panel", "test__code")
    has = {(order, code) for order, panel, test in rows for code in (panel, test)}
    return [order for order, code in requests if (order, code) in has]


def _within(found: QuerySet[Report], bound: Bound) -> QuerySet[Report]:
    if bound.since is not None:
        found = found.filter(released_at__gte=bound.since)
    return found if bound.until is None else found.filter(released_at__lt=bound.until)
