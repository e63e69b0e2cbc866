"""A study answered for, or given up."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.quality.studies.forms import AbandonForm, SignForm
from aliquot.entrypoints.web.quality.studies.views.giving import done
from aliquot.entrypoints.web.quality.studies.views.reading import study_here
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs
from aliquot.oversight.studies.actions import Signature, abandon_study, sign_study
from aliquot.oversight.studies.models import EvaluationStudy


@require_POST
@needs("sign_study")
@local_clock
def sign(request: SignedRequest, pk: int) -> HttpResponse:
    """Sign a study as it was read; the password is asked again."""
    return done(request, study_here(request, pk), SignForm(request.POST), _sign, "signing")


@require_POST
@needs("run_study")
@local_clock
def abandon(request: SignedRequest, pk: int) -> HttpResponse:
    """Give a study up, with the reason."""
    return done(request, study_here(request, pk), AbandonForm(request.POST), _abandon, "abandoning")


def _sign(request: SignedRequest, found: EvaluationStudy, form: SignForm) -> str:
    given = form.cleaned_data
    signature = Signature(given["meaning"], given["read"], given["conclusion"])
    sign_study(found, signature, password=given["password"], by=request.actor, at=timezone.now())
    return _("The study is signed; its report is ready in both languages.")


def _abandon(request: SignedRequest, found: EvaluationStudy, form: AbandonForm) -> str:
    abandon_study(found, reason=form.cleaned_data["reason"], by=request.actor, at=timezone.now())
    return _("The study is given up.")
