"""Failures, worked off step by step until their cause is known."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.assessment import pictures
from aliquot.entrypoints.web.quality.assessment.forms import ConclusionForm, StepForm
from aliquot.entrypoints.web.quality.assessment.views.overview import READERS, cases_seen
from aliquot.entrypoints.web.quality.assessment.words import (
    assigned_text,
    result_text,
    score_text,
    signal_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.improvement.models import Nonconformity
from aliquot.oversight.improvement.queries import last_of_subject
from aliquot.oversight.proficiency import actions
from aliquot.oversight.proficiency.models import FailureCase, FailureStep, ProficiencyTarget, SampleReceipt
from aliquot.oversight.proficiency.queries import method_groups, returned_values, steps_of, worksheet
from aliquot.oversight.proficiency.queries import trend as scores_over_time
from aliquot.oversight.proficiency.rules.investigation import STEPS, next_step
from aliquot.registers.people.queries import name_of, names_of

Work = Callable[[SignedRequest, FailureCase, Any], str]


@needs(*READERS)
def listed(request: SignedRequest) -> HttpResponse:
    """Open cases, the oldest first; closed ones with their causes."""
    context = {"opened": cases_seen(request), "closed": cases_seen(request, is_open=False)}
    return quality_page(request, "quality/assessment/cases.html", context, tab="eqa")


@needs(*READERS)
def case(request: SignedRequest, case_id: int) -> HttpResponse:
    """The failure with what is known of it, and the step that is to be answered."""
    return _page(request, _case(case_id))


@require_POST
@needs("run_control")
def answer(request: SignedRequest, case_id: int) -> HttpResponse:
    """What a step found."""
    found = _case(case_id)
    step = request.POST.get("step", "")
    form = StepForm(step if step in STEPS else STEPS[0], request.POST)
    return _done(request, found, form, _answer, "answering")


@require_POST
@needs("manage_quality")
def close(request: SignedRequest, case_id: int) -> HttpResponse:
    """The conclusion."""
    return _done(request, _case(case_id), ConclusionForm(request.POST), _close, "closing")


def _case(case_id: int) -> FailureCase:
    found = FailureCase.objects.select_related(
        "laboratory", "score__item__sample", "score__item__round", "score__test", "score__result__analyzer"
    )
    return get_object_or_404(found, pk=case_id)


def _done(request: SignedRequest, found: FailureCase, form: Any, work: Work, name: str) -> HttpResponse:
    if form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, work(request, found, form))
            return redirect("quality:eqa-case", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, **{name: form})


def _answer(request: SignedRequest, found: FailureCase, form: StepForm) -> str:
    given, step = form.cleaned_data, request.POST.get("step", "")
    if step not in STEPS:
        raise Refused(_("Reload the page: this step is not known."))
    actions.answer_step(found, step, given["finding"], given["note"], by=request.actor, at=timezone.now())
    return _("The answer is kept.")


def _close(request: SignedRequest, found: FailureCase, form: ConclusionForm) -> str:
    actions.close_case(found, form.cleaned_data["conclusion"], by=request.actor, at=timezone.now())
    return _("The case is closed.")


def _page(request: SignedRequest, found: FailureCase, **given: Form) -> HttpResponse:
    answered = {one.step: one for one in steps_of(found.pk)}
    due = next_step({step: one.finding for step, one in answered.items()})
    context = {
        "answering": StepForm(due) if due else None,
        "closing": ConclusionForm(),
        **given,
        **_evidence(found),
        "case": found,
        "score": found.score,
        "steps": _steps(answered),
        "closed_by": name_of(found.closed_by) if found.closed_by else "",
        "due": due if found.state == FailureCase.State.OPEN else None,
        "is_open": found.state == FailureCase.State.OPEN,
        "may": request.actor.permissions,
    }
    status = 422 if any(one.errors for one in given.values()) else 200
    return quality_page(request, "quality/assessment/case.html", context, tab="eqa", status=status)


def _steps(answered: Mapping[str, FailureStep]) -> list[tuple[str, str, FailureStep | None, str]]:
    """Every step with its words, its answer and who gave it."""
    labels = dict(FailureStep.Step.choices)
    names = names_of(one.by for one in answered.values())
    found = [(step, str(labels[FailureStep.Step(step)]), answered.get(step)) for step in STEPS]
    return [(step, label, one, names[one.by].name if one else "") for step, label, one in found]


def _evidence(found: FailureCase) -> dict[str, Any]:
    """What the steps are answered from: result, receipt, methods, the other tests, earlier rounds."""
    score, item = found.score, found.score.item
    unit = item.test.unit_said(item.unit)
    target = ProficiencyTarget.objects.filter(item=item).first()
    method = score.result.method if score.result else ""
    receipt = SampleReceipt.objects.filter(sample=item.sample, laboratory=found.laboratory)
    lines = worksheet(score.round_id, found.laboratory_id)
    return {
        "item": item,
        "method": method,
        "said": signal_said(score.signal),
        "score_words": score_text(score),
        "result_words": result_text(score.result, unit) if score.result else "",
        "assigned_words": assigned_text(target, unit) if target else "",
        "nonconformity": last_of_subject(Nonconformity.Source.EQA_FAILURE, found.pk),
        "receipt": receipt.select_related("specimen").first(),
        "groups": method_groups(item.pk),
        "values": pictures.picture_of_values(item, target, returned_values(item.pk), method),
        "others": pictures.picture_of_round(lines),
        "trend": pictures.picture_of_trend(scores_over_time(found.laboratory_id, score.test_id)),
        "keys_of_samples": pictures.keys_of(lines),
    }
