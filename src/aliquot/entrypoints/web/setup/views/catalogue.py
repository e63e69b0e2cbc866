"""The catalogue: what can be measured, between which limits, how wrong it may be, from which source."""

import csv
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import AllowableForm, AllowableTableForm, LimitsForm
from aliquot.entrypoints.web.setup.views.audit import named
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.audit.queries import changes
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.registers.catalogue.actions import (
    DecisionLimits,
    change_limits,
    state_allowable,
    take_allowable_table,
)
from aliquot.registers.catalogue.models import AllowableError, Panel, ReferenceInterval, Test
from aliquot.registers.catalogue.queries import allowable_errors, sections_by_code
from aliquot.registers.catalogue.rules.allowable_tables import COLUMNS, LIMITS, VARIATION

NUMBERS = frozenset({*LIMITS, *VARIATION})


@needs("manage_registers", "approve_catalogue")
def tests(request: SignedRequest) -> HttpResponse:
    """Every test, or those that a search finds, by section."""
    sought, section = request.GET.get("q", "").strip(), request.GET.get("section", "")
    found = Test.objects.select_related("container").order_by("section", "code")
    if section:
        found = found.filter(section=section)
    if sought:
        names = Q(name_en__icontains=sought) | Q(name_ru__icontains=sought) | Q(short_ru__icontains=sought)
        found = found.filter(names | Q(code__istartswith=sought) | Q(loinc__startswith=sought))
    sections = sections_by_code()
    rows = [(one, sections.get(one.section)) for one in found]
    context = {"rows": rows, "sections": sections.values(), "q": sought, "section": section}
    part = "setup/_tests.html" if request.headers.get("HX-Request") else "setup/catalogue.html"
    return render(request, part, context)


@needs("manage_registers", "approve_catalogue")
def allowable(request: SignedRequest) -> HttpResponse:
    """What is allowed of every test today; a laboratory's own table is taken over as a whole."""
    form = AllowableTableForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _take(request, form))
            return redirect("setup:allowable")
        except Refused as fault:
            tell_refusal(form, fault)
    rows = [(one.test, one) for one in _allowed_today(request)]
    context = {"rows": rows, "form": form, "may_change": request.actor.may("approve_catalogue")}
    return render(request, "setup/allowable.html", context, status=422 if form.errors else 200)


@needs("manage_registers", "approve_catalogue")
def allowable_table(request: SignedRequest) -> HttpResponse:
    """The same as a table to change and give back."""
    delimiter, point = (";", ",") if is_russian() else (",", ".")
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="allowable.csv"'
    table = csv.writer(answer, delimiter=delimiter)
    table.writerow(COLUMNS)
    for one in _allowed_today(request):
        table.writerow(
            [
                _cell(one, name).replace(".", point) if name in NUMBERS else _cell(one, name)
                for name in COLUMNS
            ]
        )
    return answer


@require_POST
@needs("approve_catalogue")
def state(request: SignedRequest, code: str) -> HttpResponse:
    """State what is allowed of a test from a day on."""
    found = get_object_or_404(Test.objects.select_related("container", "specimen_type"), code=code)
    form = AllowableForm(request.POST, auto_id="allow_%s")
    if form.is_valid():
        try:
            state_allowable(
                found, form.row(), reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now()
            )
            messages.success(request, _("What is allowed is stated."))
            return redirect("setup:test", code)
        except Refused as fault:
            tell_refusal(form, fault)
    return _page(request, found, _limits_form(found), form)


@needs("manage_registers", "approve_catalogue")
def test(request: SignedRequest, code: str) -> HttpResponse:
    """One test: its tube, intervals, limits and their sources."""
    found = get_object_or_404(Test.objects.select_related("container", "specimen_type"), code=code)
    form = _limits_form(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        reason = given.pop("reason")
        try:
            change_limits(found, DecisionLimits(**given), reason=reason, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The limits are changed."))
            return redirect("setup:test", code)
    return _page(request, found, form)


def _take(request: SignedRequest, form: AllowableTableForm) -> str:
    file, reason = form.cleaned_data["file"], form.cleaned_data["reason"]
    count = take_allowable_table(file.name, file.read(), reason=reason, by=request.actor, at=timezone.now())
    words = ngettext("%(count)d line was taken over.", "%(count)d lines were taken over.", count)
    return words % {"count": count}


def _limits_form(found: Test, given: Any = None) -> LimitsForm:
    names = DecisionLimits.__slots__
    return LimitsForm(given, initial={name: _plain(getattr(found, name)) for name in names})


def _allowed_today(request: SignedRequest) -> list[AllowableError]:
    """What holds today, test by test."""
    codes = dict(Test.objects.values_list("pk", "code"))
    found = allowable_errors(codes, on=request.place.day_of(timezone.now()))
    with_tests = AllowableError.objects.filter(pk__in=[one.pk for one in found.values()])
    return list(with_tests.select_related("test").order_by("test__code"))


def _cell(one: AllowableError, name: str) -> str:
    """What stands in a column; what is computed from the variation is left to be computed again."""
    if name == "test":
        return one.test.code
    if name == "approximate":
        return "Y" if one.is_approximate else ""
    if one.within_cv is not None and name in LIMITS:
        return ""
    value = getattr(one, name)
    return "" if value is None else str(_plain(value))


def _page(
    request: SignedRequest, found: Test, form: LimitsForm, stating: AllowableForm | None = None
) -> HttpResponse:
    may_read, today = request.actor.may("read_audit"), request.place.day_of(timezone.now())
    stated = AllowableError.objects.filter(test=found).order_by("is_shipped", "-since")
    context = {
        "test": found,
        "form": form,
        "stating": stating or AllowableForm(initial={"since": today}, auto_id="allow_%s"),
        "allowed": allowable_errors([found.pk], on=today).get(found.pk),
        "stated": stated,
        "may_change": request.actor.may("approve_catalogue"),
        "section": sections_by_code().get(found.section),
        "intervals": ReferenceInterval.objects.filter(test=found).order_by("sex", "age_from_days", "id"),
        "panels": Panel.objects.filter(members__contains=[found.code]).order_by("code"),
        "history": named(changes(table="test", row_id=found.pk, limit=20)) if may_read else [],
    }
    return render(
        request,
        "setup/test.html",
        context,
        status=422 if form.errors or (stating and stating.errors) else 200,
    )


def _plain(value: object) -> object:
    """A decimal without the zeros that the column adds."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
