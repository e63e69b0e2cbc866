"""Report content as FHIR R4: validated by an independent library, and by the required value sets, which it does not check."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.diagnosticreport import DiagnosticReport
from fhir.resources.R4B.observation import Observation

from aliquot.flow.exchange.rules.bundle import read_bundle
from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observation, observations
from aliquot.flow.exchange.rules.searching import Bound, read_bound, read_request_key, read_token
from tests.flow.exchange.test_bundle import BOOK
from tests.flow.reports.samples import make_content, make_facts, make_item, make_value

# hl7.org/fhir/R4: valueset-diagnostic-report-status, valueset-observation-status, valueset-quantity-comparator
REPORT_STATUSES = {"registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled",
                   "entered-in-error", "unknown"}  # fmt: skip
OBSERVATION_STATUSES = {
    "registered",
    "preliminary",
    "final",
    "amended",
    "corrected",
    "cancelled",
    "entered-in-error",
    "unknown",
}
COMPARATORS = {"<", "<=", ">=", ">"}
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "fhir.md"
WHY = {
    "code": "HAEM",
    "name_en": "Haemolysed",
    "name_ru": "Гемолиз",
    "advice_en": "Draw again",
    "advice_ru": "",
    "note": "",
}


def one_of(**changes: Any) -> dict[str, Any]:
    [found] = observations(make_content(make_item("GLUS", make_value(**changes))))
    Observation.model_validate_json(json.dumps(found, default=str))
    return found


def test_every_kind_of_result_is_a_valid_observation_with_a_required_status() -> None:
    content = make_content(
        make_item("A", make_value("5.40"), item_id=1),
        make_item("B", make_value("7.7", version=2), item_id=2, earlier=[make_value("4.2")]),
        make_item("C", item_id=3, state="not_performed", rejection=WHY),
        make_item("D", item_id=4),
    )
    found = observations(content)
    assert [one["status"] for one in found] == ["final", "corrected", "cancelled", "registered"]
    for one in found:
        Observation.model_validate_json(json.dumps(one, default=str))
        assert one["status"] in OBSERVATION_STATUSES
    assert found[2]["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert "valueQuantity" not in found[2]
    assert "Haemolysed" in found[2]["note"][0]["text"]
    assert "4.2 mmol/L" in found[1]["note"][0]["text"]


@pytest.mark.parametrize(("kind", "items", "earlier"), [
    ("final", [make_item("A", make_value())], []),
    ("preliminary", [make_item("A", make_value()), make_item("B", item_id=2, position=2)], []),
    ("corrected", [make_item("A", make_value())], [{"version": 1, "kind": "final", "released_at": "2026-11-22T08:00:00+00:00"}]),
])  # fmt: skip
def test_every_kind_of_report_is_valid_with_a_required_status(
    kind: str, items: list[Any], earlier: list[Any]
) -> None:
    content = make_content(*items, earlier=earlier)
    found = diagnostic_report(content, report_id=9)
    DiagnosticReport.model_validate_json(json.dumps(found, default=str))
    assert found["status"] == kind
    assert found["status"] in REPORT_STATUSES
    assert [one["reference"] for one in found["result"]] == [
        f"Observation/{item['item_id']}" for item in items
    ]
    assert {one["url"] for one in found["presentedForm"]} == {"Binary/9-en", "Binary/9-ru"}
    assert found["basedOn"][0]["reference"] == "ServiceRequest/42-A"
    assert found["performer"][0]["identifier"]["value"] == "urn:oid:1.2.643.5.1.13.13.12.2.45.1.0.9"


def test_a_report_to_which_results_were_added_is_appended() -> None:
    content = {**make_content(make_item("A", make_value())), "kind": "supplemented"}
    found = diagnostic_report(content, report_id=9)
    DiagnosticReport.model_validate_json(json.dumps(found, default=str))
    assert (found["status"], found["status"] in REPORT_STATUSES) == ("appended", True)


def test_digits_unit_and_limits_are_those_that_were_released() -> None:
    quantity = one_of(value="5.40")["valueQuantity"]
    assert quantity["value"] == Decimal("5.40")
    assert str(quantity["value"]) == "5.40"
    assert (quantity["unit"], quantity["code"], quantity["system"]) == (
        "mmol/L",
        "mmol/L",
        "http://unitsofmeasure.org",
    )
    [limits] = one_of()["referenceRange"]
    assert (limits["low"]["value"], limits["high"]["value"]) == (Decimal("4.1"), Decimal("6.1"))


def test_a_comparator_and_words_are_said_as_such() -> None:
    below = one_of(value="<5", number="5", comparator="<")["valueQuantity"]
    assert (below["comparator"], below["value"]) == ("<", Decimal(5))
    assert below["comparator"] in COMPARATORS
    assert one_of(value="negative", number=None)["valueString"] == "negative"


@pytest.mark.parametrize("flag", ["LL", "L", "N", "H", "HH", "A"])
def test_flags_are_codes_of_the_interpretation_system(flag: str) -> None:
    coding = one_of(flag=flag)["interpretation"][0]["coding"][0]
    assert (coding["system"], coding["code"]) == (
        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
        flag,
    )


def test_no_flag_is_no_interpretation_and_no_interval_no_range() -> None:
    found = one_of(flag="", low=None, high=None)
    assert "interpretation" not in found
    assert "referenceRange" not in found


def test_panels_are_one_request_and_unknown_items_no_observation() -> None:
    items = [
        make_item(code, make_value(), item_id=n, panel="CBCP", panel_en="CBC") for n, code in enumerate("AB")
    ]
    content = make_content(*items)
    assert diagnostic_report(content, report_id=1)["basedOn"] == [{"reference": "ServiceRequest/42-CBCP"}]
    assert observation(content, 77) is None


def test_the_patient_of_the_samples_is_the_subject() -> None:
    found = one_of()
    assert found["subject"]["reference"] == f"Patient/{(make_facts().patient or {})['id']}"
    assert found["effectiveDateTime"] == "2026-11-22T05:20:00+00:00"
    assert found["specimen"]["reference"] == "Specimen/60"


def test_the_example_of_the_reference_is_taken_without_a_word() -> None:
    example = REFERENCE.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    reading = read_bundle(example.encode(), BOOK, digest="d")
    assert reading.issues == ()
    assert reading.order is not None
    assert reading.order.codes == ("CBCP",)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026", "2026-01-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
        ("2026-12", "2026-12-01T00:00:00+00:00", "2027-01-01T00:00:00+00:00"),
        ("eq2026-11-22", "2026-11-22T00:00:00+00:00", "2026-11-23T00:00:00+00:00"),
        ("ge2026-11-22", "2026-11-22T00:00:00+00:00", None),
        ("gt2026-11-22", "2026-11-23T00:00:00+00:00", None),
        ("le2026-11-22", None, "2026-11-23T00:00:00+00:00"),
        ("lt2026-11-22T08:00:00+03:00", None, "2026-11-22T08:00:00+03:00"),
        ("gt2026-11-22T05:00:00Z", "2026-11-22T05:00:01+00:00", None),
    ],
)
def test_dates_of_a_search_cover_their_period(text: str, since: str | None, until: str | None) -> None:
    found = read_bound(text)
    assert isinstance(found, Bound)
    assert (found.since and found.since.isoformat(), found.until and found.until.isoformat()) == (
        since,
        until,
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "ne2026",
        "2026-02-30",
        "2026-11-22T25:00:00Z",
        "ge",
        "9999999",
        "0000",
        "9999",
        "9999-12",
        "9999-12-31",
        "2026-11-22T08:00:00+99:99",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_bound(text) is None


def test_tokens_and_request_ids_are_taken_apart() -> None:
    assert read_token("urn:x|7") == ("urn:x", "7")
    assert read_token("7") == (None, "7")
    assert read_token("|7") == ("", "7")
    assert read_request_key("ServiceRequest/12-GLUS") == (12, "GLUS")
    assert read_request_key("12") is None
