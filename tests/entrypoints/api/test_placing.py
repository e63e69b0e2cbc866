"""Orders by FHIR: all or nothing, once, and every refusal in words."""

from typing import Any

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aliquot.flow.exchange.actions import place_bundle
from aliquot.flow.exchange.models import InboundDocument
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.patients.models import Patient
from tests.entrypoints.api.clients import System
from tests.factories import NOW
from tests.flow.exchange.bundles import (
    as_bytes,
    changed,
    make_bundle,
    make_entry,
    make_patient_resource,
    make_request,
)
from tests.flow.exchange.test_bundle import JSON, PLACES, mutated
from tests.regions import Region

Rows = tuple[int, int, int, int]


@pytest.fixture
def system(region: Region) -> System:
    return System("mis-a", region.clinic)


def everywhere(region: Region) -> Actor:
    """A process that sees the rows of every place."""
    return system_actor("test", frozenset(site.pk for site in region.sites.values()))


def rows(region: Region) -> Rows:
    with acting(everywhere(region)):
        return (
            Order.objects.count(),
            OrderItem.objects.count(),
            Specimen.objects.count(),
            Patient.objects.count(),
        )


def body(response: Any) -> Any:
    assert response["Content-Type"].startswith("application/fhir+json")
    return orjson.loads(response.content)


def test_a_bundle_becomes_an_order_with_tubes(region: Region, system: System) -> None:
    response = system.post(make_bundle(make_request("GLUS", priority="stat")))
    answer = body(response)
    assert response.status_code == 200, answer
    Bundle.model_validate(answer)
    assert [one["response"]["status"] for one in answer["entry"]] == ["201 Created", "200 OK", "201 Created"]
    with acting(region.worker):
        order = Order.objects.get()
        assert (order.urgency, order.requester, order.external_number) == ("S", "Врачев Виктор", "MO1-000123")
        assert order.placed_by == f"person:{system.person.pk}:mis-a"
        assert order.specimens.count() == 1
    assert answer["entry"][2]["response"]["location"] == f"ServiceRequest/{order.pk}-GLUS"
    assert answer["entry"][2]["resource"]["requisition"]["value"] == order.number
    assert answer["entry"][0]["response"]["location"] == f"Patient/{order.patient_id}"


def test_the_same_bundle_again_gives_the_same_order(region: Region, system: System) -> None:
    first = body(system.post(make_bundle()))
    before = rows(region)
    response = system.post(make_bundle())
    again = body(response)
    assert response.status_code == 200
    assert rows(region) == before
    assert [one["response"]["status"] for one in again["entry"]] == ["200 OK"] * 3
    assert [one["response"].get("location") for one in again["entry"]] == [
        one["response"].get("location") for one in first["entry"]
    ]


def test_the_same_number_for_something_else_is_a_conflict(region: Region, system: System) -> None:
    system.post(make_bundle(make_request("GLUS")))
    before = rows(region)
    response = system.post(make_bundle(make_request("K")))
    assert (response.status_code, body(response)["issue"][0]["code"]) == (409, "conflict")
    assert rows(region) == before


def test_the_document_is_kept_as_it_came_whatever_becomes_of_it(region: Region, system: System) -> None:
    content = b'{"resourceType": "Bundle", "oops'
    assert system.post(content).status_code == 400
    system.post(make_bundle())
    with acting(everywhere(region)):
        refused, applied = InboundDocument.objects.order_by("id")
        assert (bytes(refused.content), refused.state) == (content, "refused")
        assert refused.outcome["resourceType"] == "OperationOutcome"
        assert (applied.state, applied.order_id) == ("applied", Order.objects.get().pk)


def test_a_patient_known_by_number_and_birth_date_is_found_again(region: Region, system: System) -> None:
    first = body(system.post(make_bundle()))
    second = body(system.post(make_bundle(make_request(identifier=[{"value": "other"}]))))
    assert second["entry"][0]["response"]["status"] == "200 OK"
    assert second["entry"][0]["response"]["location"] == first["entry"][0]["response"]["location"]
    other = make_patient_resource(name=[{"family": "Иная", "given": ["Анна"]}])
    third = body(system.post(make_bundle(make_request(identifier=[{"value": "third"}]), patient=other)))
    warned = third["entry"][0]["response"]["outcome"]["issue"][0]
    assert (warned["severity"], warned["expression"]) == ("warning", ["Bundle.entry[0].resource.name"])


@pytest.mark.parametrize(
    ("path", "value", "status"),
    [
        ("entry.2.resource.status", "finished", 400),
        ("entry.2.resource.code", {"coding": [{"system": "http://loinc.org", "code": "1-8"}]}, 422),
        ("entry.0.resource.birthDate", "2999-01-01", 422),
        ("entry.2.resource.subject", {"reference": "Patient/999999999"}, 422),
        ("entry.0.resource.name", [{"family": "Безымянная"}], 422),
    ],
)
def test_a_refused_bundle_leaves_no_row(
    region: Region, system: System, path: str, value: Any, status: int
) -> None:
    before = rows(region)
    response = system.post(changed(path, value))
    answer = body(response)
    assert response.status_code == status, answer
    OperationOutcome.model_validate(answer)
    assert answer["issue"][0]["expression"][0].startswith("Bundle.entry[")
    assert rows(region) == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(way=st.sampled_from(PLACES), value=JSON)
def test_no_mutation_breaks_the_server_or_leaves_half_an_order(
    region: Region, way: tuple[Any, ...], value: Any
) -> None:
    integration = next(one for one in region.people.values() if "integration" in one.roles)
    site = next(one for one in region.sites.values() if one.pk in integration.sites)
    before = rows(region)

    placed = place_bundle(as_bytes(mutated(way, value)), site=site, by=integration, at=NOW)
    after = rows(region)
    if placed.order is None or not placed.is_new:
        assert after == before
    else:
        assert after[0] == before[0] + 1
        assert after[2] > before[2]


def test_a_patient_of_another_clinic_is_claimed_by_number_and_birth_date_and_by_nothing_less(
    region: Region, system: System
) -> None:
    first = body(system.post(make_bundle()))["entry"][0]["response"]["location"]
    other = System("mis-elsewhere", region.other_clinic)
    assert other.get(first).status_code == 404
    wrong_day = make_patient_resource(birthDate="1985-03-16")
    second = body(other.post(make_bundle(make_request(identifier=[{"value": "1"}]), patient=wrong_day)))
    assert second["entry"][0]["response"]["location"] != first
    assert other.get(first).status_code == 404
    third = body(other.post(make_bundle(make_request(identifier=[{"value": "2"}]))))
    assert third["entry"][0]["response"]["location"] == first
    assert other.get(first).status_code == 200


def test_what_is_not_read_is_said_so_in_the_answer(region: Region, system: System) -> None:
    bundle = make_bundle()
    bundle["entry"].append(make_entry({"resourceType": "Specimen"}, "urn:uuid:tube"))
    answer = body(system.post(bundle))
    said = answer["entry"][3]["response"]["outcome"]["issue"][0]
    assert (said["severity"], "not read" in said["diagnostics"]) == ("information", True)
