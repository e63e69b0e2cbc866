"""How the tests of an analyzer stand: control, calibration, reagent; a technologist says it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.bench.forms import StandingForm
from aliquot.entrypoints.web.bench.pages import bench_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.actions import Standing, change_release_states
from aliquot.flow.quality.models import ReleaseState
from aliquot.flow.quality.queries import standing_of
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test


@needs("view_reading")
def control(request: SignedRequest, code: str) -> HttpResponse:
    """The tests of an analyzer with their control, calibration and reagent; a form changes one, or all."""
    with timezone.override(request.place.time_zone):  # a time is typed by the clock of the person's site
        found = get_object_or_404(Analyzer, code=code, laboratory=request.place)
        tests = list(Test.objects.filter(testmapping__analyzer=found).distinct().order_by("code"))
        form = StandingForm(tests, request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                done = _changed(request, found, tests, form.cleaned_data)
            except Refused as fault:
                tell_refusal(form, fault)
            else:
                messages.success(request, _("Kept for %(count)d tests.") % {"count": done})
                return redirect("bench:control", code)
        known = standing_of(found.pk)
        context: dict[str, Any] = {
            "analyzer": found,
            "rows": [(one, known.get(one.pk)) for one in tests],
            "form": form,
            "now": timezone.now(),
        }
        status = 422 if form.errors else 200
        return bench_page(request, "bench/control.html", context, tab="analyzers", status=status)


def _changed(request: SignedRequest, found: Analyzer, tests: list[Test], given: dict[str, Any]) -> int:
    chosen = [one for one in tests if given["test"] in ("", one.code)]
    said = Standing(
        qc_state=given["qc_state"] or ReleaseState.Control.UNKNOWN.value,
        reagent_lot=given["reagent_lot"],
        reagent_expires_at=given["reagent_expires_at"],
        calibrator_lot=given["calibrator_lot"],
        calibrated_until=given["calibrated_until"],
        note=given["note"],
    )
    return len(change_release_states(found, chosen, said, by=request.actor, at=timezone.now()))
