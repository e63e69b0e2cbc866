"""The calendar of assessment: rounds that are expected, opened when they come, dropped with a reason."""

from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.assessment.forms import DropForm, SchemeForm
from aliquot.entrypoints.web.quality.assessment.views.overview import READERS
from aliquot.entrypoints.web.quality.assessment.words import planned_said
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency import actions
from aliquot.oversight.proficiency.models import PlannedRound
from aliquot.oversight.proficiency.queries import calendar_of, planned_round
from aliquot.registers.network.models import Site

END_OF_DAY = time(23, 59)


@needs(*READERS)
def calendar(request: SignedRequest) -> HttpResponse:
    """What is expected when, and what became of it."""
    return _page(request)


@require_POST
@needs("manage_quality")
def add(request: SignedRequest) -> HttpResponse:
    """The rounds of a scheme."""
    form = SchemeForm(request.POST)
    if form.is_valid():
        try:
            made = actions.plan_scheme(
                form.plan(), laboratory=request.place, by=request.actor, at=timezone.now()
            )
            words = ngettext("%(count)s round is planned.", "%(count)s rounds are planned.", len(made))
            messages.success(request, words % {"count": len(made)})
            return redirect("quality:eqa-calendar")
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, adding=form)


@require_POST
@needs("manage_quality")
def drop(request: SignedRequest, planned_id: int) -> HttpResponse:
    """A round that is not to be expected any more."""
    found = get_object_or_404(PlannedRound, pk=planned_id, laboratory=request.place)
    form = DropForm(request.POST)
    if form.is_valid():
        try:
            actions.drop_planned(found, form.cleaned_data["reason"], by=request.actor, at=timezone.now())
            messages.success(request, _("The round is taken out of the calendar."))
            return redirect("quality:eqa-calendar")
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, dropping=form)


def expected_round(request: SignedRequest) -> PlannedRound | None:
    """The entry of the calendar that a round is being opened from."""
    asked = request.GET.get("planned", "")
    return planned_round(request.place, int(asked)) if asked.isdigit() else None


def known_of(planned: PlannedRound, place: Site) -> dict[str, Any]:
    """What the calendar says of a round, as the fields of its plan."""
    due = datetime.combine(planned.due_on, END_OF_DAY, tzinfo=ZoneInfo(place.time_zone))
    return {
        "code": planned.code,
        "scheme": planned.scheme,
        "provider": planned.provider,
        "submit_by": due,
    }


def _page(request: SignedRequest, **given: Form) -> HttpResponse:
    rows = [
        (one, planned_said(one, stands), "" if one.round or one.dropped_why else _opening(one))
        for one, stands in calendar_of(request.place, timezone.now())
    ]
    context = {
        "rows": rows,
        "adding": SchemeForm(),
        "dropping": DropForm(),
        **given,
        "may": request.actor.permissions,
    }
    status = 422 if any(one.errors for one in given.values()) else 200
    return quality_page(request, "quality/assessment/calendar.html", context, tab="eqa", status=status)


def _opening(planned: PlannedRound) -> str:
    """The address where it is opened, with what is known of it."""
    known = {
        "kind": "provider" if planned.provider else "own",
        "samples": "S1",
        "tests": " ".join(planned.tests),
        "planned": planned.pk,
    }
    return f"{reverse('quality:eqa-plan')}?{urlencode(known)}"
