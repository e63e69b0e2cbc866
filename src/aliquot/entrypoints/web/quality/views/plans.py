"""Plans and targets: how each test of each analyzer is controlled, and against what."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.allowed import proposal_for
from aliquot.entrypoints.web.quality.choosing import Choice, choices_of, imprecision_of, sigma_of
from aliquot.entrypoints.web.quality.forms import PlanForm, SigmaForm, TargetForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.proposals import LotTargets, proposed, targets_of
from aliquot.entrypoints.web.quality.views.chart import Pair, lots_for, pair_at
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.quality.actions import Plan, end_plan, set_plan, set_target
from aliquot.flow.quality.models import ControlPlan
from aliquot.flow.quality.queries import control_months, open_plan, planned_tests, targets_in_force
from aliquot.foundation.errors import Refused

LATELY = timedelta(days=180)


@needs("run_control", "manage_quality")
def plans(request: SignedRequest) -> HttpResponse:
    """Every test that is mapped on an analyzer here: its plan, and how many lots have a target."""
    rows = planned_tests(request.place.pk)
    context = {"rows": rows, "may": request.actor.permissions}
    return quality_page(request, "quality/plans.html", context, tab="home")


@needs("run_control", "manage_quality")
@local_clock
def targets(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """Each lot in use with its target and what may be taken instead."""
    pair = pair_at(request, analyzer, test)
    return _targets_page(request, pair)


@require_POST
@needs("manage_quality")
@local_clock
def take_target(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """Take what was proposed, or what a person says."""
    pair, form = pair_at(request, analyzer, test), TargetForm(request.POST)
    if form.is_valid():
        try:
            _take(request, pair, form)
            return redirect("quality:targets", analyzer, test)
        except Refused as fault:
            tell_refusal(form, fault)
    return _targets_page(request, pair, form)


@needs("run_control", "manage_quality")
def plan(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """The plan with what the sigma of the test asks for; a form sets it."""
    pair = pair_at(request, analyzer, test)
    form = PlanForm(request.POST or None, initial=_initial(request, pair))
    if request.method == "POST" and form.is_valid():
        try:
            _set(request, pair, form)
            return redirect("quality:chart", analyzer, test)
        except Refused as fault:
            tell_refusal(form, fault)
    context = {**_choosing(request, pair), "pair": pair, "form": form, "plan": _plan(pair)}
    context["may"] = request.actor.permissions
    status = 422 if form.errors else 200
    return quality_page(request, "quality/plan.html", context, tab="home", status=status)


@require_POST
@needs("manage_quality")
def end(request: SignedRequest, analyzer: str, test: str) -> HttpResponse:
    """Control the test by a plan no longer."""
    pair = pair_at(request, analyzer, test)
    end_plan(pair.analyzer, pair.test, by=request.actor, at=timezone.now())
    messages.success(request, _("The plan has ended. Values are kept and shown, and stop nothing."))
    return redirect("quality:chart", analyzer, test)


def _targets_page(request: SignedRequest, pair: Pair, form: TargetForm | None = None) -> HttpResponse:
    context = {
        "pair": pair,
        "rows": _lots(request, pair),
        "form": form or TargetForm(),
        "chosen": form.cleaned_data.get("lot", 0) if form else 0,
        "may": request.actor.permissions,
    }
    status = 422 if form and form.errors else 200
    return quality_page(request, "quality/targets.html", context, tab="home", status=status)


def _lots(request: SignedRequest, pair: Pair) -> list[LotTargets]:
    return targets_of(lots_for(request, pair), pair.analyzer.pk, pair.test.pk)


def _take(request: SignedRequest, pair: Pair, form: TargetForm) -> None:
    given = form.cleaned_data
    found = next((one for one in _lots(request, pair) if one.lot.pk == given["lot"]), None)
    if found is None:
        raise Refused(_("This lot has ended. Reload the page."))
    target = proposed(given["how"], found, given)
    set_target(found.lot, pair.analyzer, pair.test, target, by=request.actor, at=timezone.now())
    messages.success(request, _("The target holds from now on."))


def _choosing(request: SignedRequest, pair: Pair) -> dict[str, Any]:
    """What the rules may be chosen from: the figures of the test, its sigma, the sets."""
    since, zone = timezone.now() - LATELY, request.place.time_zone
    found = imprecision_of(control_months(pair.analyzer.pk, pair.test.pk, since=since, zone=zone))
    targets_now = targets_in_force(pair.analyzer.pk, pair.test.pk).values()
    proposal = proposal_for(pair.test.pk, request.place.day_of(timezone.now()))
    proposed_now = {"allowable": proposal.total_at(one.mean for one in targets_now)}
    given = SigmaForm(request.GET or None, initial={"cv": found.cv, "bias": found.bias, **proposed_now})
    levels = _levels(pair, found.levels)
    sigma = sigma_of(given.cleaned_data, levels) if given.is_bound and given.is_valid() else None
    return {
        "given": given,
        "sigma": sigma,
        "choices": choices_of(sigma, levels),
        "found": found,
        "proposal": proposal,
    }


def _initial(request: SignedRequest, pair: Pair) -> dict[str, Any]:
    """What stands in the form: the set that was chosen, else the plan in force, else the classic rules."""
    choosing = _choosing(request, pair)
    now, chosen = _plan(pair), request.GET.get("set", "")
    choice: Choice | None = next((one for one in choosing["choices"] if one.name == chosen), None)
    if now is not None and choice is None:
        return _of_plan(now)
    choice = choice or choosing["choices"][0]
    own = _of_plan(now) if now else {"levels": choice.levels, "run_minutes": 60, "every_minutes": 480}
    rules = {"rules": ", ".join(choice.rules), "warnings": ", ".join(choice.warnings)}
    sized = {"every_results": choice.every_results} if choice.every_results else {}
    return {**own, **rules, **sized, "sigma": choice.sigma, "levels": choice.levels}


def _of_plan(now: ControlPlan) -> dict[str, Any]:
    kept = ("levels", "run_minutes", "every_minutes", "every_results", "resume", "sigma", "note")
    found = {name: getattr(now, name) for name in kept}
    return {**found, "rules": ", ".join(now.rules), "warnings": ", ".join(now.warnings)}


def _set(request: SignedRequest, pair: Pair, form: PlanForm) -> None:
    given = form.cleaned_data
    kept = ("levels", "run_minutes", "every_minutes", "every_results", "resume", "note")
    sigma = given["sigma"]
    wanted = Plan(
        rules=form.names("rules"),
        warnings=form.names("warnings"),
        sigma=round(sigma, 2) if sigma is not None else None,
        **{name: given[name] for name in kept},
    )
    pairs = [pair, *_without(request, pair)] if given["others"] else [pair]
    with transaction.atomic():
        for one in sorted(pairs, key=lambda pair: (pair.analyzer.pk, pair.test.pk)):  # held in one order
            set_plan(one.analyzer, one.test, wanted, by=request.actor, at=timezone.now())
    messages.success(request, _("The plan holds from now on."))


def _without(request: SignedRequest, pair: Pair) -> list[Pair]:
    """The other tests of the analyzer that have no plan."""
    rows = planned_tests(request.place.pk)
    return [
        pair_at(request, one.analyzer_code, one.test_code)
        for one in rows
        if one.analyzer_code == pair.analyzer.code and one.test_code != pair.test.code and not one.is_planned
    ]


def _plan(pair: Pair) -> ControlPlan | None:
    return open_plan(pair.analyzer.pk, pair.test.pk)


def _levels(pair: Pair, measured: int) -> int:
    now = _plan(pair)
    return now.levels if now else measured or 2
