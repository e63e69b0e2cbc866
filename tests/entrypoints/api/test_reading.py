"""Reports by FHIR: true to what was released, valid R4, and only for those whose it is."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient as FhirPatient
from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.specimen import Specimen as FhirSpecimen

from aliquot.flow.orders.models import Order
from aliquot.flow.reports.actions import release_reports
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import AccessEntry
from tests.entrypoints.api.clients import System
from tests.factories import NOW, make_order
from tests.flow.reports.released import amend, release
from tests.regions import Region


@pytest.fixture
def system(region: Region) -> System:
    return System("mis-r", region.clinic)


def body(response: Any) -> Any:
    assert response.status_code == 200, response.content
    return orjson.loads(response.content)


def reported(region: Region, *, at: Any = NOW, value: str = "5.40") -> Order:
    order = make_order(region, "GLUS", external_system="urn:mis", external_number=f"N{at:%H%M%S}{value}")
    release(region, order, "GLUS", value)
    release_reports([order.pk], by=region.worker, at=at)
    return order


def test_a_report_and_its_observation_say_what_was_released(region: Region, system: System) -> None:
    order = reported(region)
    report = body(system.get(f"DiagnosticReport/{order.pk}"))
    DiagnosticReport.model_validate(report)
    assert (report["status"], report["meta"]["versionId"]) == ("final", "1")
    [reference] = report["result"]
    response = system.get(reference["reference"])
    observation = body(response)
    Observation.model_validate(observation)
    assert b'"value":5.40,' in response.content
    quantity = observation["valueQuantity"]
    assert (quantity["unit"], quantity["system"], quantity["code"]) == (
        "mmol/L",
        "http://unitsofmeasure.org",
        "mmol/L",
    )
    assert observation["status"] == "final"
    assert observation["code"]["coding"][0] == {"system": "http://loinc.org", "code": "14749-6"}
    [interpretation] = observation["interpretation"]
    assert interpretation["coding"][0]["code"] == "N"
    assert observation["referenceRange"][0]["low"]["value"] == 4.1


def test_every_reference_of_a_report_leads_somewhere(region: Region, system: System) -> None:
    order = reported(region)
    report = body(system.get(f"DiagnosticReport/{order.pk}"))
    FhirPatient.model_validate(body(system.get(report["subject"]["reference"])))
    ServiceRequest.model_validate(body(system.get(report["basedOn"][0]["reference"])))
    observation = body(system.get(report["result"][0]["reference"]))
    FhirSpecimen.model_validate(
        body(system.get(observation["specimen"]["reference"]))
    ) if "specimen" in observation else None
    for form in report["presentedForm"]:
        document = system.get(form["url"])
        assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")
        assert document.content.startswith(b"%PDF")


def test_a_correction_is_a_new_version_that_names_the_earlier_value(region: Region, system: System) -> None:
    order = make_order(region, "GLUS")
    first = release(region, order, "GLUS", "4.20")
    release_reports([order.pk], by=region.worker, at=NOW)
    amend(region, first, "7.70", "wrong position")
    release_reports([order.pk], by=region.worker, at=NOW + timedelta(hours=1))
    report = body(system.get(f"DiagnosticReport/{order.pk}"))
    assert (report["status"], report["meta"]["versionId"]) == ("corrected", "2")
    observation = body(system.get(report["result"][0]["reference"]))
    assert observation["status"] == "corrected"
    assert observation["valueQuantity"]["value"] == 7.7
    assert "4.20 mmol/L" in observation["note"][0]["text"]


def test_reports_are_found_by_what_a_client_knows(region: Region, system: System) -> None:
    order = reported(region)
    other = reported(region, at=NOW + timedelta(hours=2), value="6.00")
    found: dict[str, list[str]] = {}
    for query in (
        {"identifier": f"urn:mis|{order.external_number}"}, {"identifier": order.number},
        {"identifier": f"urn:aliquot:order|{order.number}"}, {"patient": f"Patient/{order.patient_id}"},
        {"based-on": f"ServiceRequest/{order.pk}-GLUS"}, {"_id": str(order.pk)},
        {"_lastUpdated": f"lt{NOW + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"},
    ):  # fmt: skip
        answer = body(system.get("DiagnosticReport", **query))
        Bundle.model_validate(answer)
        found[str(query)] = [one["resource"]["id"] for one in answer.get("entry", ())]
    assert all(ids == [str(order.pk)] for ids in found.values()), found
    later = body(
        system.get("DiagnosticReport", _lastUpdated=f"ge{NOW + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}")
    )
    assert [one["resource"]["id"] for one in later["entry"]] == [str(other.pk)]
    none = body(system.get("DiagnosticReport", **{"based-on": f"{order.pk}-K"}))
    assert none["total"] == 0


def test_pages_follow_each_other_without_gap_or_repeat(region: Region, system: System) -> None:
    orders = [reported(region, at=NOW + timedelta(minutes=n)) for n in range(5)]
    url, seen = "/fhir/DiagnosticReport?_count=2&_include=DiagnosticReport:result", []
    while url:
        answer = body(system.client.get(url))
        assert answer["total"] == 5
        seen += [one["resource"]["id"] for one in answer["entry"] if one["search"]["mode"] == "match"]
        included = [one for one in answer["entry"] if one["search"]["mode"] == "include"]
        assert all(one["resource"]["resourceType"] == "Observation" for one in included)
        assert included
        url = next((link["url"] for link in answer["link"] if link["relation"] == "next"), "")
    assert seen == [str(order.pk) for order in orders]


def test_another_clinics_system_finds_nothing(region: Region, system: System) -> None:
    order = reported(region)
    report = body(system.get(f"DiagnosticReport/{order.pk}"))
    other = System("mis-other", region.other_clinic)
    assert body(other.get("DiagnosticReport"))["total"] == 0
    ways = [f"DiagnosticReport/{order.pk}", report["subject"]["reference"], report["basedOn"][0]["reference"],
            report["result"][0]["reference"], *(form["url"] for form in report["presentedForm"])]  # fmt: skip
    assert [other.get(way).status_code for way in ways] == [404] * len(ways)


def test_every_look_at_a_patient_is_kept(region: Region, system: System) -> None:
    order = reported(region)
    system.get(f"DiagnosticReport/{order.pk}")
    system.get("DiagnosticReport")
    system.get(f"Patient/{order.patient_id}")
    with acting(region.worker):
        entries = AccessEntry.objects.filter(patient_id=order.patient_id, actor__endswith="mis-r")
        assert sorted(entries.values_list("what", flat=True)) == [
            "fhir DiagnosticReport", "fhir DiagnosticReport", "fhir Patient",
        ]  # fmt: skip
