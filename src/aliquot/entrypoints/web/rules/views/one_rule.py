"""One rule as a form, for those who do not read TOML."""

import tomllib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.rules.views.overview import PERMISSIONS
from aliquot.entrypoints.web.rules.words import Mistake, kind_words, mistakes
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.verification.actions import save_draft
from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.queries import check_text
from aliquot.flow.verification.rules.wording import fields_of, label, read_field, shown, with_fields
from aliquot.foundation.errors import Refused

FIXED = ("code", "kind")


@needs(*PERMISSIONS)
def rule(request: SignedRequest, pk: int, code: str) -> HttpResponse:
    """Each key of the rule as a field; saved, the rule's lines of the text are written anew."""
    found = get_object_or_404(RuleSetVersion.objects.select_related("laboratory"), pk=pk)
    fields = fields_of(found.text, code)
    if fields is None:
        raise Http404
    if request.method == "POST":
        return _changed(request, found, code, fields)
    return _page(request, found, code, fields, faults={}, beside=[])


def _changed(
    request: SignedRequest, found: RuleSetVersion, code: str, fields: dict[str, Any]
) -> HttpResponse:
    request.actor.require("draft_rule")
    found.digest = request.POST.get("read") or found.digest
    faults: dict[str, str] = {}
    given = _given(request, fields, faults)
    text = with_fields(found.text, code, given)
    beside = [] if faults else _mistakes(found, text, code)
    if not faults and not beside:
        try:
            save_draft(found, text, by=request.actor, at=timezone.now())
        except Refused as fault:
            faults[""] = fault.reason
        else:
            messages.success(request, _("The rule is kept in the draft."))
            return redirect("rules:version", found.pk)
    return _page(request, found, code, given, faults=faults, beside=beside)


def _given(request: SignedRequest, fields: dict[str, Any], faults: dict[str, str]) -> dict[str, Any]:
    found = dict(fields)
    for key, was in fields.items():
        if key in FIXED:
            continue
        try:
            found[key] = read_field(request.POST.get(key, ""), was)
        except (ValueError, tomllib.TOMLDecodeError):
            faults[key] = _("This cannot be read here. Write it as it was written before.")
    return found


def _mistakes(found: RuleSetVersion, text: str, code: str) -> list[Mistake]:
    problems = check_text(text, found.laboratory, at=timezone.now()).problems
    return mistakes([one for one in problems if one.rule in (code, "")], text)


def _page(
    request: SignedRequest,
    found: RuleSetVersion,
    code: str,
    fields: dict[str, Any],
    *,
    faults: dict[str, str],
    beside: list[Mistake],
) -> HttpResponse:
    rows = [
        {
            "key": key,
            "label": label(key, _),
            "value": shown(value),
            "is_switch": isinstance(value, bool),
            "is_long": key.startswith("text_") or key in ("when", "source"),
            "fault": faults.get(key, ""),
        }
        for key, value in fields.items()
        if key not in FIXED
    ]
    context = {
        "version": found,
        "code": code,
        "kind": kind_words(str(fields.get("kind", ""))),
        "rows": rows,
        "fault": faults.get("", ""),
        "mistakes": beside,
        "may_write": found.state == "draft" and request.actor.may("draft_rule"),
    }
    return render(request, "rules/rule.html", context, status=422 if faults or beside else 200)
