"""Data given to a study, from a file or from analyzers, and the record of a supply."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.studies.forms import FileForm, GatherForm, SupplyForm
from aliquot.entrypoints.web.quality.studies.views.reading import study_here, study_page
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.oversight.studies.actions import gather_data, record_supply, upload_data
from aliquot.oversight.studies.models import EvaluationStudy, SupplyRecord

Work = Callable[[SignedRequest, EvaluationStudy, Any], str]


@require_POST
@needs("run_study")
@local_clock
def upload(request: SignedRequest, pk: int) -> HttpResponse:
    """Take a file; what is wrong in it is named by its cell."""
    return done(request, study_here(request, pk), FileForm(request.POST, request.FILES), _upload, "file")


@require_POST
@needs("run_study")
@local_clock
def gather(request: SignedRequest, pk: int) -> HttpResponse:
    """Take what the analyzers measured."""
    return done(request, study_here(request, pk), GatherForm(request.POST), _gather, "gather")


@require_POST
@needs("run_study")
@local_clock
def supply(request: SignedRequest, pk: int, role: str) -> HttpResponse:
    """Keep the supply of what is on trial, or in use."""
    if role not in SupplyRecord.Role.values:
        raise Http404
    return done(request, study_here(request, pk), SupplyForm(request.POST, prefix=role), _supply, role)


def done(request: SignedRequest, found: EvaluationStudy, form: Form, work: Work, name: str) -> HttpResponse:
    """Do it and show the study again; what was refused stands in the form."""
    if form.is_valid():
        try:
            messages.success(request, work(request, found, form))
            return redirect("quality:study", found.pk)
        except Refused as fault:
            tell_refusal(form, fault)
            found.refresh_from_db()
    return study_page(request, found, **{name: form})


def _upload(request: SignedRequest, found: EvaluationStudy, form: FileForm) -> str:
    file = form.cleaned_data["file"]
    upload_data(found, file.name, file.read(), by=request.actor, at=timezone.now())
    return _("The file is kept and is being evaluated.")


def _gather(request: SignedRequest, found: EvaluationStudy, form: GatherForm) -> str:
    kept = gather_data(found, form.gathered(), by=request.actor, at=timezone.now())
    return _("%(rows)d rows were gathered and are being evaluated.") % {"rows": kept.rows}


def _supply(request: SignedRequest, found: EvaluationStudy, form: SupplyForm) -> str:
    record_supply(found, form.prefix or "", form.supply(), by=request.actor, at=timezone.now())
    return _("The supply is recorded.")
