"""Look back after a failure: find, see who was told what, hold or recall at once, settle later."""

from collections import Counter
from typing import Any

from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.corrections.forms import LookForForm, ReasonForm, SettleForm
from aliquot.entrypoints.web.corrections.pages import corrections_page
from aliquot.entrypoints.web.corrections.picture import interval_picture
from aliquot.entrypoints.web.corrections.views.tasks import task_rows
from aliquot.entrypoints.web.corrections.words import as_read
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.reports.queries import reported_rows
from aliquot.flow.results import actions
from aliquot.flow.results.actions import Then
from aliquot.flow.results.actions.look_backs import require_findable
from aliquot.flow.results.models import LookBack, LookBackTask
from aliquot.flow.results.queries.look_backs import (
    Matches,
    look_backs_of,
    matches_of,
    picture_of,
    tasks_of,
)
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.oversight.improvement.queries import in_doubt_of
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import names_of

SHOWN = 100
AT_ONCE = 1000
"""Results up to which a person waits for a step; more are done by a process of its own."""


@needs("recall_result")
def look_backs(request: SignedRequest) -> HttpResponse:
    """The look-backs of the laboratory, the newest first."""
    found = list(look_backs_of(request.place.pk))
    names = names_of(one.opened_by for one in found)
    rows = [(one, names[one.opened_by].name) for one in found]
    context = {
        "rows": rows,
        "tasks": task_rows(tasks_of(request.place.pk)),
        "asked": in_doubt_of(request.place.pk),
    }
    return corrections_page(request, "corrections/look_backs.html", context, tab="look-backs")


@needs("recall_result")
def new(request: SignedRequest) -> HttpResponse:
    """What is looked for, what is found of it, and one action with one reason."""
    with timezone.override(request.place.time_zone):  # a time is typed by the clock of the person's site
        form = LookForForm(request.place.pk, request.GET or None)
        action = ReasonForm(request.POST or None)
        context: dict[str, Any] = {"form": form, "action": action}
        if form.is_bound and form.is_valid():
            try:
                criteria = form.criteria()
                require_findable(criteria)
                if request.method == "POST" and action.is_valid():
                    return _opened(request, criteria, action.cleaned_data["reason"])
                context |= _preview(request, criteria)
            except Refused as fault:
                tell_refusal(action if request.method == "POST" else form, fault)
        status = 422 if form.errors or action.errors else 200
        return corrections_page(
            request, "corrections/new_look_back.html", context, tab="look-backs", status=status
        )


@needs("recall_result")
def look_back(request: SignedRequest, pk: int) -> HttpResponse:
    """A look-back: its results, what was done, what is to be done."""
    found = LookBack.objects.filter(pk=pk, laboratory=request.place).first()
    if found is None:
        raise Http404
    waiting = list(
        found.members.filter(settled=None).order_by("id").values_list("result_id", flat=True)[:SHOWN]
    )
    form = SettleForm(waiting, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _settle(request, found, form.cleaned_data)
        except Refused as fault:
            tell_refusal(form, fault)
    return _look_back_page(request, found, form)


def _opened(request: SignedRequest, criteria: Criteria, reason: str) -> HttpResponse:
    """Few results are recalled while the person waits; many by a process whose progress is shown."""
    said: dict[str, Any] = {"reason": reason, "by": request.actor, "at": timezone.now()}
    matches = matches_of(criteria, request.place.pk, at=said["at"])
    if len(matches.found) > AT_ONCE and not matches.is_cut:
        task = actions.ask_recall(criteria, request.place, total=len(matches.found), **said)
        return redirect("corrections:task", task.pk)
    return redirect("corrections:look-back", actions.open_look_back(criteria, request.place, **said).pk)


def _settle(request: SignedRequest, found: LookBack, given: dict[str, Any]) -> HttpResponse:
    said: dict[str, Any] = {"reason": given["reason"], "by": request.actor, "at": timezone.now()}
    ids = given["result"] or None
    waiting = found.members.filter(settled=None).count()
    if given["step"] == "close":
        actions.close_look_back(found, said.pop("reason"), **said)
    elif ids is None and waiting > AT_ONCE:
        what = LookBackTask.What(given["step"])
        return redirect("corrections:task", actions.ask_settling(found, what, total=waiting, **said).pk)
    elif given["step"] == "release":
        actions.release_again(found, ids=ids, **said)
    else:
        actions.withdraw_members(found, then=Then(given["step"]), ids=ids, **said)
    return redirect("corrections:look-back", found.pk)


def _preview(request: SignedRequest, criteria: Criteria) -> dict[str, Any]:
    matches = matches_of(criteria, request.place.pk, at=timezone.now())
    rows = as_read(reported_rows([one.id for one in matches.found[:SHOWN]]))
    note_access({one.patient_id for one in rows}, "look-back", by=request.actor, at=timezone.now())
    sites = Counter(one.ordering_site_id for one in matches.released)
    names = Site.objects.in_bulk(list(sites))
    return {
        "matches": matches,
        "rows": rows,
        "total": len(matches.found),
        "released": len(matches.released),
        "orders": len({one.order_id for one in matches.found}),
        "sites": [(names[key], count) for key, count in sites.most_common() if key in names],
        "picture": _picture(request, criteria, matches),
    }


def _picture(request: SignedRequest, criteria: Criteria, matches: Matches) -> dict[str, Any]:
    if not matches.found:
        return {}
    test_id = criteria.test_id or matches.by_test[0][0]
    test = Test.objects.get(pk=test_id)
    points = picture_of(matches, request.place.pk, test_id=test_id, analyzer_id=criteria.analyzer_id)
    spans = [(one.since, one.until) for one in matches.spans if one.test_id in (None, test_id)]
    title = _("%(test)s over time; the doubtful interval is marked") % {"test": test.name}
    words = _("%(count)d values drawn") % {"count": len(points)}
    unit = (test.unit_ru if is_russian() else "") or test.unit
    zone = timezone.get_current_timezone()
    drawing = interval_picture(points, spans, title=title, description=words, zone=zone)
    return {"test": test, "unit": unit, "drawing": drawing}


def _look_back_page(request: SignedRequest, found: LookBack, form: SettleForm) -> HttpResponse:
    open_first = F("settled_id").asc(nulls_first=True)
    members = list(found.members.select_related("settled").order_by(open_first, "id")[:SHOWN])
    said = {one.result_id: one for one in members}
    rows = as_read(reported_rows([one.result_id for one in members]))
    note_access({one.patient_id for one in rows}, "look-back", by=request.actor, at=timezone.now())
    steps = list(found.steps.order_by("id"))
    names = names_of([found.opened_by, found.closed_by, *(one.by for one in steps)])
    context = {
        "look_back": found,
        "rows": [(one, said[one.result_id]) for one in rows],
        "total": found.members.count(),
        "waiting": found.members.filter(settled=None).count(),
        "steps": [(one, names[one.by].name) for one in steps],
        "opened_by": names[found.opened_by].name,
        "closed_by": names[found.closed_by].name if found.closed_by else "",
        "form": form,
        "tasks": task_rows(list(found.tasks.order_by("-id"))),
    }
    status = 422 if form.errors else 200
    return corrections_page(request, "corrections/look_back.html", context, tab="look-backs", status=status)
