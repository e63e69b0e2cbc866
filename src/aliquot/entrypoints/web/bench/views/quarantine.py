"""What analyzers sent and nobody could file: why, and what a person does about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import AssignForm, ReasonForm
from aliquot.entrypoints.web.bench.pages import bench_page, is_part, say, tabs
from aliquot.entrypoints.web.bench.sessions import message_rows, reading_rows, reason_words, session_lines
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments.actions import assign_reading, dismiss_message, dismiss_reading, replay_message
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.instruments.queries import Quarantined, decided_messages, decided_readings
from aliquot.flow.instruments.queries import quarantine as waiting_rows
from aliquot.flow.results.queries import count_waiting
from aliquot.foundation.errors import Forbidden, Refused

LOOKING, DECIDING = "view_reading", "match_reading"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides: the dialog it came from, its form, the words when it is done."""

    dialog: str
    form: forms.Form
    words: str


@needs(LOOKING)
def waiting(request: SignedRequest) -> HttpResponse:
    """What waits, newest first, with the first or the chosen one."""
    rows = [_row(one) for one in waiting_rows(request.place.pk)]
    kind, _slash, number = request.GET.get("chosen", "").partition("-")
    if not number.isdecimal() and rows:
        kind, number = rows[0]["kind"], str(rows[0]["id"])
    context = {"rows": rows, **(_card(request, kind, int(number)) if number else {})}
    return bench_page(request, "bench/quarantine.html", context, tab="quarantine")


@needs(LOOKING)
def decided(request: SignedRequest) -> HttpResponse:
    """What a person dismissed, assigned or had matched again; found by tube or code."""
    text = request.GET.get("text", "")[:60]
    found = list(decided_readings(request.place.pk, text))
    readings = list(zip(found, reading_rows(found), strict=True))
    messages = [] if text else list(decided_messages(request.place.pk))
    drawn = list(zip(messages, message_rows(messages), strict=True))
    context = {"text": text, "readings": readings, "whole": drawn}
    return bench_page(request, "bench/decided.html", context, tab="quarantine")


@needs(LOOKING)
def card(request: SignedRequest, kind: str, row_id: int) -> HttpResponse:
    """One message or reading: the bytes, what was understood, why it waits."""
    context = _card(request, kind, row_id)
    if is_part(request):
        return render(request, "bench/_quarantined.html", context)
    return bench_page(request, "bench/quarantined.html", context, tab="quarantine")


@needs(DECIDING)
@require_POST
def assign(request: SignedRequest, kind: str, row_id: int) -> HttpResponse:
    """Say which tube a reading belongs to."""
    if kind != "reading":
        raise Http404
    form, words = AssignForm(request.POST, auto_id="assign-%s"), _("Assigned: it is matched again at once.")
    return _decide(
        request,
        f"reading-{row_id}",
        Decision("assign", form, words),
        lambda given: assign_reading(
            row_id, given["specimen"], reason=given["reason"], by=request.actor, at=timezone.now()
        ),
    )


@needs(DECIDING)
@require_POST
def dismiss(request: SignedRequest, kind: str, row_id: int) -> HttpResponse:
    """Put it aside with a reason."""
    form = ReasonForm(request.POST, auto_id="dismiss-%s")
    action = dismiss_reading if kind == "reading" else dismiss_message
    return _decide(
        request,
        f"{kind}-{row_id}",
        Decision("dismiss", form, _("Dismissed. It can be found among the decided.")),
        lambda given: action(row_id, reason=given["reason"], by=request.actor, at=timezone.now()),
    )


@needs(DECIDING)
@require_POST
def replay(request: SignedRequest, kind: str, row_id: int) -> HttpResponse:
    """Have the message matched again, after a mapping was added or a tube accepted."""
    message_id = _message_id(kind, row_id)
    words = _("Matched again: what fits is filed at once, the rest comes back with its reason.")
    return _decide(
        request,
        f"{kind}-{row_id}",
        Decision("", forms.Form({}), words),
        lambda _given: replay_message(message_id, by=request.actor, at=timezone.now()),
    )


def _decide(
    request: SignedRequest, key: str, decision: Decision, action: Callable[[dict[str, Any]], object]
) -> HttpResponse:
    """Decide and show the next row; or this one again, with the refusal."""
    form = decision.form
    if form.is_valid():
        try:
            action(form.cleaned_data)
        except Forbidden:
            raise
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            return _next(request, key, decision.words)
    kind, _dash, number = key.partition("-")
    context = _card(request, kind, int(number)) | {"opened": decision.dialog, "refused": form}
    context |= {decision.dialog: form} if decision.dialog else {}
    if not context["waits"]:
        context |= _list(request)
    return render(request, "bench/_quarantined.html", context, status=422)


def _next(request: SignedRequest, decided_key: str, words: str) -> HttpResponse:
    context = _list(request)
    left = context["rows"]
    keys = {one["key"] for one in left}
    before = request.POST.get("keys", "").split()
    here = before.index(decided_key) if decided_key in before else -1
    following: str = next((key for key in before[here + 1 :] if key in keys), left[0]["key"] if left else "")
    if following:
        next_kind, _dash, number = following.partition("-")
        context |= _card(request, next_kind, int(number))
    return say(render(request, "bench/_quarantined.html", context), words)


def _list(request: SignedRequest) -> dict[str, Any]:
    """The list and the tabs as they are now, drawn beside the answer."""
    waiting_now = count_waiting(request.place.pk, at=timezone.now())
    rows = [_row(one) for one in waiting_rows(request.place.pk)]
    return {"is_answer": True, "rows": rows, "tabs": tabs(request, waiting_now, "quarantine")}


def _row(one: Quarantined) -> dict[str, Any]:
    return {
        "key": f"{one.kind}-{one.id}",
        "kind": one.kind,
        "id": one.id,
        "analyzer": one.analyzer,
        "received_at": one.received_at,
        "title": " · ".join(part for part in (one.code, f"{one.value} {one.unit}".strip()) if part),
        "specimen": one.specimen_code,
        "reasons": reason_words(one.reasons),
    }


def _message_id(kind: str, row_id: int) -> int:
    found = Reading.objects.filter(pk=row_id).values_list("message_id", flat=True).first()
    number = found if kind == "reading" else row_id
    if kind not in {"reading", "message"} or number is None:
        raise Http404
    return number


def _card(request: SignedRequest, kind: str, row_id: int) -> dict[str, Any]:
    message = Message.objects.select_related("analyzer").filter(pk=_message_id(kind, row_id)).first()
    if message is None or message.laboratory_id != request.place.pk:
        raise Http404
    reading = Reading.objects.select_related("test").filter(pk=row_id).first() if kind == "reading" else None
    lines = session_lines(message.pk, only=True)
    waits = (reading or message).state == Message.State.QUARANTINED
    return {
        "kind": kind,
        "row_id": row_id,
        "key": f"{kind}-{row_id}",
        "message": message,
        "reading": reading_rows([reading])[0] if reading else None,
        "reasons": reason_words(reading.reason if reading else message.problems),
        "lines": lines,
        "waits": waits and request.actor.may(DECIDING),
        "assign": AssignForm(auto_id="assign-%s"),
        "dismiss": ReasonForm(auto_id="dismiss-%s"),
    }
