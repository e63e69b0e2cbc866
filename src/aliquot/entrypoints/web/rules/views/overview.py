"""What holds now: the rules in force, what is suspended, and every version with its state."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from aliquot.entrypoints.web.rules.forms import DraftForm, SuspendForm
from aliquot.entrypoints.web.rules.words import state_words
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.verification.models import RuleSetVersion, Suspension
from aliquot.flow.verification.queries import suspensions_at, version_in_force
from aliquot.registers.people.queries import names_of

PERMISSIONS = ("draft_rule", "approve_rule", "suspend_autorelease")
SHOWN = 100


@needs(*PERMISSIONS)
def home(request: SignedRequest) -> HttpResponse:
    """The rules in force here, the switch, the versions."""
    return overview(request)


def overview(
    request: SignedRequest, *, suspend: SuspendForm | None = None, draft: DraftForm | None = None
) -> HttpResponse:
    """The page, with the form that was refused if one was."""
    now, place = timezone.now(), request.place
    here = Q(laboratory=place) | Q(laboratory=None)
    kept = RuleSetVersion.objects.filter(here)
    versions = list(kept.select_related("laboratory").order_by("-id")[:SHOWN])
    open_here = suspensions_at(place.pk)
    over = Suspension.objects.filter(here).exclude(ended_at=None)
    ended = list(over.select_related("test", "analyzer").order_by("-id")[:10])
    people = [one.drafted_by for one in versions] + [one.approved_by for one in versions]
    people += [one.by for one in (*open_here, *ended)] + [one.ended_by for one in ended]
    names = names_of(people)
    context = {
        "network": version_in_force(None, now),
        "own": version_in_force(place.pk, now),
        "versions": [
            (one, state_words(one, now), names[one.drafted_by], names[one.approved_by]) for one in versions
        ],
        "suspensions": [(one, names[one.by]) for one in open_here],
        "ended": [(one, names[one.by], names[one.ended_by]) for one in ended],
        "suspend": suspend or SuspendForm(place=place),
        "draft": draft or DraftForm(place=place),
        "may": request.actor.permissions,
    }
    refused = any(form is not None and form.errors for form in (suspend, draft))
    return render(request, "rules/home.html", context, status=422 if refused else 200)
