"""The day, and the draw of one patient."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.collection.day import waiting_at
from aliquot.entrypoints.web.collection.drawing import Drawn, draw_tube, label_facts
from aliquot.entrypoints.web.collection.forms import DrawForm, moment
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.redraws import again_at, again_of
from aliquot.entrypoints.web.shell.scans import answer_scan, answered_before
from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.queries import boxes_of
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.orders.queries import find_order
from aliquot.flow.specimens.actions import close_without_recollection, print_labels, request_recollection
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import find_specimen, to_pack, to_spin
from aliquot.flow.specimens.rules.labels.pdf import pdf_labels, pdf_sheet
from aliquot.flow.specimens.rules.labels.zpl import zpl_label
from aliquot.foundation.errors import Refused
from aliquot.registers.patients.actions import note_access

TO_DRAW = (Specimen.State.PLANNED, Specimen.State.LABELLED)


@needs("collect_specimen")
def home(request: SignedRequest) -> HttpResponse:
    """Who is to be drawn, what has to be drawn again, what waits for the centrifuge and for a box."""
    text = request.GET.get("q", "").strip()
    if number := _number_of(text):
        return redirect("collection:draw", number)
    waiting, again = waiting_at(request.place, text), again_at(request.place)
    shown = {one.order.patient_id for one in waiting} | {one.order.patient_id for one in again}
    note_access(shown, "collection list", by=request.actor, at=timezone.now())
    context = {"waiting": waiting, "again": again, "text": text, "to_spin": to_spin(request.place).count()}
    context["to_pack"] = to_pack(request.place).count()
    context["closed"] = boxes_of(request.place).filter(state=Box.State.CLOSED, origin=request.place).count()
    return render(request, "collection/home.html", context)


@needs("collect_specimen")
def draw(request: SignedRequest, number: str) -> HttpResponse:
    """One patient: ask, print, draw, scan."""
    order = _order(number)
    note_access([order.patient_id], "draw", by=request.actor, at=timezone.now())
    context = {"form": DrawForm(), "again": again_of(order), **_rack(order)}
    return render(request, "collection/draw.html", context)


@needs("collect_specimen")
def rack(request: SignedRequest, number: str) -> HttpResponse:
    """The tubes of the order as they are now."""
    return render(request, "collection/_rack.html", _rack(_order(number)))


@needs("collect_specimen")
@require_POST
def scan(request: SignedRequest, number: str) -> HttpResponse:
    """A scanned tube: drawn, already entered, or a stranger's."""
    if kept := answered_before(request):
        return kept
    order, form, now = _order(number), DrawForm(request.POST), timezone.now()
    drawn = Drawn("problem", _("Enter day and time of the draw, or leave the field empty for now."))
    if form.is_valid():
        drawn = draw_tube(
            order,
            request.POST.get("barcode", ""),
            collected_at=moment(form.cleaned_data["collected_at"], request.place.time_zone, now),
            identity_confirmed=form.cleaned_data["identity_confirmed"],
            by=request.actor,
            at=now,
        )
    context = {**_rack(order), "stranger": drawn.stranger}
    return answer_scan(request, "collection/_rack.html", context, outcome=drawn.outcome, text=drawn.text)


@needs("print_label")
@require_POST
def labels(request: SignedRequest, number: str) -> HttpResponse:
    """Labels of the tubes still to be drawn, or of the named ones: pdf, sheet (A4) or zpl."""
    wanted = request.POST.getlist("numbers")
    tubes = [
        one for one in _tubes(_order(number)) if one.number in wanted or (not wanted and one.state in TO_DRAW)
    ]
    if not tubes:
        raise Http404
    print_labels(tubes, by=request.actor, at=timezone.now())
    facts, form = label_facts(tubes), request.POST.get("form", "pdf")
    if form == "zpl":
        dpi = 300 if request.POST.get("dpi") == "300" else 203
        return _file(
            "".join(zpl_label(one, dpi) for one in facts).encode(), "application/zpl", f"{number}.zpl"
        )
    content = pdf_sheet(facts) if form == "sheet" else pdf_labels(facts)
    return _file(content, "application/pdf", f"{number}.pdf", is_inline=True)


@needs("place_order", "reject_specimen")
@require_POST
def recollect(request: SignedRequest) -> HttpResponse:
    """A new tube for tests that were rejected; straight to its label."""
    items = _items(request)
    try:
        tube = request_recollection(items, by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.warning(request, fault.reason)
        return redirect("ordering:order", items[0].order.number)
    may_draw = request.actor.may("collect_specimen")
    return redirect("collection:draw" if may_draw else "ordering:order", tube.order.number)


@needs("cancel_order", "reject_specimen")
@require_POST
def give_up(request: SignedRequest) -> HttpResponse:
    """Nothing will be drawn for these tests, and why."""
    items = _items(request)
    try:
        close_without_recollection(
            items, reason=request.POST.get("reason", ""), by=request.actor, at=timezone.now()
        )
    except Refused as fault:
        messages.warning(request, fault.reason)
    if request.POST.get("back") == "order":
        return redirect("ordering:order", items[0].order.number)
    return redirect("collection:home")


def _rack(order: Order) -> dict[str, Any]:
    tubes = [
        one for one in _tubes(order) if one.state not in {Specimen.State.CANCELLED, Specimen.State.REJECTED}
    ]
    left = [one for one in tubes if one.state in TO_DRAW]
    spin = [
        one
        for one in tubes
        if one.state == Specimen.State.COLLECTED and one.is_centrifuged and not one.spun_at
    ]
    return {"order": order, "tubes": tubes, "left": left, "spin": spin}


def _tubes(order: Order) -> list[Specimen]:
    found = order.specimens.select_related("container", "ordering_site", "order__patient", "replaces")
    return list(found.prefetch_related("tests__test").order_by("container__draw_order", "id"))


def _order(number: str) -> Order:
    found = find_order(number)
    if found is None:
        raise Http404
    return found


def _number_of(text: str) -> str:
    """The order's number, when a text is one or is a tube's bar code."""
    if not any(sign.isdigit() for sign in text):
        return ""
    if order := find_order(text):
        return order.number
    tube = find_specimen(text)
    return tube.order.number if tube else ""


def _items(request: SignedRequest) -> list[OrderItem]:
    keys = [int(one) for one in request.POST.getlist("items") if one.isdigit()]
    found = list(OrderItem.objects.filter(pk__in=keys).select_related("order", "test"))
    if not found:
        raise Http404
    return found


def _file(content: bytes, kind: str, name: str, *, is_inline: bool = False) -> HttpResponse:
    way = "inline" if is_inline else "attachment"
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'{way}; filename="{name}"'}
    )
