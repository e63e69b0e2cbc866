"""The catalogue: what can be measured, between which limits, from which source."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.setup.forms import LimitsForm
from aliquot.entrypoints.web.setup.views.audit import named
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.audit.queries import changes
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.actions import DecisionLimits, change_limits
from aliquot.registers.catalogue.models import Panel, ReferenceInterval, Test
from aliquot.registers.catalogue.queries import sections_by_code


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
def test(request: SignedRequest, code: str) -> HttpResponse:
    """One test: its tube, intervals, limits and their sources."""
    found = get_object_or_404(Test.objects.select_related("container", "specimen_type"), code=code)
    names = DecisionLimits.__slots__
    form = LimitsForm(request.POST or None, initial={name: _plain(getattr(found, name)) for name in names})
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


def _page(request: SignedRequest, found: Test, form: LimitsForm) -> HttpResponse:
    may_read = request.actor.may("read_audit")
    context = {
        "test": found,
        "form": form,
        "may_change": request.actor.may("approve_catalogue"),
        "section": sections_by_code().get(found.section),
        "intervals": ReferenceInterval.objects.filter(test=found).order_by("sex", "age_from_days", "id"),
        "panels": Panel.objects.filter(members__contains=[found.code]).order_by("code"),
        "history": named(changes(table="test", row_id=found.pk, limit=20)) if may_read else [],
    }
    return render(request, "setup/test.html", context, status=422 if form.errors else 200)


def _plain(value: object) -> object:
    """A decimal without the zeros that the column adds."""
    return f"{value.normalize():f}" if hasattr(value, "normalize") else value
