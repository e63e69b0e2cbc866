"""One item: what all returned, by method; its scores; the checks of its material."""

from collections.abc import Callable, Iterable
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
from aliquot.entrypoints.web.quality.assessment.forms import HomogeneityForm, StabilityForm
from aliquot.entrypoints.web.quality.assessment.views.overview import READERS
from aliquot.entrypoints.web.quality.assessment.words import (
    assigned_text,
    further_scores,
    laboratory_text,
    reasons_said,
    result_text,
    score_text,
    signal_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.proficiency import actions
from aliquot.oversight.proficiency.models import (
    MaterialCheck,
    ProficiencyItem,
    ProficiencyResult,
    ProficiencyScore,
    ProficiencyTarget,
)
from aliquot.oversight.proficiency.queries import method_groups, returned_values, scores_of
from aliquot.registers.people.queries import names_of

Work = Callable[[SignedRequest, ProficiencyItem, Any], str]


@needs(*READERS)
def item(request: SignedRequest, item_id: int) -> HttpResponse:
    """The item as far as one may see it: the organiser all, participants the numbers once it is evaluated."""
    return _page(request, item_at(item_id))


@require_POST
@needs("manage_quality")
def homogeneity(request: SignedRequest, item_id: int) -> HttpResponse:
    """Portions of the material, measured at least twice each."""
    return _done(request, item_at(item_id), HomogeneityForm(request.POST), _homogeneity, "homogeneity")


@require_POST
@needs("manage_quality")
def stability(request: SignedRequest, item_id: int) -> HttpResponse:
    """The material measured before and after."""
    return _done(request, item_at(item_id), StabilityForm(request.POST), _stability, "stability")


def item_at(item_id: int) -> ProficiencyItem:
    """The item, where one may see its round."""
    found = ProficiencyItem.objects.select_related("round", "sample", "test")
    return get_object_or_404(found, pk=item_id)


def _done(request: SignedRequest, found: ProficiencyItem, form: Any, work: Work, name: str) -> HttpResponse:
    if form.is_valid():
        try:
            with transaction.atomic():
                messages.success(request, work(request, found, form))
            return redirect("quality:eqa-item", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, **{name: form})


def _homogeneity(request: SignedRequest, found: ProficiencyItem, form: HomogeneityForm) -> str:
    kept = actions.check_homogeneity_of(
        found, form.cleaned_data["values"], by=request.actor, at=timezone.now()
    )
    if kept.is_passed:
        return _("The material is homogeneous enough.")
    if ProficiencyTarget.objects.filter(item=found, sigma__isnull=False).exists():
        return _("The material is not homogeneous: what it adds widens sigma.")
    return _("The material is not homogeneous: this will stand beside the scores.")


def _stability(request: SignedRequest, found: ProficiencyItem, form: StabilityForm) -> str:
    given = form.cleaned_data
    kept = actions.check_stability_of(
        found, given["before"], given["after"], by=request.actor, at=timezone.now()
    )
    return _("The material is stable enough.") if kept.is_passed else _("The material is not stable.")


def _page(request: SignedRequest, found: ProficiencyItem, **given: Form) -> HttpResponse:
    target = ProficiencyTarget.objects.filter(item=found).first()
    own = ProficiencyResult.objects.filter(item=found, laboratory=request.place, is_further=False).first()
    method = own.method if own else ""
    scores = [one for one in scores_of(found.round_id) if one.item_id == found.pk]
    heads, further = further_scores(scores)
    checks = MaterialCheck.objects.filter(item=found).order_by("-id")
    context = {
        "homogeneity": HomogeneityForm(),
        "stability": StabilityForm(),
        **given,
        "item": found,
        "round": found.round,
        "target": target,
        "assigned": assigned_text(target, found.test.unit_said(found.unit)) if target else "",
        "reasons": reasons_said(target.reasons) if target else [],
        "groups": method_groups(found.pk),
        "method": method,
        "drawing": pictures.picture_of_values(found, target, returned_values(found.pk), method),
        "by_laboratory": pictures.picture_of_laboratories(scores) if len(scores) > 1 else "",
        "heads": heads,
        "scores": [(*_said(one), own) for one, own in zip(scores, further, strict=True)],
        "checks": _named(checks),
        "organises": found.organiser_id in request.actor.sites and request.actor.may("manage_quality"),
    }
    status = 422 if any(one.errors for one in given.values()) else 200
    return quality_page(request, "quality/assessment/item.html", context, tab="eqa", status=status)


def _said(score: ProficiencyScore) -> tuple[ProficiencyScore, str, str, str, Said, list[str]]:
    """A score with whose it is and what was returned, in words."""
    returned = result_text(score.result, "") if score.result else ""
    reasons = reasons_said([score.reason])
    return score, laboratory_text(score), returned, score_text(score), signal_said(score.signal), reasons


def _named(checks: Iterable[MaterialCheck]) -> list[tuple[MaterialCheck, str]]:
    """The checks with who made them."""
    found = list(checks)
    names = names_of(one.by for one in found)
    return [(one, names[one.by].name) for one in found]
