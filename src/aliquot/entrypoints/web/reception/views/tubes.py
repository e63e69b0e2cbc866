"""One tube: its condition, its tests, its journey; what is decided about it."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aliquot.entrypoints.web.reception.forms import ConditionForm, RejectForm, TestsForm
from aliquot.entrypoints.web.reception.views.boxes import condition_keys
from aliquot.entrypoints.web.reception.words import Answer
from aliquot.entrypoints.web.shell.access import SignedRequest, needs, tell_refusal
from aliquot.entrypoints.web.shell.journeys import steps_of
from aliquot.entrypoints.web.shell.scans import answer_scan
from aliquot.flow.specimens import actions
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.specimens.queries import find_specimen, journey, tests_of, tube_rows
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.queries import rejection_reasons
from aliquot.registers.patients.actions import note_access

DECIDABLE = frozenset({"pending", "held", "accepted"})


@needs("accept_specimen", "view_specimen")
def tube(request: SignedRequest, number: str) -> HttpResponse:
    """The tube as a page, or as the part beside a list."""
    return _show(request, _specimen(number))


@require_POST
@needs("accept_specimen")
def find(request: SignedRequest) -> HttpResponse:
    """The scanned tube's own page."""
    number = request.POST.get("barcode", "").strip()
    found = find_specimen(number)
    page = reverse("reception:tube", args=[found.number]) if found else ""
    words = _("Found") if found else _("Unknown number. Scan it again; if it stays unknown, put it aside.")
    answer = Answer(number, "ok" if found else "problem", words)
    return answer_scan(
        request,
        "reception/_scanned.html",
        {"answer": answer},
        outcome=answer.outcome,
        text=words,
        follow=page,
    )


@require_POST
@needs("reject_specimen")
def condition(request: SignedRequest, number: str) -> HttpResponse:
    """Note a condition, or take it back."""
    specimen, form = _specimen(number), ConditionForm(request.POST)
    noted = set(specimen.condition) ^ ({form.cleaned_data["code"]} if form.is_valid() else set())
    fault = _try(lambda: actions.note_condition(specimen, noted, by=request.actor, at=timezone.now()))
    if request.GET.get("in") != "hand":
        return _show(request, _specimen(number), fault=fault)
    row = tube_rows([specimen.number])[0]
    context = {"row": row, "conditions": condition_keys(row.conditions), "fault": fault}
    return render(request, "reception/_in_hand.html", context, status=422 if fault else 200)


@require_POST
@needs("reject_specimen")
def reject(request: SignedRequest, number: str) -> HttpResponse:
    """Reject the chosen tests with a coded reason."""
    specimen = _specimen(number)
    form = RejectForm(request.POST, codes=_codes(specimen))
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.reject_tests(
                specimen,
                given["tests"],
                given["reason_code"],
                given["note"],
                by=request.actor,
                at=timezone.now(),
            )
        except Refused as fault:
            tell_refusal(form, fault)
    return _show(request, _specimen(number), form=form if form.errors else None)


@require_POST
@needs("concede_specimen")
def concede(request: SignedRequest, number: str) -> HttpResponse:
    """Let the chosen tests be measured although they were held or rejected; the note says why."""
    specimen = _specimen(number)
    form = TestsForm(request.POST, codes=_codes(specimen))
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.accept_tests(
                specimen, given["tests"], note=given["note"], by=request.actor, at=timezone.now()
            )
        except Refused as fault:
            tell_refusal(form, fault)
    return _show(request, _specimen(number), form=form if form.errors else None)


@require_POST
@needs("reject_specimen")
def recollect(request: SignedRequest, number: str) -> HttpResponse:
    """Another tube for what was rejected here, or for all of a tube that is missing."""
    specimen = _specimen(number)
    items = [one.order_item for one in tests_of(specimen) if _is_lost(specimen, one)]
    fault = _try(lambda: actions.request_recollection(items, by=request.actor, at=timezone.now()))
    return _show(request, _specimen(number), fault=fault)


def _try(action: Callable[[], object]) -> Refused | None:
    try:
        action()
    except Refused as fault:
        return fault
    return None


def _is_lost(specimen: Specimen, one: SpecimenTest) -> bool:
    is_gone = specimen.state == Specimen.State.MISSING or one.state == SpecimenTest.State.REJECTED
    return is_gone and one.order_item.state == "open"


def _specimen(number: str) -> Specimen:
    found = find_specimen(number)
    if found is None:
        raise Http404
    return found


def _codes(specimen: Specimen) -> list[str]:
    return [one.test.code for one in tests_of(specimen)]


def _show(
    request: SignedRequest,
    specimen: Specimen,
    *,
    form: TestsForm | None = None,
    fault: Refused | None = None,
) -> HttpResponse:
    tests = list(tests_of(specimen))
    note_access([specimen.order.patient_id], "reception: tube", by=request.actor, at=timezone.now())
    replacement = Specimen.objects.filter(replaces=specimen).order_by("-id").first()
    context: dict[str, Any] = {
        "specimen": specimen,
        "tests": tests,
        "form": form or RejectForm(codes=[one.test.code for one in tests]),
        "chosen": request.POST.getlist("tests") if form else _preset(tests),
        "fault": fault,
        "reasons": rejection_reasons().values(),
        "noted": [one for one in rejection_reasons().values() if one.code in specimen.condition],
        "conditions": condition_keys(list(specimen.condition)),
        "steps": steps_of(journey(specimen)),
        "replacement": replacement,
        "can_recollect": replacement is None and any(_is_lost(specimen, one) for one in tests),
        "can_reject": any(one.state in DECIDABLE for one in tests),
        "can_concede": any(one.state in {"held", "rejected"} for one in tests),
        "may_concede": request.actor.may("concede_specimen"),
        "may_reject": request.actor.may("reject_specimen"),
    }
    part = "reception/_tube.html" if request.headers.get("HX-Request") else "reception/tube.html"
    return render(request, part, context, status=422 if fault or (form and form.errors) else 200)


def _preset(tests: list[SpecimenTest]) -> list[str]:
    return [one.test.code for one in tests if one.state == SpecimenTest.State.HELD]
