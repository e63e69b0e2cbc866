"""The words an analyzer used, gathered for the person who gives them a meaning."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.instruments.rules.terms import SeenTerm, collect_terms
from tests.flow.instruments.rules.readings import AT, reading

HOUR = timedelta(hours=1)


def terms(**changes: Any) -> list[tuple[str, str, str, bool]]:
    found = collect_terms([(AT, reading(status="unknown", **changes))], {"HGB": "Haemoglobin"})
    return [(one.kind, one.term, one.meaning, one.is_known) for one in found]


def test_a_code_has_its_test_and_a_unit_its_ucum() -> None:
    assert terms() == [("code", "HGB", "Haemoglobin", True), ("unit", "g/dL", "g/dL", True)]
    assert terms(code="ZZ", unit="") == [("code", "ZZ", "", False), ("unit", "g/dL", "", False)]
    assert terms(code="", unit_raw="") == []


def test_an_index_is_a_code_with_a_meaning_of_its_own() -> None:
    assert terms(code="HI", index="H", unit_raw="") == [("code", "HI", "HIL: H", True)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"aspect": "M"}, ("aspect", "M", "report", True)),
        ({"aspect": "M", "reported": False}, ("aspect", "M", "keep", True)),
        ({"aspect": "M", "unknown": ("aspect 'M'",)}, ("aspect", "M", "", False)),
        ({"flags": ("high",)}, ("flag", "high", "high", True)),
        ({"unknown": ("flag 'ZZ'",)}, ("flag", "ZZ", "", False)),
        ({"unknown": ('flag "Z\'Z"',)}, ("flag", "Z'Z", "", False)),
        ({"unknown": ("alarm 'A1'",)}, ("flag", "A1", "", False)),
        ({"unknown": ("status 'Q'",)}, ("status", "Q", "", False)),
    ],
)
def test_each_kind_of_word_is_listed(changes: dict[str, Any], expected: tuple[str, str, str, bool]) -> None:
    assert terms(code="", unit_raw="", **changes) == [expected]


@pytest.mark.parametrize("said", ["unit 'u'", "specimen 's'", "test code", "a flag 'x'", "flag 'x' and more"])
def test_other_complaints_are_no_words(said: str) -> None:
    assert terms(code="", unit_raw="", unknown=(said,)) == []


def test_a_status_that_is_known_is_listed() -> None:
    found = collect_terms([(AT, reading(code="", unit_raw="", status="final"))], {})
    assert [(one.kind, one.term, one.is_known) for one in found] == [("status", "final", True)]


def test_a_word_is_counted_and_shown_with_its_latest_value() -> None:
    def one(at: int, value: str) -> Any:
        return AT + at * HOUR, reading(value=value, unit_raw="", status="")

    newer = [one(0, "first"), one(2, "latest"), one(1, "between")]
    assert collect_terms(newer, {}) == [
        SeenTerm("code", "HGB", 3, "latest", AT + 2 * HOUR, False, "", "g/dL")
    ]
    same = [one(0, "first"), one(0, "second")]
    assert collect_terms(same, {})[0].last_value == "second"


def test_only_a_code_is_shown_with_its_unit() -> None:
    found = {one.kind: one.unit for one in collect_terms([(AT, reading())], {})}
    assert found == {"code": "g/dL", "unit": "", "status": ""}


def test_a_word_unknown_once_is_unknown() -> None:
    readings = [(AT, reading(unit="")), (AT, reading()), (AT, reading())]
    (unit,) = [one for one in collect_terms(readings, {}) if one.kind == "unit"]
    assert (unit.count, unit.is_known) == (3, False)


def test_the_unknown_stand_first_then_by_kind_number_and_word() -> None:
    readings = [
        (AT, reading(code=code, status="", unit_raw="", flags=flags))
        for code, flags in [("B", ("x",)), ("A", ("x",)), ("A", ("w",)), ("HGB", ("w",)), ("C", ())]
    ]
    found = collect_terms(readings, {"HGB": "Haemoglobin"})
    assert [one.term for one in found] == ["A", "B", "C", "HGB", "w", "x"]
