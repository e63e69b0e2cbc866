"""Materials and their lots: what is measured as control; and what belongs to no lot."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.forms import AdoptForm, LotForm, MaterialForm
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.flow.instruments.models import Reading
from aliquot.flow.quality.actions import Level, add_material, adopt_controls, begin_lot, end_lot
from aliquot.flow.quality.models import ControlLot, ControlMaterial
from aliquot.flow.quality.queries import lots_in_use, materials_of, unfiled_controls
from aliquot.foundation.errors import Refused


@dataclass(frozen=True, slots=True)
class Package:
    """A lot with its levels."""

    number: str
    levels: list[ControlLot]

    @property
    def first(self) -> ControlLot:
        return self.levels[0]


@dataclass(frozen=True, slots=True)
class Unfiled:
    """What an analyzer sent under one name that no lot has, and the form that says which."""

    analyzer: str
    code: str
    tests: str
    count: int
    newest: datetime | None
    unknown_tests: str
    form: AdoptForm


@needs("run_control", "manage_quality")
@local_clock
def materials(request: SignedRequest) -> HttpResponse:
    """The materials of this laboratory with their lots in use; a form adds one."""
    form = MaterialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_material(request.place, **form.cleaned_data, by=request.actor, at=timezone.now())
            return redirect("quality:material", made.pk)
        except Refused as fault:
            tell_refusal(form, fault)
    rows = [(one, _packages(one.controllot_set.all())) for one in materials_of(request.place.pk)]
    context = {"rows": rows, "form": form, "may": request.actor.permissions, "now": timezone.now()}
    status = 422 if form.errors else 200
    return quality_page(request, "quality/materials.html", context, tab="home", status=status)


@needs("run_control", "manage_quality")
@local_clock
def material(request: SignedRequest, pk: int) -> HttpResponse:
    """A material: its lots with what analyzers call each level; a form begins the next lot."""
    found = get_object_or_404(ControlMaterial, pk=pk, laboratory=request.place)
    form = LotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _begin(request, found, form)
            return redirect("quality:material", pk)
        except Refused as fault:
            tell_refusal(form, fault)
    packages = _packages(found.controllot_set.all())
    context = {"material": found, "packages": packages, "form": form, "now": timezone.now()}
    context["may"] = request.actor.permissions
    status = 422 if form.errors else 200
    return quality_page(request, "quality/material.html", context, tab="home", status=status)


@require_POST
@needs("manage_quality")
def end(request: SignedRequest, pk: int) -> HttpResponse:
    """Take a lot out of use."""
    found = get_object_or_404(ControlMaterial, pk=pk, laboratory=request.place)
    number = request.POST.get("number", "")
    end_lot(found, number, by=request.actor, at=timezone.now())
    messages.success(request, _("Lot %(lot)s is no longer measured.") % {"lot": number})
    return redirect("quality:material", pk)


@needs("run_control", "manage_quality")
@local_clock
def unfiled(request: SignedRequest) -> HttpResponse:
    """Controls that belong to no lot, by analyzer and name; one action says whose they are."""
    form: AdoptForm | None = None
    if request.method == "POST":
        form = AdoptForm(lots_in_use(request.place.pk), request.POST)
        if form.is_valid():
            try:
                return _adopt(request, form)
            except Refused as fault:
                tell_refusal(form, fault)
    rows = _unfiled(request, unfiled_controls(request.place.pk), form)
    context = {"rows": rows, "may": request.actor.permissions}
    status = 422 if form and form.errors else 200
    return quality_page(request, "quality/unfiled.html", context, tab="home", status=status)


def _begin(request: SignedRequest, found: ControlMaterial, form: LotForm) -> None:
    given = form.cleaned_data
    levels = [Level(level, form.codes(level)) for level in range(1, given["levels"] + 1)]
    said = {"expires_at": given["expires_at"], "by": request.actor, "at": timezone.now()}
    begin_lot(found, given["number"], levels, **said)
    messages.success(request, _("Lot %(lot)s is in use.") % {"lot": given["number"]})


def _adopt(request: SignedRequest, form: AdoptForm) -> HttpResponse:
    given = form.cleaned_data
    count = adopt_controls(given["lot"], given["code"], by=request.actor, at=timezone.now())
    words = ngettext("%(count)d value was filed.", "%(count)d values were filed.", count)
    messages.success(request, words % {"count": count})
    return redirect("quality:unfiled")


def _packages(lots: Iterable[ControlLot]) -> list[Package]:
    """Lots with their levels, the newest first."""
    ordered = sorted(lots, key=lambda one: (one.begun_at, one.number), reverse=True)
    by_number: dict[str, list[ControlLot]] = {}
    for one in ordered:
        by_number.setdefault(one.number, []).append(one)
    return [Package(number, sorted(found, key=lambda one: one.level)) for number, found in by_number.items()]


def _unfiled(request: SignedRequest, readings: Iterable[Reading], form: AdoptForm | None) -> list[Unfiled]:
    by_name: dict[tuple[str, str], list[Reading]] = {}
    for one in readings:
        by_name.setdefault((one.analyzer.name, one.specimen_code), []).append(one)
    lots = lots_in_use(request.place.pk)
    return [_named(name, found, lots, form) for name, found in by_name.items()]


def _named(name: tuple[str, str], found: list[Reading], lots: object, form: AdoptForm | None) -> Unfiled:
    analyzer, code = name
    is_said = form is not None and form.data.get("code") == code
    tests = sorted({one.test.code for one in found if one.test})
    return Unfiled(
        analyzer=analyzer,
        code=code,
        tests=", ".join(tests),
        count=len(found),
        newest=max((one.measured_at for one in found if one.measured_at), default=None),
        unknown_tests=", ".join(sorted({one.code for one in found if not one.test})),
        form=form if is_said and form else AdoptForm(lots, initial={"code": code}, auto_id=f"id_{code}_%s"),
    )
