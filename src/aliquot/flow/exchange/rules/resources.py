"""Our order, patient and specimens as FHIR R4 resources."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from aliquot.flow.exchange.rules.codebook import Orderable
from aliquot.flow.exchange.rules.issues import INFORMATION, Issue, operation_outcome
from aliquot.flow.exchange.rules.request_facts import AskedEntry
from aliquot.flow.exchange.rules.systems import (
    BIOMATERIAL_1081,
    FSLI_1080,
    ICD_10,
    LOINC,
    NMU_804N,
    ORDER_NUMBER,
    POLICY,
    SNILS,
    SPECIMEN_NUMBER,
    TEST,
)

Resource = dict[str, Any]
Facts = Mapping[str, Any]

GENDERS: Final = {"M": "male", "F": "female", "U": "unknown"}
REQUEST_STATUS: Final = {"placed": "active", "completed": "completed", "cancelled": "revoked"}
SPECIMEN_STATUS: Final = {
    "rejected": "unsatisfactory",
    "missing": "unavailable",
    "cancelled": "entered-in-error",
}


def reference(kind: str, key: object, display: str = "") -> Resource:
    """A reference to a resource of this server."""
    return {"reference": f"{kind}/{key}"} | ({"display": display} if display else {})


def filled(**elements: Any) -> Resource:
    """The elements that say something: FHIR has no empty ones."""
    return {name: value for name, value in elements.items() if value not in ("", None, [], {})}


def request_id(order_id: int, code: str) -> str:
    """The id of the ServiceRequest for one code of an order."""
    return f"{order_id}-{code}"


def codings(one: Orderable, display: str = "") -> list[Resource]:
    """A test's code in each system that has one, LOINC first."""
    named = ((LOINC, one.loinc), (NMU_804N, one.nmu_804n), (FSLI_1080, one.fsli_1080), (TEST, one.code))
    return [
        filled(system=system, code=code, display=display if system == TEST else "")
        for system, code in named
        if code
    ]


def patient_resource(patient: Facts) -> Resource:
    """A Patient: identifiers, official name, gender and birth date. Source: FHIR R4 Patient."""
    numbers = ((SNILS, patient["snils"]), (POLICY, patient["policy_number"]))
    name = filled(
        use="official",
        family=patient["family_name"],
        given=[part for part in (patient["given_name"], patient["patronymic"]) if part],
    )
    return filled(
        resourceType="Patient",
        id=str(patient["id"]),
        identifier=[{"system": system, "value": value} for system, value in numbers if value],
        name=[name] if len(name) > 1 else [],
        gender=GENDERS.get(patient["sex"], "unknown"),
        birthDate=patient["birth_date"],
    )


def service_request(order: Facts, code: Orderable, name: str, specimen_ids: Iterable[int] = ()) -> Resource:
    """The ServiceRequest for one requested code of an order; `requisition` is our order number.

    Source: FHIR R4 ServiceRequest; required value sets request-status, request-intent, request-priority.
    """
    own = filled(system=order["external_system"], value=order["external_number"])
    diagnosis = filled(system=ICD_10, code=order["diagnosis"])
    return filled(
        resourceType="ServiceRequest",
        id=request_id(order["id"], code.code),
        meta={"lastUpdated": order["changed_at"]},
        identifier=[own] if "value" in own else [],
        requisition={"system": ORDER_NUMBER, "value": order["number"]},
        status=REQUEST_STATUS[order["state"]],
        intent="order",
        priority="stat" if order["urgency"] == "S" else "routine",
        code={"coding": codings(code, name), "text": name},
        subject=reference("Patient", order["patient_id"]),
        authoredOn=order["placed_at"],
        requester={"display": order["requester"]},
        reasonCode=[{"coding": [diagnosis]}] if "code" in diagnosis else [],
        specimen=[reference("Specimen", one) for one in specimen_ids],
    )


def specimen_resource(specimen: Facts) -> Resource:
    """A Specimen by its bar code, with collection and receipt. Source: FHIR R4 Specimen."""
    kinds = [
        filled(system=BIOMATERIAL_1081, code=specimen["nsi_1081"]),
        filled(system=f"{TEST}:specimen", code=specimen["code"], display=specimen["name"]),
    ]
    number = {"system": SPECIMEN_NUMBER, "value": specimen["number"]}
    return filled(
        resourceType="Specimen",
        id=str(specimen["id"]),
        identifier=[number],
        accessionIdentifier=number,
        status=SPECIMEN_STATUS.get(specimen["state"], "available"),
        type={"coding": [one for one in kinds if "code" in one], "text": specimen["name"]},
        subject=reference("Patient", specimen["patient_id"]),
        receivedTime=specimen["received_at"],
        collection=filled(collectedDateTime=specimen["collected_at"]),
    )


def transaction_response(
    entries: Sequence[AskedEntry], *, order: Facts, requests: Mapping[str, Resource], is_new: bool,
    is_new_patient: bool, warnings: Iterable[Issue],
) -> Resource:  # fmt: skip
    """The answer to a transaction: for each entry, in its order, where it is now.

    Source: FHIR R4, http.html#trules.
    """
    answered = []
    for place, entry in enumerate(entries):
        response = _response(entry, order, is_new=is_new, is_new_patient=is_new_patient)
        if place == 0 and (found := list(warnings)):
            response["outcome"] = operation_outcome(found)
        resource = requests.get(entry.code) if entry.resource_type == "ServiceRequest" else None
        answered.append(filled(resource=resource, response=response))
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": answered}


def _response(entry: AskedEntry, order: Facts, *, is_new: bool, is_new_patient: bool) -> Resource:
    if entry.resource_type == "ServiceRequest":
        location = f"ServiceRequest/{request_id(order['id'], entry.code)}"
        status = "201 Created" if is_new else "200 OK"
        return {"status": status, "location": location, "lastModified": order["placed_at"]}
    if entry.resource_type == "Patient":
        location = f"Patient/{order['patient_id']}"
        return {"status": "201 Created" if is_new_patient else "200 OK", "location": location}
    said = f"The {entry.resource_type} was read into the order and is no resource of its own here."
    if entry.resource_type not in ("Practitioner", "PractitionerRole"):
        said = f"The {entry.resource_type} is kept with the document and was not read."
    return {"status": "200 OK", "outcome": operation_outcome([Issue(INFORMATION, "informational", said)])}
