"""Critical values: whom to call, until when, and what was said back."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import ToldForm, TriedForm
from aliquot.entrypoints.web.bench.pages import bench_page, is_part, say, tabs
from aliquot.entrypoints.web.bench.pictures import (
    flag_of,
    full_name,
    localised,
    said,
    short_name,
    value_text,
)
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.entrypoints.web.shell.critical import (
    WHOM,
    drawn_ladder,
    limit_text,
    now_and_next,
    time_left,
)
from aliquot.flow.results.actions import attempt_critical, tell_critical
from aliquot.flow.results.models import CriticalCall
from aliquot.flow.results.queries import (
    CallFigures,
    CallRow,
    call_figures,
    closed_critical_calls,
    count_waiting,
    ladder_of,
    open_critical_calls,
    result_card,
)
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import Name, names_of

MAKING = "call_critical"
FIGURE_DAYS = 30


@needs(MAKING)
def calls(request: SignedRequest) -> HttpResponse:
    """Open calls, the first due first, with the first or the chosen one; below, the calls that were made."""
    now = timezone.now()
    rows = [_row(one, at=now) for one in open_critical_calls(request.place.pk)]
    wanted = request.GET.get("call", "")
    chosen = int(wanted) if wanted.isdecimal() else rows[0]["id"] if rows else None
    made = list(closed_critical_calls(request.place.pk))
    names = names_of(one.closed_by for one in made)
    closed = [_closed(one, names[one.closed_by]) for one in made]
    figures = call_figures(request.place.pk, since=now - timedelta(days=FIGURE_DAYS), until=now)
    context = {
        "rows": rows,
        "closed": closed,
        "figures": [_figures(one) for one in figures],
        **(_card(request, chosen, at=now) if chosen else {}),
    }
    return bench_page(request, "bench/calls.html", context, tab="calls")


@needs(MAKING)
def card(request: SignedRequest, call_id: int) -> HttpResponse:
    """One call."""
    if not is_part(request):
        return redirect(f"{reverse('bench:calls')}?call={call_id}")
    return render(request, "bench/_call.html", _card(request, call_id, at=timezone.now()))


@needs(MAKING)
@require_POST
def told(request: SignedRequest, call_id: int) -> HttpResponse:
    """Somebody heard the value and read it back; the next call opens."""
    form, now = ToldForm(request.POST, auto_id=f"told-{call_id}-%s"), timezone.now()
    if form.is_valid():
        given = form.cleaned_data
        try:
            tell_critical(
                _call(call_id),
                given["told_to"],
                given["read_back"],
                by=request.actor,
                at=now,
                role=given["role"],
                how=given["how"] or "phone",
                note=given["note"],
            )
        except Forbidden:
            raise
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            return _next(request, call_id, at=now)
    return _again(request, _card(request, call_id, at=now, told=form))


@needs(MAKING)
@require_POST
def tried(request: SignedRequest, call_id: int) -> HttpResponse:
    """Nobody answered: the try is kept, the call stays open."""
    form, now = TriedForm(request.POST, auto_id=f"tried-{call_id}-%s"), timezone.now()
    if form.is_valid():
        try:
            attempt_critical(_call(call_id), form.cleaned_data["note"], by=request.actor, at=now)
        except Forbidden:
            raise
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            response = render(request, "bench/_call.html", _card(request, call_id, at=now))
            return say(response, _("The try is kept. The call stays open."), "notice")
    return _again(request, _card(request, call_id, at=now, tried=form))


def _call(call_id: int) -> CriticalCall:
    related = ("test", "order__patient", "order__ordering_site", "about")
    call = CriticalCall.objects.select_related(*related).filter(pk=call_id).first()
    if call is None:
        raise Http404
    return call


def _again(request: SignedRequest, context: dict[str, Any]) -> HttpResponse:
    """The call as it is now, with the refusal; one that a colleague closed leaves the list."""
    call: CriticalCall = context["call"]
    waiting = count_waiting(request.place.pk, at=timezone.now())
    context |= {"is_answer": True, "tabs": tabs(request, waiting, "calls")}
    context |= {"gone": call.pk} if call.state != CriticalCall.State.OPEN else {}
    return render(request, "bench/_call.html", context, status=422)


def _next(request: SignedRequest, call_id: int, *, at: datetime) -> HttpResponse:
    """The call that is due next; the one that was made leaves the list."""
    rows = open_critical_calls(request.place.pk, limit=1)
    context: dict[str, Any] = {"gone": call_id, "is_answer": True}
    context["tabs"] = tabs(request, count_waiting(request.place.pk, at=at), "calls")
    if rows:
        context |= _card(request, rows[0].call_id, at=at)
    return say(render(request, "bench/_call.html", context), _("Told and read back: the call is closed."))


def _card(
    request: SignedRequest,
    call_id: int,
    *,
    at: datetime,
    told: forms.Form | None = None,
    tried: forms.Form | None = None,
) -> dict[str, Any]:
    call = _call(call_id)
    note_access([call.patient_id], "critical call", by=request.actor, at=at)
    attempts = list(call.attempts.order_by("at"))
    names = names_of([call.closed_by, call.read_by, *(one.by for one in attempts)])
    steps = drawn_ladder(ladder_of(call, at=at), at=at)
    now, following = now_and_next(steps)
    return {
        "call": call,
        "name": full_name(call.order.patient) or _("Name unknown"),
        "value": value_text(call.value_text, call.value),
        "unit": said(call.unit, call.test.unit_ru),
        "flag": flag_of(call.flag),
        "left": time_left(call.opened_at, call.due_at, at=at),
        "limits": _limits(call),
        "result": result_card(call.result_id),
        "told_before": value_text(call.about.value_text, call.about.value) if call.about else "",
        "steps": steps,
        "reach": now,
        "following": following,
        "is_withdrawal": call.kind == CriticalCall.Kind.WITHDRAWAL,
        "is_reinstated": call.kind == CriticalCall.Kind.REINSTATED,
        "attempts": [(one, names[one.by].name) for one in attempts],
        "told": told or ToldForm(auto_id=f"told-{call_id}-%s", initial=_before(call)),
        "tried": tried or TriedForm(auto_id=f"tried-{call_id}-%s"),
        "closed_by": names[call.closed_by].name,
        "read_by": names[call.read_by].name,
    }


def _limits(call: CriticalCall) -> dict[str, str]:
    """What the policy said when the call was opened."""
    ends = {"tell": call.due_at, "acknowledge": call.acknowledge_due_at}
    return {
        name: limit_text(round((end - call.opened_at).total_seconds() / 60))
        for name, end in ends.items()
        if end is not None
    }


def _before(call: CriticalCall) -> dict[str, str]:
    """Of a value that was told and withdrawn, or stands again: whoever was told is told again."""
    return {"told_to": call.about.told_to, "role": call.about.told_role} if call.about else {}


def _row(one: CallRow, *, at: datetime) -> dict[str, Any]:
    return {
        "id": one.call_id,
        "is_withdrawal": one.kind == CriticalCall.Kind.WITHDRAWAL,
        "is_reinstated": one.kind == CriticalCall.Kind.REINSTATED,
        "test": said(one.short_en, one.short_ru),
        "value": localised(one.value_text),
        "unit": said(one.unit, one.unit_ru),
        "flag": flag_of(one.flag),
        "name": short_name(one),
        "birth_date": one.birth_date,
        "whom": " · ".join(
            part for part in (one.requester, said(one.site_en, one.site_ru), one.ward) if part
        ),
        "reach": WHOM.get(one.reach, ""),
        "left": time_left(one.opened_at, one.due_at, at=at),
        "attempts": one.attempts,
        "is_read": one.read_at is not None,
    }


def _closed(call: CriticalCall, by: Name) -> dict[str, Any]:
    return {
        "call": call,
        "test": call.test.short,
        "value": value_text(call.value_text, call.value),
        "unit": said(call.unit, call.test.unit_ru),
        "name": short_name(call.order.patient),
        "by": by.name,
        "tries": len(call.attempts.all()),
        "was_late": call.state == CriticalCall.State.CLOSED and not call.is_on_time,
    }


def _figures(one: CallFigures) -> dict[str, Any]:
    where = " · ".join(part for part in (said(one.site_en, one.site_ru), one.ward) if part)
    return {
        "where": where or _("All"),
        "calls": one.calls,
        "told": one.told,
        "p50": "" if one.p50 is None else round(one.p50),
        "p95": "" if one.p95 is None else round(one.p95),
        "on_time": share_text(one.on_time, one.calls),
        "complete": share_text(one.complete, one.calls),
    }


def share_text(part: int, whole: int) -> str:
    """A share in percent; "" of nothing."""
    return f"{100 * part // whole} %" if whole else ""
