"""A rule set as a text: what can be read, and every mistake with its rule, key and remedy."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aliquot.flow.verification.rules.critical_policy import CriticalPolicy
from aliquot.flow.verification.rules.document import Problem, RuleSet, read_rule_set
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.flow.verification.rules.population import Population
from aliquot.flow.verification.rules.shapes import (
    Comment,
    Delta,
    Exclusion,
    Flags,
    Indices,
    Limits,
    MeasuringRange,
    Quality,
    Reflex,
    Rerun,
    Span,
    Swap,
)
from tests.flow.verification.rules.evidences import TYPES

HEAD = '[rule_set]\ncode = "network"\ntitle_en = "Rules"\ntitle_ru = "Правила"\nsource = "test"\n'


def text_of(kind: str, *lines: str, tests: str = '["K"]', code: str = "R", source: str = "s") -> str:
    start = f'[[rule]]\ncode = "{code}"\nkind = "{kind}"\ntests = {tests}\nsource = "{source}"\n'
    return start + "\n".join(lines) + "\n"


def rule_set(text: str) -> RuleSet:
    read = read_rule_set(HEAD + text, TYPES)
    assert read.rule_set is not None, [str(one) for one in read.problems]
    return read.rule_set


def body(kind: str, *lines: str, tests: str = '["K"]') -> Any:
    return rule_set(text_of(kind, *lines, tests=tests)).rules[0].body


def problems(text: str) -> list[Problem]:
    read = read_rule_set(HEAD + text, TYPES)
    assert (read.rule_set is None) is bool(read.problems)
    assert [one for one in read.problems if "None" in one.sentence()] == []  # every fact is told
    return list(read.problems)


def mistakes(kind: str, *lines: str, tests: str = '["K"]') -> list[tuple[str, str]]:
    return [(one.key, one.code) for one in problems(text_of(kind, *lines, tests=tests))]


def test_a_set_has_a_head_and_what_others_read_beside_its_rules() -> None:
    policy = '[[critical_policy]]\ncode = "C"\ntests = "*"\nsource = "test"\ntell_minutes = 30\n'
    found = rule_set(text_of("quality") + '[[case]]\nname = "one"\n' + policy)
    assert (found.code, found.parent, found.title_ru, found.source) == ("network", "", "Правила", "test")
    assert found.beside["case"] == [{"name": "one"}]
    assert found.policies == (CriticalPolicy("C", ("*",), "test", tell_minutes=30),)


def test_a_text_that_is_no_toml_says_its_line() -> None:
    read = read_rule_set("[rule_set]\ncode = \n", TYPES)
    assert [(one.code, one.line) for one in read.problems] == [("toml", 2)]
    assert "cannot be read" in read.problems[0].sentence()


def test_a_text_without_a_head_says_all_that_is_missing() -> None:
    read = read_rule_set("unknown = 1\n", TYPES)
    assert [(one.key, one.code) for one in read.problems] == [
        ("rule_set", "missing"),
        ("rule_set.code", "missing"),
        ("rule_set.title_en", "missing"),
        ("rule_set.title_ru", "missing"),
        ("rule_set.source", "missing"),
        ("unknown", "unknown_key"),
    ]


def test_a_rule_carries_its_population() -> None:
    lines = (
        "low = 1",
        "[rule.population]",
        'sex = "F"',
        'age_from = "18a"',
        'age_to = "65a"',
        'wards = ["ICU"]',
        'sites = ["TUL"]',
        'diagnoses = ["N18"]',
        "pregnant = true",
        'urgency = "S"',
    )
    found = rule_set(text_of("range", *lines)).rules[0].population
    assert found == Population("F", 6574, 23741, ("ICU",), ("TUL",), ("N18",), is_pregnant=True, urgency="S")
    assert found.conditions == 7


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        ("quality", (), Quality("R")),
        (
            "quality",
            ('qc = ["in_control"]', "calibration = false", "reagent = false"),
            Quality("R", frozenset({"in_control"}), calibration=False, reagent=False),
        ),
        ("flags", ('on.short = "rerun"', "most = 3"), Flags("R", {"short": "rerun"}, 3)),
        (
            "flags",
            ('on.a = "comment"', 'text_en = "e"', 'text_ru = "r"'),
            Flags("R", {"a": "comment"}, 2, "e", "r"),
        ),
        (
            "range",
            ("low = 1", "high = 10.5", 'above = "dilute"', 'below = "report"', 'dilutions = ["5"]'),
            MeasuringRange("R", Decimal(1), Decimal("10.5"), "dilute", "report", ("5",)),
        ),
        (
            "indices",
            ('index = "H"', "bias = [[1, 5], [2, 9.5]]", "analytical_percent = 2", "rcv_percent = 12"),
            Indices(
                "R",
                "H",
                ((Decimal(1), Decimal(5)), (Decimal(2), Decimal("9.5"))),
                Decimal(2),
                Decimal(12),
            ),
        ),
        (
            "indices",
            ('index = "L"', "suppress_from = 10", 'missing = "skip"'),
            Indices("R", "L", suppress_from=Decimal(10), missing="skip"),
        ),
        ("limits", ('from = "catalogue"',), Limits("R", is_from_catalogue=True)),
        (
            "limits",
            ('autoverification = [3, ""]', 'critical = ["", 6.2]', 'absurd = ["", ""]'),
            Limits("R", Span(Decimal(3)), Span(None, Decimal("6.2")), Span()),
        ),
        ("delta", ('from = "catalogue"',), Delta("R", is_from_catalogue=True)),
        (
            "delta",
            ('mode = "rate"', "limit = 0.3", 'window = "30d"', 'direction = "increase"'),
            Delta("R", "rate", Decimal("0.3"), Decimal("0.3"), timedelta(days=30), "increase"),
        ),
        (
            "swap",
            ("from = 2", "least = 2", "limits.K = 20", "limits.NA = 5", "weights.NA = 2"),
            Swap(
                "R",
                {"K": (Decimal(20), Decimal(1)), "NA": (Decimal(5), Decimal(2))},
                2,
                Decimal(2),
                timedelta(days=90),
            ),
        ),
    ],
)
def test_each_kind_is_read_with_all_it_says(kind: str, lines: tuple[str, ...], expected: object) -> None:
    assert body(kind, *lines) == expected


def test_kinds_with_a_condition_compile_it() -> None:
    rerun = body("rerun", 'when = "K > 6"', "most = 3", "agree_percent = 5", "agree_absolute = 0.2")
    assert isinstance(rerun, Rerun)
    assert (set(rerun.when.codes), rerun.most) == ({"K"}, 3)
    assert (rerun.agree_percent, rerun.agree_absolute) == (Decimal(5), Decimal("0.2"))
    reflex = body("reflex", 'when = "K > 6"', 'add = ["CA"]', "bill = false", 'consent = "ask"', "most = 2")
    assert isinstance(reflex, Reflex)
    assert (reflex.add, reflex.bill, reflex.consent, reflex.most) == (("CA",), False, "ask", 2)
    comment = body("comment", 'when = "K > 6"', 'text_en = "e"', 'text_ru = "r"')
    assert isinstance(comment, Comment)
    assert (comment.text_en, comment.text_ru) == ("e", "r")
    consistency = body(
        "consistency",
        'when = "K > 6"',
        'text_en = "e"',
        'text_ru = "r"',
        "suppress = true",
        "call = false",
        'missing = "hold"',
    )
    assert (consistency.suppress, consistency.call, consistency.missing) == (True, False, "hold")


def test_an_exclusion_is_for_all_tests_unless_some_are_named() -> None:
    text = '[[rule]]\ncode = "X"\nkind = "exclusion"\nsource = "s"\n[rule.population]\nwards = ["ICU"]\n'
    found = rule_set(text).rules[0]
    assert (found.tests, found.body) == (("*",), Exclusion("X"))


def test_the_reference_change_value_is_symmetric_or_log_normal() -> None:
    lines = ('mode = "rcv"', "cva = 1.5", "cvi = 1.9", 'window = "90d"')
    both = body("delta", *lines)
    assert round(both.limit_up, 6) == round(both.limit_down, 6) == Decimal("6.709959")
    skewed = body("delta", *lines, "lognormal = true", "z = 1.96")
    assert (round(skewed.limit_up, 6), round(skewed.limit_down, 6)) == (
        Decimal("6.939147"),
        Decimal("6.488874"),
    )


def test_equally_specific_rules_that_contradict_are_told() -> None:
    old = text_of("limits", "critical = [2, 6]", code="A")
    assert [
        (one.rule, one.code) for one in problems(old + text_of("limits", "critical = [3, 6]", code="B"))
    ] == [("B", "equally_specific")]
    assert rule_set(old + text_of("limits", "critical = [2, 6]", code="B"))
    assert rule_set(old + text_of("limits", "autoverification = [3, 5]", code="B"))
    assert rule_set(old + text_of("limits", "critical = [3, 6]", "[rule.population]", 'sex = "F"', code="B"))
    assert rule_set(old + text_of("limits", "critical = [3, 6]", code="B", tests='"*"'))
    assert rule_set(old + text_of("limits", 'from = "catalogue"', code="B"))
    delta = ("limit = 20", 'window = "7d"')
    twice = text_of("delta", *delta, code="A") + text_of("delta", *delta, code="B")
    assert [one.code for one in problems(twice)] == ["equally_specific"]


def shipped() -> str:
    import aliquot.flow.verification

    return (Path(aliquot.flow.verification.__file__).parent / "data" / "network.toml").read_text("utf-8")


def test_the_shipped_rules_can_be_read_by_the_catalogue() -> None:
    import csv

    import aliquot.registers.catalogue

    path = Path(aliquot.registers.catalogue.__file__).parent / "data" / "tests.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    types = {row["code"]: TestType(row["code"], row["scale"], row["unit"]) for row in rows}
    read = read_rule_set(shipped(), types)
    assert read.problems == ()
    assert read.rule_set is not None
    assert {rule.kind for rule in read.rule_set.rules} >= {
        "limits",
        "delta",
        "indices",
        "consistency",
        "swap",
    }
    assert all(rule.source for rule in read.rule_set.rules)


def test_literals_are_converted_by_whoever_reads_the_text() -> None:
    text = HEAD + text_of(
        "consistency", 'when = "K > 120 [mg/dL]"', "text_en = 'e'", "text_ru = 'r'", code="own"
    )
    assert [one.code for one in read_rule_set(text, TYPES).problems] == ["expression"]
    asked = []

    def convert(value: Decimal, unit: str, wanted: str) -> Decimal:
        asked.append((value, unit, wanted))
        return Decimal(6)

    read = read_rule_set(text, TYPES, convert)
    assert read.problems == ()
    assert asked == [(Decimal(120), "mg/dL", "mmol/L")]
    with_hub = text_of("consistency", "when = 'K > 120 [mg/dL]'", "text_en = 'e'", "text_ru = 'r'").replace(
        "[[rule]]", "[deviation.new]"
    )
    hub = HEAD.replace('"network"', '"HUB"\nparent = "network"') + (
        '[[deviation]]\naction = "add"\nrule = "R"\nreason = "own method"\n' + with_hub
    )
    assert read_rule_set(hub, TYPES, convert).problems == ()
