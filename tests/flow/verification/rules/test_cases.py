"""Cases of a rule set: read with all mistakes, decided as in service, and what no case tries."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.rules.book import compile_book
from aliquot.flow.verification.rules.cases import (
    COLLECTED,
    MEASURED,
    SPUN,
    Case,
    Outcome,
    evidence_of,
    read_cases,
    run_cases,
    uncovered,
)
from aliquot.flow.verification.rules.document import read_rule_set
from aliquot.flow.verification.rules.document.problems import nearest
from aliquot.flow.verification.rules.evidence import Evidence, Run, Sibling, Siblings
from aliquot.flow.verification.rules.facts import TestFacts
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.shapes import FlagAction, Flags, Rule
from tests.flow.verification.rule_sets import LIMITS_ALONE
from tests.flow.verification.rules.evidences import FACTS, INTERVAL, TYPES

SET = f"""{LIMITS_ALONE}[[rule]]
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
        ({"rule": "again", "value": "6.1", "first_run": "6.2", "fires": False}, "release"),
        ({"rule": "again", "value": "6.1", "first_run": "6.7"}, "hold"),
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
    assert problems[0].rule == table["rule"]
    assert "None" not in problems[0].sentence()


def test_an_unknown_rule_or_test_is_told_with_the_nearest() -> None:
    table = {"rule": "limitz", "test": "KK", "value": "4.2", "fires": True, "others": {"CAA": "1"}}
    _, problems = read_cases([table], rules(), TYPES)
    assert [dict(one.facts) for one in problems] == [
        {"value": "limitz", "nearest": nearest("limitz", {"limits"})},
        {"value": "KK", "nearest": nearest("KK", set(TYPES))},
        {"value": "CAA", "nearest": nearest("CAA", set(TYPES))},
    ]
    assert "limits" in problems[0].sentence()


FULL: dict[str, Any] = {
    "rule": "limits", "test": "K", "value": "<4.2", "fires": False, "expect": "hold", "title": "A title", "sex": "M",
    "age": "2wk", "ward": "ICU", "diagnosis": "N18", "pregnant": True, "urgency": "S", "flags": ["dust"],
    "conditions": ["HAEM"], "qc": "in_control", "calibrated": True, "reagent": False, "dilution": "5",
    "first_run": ">4.5", "days": 3, "others": {"CA": "<2.2"}, "earlier": {"K": "4.0", "CA": "2.0"},
    "indices": {"H": "0.7", "I": "-"},
}  # fmt: skip


def case_of(table: dict[str, Any]) -> Case:
    (found,), problems = read_cases([table], rules(), TYPES)
    assert problems == []
    return found


def test_a_case_is_read_with_all_that_it_says() -> None:
    assert case_of(FULL) == Case(
        "limits", "K", "<4.2", False, "hold", "A title", "M", 14, "ICU", "N18", True, "S", ("dust",), ("HAEM",),
        "in_control", True, False, "5", ">4.5", 3, {"CA": "<2.2"}, {"K": "4.0", "CA": "2.0"}, {"H": "0.7", "I": "-"},
    )  # fmt: skip


def test_what_a_case_does_not_say_is_usual() -> None:
    bare = {"rule": "limits", "test": "K", "value": "4.2", "fires": True}
    assert case_of(bare) == Case("limits", "K", "4.2", True, "", "", "F", 14_610)


def seen_of(table: dict[str, Any]) -> Evidence:
    return evidence_of(
        case_of(table), compile_book(TESTS, {None: rules()}), {one.code: one for one in TESTS}, 7
    )


def test_a_case_becomes_the_evidence_of_a_result() -> None:
    assert replace(seen_of(FULL), siblings=Siblings()) == Evidence(
        2, 1, 1, 4, 7, 0, Decimal("4.2"), "<4.2", "<", "mmol/L", ("dust",), MEASURED, False, 2, "5", "M", 14, "ICU",
        "N18", True, "S", True, Decimal("4.0"), COLLECTED - timedelta(days=3), COLLECTED, SPUN, SPUN, ("HAEM",),
        "in_control", True, False, False, "open", "placed", True,
        (Run(1, Decimal("4.5"), ">", "mmol/L", "", "held"),), Siblings(), {"H": Decimal("0.7")},
    )  # fmt: skip


def test_the_other_values_of_a_case_stand_beside_it_without_its_flags_and_runs() -> None:
    siblings = seen_of(FULL).siblings.values
    earlier = COLLECTED - timedelta(days=3)
    low, high = INTERVAL.low, INTERVAL.high
    assert dict(siblings) == {
        "CA": Sibling(
            Decimal("2.2"), "<2.2", "<", "mmol/L", "L", low, high, COLLECTED, Decimal("2.0"), earlier
        ),
        "K": Sibling(
            Decimal("4.2"), "<4.2", "<", "mmol/L", "", low, high, COLLECTED, Decimal("4.0"), earlier
        ),
    }


def test_without_earlier_values_and_runs_there_are_none() -> None:
    plain = seen_of({"rule": "limits", "test": "K", "value": "7.0", "fires": True, "others": {"CA": "2.2"}})
    assert (plain.previous_value, plain.previous_collected_at, plain.earlier_runs) == (None, None, ())
    assert (plain.run, plain.is_rerun, plain.is_inpatient) == (1, False, False)
    assert plain.siblings.values["K"].flag == "HH"
    words = seen_of({"rule": "limits", "test": "K", "value": "7.0", "fires": True, "earlier": {"K": "high"}})
    assert (words.previous_value, words.previous_collected_at) == (None, None)


def test_cases_are_decided_in_their_laboratory() -> None:
    here = (*rules()[:1], replace(rules()[1], population=Population(sites=("TUL-HUB",))))
    table = {"rule": "delta", "test": "K", "value": "5.0", "fires": True, "earlier": {"K": "4.0"}}
    assert run_cases([case_of(table)], here, TESTS, laboratory_id=7, site="TUL-HUB")[0].passed
    assert not run_cases([case_of(table)], here, TESTS, laboratory_id=7)[0].passed


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
