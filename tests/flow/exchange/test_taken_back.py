"""Reports of values that were taken back, given free again or amended, as FHIR R4."""

from typing import Any

import pytest

from aliquot.flow.exchange.rules.diagnostic_report import diagnostic_report, observation, observations
from tests.flow.reports.samples import make_content, make_item, make_place, make_value

EARLIER = [{"version": 1, "kind": "final", "released_at": "2026-11-22T08:30:00+00:00"}]
TAKEN = {
    "code": "withdrawn", "name_en": "Dr A. Orlova", "name_ru": "Орлова А. С.", "note": "wrong tube",
    "at": "2026-11-22T09:00:00+00:00",
}  # fmt: skip
GONE = make_item("GLUS", earlier=[make_value("9.9", retraction=TAKEN)])
FREE = make_item("GLUS", make_value(retraction=TAKEN | {"code": "given_free"}))
AMENDED = make_item(
    "GLUS", make_value("7.7", version=2, amend_reason="wrong position"), earlier=[make_value("4.1")]
)
FINE = make_item("K", make_value(), item_id=9, position=9)


def status(*items: dict[str, Any], earlier: list[Any]) -> str:
    found: str = diagnostic_report(make_content(*items, earlier=earlier), report_id=9)["status"]
    return found


def notes(item: dict[str, Any]) -> list[str]:
    [found] = observations(make_content(item, earlier=EARLIER))
    return [one["text"] for one in found.get("note", [])]


@pytest.mark.parametrize(
    ("items", "earlier", "expected"),
    [
        ([GONE], EARLIER, "entered-in-error"),
        ([GONE, FINE], EARLIER, "corrected"),
        ([FREE], EARLIER, "amended"),
        ([FREE], [], "final"),
        ([FREE, FINE], EARLIER, "amended"),
        ([FREE, AMENDED | {"item_id": 9}], EARLIER, "corrected"),
        ([FREE, GONE | {"item_id": 9}], EARLIER, "corrected"),
        ([AMENDED], EARLIER, "corrected"),
        ([FINE], [], "final"),
    ],
)
def test_the_report_says_what_became_of_its_values(
    items: list[Any], earlier: list[Any], expected: str
) -> None:
    assert status(*items, earlier=earlier) == expected


def test_a_withdrawn_value_is_an_error_with_the_reason_and_no_value() -> None:
    [found] = observations(make_content(GONE, earlier=EARLIER))
    assert found["status"] == "entered-in-error"
    assert found["dataAbsentReason"]["coding"] == [
        {
            "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
            "code": "error",
            "display": "Error",
        }
    ]
    assert not found.keys() & {"valueQuantity", "valueString", "interpretation"}
    assert notes(GONE) == [
        (
            "Withdrawn, do not use. Earlier value: 9.9 mmol/L, released 2026-11-22T08:15:00+00:00."
            " 2026-11-22T09:00:00+00:00, Dr A. Orlova. Reason: wrong tube."
        )
    ]


def test_a_value_under_investigation_is_not_to_be_used_either() -> None:
    recalled = make_item("GLUS", recalled=[make_value("9.9", retraction=TAKEN | {"code": "recalled"})])
    assert notes(recalled)[0].startswith("Under investigation, do not use. Earlier value: 9.9 mmol/L")


def test_a_value_given_free_again_says_by_whom_and_why() -> None:
    said = "Investigated and confirmed 2026-11-22T09:00:00+00:00 by Dr A. Orlova. Reason: wrong tube."
    assert notes(FREE) == [said]


def test_an_amended_value_says_what_it_was_and_why_when_somebody_said_it() -> None:
    was = "Corrected. Earlier value: 4.1 mmol/L, released 2026-11-22T08:15:00+00:00."
    assert notes(AMENDED) == [f"{was} Reason: wrong position."]
    silent = make_item("GLUS", make_value("7.7", version=2), earlier=[make_value("4.1"), make_value("4.2")])
    assert notes(silent) == [was.replace("4.1", "4.2"), was]


def test_a_comment_stands_before_what_changed() -> None:
    assert notes(AMENDED | {"values": [make_value("7.7", comment="lipaemic")]})[0] == "lipaemic"


def test_what_was_not_performed_without_a_word_has_no_note() -> None:
    assert notes(make_item("GLUS", state="not_performed")) == []


def test_one_observation_is_found_by_the_item_of_the_order() -> None:
    content = make_content(make_item("GLUS", make_value()), FINE)
    found = observation(content, 9)
    assert found is not None
    assert found["id"] == "9"
    assert found == observations(content)[1]
    assert observation(content, 10) is None


def test_a_laboratory_without_its_own_number_has_its_organisations_or_none() -> None:
    def performer(**changes: Any) -> dict[str, Any]:
        places = {"laboratory": make_place(**changes), "ordering_site": make_place()}
        found: dict[str, Any] = diagnostic_report(make_content(places=places), report_id=9)["performer"][0]
        return found

    assert performer(oid="")["identifier"]["value"] == "urn:oid:1.2.643.5.1.13.13.12.2.45.1"
    assert performer(oid="", organisation_oid="") == {
        "type": "Organization",
        "display": "Kurgan Hub Laboratory",
    }
