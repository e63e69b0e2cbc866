"""Drivers: what each knows of its model and by which source, who uses it, and its stop switch."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import ReasonForm
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments import actions
from aliquot.flow.instruments.models import Analyzer, DriverStop
from aliquot.flow.instruments.queries import stopped_drivers
from aliquot.flow.instruments.rules.driver import Driver, load, models
from aliquot.foundation.errors import Refused
from aliquot.registers.people.queries import name_of


@dataclass(frozen=True, slots=True)
class DriverRow:
    """One model: what it speaks, which analyzers of this laboratory use it, and whether it is stopped."""

    driver: Driver
    analyzers: list[Analyzer]
    stop: DriverStop | None


@needs("manage_instruments")
def drivers(request: SignedRequest) -> HttpResponse:
    """Every driver of this program."""
    stops = {one.model: one for one in stopped_drivers()}
    users: dict[str, list[Analyzer]] = defaultdict(list)
    for one in Analyzer.objects.filter(laboratory=request.place).order_by("code"):
        users[one.driver].append(one)
    rows = [DriverRow(load(model), users[model], stops.get(model)) for model in models()]
    rows.sort(key=lambda row: (row.stop is None, not row.analyzers, row.driver.title))
    return render(request, "setup/drivers.html", {"rows": rows})


@needs("manage_instruments")
def driver(request: SignedRequest, model: str) -> HttpResponse:
    """One driver: everything it takes for granted, rule by rule, with the source of each."""
    return _page(request, _driver(model), ReasonForm())


@require_POST
@needs("manage_instruments")
def stop(request: SignedRequest, model: str) -> HttpResponse:
    """Nothing of this driver is read any more; its messages go on being kept."""
    return _switched(request, model, actions.stop_driver, _("The driver is stopped. Messages are kept."))


@require_POST
@needs("manage_instruments")
def start(request: SignedRequest, model: str) -> HttpResponse:
    """What was kept meanwhile is read now."""
    return _switched(request, model, actions.start_driver, _("The driver works again."))


def _switched(request: SignedRequest, model: str, switch: Any, done: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            switch(model, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, done)
            return redirect("setup:driver", model)
    return _page(request, _driver(model), form)


def _driver(model: str) -> Driver:
    if model not in models():
        raise Http404
    return load(model)


def _page(request: SignedRequest, found: Driver, form: ReasonForm) -> HttpResponse:
    layout = found.layout
    stop = next((one for one in stopped_drivers() if one.model == found.model), None)
    context = {
        "driver": found,
        "layout": layout,
        "stop": stop,
        "stopped_by": name_of(stop.by) if stop else "",
        "analyzers": Analyzer.objects.filter(laboratory=request.place, driver=found.model).order_by("code"),
        "sources": sorted(layout.sources.items()),
        "vocabularies": [
            (_("Aspects"), layout.aspects),
            (_("Flags"), layout.flags),
            (_("Alarms"), layout.alarms),
            (_("Statuses"), layout.statuses),
            (_("Units"), layout.units),
            (_("Values in words"), layout.value.words),
        ],
        "form": form,
    }
    return render(request, "setup/driver.html", context, status=422 if form.errors else 200)
