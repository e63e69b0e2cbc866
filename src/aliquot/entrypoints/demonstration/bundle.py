"""An order as another system sends it: a FHIR R4 transaction Bundle."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from aliquot.entrypoints.demonstration.population import Person

SNILS = "urn:oid:1.2.643.100.3"
LOINC = "http://loinc.org"
SYSTEM = "urn:aliquot:demonstration"
SEXES = {"M": "male", "F": "female"}


def order_bundle(
    person: Person, tests: list[tuple[str, str]], *, requester: str, urgency: str, number: str, at: datetime
) -> dict[str, Any]:
    """A Bundle with the patient, the physician and one ServiceRequest for each (LOINC code, name)."""
    patient, doctor = f"urn:uuid:{uuid4()}", f"urn:uuid:{uuid4()}"
    shared = {
        "requisition": {"system": SYSTEM, "value": number},
        "status": "active",
        "intent": "order",
        "priority": "stat" if urgency == "S" else "routine",
        "subject": {"reference": patient},
        "requester": {"reference": doctor},
        "authoredOn": at.isoformat(),
    }
    entries = [_entry(patient, _patient(person)), _entry(doctor, _practitioner(requester))]
    entries += [
        _entry(f"urn:uuid:{uuid4()}", shared | _asked(code, name, f"{number}-{place}"))
        for place, (code, name) in enumerate(tests, start=1)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def _entry(url: str, resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "fullUrl": url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def _patient(person: Person) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": SNILS, "value": person.snils}],
        "name": [{"family": person.family_name, "given": [person.given_name, person.patronymic]}],
        "gender": SEXES[person.sex],
        "birthDate": person.birth_date.isoformat(),
    }


def _practitioner(name: str) -> dict[str, Any]:
    return {"resourceType": "Practitioner", "name": [{"text": name}]}


def _asked(code: str, name: str, number: str) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": SYSTEM, "value": number}],
        "code": {"coding": [{"system": LOINC, "code": code, "display": name}]},
    }
