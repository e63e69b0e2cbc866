"""A monitor is designed: what is asked for, how far its trial is, the candidates, the one that is taken."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.allowed import proposal_for
from aliquot.entrypoints.web.quality.monitors import words as said
from aliquot.entrypoints.web.quality.monitors.forms import MonitorDesignForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.quality.actions import ask_design, take_candidate
from aliquot.flow.quality.actions.designing import UNDONE, is_silent
from aliquot.flow.quality.models import MonitorDesign
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
from aliquot.registers.people.queries import names_of

READERS = ("run_control", "manage_quality", "read_indicators")


@needs("manage_quality")
def new(request: SignedRequest) -> HttpResponse:
    """What to try on which results; then its progress."""
    asked = Test.objects.filter(code=request.GET.get("test", "")).first()
    proposal = proposal_for(asked.pk if asked else None, request.place.day_of(timezone.now()))
    initial = {**request.GET.dict(), "tea": request.GET.get("tea") or proposal.total_at()}
    form = MonitorDesignForm(request.place.pk, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            kept = ask_design(
                given["analyzer"], given["test"], form.asked(), by=request.actor, at=timezone.now()
            )
            return redirect("quality:design", kept.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    status = 422 if form.errors else 200
    context = {"form": form, "proposal": proposal}
    return quality_page(request, "quality/new_design.html", context, tab="monitors", status=status)


@needs(*READERS)
def design(request: SignedRequest, pk: int) -> HttpResponse:
    """How far the trial is; when it is over, every candidate, the best first."""
    found = _found(request, pk)
    context = {
        "design": found,
        "is_undone": found.state in UNDONE,
        "is_silent": is_silent(found, timezone.now()),
        "candidates": said.tried_of(found.candidates),
        "inclusion": said.inclusion_of(found.inclusion),
        "tea": found.tea * 100,
        "asked_by": names_of([found.asked_by])[found.asked_by].name,
        "may": request.actor.permissions,
    }
    return quality_page(request, "quality/design.html", context, tab="monitors")


@needs(*READERS)
def progress(request: SignedRequest, pk: int) -> HttpResponse:
    """How far the trial is; the whole page when it is over."""
    found = _found(request, pk)
    if found.state not in UNDONE:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    context = {"design": found, "is_silent": is_silent(found, timezone.now())}
    return render(request, "quality/_design_progress.html", context)


@require_POST
@needs("manage_quality")
def take(request: SignedRequest, pk: int) -> HttpResponse:
    """Make the draft of another candidate."""
    place = request.POST.get("place", "")
    number = int(place) if place.isdecimal() else -1
    draft = take_candidate(_found(request, pk), number, by=request.actor, at=timezone.now())
    return redirect("quality:monitor", draft.pk)


def _found(request: SignedRequest, pk: int) -> MonitorDesign:
    related = MonitorDesign.objects.select_related("analyzer", "test", "monitor")
    return get_object_or_404(related, pk=pk, laboratory=request.place)
