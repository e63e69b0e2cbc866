"""The addresses below /fhir/."""

from importlib.metadata import version

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from aliquot.entrypoints.api.callers import Caller
from aliquot.entrypoints.api.endpoints import answer, endpoint, guarded
from aliquot.entrypoints.api.problems import not_found, problem
from aliquot.entrypoints.api.searches import read_search, wants_results
from aliquot.entrypoints.api.searchset import searchset
from aliquot.flow.exchange.actions import place_bundle
from aliquot.flow.exchange.queries.reports import find_reports, page_of, report_of_item
from aliquot.flow.exchange.queries.resources import patient_facts, request_resources, specimen_facts
from aliquot.flow.exchange.rules.capability import capability_statement
from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observation
from aliquot.flow.exchange.rules.searching import read_key, read_request_key
from aliquot.flow.exchange.rules.strict_json import MOST_BYTES
from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import render_document
from aliquot.flow.reports.models import Report
from aliquot.flow.reports.queries import latest_reports
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.registers.patients.actions import note_access
from aliquot.registers.patients.models import Patient


@csrf_exempt
def metadata(request: HttpRequest) -> HttpResponse:
    """What the server can do; the one address that asks nobody's name."""
    base = request.build_absolute_uri(reverse("fhir-base")).rstrip("/")
    if request.method not in ("GET", "HEAD"):
        return guarded(_refuse_method)
    return answer(capability_statement(base=base, version=version("aliquot")))


def place_order(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A transaction Bundle: one order of one patient, or every reason why there is none."""
    if len(request.body) > MOST_BYTES:
        raise problem(
            413, "too-long", f"The document has {len(request.body)} bytes.", f"Send at most {MOST_BYTES}."
        )
    placed = place_bundle(request.body, site=caller.site, by=caller.actor, at=timezone.now())
    if placed.order is not None:
        return answer(placed.answer)
    return answer(placed.answer, 409 if placed.is_conflict else 422 if placed.is_understood else 400)


def read_report(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    with acting(caller.actor):
        report = latest_reports().filter(order_id=read_key(key, "") or 0).first()
        if report is None:
            raise not_found("DiagnosticReport", key)
        _note(caller, report.patient_id, "DiagnosticReport")
        return answer(diagnostic_report(report.content, report_id=report.pk))


def search_reports(request: HttpRequest, caller: Caller) -> HttpResponse:
    search = read_search(request.GET)
    with acting(caller.actor):
        found = find_reports(search)
        page, following = page_of(found, search)
        note_access(
            (one.patient_id for one in page), "fhir DiagnosticReport", by=caller.actor, at=timezone.now()
        )
        total = found.count()
    return answer(searchset(request, page, total, following, with_results=wants_results(request.GET)))


def read_observation(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    with acting(caller.actor):
        item_id = read_key(key, "") or 0
        report = report_of_item(item_id)
        found = observation(report.content, item_id) if report else None
        if report is None or found is None:
            raise not_found("Observation", key)
        _note(caller, report.patient_id, "Observation")
        return answer(found)


def read_request(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    order_id, code = read_request_key(key) or (0, "")
    with acting(caller.actor):
        order = Order.objects.filter(pk=order_id).first()
        found = request_resources(order, [code]).get(code) if order else None
        if order is None or found is None:
            raise not_found("ServiceRequest", key)
        _note(caller, order.patient_id, "ServiceRequest")
        return answer(found)


def read_patient(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    with acting(caller.actor):
        patient = Patient.objects.filter(pk=read_key(key, "") or 0).first()
        if patient is None:
            raise not_found("Patient", key)
        _note(caller, patient.pk, "Patient")
        return answer(patient_facts(patient))


def read_specimen(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    with acting(caller.actor):
        found = Specimen.objects.select_related("order", "specimen_type").filter(pk=read_key(key, "") or 0)
        specimen = found.first()
        if specimen is None:
            raise not_found("Specimen", key)
        _note(caller, specimen.order.patient_id, "Specimen")
        return answer(specimen_facts(specimen))


def read_document(request: HttpRequest, caller: Caller, key: str) -> HttpResponse:  # noqa: ARG001 - one shape
    number, _, language = key.partition("-")
    with acting(caller.actor):
        report = Report.objects.filter(pk=read_key(number, "") or 0).first()
        if report is None or language not in ("en", "ru"):
            raise not_found("Binary", key)
        _note(caller, report.patient_id, "Binary")
        return HttpResponse(render_document(report, language), content_type="application/pdf")


def refuse_unknown(request: HttpRequest, caller: Caller, rest: str = "") -> HttpResponse:  # noqa: ARG001 - one shape
    raise problem(404, "not-supported", f"There is nothing at {rest!r}.", "See /fhir/metadata.")


def _refuse_method() -> HttpResponse:
    raise problem(405, "not-supported", "Only GET is done here.", "Use GET.", Allow="GET")


def _note(caller: Caller, patient_id: int, what: str) -> None:
    note_access([patient_id], f"fhir {what}", by=caller.actor, at=timezone.now())


base = endpoint(POST=place_order)
report = endpoint(GET=read_report)
reports = endpoint(GET=search_reports)
observation_view = endpoint(GET=read_observation)
service_request = endpoint(GET=read_request)
patient = endpoint(GET=read_patient)
specimen = endpoint(GET=read_specimen)
document = endpoint(GET=read_document)
unknown = endpoint(**dict.fromkeys(("GET", "PUT", "PATCH", "DELETE"), refuse_unknown))
