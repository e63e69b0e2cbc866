"""Studies read: the list, one study with its decision first, suppliers side by side, data and the report."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header

from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.studies import words
from aliquot.entrypoints.web.quality.studies.forms import (
    AbandonForm,
    FileForm,
    GatherForm,
    SignForm,
    SupplyForm,
)
from aliquot.entrypoints.web.shell.access import SignedRequest, local_clock, needs
from aliquot.foundation.naming import is_russian
from aliquot.oversight.studies.actions import digest_to_sign, is_silent
from aliquot.oversight.studies.documents.wording import sentence
from aliquot.oversight.studies.models import EvaluationStudy, StudyData, SupplyRecord
from aliquot.oversight.studies.queries import (
    beside,
    data_of,
    document_of,
    patients_in,
    studies_of,
    studies_seen,
    suppliers,
    supply_of,
)
from aliquot.oversight.studies.rules.outline import CONTROLS, OUTLINES
from aliquot.registers.patients.actions import note_access
from aliquot.registers.people.queries import name_of, names_of

READERS = ("run_study", "sign_study", "manage_quality", "read_indicators")
WAITING = ("queued", "running")
USUAL = timedelta(days=30)


@needs(*READERS)
def studies(request: SignedRequest) -> HttpResponse:
    """Every study of this laboratory, the newest first."""
    found = list(studies_of(request.place.pk))
    planners = names_of({one.planned_by for one in found})
    rows = [
        (
            one,
            words.kind_name(one.kind),
            words.state_said(one),
            words.decision_said(one),
            planners[one.planned_by].name,
        )
        for one in found
    ]
    context = {"rows": rows, "may": request.actor.permissions}
    return quality_page(request, "quality/studies/home.html", context, tab="studies")


@needs(*READERS)
@local_clock
def study(request: SignedRequest, pk: int) -> HttpResponse:
    """One study: what it decided and why, then what it rests on and what may be done with it."""
    return study_page(request, study_here(request, pk))


@needs(*READERS)
def progress(request: SignedRequest, pk: int) -> HttpResponse:
    """Whether it is still being evaluated; the whole page when that is over."""
    found = study_here(request, pk)
    if found.state not in WAITING:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "quality/studies/_progress.html", _waiting(found))


@needs(*READERS)
def supplies(request: SignedRequest) -> HttpResponse:
    """Local products beside those in use: supplier, registration, price, what the study decided."""
    rows = [(one, _sides(one), words.decision_said(one)) for one in suppliers(request.place.pk)]
    return quality_page(request, "quality/studies/supplies.html", {"rows": rows}, tab="studies")


@needs(*READERS)
def data(request: SignedRequest, pk: int, data: int) -> HttpResponse:
    """A file as it was given."""
    kept = get_object_or_404(StudyData, pk=data, study=study_here(request, pk))
    note_access(patients_in(kept), "study: data", by=request.actor, at=timezone.now())
    disposition = content_disposition_header(as_attachment=True, filename=kept.name) or "attachment"
    answer = HttpResponse(bytes(kept.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = disposition
    return answer


@needs(*READERS)
def report(request: SignedRequest, pk: int, language: str) -> HttpResponse:
    """The signed report."""
    found = document_of(study_here(request, pk).pk, language)
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="study-{pk}-{language}.pdf"'
    return answer


def study_here(request: SignedRequest, pk: int) -> EvaluationStudy:
    """A study of the laboratory where the person works."""
    return get_object_or_404(studies_seen(), pk=pk, laboratory=request.place)


def study_page(request: SignedRequest, found: EvaluationStudy, **forms: Form) -> HttpResponse:
    """The page of a study; forms that were refused stand on it with their reasons."""
    outline, supply, may = OUTLINES[found.kind], supply_of(found.pk), request.actor.permissions
    given = data_of(found.pk)
    givers = names_of({one.by for one in given})
    context = {
        **_waiting(found),
        **_facts(found),
        "may": may,
        "outline": outline,
        "is_gathered": bool(outline.gathers) and found.analyzer_id is not None and found.test_id is not None,
        "is_of_controls": outline.gathers == CONTROLS,
        "is_open": found.state not in {"signed", "abandoned"},
        "data": [(one, givers[one.by].name) for one in given],
        "other_language": "en" if is_russian() else "ru",
        "supply": _supply_forms(found, supply, forms),
        "further": _further(found) if found.kind == "equivalence" else [],
        "file": forms.get("file") or FileForm(),
        "gather": forms.get("gather") or GatherForm(initial=_span()),
        "abandoning": forms.get("abandoning") or AbandonForm(),
        **(_signing(found, forms) if "sign_study" in may else {}),
    }
    status = 422 if any(one.errors for one in forms.values()) else 200
    return quality_page(request, "quality/studies/study.html", context, tab="studies", status=status)


def _sides(found: EvaluationStudy) -> list[tuple[str, SupplyRecord]]:
    """The records of supply of a study: on trial, then in use."""
    return [(one.get_role_display(), one) for one in sorted(found.supply.all(), key=lambda one: one.role)]


def _further(found: EvaluationStudy) -> list[tuple[EvaluationStudy, str, words.Said, words.Said | None]]:
    """What else was studied of what is on trial: a localisation rests on it."""
    return [
        (one, words.kind_name(one.kind), words.state_said(one), words.decision_said(one))
        for one in beside(found)
    ]


def _signing(found: EvaluationStudy, forms: Mapping[str, Form]) -> dict[str, Any]:
    if found.state != "evaluated":
        return {}
    return {"signing": forms.get("signing") or SignForm(initial={"read": digest_to_sign(found)})}


def _waiting(found: EvaluationStudy) -> dict[str, Any]:
    return {
        "study": found,
        "is_waiting": found.state in WAITING,
        "is_silent": is_silent(found, timezone.now()),
    }


def _facts(found: EvaluationStudy) -> dict[str, Any]:
    return {
        "kind": words.kind_name(found.kind),
        "state": words.state_said(found),
        "planned_by": name_of(found.planned_by),
        "plan": words.plan_said(found),
        "found": words.found_said(found.record) if found.record else None,
        "fault": sentence(found.fault) if found.fault else "",
        "next": getattr(found, "successor", None),
    }


def _supply_forms(
    found: EvaluationStudy, supply: Mapping[str, SupplyRecord], forms: Mapping[str, Form]
) -> list[tuple[str, object, Form]]:
    """A form for each side of a localisation, filled with what is recorded."""
    if found.kind != "equivalence":
        return []
    fields = SupplyForm.base_fields
    return [
        (role, label, forms.get(role) or SupplyForm(initial=_initial(supply.get(role), fields), prefix=role))
        for role, label in SupplyRecord.Role.choices
    ]


def _initial(record: SupplyRecord | None, fields: Mapping[str, object]) -> dict[str, object]:
    return {name: getattr(record, name) for name in fields} if record else {}


def _span() -> dict[str, object]:
    now = timezone.now()
    return {"since": now - USUAL, "until": now}
