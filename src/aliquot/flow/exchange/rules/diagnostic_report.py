"""The content of a report as FHIR R4: a DiagnosticReport and its Observations."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from aliquot.flow.exchange.rules.codebook import Orderable
from aliquot.flow.exchange.rules.resources import Resource, codings, filled, reference, request_id
from aliquot.flow.exchange.rules.systems import (
    ABSENT_REASON,
    INTERPRETATION,
    LOINC,
    OBSERVATION_CATEGORY,
    ORDER_NUMBER,
    SERVICE_SECTION,
    UCUM,
)
from aliquot.flow.reports.rules.composition import TAKEN_BACK

Content = Mapping[str, Any]

REPORT_STATUS: Final = {
    "preliminary": "preliminary", "final": "final", "corrected": "corrected", "supplemented": "appended",
}  # fmt: skip
OBSERVATION_STATUS: Final = {
    "final": "final", "amended": "corrected", "not_performed": "cancelled", "pending": "registered",
    "withdrawn": "entered-in-error", "investigated": "entered-in-error",
}  # fmt: skip
INTERPRETATIONS: Final = {
    "LL": "Critical low", "L": "Low", "N": "Normal", "H": "High", "HH": "Critical high", "A": "Abnormal",
}  # fmt: skip
COMPARATORS: Final = frozenset({"<", "<=", ">=", ">"})
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def diagnostic_report(content: Content, *, report_id: int) -> Resource:
    """The DiagnosticReport of one version; its id is the order's, a correction is its new version.

    `content` as `reports.rules.composition.compose` makes it; `report_id` names the version's documents.
    Source: FHIR R4 DiagnosticReport; LOINC 11502-2 laboratory report; HL7 table 0074 LAB.
    """
    order, results = content["order"], list(_results(content))
    return filled(
        resourceType="DiagnosticReport",
        id=str(order["id"]),
        meta={"versionId": str(content["version"]), "lastUpdated": content["released_at"]},
        identifier=_identifiers(order),
        basedOn=[reference("ServiceRequest", one) for one in _requests(content)],
        status=_report_status(content, results),
        category=[{"coding": [{"system": SERVICE_SECTION, "code": "LAB", "display": "Laboratory"}]}],
        code={"coding": [{"system": LOINC, "code": "11502-2", "display": "Laboratory report"}]},
        subject=_subject(content),
        effectiveDateTime=_collected(content),
        issued=content["released_at"],
        performer=[_performer(content)],
        specimen=[reference("Specimen", one["id"], one["number"]) for one in content["specimens"]],
        result=[reference("Observation", one["item_id"], one["name_en"]) for one in results],
        presentedForm=[_document(content, report_id, language) for language in ("en", "ru")],
    )


def _report_status(content: Content, results: list[Content]) -> str:
    """Entered in error when every value was taken back, amended when one was only confirmed again.

    Otherwise as the kind says. Source: FHIR R4, diagnostic-report-status.
    """
    statuses = {one["status"] for one in results}
    if statuses and statuses <= TAKEN_BACK:
        return "entered-in-error"
    is_confirmed = any("given_free" in one for one in results)
    if content["kind"] == "corrected" and is_confirmed and not statuses & {"amended", *TAKEN_BACK}:
        return "amended"
    return REPORT_STATUS[content["kind"]]


def observations(content: Content) -> list[Resource]:
    """An Observation for each test of the report, in its order; ids are those of the order's items."""
    return [_observation(content, one) for one in _results(content)]


def observation(content: Content, item_id: int) -> Resource | None:
    """The Observation of one item of the order, or None."""
    return next((_observation(content, one) for one in _results(content) if one["item_id"] == item_id), None)


def _results(content: Content) -> Iterator[Content]:
    for section in content["sections"]:
        yield from section["results"]


def _observation(content: Content, one: Content) -> Resource:
    named = Orderable(one["code"], one["loinc"], one["nmu_804n"], one["fsli_1080"])
    base = filled(
        resourceType="Observation",
        id=str(one["item_id"]),
        meta={
            "versionId": str(content["version"]),
            "lastUpdated": one.get("released_at") or content["released_at"],
        },
        basedOn=[
            reference("ServiceRequest", request_id(content["order"]["id"], one["panel"] or one["code"]))
        ],
        status=OBSERVATION_STATUS[one["status"]],
        category=[
            {"coding": [{"system": OBSERVATION_CATEGORY, "code": "laboratory", "display": "Laboratory"}]}
        ],
        code={"coding": codings(named, one["name_en"]), "text": one["name_en"]},
        subject=_subject(content),
        effectiveDateTime=_effective(content, one),
        performer=[_performer(content)],
    )
    return base | (_found(content, one) if one["status"] in ("final", "amended") else _absent(one))


def _found(content: Content, one: Content) -> Resource:
    flag = one["flag"]
    known = {"system": INTERPRETATION, "code": flag, "display": INTERPRETATIONS.get(flag, "")}
    return filled(
        issued=one["released_at"],
        **_value(one),
        interpretation=[{"coding": [known]}] if flag in INTERPRETATIONS else [],
        note=[{"text": text} for text in _notes(one)],
        method=filled(text=one["method_en"]),
        specimen=_specimen(content, one),
        referenceRange=_range(one),
    )


def _value(one: Content) -> Resource:
    number = one["value"] if _NUMBER.fullmatch(one["value"]) else one["number"]
    comparator = {"≤": "<=", "≥": ">="}.get(one["comparator"], one["comparator"])
    if number is None or (comparator and comparator not in COMPARATORS):
        return {"valueString": one["value"]}
    return {"valueQuantity": filled(comparator=comparator, **_quantity(number, one))}


def _quantity(number: str, one: Content) -> Resource:
    unit = {"unit": one["unit_en"], "system": UCUM, "code": one["unit"]} if one["unit"] else {}
    return {"value": Decimal(number), **filled(**unit)}


def _range(one: Content) -> list[Resource]:
    limits = {side: _quantity(one[side], one) for side in ("low", "high") if one[side] is not None}
    found = filled(**limits, text=one["interval_en"])
    return [found] if found else []


def _notes(one: Content) -> Iterator[str]:
    if one["comment"]:
        yield one["comment"]
    if free := one.get("given_free"):
        yield f"Investigated and confirmed {free['at']} by {free['name_en']}. Reason: {free['note']}."
    yield from _corrections(one)


def _corrections(one: Content) -> Iterator[str]:
    for earlier in reversed(one["earlier"]):
        said = f"{earlier['value']} {earlier['unit_en']}".strip()
        told = f"Earlier value: {said}, released {earlier['released_at']}."
        if taken := earlier.get("retraction"):
            mark = "Under investigation" if taken["code"] == "recalled" else "Withdrawn"
            yield f"{mark}, do not use. {told} {taken['at']}, {taken['name_en']}. Reason: {taken['note']}."
        else:
            reason = f" Reason: {one['amend_reason']}." if one.get("amend_reason") else ""
            yield f"Corrected. {told}{reason}"


def _absent(one: Content) -> Resource:
    if one["status"] == "pending":
        return {}
    if one["status"] in TAKEN_BACK:
        absent = {"system": ABSENT_REASON, "code": "error", "display": "Error"}
        notes = [{"text": text} for text in _corrections(one)]
        return filled(dataAbsentReason={"coding": [absent]}, note=notes)
    reason = one["reason"]
    said = ". ".join(
        part
        for part in (reason["name_en"], reason["advice_en"], reason.get("note_en", reason["note"]))
        if part
    )
    absent = {"system": ABSENT_REASON, "code": "not-performed", "display": "Not Performed"}
    return filled(dataAbsentReason={"coding": [absent]}, note=[{"text": said}] if said else [])


def _identifiers(order: Content) -> list[Resource]:
    own = {"system": ORDER_NUMBER, "value": order["number"]}
    theirs = filled(system=order["external_system"], value=order["external_number"])
    return [own, theirs] if "value" in theirs else [own]


def _requests(content: Content) -> list[str]:
    order_id = content["order"]["id"]
    return list(dict.fromkeys(request_id(order_id, one["panel"] or one["code"]) for one in _results(content)))


def _subject(content: Content) -> Resource:
    return reference("Patient", content["patient"]["id"], content["patient"]["full_name"])


def _performer(content: Content) -> Resource:
    laboratory = content["laboratory"]
    oid = laboratory["oid"] or laboratory["organisation_oid"]
    named = {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{oid}"}} if oid else {}
    return {"type": "Organization", **named, "display": laboratory["name_en"]}


def _collected(content: Content) -> str | None:
    return min((one["collected_at"] for one in content["specimens"] if one["collected_at"]), default=None)


def _effective(content: Content, one: Content) -> str | None:
    collected = {tube["number"]: tube["collected_at"] for tube in content["specimens"]}
    return collected.get(one.get("specimen", "")) or one.get("measured_at") or _collected(content)


def _specimen(content: Content, one: Content) -> Resource:
    ids = {tube["number"]: tube["id"] for tube in content["specimens"]}
    return reference("Specimen", ids[one["specimen"]], one["specimen"]) if one["specimen"] in ids else {}


def _document(content: Content, report_id: int, language: str) -> Resource:
    return {
        "contentType": "application/pdf",
        "language": language,
        "url": f"Binary/{report_id}-{language}",
        "title": f"{content['order']['number']}, version {content['version']}",
        "creation": content["released_at"],
    }
