"""Our order, patient and specimens as FHIR resources: each element, and none that says nothing."""

from typing import Any

import pytest

from aliquot.flow.exchange.rules.codebook import Orderable
from aliquot.flow.exchange.rules.issues import WARNING, Issue, operation_outcome
from aliquot.flow.exchange.rules.request_facts import AskedEntry
from aliquot.flow.exchange.rules.resources import (
    codings,
    filled,
    patient_resource,
    reference,
    service_request,
    specimen_resource,
    transaction_response,
)

GLUCOSE = Orderable("GLUS", "14749-6", "A09.05.023", "1000")
PLACED = "2026-11-22T05:10:00+00:00"
ORDER: dict[str, Any] = {
    "id": 42, "number": "45-000042", "state": "placed", "urgency": "R", "patient_id": 77, "placed_at": PLACED,
    "changed_at": "2026-11-22T06:00:00+00:00", "requester": "Врачев В.", "diagnosis": "E11.9",
    "external_system": "urn:x", "external_number": "MO1-1",
}  # fmt: skip
PATIENT: dict[str, Any] = {
    "id": 77, "snils": "11223344595", "policy_number": "7700000000000003", "family_name": "Тестова",
    "given_name": "Анна", "patronymic": "Ивановна", "sex": "F", "birth_date": "1985-03-15",
}  # fmt: skip
TUBE: dict[str, Any] = {
    "id": 60, "number": "4500000017", "state": "accepted", "code": "SER", "name": "Serum", "nsi_1081": "208",
    "patient_id": 77, "received_at": "2026-11-22T07:05:00+00:00", "collected_at": "2026-11-22T05:20:00+00:00",
}  # fmt: skip


def test_elements_that_say_nothing_are_left_out_and_zero_says_something() -> None:
    assert filled(a="", b=None, c=[], d={}, e=0, f=False, g="x") == {"e": 0, "f": False, "g": "x"}


def test_a_reference_has_a_display_when_there_is_one() -> None:
    assert reference("Patient", 7) == {"reference": "Patient/7"}
    assert reference("Patient", 7, "Anna") == {"reference": "Patient/7", "display": "Anna"}


def test_a_test_is_coded_in_each_system_that_has_a_code_and_named_in_ours() -> None:
    assert codings(GLUCOSE, "Glucose") == [
        {"system": "http://loinc.org", "code": "14749-6"},
        {"system": "urn:oid:1.2.643.5.1.13.13.11.1070", "code": "A09.05.023"},
        {"system": "urn:oid:1.2.643.5.1.13.13.11.1080", "code": "1000"},
        {"system": "urn:aliquot:test", "code": "GLUS", "display": "Glucose"},
    ]
    assert codings(Orderable("X", "", "")) == [{"system": "urn:aliquot:test", "code": "X"}]


def test_a_patient_is_told_with_all_that_is_known() -> None:
    assert patient_resource(PATIENT) == {
        "resourceType": "Patient",
        "id": "77",
        "identifier": [
            {"system": "urn:oid:1.2.643.100.3", "value": "11223344595"},
            {"system": "urn:oid:1.2.643.2.69.1.1.1.6.228", "value": "7700000000000003"},
        ],
        "name": [{"use": "official", "family": "Тестова", "given": ["Анна", "Ивановна"]}],
        "gender": "female",
        "birthDate": "1985-03-15",
    }


def test_of_a_nameless_patient_only_what_is_known_is_told() -> None:
    nothing = dict.fromkeys(("snils", "policy_number", "family_name", "given_name", "patronymic"), "")
    assert patient_resource(PATIENT | nothing | {"sex": "?", "birth_date": None}) == {
        "resourceType": "Patient",
        "id": "77",
        "gender": "unknown",
    }
    assert patient_resource(PATIENT | {"patronymic": "", "sex": "M"})["name"][0]["given"] == ["Анна"]
    assert patient_resource(PATIENT | {"sex": "M"})["gender"] == "male"
    assert patient_resource(PATIENT | {"sex": "U"})["gender"] == "unknown"


def test_a_request_says_what_was_asked_when_by_whom_and_why() -> None:
    assert service_request(ORDER, GLUCOSE, "Glucose", [60, 61]) == {
        "resourceType": "ServiceRequest",
        "id": "42-GLUS",
        "meta": {"lastUpdated": "2026-11-22T06:00:00+00:00"},
        "identifier": [{"system": "urn:x", "value": "MO1-1"}],
        "requisition": {"system": "urn:aliquot:order", "value": "45-000042"},
        "status": "active",
        "intent": "order",
        "priority": "routine",
        "code": {"coding": codings(GLUCOSE, "Glucose"), "text": "Glucose"},
        "subject": {"reference": "Patient/77"},
        "authoredOn": PLACED,
        "requester": {"display": "Врачев В."},
        "reasonCode": [{"coding": [{"system": "urn:oid:1.2.643.5.1.13.13.11.1005", "code": "E11.9"}]}],
        "specimen": [{"reference": "Specimen/60"}, {"reference": "Specimen/61"}],
    }


def test_a_request_leaves_out_what_nobody_said() -> None:
    bare = service_request(ORDER | {"external_number": "", "diagnosis": ""}, GLUCOSE, "Glucose")
    assert not bare.keys() & {"identifier", "reasonCode", "specimen"}


@pytest.mark.parametrize(
    ("state", "status"), [("placed", "active"), ("completed", "completed"), ("cancelled", "revoked")]
)
def test_the_state_of_an_order_is_the_status_of_its_requests(state: str, status: str) -> None:
    assert service_request(ORDER | {"state": state}, GLUCOSE, "Glucose")["status"] == status


def test_what_is_urgent_is_stat() -> None:
    assert service_request(ORDER | {"urgency": "S"}, GLUCOSE, "Glucose")["priority"] == "stat"


def test_a_tube_is_told_by_its_number_with_its_times() -> None:
    number = {"system": "urn:aliquot:specimen", "value": "4500000017"}
    assert specimen_resource(TUBE) == {
        "resourceType": "Specimen",
        "id": "60",
        "identifier": [number],
        "accessionIdentifier": number,
        "status": "available",
        "type": {
            "coding": [
                {"system": "urn:oid:1.2.643.5.1.13.13.11.1081", "code": "208"},
                {"system": "urn:aliquot:test:specimen", "code": "SER", "display": "Serum"},
            ],
            "text": "Serum",
        },
        "subject": {"reference": "Patient/77"},
        "receivedTime": "2026-11-22T07:05:00+00:00",
        "collection": {"collectedDateTime": "2026-11-22T05:20:00+00:00"},
    }
    bare = specimen_resource(TUBE | {"nsi_1081": "", "received_at": None, "collected_at": None})
    assert [one["code"] for one in bare["type"]["coding"]] == ["SER"]
    assert not bare.keys() & {"receivedTime", "collection"}


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("rejected", "unsatisfactory"),
        ("missing", "unavailable"),
        ("cancelled", "entered-in-error"),
        ("labelled", "available"),
    ],
)
def test_a_tube_that_cannot_be_used_says_so(state: str, status: str) -> None:
    assert specimen_resource(TUBE | {"state": state})["status"] == status


ENTRIES = [AskedEntry(one) for one in ("Patient", "Practitioner", "Specimen")] + [
    AskedEntry("ServiceRequest", "K")
]


def answered(*, is_new: bool, is_new_patient: bool, warnings: list[Issue]) -> dict[str, Any]:
    return transaction_response(
        ENTRIES,
        order=ORDER,
        requests={"K": {"id": "42-K"}},
        is_new=is_new,
        is_new_patient=is_new_patient,
        warnings=warnings,
    )


def informed(text: str) -> dict[str, Any]:
    return {"status": "200 OK", "outcome": operation_outcome([Issue("information", "informational", text)])}


def test_each_entry_is_answered_in_its_place() -> None:
    assert answered(is_new=True, is_new_patient=True, warnings=[]) == {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [
            {"response": {"status": "201 Created", "location": "Patient/77"}},
            {
                "response": informed(
                    "The Practitioner was read into the order and is no resource of its own here."
                )
            },
            {"response": informed("The Specimen is kept with the document and was not read.")},
            {
                "resource": {"id": "42-K"},
                "response": {
                    "status": "201 Created",
                    "location": "ServiceRequest/42-K",
                    "lastModified": PLACED,
                },
            },
        ],
    }


def test_what_was_there_before_is_only_found() -> None:
    entries = answered(is_new=False, is_new_patient=False, warnings=[])["entry"]
    assert [one["response"]["status"] for one in entries] == ["200 OK"] * 4


def test_warnings_stand_with_the_first_entry_alone() -> None:
    warnings = [Issue(WARNING, "value", "Odd.")]
    entries = answered(is_new=True, is_new_patient=False, warnings=warnings)["entry"]
    assert entries[0]["response"]["outcome"] == operation_outcome(warnings)
    assert "outcome" not in entries[3]["response"]


def test_a_role_is_read_into_the_order_too() -> None:
    found = transaction_response(
        [AskedEntry("PractitionerRole")],
        order=ORDER,
        requests={},
        is_new=True,
        is_new_patient=True,
        warnings=[],
    )
    [entry] = found["entry"]
    assert "was read into the order" in entry["response"]["outcome"]["issue"][0]["diagnostics"]
