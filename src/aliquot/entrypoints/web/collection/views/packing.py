"""Boxes: opened in a lane, packed by scanning, closed, handed to the courier with a manifest."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.scans import answer_scan, answered_before
from aliquot.flow.logistics.actions import close_box, open_box, pack_specimen, unpack_specimen
from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.queries import boxes_of, find_box, manifest
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import to_pack
from aliquot.foundation.errors import Refused


@needs("close_box")
def boxes(request: SignedRequest) -> HttpResponse:
    """Boxes of the place by state; a posted lane opens a new one."""
    if request.method == "POST":
        try:
            opened = open_box(
                origin=request.place, lane=request.POST.get("lane", ""), by=request.actor, at=timezone.now()
            )
        except Refused as fault:
            messages.warning(request, fault.reason)
        else:
            return redirect("collection:box", opened.number)
    context = {"boxes": boxes_of(request.place).filter(origin=request.place), "lanes": Box.Lane.choices}
    context["tubes"] = to_pack(request.place)
    return render(request, "collection/boxes.html", context)


@needs("close_box")
def box(request: SignedRequest, number: str) -> HttpResponse:
    """One box: what is in it, and the scanner's field while it is open."""
    return render(request, "collection/box.html", _packed(_box(request, number)))


@needs("close_box")
@require_POST
def scan(request: SignedRequest, number: str) -> HttpResponse:
    """One tube into the box."""
    if kept := answered_before(request):
        return kept
    shown, outcome, text = _box(request, number), "ok", _("Packed")
    try:
        pack_specimen(shown, request.POST.get("barcode", ""), by=request.actor, at=timezone.now())
    except Refused as fault:
        outcome, text = "problem", fault.reason
    return answer_scan(request, "collection/_packed.html", _packed(shown), outcome=outcome, text=text)


@needs("close_box")
@require_POST
def unpack(request: SignedRequest, number: str) -> HttpResponse:
    """One tube out of an open box."""
    shown = _box(request, number)
    try:
        unpack_specimen(shown, request.POST.get("tube", ""), by=request.actor, at=timezone.now())
    except Refused as fault:
        context = {**_packed(shown), "refused": fault.reason}
        return render(request, "collection/_packed.html", context, status=422)
    return render(request, "collection/_packed.html", _packed(shown))


@needs("close_box")
@require_POST
def close(request: SignedRequest, number: str) -> HttpResponse:
    """Close the box: from now on it waits for the courier."""
    try:
        close_box(_box(request, number), by=request.actor, at=timezone.now())
    except Refused as fault:
        messages.warning(request, fault.reason)
        return redirect("collection:box", number)
    return redirect("collection:manifest", number)


@needs("close_box")
def print_manifest(request: SignedRequest, number: str) -> HttpResponse:
    """The list that travels with the box, by number only."""
    shown = _box(request, number)
    return render(request, "collection/manifest.html", {"box": shown, "rows": manifest(shown)})


def _packed(shown: Box) -> dict[str, Any]:
    numbers = list(shown.items.order_by("-id").values_list("number", flat=True))
    found = Specimen.objects.filter(number__in=numbers).select_related("container")
    tubes = {one.number: one for one in found.prefetch_related("tests__test")}
    return {
        "box": shown,
        "tubes": [tubes[number] for number in numbers if number in tubes],
        "waiting": to_pack(shown.origin),
    }


def _box(request: SignedRequest, number: str) -> Box:
    found = find_box(number)
    if found is None or found.origin_id not in request.actor.sites:
        raise Http404
    return found
