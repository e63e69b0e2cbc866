"""Results that wait for a person: the queue, one result, and what is decided about it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.bench.forms import (
    AmendForm,
    CommentForm,
    ReasonForm,
    RedrawForm,
    ReleaseForm,
    RepeatForm,
)
from aliquot.entrypoints.web.bench.handling import holder_of, undo_of
from aliquot.entrypoints.web.bench.pages import bench_page, is_part, say, tabs
from aliquot.entrypoints.web.bench.pictures import value_text
from aliquot.entrypoints.web.bench.screen import Screen, screen_of
from aliquot.entrypoints.web.bench.waiting import (
    PAGE,
    Narrowing,
    device_choices,
    narrowing_of,
    place_of,
    queue_rows,
    section_choices,
)
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.results import actions
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import (
    START,
    Place,
    WorklistRow,
    count_waiting,
    result_card,
    waiting_by_place,
)
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.catalogue.queries import rejection_reasons
from aliquot.registers.patients.actions import note_access

AHEAD = 5  # so many results are looked at for one that nobody else has
LOOKING = ("verify_result", "release_result")
DIALOGS: dict[str, type[forms.Form]] = {
    "hold": ReasonForm,
    "repeat": RepeatForm,
    "redraw": RedrawForm,
    "refuse": ReasonForm,
    "comment": CommentForm,
    "amend": AmendForm,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about a result: the action, the words when done, the dialog it came from."""

    action: Callable[..., int]
    words: str
    dialog: str = ""
    stays: bool = False

    def form(self, request: SignedRequest) -> forms.Form:
        """What was typed in the dialog; an empty form without one."""
        kind = DIALOGS[self.dialog] if self.dialog else forms.Form
        return kind(request.POST, auto_id=f"{self.dialog}-%s")

    def take(self, request: SignedRequest, result_id: int, form: forms.Form, *, at: datetime) -> None:
        """Decide, unless a colleague looks at the result."""
        given = {name: form.cleaned_data[name] for name in form.fields if name != "ready"}
        actions.require_unclaimed([result_id], by=request.actor, at=at)
        self.action([result_id], by=request.actor, at=at, **given)


@needs("enter_result", *LOOKING)
def home(request: SignedRequest) -> HttpResponse:
    """Where a person's bench begins: a doctor decides, a technologist measures."""
    return redirect("bench:verify" if request.actor.may("release_result") else "bench:worklist")


@needs(*LOOKING)
def verify(request: SignedRequest) -> HttpResponse:
    """The queue on the left, the first or the chosen result on the right."""
    narrowing, now = narrowing_of(request.GET), timezone.now()
    rows = narrowing.rows(request.place.pk, at=now)
    wanted = request.GET.get("result", "")
    chosen = int(wanted) if wanted.isdecimal() else rows[0].result_id if rows else None
    places = waiting_by_place(request.place.pk)
    card = _card(request, chosen, at=now, listed=rows) if chosen else {}
    context = {
        "narrowing": narrowing,
        "rows": queue_rows(rows, me=request.actor.key, at=now),
        "is_more": len(rows) == PAGE,
        "undo": undo_of(request.actor, request.place.pk, at=now),
        "sections": section_choices(places),
        "devices": device_choices(places),
        **card,
    }
    return bench_page(request, "bench/verify.html", context, tab="verify")


@needs(*LOOKING)
def more(request: SignedRequest) -> HttpResponse:
    """The next page of the queue."""
    narrowing, now = narrowing_of(request.GET), timezone.now()
    rows = narrowing.rows(request.place.pk, after=place_of(request.GET.get("after", "")), at=now)
    drawn = queue_rows(rows, me=request.actor.key, at=now)
    context = {"rows": drawn, "narrowing": narrowing, "is_more": len(rows) == PAGE}
    return render(request, "bench/_queue.html", context)


@needs(*LOOKING)
def card(request: SignedRequest, result_id: int) -> HttpResponse:
    """One result, as a part of the page or as a page of its own."""
    context = _card(request, result_id, at=timezone.now())
    if is_part(request):
        return render(request, "bench/_card.html", context)
    return bench_page(request, "bench/result.html", context, tab="verify")


@needs("release_result")
@require_POST
def release(request: SignedRequest, result_id: int) -> HttpResponse:
    """Release this result; the next one opens."""
    return _decided(request, result_id, Decision(actions.release_results, _("Released: %(result)s")))


@needs("release_result")
@require_POST
def release_order(request: SignedRequest, result_id: int) -> HttpResponse:
    """Release what the person saw and ticked of this order; the next result opens."""
    now = timezone.now()
    screen = screen_of(result_id, at=now)
    form = ReleaseForm([value.id for _test, value in screen.together], request.POST)
    if form.is_valid():
        ids = form.cleaned_data["result"]
        try:
            actions.require_unclaimed(ids, by=request.actor, at=now)
            count = actions.release_results(ids, by=request.actor, at=now)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            words = ngettext("Released: %(count)d result", "Released: %(count)d results", count)
            return _next(request, screen.result, gone=ids, words=words % {"count": count}, at=now)
    return _again(request, result_id, form, "release-order")


@needs("hold_result")
@require_POST
def hold(request: SignedRequest, result_id: int) -> HttpResponse:
    """Let the result wait with a note; the next one opens."""
    decision = Decision(actions.hold_result, _("Waits: %(result)s"), "hold", stays=True)
    return _decided(request, result_id, decision)


@needs("order_repeat")
@require_POST
def repeat(request: SignedRequest, result_id: int) -> HttpResponse:
    """Ask the analyzer for another value."""
    decision = Decision(actions.repeat_result, _("To be measured again: %(result)s"), "repeat")
    return _decided(request, result_id, decision)


@needs("verify_result")
@require_POST
def refuse(request: SignedRequest, result_id: int) -> HttpResponse:
    """Refuse the value for a stated reason."""
    return _decided(request, result_id, Decision(actions.refuse_result, _("Refused: %(result)s"), "refuse"))


@needs("verify_result")
@require_POST
def redraw(request: SignedRequest, result_id: int) -> HttpResponse:
    """Refuse what the rules suppressed in this tube and ask for another one; the next result opens."""
    words = _("A new tube is asked for: %(result)s")
    return _decided(request, result_id, Decision(actions.redraw_suppressed, words))


@needs("verify_result")
@require_POST
def redraw_for(request: SignedRequest, result_id: int) -> HttpResponse:
    """Refuse this result for a reason of the list and ask for another tube; the next result opens."""
    words = _("A new tube is asked for: %(result)s")
    return _decided(request, result_id, Decision(actions.redraw_results, words, "redraw"))


@needs("verify_result")
@require_POST
def comment(request: SignedRequest, result_id: int) -> HttpResponse:
    """Put a comment beside the result; it stays open."""
    form = CommentForm(request.POST, auto_id="comment-%s")
    if form.is_valid():
        words, now = form.cleaned_data["comment"], timezone.now()
        try:
            actions.comment_result(result_id, words, by=request.actor, at=now)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            response = render(request, "bench/_card.html", _card(request, result_id, at=now))
            return say(response, _("The comment is kept and will stand on the report."))
    return _again(request, result_id, form, "comment")


@needs("amend_result")
@require_POST
def amend(request: SignedRequest, result_id: int) -> HttpResponse:
    """Replace a released value by a corrected one; the earlier one stays in sight."""
    form, now = AmendForm(request.POST, auto_id="amend-%s"), timezone.now()
    result = _result(result_id)
    if form.is_valid():
        given = form.cleaned_data
        try:
            new = actions.amend_result(
                result, given["value"], reason=given["reason"], by=request.actor, at=now
            )
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            response = render(request, "bench/_card.html", _card(request, new.pk, at=now))
            return say(response, _("Amended. The earlier value stays in sight."))
    return _again(request, result_id, form, "amend")


def _decided(request: SignedRequest, result_id: int, decision: Decision) -> HttpResponse:
    """Decide and show the next result; or this one as it is now, with the refusal."""
    now, form = timezone.now(), decision.form(request)
    result = _result(result_id)
    if decision.dialog and not form.is_valid():
        return _again(request, result_id, form, decision.dialog)
    if not decision.dialog:
        form.full_clean()
    try:
        decision.take(request, result_id, form, at=now)
    except Forbidden:
        raise
    except Refused as fault:
        tell_refusal(form, fault)
        return _again(request, result_id, form, decision.dialog if fault.fields else "")
    title = f"{result.test.short} {value_text(result.value_text, result.value)}"
    gone = [] if decision.stays else [result_id]
    return _next(request, result, gone=gone, words=decision.words % {"result": title}, at=now)


def _result(result_id: int) -> Result:
    result = result_card(result_id)
    if result is None:
        raise Http404
    return result


def _next(
    request: SignedRequest, decided: Result, *, gone: Iterable[int], words: str, at: datetime
) -> HttpResponse:
    """The result that follows in the queue; what was decided leaves the list, the counts are new."""
    after, taken = (decided.is_on_time, decided.danger, decided.pk), set(gone)
    narrowing = narrowing_of(request.POST)
    found = _free(request, narrowing, after, at=at) or _free(request, narrowing, START, at=at)
    context: dict[str, Any] = {"narrowing": narrowing, "gone": sorted(taken), "is_answer": True}
    context["undo"] = undo = undo_of(request.actor, request.place.pk, words=words, at=at)
    context["tabs"] = tabs(request, count_waiting(request.place.pk, at=at), "verify")
    if not taken:
        changed = narrowing.rows(request.place.pk, after=(after[0], after[1], after[2] - 1), limit=1, at=at)
        kept = [row for row in changed if row.result_id == decided.pk]
        context["changed"] = queue_rows(kept, me=request.actor.key, at=at)
    if found:
        context |= _card(request, found[0].result_id, at=at)
    response = render(request, "bench/_card.html", context)
    return response if undo and undo.words == words else say(response, words)


def _free(request: SignedRequest, narrowing: Narrowing, after: Place, *, at: datetime) -> list[WorklistRow]:
    """The next result at which no colleague looks; else the next one at all."""
    rows = narrowing.rows(request.place.pk, after=after, limit=AHEAD, at=at)
    return [row for row in rows if row.looked_at_by in (None, request.actor.key)] or rows


def refused_card(request: SignedRequest, result_id: int, form: forms.Form) -> HttpResponse:
    """The result as it is now, with what was refused."""
    return _again(request, result_id, form, "")


def whole_answer(request: SignedRequest, result_id: int, *, at: datetime) -> dict[str, Any]:
    """The result with the list beside it anew: something came back into the list."""
    narrowing = narrowing_of(request.POST)
    rows = narrowing.rows(request.place.pk, at=at)
    return {
        **_card(request, result_id, at=at, listed=rows),
        "is_answer": True,
        "listing": queue_rows(rows, me=request.actor.key, at=at),
        "is_more": len(rows) == PAGE,
        "undo": undo_of(request.actor, request.place.pk, at=at),
        "tabs": tabs(request, count_waiting(request.place.pk, at=at), "verify"),
    }


def _again(request: SignedRequest, result_id: int, form: forms.Form, dialog: str) -> HttpResponse:
    """The result as it is now, with the refusal; what waits no longer leaves the list."""
    now = timezone.now()
    context = _card(request, result_id, at=now) | {"refused": form, "opened": dialog}
    if dialog in DIALOGS:
        context["dialogs"] |= {dialog: form}
    screen: Screen = context["screen"]
    context |= {"gone": [] if screen.is_held else [result_id], "is_answer": True}
    context["tabs"] = tabs(request, count_waiting(request.place.pk, at=now), "verify")
    return render(request, "bench/_card.html", context, status=422)


OPENED, FETCHED_AHEAD = "result", "result, fetched ahead"
"""What is kept of an access: data that came to a browser unseen left the server all the same."""


def note_opened(request: SignedRequest, result_id: int, *, at: datetime) -> None:
    """Keep that the person now looks at a result that was fetched ahead."""
    patients = Result.objects.filter(pk=result_id).values_list("patient_id", flat=True)
    note_access(patients, OPENED, by=request.actor, at=at)


def _card(
    request: SignedRequest, result_id: int, *, at: datetime, listed: Sequence[WorklistRow] = ()
) -> dict[str, Any]:
    """What the card of a result shows; the reading is noted, and so is what only came to the browser."""
    screen = screen_of(result_id, at=at)
    is_ahead = request.headers.get("X-Preload") == "1"
    what = FETCHED_AHEAD if is_ahead else OPENED
    note_access([screen.result.patient_id], what, by=request.actor, at=at)
    narrowing = narrowing_of(request.POST or request.GET)
    result = screen.result
    after = (result.is_on_time, result.danger, result.pk) if screen.is_held else START
    mine = (None, request.actor.key)
    following = [row for row in listed if row.place > after and row.looked_at_by in mine]
    following = following or _free(request, narrowing, after, at=at)
    return {
        "screen": screen,
        "holder": holder_of(request, screen, is_ahead=is_ahead, at=at),
        "is_ahead": is_ahead,
        "narrowing": narrowing,
        "following": following[0].result_id if following else None,
        "dialogs": {
            name: form(auto_id=f"{name}-%s", initial={"comment": result.comment})
            for name, form in DIALOGS.items()
        },
        "rejections": rejection_reasons().values(),
        "ready": READY,
    }


READY: dict[str, tuple[object, ...]] = {
    "hold": (
        gettext_lazy("Waiting for the second tube"),
        gettext_lazy("Asked the ward"),
        gettext_lazy("To be discussed with a colleague"),
    ),
    "repeat": (
        gettext_lazy("Value implausible"),
        gettext_lazy("Analyzer flag"),
        gettext_lazy("Clot or bubble suspected"),
    ),
    "refuse": (
        gettext_lazy("Wrong tube or patient"),
        gettext_lazy("Specimen unfit"),
        gettext_lazy("Measured twice: the other value stands"),
    ),
}
"""Reasons that are needed daily; a person may always write another."""
