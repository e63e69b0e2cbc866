"""A Bundle becomes one order, or every reason why not, each with the element it stands at."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.exchange.rules.bundle import BundleReading, read_bundle
from aliquot.flow.exchange.rules.codebook import CodeBook, Orderable, make_codebook
from aliquot.flow.exchange.rules.issues import operation_outcome
from tests.flow.exchange.bundles import (
    PATIENT,
    as_bytes,
    changed,
    make_bundle,
    make_entry,
    make_patient_resource,
    make_request,
)

BOOK: CodeBook = make_codebook(
    [
        Orderable("GLU", "14749-6", "A09.05.023"),
        Orderable("GLUS", "14749-6", "A09.05.023"),
        Orderable("K", "2823-3", "A09.05.031"),
        Orderable("IGG", "2465-3", "A09.05.054"),
        Orderable("IGA", "2458-8", "A09.05.054"),
        Orderable("HGB", "718-7", "B03.016.003"),
        Orderable("CBCP", "58410-2", "B03.016.003", is_panel=True),
    ]
)
LOINC, NMU = "http://loinc.org", "urn:oid:1.2.643.5.1.13.13.11.1070"


def read(bundle: Any) -> BundleReading:
    return read_bundle(bundle if isinstance(bundle, bytes) else as_bytes(bundle), BOOK, digest="d" * 64)


def faults(reading: BundleReading) -> list[tuple[str, str]]:
    return [(one.code, one.expression) for one in reading.issues if one.is_fault]


def coded(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


def test_a_valid_bundle_is_one_order() -> None:
    reading = read(make_bundle())
    assert reading.issues == ()
    order = reading.order
    assert order is not None
    assert (order.codes, order.urgency, order.requester) == (("GLUS",), "R", "Врачев Виктор")
    assert (order.external_system, order.external_number) == ("urn:oid:1.2.643.2.69.1.2.999", "MO1-000123")
    patient = order.patient
    assert (patient.family_name, patient.given_name, patient.patronymic) == ("Тестова", "Анна", "Ивановна")
    assert (str(patient.birth_date), patient.sex, patient.snils) == ("1985-03-15", "F", "11223344595")


@pytest.mark.parametrize(
    ("path", "value", "code", "expression"),
    [
        ("type", "batch", "not-supported", "Bundle.type"),
        ("type", "parcel", "code-invalid", "Bundle.type"),
        ("entry", [], "structure", "Bundle.entry"),
        ("entry", {}, "structure", "Bundle.entry"),
        ("entry.0", "text", "structure", "Bundle.entry[0]"),
        ("entry.0.resource", [], "structure", "Bundle.entry[0].resource"),
        ("entry.0.request.method", "DELETE", "not-supported", "Bundle.entry[0].request.method"),
        ("entry.0.request.url", "Observation", "value", "Bundle.entry[0].request.url"),
        ("entry.0.resource.birthDate", "1985-02-30", "value", "Bundle.entry[0].resource.birthDate"),
        ("entry.0.resource.birthDate", "15.03.1985", "value", "Bundle.entry[0].resource.birthDate"),
        ("entry.0.resource.birthDate", 1985, "value", "Bundle.entry[0].resource.birthDate"),
        ("entry.0.resource.birthDate", "1085-03-15", "value", "Bundle.entry[0].resource.birthDate"),
        ("entry.0.resource.gender", "F", "code-invalid", "Bundle.entry[0].resource.gender"),
        ("entry.0.resource.gendre", "female", "structure", "Bundle.entry[0].resource.gendre"),
        ("entry.0.resource.name.0.family", "", "value", "Bundle.entry[0].resource.name[0].family"),
        ("entry.0.resource.name.0.family", "Я" * 300, "too-long", "Bundle.entry[0].resource.name[0].family"),
        ("entry.0.resource.identifier.0.value", "1122", "value", "Bundle.entry[0].resource.identifier[0].value"),
        ("entry.2.resource.status", "finished", "code-invalid", "Bundle.entry[2].resource.status"),
        ("entry.2.resource.status", "draft", "business-rule", "Bundle.entry[2].resource.status"),
        ("entry.2.resource.intent", "plan", "business-rule", "Bundle.entry[2].resource.intent"),
        ("entry.2.resource.priority", "fast", "code-invalid", "Bundle.entry[2].resource.priority"),
        ("entry.2.resource.doNotPerform", True, "business-rule", "Bundle.entry[2].resource.doNotPerform"),
        ("entry.2.resource.modifierExtension", [{}], "not-supported", "Bundle.entry[2].resource.modifierExtension"),
        ("entry.2.resource.authoredOn", "2026-13-01", "value", "Bundle.entry[2].resource.authoredOn"),
        ("entry.2.resource.authoredOn", "2026-11-22T08:00:00+99:99", "value", "Bundle.entry[2].resource.authoredOn"),
        ("entry.2.resource.subject", {"reference": "urn:uuid:0"}, "not-found", "Bundle.entry[2].resource.subject.reference"),
        ("entry.2.resource.subject", {}, "structure", "Bundle.entry[2].resource.subject"),
        ("entry.2.resource.requester", {"reference": PATIENT}, "value", "Bundle.entry[2].resource.requester.reference"),
        ("entry.2.resource.code", coded((LOINC, "0-0")), "not-found", "Bundle.entry[2].resource.code.coding[0].code"),
        ("entry.2.resource.code", coded(("urn:x", "GLUS")), "not-supported", "Bundle.entry[2].resource.code.coding[0].system"),
        ("entry.2.resource.code", {"text": "sugar"}, "required", "Bundle.entry[2].resource.code.coding"),
        ("entry.2.resource.code", coded((NMU, "A09.05.054")), "multiple-matches", "Bundle.entry[2].resource.code.coding[0].code"),
        ("entry.2.resource.code", coded((LOINC, "2823-3"), ("", "GLUS")), "value", "Bundle.entry[2].resource.code.coding[1].system"),
        ("entry.2.resource.code", coded((LOINC, "2823-3"), ("urn:aliquot:test", "GLUS")), "conflict", "Bundle.entry[2].resource.code.coding"),
        ("entry.2.resource.resourceType", "Medication", "not-supported", "Bundle.entry[2].resource.resourceType"),
        ("entry.1.fullUrl", PATIENT, "duplicate", "Bundle.entry[1].fullUrl"),
    ],
)  # fmt: skip
def test_each_fault_is_named_at_its_element(path: str, value: Any, code: str, expression: str) -> None:
    reading = read(changed(path, value))
    assert reading.order is None
    assert (code, expression) in faults(reading)
    named = next(one for one in reading.issues if (one.code, one.expression) == (code, expression))
    assert named.diagnostics
    assert named.remedy


@pytest.mark.parametrize(
    "path",
    ["type", "entry", "entry.0.resource", "entry.0.request", "entry.0.resource.name", "entry.0.resource.birthDate",
     "entry.0.resource.name.0.family", "entry.2.resource.status", "entry.2.resource.intent", "entry.2.resource.code",
     "entry.2.resource.subject", "entry.2.resource.requester", "entry.0.resource.identifier.0.value"],
)  # fmt: skip
def test_a_missing_element_is_named(path: str) -> None:
    reading = read(changed(path, remove=True))
    assert reading.order is None
    expression = "Bundle" + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in path.split("."))
    assert ("required", expression) in faults(reading)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b"[" * 100_000, "nested"),
        (b'{"resourceType": "Bundle", "type": "transaction", "type": "batch"}', "'type' stands twice"),
        (b'{"resourceType": "Bundle", "id": "\\u0000"}', "character"),
        (b'{"resourceType": "Bundle", "id": "\\ud800"}', "character"),
        (b"[]", "no object"),
        (b'{"resourceType": "Patient"}', "no Bundle"),
        (b'{"x": ' + b"1" * 5000 + b"}", "not JSON"),
        (b" " * 1_000_001, "bytes"),
    ],
)
def test_what_is_no_document_is_refused_in_words(content: bytes, words: str) -> None:
    reading = read(content)
    assert reading.order is None
    assert words in " ".join(one.diagnostics for one in reading.issues)


def test_a_name_that_stands_twice_deep_inside_is_named_with_its_path() -> None:
    content = as_bytes(make_bundle()).replace(b'"gender": "female"', b'"gender": "female", "gender": "male"')
    assert faults(read(content)) == [("structure", "Bundle.entry[0].resource.gender")]


def test_a_wrong_check_digit_warns_and_the_number_is_kept() -> None:
    reading = read(changed("entry.0.resource.identifier.0.value", "112-233-445 96"))
    assert reading.order is not None
    assert reading.order.patient.snils == "11223344596"
    assert reading.order.patient.has_doubtful_number
    assert [(one.severity, one.expression) for one in reading.issues] == [
        ("warning", "Bundle.entry[0].resource.identifier[0].value")
    ]


@pytest.mark.parametrize(
    ("codings", "meant"),
    [
        ([(LOINC, "2823-3")], "K"),
        ([(NMU, "А09.05.031")], "K"),  # a Cyrillic А, as published lists have it
        ([(NMU, "B03.016.003")], "CBCP"),
        ([("urn:oid:1.2.3", "local"), (LOINC, "2823-3")], "K"),
        ([(LOINC, "14749-6"), ("urn:aliquot:test", "GLUS")], "GLUS"),
        ([(LOINC, "14749-6")], "GLU"),
    ],
)
def test_codes_of_other_systems_are_understood(codings: list[tuple[str, str]], meant: str) -> None:
    reading = read(make_bundle(make_request(code=coded(*codings))))
    assert reading.order is not None, reading.issues
    assert reading.order.codes == (meant,)


def test_several_requests_are_one_order_of_one_requisition() -> None:
    group = {"requisition": {"system": "urn:x", "value": "R-1"}}
    reading = read(make_bundle(make_request("GLUS", **group), make_request("K", priority="stat", **group)))
    assert reading.order is not None
    assert (reading.order.codes, reading.order.urgency) == (("GLUS", "K"), "S")
    assert (reading.order.external_system, reading.order.external_number) == ("urn:x", "R-1")


def test_two_patients_or_two_requisitions_are_two_bundles() -> None:
    bundle = make_bundle()
    bundle["entry"].append(make_entry(make_patient_resource(birthDate="1990-01-01"), "urn:uuid:second"))
    assert ("business-rule", "Bundle.entry[3].resource") in faults(read(bundle))
    requests = [
        make_request("GLUS", requisition={"value": "1"}),
        make_request("K", requisition={"value": "2"}),
    ]
    assert ("business-rule", "Bundle.entry[3].resource.requisition") in faults(read(make_bundle(*requests)))


def test_references_by_identifier_condition_role_and_containment_are_followed() -> None:
    role = {"resourceType": "PractitionerRole", "practitioner": {"reference": "#doc"},
            "contained": [{"resourceType": "Practitioner", "id": "doc", "name": [{"text": "Лугова Мария Олеговна"}]}]}  # fmt: skip
    subject = {"reference": "Patient?identifier=urn:oid:1.2.643.100.3|112-233-445 95"}
    bundle = make_bundle(make_request(subject=subject, requester={"reference": "urn:uuid:role"}))
    bundle["entry"].append(make_entry(role, "urn:uuid:role"))
    reading = read(bundle)
    assert reading.order is not None, reading.issues
    assert (reading.order.requester, reading.order.patient.family_name) == (
        "Лугова Мария Олеговна",
        "Тестова",
    )


def test_a_patient_of_ours_is_named_by_id_or_number() -> None:
    by_id = read(make_bundle(make_request(subject={"reference": "Patient/17"})))
    assert by_id.order is not None
    assert by_id.order.patient.known_id == 17
    number = {"system": "urn:oid:1.2.643.100.3", "value": "16449013716"}
    by_number = read(make_bundle(make_request(subject={"identifier": number})))
    assert by_number.order is None or by_number.order.patient.is_only_number


def test_without_a_number_the_digest_stands_in_with_a_warning() -> None:
    reading = read(changed("entry.2.resource.identifier", remove=True))
    assert reading.order is not None
    assert reading.order.external_number == "d" * 64
    assert [one.severity for one in reading.issues] == ["warning"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4) | st.sampled_from(["Patient", "active", PATIENT]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["reference", "coding", "x"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*way, key))


PLACES = sorted(places(make_bundle()), key=str)


def mutated(way: tuple[Any, ...], value: Any) -> dict[str, Any]:
    bundle = copy.deepcopy(make_bundle())
    here: Any = bundle
    for step in way[:-1]:
        here = here[step]
    here[way[-1]] = value
    return bundle


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), JSON)
def test_any_value_anywhere_gives_an_order_or_a_fault_with_words(way: tuple[Any, ...], value: Any) -> None:
    reading = read(mutated(way, value))
    assert (reading.order is not None) != bool(faults(reading))
    for one in operation_outcome(reading.issues)["issue"]:
        assert one["diagnostics"]
        assert one["code"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_answered(content: bytes) -> None:
    assert read(content).order is None
