"""Reports of the place; one report; a patient over time."""

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.reports.sheet import history_of, line_of, page_for
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.order_progress import progress_of, under_way
from aliquot.entrypoints.web.shell.paging import page_of
from aliquot.entrypoints.web.shell.redraws import again_of
from aliquot.flow.orders.models import Order
from aliquot.flow.orders.queries import find_order, orders_of_patient
from aliquot.flow.reports.actions import note_seen, render_document
from aliquot.flow.reports.queries import reports_for, reports_of_patients, versions_of
from aliquot.flow.results.queries import calls_to_read
from aliquot.foundation.errors import Refused
from aliquot.foundation.months.rules.calendar import Month
from aliquot.registers.patients.actions import note_access
from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.queries import search_patients


@needs("view_report")
def home(request: SignedRequest) -> HttpResponse:
    """What nobody has looked at yet, everything newest first, or one patient's by name or number."""
    text, shown = request.GET.get("q", "").strip(), request.GET.get("show", "unseen")
    if text and (order := find_order(text)):
        return redirect("reports:report", order.number)
    rows = reports_for(request.place.pk, only_unseen=shown == "unseen" and not text)
    if text:
        found = [one.pk for one in search_patients(text)]
        rows = rows.filter(patient_id__in=found)
    page = page_of(rows, "released_at", request.GET.get("before", ""))
    lines = [line_of(one, _language()) for one in page.rows]
    note_access({one.patient_id for one in page.rows}, "report list", by=request.actor, at=timezone.now())
    unseen = reports_for(request.place.pk, only_unseen=True).count()
    context = {"lines": lines, "older": page.older, "text": text, "shown": shown, "unseen": unseen}
    if request.actor.may("acknowledge_critical"):
        context["critical"] = len(calls_to_read(request.place.pk))
    return render(request, "reports/home.html", context)


@needs("view_report")
def report(request: SignedRequest, number: str) -> HttpResponse:
    """The report of an order, its versions, and what is still under way."""
    order = _order(number)
    versions = list(versions_of(order))
    wanted = request.GET.get("version", "")
    chosen = next((one for one in versions if str(one.version) == wanted), versions[0] if versions else None)
    note_access([order.patient_id], "report", by=request.actor, at=timezone.now())
    context: dict[str, Any] = {
        "order": order,
        "report": chosen,
        "page": page_for(chosen, _language()) if chosen else None,
        "versions": versions,
        "under_way": under_way(progress_of(order)),
        "again": again_of(order),
        "may_see": order.ordering_site_id in request.actor.sites,
    }
    return render(request, "reports/report.html", context)


@needs("view_report")
@require_POST
def seen(request: SignedRequest, number: str) -> HttpResponse:
    """The newest version was looked at; on to the next that nobody has seen."""
    newest = versions_of(_order(number)).first()
    if newest is None:
        raise Http404
    note_seen(newest, by=request.actor, at=timezone.now())
    if "next" not in request.POST:
        return redirect("reports:report", number)
    following = reports_for(request.place.pk, only_unseen=True).first()
    return redirect("reports:report", following.order.number) if following else redirect("reports:home")


@needs("view_report")
def document(request: SignedRequest, number: str, version: int, language: str) -> HttpResponse:
    """One version as a PDF, the same bytes for ever."""
    order = _order(number)
    found = versions_of(order).filter(version=version).first()
    if found is None:
        raise Http404
    note_access([order.patient_id], "report document", by=request.actor, at=timezone.now())
    try:
        content = render_document(found, language)
    except Refused as fault:
        raise Http404 from fault
    name = f'inline; filename="{order.number}-{version}-{language}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": name})


@needs("view_report")
def patient(request: SignedRequest, pk: int) -> HttpResponse:
    """A patient's released results by test, each against its interval and over time."""
    found = Patient.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    note_access([found.pk], "history", by=request.actor, at=timezone.now())
    orders = orders_of_patient(found).filter(~Q(state=Order.State.CANCELLED))[:20]
    reports = [line_of(one, _language()) for one in reports_of_patients([found.pk])[:20]]
    since = None if "all" in request.GET else Month.earliest_at_hand(timezone.now())
    context = {
        "patient": found,
        "history": history_of(found.pk, since=since),
        "since": since.begin if since else None,
        "reports": reports,
        "orders": orders,
    }
    return render(request, "reports/patient.html", context)


def _order(number: str) -> Order:
    found = find_order(number)
    if found is None:
        raise Http404
    return found


def _language() -> str:
    return "ru" if (get_language() or "").startswith("ru") else "en"
