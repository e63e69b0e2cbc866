"""What applies to one test and one patient: which rules, whence, and which are overruled."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.rules.forms import AppliesForm
from aliquot.entrypoints.web.rules.views.overview import PERMISSIONS
from aliquot.entrypoints.web.rules.words import ORIGINS, kind_words, value_words
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.verification.queries import check_text, version_in_force
from aliquot.flow.verification.rules.explaining import applying
from aliquot.flow.verification.rules.population import Patient, age_in_days
from aliquot.flow.verification.rules.wording import label, said
from aliquot.registers.catalogue.models import Test

HEAD = ("code", "kind", "tests", "source", "rule", "action", "reason")
PREGNANT = {"yes": True, "no": False}


@needs(*PERMISSIONS)
def applies(request: SignedRequest) -> HttpResponse:
    """A table of the rules in force for who is described."""
    form = AppliesForm(request.GET if "test" in request.GET else None)
    test = None
    rows: list[dict[str, Any]] = []
    now = timezone.now()
    kept = version_in_force(request.place.pk, now) or version_in_force(None, now)
    if form.is_valid():
        test = Test.objects.filter(code__iexact=form.cleaned_data["test"].strip()).first()
        if test is None:
            form.add_error("test", _("The catalogue has no such test."))
        elif kept is not None:
            rows = _rows(request, form.cleaned_data, test.code)
    context = {"form": form, "rows": rows, "test": test, "version": kept}
    return render(request, "rules/applies.html", context, status=422 if form.errors else 200)


def _rows(request: SignedRequest, given: dict[str, Any], code: str) -> list[dict[str, Any]]:
    now = timezone.now()
    network, own = version_in_force(None, now), version_in_force(request.place.pk, now)
    kept = own or network
    assert kept is not None
    checked = check_text(kept.text, kept.laboratory, at=now)
    words = {**(said(network.text) if network else {}), **(said(own.text) if own else {})}
    patient = Patient(
        sex=given["sex"],
        age_days=age_in_days(given["age"]) if given["age"] else None,
        ward=given["ward"],
        site=request.place.code,
        diagnosis=given["diagnosis"],
        is_pregnant=PREGNANT.get(given["pregnant"]),
        urgency=given["urgency"],
    )
    return [
        {
            "rule": one.rule,
            "kind": kind_words(one.rule.kind),
            "origin": ORIGINS[one.origin],
            "reason": one.reason,
            "overruled": one.overruled,
            "says": [
                (label(key, _), value_words(value))
                for key, value in words.get(one.rule.code, {}).items()
                if key not in HEAD and not key.startswith("new.")
            ],
        }
        for one in applying(checked.rules, checked.provenance, code, patient)
    ]
