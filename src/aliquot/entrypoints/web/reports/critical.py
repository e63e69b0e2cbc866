"""Critical values at the place that ordered: opened, read and acknowledged by a physician there."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.entrypoints.web.shell.critical import drawn_ladder, time_left
from aliquot.flow.reports.rules.layout import figure
from aliquot.flow.results.actions import acknowledge_critical, note_call_read
from aliquot.flow.results.models import CriticalCall
from aliquot.flow.results.queries import calls_received, calls_to_read, ladder_of
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.naming import is_russian
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import names_of

READING = "acknowledge_critical"


class AcknowledgeForm(forms.Form):
    read_back = forms.CharField(
        label=_("The value you read"),
        help_text=_("Type its digits: so the laboratory knows that it was read, not only opened."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal", "autofocus": True}),
    )


@needs(READING)
def waiting(request: SignedRequest) -> HttpResponse:
    """Critical values that nobody here has received yet, the first due first; below, what was told."""
    now = timezone.now()
    rows = [_row(one) | {"left": time_left(one.opened_at, one.due_at, at=now)} for one in _open(request)]
    received = [_row(one) for one in calls_received(request.place.pk)]
    seen = {one["call"].patient_id for one in (*rows, *received)}
    note_access(seen, "critical values", by=request.actor, at=now)
    return render(request, "reports/critical.html", {"rows": rows, "received": received})


@needs(READING)
def value(request: SignedRequest, call_id: int) -> HttpResponse:
    """One critical value. Opening it is kept; only the acknowledgement is receipt."""
    call = _call(request, call_id)
    note_call_read(call, by=request.actor, at=timezone.now())
    return _page(request, _call(request, call_id), AcknowledgeForm())


@needs(READING)
@require_POST
def acknowledge(request: SignedRequest, call_id: int) -> HttpResponse:
    """The physician repeats the value: the call is closed."""
    call, form = _call(request, call_id), AcknowledgeForm(request.POST)
    if form.is_valid():
        try:
            acknowledge_critical(call, form.cleaned_data["read_back"], by=request.actor, at=timezone.now())
        except Forbidden:
            raise
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            return redirect("reports:critical")
    return _page(request, _call(request, call_id), form, status=422)


def _page(request: SignedRequest, call: CriticalCall, form: forms.Form, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    note_access([call.patient_id], "critical value", by=request.actor, at=now)
    names = names_of([call.read_by, call.closed_by])
    context: dict[str, Any] = {
        **_row(call),
        "form": form,
        "told_before": _figure(call.about) if call.about else "",
        "left": time_left(call.opened_at, call.due_at, at=now),
        "steps": drawn_ladder(ladder_of(call, at=now), at=now),
        "read_by": names[call.read_by].name,
        "closed_by": names[call.closed_by].name,
    }
    return render(request, "reports/critical_value.html", context, status=status)


def _open(request: SignedRequest) -> list[CriticalCall]:
    return list(calls_to_read(request.place.pk))


def _call(request: SignedRequest, call_id: int) -> CriticalCall:
    related = ("test", "order__patient", "order__ordering_site", "laboratory", "about")
    sites = request.actor.sites
    found = CriticalCall.objects.select_related(*related).filter(pk=call_id, ordering_site_id__in=sites)
    call = found.first()
    if call is None:
        raise Http404
    return call


def _row(call: CriticalCall) -> dict[str, Any]:
    unit = (call.test.unit_ru if is_russian() else "") or call.unit
    return {
        "call": call,
        "patient": call.order.patient,
        "test": call.test,
        "value": _figure(call),
        "unit": unit,
        "mark": {"LL": "↓↓", "HH": "↑↑"}.get(call.flag, ""),
        "words": {"LL": _("critically low"), "HH": _("critically high")}.get(call.flag, _("critical")),
        "is_withdrawal": call.kind == CriticalCall.Kind.WITHDRAWAL,
        "is_reinstated": call.kind == CriticalCall.Kind.REINSTATED,
    }


def _figure(call: CriticalCall) -> str:
    """The value of a call as the reader's language writes it."""
    return figure(call.value_text, "ru" if is_russian() else "en")
