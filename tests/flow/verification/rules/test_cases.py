"""Cases of a rule set: read with all mistakes, decided as in service, and what no case tries."""

from typing import Any

import pytest

from aliquot.flow.verification.rules.cases import Outcome, read_cases, run_cases, uncovered
from aliquot.flow.verification.rules.document import read_rule_set
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.flow.verification.rules.shapes import FlagAction, Flags, Rule
from tests.flow.verification.rules.evidences import FACTS, INTERVAL, TYPES

SET = """
[rule_set]
code = "network"
title_en = "t"
title_ru = "t"
source = "s"
[[rule]]
code = "limits"
kind = "limits"
tests = "*"
from = "catalogue"
source = "s"
[[rule]]
code = "delta"
kind = "delta"
tests = ["K"]
limit = 20
window = "3d"
source = "s"
[[rule]]
code = "edta"
kind = "consistency"
tests = ["K"]
when = "K > 6.0 and CA < 1.9"
text_en = "t"
text_ru = "t"
source = "s"
[[rule]]
code = "low-calcium"
kind = "comment"
tests = ["K"]
when = "CA < low(CA)"
text_en = "t"
text_ru = "t"
source = "s"
[[rule]]
code = "haemolysis"
kind = "indices"
tests = ["K"]
index = "H"
suppress_from = 10
missing = "skip"
source = "s"
[[rule]]
code = "again"
kind = "rerun"
tests = ["K"]
when = "K > 6.0"
agree_percent = 5
source = "s"
"""
TESTS = [
    FACTS,
    TestFacts(test_id=9, code="CA", unit="mmol/L", intervals=(INTERVAL,), is_centrifuged=False),
]


def rules() -> tuple[Rule, ...]:
    found = read_rule_set(SET, TYPES).rule_set
    assert found is not None
    return found.rules


def outcome(**case: Any) -> Outcome:
    cases, problems = read_cases([{"test": "K", "fires": True, **case}], rules(), TYPES)
    assert problems == []
    return run_cases(cases, rules(), TESTS, site="TUL-HUB")[0]


@pytest.mark.parametrize(
    ("case", "action"),
    [
        ({"rule": "limits", "value": "7.0"}, "rerun"),
        ({"rule": "limits", "value": "4.2", "fires": False}, "release"),
        ({"rule": "delta", "value": "5.0", "earlier": {"K": "4.0"}, "days": 2}, "hold"),
        ({"rule": "delta", "value": "5.0", "earlier": {"K": "4.0"}, "days": 4, "fires": False}, "release"),
        ({"rule": "edta", "value": "6.1", "others": {"CA": "1.5"}}, "rerun"),
        ({"rule": "low-calcium", "value": "4.2", "others": {"CA": "1.5"}}, "release"),
        ({"rule": "haemolysis", "value": "4.2", "indices": {"H": "10"}}, "suppress"),
        ({"rule": "haemolysis", "value": "4.2", "indices": {"H": "9"}, "fires": False}, "release"),
        ({"rule": "again", "value": "6.1", "first_run": "5.0"}, "hold"),
        ({"rule": "again", "value": "6.1", "first_run": "6.0", "fires": False}, "hold"),
    ],
)
def test_a_case_is_decided_as_in_service(case: dict[str, Any], action: str) -> None:
    found = outcome(**case, expect=action)
    assert (found.passed, found.verdict.action) == (True, action)


@pytest.mark.parametrize(
    "case",
    [
        {"rule": "limits", "value": "4.2"},
        {"rule": "limits", "value": "7.0", "fires": False},
        {"rule": "limits", "value": "7.0", "expect": "release"},
    ],
)
def test_a_case_that_is_not_so_fails(case: dict[str, Any]) -> None:
    assert not outcome(**case).passed


@pytest.mark.parametrize(
    ("case", "key", "code"),
    [
        ({"rule": "limit"}, "case.rule", "deviation_code"),
        ({"test": "KK"}, "case.test", "unknown_test"),
        ({"value": ""}, "case.value", "missing"),
        ({"others": {"ZZ": "1"}}, "case.others.ZZ", "unknown_test"),
        ({"indices": {"X": "1"}}, "case.indices.X", "unknown_test"),
        ({"wards": "ICU"}, "case.wards", "unknown_key"),
        ({"age": "old"}, "case.age", "age"),
        ({"expect": "report"}, "case.expect", "choice"),
        ({"fires": "yes"}, "case.fires", "type"),
    ],
)
def test_mistakes_are_named(case: dict[str, Any], key: str, code: str) -> None:
    table = {"rule": "limits", "test": "K", "value": "4.2", "fires": True, **case}
    _, problems = read_cases([table], rules(), TYPES)
    assert [(one.key, one.code) for one in problems] == [(key, code)]


def test_what_is_missing_is_missing() -> None:
    _, problems = read_cases([{}], rules(), TYPES)
    assert {(one.key, one.code) for one in problems} == {
        ("case.rule", "missing"), ("case.test", "missing"), ("case.fires", "missing"), ("case.value", "missing")
    }  # fmt: skip


def test_rules_that_no_case_tries_are_named() -> None:
    tables = [
        {"rule": "limits", "test": "K", "value": "7", "fires": True},
        {"rule": "limits", "test": "K", "value": "4", "fires": False},
        {"rule": "delta", "test": "K", "value": "4", "fires": False},
    ]
    cases, _ = read_cases(tables, rules(), TYPES)
    found = uncovered(rules(), cases)
    assert "limits" not in found
    assert (found["delta"], found["edta"]) == (["fires"], ["fires", "passes"])


@pytest.mark.parametrize(("action", "missing"), [("ignore", ["passes"]), ("hold", ["fires", "passes"])])
def test_what_stops_nothing_needs_no_case_that_it_stops(action: FlagAction, missing: list[str]) -> None:
    flags = Rule("flags", "flags", ("*",), "s", Flags("flags", {"high": action}))
    assert uncovered([flags], []) == {"flags": missing}
