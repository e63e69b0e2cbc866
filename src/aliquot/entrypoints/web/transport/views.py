"""The courier's boxes along the road, and the region as its dispatcher sees it."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.shell import pictures
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.scans import answer_scan, answered_before
from aliquot.flow.logistics.actions import hand_over_box, pick_up_box
from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.queries import BoxLine, box_line, boxes_under_way, find_box, manifest
from aliquot.foundation.errors import Refused
from aliquot.oversight.insight.queries import boxes_now, sites_now

SEERS = ("carry_box", "close_box", "receive_box", "read_indicators")


@needs(*SEERS)
def home(request: SignedRequest) -> HttpResponse:
    """The courier's page; for all others the dispatcher's."""
    page = "transport/courier.html" if request.actor.may("carry_box") else "transport/dispatcher.html"
    return render(request, page, _now(request))


@needs(*SEERS)
def now_part(request: SignedRequest) -> HttpResponse:
    """The part of either page that renews itself."""
    part = "transport/_road.html" if request.actor.may("carry_box") else "transport/_region.html"
    return render(request, part, _now(request))


@needs(*SEERS)
def box(request: SignedRequest, number: str) -> HttpResponse:
    """One box: where it goes and the numbers of its tubes."""
    found, line = find_box(number), box_line(number)
    if found is None or line is None:
        raise Http404
    context = {"box": line, "rows": manifest(found), "is_mine": line.courier == request.actor.key}
    return render(request, "transport/box.html", context | {"now": timezone.now()})


@require_POST
@needs("carry_box")
def scan(request: SignedRequest) -> HttpResponse:
    """A scanned box is picked up when it waits, handed over when it is on the road with this courier."""
    if kept := answered_before(request):
        return kept
    number = request.POST.get("barcode", "")
    outcome, text = "ok", ""
    try:
        text = _take_or_leave(request, number)
    except Refused as fault:
        outcome, text = "problem", fault.reason
    return answer_scan(request, "transport/_road.html", _now(request), outcome=outcome, text=text)


@require_POST
@needs("carry_box")
def pick_up(request: SignedRequest, number: str) -> HttpResponse:
    """The box is in the courier's hands."""
    return _answer(request, number, Box.State.CLOSED)


@require_POST
@needs("hand_over_box")
def hand_over(request: SignedRequest, number: str) -> HttpResponse:
    """The box stands at the laboratory's door."""
    return _answer(request, number, Box.State.IN_TRANSIT)


def _answer(request: SignedRequest, number: str, wanted: str) -> HttpResponse:
    try:
        messages.success(request, _take_or_leave(request, number, wanted))
    except Refused as fault:
        context = _now(request) | {"fault": fault}
        return render(request, "transport/courier.html", context, status=422)
    return redirect("transport:home")


def _take_or_leave(request: SignedRequest, number: str, wanted: str = "") -> str:
    found, now = find_box(number), timezone.now()
    if wanted and (found is None or found.state != wanted):
        raise Refused(_("This was done before, or is not possible now. Look at the list."))
    if found is not None and found.state == Box.State.IN_TRANSIT:
        hand_over_box(number, by=request.actor, at=now)
        return _("Handed over. The laboratory opens the box.")
    pick_up_box(number, by=request.actor, at=now)
    return _("Picked up. Drive carefully.")


def _now(request: SignedRequest) -> dict[str, Any]:
    now = timezone.now()
    boxes = boxes_under_way(since=now - timedelta(hours=12))
    waiting = [one for one in boxes if one.state == "closed"]
    road = [one for one in boxes if one.state == "in_transit" and not one.handed_over_at]
    mine = [one for one in road if one.courier == request.actor.key]
    context: dict[str, Any] = {
        "now": now,
        "stops": [(origin, list(group)) for origin, group in groupby(waiting, key=lambda one: one.origin)],
        "waiting": waiting,
        "mine": sorted(mine, key=lambda one: one.due_at or now),
        "at_door": [one for one in boxes if one.state == "in_transit" and one.handed_over_at],
        "received": [one for one in boxes if one.state == "received"],
        "packing": [one for one in boxes if one.state == "open"],
    }
    return context if request.actor.may("carry_box") else context | _region(road, now)


def _region(road: list[BoxLine], now: datetime) -> dict[str, Any]:
    return {
        "road": sorted(road, key=lambda one: one.due_at or now),
        "late": [one for one in road if one.is_late(now)],
        "tubes": sum(one.tubes for one in road),
        "sites": pictures.map_sites(sites_now()),
        "moving": pictures.map_boxes(boxes_now(), at=now),
    }
