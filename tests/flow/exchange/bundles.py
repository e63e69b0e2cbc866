"""A valid transaction Bundle, and ways to change it."""

import copy
import json
from typing import Any

PATIENT, PHYSICIAN, REQUEST = "urn:uuid:131b97bb-a26f-4104-96eb-ee73f5165a12", "urn:uuid:b9fc4988-646f-4bd1-9fbf-b27ab32a3a8b", "urn:uuid:b52d130a-6337-46cd-853c-e2940e059008"  # fmt: skip


def make_request(test: str = "GLUS", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": "urn:oid:1.2.643.2.69.1.2.999", "value": "MO1-000123"}],
        "status": "active",
        "intent": "order",
        "priority": "routine",
        "code": {"coding": [{"system": "urn:aliquot:test", "code": test}]},
        "subject": {"reference": PATIENT},
        "requester": {"reference": PHYSICIAN},
        "authoredOn": "2026-11-22T08:20:00+03:00",
        **changes,
    }


def make_patient_resource(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2.643.100.3", "value": "112-233-445 95"}],
        "name": [{"use": "official", "family": "Тестова", "given": ["Анна", "Ивановна"]}],
        "gender": "female",
        "birthDate": "1985-03-15",
        **changes,
    }


def make_entry(resource: dict[str, Any], full_url: str) -> dict[str, Any]:
    return {
        "fullUrl": full_url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def make_bundle(*requests: dict[str, Any], patient: dict[str, Any] | None = None) -> dict[str, Any]:
    """Patient, practitioner, and a ServiceRequest for each given one."""
    practitioner = {"resourceType": "Practitioner", "name": [{"family": "Врачев", "given": ["Виктор"]}]}
    asked = requests or (make_request(),)
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            make_entry(patient or make_patient_resource(), PATIENT),
            make_entry(practitioner, PHYSICIAN),
            *(make_entry(one, REQUEST[:-1] + f"{place:x}") for place, one in enumerate(asked)),
        ],
    }


def changed(path: str, value: Any = None, *, remove: bool = False) -> dict[str, Any]:
    """The valid Bundle with one element set or removed; `path` is entry.2.resource.status and the like."""
    bundle = copy.deepcopy(make_bundle())
    *way, last = path.split(".")
    here: Any = bundle
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here[step]
    key: Any = int(last) if isinstance(here, list) else last
    if remove:
        del here[key]
    else:
        here[key] = value
    return bundle


def as_bytes(bundle: Any) -> bytes:
    return json.dumps(bundle, ensure_ascii=False).encode()
