"""A round as its organiser sees it: planned, watched, extended, evaluated."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.allowed import proposals_for
from aliquot.entrypoints.web.quality.assessment import pictures
from aliquot.entrypoints.web.quality.assessment.forms import CancelForm, ExtendForm, TableForm
from aliquot.entrypoints.web.quality.assessment.planning import LayoutForm, PlanForm
from aliquot.entrypoints.web.quality.assessment.views.calendar import expected_round, known_of
from aliquot.entrypoints.web.quality.assessment.words import (
    assigned_text,
    reasons_said,
    result_text,
    score_text,
    signal_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.entrypoints.web.shell.wording import left_text
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency import actions
from aliquot.oversight.proficiency.models import (
    MaterialCheck,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyRound,
    ProficiencyScore,
)
from aliquot.oversight.proficiency.queries import Progress, pairs_of, participants_of, progress, scores_of
from aliquot.registers.network.models import Site

Work = Callable[[SignedRequest, ProficiencyRound, Any], str]
TWO = 2
OF_RESULTS: dict[str, Any] = {
    "auto_id": "id_results_%s",
    "label": gettext_lazy("Results of participants (XLSX or CSV)"),
}
OF_REPORT: dict[str, Any] = {
    "auto_id": "id_report_%s",
    "label": gettext_lazy("The provider's report (XLSX or CSV)"),
}


@needs("manage_quality")
@local_clock
def plan(request: SignedRequest) -> HttpResponse:
    """Samples and tests first; then how each is judged, who takes part, until when."""
    layout = LayoutForm(request.GET if "samples" in request.GET else None)
    if not layout.is_valid():
        return _planning(request, layout, None)
    given, planned = request.POST if request.method == "POST" else None, expected_round(request)
    known = known_of(planned, request.place) if planned else {}
    allowed = proposals_for(
        [one.pk for one in layout.cleaned_data["tests"]], request.place.day_of(timezone.now())
    )
    form = PlanForm(
        layout.cleaned_data, _laboratories(request.place), request.place, allowed, given, initial=known
    )
    if form.is_valid():
        try:
            found = actions.open_round(
                form.plan(), organiser=request.place, planned=planned, by=request.actor, at=timezone.now()
            )
            messages.success(request, _("The round runs. Send the samples."))
            return redirect("quality:eqa-round", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _planning(request, layout, form)


@needs("manage_quality")
@local_clock
def arranged(request: SignedRequest, round_id: int) -> HttpResponse:
    """How far each participant is, what is measured, and once evaluated how everybody did."""
    return _page(request, round_at(request, round_id))


@require_POST
@needs("manage_quality")
@local_clock
def extend(request: SignedRequest, round_id: int) -> HttpResponse:
    """A later deadline."""
    return _done(request, round_at(request, round_id), ExtendForm(request.POST), _extend, "extending")


@require_POST
@needs("manage_quality")
@local_clock
def cancel(request: SignedRequest, round_id: int) -> HttpResponse:
    """Give the round up, with the reason."""
    return _done(request, round_at(request, round_id), CancelForm(request.POST), _cancel, "cancelling")


@require_POST
@needs("manage_quality")
@local_clock
def take_results(request: SignedRequest, round_id: int) -> HttpResponse:
    """Results of participants from a table."""
    form = TableForm(request.POST, request.FILES, **OF_RESULTS)
    return _done(request, round_at(request, round_id), form, _take_results, "results")


@require_POST
@needs("manage_quality")
@local_clock
def take_report(request: SignedRequest, round_id: int) -> HttpResponse:
    """Assigned values and evaluations from a provider's report."""
    form = TableForm(request.POST, request.FILES, **OF_REPORT)
    return _done(request, round_at(request, round_id), form, _take_report, "report")


@require_POST
@needs("manage_quality")
@local_clock
def close(request: SignedRequest, round_id: int) -> HttpResponse:
    """Evaluate the round."""
    return _done(request, round_at(request, round_id), Form(request.POST), _close, "closing")


def round_at(request: SignedRequest, round_id: int) -> ProficiencyRound:
    """The round, where one works for its organiser."""
    found = ProficiencyRound.objects.select_related("organiser")
    return get_object_or_404(found, pk=round_id, organiser_id__in=request.actor.sites)


def _planning(request: SignedRequest, layout: LayoutForm, form: PlanForm | None) -> HttpResponse:
    context = {"layout": layout, "form": form, "query": request.GET.urlencode()}
    status = 422 if layout.errors or (form and form.errors) else 200
    return quality_page(request, "quality/assessment/plan.html", context, tab="eqa", status=status)


def _laboratories(place: Site) -> list[Site]:
    """All laboratories of the network, the own one first."""
    found = Site.objects.exclude(kind=Site.Kind.COLLECTION_POINT).filter(is_active=True).order_by("code")
    return sorted(found, key=lambda one: one.pk != place.pk)


def _done(request: SignedRequest, found: ProficiencyRound, form: Form, work: Work, name: str) -> HttpResponse:
    if form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, work(request, found, form))
            return redirect("quality:eqa-round", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, **{name: form})


def _extend(request: SignedRequest, found: ProficiencyRound, form: ExtendForm) -> str:
    actions.extend_round(found, form.cleaned_data["submit_by"], by=request.actor, at=timezone.now())
    return _("The deadline is moved.")


def _cancel(request: SignedRequest, found: ProficiencyRound, form: CancelForm) -> str:
    actions.cancel_round(found, form.cleaned_data["note"], by=request.actor, at=timezone.now())
    return _("The round is given up.")


def _take_results(request: SignedRequest, found: ProficiencyRound, form: TableForm) -> str:
    content = form.cleaned_data["file"].read()
    kept = actions.import_results(found, content, by=request.actor, at=timezone.now())
    return ngettext("%(count)s result is kept.", "%(count)s results are kept.", len(kept)) % {
        "count": len(kept)
    }


def _take_report(request: SignedRequest, found: ProficiencyRound, form: TableForm) -> str:
    content = form.cleaned_data["file"].read()
    kept = actions.import_report(found, content, by=request.actor, at=timezone.now())
    return ngettext("%(count)s assigned value is kept.", "%(count)s assigned values are kept.", len(kept)) % {
        "count": len(kept)
    }


def _close(request: SignedRequest, found: ProficiencyRound, _form: Form) -> str:
    actions.close_round(found, by=request.actor, at=timezone.now())
    return _("The round is evaluated.")


def _page(request: SignedRequest, found: ProficiencyRound, **given: Form) -> HttpResponse:
    now = timezone.now()
    forms: dict[str, Form] = {
        "extending": ExtendForm(),
        "cancelling": CancelForm(),
        "results": TableForm(**OF_RESULTS),
        "report": TableForm(**OF_REPORT),
        "closing": Form(),
        **given,
    }
    is_closed = found.state == ProficiencyRound.State.CLOSED
    context = {
        **forms,
        "round": found,
        "is_open": found.state == ProficiencyRound.State.OPEN,
        "left": left_text(found.submit_by, at=now),
        "is_late": now > found.submit_by,
        "progress": _progress(found),
        "items": _items(found),
        **(_scores(request, found) if is_closed else {}),
        "may": request.actor.permissions,
    }
    status = 422 if any(one.errors for one in given.values()) else 200
    return quality_page(request, "quality/assessment/round.html", context, tab="eqa", status=status)


def _progress(found: ProficiencyRound) -> list[tuple[Progress, Site]]:
    sites = {one.laboratory_id: one.laboratory for one in participants_of(found.pk)}
    return [(one, sites[one.laboratory_id]) for one in progress(found.pk)]


def _items(found: ProficiencyRound) -> list[dict[str, Any]]:
    """The items in words: how each is judged, or was, and how its material was checked."""
    items = ProficiencyItem.objects.filter(round=found).select_related("sample", "test", "target")
    checks: dict[int, list[MaterialCheck]] = {}
    for one in MaterialCheck.objects.filter(item__round=found).order_by("id"):
        checks.setdefault(one.item_id, []).append(one)
    return [
        {
            "item": one,
            "target": one.target,
            "assigned": assigned_text(one.target, one.test.unit_said(one.unit)),
            "reasons": reasons_said(one.target.reasons),
            "checks": _newest(checks.get(one.pk, [])),
        }
        for one in items.order_by("sample_id", "id")
    ]


def _newest(checks: list[MaterialCheck]) -> list[MaterialCheck]:
    return list({one.kind: one for one in checks}.values())


def _scores(request: SignedRequest, found: ProficiencyRound) -> dict[str, Any]:
    """Participants across, items down; and two samples of a test against each other."""
    scores = list(scores_of(found.pk))
    cells: dict[tuple[int, int], list[ProficiencyScore]] = {}
    for one in scores:
        cells.setdefault((one.item_id, one.laboratory_id), []).append(one)
    laboratories = list(participants_of(found.pk))
    items = {one.item_id: one.item for one in scores}
    return {
        "laboratories": laboratories,
        "matrix": [
            (item, _row(cells, item.pk, [one.laboratory_id for one in laboratories]))
            for item in items.values()
        ],
        **_pairs(request, found, scores),
    }


def _row(
    cells: dict[tuple[int, int], list[ProficiencyScore]], item_id: int, laboratories: list[int]
) -> list[list[dict[str, Any]]]:
    """The cells of one row, each with what was returned and what further analyzers measured."""
    return [[_cell(score) for score in cells.get((item_id, one), ())] for one in laboratories]


def _cell(score: ProficiencyScore) -> dict[str, Any]:
    result: ProficiencyResult | None = score.result
    return {
        "score": score_text(score),
        "said": signal_said(score.signal),
        "result": result_text(result, "") if result else "",
        "analyzer": result.analyzer.code if result and result.is_further and result.analyzer else "",
    }


def _pairs(request: SignedRequest, found: ProficiencyRound, scores: list[ProficiencyScore]) -> dict[str, Any]:
    """The Youden picture of the test that is asked for, else of the first that two samples hold."""
    by_test: dict[str, list[ProficiencyItem]] = {}
    for item in {one.item_id: one.item for one in scores}.values():
        by_test.setdefault(next(one.test.code for one in scores if one.item_id == item.pk), []).append(item)
    paired = {code: own[:TWO] for code, own in by_test.items() if len(own) >= TWO}
    if not paired:
        return {}
    asked = request.GET.get("test", "")
    code = asked if asked in paired else next(iter(paired))
    first, second = paired[code]
    labels = {one.laboratory_id: str(one.laboratory) for one in participants_of(found.pk)}
    names = [first.sample.code, second.sample.code]
    drawing = pictures.picture_of_laboratory_pairs(pairs_of(first.pk, second.pk), names, labels)
    return {"youden": drawing, "paired": list(paired), "pair": code}
