"""The list of what is open, one nonconformity with its way, and each step of work on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.improvement import forms
from aliquot.entrypoints.web.quality.improvement.timeline import timeline_of
from aliquot.entrypoints.web.quality.improvement.words import (
    level_said,
    page_of_subject,
    urgency_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.oversight.improvement import actions, queries
from aliquot.oversight.improvement.models import Nonconformity, Risk
from aliquot.oversight.improvement.rules.nonconformities import USUAL_SEVERITY, is_overdue
from aliquot.oversight.improvement.rules.risks import Level
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import names_of

WORKERS = ("raise_nonconformity", "work_nonconformity", "manage_quality", "read_indicators")
Act = Callable[[Nonconformity, Mapping[str, Any], Any, Actor, datetime], object]


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a person takes: its form, in which states it is offered, what its button says."""

    form: type[forms.WorkForm]
    states: frozenset[str]
    words: Promise
    act: Act


def _contain(row: Nonconformity, given: Mapping[str, Any], _form: Any, by: Actor, at: datetime) -> object:
    told = actions.Containment(given["containment"], given["impact"], given["severity"], given["probability"])
    return actions.contain_nonconformity(row.pk, told, by=by, at=at)


def _cause(row: Nonconformity, given: Mapping[str, Any], form: Any, by: Actor, at: datetime) -> object:
    told = actions.Analysis(given["cause"], form.whys(), given["analysis"])
    return actions.find_cause(row.pk, told, by=by, at=at)


def _planned(given: Mapping[str, Any]) -> actions.Planned:
    return actions.Planned(given["what"], given["owner"], given["due_on"], given["kind"])


def _plan(row: Nonconformity, given: Mapping[str, Any], _form: Any, by: Actor, at: datetime) -> object:
    plan = actions.Plan([_planned(given)], given["criterion"], given["check_on"])
    return actions.plan_actions(row.pk, plan, by=by, at=at)


STEPS: Mapping[str, Step] = {
    "contain": Step(forms.ContainForm, frozenset({"raised"}), _("Contained"), _contain),
    "cause": Step(forms.CauseForm, frozenset({"contained"}), _("This is the cause"), _cause),
    "plan": Step(forms.PlanForm, frozenset({"analysed"}), _("Plan it"), _plan),
    "check": Step(
        forms.CheckForm,
        frozenset({"done"}),
        _("Keep the verdict"),
        lambda row, given, _form, by, at: actions.check_effect(
            row.pk, given["verdict"], is_effective=given["is_effective"], by=by, at=at
        ),
    ),
    "close": Step(
        forms.WordsForm,
        frozenset({"contained", "effective"}),
        pgettext_lazy("a nonconformity", "Close it"),
        lambda row, given, _form, by, at: actions.close_nonconformity(
            row.pk, given["conclusion"], by=by, at=at
        ),
    ),
    "action": Step(
        forms.ActionForm,
        frozenset({"acting", "done"}),
        _("One more action"),
        lambda row, given, _form, by, at: actions.add_action(row.pk, _planned(given), by=by, at=at),
    ),
    "answer": Step(
        forms.AnswerForm,
        frozenset({"raised", "contained", "analysed", "acting", "done", "effective"}),
        _("Give this answer"),
        lambda row, given, _form, by, at: actions.answer_complaint(
            row.pk, given["answer"], is_justified=given["is_justified"], by=by, at=at
        ),
    ),
    "dismiss": Step(
        forms.WordsForm,
        frozenset({"raised"}),
        _("It is no nonconformity"),
        lambda row, given, _form, by, at: actions.dismiss_nonconformity(
            row.pk, given["conclusion"], by=by, at=at
        ),
    ),
    "risk": Step(
        forms.RiskForm,
        frozenset({"raised", "contained", "analysed", "acting", "done", "effective"}),
        _("Link it to a risk"),
        lambda row, given, _form, by, at: actions.link_risk(
            row.pk, Risk.objects.get(pk=given["risk"]), by=by, at=at
        ),
    ),
}
"""Each step by its name in the address, the one that is next first."""


@needs(*WORKERS)
def home(request: SignedRequest) -> HttpResponse:
    """What is open, the most urgent first; a site that is no laboratory sees what it raised."""
    now, shown = timezone.now(), request.GET.get("show", "open")
    place, owner = request.place, request.actor.key if shown == "mine" else ""
    lines = queries.lines_of(place.pk, at=now, today=place.day_of(now), owner=owner)
    rows = queries.over_of(place.pk) if shown == "over" else ()
    if not place.is_laboratory or not request.actor.sites:
        lines, rows = [], queries.raised_at(place.pk, request.actor.key)
    names = names_of({key for one in lines for key in one.owners})
    said = [
        (one, urgency_said(one.urgency), level_said(one.row.level), [names[key].name for key in one.owners])
        for one in lines
    ]
    context = {"lines": said, "rows": rows, "shown": shown, "may": request.actor.permissions, "place": place}
    return quality_page(request, "quality/improvement/list.html", context, tab="nonconformities")


@needs(*WORKERS)
@local_clock
def nonconformity(request: SignedRequest, pk: int) -> HttpResponse:
    """What happened, where it came from, what was done, and the form of the step that is next."""
    return page(request, _seen(pk))


@require_POST
@needs("work_nonconformity")
@local_clock
def work(request: SignedRequest, pk: int, step: str) -> HttpResponse:
    """One step, as its form says it."""
    row, taken = _seen(pk), STEPS.get(step)
    if taken is None:
        raise Http404
    form = _form(step, row, request)
    if form.is_valid():
        try:
            taken.act(row, form.cleaned_data, form, request.actor, timezone.now())
            return redirect("quality:nonconformity", pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return page(request, row, {step: form}, status=422)


@require_POST
@needs(*WORKERS)
@local_clock
def finish(request: SignedRequest, pk: int) -> HttpResponse:
    """An action is done; its owner says what was done."""
    action = queries.action_of(pk)
    if action is None:
        raise Http404
    form = forms.DoneForm(request.POST)
    if form.is_valid():
        try:
            actions.finish_action(pk, form.cleaned_data["done_note"], by=request.actor, at=timezone.now())
            return redirect("quality:nonconformity", action.nonconformity_id)
        except Refused as fault:
            tell_refusal(form, fault)
    return page(request, _seen(action.nonconformity_id), {"done": form}, status=422)


def page(
    request: SignedRequest, row: Nonconformity, given: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page of a nonconformity with these forms as they were filled in."""
    subject, now = queries.subject_of(row.source, row.subject_id), timezone.now()
    if subject is not None and subject.patient_id is not None:
        note_access([subject.patient_id], "nonconformity", by=request.actor, at=now)
    planned = queries.actions_of(row.pk)
    undone = [one for one in planned if one.done_at is None]
    steps = queries.steps_of(row.pk)
    keys = {row.raised_by, *(one.by for one in steps), *(one.owner for one in planned)}
    names = {key: name.name for key, name in names_of(keys).items()}
    today = request.place.day_of(now)
    context = {
        "row": row,
        "raised_by": names[row.raised_by],
        "level": level_said(row.level),
        "is_overdue": is_overdue(queries.standing_of(row, undone), at=now, today=today),
        "subject": subject,
        "address": page_of_subject(subject) if subject else "",
        "planned": [
            (one, names[one.owner], one.due_on < today, _may_finish(one, request)) for one in planned
        ],
        "steps": timeline_of(row, steps, names),
        "complaint": queries.complaint_of(row.pk),
        "forms": _forms(row, request, given or {}),
        "done": (given or {}).get("done") or forms.DoneForm(),
        "may": request.actor.permissions,
    }
    return quality_page(
        request, "quality/improvement/nonconformity.html", context, tab="nonconformities", status=status
    )


def _may_finish(one: Any, request: SignedRequest) -> bool:
    return one.done_at is None and (one.owner == request.actor.key or request.actor.may("work_nonconformity"))


def _forms(
    row: Nonconformity, request: SignedRequest, given: Mapping[str, Any]
) -> list[tuple[str, Step, forms.WorkForm]]:
    """The steps that may be taken now by who works on it, the next one first."""
    if not request.actor.may("work_nonconformity") or row.laboratory_id not in request.actor.sites:
        return []
    offered = [name for name, step in STEPS.items() if row.state in step.states and _is_offered(name, row)]
    return [(name, STEPS[name], given.get(name) or _form(name, row, request)) for name in offered]


def _is_offered(name: str, row: Nonconformity) -> bool:
    if name == "answer":
        complaint = queries.complaint_of(row.pk)
        return complaint is not None and complaint.answered_at is None
    if name == "risk":
        return row.risk_id is None and bool(queries.risks_of(row.laboratory_id))
    return name != "close" or row.state != "contained" or row.level is Level.LOW


def _form(name: str, row: Nonconformity, request: SignedRequest) -> forms.WorkForm:
    kind, named = STEPS[name].form, dict[str, Any]()
    if issubclass(kind, forms.ActionForm):
        named["people"] = [(key, person.name) for key, person in queries.people_at(row.laboratory_id)]
    if issubclass(kind, forms.RiskForm):
        named["risks"] = queries.risks_of(row.laboratory_id)
    is_taken = request.method == "POST" and request.path.endswith(f"/{name}/")
    return kind(request.POST if is_taken else None, row=row, prefix=None, auto_id=f"{name}-%s", **named)


def _seen(pk: int) -> Nonconformity:
    found = queries.nonconformity_of(pk)
    if found is None:
        raise Http404
    return found


def usual_severity(source: str) -> int:
    """What a form offers for what comes from there."""
    return USUAL_SEVERITY.get(source, USUAL_SEVERITY[Nonconformity.Source.OTHER])
