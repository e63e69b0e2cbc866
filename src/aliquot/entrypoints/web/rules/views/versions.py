"""One version: its text, live mistakes, what changed, and the steps from draft to force."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.rules.forms import (
    ActivateForm,
    ApproveForm,
    DraftForm,
    TextForm,
    ValidateForm,
    WhyForm,
)
from aliquot.entrypoints.web.rules.pictures import sums_of
from aliquot.entrypoints.web.rules.views.overview import PERMISSIONS, overview
from aliquot.entrypoints.web.rules.views.validating import is_silent
from aliquot.entrypoints.web.rules.words import change_words, mistakes, state_words
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.verification import actions
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion
from aliquot.flow.verification.queries import check_text, untried_rules, version_in_force
from aliquot.flow.verification.rules.wording import block_of, differences, said
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Site
from aliquot.registers.people.queries import names_of

EMPTY = """[rule_set]
code = {code}
parent = "network"
title_en = {title_en}
title_ru = {title_ru}
source = {source}
"""


@require_POST
@needs("draft_rule")
def draft(request: SignedRequest) -> HttpResponse:
    """A new draft from what is in force, or for a laboratory without rules of its own from a first page."""
    form = DraftForm(request.POST, place=request.place)
    if form.is_valid():
        place = None if form.cleaned_data["scope"] == "network" else request.place
        kept = version_in_force(place.pk if place else None, timezone.now())
        text = kept.text if kept else _first_page(place)
        made = actions.draft_rule_set(
            text,
            laboratory=place,
            note=form.cleaned_data["note"],
            drawn_from=kept,
            by=request.actor,
            at=timezone.now(),
        )
        return redirect("rules:version", made.pk)
    return overview(request, draft=form)


def _first_page(place: Site | None) -> str:
    """The head of a set without a rule yet; a name may hold quotation marks."""
    name_en, name_ru = (place.name_en, place.name_ru) if place else ("the network", "сеть")
    head = {
        "code": place.code if place else "network",
        "title_en": f"Rules of {name_en}",
        "title_ru": f"Правила: {name_ru}",
        "source": name_ru,
    }
    return EMPTY.format(**{key: json.dumps(words, ensure_ascii=False) for key, words in head.items()})


@needs(*PERMISSIONS)
@local_clock
def version(request: SignedRequest, pk: int) -> HttpResponse:
    """The version; a draft can be written here."""
    found = _version(pk)
    form = TextForm(request.POST or None, initial={"text": found.text, "read": found.digest})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        found.digest = form.cleaned_data["read"]
        try:
            actions.save_draft(found, text, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The draft is kept."))
            return redirect("rules:version", pk)
    return _page(request, found, text=form)


@require_POST
@needs("draft_rule")
def check(request: SignedRequest, pk: int) -> HttpResponse:
    """What is wrong with the text as it is being written."""
    found = get_object_or_404(RuleSetVersion.objects.select_related("laboratory"), pk=pk)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    return render(request, "rules/_checked.html", _checked(found, text))


@needs(*PERMISSIONS)
def changes(request: SignedRequest, pk: int) -> HttpResponse:
    """What this version says otherwise than another: the one it was drawn from, unless another is named."""
    found = _version(pk)
    others = RuleSetVersion.objects.filter(laboratory=found.laboratory).exclude(pk=pk).order_by("-version")
    wanted = request.GET.get("with", "")
    other = others.filter(version=int(wanted)).first() if wanted.isdecimal() else found.drawn_from
    context = {
        "version": found,
        "other": other,
        "others": others,
        "changes": change_words(differences(other.text, found.text)) if other else [],
    }
    return render(request, "rules/changes.html", context)


@require_POST
@needs("draft_rule", "approve_rule")
@local_clock
def take(request: SignedRequest, pk: int, step: str) -> HttpResponse:
    """One step of the text that was read: submit, discard, send back, approve, put in force, retire."""
    if step not in STEPS:
        raise Http404
    found = _as_read(request, pk)
    kind, act, done = STEPS[step]
    form = kind(request.POST)
    if form.is_valid():
        given, at = dict(form.cleaned_data), timezone.now()
        if step == "activate":
            given["since"] = given["since"] or at
        try:
            act(found, **given, by=request.actor, at=at)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, str(done))
            return redirect("rules:version", pk)
    return _page(request, _version(pk), forms={step: form})


def _version(pk: int) -> RuleSetVersion:
    return get_object_or_404(RuleSetVersion.objects.select_related("laboratory", "drawn_from"), pk=pk)


def _as_read(request: SignedRequest, pk: int) -> RuleSetVersion:
    """The version with the digest of the text that the person saw: a step on another text is refused."""
    found = _version(pk)
    found.digest = request.POST.get("read") or found.digest
    return found


STEPS: Mapping[str, tuple[type[Form], Callable[..., None], Promise]] = {
    "submit": (Form, actions.submit_rule_set, gettext_lazy("The set waits for approval by somebody else.")),
    "discard": (WhyForm, actions.discard_draft, gettext_lazy("The draft is put away.")),
    "send-back": (WhyForm, actions.send_back_rule_set, gettext_lazy("The set went back to its writers.")),
    "approve": (ApproveForm, actions.approve_rule_set, gettext_lazy("The set is approved.")),
    "activate": (ActivateForm, actions.activate_rule_set, gettext_lazy("The set is put in force.")),
    "retire": (WhyForm, actions.retire_rule_set, gettext_lazy("The set is retired.")),
}


def _page(
    request: SignedRequest,
    found: RuleSetVersion,
    *,
    text: TextForm | None = None,
    forms: Mapping[str, Form] | None = None,
) -> HttpResponse:
    now = timezone.now()
    form = text or TextForm(initial={"text": found.text, "read": found.digest})
    validations = list(found.validations.order_by("-id"))
    keys = [found.drafted_by, found.edited_by, found.submitted_by, found.approved_by, found.retired_by]
    context: dict[str, Any] = {
        "version": found,
        "state": state_words(found, now),
        "form": form,
        "forms": {
            step.replace("-", "_"): (forms or {}).get(step) or kind()
            for step, (kind, _act, _done) in STEPS.items()
        },
        "validate": ValidateForm(),
        "validations": validations,
        **_tried(found, validations),
        "signed": any(one.signed_at and one.digest == found.digest for one in validations),
        "names": names_of([*keys, *found.written_by]),
        "codes": [code for code in said(found.text) if block_of(found.text, code)],
        "untried": untried_rules(found, now) if found.state == RuleSetVersion.State.SUBMITTED else {},
        "is_writer": request.actor.key in (*found.written_by, found.submitted_by),
        "may": request.actor.permissions,
        **_checked(found, found.text),
    }
    if context["untried"]:
        context["forms"]["approve"].fields["untried"].required = True  # so that the page asks for it
    for name in ("drafted_by", "edited_by", "submitted_by", "approved_by", "retired_by"):
        context[name] = context["names"][getattr(found, name)]
    refused = form.errors or any(one.errors for one in (forms or {}).values())
    return render(request, "rules/version.html", context, status=422 if refused else 200)


def _tried(found: RuleSetVersion, validations: list[RuleSetValidation]) -> dict[str, Any]:
    """The newest back-test of this very text: how far it is, or what it found."""
    tried = next((one for one in validations if one.digest == found.digest), None)
    if tried is None or tried.state == RuleSetValidation.State.FAILED:
        return {}
    if tried.report is None:
        return {"running": tried, "is_silent": is_silent(tried)}
    return {"tried": tried, "sums": sums_of(tried.report)}


def _checked(found: RuleSetVersion, text: str) -> dict[str, Any]:
    checked = check_text(text, found.laboratory, at=timezone.now())
    return {
        "mistakes": mistakes(checked.problems, text),
        "rule_count": len(checked.rules),
        "case_count": len(checked.cases),
    }
