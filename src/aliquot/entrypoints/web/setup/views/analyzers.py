"""Analyzers of this laboratory, and what their codes mean."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.setup.forms import AnalyzerForm, InstallForm, MappingForm
from aliquot.entrypoints.web.setup.lines import lines_of
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.flow.instruments import actions
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import analyzer_states, proposals_for
from aliquot.flow.instruments.rules.driver import load
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test


@needs("manage_instruments")
def analyzers(request: SignedRequest) -> HttpResponse:
    """The analyzers of this laboratory; a form that connects another one."""
    form = InstallForm(request.POST or None, site=request.place)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.install_analyzer(**form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The analyzer is connected. Confirm what its codes mean."))
            return redirect("setup:analyzer", made.code)
    since = timezone.now() - timedelta(hours=24)
    lines = lines_of(request.place.pk, at=timezone.now())
    states = [(one, lines[one.code]) for one in analyzer_states(request.place.pk, since=since)]
    context = {"states": states, "form": form}
    return render(request, "setup/analyzers.html", context, status=422 if form.errors else 200)


@needs("manage_instruments")
def analyzer(request: SignedRequest, code: str) -> HttpResponse:
    """One analyzer: its port and switches, the meaning of its codes, what its driver proposes."""
    found = _analyzer(request, code)
    form = AnalyzerForm(request.POST or None, initial=_facts(found))
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        reason = given.pop("reason")
        facts = actions.AnalyzerFacts(**given)
        try:
            actions.change_analyzer(found, facts, reason=reason, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The analyzer is changed."))
            return redirect("setup:analyzer", code)
    return _page(request, found, form=form)


@require_POST
@needs("manage_instruments")
def map_code(request: SignedRequest, code: str) -> HttpResponse:
    """What one code means."""
    found, form = _analyzer(request, code), MappingForm(request.POST, auto_id="mapping-%s")
    if form.is_valid():
        try:
            actions.set_mapping(found, **form.cleaned_data, by=request.actor, at=timezone.now())
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The code is mapped."))
            return redirect("setup:analyzer", code)
    return _page(request, found, mapping=form)


@require_POST
@needs("manage_instruments")
def unmap_code(request: SignedRequest, code: str) -> HttpResponse:
    """A code means nothing any more."""
    found = _analyzer(request, code)
    try:
        actions.remove_mapping(
            found,
            request.POST.get("code", ""),
            reason=request.POST.get("reason", ""),
            by=request.actor,
            at=timezone.now(),
        )
    except Refused as fault:
        return _page(request, found, fault=fault)
    messages.success(request, _("The code is no longer mapped; what comes under it waits for a person."))
    return redirect("setup:analyzer", code)


@require_POST
@needs("manage_instruments")
def accept(request: SignedRequest, code: str) -> HttpResponse:
    """The chosen proposals of the driver."""
    found = _analyzer(request, code)
    chosen = request.POST.getlist("codes")
    count = actions.accept_proposals(found, chosen, by=request.actor, at=timezone.now())
    words = ngettext("%(count)d code is mapped.", "%(count)d codes are mapped.", count)
    messages.success(request, words % {"count": count})
    return redirect("setup:analyzer", code)


def _analyzer(request: SignedRequest, code: str) -> Analyzer:
    own = Analyzer.objects.select_related("bench__department").filter(laboratory=request.place)
    return get_object_or_404(own, code=code)


def _facts(found: Analyzer) -> dict[str, Any]:
    return {name: getattr(found, name) for name in actions.AnalyzerFacts.__slots__}


def _page(
    request: SignedRequest,
    found: Analyzer,
    *,
    form: AnalyzerForm | None = None,
    mapping: MappingForm | None = None,
    fault: Refused | None = None,
) -> HttpResponse:
    lines = lines_of(request.place.pk, at=timezone.now(), analyzer_id=found.pk)
    context = {
        "analyzer": found,
        "line": lines[found.code],
        "driver": load(found.driver),
        "form": form or AnalyzerForm(initial=_facts(found)),
        "mapping_form": mapping or MappingForm(auto_id="mapping-%s"),
        "mappings": found.mappings.select_related("test__container").order_by("code"),
        "proposals": proposals_for(found),
        "tests": Test.objects.order_by("code"),
        "fault": fault,
    }
    is_refused = fault or mapping or (form and form.errors)
    return render(request, "setup/analyzer.html", context, status=422 if is_refused else 200)
