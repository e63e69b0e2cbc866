"""Questions in JSON: the whole family of each kind, and what is malformed."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.proficiency.rules.requests import several, single
from aliquot.oversight.proficiency.rules.requests.answers import answer
from aliquot.oversight.proficiency.rules.requests.fields import QuestionError


def answer_of(**inputs: Any) -> dict[str, Any]:
    return answer(inputs)


def test_numbers_as_text_are_exact() -> None:
    exact = answer_of(x="5.4", assigned="5.0", sigma_pt="0.2", u_assigned="0.02")
    assert (exact["z"], exact["signal"], exact["use_z_prime"]) == (2, "acceptable", False)
    assert answer_of(x=5.4, assigned=5.0, sigma_pt=0.2)["signal"] == "warning", (
        "as published cases are computed"
    )


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"value": 140, "x_pt": 138, "sigma": 2, "u_pt": "0.9"}, {"z": 1, "use_z_prime": True, "signal": "acceptable"}),
        ({"x": 11, "assigned": 10, "sigma_pt": 1, "group_mean": 9, "group_sd": 4}, {"sdi": 0.5, "z": 1, "z_prime": None}),
        ({"x": 11, "peer_mean": 10, "peer_sd": 2}, {"sdi": 0.5}),
        ({"x": 11, "assigned": 10, "group_sd": 2}, {"sdi": 0.5, "d_percent": 10}),
        ({"x": 11, "assigned": 10, "sigma_pt": 1, "group_mean": 9}, {"sdi": 2, "z": 1}),
        ({"x": 11, "assigned": 10, "group_mean": 9}, {"d_percent": 10}),
        ({"x": 1, "assigned": 0, "sigma_pt": 1}, {"d_percent": None}),
        ({"x": 9, "ref": 4, "u_lab": 3, "u_ref": 4}, {"zeta": 1, "En": 0.5, "acceptable": True}),
        ({"x": 9, "ref": 4, "U_lab": 9, "U_ref": 12, "k": 3}, {"zeta": 1, "acceptable": True}),
        ({"x": 66, "target": 60, "limit_abs": 6, "limit_pct": 8}, {"allowed": 6, "pass": True, "deviation": 6}),
        ({"x": 1.1, "target": 1.0, "limit_abs": 0.1}, {"pass": True}),
        ({"x": 1.1, "target": 1.0, "limit_pct": 10}, {"pass": True}),
        ({"x": 1.11, "target": 1.0, "limit_abs": 0.1}, {"pass": False}),
        ({"x": 1.3, "target": 1.0, "limit_sd": 3, "group_sd": 0.1}, {"pass": True}),
        ({"x": 0.0, "target": 0.0, "limit_sd": 3, "sigma_pt": 0.1}, {"pass": True}),
        ({"x": 66, "target": 60, "tea_pct": 8}, {"allowed": 4.8, "pass": False}),
        ({"x": 66, "target": 60, "limit_sd": 3, "group_sd": 2}, {"allowed": 6, "pass": True}),
        ({"x": 66, "target": 60, "limit_sd": 3, "sd": 2}, {"allowed": 6, "pass": True}),
        ({"results": [True, "pass", 1, "acceptable", False]}, {"score_pct": 80, "satisfactory": True}),
        ({"results": [True, None]}, {"score_pct": 50, "satisfactory": False}),
        ({"results": [True, False], "needed": 50}, {"satisfactory": True}),
        ({"results": [{"x": 4.4, "target": 4, "limit_abs": 0.5}, {"x": 5, "target": 4, "limit_abs": 0.5}]}, {"score_pct": 50}),
        ({"events": [60, 100, [True, False]]}, {"unsuccessful": True, "scores_pct": [60, 100, 50]}),
        ({"events": [{"score_pct": 80}, {"results": [True]}, None, True, "fail"]}, {"scores_pct": [80, 100, 0, 100, 0]}),
        ({"value": "2+", "expected": "1+", "grades": ["neg", "1+", "2+"], "allowed_grades": 1}, {"distance": 1, "acceptable": True}),
        ({"value": "red", "expected": "blue"}, {"signal": "action", "acceptable": False, "distance": None}),
        ({"x": [1, 2, 3, 4, 100], "stop": "third significant figure"}, {"median": 3, "converged": True}),
        ({"values": [1, 2, 3, 4, 100], "method": "Q/Hampel"}, {"median": 3, "n": 5}),
        ({"results": [1.5, 2, 3.5]}, {"median": 2}),
        ({"ranges": [1, 1, 1, 9], "nu": 1}, {"n": 4}),
        ({"samples": [[10, 10.2], [10.1, 10.2]], "sigma_pt": 1}, {"is_homogeneous": True, "few": True, "suspect": None}),
        ({"samples": [[10, 10.1]] * 9 + [[10, 14]], "sigma_pt": 1}, {"suspect": 10}),
        ({"before": [10, 10.1], "after": [10, 10.2], "sigma": 1}, {"is_stable": True}),
        ({"inputs": {"x": 2, "assigned": 1, "sigma_pt": 1, "analyte": "K"}}, {"z": 1, "unused": ["analyte"]}),
    ],
)  # fmt: skip
def test_the_family_of_questions(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    found = answer(inputs)
    for key, value in expected.items():
        assert float(found[key]) == pytest.approx(value) if isinstance(value, float) else found[key] == value


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "Nothing to score"),
        ({"colour": 1}, "Nothing to score"),
        ({"x": 1}, "it needs assigned with sigma_pt"),
        ({"assigned": 1, "sigma_pt": 1}, "x lacks"),
        ({"x": 1, "sigma_pt": 1}, "assigned lacks"),
        ({"x": "high", "assigned": 1, "sigma_pt": 1}, "x: 'high' is no number"),
        ({"x": True, "assigned": 1, "sigma_pt": 1}, "x: True is no number"),
        ({"x": 1e400, "assigned": 1, "sigma_pt": 1}, "inf is no finite number"),
        ({"x": 1, "assigned": 1, "sigma_pt": 0}, "sigma_pt: 0 is not greater than 0"),
        ({"x": 1, "assigned": 1, "sigma_pt": 1, "u_assigned": -1}, "u_assigned: -1 is negative"),
        ({"x": 1, "value": 2, "assigned": 1, "sigma_pt": 1}, "x and value say the same"),
        ({"x": 1, "ref": 1, "U_lab": 0, "U_ref": 0}, "must be greater than 0"),
        ({"x": 1, "target": 1, "limit_sd": 3}, "give group_sd"),
        ({"results": []}, "results: [] is no list with values"),
        ({"results": [True, "perhaps"]}, "results, value 2: 'perhaps' is neither"),
        ({"sds": [1, -2, 3]}, "sds: -2 is negative."),
        ({"results": [{"x": 1, "target": 1, "sigma_pt": 1}]}, "results, value 1: give limit_abs"),
        ({"events": [101]}, "events, value 1: 101 is no percentage"),
        ({"events": ["much"]}, "events, value 1: 'much' is no number"),
        ({"x": [1, None]}, "x, value 2: None is no number"),
        ({"x": [5]}, "fewer than two"),
        ({"x": [5, 5, 5]}, "all values are identical"),
        ({"x": [1, 2, "a"]}, "x, value 3: 'a' is no number"),
        ({"x": [1, 2, 3], "stop": "soon"}, "stop: 'soon' is neither"),
        ({"x": [1, 2, 3], "k": -1}, "k: -1 is not greater than 0"),
        ({"x": [1, 2, 3], "method": "B"}, "method: 'b' is none of"),
        ({"ranges": [1], "nu": 1}, "ranges: fewer than two"),
        ({"ranges": [1, 2], "nu": 0.5}, "nu: 0.5 is no whole number from 1"),
        ({"samples": [[1, 2], [1, 2]]}, "sigma_pt lacks"),
        ({"samples": [1, 2], "sigma_pt": 1}, "samples, value 1: 1 is no list"),
        ({"samples": [[1, 2], [1]], "sigma_pt": 1}, "samples: two samples or more"),
        ({"before": [1], "after": [1, 2], "sigma_pt": 1}, "before, after: each date"),
        ({"before": ["a", 1], "after": [1, 2], "sigma_pt": 1}, "before, value 1: 'a'"),
        ({"participants": [7]}, "participants, value 1: 7 is no object"),
        ({"participants": [{"value": 7}]}, "participants, value 1: the participant lacks"),
        ({"participants": [{"lab": "A", "value": True}]}, "value: True is no text"),
        ({"participants": [{"lab": "A", "value": 1e400}]}, "value 1 (A): inf is no finite number"),
        ({"participants": [{"lab": "A", "value": 1}], "by_method": "yes"}, "by_method: 'yes' is neither true"),
        ({"participants": [{"lab": "A", "value": 1}], "basis": "hope"}, "basis: 'hope' is none of"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named(inputs: dict[str, Any], words: str) -> None:
    with pytest.raises(QuestionError) as told:
        answer(inputs)
    assert words in str(told.value)


def test_a_round_in_json() -> None:
    entries = [{"lab": f"L{at}", "value": value} for at, value in enumerate((5.0, 5.2, 5.8, None, "clotted"))]
    found = answer_of(participants=entries, assigned=5.0, sigma_pt=0.2)
    (item,) = found["items"]
    assert [one["signal"] for one in item["scores"]] == [
        "acceptable",
        "acceptable",
        "action",
        "missing",
        "not_scored",
    ]
    assert [one.get("z") for one in item["scores"][:3]] == [0, 1, 4]
    assert found["acceptable_pct"] == {"L0": 100, "L1": 100, "L2": 0, "L3": 0, "L4": None}
    words = [{"lab": one, "value": one} for one in ("neg", "1+", "3+")]
    graded = answer_of(participants=words, expected="neg", grades=["neg", "1+", "2+", "3+"], allowed_grades=1)
    assert [one["signal"] for one in graded["items"][0]["scores"]] == ["acceptable", "acceptable", "action"]


@pytest.mark.parametrize(
    "inputs",
    [
        {"x": 1e308, "assigned": -1e308, "sigma_pt": 1e-9},
        {"x": "1e999999", "assigned": "-1e999999", "sigma_pt": "1e-999999"},
        {"x": "1e400", "assigned": 1.5, "sigma_pt": 1},
        {"samples": [[1e300, 1e-300], [1e300, -1e300]], "sigma_pt": 1e-300},
    ],
)
def test_numbers_beyond_all_measure_are_refused(inputs: dict[str, Any]) -> None:
    with pytest.raises(QuestionError, match="too large"):
        answer(inputs)


def test_a_round_that_cannot_be_judged_says_why() -> None:
    entries = [{"lab": f"L{at}", "value": at} for at in range(3001)]
    with pytest.raises(QuestionError, match="more than 3000 values"):
        answer({"participants": entries, "method": "q_hampel"})
    with pytest.raises(QuestionError, match="cannot be computed with"):
        answer(
            {"participants": [{"lab": "A", "value": "1e999999"}], "assigned": "1e-9", "sigma_pt": "1e-999999"}
        )


NUMBERS = st.one_of(
    st.integers(-5, 200), st.floats(allow_nan=False), st.sampled_from(["5.4", "1e9", "x", "-1"])
)
VALUES = st.one_of(NUMBERS, st.none(), st.booleans(), st.text(max_size=4))
LISTED = st.lists(st.one_of(VALUES, st.lists(VALUES, max_size=3)), max_size=6)
NAMES = sorted(
    {*single.SPELLINGS, *several.SPELLINGS, *single.SPELLINGS.values(), *several.SPELLINGS.values()}
)
PARTICIPANT = st.dictionaries(st.sampled_from(["lab", "value", "u", "method", "sample"]), VALUES, max_size=5)


@given(
    st.dictionaries(
        st.sampled_from(NAMES), st.one_of(VALUES, LISTED, st.lists(PARTICIPANT, max_size=4)), max_size=6
    )
)
def test_whatever_is_asked_is_answered_or_refused_in_words(inputs: dict[str, Any]) -> None:
    with suppress(QuestionError):
        said = json.dumps(answer(inputs), default=str)
        assert "Infinity" not in said
        assert "NaN" not in said


def test_an_iteration_told_to_stop_at_nothing_stops_where_it_stands_still() -> None:
    whole, exact = (answer({"deviations": [1.0, 1.2, 0.9, 5.0], "stop": stop}) for stop in (0, "1e-12"))
    assert whole["w_star"] == pytest.approx(exact["w_star"], abs=1e-9)
    assert answer({"x": [1.0, 1.2, 0.9, 5.0], "stop": 0})["converged"]
