"""The rarer ways of a Bundle: other references, numbers, names, repeats, and what is too much."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from aliquot.flow.exchange.rules.bundle import BundleReading, without_path
from aliquot.flow.exchange.rules.codebook import Orderable, make_codebook
from aliquot.flow.exchange.rules.issues import MOST_ISSUES, Issue, operation_outcome
from aliquot.flow.exchange.rules.request_facts import AskedEntry, AskedOrder, AskedPatient
from tests.flow.exchange.bundles import (
    PATIENT,
    changed,
    make_bundle,
    make_entry,
    make_patient_resource,
    make_request,
)
from tests.flow.exchange.test_bundle import BOOK, LOINC, coded, faults, read

SNILS, POLICY = "urn:oid:1.2.643.100.3", "urn:oid:1.2.643.2.69.1.1.1.6.228"
REQUEST = "Bundle.entry[2].resource"


def ordered(bundle: Any) -> AskedOrder:
    reading = read(bundle)
    assert reading.order is not None, reading.issues
    return reading.order


def said(reading: BundleReading) -> list[tuple[str, str, str]]:
    return [(one.severity, one.code, one.expression) for one in reading.issues]


def test_more_entries_than_a_bundle_may_have_are_refused_before_they_are_read() -> None:
    bundle = make_bundle()
    bundle["entry"] = [bundle["entry"][0]] * 501
    reading = read(bundle)
    assert faults(reading)[-1] == ("too-long", "Bundle.entry")
    assert reading.issues[-1].diagnostics == "The Bundle has 501 entries."


def test_what_is_kept_but_not_read_is_said() -> None:
    bundle = make_bundle()
    bundle["entry"].append(make_entry({"resourceType": "Specimen"}, "urn:uuid:tube"))
    reading = read(bundle)
    assert said(reading) == [("information", "informational", "Bundle.entry[3].resource")]
    assert reading.order is not None
    assert reading.order.entries[-1] == AskedEntry("Specimen")
    assert reading.order.entries[2] == AskedEntry("ServiceRequest", "GLUS")


def test_a_request_of_an_entry_that_is_no_object_is_named() -> None:
    assert ("structure", "Bundle.entry[0].request") in faults(read(changed("entry.0.request", "POST")))


@pytest.mark.parametrize(
    ("entry", "method", "is_taken"),
    [(0, "POST", True), (0, "PUT", True), (2, "POST", True), (2, "PUT", False), (0, "PATCH", False)],
)
def test_what_is_asked_for_is_created_and_persons_may_be_renewed(
    *, entry: int, method: str, is_taken: bool
) -> None:
    reading = read(changed(f"entry.{entry}.request.method", method))
    assert (reading.order is not None) is is_taken
    if not is_taken:
        assert faults(reading) == [("not-supported", f"Bundle.entry[{entry}].request.method")]


def test_a_url_may_name_an_instance_or_a_condition() -> None:
    assert ordered(changed("entry.0.request.url", "Patient/17"))
    assert ordered(changed("entry.0.request.url", "Patient?identifier=x|1"))


def test_requests_for_different_patients_are_several_orders() -> None:
    requests = [make_request("GLUS"), make_request("K", subject={"reference": "Patient/17"})]
    assert ("business-rule", "Bundle.entry[3].resource.subject") in faults(read(make_bundle(*requests)))


def test_the_bundles_own_number_serves_several_requests_without_one() -> None:
    requests = [make_request("GLUS"), make_request("K")]
    bundle = make_bundle(*requests) | {"identifier": {"system": "urn:x", "value": "B-7"}}
    order = ordered(bundle)
    assert (order.external_system, order.external_number) == ("urn:x", "B-7")
    single = ordered(make_bundle() | {"identifier": {"system": "urn:x", "value": "B-7"}})
    assert single.external_number == "MO1-000123"
    assert ordered(make_bundle(*requests)).external_number == "MO1-000123"


def test_where_it_stood_is_no_part_of_what_is_asked() -> None:
    one = ordered(make_bundle())
    plain = without_path(one)
    assert (plain.patient.path, plain.requests_path, plain.entries) == ("", "", ())
    assert replace(plain, patient=one.patient, requests_path=one.requests_path, entries=one.entries) == one


def test_ward_diagnosis_and_note_are_the_first_that_are_said() -> None:
    more: dict[str, Any] = {
        "locationReference": [{"reference": "Location/1"}, {"display": "Ward 5"}, {"display": "Ward 6"}],
        "reasonCode": [
            {"coding": [{"system": "urn:other", "code": "x"}, {"code": "E11.9"}]},
            {"text": "sugar"},
        ],
        "note": [{"text": "fasting"}, {"text": "left arm"}],
    }
    order = ordered(make_bundle(make_request(**more)))
    assert (order.ward, order.diagnosis, order.note) == ("Ward 5", "E11.9", "fasting left arm")
    by_code = ordered(make_bundle(make_request(locationCode=[{"text": "ICU"}])))
    assert (by_code.ward, by_code.diagnosis, by_code.note) == ("ICU", "", "")


@pytest.mark.parametrize(
    ("system", "kept"),
    [("http://hl7.org/fhir/sid/icd-10", "I10"), ("urn:oid:1.2.643.5.1.13.13.11.1005", "I10"), ("urn:x", "")],
)
def test_a_diagnosis_is_read_from_systems_of_icd_10_alone(system: str, kept: str) -> None:
    reason = {"coding": [{"system": system, "code": "I10"}]}
    assert ordered(make_bundle(make_request(reasonCode=[reason]))).diagnosis == kept


def test_a_test_asked_for_twice_is_measured_once_and_said_so() -> None:
    reading = read(make_bundle(make_request("K"), make_request("GLUS"), make_request("K")))
    assert reading.order is not None
    assert reading.order.codes == ("K", "GLUS")
    assert ("warning", "duplicate", "Bundle.entry[4].resource.code") in said(reading)


@pytest.mark.parametrize(
    ("number", "system", "facts"),
    [
        ("112-233-445 95", SNILS, {"snils": "11223344595"}),
        ("112-233-445 96", SNILS, {"snils": "11223344596"}),
        ("7700000000000003", POLICY, {"policy_number": "7700000000000003"}),
    ],
)
def test_a_patient_not_in_the_document_is_told_by_a_number(
    number: str, system: str, facts: dict[str, str]
) -> None:
    subject = {"identifier": {"system": system, "value": number}}
    bundle = make_bundle(make_request(subject=subject))
    del bundle["entry"][0]
    patient = ordered(bundle).patient
    assert patient == AskedPatient("Bundle.entry[1].resource.subject", is_only_number=True, **facts)  # type: ignore[arg-type]


def test_a_number_of_the_document_leads_to_its_patient() -> None:
    subject = {"identifier": {"system": SNILS, "value": "112-233-445 95"}}
    assert ordered(make_bundle(make_request(subject=subject))).patient.family_name == "Тестова"


@pytest.mark.parametrize(
    ("subject", "code", "at"),
    [
        ({"identifier": {"system": SNILS, "value": "12"}}, "value", "subject.identifier.value"),
        ({"identifier": {"system": "urn:x", "value": "1"}}, "not-found", "subject"),
        ({"display": "Anna"}, "not-found", "subject"),
        ({"type": "Patient"}, "required", "subject.reference"),
        ({"reference": "Patient?family=Testova"}, "not-supported", "subject.reference"),
        ({"reference": "Patient?identifier=1122"}, "not-supported", "subject.reference"),
        ({"reference": "Patient?identifier=urn:x|"}, "not-supported", "subject.reference"),
        ({"reference": "Patient?identifier=urn:x|1&x=2"}, "not-supported", "subject.reference"),
        ({"reference": "Practitioner/17"}, "not-found", "subject.reference"),
        ({"reference": "#nobody"}, "not-found", "subject.reference"),
    ],
)
def test_a_subject_that_leads_nowhere_is_named(subject: dict[str, Any], code: str, at: str) -> None:
    assert (code, f"{REQUEST}.{at}") in faults(read(make_bundle(make_request(subject=subject))))


def test_a_patient_without_a_list_of_numbers_carries_none() -> None:
    bundle = make_bundle(
        make_request(subject={"identifier": {"system": SNILS, "value": "112-233-445 95"}}),
        patient=make_patient_resource(identifier="none"),
    )
    assert ordered(bundle).patient == AskedPatient(
        f"{REQUEST}.subject", is_only_number=True, snils="11223344595"
    )


def test_a_requester_may_be_named_only() -> None:
    assert ordered(make_bundle(make_request(requester={"display": "Dr Who"}))).requester == "Dr Who"
    by_id = {"reference": "Practitioner/3", "display": "Dr Who"}
    assert ordered(make_bundle(make_request(requester=by_id))).requester == "Dr Who"


def test_a_requester_without_a_name_is_a_fault_said_once() -> None:
    nameless = read(make_bundle(make_request(requester={"reference": "Practitioner/3"})))
    assert faults(nameless) == [("required", f"{REQUEST}.requester")]
    below = read(changed("entry.1.resource.name", remove=True))
    assert faults(below) == [("required", "Bundle.entry[1].resource.name")]


def role(**changes: Any) -> dict[str, Any]:
    bundle = make_bundle(
        make_request(requester={"reference": "urn:uuid:role", "display": "The ward's doctor"})
    )
    bundle["entry"].append(make_entry({"resourceType": "PractitionerRole", **changes}, "urn:uuid:role"))
    return bundle


def test_a_role_without_a_person_has_the_name_that_stands_beside_it() -> None:
    assert ordered(role()).requester == "The ward's doctor"
    assert ordered(role(practitioner={"display": "Dr Who"})).requester == "Dr Who"


def test_two_numbers_of_one_kind_are_refused_and_one_twice_is_not() -> None:
    number = {"system": SNILS, "value": "112-233-445 95"}
    other = number | {"value": "164-490-137 16"}
    twice = make_bundle(patient=make_patient_resource(identifier=[number, number]))
    assert ordered(twice).patient.snils == "11223344595"
    differing = make_bundle(patient=make_patient_resource(identifier=[number, other]))
    assert faults(read(differing)) == [("conflict", "Bundle.entry[0].resource.identifier[1].value")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            [{"family": "A", "given": ["B"]}, {"use": "official", "family": "C", "given": ["D", "E"]}],
            ("C", "D", "E"),
        ),
        ([{"family": "A", "given": ["B"]}, {"family": "C"}], ("A", "B", "")),
        ([{"family": "A"}], ("A", "", "")),
        ([{"text": "A B C D"}], ("A", "B", "C D")),
        ([{"text": "A"}], ("A", "", "")),
    ],
)
def test_a_name_is_the_official_or_the_first_one(names: list[Any], expected: tuple[str, str, str]) -> None:
    patient = ordered(make_bundle(patient=make_patient_resource(name=names))).patient
    assert (patient.family_name, patient.given_name, patient.patronymic) == expected


def test_names_that_are_no_objects_are_named() -> None:
    assert ("structure", "Bundle.entry[0].resource.name") in faults(
        read(changed("entry.0.resource.name", "Anna"))
    )


@pytest.mark.parametrize(("gender", "sex"), [("male", "M"), ("other", "U"), ("unknown", "U")])
def test_gender_becomes_the_sex_of_the_card(gender: str, sex: str) -> None:
    assert ordered(changed("entry.0.resource.gender", gender)).patient.sex == sex


def test_a_missing_gender_only_warns() -> None:
    reading = read(changed("entry.0.resource.gender", remove=True))
    assert said(reading) == [("warning", "required", "Bundle.entry[0].resource.gender")]
    assert reading.order is not None
    assert reading.order.patient.sex == "U"


def test_the_oldest_who_may_live_was_born_in_1880() -> None:
    assert (
        str(ordered(changed("entry.0.resource.birthDate", "1880-01-01")).patient.birth_date) == "1880-01-01"
    )
    assert read(changed("entry.0.resource.birthDate", "1879-12-31")).order is None


@pytest.mark.parametrize(
    ("priority", "urgency"), [("routine", "R"), ("urgent", "S"), ("asap", "S"), ("stat", "S")]
)
def test_priority_becomes_urgency(priority: str, urgency: str) -> None:
    assert ordered(changed("entry.2.resource.priority", priority)).urgency == urgency


def test_a_name_that_holds_no_character_is_refused() -> None:
    content = b'{"resourceType": "Bundle", "a\\u0000b": 1}'
    assert ("structure", "Bundle") in faults(read(content))


def test_a_document_nested_too_deeply_is_refused_with_the_place() -> None:
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    assert "too-long" in {code for code, _ in faults(read(changed("entry.0.resource.text", deep)))}


def test_only_what_is_said_stands_in_an_outcome_and_not_more_than_a_hundred() -> None:
    full = Issue("error", "value", "Wrong.", "Mend it.", "Bundle.id")
    assert operation_outcome([full, Issue("warning", "value", "Odd.")]) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "value",
                "details": {"text": "Mend it."},
                "diagnostics": "Wrong.",
                "expression": ["Bundle.id"],
            },
            {"severity": "warning", "code": "value", "diagnostics": "Odd."},
        ],
    }
    assert len(operation_outcome([full] * 101)["issue"]) == MOST_ISSUES == 100


@pytest.mark.parametrize(
    ("severity", "is_fault"), [("fatal", True), ("error", True), ("warning", False), ("information", False)]
)
def test_only_errors_stop_an_order(*, severity: str, is_fault: bool) -> None:
    assert Issue(severity, "value", "").is_fault is is_fault


def test_a_code_that_is_no_text_is_named_once() -> None:
    reading = read(make_bundle(make_request(code={"coding": [{"system": LOINC, "code": 5}]})))
    assert [one for one in faults(reading) if one[1].endswith("coding[0].code")]


def test_a_test_without_a_code_of_a_system_has_none_in_the_book() -> None:
    book = make_codebook([Orderable("X", "", "")])
    assert len(book.meanings("urn:aliquot:test", "X")) == 1
    assert book.meanings(LOINC, "") == ()


def test_codings_that_are_no_list_are_named() -> None:
    bundle = copy.deepcopy(make_bundle(make_request(code={"coding": {}})))
    assert ("structure", f"{REQUEST}.code.coding") in faults(read(bundle))
    assert coded((LOINC, "1"))["coding"][0]["code"] == "1"
    assert PATIENT in {one["fullUrl"] for one in bundle["entry"]}
    assert BOOK.meanings(LOINC, "2823-3")[0].code == "K"
