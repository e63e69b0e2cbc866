"""Further tests for an order whose specimens are here, and consent to those that rules propose."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.ordering.adding import ADDERS, options
from aliquot.entrypoints.web.ordering.forms import AddingForm, ReasonForm
from aliquot.entrypoints.web.ordering.views.orders import found_order, show_order
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.orders.models import Order
from aliquot.flow.results.actions import add_tests, confirm_add_on, decline_add_on
from aliquot.flow.results.models import AddOn
from aliquot.foundation.errors import Refused


@needs(*ADDERS)
def addable(request: SignedRequest, number: str) -> HttpResponse:
    """The part of the page with the tests that fit a tube of the order."""
    text = request.GET.get("find", "").strip()
    context = {"order": (shown := found_order(number)), "options": options(shown, text), "text": text}
    return render(request, "ordering/_addable.html", context)


@needs(*ADDERS)
@require_POST
def add(request: SignedRequest, number: str) -> HttpResponse:
    """Add tests on tubes that are here, or with new ones."""
    shown, form = found_order(number), AddingForm(request.POST, auto_id="adding-%s")
    codes = request.POST.get("codes", "").upper().replace(",", " ").split()
    form.is_valid()
    reason, draw = form.cleaned_data["reason"], "draw" in request.POST
    try:
        kept = add_tests(shown.pk, codes, reason=reason, draw=draw, by=request.actor, at=timezone.now())
    except Refused as fault:
        tell_refusal(form, fault)
        return _again(request, shown, {"adding": form, "not_added": " ".join(codes)})
    words = _("New tubes are planned for %(tests)s.") if draw else _("Added: %(tests)s")
    messages.success(request, words % {"tests": ", ".join(kept.tests)})
    return redirect("ordering:order", number)


@needs(*ADDERS)
@require_POST
def consent(request: SignedRequest, number: str, add_on_id: int) -> HttpResponse:
    """Agree to what a rule proposes; where no tube is fit any more it asks once more, for a new one."""

    def agree(_form: ReasonForm) -> str:
        found = confirm_add_on(add_on_id, by=request.actor, at=timezone.now())
        words = _("Added: %(tests)s") if found.state == "added" else _("No tube is fit for %(tests)s.")
        return words % {"tests": ", ".join(found.tests)}

    return _answered(request, number, add_on_id, agree)


@needs(*ADDERS)
@require_POST
def decline(request: SignedRequest, number: str, add_on_id: int) -> HttpResponse:
    """Decline what a rule proposes, for a stated reason."""

    def refuse(form: ReasonForm) -> str:
        decline_add_on(add_on_id, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
        return _("Declined.")

    return _answered(request, number, add_on_id, refuse)


def _answered(
    request: SignedRequest, number: str, add_on_id: int, answer: Callable[[ReasonForm], str]
) -> HttpResponse:
    """Answer what a rule proposes for this order, and say so; or say beside it why that cannot be."""
    shown, form = found_order(number), ReasonForm(request.POST)
    if not AddOn.objects.filter(pk=add_on_id, order=shown).exists():
        raise Http404
    form.is_valid()
    try:
        words = answer(form)
    except Refused as fault:
        tell_refusal(form, fault)
        return _again(request, shown, {"consenting": form})
    messages.success(request, words)
    return redirect("ordering:order", number)


def _again(request: SignedRequest, shown: Order, forms: dict[str, Any]) -> HttpResponse:
    shown.refresh_from_db()
    return show_order(request, shown, forms, status=422)
