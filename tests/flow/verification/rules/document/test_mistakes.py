"""Every mistake in a rule set, with its rule, key and remedy."""

from decimal import Decimal
from typing import Any

import pytest

from aliquot.flow.verification.rules.document import PROBLEMS, read_rule_set
from aliquot.flow.verification.rules.document.problems import problem
from aliquot.flow.verification.rules.shapes import (
    Limits,
    Span,
)
from tests.flow.verification.rules.document.test_reading import HEAD, body, mistakes, problems, text_of
from tests.flow.verification.rules.evidences import TYPES


@pytest.mark.parametrize(
    ("kind", "lines", "expected"),
    [
        ("limits", (), [("autoverification", "agreement_missing")]),
        ("limits", ("critical = [6, 2]",), [("critical", "interval_order")]),
        ("limits", ("critical = 6",), [("critical", "type"), ("autoverification", "agreement_missing")]),
        ("limits", ('critical = ["low", 6]',), [("critical", "type")]),
        ("limits", ("critical = [nan, inf]",), [("critical", "type")] * 2),
        (
            "indices",
            ('index = "H"', "suppress_from = nan"),
            [("suppress_from", "type"), ("bias", "agreement_missing")],
        ),
        ("limits", ("critical = [true, 6]",), [("critical", "type")]),
        ("limits", ("autoverification = [3, 5]", "critical = [3.1, 6]"), [("critical", "critical_inside")]),
        ("limits", ("autoverification = [3, 5]", "critical = [2, 4.9]"), [("critical", "critical_inside")]),
        ("limits", ("critical = [2, 6]", "absurd = [3, 5]"), [("absurd", "absurd_inside")] * 2),
        ("limits", ('from = "catalogue"', "critical = [2, 6]"), [("critical", "from_catalogue")]),
        ("limits", ('from = "elsewhere"',), [("from", "choice")]),
        ("limits", ("critical = [2, 6]", "critcal = [2, 6]"), [("critcal", "unknown_key")]),
        ("limits", ("critical = [2, 6]", 'unit = "mg/dL"'), [("unit", "unit")]),
        ("delta", ("limit = 20",), [("window", "window")]),
        ("delta", ("limit = 20", 'window = "93d"'), [("window", "window_long")]),
        ("delta", ('mode = "rate"', "limit = 0.3", 'window = "4mo"'), [("window", "window_long")]),
        ("delta", ("limit = 20", 'window = "92d"'), []),
        ("delta", ('window = "7d"',), [("limit", "missing")]),
        ("delta", ("limit = -1", 'window = "7d"'), [("limit", "negative")]),
        ("delta", ("limit = 20", 'window = "soon"'), [("window", "age")]),
        ("delta", ("limit = 20", "window = 7"), [("window", "type"), ("window", "age")]),
        ("delta", ('mode = "rcv"', 'window = "7d"'), [("cva", "missing"), ("cvi", "missing")]),
        ("delta", ('mode = "wild"', "limit = 1", 'window = "7d"'), [("mode", "choice")]),
        ("delta", ("mode = 1", "limit = 1", 'window = "7d"'), [("mode", "type")]),
        ("quality", ('qc = ["out_of_control"]',), [("qc", "choice")]),
        ("quality", ("calibration = 1",), [("calibration", "type")]),
        ("quality", ("qc = [1]",), [("qc", "type")]),
        ("exclusion", ("hold = false", 'population = { sex = "F" }'), [("hold", "always_holds")]),
        ("exclusion", ("hold = true", 'population = { sex = "F" }'), []),
        (
            "consistency",
            ('when = "K > 5"', "hold = false", 'text_en = "a"', 'text_ru = "b"'),
            [("hold", "always_holds")],
        ),
        ("flags", (), [("on", "missing")]),
        ("flags", ('on.a = "sing"',), [("on.a", "choice")]),
        ("flags", ('on.a = "comment"',), [("text_en", "missing")]),
        ("flags", ('on.a = "hold"', "most = 0"), [("most", "negative")]),
        ("range", (), [("low", "range_empty")]),
        ("range", ("low = 5", "high = 1"), [("low", "interval_order")]),
        ("range", ("high = 5", 'above = "dilute"'), [("dilutions", "missing")]),
        ("range", ("high = 5", 'dilutions = ["much"]'), [("dilutions", "type")]),
        ("indices", (), [("index", "missing"), ("bias", "agreement_missing")]),
        (
            "indices",
            ('index = "H"', "bias = [[2, 1], [1, 2]]", "analytical_percent = 3", "rcv_percent = 2"),
            [("bias", "bias_order"), ("rcv_percent", "interval_order")],
        ),
        (
            "indices",
            ('index = "H"', 'bias = [[1], [1, "x"], [1, 2]]'),
            [
                ("bias", "type"),
                ("bias", "type"),
                ("analytical_percent", "missing"),
                ("rcv_percent", "missing"),
            ],
        ),
        ("swap", (), [("limits", "missing"), ("from", "missing")]),
        ("swap", ("from = 1", "limits.K = 5", 'window = "1a"'), [("window", "window_long")]),
        (
            "swap",
            ("from = 1", "limits.KK = 5", "weights.NA = 1"),
            [("limits.KK", "unknown_test"), ("weights.NA", "unknown_key")],
        ),
        ("consistency", (), [("when", "missing"), ("text_en", "missing"), ("text_ru", "missing")]),
        ("exclusion", (), [("population", "missing")]),
        ("rerun", ("agree_percent = 1",), [("when", "missing")]),
        ("reflex", ('when = "K > 1"',), [("add", "missing")]),
        ("reflex", ('add = ["CAA"]',), [("when", "missing"), ("add", "unknown_test")]),
        ("comment", ('when = "K > 1"',), [("text_en", "missing"), ("text_ru", "missing")]),
        ("comment", ('text_en = "e"', 'text_ru = " "'), [("when", "missing"), ("text_ru", "missing")]),
        ("limmits", (), [("kind", "kind")]),
        ("range", ("low = 1", "[rule.population]"), [("population", "missing")]),
        (
            "range",
            ("low = 1", "[rule.population]", 'sex = "X"', 'wards = ["a"]'),
            [("population.sex", "choice")],
        ),
        (
            "range",
            ("low = 1", "[rule.population]", 'age_from = "18a"', 'age_to = "18a"'),
            [("population.age_from", "ages_impossible")],
        ),
        (
            "range",
            ("low = 1", "[rule.population]", 'age_to = "0d"'),
            [("population.age_from", "ages_impossible")],
        ),
        ("range", ("low = 1", "population = 3"), [("population", "type"), ("population", "missing")]),
    ],
)
def test_each_mistake_names_its_key(
    kind: str, lines: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    found = mistakes(kind, *lines)
    assert [(key, code) for key, code in found] == expected


@pytest.mark.parametrize(
    ("tests", "kind", "expected"),
    [
        ('["KK"]', "quality", [("tests", "unknown_test")]),
        ("[]", "quality", [("tests", "missing")]),
        ('["*"]', "quality", [("tests", "type")]),
        ('["HBSAG"]', "delta", [("tests", "not_quantitative")]),
        ("7", "quality", [("tests", "type"), ("tests", "missing")]),
    ],
)
def test_the_tests_of_a_rule_are_of_the_catalogue(
    tests: str, kind: str, expected: list[tuple[str, str]]
) -> None:
    lines = ("limit = 1", 'window = "7d"') if kind == "delta" else ()
    assert mistakes(kind, *lines, tests=tests) == expected


def test_an_unknown_test_is_told_with_the_nearest() -> None:
    found = problems(text_of("quality", tests='["NAA"]'))[0]
    assert str(found) == "R tests: The catalogue has no test NAA: perhaps NA."
    assert found.line == HEAD.count("\n") + 2


def test_a_unit_of_the_tests_is_no_mistake_and_an_unknown_test_has_none() -> None:
    assert body("limits", "critical = [2, 6]", 'unit = "mmol/L"') == Limits(
        "R", critical=Span(Decimal(2), Decimal(6))
    )
    assert mistakes("limits", "critical = [2, 6]", 'unit = "g"', tests='["KK"]') == [
        ("tests", "unknown_test")
    ]


def test_a_mistake_in_a_condition_names_its_character() -> None:
    found = problems(text_of("rerun", 'when = "K > 6 and KX > 1"'))[0]
    assert (found.rule, found.key, found.code, found.position) == ("R", "when", "expression", 10)
    assert "^" in found.sentence()


def test_codes_are_unique_and_all_mistakes_are_told_at_once() -> None:
    text = text_of("quality") + text_of("range") + text_of("delta", code="D")
    assert [(one.rule, one.code) for one in problems(text)] == [
        ("R", "range_empty"),
        ("D", "window"),
        ("D", "missing"),
        ("R", "duplicate"),
    ]


def test_rules_need_their_code_and_source() -> None:
    found = problems('[[rule]]\nkind = "quality"\ntests = "*"\n')
    assert [(one.key, one.code) for one in found] == [("code", "missing"), ("source", "missing")]
    assert problems('[[rule]]\ncode = "R"\ntests = "*"\nsource = "s"\n')[0].key == "kind"


def test_rules_are_tables() -> None:
    read = read_rule_set("rule = 3\n" + HEAD, TYPES)
    assert [(one.key, one.code) for one in read.problems] == [("rule", "type")]


@pytest.mark.parametrize("word", sorted(PROBLEMS))
def test_every_problem_can_be_said(word: str) -> None:
    names = {
        "value",
        "expected",
        "low",
        "high",
        "limit",
        "critical",
        "absurd",
        "nearest",
        "tests",
        "unit",
        "message",
    }
    facts: dict[str, Any] = dict.fromkeys(names, "x")
    said = problem("R", "key", word, **facts)
    assert "{" not in said.sentence(lambda text: text)


def test_a_problem_without_a_sentence_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        problem("R", "key", "no such problem")
