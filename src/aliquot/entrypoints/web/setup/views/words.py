"""What an analyzer's words mean here, learned from what arrived."""

from decimal import Decimal
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import WORD_KINDS, WordForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments import actions
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import adaptations, seen_terms
from aliquot.flow.instruments.rules.driver import load
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test

LAST_MESSAGES = 500
MEANINGS: dict[str, tuple[str, ...]] = {
    "aspect": ("report", "keep", "drop"),
    "index": ("H", "I", "L", "-"),
    "status": ("final", "correction", "preliminary", "not_performed", "rerun"),
    "flag": (
        *("normal", "low", "high", "critical_low", "critical_high"),
        *("below_range", "above_range", "abnormal"),
    ),
    "unit": (
        *("g/L", "g/dL", "mg/L", "mg/dL", "mmol/L", "umol/L", "nmol/L", "pmol/L", "ug/L", "ng/mL", "pg/mL"),
        *("U/L", "m[IU]/L", "10*9/L", "10*12/L", "fL", "pg", "%", "mm/h", "s", "mm[Hg]", "[pH]"),
    ),
}
"""What words may mean, offered while one types, besides tests for codes; units as far as they are common."""


@needs("manage_instruments")
def words(request: SignedRequest, code: str) -> HttpResponse:
    """The words that came, unknown ones first; a form says what one of them means."""
    found = _analyzer(request, code)
    if request.method == "POST":
        return _meant(request, found, WordForm(request.POST))
    asked = {name: request.GET.get(name, "") for name in ("kind", "term", "meaning", "unit", "reason")}
    form = WordForm(initial=asked)
    if asked["term"]:
        form.fields["meaning"].widget.attrs["autofocus"] = True
    return _page(request, found, form)


@require_POST
@needs("manage_instruments")
def forget(request: SignedRequest, code: str) -> HttpResponse:
    """What was added for one word counts no more."""
    found, given = _analyzer(request, code), request.POST
    try:
        actions.remove_adaptation(
            found,
            given.get("kind", ""),  # type: ignore[arg-type]  # a kind nobody knows has no meaning to forget
            given.get("term", ""),
            reason=given.get("reason", ""),
            by=request.actor,
            at=timezone.now(),
        )
    except Refused as fault:
        return _page(request, found, WordForm(), fault=fault)
    messages.success(request, _("The driver's own meaning counts again."))
    return redirect("setup:words", code)


def _meant(request: SignedRequest, found: Analyzer, form: WordForm) -> HttpResponse:
    if form.is_valid():
        try:
            _say(request, found, form.cleaned_data)
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(
                request, _("The word has a meaning. Read old messages again to apply it to them.")
            )
            return redirect(_next(found, form.cleaned_data))
    return _page(request, found, form)


def _next(found: Analyzer, said: dict[str, Any]) -> str:
    """The page with the next word without a meaning chosen, for the same reason."""
    address = reverse("setup:words", args=[found.code])
    terms = seen_terms(found, limit=LAST_MESSAGES)
    following = next((one for one in terms if not one.is_known), None)
    if following is None:
        return address
    chosen = {"kind": following.kind, "term": following.term, "unit": following.unit}
    return f"{address}?{urlencode(chosen | {'reason': said['reason']})}"


def _say(request: SignedRequest, found: Analyzer, said: dict[str, Any]) -> None:
    shared = {"reason": said["reason"], "by": request.actor, "at": timezone.now()}
    if said["kind"] != "code":
        kind, term, meaning, factor = (said[name] for name in ("kind", "term", "meaning", "factor"))
        actions.set_adaptation(found, kind, term, meaning=meaning, factor=factor, **shared)
        return
    test = Test.objects.filter(code=said["meaning"].strip().upper()).first()
    if test is None:
        sentence = _("No test has this code. Choose from the list.")
        raise Refused(sentence, fields={"meaning": sentence})
    factor = said["factor"] or Decimal(1)
    actions.set_mapping(found, said["term"], test=test, unit=said["unit"], factor=factor, **shared)


def _page(
    request: SignedRequest, found: Analyzer, form: WordForm, fault: Refused | None = None
) -> HttpResponse:
    terms, kinds = seen_terms(found, limit=LAST_MESSAGES), dict(WORD_KINDS)
    kind = str(form["kind"].value() or "")
    context = {
        "analyzer": found,
        "driver": load(found.driver),
        "terms": [(one, kinds[one.kind]) for one in terms],
        "meanings": MEANINGS.get(kind, ()) if kind else chain.from_iterable(MEANINGS.values()),
        "chosen": (kind, str(form["term"].value() or "")),
        "unknown": sum(not one.is_known for one in terms),
        "limit": LAST_MESSAGES,
        "added": adaptations(found),
        "form": form,
        "fault": fault,
        "tests": Test.objects.order_by("code") if kind in {"", "code"} else (),
    }
    return render(request, "setup/words.html", context, status=422 if fault or form.errors else 200)


def _analyzer(request: SignedRequest, code: str) -> Analyzer:
    return get_object_or_404(Analyzer, code=code, laboratory=request.place)
