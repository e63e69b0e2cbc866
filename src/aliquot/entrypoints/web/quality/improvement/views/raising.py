"""Something went wrong: said from where it happened, or from anywhere."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.improvement.forms import RaiseForm
from aliquot.entrypoints.web.quality.improvement.views.nonconformities import usual_severity
from aliquot.entrypoints.web.quality.improvement.words import happened, page_of_subject
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.improvement.actions import (
    Complainant,
    Happening,
    ask_for_look_back,
    raise_nonconformity,
)
from aliquot.oversight.improvement.models import Complaint, Nonconformity
from aliquot.oversight.improvement.queries import Subject, last_of_subject, subject_of
from aliquot.registers.patients.actions import note_access

COMPLAINT = Nonconformity.Source.COMPLAINT


@needs("raise_nonconformity")
def raising(request: SignedRequest) -> HttpResponse:
    """The form, filled with what is known of where it happened; then the new nonconformity."""
    asked = request.POST if request.method == "POST" else request.GET
    subject = _subject(asked.get("source", ""), asked.get("subject", ""), request)
    form = RaiseForm(
        request.POST if request.method == "POST" else None,
        initial=_initial(asked.get("source", ""), subject, request),
        is_given=subject is not None,
    )
    if form.is_bound and form.is_valid():
        try:
            return _raised(request, form.cleaned_data, subject)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, form, subject)


@require_POST
@needs("raise_nonconformity")
def ask_look_back(request: SignedRequest) -> HttpResponse:
    """The doctor is asked to look back at what a failure of measurement puts in doubt."""
    subject = _subject(request.POST.get("source", ""), request.POST.get("subject", "") or "0", request)
    if subject is None:
        raise Http404
    try:
        made = ask_for_look_back(subject.source, subject.id, by=request.actor, at=timezone.now())
        words = _("Asked: the doctor finds %(number)s among the look-backs.")
        messages.success(request, words % {"number": made.number})
    except Refused as fault:
        messages.error(request, str(fault))
    return redirect(page_of_subject(subject) or "quality:nonconformities")


def _raised(request: SignedRequest, given: dict[str, Any], subject: Subject | None) -> HttpResponse:
    is_complaint = given["source"] == COMPLAINT
    channel = given.get("channel") or Complaint.Channel.PAGE
    happening = Happening(
        given["source"],
        given["what"],
        subject.id if subject else None,
        given["severity"],
        Complainant(given.get("complainant", ""), channel) if is_complaint else None,
    )
    made = raise_nonconformity(happening, request.place, by=request.actor, at=timezone.now())
    messages.success(request, _("Nonconformity %(number)s is raised.") % {"number": made.number})
    return redirect("quality:nonconformity", made.pk)


def _page(request: SignedRequest, form: RaiseForm, subject: Subject | None) -> HttpResponse:
    known = last_of_subject(subject.source, subject.id) if subject else None
    context = {
        "form": form,
        "subject": subject,
        "known": known,
        "source": Nonconformity.Source(subject.source).label if subject else "",
        "address": page_of_subject(subject) if subject else "",
    }
    status = 422 if form.errors else 200
    return quality_page(
        request, "quality/improvement/raise.html", context, tab="nonconformities", status=status
    )


def _subject(source: str, number: str, request: SignedRequest) -> Subject | None:
    """What it is about; 404 where the actor does not see it."""
    if not number:
        return None
    found = subject_of(source, int(number)) if number.isdecimal() and len(number) < 19 else None  # noqa: PLR2004 - of a bigint
    if found is None:
        raise Http404
    if found.patient_id is not None:
        note_access([found.patient_id], "nonconformity", by=request.actor, at=timezone.now())
    return found


def _initial(source: str, subject: Subject | None, request: SignedRequest) -> dict[str, Any]:
    known = source if subject or source == COMPLAINT else Nonconformity.Source.OTHER
    return {
        "source": known,
        "subject": subject.id if subject else None,
        "what": happened(subject) if subject else "",
        "severity": usual_severity(known),
        "complainant": request.actor.name if known == COMPLAINT else "",
    }
