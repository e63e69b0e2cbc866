"""The centrifuge: which tubes wait for it, and when they came out."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.collection.forms import SpinForm, moment
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.scans import answer_scan, answered_before
from aliquot.flow.specimens.actions import spin_specimens
from aliquot.flow.specimens.queries import find_specimen, to_spin
from aliquot.foundation.errors import Refused


@needs("centrifuge_specimen")
def centrifuge(request: SignedRequest) -> HttpResponse:
    """Tubes that wait for the centrifuge, first drawn first."""
    return render(
        request, "collection/centrifuge.html", {"form": SpinForm(), "tubes": to_spin(request.place)}
    )


@needs("centrifuge_specimen")
@require_POST
def scan(request: SignedRequest) -> HttpResponse:
    """One tube out of the centrifuge."""
    if kept := answered_before(request):
        return kept
    form, now, number = SpinForm(request.POST), timezone.now(), request.POST.get("barcode", "")
    outcome, text = "ok", _("Centrifuged")
    try:
        typed = form.cleaned_data["spun_at"] if form.is_valid() else None
        _spin(number, moment(typed, request.place.time_zone, now), request, now)
    except Refused as fault:
        outcome, text = "problem", fault.reason
    context = {"tubes": to_spin(request.place)}
    return answer_scan(request, "collection/_to_spin.html", context, outcome=outcome, text=text)


def _spin(number: str, spun_at: datetime, request: SignedRequest, now: datetime) -> None:
    tube = find_specimen(number)
    if spun_at > now:
        raise Refused(_("The time lies in the future. Enter when the tube came out."))
    if tube and tube.collected_at and spun_at < tube.collected_at:
        raise Refused(_("The tube was drawn later than that. Correct the time."))
    spin_specimens([number], by=request.actor, at=spun_at)
