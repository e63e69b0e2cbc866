"""A transaction Bundle of FHIR R4: from bytes to one order of one patient, or to all that is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from aliquot.flow.exchange.rules.codebook import CodeBook
from aliquot.flow.exchange.rules.elements import Element
from aliquot.flow.exchange.rules.issues import INFORMATION, WARNING, Issue
from aliquot.flow.exchange.rules.persons import read_name
from aliquot.flow.exchange.rules.references import make_index
from aliquot.flow.exchange.rules.request_facts import AskedEntry, AskedOrder, AskedPatient
from aliquot.flow.exchange.rules.requests import Request, read_request, warn_of_repeats
from aliquot.flow.exchange.rules.strict_json import parse_json
from aliquot.flow.exchange.rules.systems import CONTENT_DIGEST

MOST_ENTRIES: Final = 500
BUNDLE_TYPES: Final = frozenset(
    {
        "document",
        "message",
        "transaction",
        "transaction-response",
        "batch",
        "batch-response",
        "history",
        "searchset",
        "collection",
    }
)
READ: Final = frozenset({"ServiceRequest", "Patient", "Practitioner", "PractitionerRole"})
PASSED_OVER: Final = frozenset({"Specimen", "Organization", "Location", "Encounter", "Condition", "Coverage"})
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"})
OF_BUNDLE: Final = frozenset(
    {
        "resourceType",
        "id",
        "meta",
        "language",
        "identifier",
        "type",
        "timestamp",
        "total",
        "link",
        "entry",
        "signature",
    }
)


@dataclass(frozen=True, slots=True)
class BundleReading:
    """The order that a Bundle asks for, or None; and every finding, also those that only warn."""

    order: AskedOrder | None
    issues: tuple[Issue, ...]


def read_bundle(content: bytes, book: CodeBook, *, digest: str) -> BundleReading:
    """What a Bundle asks for. Any fault anywhere leaves no order: all or nothing.

    `digest` of the content stands in for the sender's number when no ServiceRequest carries one.
    Source: FHIR R4, http.html#transaction, bundle.html, servicerequest.html.
    """
    value, issues = parse_json(content)
    if issues:
        return BundleReading(None, tuple(issues))
    if not isinstance(value, dict):
        return BundleReading(
            None, (Issue("fatal", "structure", "The document is no object.", "Send a Bundle."),)
        )
    root = Element(value, "Bundle", issues)
    order = _read_root(root, book, digest)
    found = tuple(dict.fromkeys(issues))
    return BundleReading(None if any(one.is_fault for one in found) else order, found)


def _read_root(root: Element, book: CodeBook, digest: str) -> AskedOrder | None:
    if root.text("resourceType", required=True) != "Bundle":
        root.fault(
            "invalid",
            "The document is no Bundle.",
            "Send a Bundle of the type transaction.",
            at="resourceType",
        )
        return None
    root.only(OF_BUNDLE)
    said = root.code("type", BUNDLE_TYPES, required=True)
    if said and said != "transaction":
        root.fault(
            "not-supported", f"A Bundle of the type {said} is not taken.", "Send a transaction.", at="type"
        )
    entries = root.many("entry")
    if not entries and "entry" not in root.value:
        root.fault(
            "required", "The Bundle has no entry.", "Send a ServiceRequest and its Patient.", at="entry"
        )
    if len(entries) > MOST_ENTRIES:
        root.fault(
            "too-long", f"The Bundle has {len(entries)} entries.", f"Send at most {MOST_ENTRIES}.", at="entry"
        )
        return None
    return _read_entries(root, entries, book, digest)


def _read_entries(root: Element, entries: list[Element], book: CodeBook, digest: str) -> AskedOrder | None:
    for entry in entries:
        _check_entry(entry)
    index = make_index(entries)
    named = [one for one in index.resources if one.kind == "ServiceRequest"]
    requests = [read_request(one, index, book) for one in named]
    if entries and not requests:
        root.fault(
            "required", "No entry is a ServiceRequest.", "Send one for each test or panel.", at="entry"
        )
    warn_of_repeats(requests)
    _check_patients(index.resources, requests)
    _check_practitioners(index.resources)
    return _one_order(root, requests, entries, digest)


def _check_entry(entry: Element) -> None:
    resource = entry.one("resource")
    if resource is None:
        if "resource" not in entry.value:
            entry.fault("required", "The entry has no resource.", "Send one.", at="resource")
        return
    kind = resource.text("resourceType", required=True)
    if kind in PASSED_OVER:
        resource.fault(
            "informational", f"The {kind} is kept with the document but not read.", "", severity=INFORMATION
        )
    elif kind and kind not in READ:
        resource.fault("not-supported", f"A {kind} is not taken here.", "Leave it out.", at="resourceType")
    _check_request(entry, kind)


def _check_request(entry: Element, kind: str) -> None:
    request = entry.one("request")
    if request is None:
        if "request" not in entry.value:
            entry.fault(
                "required",
                "The entry does not say what to do.",
                "Send request with method and url.",
                at="request",
            )
        return
    method = request.code("method", METHODS, required=True)
    if method and method != "POST" and (method != "PUT" or kind == "ServiceRequest"):
        request.fault(
            "not-supported", f"{method} is not done here in a transaction.", "Send POST.", at="method"
        )
    url = request.text("url", required=True)
    if url and kind and url.partition("?")[0].partition("/")[0] != kind:
        request.fault("value", f"The url {url!r} does not fit a {kind}.", f"Send {kind}.", at="url")


def _check_patients(resources: tuple[Element, ...], requests: list[Request]) -> None:
    patients = [one for one in resources if one.kind == "Patient"]
    if len(patients) > 1:
        patients[1].fault("business-rule", "There is a second Patient.", "Send one Bundle for each patient.")
    asked = {one.patient for one in requests if one.patient}
    if len(asked) > 1:
        requests[-1].element.fault(
            "business-rule", "The requests are for different patients.", "Send one Bundle each.", at="subject"
        )


def _check_practitioners(resources: tuple[Element, ...]) -> None:
    for one in resources:
        if one.kind == "Practitioner":
            read_name(one)


def _one_order(
    root: Element, requests: list[Request], entries: list[Element], digest: str
) -> AskedOrder | None:
    if not requests:
        return None
    first = requests[0]
    patient = _same(requests, lambda one: one.patient, "subject", "for different patients")
    system, number = _own_number(root, requests, digest)
    requester = _same(requests, lambda one: one.requester, "requester", "of different physicians")
    if patient is None:
        return None
    return AskedOrder(
        patient if isinstance(patient, AskedPatient) else AskedPatient(first.element.path),
        codes=tuple(dict.fromkeys(one.code for one in requests)),
        urgency="S" if any(one.urgency == "S" for one in requests) else "R",
        requester=str(requester),
        external_system=system,
        external_number=number,
        entries=_entries(entries, requests),
        ward=next((one.ward for one in requests if one.ward), ""),
        diagnosis=next((one.diagnosis for one in requests if one.diagnosis), ""),
        note=" ".join(dict.fromkeys(one.note for one in requests if one.note)),
        requests_path=first.element.path,
    )


def _same(requests: list[Request], fact: Callable[[Request], Any], name: str, words: str) -> Any:
    first = fact(requests[0])
    for one in requests[1:]:
        if fact(one) != first:
            one.element.fault(
                "business-rule", f"The requests are {words}.", "Send one Bundle for each order.", at=name
            )
    return first


def _own_number(root: Element, requests: list[Request], digest: str) -> tuple[str, str]:
    if any(one.requisition[1] for one in requests):
        requisition: tuple[str, str] = _same(
            requests, lambda one: one.requisition, "requisition", "of different requisitions"
        )
        return requisition
    bundle = root.one("identifier") if len(requests) > 1 else None
    if bundle is not None:
        return bundle.text("system"), bundle.text("value", required=True)
    for one in requests:
        if one.identifier[1]:
            return one.identifier
    requests[0].element.fault(
        "required",
        "The request has no number of yours; only the same bytes sent again give the same order.",
        "Send identifier, or requisition when a Bundle asks for several tests.",
        at="identifier",
        severity=WARNING,
    )
    return CONTENT_DIGEST, digest


def _entries(entries: list[Element], requests: list[Request]) -> tuple[AskedEntry, ...]:
    codes = {one.element.path: one.code for one in requests}
    return tuple(
        AskedEntry(
            Element(entry.value["resource"], "", []).kind,
            codes.get(f"{entry.path}.resource", ""),
        )
        for entry in entries
        if isinstance(entry.value.get("resource"), dict)
    )


def without_path(order: AskedOrder) -> AskedOrder:
    """The order without where its facts stood, so that two sendings compare by what they ask."""
    return replace(order, patient=replace(order.patient, path=""), requests_path="", entries=())
