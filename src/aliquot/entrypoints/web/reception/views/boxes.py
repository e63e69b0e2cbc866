"""Boxes expected and arrived; a box opened and its tubes scanned."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.reception.words import CONDITIONS, Answer, answer_to
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.scans import answer_scan, answered_before
from aliquot.flow.logistics import actions
from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.queries import BoxLine, box_line, boxes_under_way, find_box, reception_of
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import foresee_intake, numbers_at, tests_to_decide, tube_rows
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.queries import rejection_reasons

SHOWN = 200
"""How many scanned tubes a page draws again when it is loaded anew; the rest is in the counts."""


@needs("accept_specimen")
def home(request: SignedRequest) -> HttpResponse:
    """What is on its way, what is here, and a scanner for the next box or tube."""
    context = _lists(request) | {
        "waiting": len(numbers_at(request.place, Specimen.State.ARRIVED)),
        "missing": len(numbers_at(request.place, Specimen.State.MISSING)),
        "to_decide": tests_to_decide(request.place).values("specimen_id").distinct().count(),
        "conditions": condition_keys(None),
    }
    return render(request, "reception/home.html", context)


@needs("accept_specimen")
def box_list(request: SignedRequest) -> HttpResponse:
    """The part of the entry page that renews itself."""
    return render(request, "reception/_boxes.html", _lists(request))


@needs("receive_box")
def box(request: SignedRequest, number: str) -> HttpResponse:
    """One box: what it should hold, what was found in it."""
    return render(request, "reception/box.html", _box_page(request, number))


@require_POST
@needs("receive_box")
def receive(request: SignedRequest, number: str) -> HttpResponse:
    """The box is here and is opened."""
    try:
        actions.receive_box(_box(number), by=request.actor, at=timezone.now())
    except Refused as fault:
        return render(
            request, "reception/box.html", _box_page(request, number) | {"fault": fault}, status=422
        )
    return redirect("reception:box", number)


@require_POST
@needs("receive_box")
def scan(request: SignedRequest, number: str) -> HttpResponse:
    """A tube of this box."""
    opened = _box(number)
    return answered_before(request) or _answer(request, opened, request.POST.get("barcode", ""))


@require_POST
@needs("receive_box")
def scan_in_hand(request: SignedRequest) -> HttpResponse:
    """A box, which is opened; or a tube without a box."""
    if kept := answered_before(request):
        return kept
    number = request.POST.get("barcode", "").strip()
    found = find_box(number)
    return _open(request, found) if found else _answer(request, None, number)


@require_POST
@needs("receive_box")
def finish(request: SignedRequest, number: str) -> HttpResponse:
    """The box is empty: what it lacks and what it held besides is named at once."""
    try:
        actions.finish_reception(_box(number), by=request.actor, at=timezone.now())
    except Refused as fault:
        return render(
            request, "reception/box.html", _box_page(request, number) | {"fault": fault}, status=422
        )
    return redirect("reception:box", number)


def condition_keys(noted: list[str] | None) -> list[dict[str, Any]]:
    """The conditions with a key of their own; `noted` are those of the tube in hand, None without one."""
    reasons = rejection_reasons()
    return [
        {"key": key, "code": code, "name": reasons[code].name, "is_noted": code in (noted or ())}
        for key, code in CONDITIONS
        if code in reasons
    ]


def _open(request: SignedRequest, found: Box) -> HttpResponse:
    answer = Answer(found.number, "ok", _("Box opened: scan its tubes."))
    page = reverse("reception:box", args=[found.number])
    if found.state != Box.State.RECEIVED:
        try:
            actions.receive_box(found, by=request.actor, at=timezone.now())
        except Refused as fault:
            answer, page = Answer(found.number, "problem", fault.reason), ""
    context = {"answer": answer, "row": None}
    return answer_scan(
        request, "reception/_scanned.html", context, outcome=answer.outcome, text=answer.text, follow=page
    )


def _answer(request: SignedRequest, opened: Box | None, number: str) -> HttpResponse:
    now = timezone.now()
    try:
        arrival = actions.scan_arrival(opened, number, site=request.place, by=request.actor, at=now)
        verdicts = foresee_intake(arrival.number, at=now) if arrival.specimen_id else ()
        answer = answer_to(arrival, verdicts)
    except Refused as fault:
        answer = Answer(number, "problem", fault.reason)
    row = next(iter(tube_rows([answer.number])), None)
    context: dict[str, Any] = {"answer": answer, "row": row, "is_part": True}
    context |= {"conditions": condition_keys(row.conditions if row else None)}
    context |= {"box": box_line(opened.number)} if opened else {}
    return answer_scan(request, "reception/_scanned.html", context, outcome=answer.outcome, text=answer.text)


def _lists(request: SignedRequest) -> dict[str, Any]:
    now = timezone.now()
    bound = [one for one in boxes_under_way(since=now - timedelta(hours=24)) if _is_bound(one, request)]
    coming = [one for one in bound if one.state in {"closed", "in_transit"}]
    return {
        "coming": sorted(coming, key=lambda one: (one.handed_over_at is None, one.due_at or now, one.number)),
        "opened": [one for one in bound if one.state == "received" and one.expected],
        "done": [one for one in bound if one.state == "received" and not one.expected],
        "expected_tubes": sum(one.expected for one in coming),
        "late": sum(one.is_late(now) for one in coming),
        "now": now,
    }


def _is_bound(one: BoxLine, request: SignedRequest) -> bool:
    return one.destination_en == request.place.name_en


def _box(number: str) -> Box:
    found = find_box(number)
    if found is None:
        raise Http404
    return found


def _box_page(request: SignedRequest, number: str) -> dict[str, Any]:
    found, line = _box(number), box_line(number)
    here = reception_of(found)
    scanned = tube_rows([*here.received, *here.extra][-SHOWN:])
    return {
        "box": line,
        "is_here": found.destination_id == request.place.pk,
        "here": here,
        "scanned": sorted(scanned, key=lambda row: row.arrived_at or timezone.now(), reverse=True),
        "lacking": tube_rows(here.missing or here.expected),
        "surplus": tube_rows(here.extra),
        "is_finished": found.state == Box.State.RECEIVED and not here.expected,
        "conditions": condition_keys(None),
        "extras": frozenset(here.extra),
    }
