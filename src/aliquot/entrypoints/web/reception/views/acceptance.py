"""Accept all that are fit in one key; what is not fit is listed test by test."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.reception.alike import ToDecide, to_decide
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.specimens.actions import accept_specimens, give_up_specimens, redraw_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import numbers_at, tube_rows
from aliquot.flow.specimens.rules.intake import AcceptOutcome, Intake
from aliquot.foundation.errors import Forbidden, Refused

AT_ONCE = 1000
"""How many tubes one press takes in; the next press takes the rest."""

SHOWN = 300


@needs("accept_specimen")
def queue(request: SignedRequest) -> HttpResponse:
    """Tubes that arrived and wait to be accepted."""
    numbers = numbers_at(request.place, Specimen.State.ARRIVED)
    rows = tube_rows(numbers[:SHOWN])
    context = {"rows": rows, "waiting": len(numbers), "urgent": sum(row.urgency == "S" for row in rows)}
    return render(request, "reception/acceptance.html", context)


@require_POST
@needs("accept_specimen")
def accept(request: SignedRequest) -> HttpResponse:
    """All that arrived, judged in one go."""
    numbers = numbers_at(request.place, Specimen.State.ARRIVED, limit=AT_ONCE)
    outcomes = accept_specimens(numbers, site=request.place, by=request.actor, at=timezone.now())
    _tell(request, outcomes)
    is_clean = all(one.kind is Intake.ACCEPTED for one in outcomes)
    return redirect("reception:acceptance" if is_clean else "reception:decisions")


@needs("accept_specimen")
def decisions(request: SignedRequest) -> HttpResponse:
    """Tubes with a test that a person must decide, with the reasons by test; what is alike can be marked."""
    return _decisions(request, to_decide(request.place, request.GET.get("alike", "")))


@require_POST
@needs("reject_specimen")
def together(request: SignedRequest) -> HttpResponse:
    """One decision for every marked tube: another one, or nothing will come."""
    numbers, now = request.POST.getlist("tubes"), timezone.now()
    try:
        if "give_up" in request.POST:
            reason = request.POST.get("reason", "")
            give_up_specimens(numbers, reason=reason, by=request.actor, at=now)
        else:
            redraw_specimens(numbers, by=request.actor, at=now)
    except Forbidden:
        raise
    except Refused as fault:
        shown = to_decide(request.place, request.POST.get("alike", ""), marked=numbers)
        return _decisions(request, shown, fault)
    count = len(set(numbers))
    words = ngettext("Decided: %(count)d tube.", "Decided: %(count)d tubes.", count) % {"count": count}
    messages.success(request, words)
    return redirect("reception:decisions")


def _decisions(request: SignedRequest, shown: ToDecide, fault: Refused | None = None) -> HttpResponse:
    context = {"shown": shown, "fault": fault, "may_reject": request.actor.may("reject_specimen")}
    return render(request, "reception/decisions.html", context, status=422 if fault else 200)


def _tell(request: SignedRequest, outcomes: list[AcceptOutcome]) -> None:
    fit = sum(one.kind is Intake.ACCEPTED for one in outcomes)
    rest = len(outcomes) - fit
    counted: dict[str, Any] = {"count": fit}
    messages.success(
        request, ngettext("%(count)d tube accepted.", "%(count)d tubes accepted.", fit) % counted
    )
    if rest:
        words = ngettext("%(count)d tube needs a decision.", "%(count)d tubes need a decision.", rest)
        messages.warning(request, words % {"count": rest})
