"""A study planned: its kind, what is on trial and in use, what will be acceptable; a table to fill."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.allowed import proposal_for
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.studies.forms import PlanForm, plan_initial, proposed_limits
from aliquot.entrypoints.web.quality.studies.views.reading import READERS, study_here
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.foundation.errors import Refused
from aliquot.foundation.naming import is_russian
from aliquot.oversight.studies.actions import plan_study
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.oversight.studies.queries import studies_seen
from aliquot.oversight.studies.rules.outline import OUTLINES, Outline
from aliquot.oversight.studies.rules.outline import template as table_to_fill

COPIED = ("title", "test", "unit", "method", "compared_method")


@needs("run_study")
def kinds(request: SignedRequest) -> HttpResponse:
    """Which kinds of study there are, and what each needs."""
    rows = [
        (name, _(one.name), _(one.about), [_column(c.name, c.label) for c in one.columns])
        for name, one in OUTLINES.items()
    ]
    return quality_page(request, "quality/studies/kinds.html", {"rows": rows}, tab="studies")


@needs("run_study")
def plan(request: SignedRequest, kind: str) -> HttpResponse:
    """The plan of a study; of a new version of an earlier one with ?after=."""
    outline, before = _outline(kind), _before(request)
    asked = request.GET.get("test", "")
    test = int(asked) if asked.isdigit() else None
    proposal = proposal_for(test, request.place.day_of(timezone.now()))
    initial = _copied(before) if before else {"test": test, **proposed_limits(proposal)}
    form = PlanForm(outline, request.place, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = plan_study(
                request.place, form.planned(kind), supersedes=before, by=request.actor, at=timezone.now()
            )
        except Refused as fault:
            tell_refusal(form, fault)
        else:
            messages.success(request, _("The plan is kept. Give the measurements now."))
            return redirect("quality:study", made.pk)
    context = {
        "form": form,
        "kind": kind,
        "name": _(outline.name),
        "about": _(outline.about),
        "before": before,
        "proposal": proposal,
    }
    status = 422 if form.errors else 200
    return quality_page(request, "quality/studies/plan.html", context, tab="studies", status=status)


@needs("run_study")
def blank(request: SignedRequest, kind: str) -> HttpResponse:  # noqa: ARG001 - every view takes the request
    """A table of this kind to fill."""
    return _file(table_to_fill(_outline(kind), {}, delimiter=_delimiter()), f"{kind}.csv")


@needs(*READERS)
def template(request: SignedRequest, pk: int) -> HttpResponse:
    """The table of a study to fill, with its plan on top."""
    found = study_here(request, pk)
    text = table_to_fill(OUTLINES[found.kind], found.plan, delimiter=_delimiter())
    return _file(text, f"{found.kind}-{found.number}-{found.version}.csv")


def _outline(kind: str) -> Outline:
    try:
        return OUTLINES[kind]
    except KeyError:
        raise Http404 from None


def _before(request: SignedRequest) -> EvaluationStudy | None:
    after = request.GET.get("after", "")
    return get_object_or_404(studies_seen(), pk=after, laboratory=request.place) if after.isdigit() else None


def _copied(before: EvaluationStudy | None) -> dict[str, object]:
    if before is None:
        return {}
    analyzers = {
        name: one.code for name in ("analyzer", "compared") if (one := getattr(before, name)) is not None
    }
    return {**{name: getattr(before, name) for name in COPIED}, **analyzers, **plan_initial(before.plan)}


def _column(name: str, label: str) -> tuple[str, str]:
    return name, _(label)


def _delimiter() -> str:
    """As spreadsheets of the language expect it."""
    return ";" if is_russian() else ","


def _file(text: str, name: str) -> HttpResponse:
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return answer
