"""What a report says, and which version and kind it is."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.reports.documents.rendering import lay_out_in
from aliquot.flow.reports.rules.composition import compose, kind_of
from aliquot.flow.reports.rules.corrections import corrections
from aliquot.flow.reports.rules.layout import interval_text
from aliquot.flow.reports.rules.units import printable_unit
from tests.flow.reports.samples import DOCTOR, RELEASED_AT, make_content, make_facts, make_item, make_value

EARLIER = {"version": 1, "kind": "final", "released_at": "2026-11-22T08:30:00+00:00"}


def test_a_complete_order_makes_a_final_first_version() -> None:
    content = make_content(make_item("GLUS", make_value("5.4")))
    assert (content["kind"], content["version"], content["replaces"]) == ("final", 1, None)
    [section] = content["sections"]
    [result] = section["results"]
    assert (section["name_en"], section["name_ru"]) == ("Clinical chemistry", "Биохимия")
    assert (result["value"], result["unit_en"], result["unit_ru"], result["low"], result["high"], result["flag"]) == (
        "5.4", "mmol/L", "ммоль/л", "4.1", "6.1", "N",
    )  # fmt: skip
    assert result["method_ru"] == "гексокиназный"


def test_a_test_without_a_released_result_is_only_named() -> None:
    content = make_content(make_item("GLUS", make_value()), make_item("K", item_id=501))
    assert content["kind"] == "preliminary"
    pending = content["sections"][0]["results"][1]
    assert pending["status"] == "pending"
    assert "value" not in pending


def test_nothing_is_composed_before_anything_is_released() -> None:
    assert compose(make_facts(make_item("GLUS")), released_at=RELEASED_AT, released_by=DOCTOR) is None


def test_no_report_is_made_without_its_patient() -> None:
    with pytest.raises(LookupError, match="order 42"):
        compose(make_facts(patient=None), released_at=RELEASED_AT, released_by=DOCTOR)


def test_the_same_facts_again_make_no_new_version() -> None:
    facts = make_facts(make_item("GLUS", make_value()))
    first = compose(facts, released_at=RELEASED_AT, released_by=DOCTOR)
    assert first is not None
    again = replace(facts, earlier=[EARLIER], latest=json.loads(json.dumps(first.content)))
    assert compose(again, released_at=RELEASED_AT, released_by=DOCTOR) is None


def test_an_amended_result_shows_both_values_in_a_corrected_version() -> None:
    old = make_value("4.1")
    new = make_value("7.7", version=2, amend_reason="wrong position", flag="H")
    content = make_content(make_item("GLUS", new, earlier=[old]), earlier=[EARLIER])
    [result] = content["sections"][0]["results"]
    assert (content["kind"], content["version"], content["replaces"]) == ("corrected", 2, EARLIER)
    assert (result["status"], result["value"], result["amend_reason"]) == ("amended", "7.7", "wrong position")
    assert [one["value"] for one in result["earlier"]] == ["4.1"]


def test_a_preliminary_version_is_followed_by_a_final_one() -> None:
    assert kind_of([{**EARLIER, "kind": "preliminary"}], [{"status": "final"}]) == "final"
    assert kind_of([{**EARLIER, "kind": "preliminary"}], [{"status": "amended"}]) == "corrected"
    assert kind_of([EARLIER], [{"status": "final"}]) == "corrected"


def test_a_complete_report_to_which_only_results_were_added_is_supplemented() -> None:
    glucose = make_item("GLUS", make_value("5.4"))
    before = make_content(glucose)
    added = make_item("NA", make_value("140"), item_id=2, position=2)
    content = make_content(glucose, added, earlier=[EARLIER], latest=before)
    assert (content["kind"], content["version"]) == ("supplemented", 2)
    assert corrections(before, content) == []
    assert lay_out_in(content, "ru")["kind_line"] == "Дополненный, версия 2"
    further = make_item("K", make_value("4.1"), item_id=3, position=3)
    then = [EARLIER, {**EARLIER, "version": 2, "kind": "supplemented"}]
    assert make_content(glucose, added, further, earlier=then, latest=content)["kind"] == "supplemented"


@pytest.mark.parametrize(
    "changes",
    [{"flag": "H"}, {"comment": "lipaemic"}, {"value_text": "5.5", "number": "5.5"}, {"low": "3.0"}],
)
def test_what_changed_beside_an_addition_makes_it_corrected(changes: dict[str, Any]) -> None:
    before = make_content(make_item("GLUS", make_value("5.4")))
    after = make_item("GLUS", {**make_value("5.4"), **changes})
    added = make_item("NA", make_value("140"), item_id=2, position=2)
    assert make_content(after, added, earlier=[EARLIER], latest=before)["kind"] == "corrected"
    assert make_content(added, earlier=[EARLIER], latest=before)["kind"] == "corrected"


def test_what_was_not_performed_says_why() -> None:
    why = {
        "code": "HAEM", "name_en": "Haemolysed", "name_ru": "Гемолиз",
        "advice_en": "Draw again", "advice_ru": "Взять повторно", "note": "",
    }  # fmt: skip
    content = make_content(make_item("LDH", state="not_performed", rejection=why))
    [result] = content["sections"][0]["results"]
    assert (content["kind"], result["status"], result["reason"]["name_ru"]) == (
        "final",
        "not_performed",
        "Гемолиз",
    )


def test_cancelled_tests_are_left_out_and_sections_keep_the_catalogues_order() -> None:
    content = make_content(
        make_item(
            "HGB", make_value(), item_id=1, section="HEM", section_en="Haematology", section_position=5
        ),
        make_item("K", make_value(), item_id=2, position=9),
        make_item("NA", item_id=3, state="cancelled"),
    )
    assert [(s["code"], [r["code"] for r in s["results"]]) for s in content["sections"]] == [
        ("CHEM", ["K"]),
        ("HEM", ["HGB"]),
    ]


def test_who_released_is_said_and_what_rules_released_is_counted() -> None:
    person: dict[str, Any] = {
        "is_automatic": False,
        "released_by": "person:7:orlova",
        "released_en": "Dr Orlova",
        "released_ru": "Орлова",
    }
    content = make_content(make_item("GLUS", make_value()), make_item("K", make_value(**person), item_id=501))
    assert content["released_by_rules"] == 1
    assert [one["name_ru"] for one in content["releasers"]] == ["Орлова"]


@given(st.lists(st.sampled_from(["reported", "open", "not_performed", "cancelled"]), max_size=6))
def test_every_test_that_is_not_cancelled_stands_on_the_report_once(states: list[str]) -> None:
    items = [
        make_item(f"T{n}", *([make_value()] if state == "reported" else []), state=state, item_id=n)
        for n, state in enumerate(states)
    ]
    composed = compose(make_facts(*items, items=items), released_at=RELEASED_AT, released_by=DOCTOR)
    outcomes = {state for state in states if state in ("reported", "not_performed")}
    assert (composed is not None) == bool(outcomes)
    if composed:
        shown = [one["item_id"] for section in composed.content["sections"] for one in section["results"]]
        assert sorted(shown) == [n for n, state in enumerate(states) if state != "cancelled"]


@pytest.mark.parametrize(
    ("unit", "printed"),
    [
        ("10*9/L", "10⁹/L"), ("10*12/L", "10¹²/L"), ("umol/L", "µmol/L"), ("ug/g", "µg/g"), ("m[IU]/L", "mIU/L"),
        ("mm[Hg]", "mmHg"), ("{INR}", ""), ("%", "%"), ("mL/min/{1.73_m2}", "mL/min/1.73 m²"), ("U/L", "U/L"),
        ("10^9/л", "10⁹/л"), ("mg/L{FEU}", "mg/L FEU"),
    ],
)  # fmt: skip
def test_units_are_printed_as_people_write_them(unit: str, printed: str) -> None:
    assert printable_unit(unit) == printed


def test_intervals_are_printed_with_the_side_they_have() -> None:
    assert interval_text("4.1", "6.1", "") == "4.1 – 6.1"
    assert interval_text("90", None, "") == "≥ 90"
    assert interval_text(None, "5", "") == "≤ 5"
    assert interval_text(None, None, "negative") == "negative"
