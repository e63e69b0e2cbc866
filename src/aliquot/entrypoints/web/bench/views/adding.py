"""Tests that a rule proposes for an order: one key adds them, another declines."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import ReasonForm
from aliquot.entrypoints.web.bench.pages import say
from aliquot.entrypoints.web.bench.views.verifying import card, refused_card
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.results.actions import confirm_add_on, decline_add_on
from aliquot.foundation.errors import Forbidden, Refused


@needs("release_result")
def listed(_request: SignedRequest) -> HttpResponse:
    """The list of added tests stands beside the orders: clinics read it too."""
    return redirect("ordering:added")


@needs("release_result")
@require_POST
def confirm(request: SignedRequest, result_id: int, add_on_id: int) -> HttpResponse:
    """Add the tests, on a tube that is fit; else the card asks for a new tube."""
    form = forms.Form(request.POST)
    try:
        found = confirm_add_on(add_on_id, by=request.actor, at=timezone.now())
    except Forbidden:
        raise
    except Refused as fault:
        tell_refusal(form, fault)
        return refused_card(request, result_id, form)
    words = _("Added: %(tests)s") if found.state == "added" else _("No tube is fit for %(tests)s.")
    return say(card(request, result_id), words % {"tests": ", ".join(found.tests)})


@needs("release_result")
@require_POST
def decline(request: SignedRequest, result_id: int, add_on_id: int) -> HttpResponse:
    """Decline the tests for a stated reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return refused_card(request, result_id, form)
    try:
        decline_add_on(add_on_id, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
    except Forbidden:
        raise
    except Refused as fault:
        tell_refusal(form, fault)
        return refused_card(request, result_id, form)
    return say(card(request, result_id), _("Declined."))
