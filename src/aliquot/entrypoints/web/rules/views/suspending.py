"""The switch: automatic release off and on again, each with its reason."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.rules.forms import SuspendForm, WhyForm
from aliquot.entrypoints.web.rules.views.overview import overview
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.verification.actions import resume_release, suspend_release
from aliquot.flow.verification.models import Suspension
from aliquot.foundation.errors import Refused


@require_POST
@needs("suspend_autorelease")
def suspend(request: SignedRequest) -> HttpResponse:
    """From this commit on nothing that is meant is released by rules."""
    form = SuspendForm(request.POST, place=request.place)
    if form.is_valid():
        given = form.cleaned_data
        place = None if given["scope"] == "network" else request.place
        try:
            suspend_release(
                laboratory=place,
                test=given["test"],
                analyzer=given["analyzer"],
                reason=given["reason"],
                by=request.actor,
                at=timezone.now(),
            )
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("Automatic release is suspended. Results wait for a person."))
            return redirect("rules:home")
    return overview(request, suspend=form)


@require_POST
@needs("suspend_autorelease")
def resume(request: SignedRequest, pk: int) -> HttpResponse:
    """The rules release again; what waits goes on waiting."""
    form, found = WhyForm(request.POST), get_object_or_404(Suspension, pk=pk)
    if form.is_valid():
        try:
            resume_release(found, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
        except Refused as fault:
            messages.error(request, fault.reason)
        else:
            messages.success(request, _("The rules release again. What waits goes on waiting for a person."))
    else:
        messages.error(request, " ".join(map(str, form.errors["reason"])))
    return redirect("rules:home")
