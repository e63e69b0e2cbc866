"""ServiceRequest: one test or panel of an order, read from FHIR R4."""

from dataclasses import dataclass
from typing import Final

from aliquot.flow.exchange.rules.codebook import CodeBook, read_code
from aliquot.flow.exchange.rules.elements import Element
from aliquot.flow.exchange.rules.issues import WARNING
from aliquot.flow.exchange.rules.persons import OF_ANY, check_number, read_patient, read_practitioner
from aliquot.flow.exchange.rules.references import Index, Target
from aliquot.flow.exchange.rules.request_facts import AskedPatient
from aliquot.flow.exchange.rules.systems import ICD_10, POLICY, SNILS

STATUSES: Final = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
INTENTS: Final = frozenset(
    {
        "proposal",
        "plan",
        "directive",
        "order",
        "original-order",
        "reflex-order",
        "filler-order",
        "instance-order",
        "option",
    }
)
ORDERS: Final = frozenset({"order", "original-order", "reflex-order", "filler-order", "instance-order"})
PRIORITIES: Final = {"routine": "R", "urgent": "S", "asap": "S", "stat": "S"}
OF_REQUEST: Final = OF_ANY | {
    "identifier", "instantiatesCanonical", "instantiatesUri", "basedOn", "replaces", "requisition", "status",
    "intent", "category", "priority", "doNotPerform", "code", "orderDetail", "quantityQuantity",
    "quantityRatio", "quantityRange", "subject", "encounter", "occurrenceDateTime", "occurrencePeriod",
    "occurrenceTiming", "asNeededBoolean", "asNeededCodeableConcept", "authoredOn", "requester",
    "performerType", "performer", "locationCode", "locationReference", "reasonCode", "reasonReference",
    "insurance", "supportingInfo", "specimen", "bodySite", "note", "patientInstruction", "relevantHistory",
}  # fmt: skip
_PATIENT: Final = frozenset({"Patient"})
_PRACTITIONER: Final = frozenset({"Practitioner"})
_REQUESTER: Final = frozenset({"Practitioner", "PractitionerRole"})


@dataclass(frozen=True, slots=True)
class Request:
    """One ServiceRequest: where it stands, and what it asks of whom for whom."""

    element: Element
    code: str
    urgency: str
    patient: AskedPatient | None
    requester: str
    requisition: tuple[str, str]
    identifier: tuple[str, str]
    ward: str
    diagnosis: str
    note: str


def read_request(resource: Element, index: Index, book: CodeBook) -> Request:
    """What a ServiceRequest asks; faults are kept. Required value sets as in FHIR R4 ServiceRequest."""
    resource.only(OF_REQUEST)
    _check_standing(resource)
    for name in ("authoredOn", "occurrenceDateTime"):
        resource.check_date_time(name)
    priority = resource.code("priority", PRIORITIES)
    concept = _required(resource, "code")
    identifiers = resource.many("identifier")
    return Request(
        resource,
        read_code(concept, book) if concept else "",
        PRIORITIES.get(priority, "R"),
        _read_subject(resource, index),
        _read_requester(resource, index),
        _number_of(resource.one("requisition")),
        _number_of(identifiers[0] if identifiers else None),
        _ward(resource),
        _diagnosis(resource),
        " ".join(note.text("text", required=True, most=10_000) for note in resource.many("note")),
    )


def _check_standing(resource: Element) -> None:
    status = resource.code("status", STATUSES, required=True)
    if status and status != "active":
        resource.fault(
            "business-rule",
            f"The request is {status}; only an active one is carried out.",
            "Send active.",
            at="status",
        )
    intent = resource.code("intent", INTENTS, required=True)
    if intent and intent not in ORDERS:
        resource.fault("business-rule", f"A {intent} is no order.", "Send order.", at="intent")
    refused = resource.value.get("doNotPerform", False)
    if refused is not False:
        resource.fault(
            "business-rule",
            "The request says that nothing is to be done.",
            "Send it without this.",
            at="doNotPerform",
        )


def _required(resource: Element, name: str) -> Element | None:
    if name not in resource.value:
        resource.fault("required", f"{name} is missing.", f"Send {name}.", at=name)
        return None
    return resource.one(name)


def _read_subject(resource: Element, index: Index) -> AskedPatient | None:
    if _required(resource, "subject") is None:
        return None
    target = index.follow(resource, "subject", _PATIENT)
    subject = f"{resource.path}.subject"
    if target is None:
        return None
    if target.resource is not None:
        return read_patient(target.resource)
    if target.known_id is not None:
        return AskedPatient(subject, known_id=target.known_id)
    return _by_number(resource, subject, target)


def _by_number(resource: Element, path: str, target: Target) -> AskedPatient | None:
    system, value = target.identifier or ("", "")
    if system not in (SNILS, POLICY):
        resource.fault(
            "not-found", "The subject cannot be told from this.",
            f"Send the Patient as an entry, or its identifier of {SNILS} or {POLICY}.", at="subject",
        )  # fmt: skip
        return None
    number, _ = check_number(Element({"value": value}, f"{path}.identifier", resource.issues), system)
    if not number:
        return None
    facts = {"snils" if system == SNILS else "policy_number": number}
    return AskedPatient(path, is_only_number=True, **facts)  # type: ignore[arg-type]


def _read_requester(resource: Element, index: Index) -> str:
    if _required(resource, "requester") is None:
        return ""
    target = index.follow(resource, "requester", _REQUESTER)
    name = _name_of(target, index) if target else ""
    if target and not name and not _has_fault_below(target):
        resource.fault(
            "required",
            "The requester has no name here.",
            "Send the Practitioner as an entry, or display.",
            at="requester",
        )
    return name


def _name_of(target: Target, index: Index) -> str:
    found = target.resource
    if found is None:
        return target.display
    if found.kind == "Practitioner":
        return read_practitioner(found)
    inner = index.follow(found, "practitioner", _PRACTITIONER)
    return (_name_of(inner, index) if inner else "") or target.display


def _has_fault_below(target: Target) -> bool:
    found = target.resource
    return found is not None and any(
        one.is_fault and one.expression.startswith(found.path) for one in found.issues
    )


def _number_of(identifier: Element | None) -> tuple[str, str]:
    if identifier is None:
        return "", ""
    return identifier.text("system"), identifier.text("value", required=True)


def _ward(resource: Element) -> str:
    return _first_words(resource.many("locationReference"), "display") or _first_words(
        resource.many("locationCode"), "text"
    )


def _first_words(elements: list[Element], name: str) -> str:
    return next((text for one in elements if (text := one.text(name))), "")


def _diagnosis(resource: Element) -> str:
    for reason in resource.many("reasonCode"):
        for coding in reason.many("coding"):
            if coding.text("system") in (ICD_10, "http://hl7.org/fhir/sid/icd-10", ""):
                return coding.text("code", required=True)
    return ""


def warn_of_repeats(requests: list[Request]) -> None:
    """Keep a warning for each test that is asked for twice; it is measured once."""
    seen: set[str] = set()
    for one in requests:
        if one.code and one.code in seen:
            one.element.fault(
                "duplicate",
                f"{one.code} is asked for twice; it is measured once.",
                "Ask once.",
                at="code",
                severity=WARNING,
            )
        seen.add(one.code)
