"""A validation: asked for, followed while it runs, read, and signed with the password."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.rules.forms import SignForm, ValidateForm
from aliquot.entrypoints.web.rules.pictures import sums_of, tests_of
from aliquot.entrypoints.web.rules.words import ACTIONS, reason_words
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs
from aliquot.flow.results.queries import reason_sentences
from aliquot.flow.verification.actions import request_validation, sign_validation
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion
from aliquot.foundation.errors import Refused
from aliquot.registers.people.queries import name_of

SILENT = timedelta(minutes=2)
"""A run that says nothing for so long has ended."""


@require_POST
@needs("draft_rule", "approve_rule")
@local_clock
def ask(request: SignedRequest, pk: int) -> HttpResponse:
    """Try a version on a stretch of history, in the background."""
    found = get_object_or_404(RuleSetVersion, pk=pk)
    form = ValidateForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            asked = request_validation(
                found, since=given["since"], until=given["until"], by=request.actor, at=timezone.now()
            )
        except Refused as fault:
            messages.error(request, fault.reason)
        else:
            return redirect("rules:validation", asked.pk)
    else:
        messages.error(request, _("Give both ends of the stretch."))
    return redirect("rules:version", pk)


@needs("draft_rule", "approve_rule")
def validation(request: SignedRequest, pk: int) -> HttpResponse:
    """The report, or how far it is."""
    return _page(request, _found(pk), SignForm())


@needs("draft_rule", "approve_rule")
def progress(request: SignedRequest, pk: int) -> HttpResponse:
    """How far the run is; the whole page when it is over."""
    found = _found(pk)
    if found.state in ("finished", "failed"):
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "rules/_progress.html", _running(found))


@require_POST
@needs("approve_rule")
def sign(request: SignedRequest, pk: int) -> HttpResponse:
    """Sign the report; the password is asked again."""
    found, form = _found(pk), SignForm(request.POST)
    if form.is_valid():
        try:
            sign_validation(found, **form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            for name, sentence in fault.fields.items():
                form.add_error(name, sentence)
            if not fault.fields:
                form.add_error(None, fault.reason)
        else:
            messages.success(request, _("The report is signed."))
            return redirect("rules:validation", pk)
    return _page(request, found, form)


def _found(pk: int) -> RuleSetValidation:
    related = RuleSetValidation.objects.select_related("rule_set__laboratory", "laboratory")
    return get_object_or_404(related, pk=pk)


def _running(found: RuleSetValidation) -> dict[str, Any]:
    return {"validation": found, "is_silent": is_silent(found)}


def is_silent(found: RuleSetValidation) -> bool:
    """Whether a run has said nothing for so long that it must have ended."""
    return timezone.now() - (found.beat_at or found.asked_at) > SILENT


def _page(request: SignedRequest, found: RuleSetValidation, form: SignForm) -> HttpResponse:
    report = found.report or {}
    context = {
        **_running(found),
        "version": found.rule_set,
        "report": report,
        "form": form,
        "asked_by": name_of(found.asked_by),
        "is_of_this_text": found.digest == found.rule_set.digest,
        "may_sign": request.actor.may("approve_rule")
        and found.signed_at is None
        and found.state == "finished",
        **(_in_words(report) if report else {}),
    }
    return render(request, "rules/validation.html", context, status=422 if form.errors else 200)


def _in_words(report: dict[str, Any]) -> dict[str, Any]:
    history = report["history"]
    return {
        "changed": [
            {
                **one,
                "was": ACTIONS[one["from"]],
                "now": ACTIONS[one["to"]],
                "examples": [
                    {**case, "words": reason_sentences(case["reasons"])} for case in one["examples"]
                ],
            }
            for one in history["changed"]
        ],
        "reasons": [
            {**one, "words": reason_words(one["code"]), "change": one["after"] - one["before"]}
            for one in history["by_reason"]
        ],
        "outcomes": [
            {**one, "action": ACTIONS[one["action"]], "words": reason_sentences(one["reasons"])}
            for one in report["cases"]["outcomes"]
        ],
        "sums": sums_of(report),
        "tests": tests_of(report),
        "top_reason": max((max(one["before"], one["after"]) for one in history["by_reason"]), default=1),
    }
