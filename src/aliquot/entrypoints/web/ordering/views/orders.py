"""The list of orders, one order, and what may be cancelled in it."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.ordering.adding import adding_context
from aliquot.entrypoints.web.ordering.finding import find
from aliquot.entrypoints.web.ordering.forms import ReasonForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.entrypoints.web.shell.journeys import steps_of
from aliquot.entrypoints.web.shell.order_progress import progress_of
from aliquot.entrypoints.web.shell.paging import page_of
from aliquot.flow.orders.models import Order, OrderItem, Urgency
from aliquot.flow.orders.queries import find_order, orders_of_site
from aliquot.flow.reports.queries import latest_report
from aliquot.flow.results.queries import count_waiting_add_ons
from aliquot.flow.specimens.actions import withdraw_item, withdraw_order
from aliquot.flow.specimens.models import SpecimenEvent
from aliquot.foundation.errors import Refused
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import names_of

FILTERS: dict[str, dict[str, str]] = {
    "open": {"state": Order.State.PLACED},
    "urgent": {"state": Order.State.PLACED, "urgency": Urgency.STAT},
    "completed": {"state": Order.State.COMPLETED},
    "cancelled": {"state": Order.State.CANCELLED},
    "all": {},
}


@needs("place_order", "view_order")
def home(request: SignedRequest) -> HttpResponse:
    """The search field, and the orders of the place, newest first."""
    found = find(request.GET.get("q", ""))
    if found.order:
        return redirect("ordering:order", found.order.number)
    if len(found.patients) == 1:
        return redirect("ordering:patient", found.patients[0].pk)
    shown = request.GET.get("show", "open")
    page = page_of(_listed(request, shown), "placed_at", request.GET.get("before", ""))
    context = {"found": found, "page": page, "shown": shown, "filters": tuple(FILTERS)}
    context["waiting_add_ons"] = count_waiting_add_ons(request.place.pk)
    return render(request, "ordering/home.html", context)


@needs("place_order", "view_order")
def search(request: SignedRequest) -> HttpResponse:
    """The part of the page with what was found while it is typed."""
    return render(request, "ordering/_found.html", {"found": find(request.GET.get("q", ""))})


@needs("place_order", "view_order")
def order(request: SignedRequest, number: str) -> HttpResponse:
    """One order: every test, every tube, the journey."""
    return show_order(request, found_order(number))


@needs("cancel_order")
@require_POST
def cancel(request: SignedRequest, number: str) -> HttpResponse:
    """Withdraw the whole order."""
    form, shown = _reason(request), found_order(number)
    try:
        withdraw_order(shown, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
    except Refused as fault:
        tell_refusal(form, fault)
        return show_order(request, shown, {"cancelling": form}, status=422)
    return redirect("ordering:order", number)


@needs("cancel_order")
@require_POST
def cancel_test(request: SignedRequest, number: str, code: str) -> HttpResponse:
    """Withdraw one test of an order."""
    form, shown = _reason(request), found_order(number)
    item = shown.items.filter(test__code=code).select_related("test", "order").first() or _nothing()
    try:
        withdraw_item(item, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
    except Refused as fault:
        tell_refusal(form, fault)
        return show_order(request, shown, {"cancelling_test": form, "cancelled_item": item}, status=422)
    return redirect("ordering:order", number)


def show_order(
    request: SignedRequest, shown: Order, more: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page of an order; `more` are forms that were refused."""
    note_access([shown.patient_id], "order", by=request.actor, at=timezone.now())
    events = SpecimenEvent.objects.filter(specimen__order=shown).select_related("site").order_by("at", "id")
    steps = one_of_each(events)
    names = names_of([shown.placed_by, *(one.by for one in steps)])
    context = {
        "order": shown,
        "tests": progress_of(shown),
        **adding_context(request, shown),
        "tubes": shown.specimens.select_related("container", "custody_site", "specimen_type", "replaces")
        .prefetch_related("tests__test")
        .order_by("container__draw_order", "id"),
        "steps": steps_of(steps, names),
        "report": latest_report(shown),
        "placed_by": names[shown.placed_by].name,
        "cancelling": ReasonForm(),
        "cancelling_test": ReasonForm(),
    }
    return render(request, "ordering/order.html", context | (more or {}), status=status)


def one_of_each(events: Iterable[SpecimenEvent]) -> list[SpecimenEvent]:
    """The events without those that say the same of another tube of the order at the same moment."""
    return list({(one.kind, one.at, one.by, one.site_id, str(one.detail)): one for one in events}.values())


def _listed(request: SignedRequest, shown: str) -> QuerySet[Order]:
    return orders_of_site(request.place).filter(**FILTERS.get(shown, {}))


def found_order(number: str) -> Order:
    found = find_order(number)
    if found is None:
        raise Http404
    return found


def _reason(request: SignedRequest) -> ReasonForm:
    form = ReasonForm(request.POST)
    form.is_valid()
    return form


def _nothing() -> OrderItem:
    raise Http404
