"""The rows of a capture as a table for people."""

from typing import Any

from aliquot.flow.instruments.rules.decoding.page import Page

RESULT: dict[str, Any] = {
    "n": 1, "message": 2, "kind": "result", "specimen": "4500000017", "code": "HGB", "aspect": "", "result": "14.2",
    "unit_ucum": "g/dL", "flags_mapped": ["high", "dust"], "status_mapped": "final",
    "measured_at": "2026-11-22T06:00:00+00:00", "unknown": [], "reported": True,
}  # fmt: skip
QUERY = {"specimens": ["45", "46"], "everything": False, "cancelled": False, "tests": []}
ANSWER = {"accepted": True, "specimen": "45", "to": "M7", "reason": ""}


def lines(*rows: dict[str, Any]) -> list[str]:
    return list(Page(rows).lines())


def sentence(**row: Any) -> str:
    first, *_ = lines(row)
    return first


def cells(**changes: Any) -> list[str]:
    _, row, _ = lines(RESULT | changes)
    return [one.strip() for one in row.split("  ") if one.strip()]


def test_results_stand_in_columns_below_their_heads() -> None:
    assert lines(RESULT, RESULT | {"n": 12, "result": "5"}) == [
        "  n   msg  kind    specimen    test  value  unit  flags      status  measured at",
        "  1   2    result  4500000017  HGB   14.2   g/dL  high dust  final   2026-11-22 06:00:00",
        "  12  2    result  4500000017  HGB   5      g/dL  high dust  final   2026-11-22 06:00:00",
        "  2 results, 0 waiting for a person",
    ]


def test_an_empty_capture_says_so() -> None:
    assert lines() == ["  0 results, 0 waiting for a person"]


def test_drivers_are_named_once() -> None:
    rows = [RESULT | {"driver": "a"}, RESULT | {"driver": "b"}, RESULT | {"driver": "a"}]
    assert lines(*rows)[0] == "  driver: a, b"


def test_remarks_stand_in_the_last_column() -> None:
    remarks = cells(unknown=["flag 'Z'", "unit 'u'"], reported=False, repeats=1)[-1]
    assert remarks == "flag 'Z', unit 'u', not reported, again 1"


def test_an_aspect_stands_with_its_code_and_a_raw_unit_where_no_other_is_known() -> None:
    assert cells(aspect="M", unit_ucum="", unit="odd")[4:7] == ["HGB M", "14.2", "odd"]
    assert "None" not in " ".join(cells(measured_at=None, unit_ucum=""))


def test_long_and_unprintable_texts_are_cut() -> None:
    assert cells(result="x" * 31)[5] == "x" * 29 + "…"
    assert cells(result="x" * 30)[5] == "x" * 30
    assert cells(result="a\rb")[5] == "a b"


def test_what_waits_is_counted() -> None:
    assert lines(RESULT | {"quarantined": ["x"]})[-1] == "  1 results, 1 waiting for a person"


def test_a_question_says_about_what() -> None:
    assert sentence(message=3, query=QUERY) == "  message 3: asks about 45, 46"
    assert sentence(query=QUERY | {"tests": ["K", "NA"]}) == "  asks about 45, 46: K, NA"
    assert sentence(query=QUERY | {"specimens": [], "everything": True}) == "  asks about everything"
    assert sentence(query=QUERY | {"specimens": []}) == "  asks about nothing"
    assert sentence(query=QUERY | {"cancelled": True}) == "  withdraws its question about 45, 46"


def test_an_answer_says_to_what() -> None:
    assert sentence(message=3, answer=ANSWER) == "  message 3: accepts the order of 45"
    refused = ANSWER | {"accepted": False, "specimen": "", "reason": "no reagent"}
    assert sentence(answer=refused) == "  refuses the order of M7 no reagent"


def test_a_problem_says_where_and_shows_what_came() -> None:
    assert (
        sentence(message=3, result=4, reason="no code", raw="R|1") == "  message 3: result 4: no code | R|1"
    )
    assert sentence(reason="noise", raw="x" * 91) == "  noise | " + "x" * 89 + "…"
