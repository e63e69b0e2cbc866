"""One table of a rule set, key by key: what is read, and each mistake in full."""

from typing import TYPE_CHECKING, Any

import pytest

from aliquot.flow.verification.rules.document.fields import Fields
from aliquot.flow.verification.rules.shapes import Span
from aliquot.flow.verification.rules.wording import literal, said, shown
from tests.flow.verification.rules.evidences import TYPES, D

if TYPE_CHECKING:
    from aliquot.flow.verification.rules.document.problems import Problem


def asked(
    how: str, value: Any, *given: Any, **more: Any
) -> tuple[Any, list[tuple[str, str, tuple[tuple[str, str], ...]]]]:
    """What a key says that has this value (none: it is not there), and the mistakes."""
    problems: list[Problem] = []
    fields = Fields({} if value is None else {"key": value}, "R", problems, "in.")
    found = getattr(fields, how)("key", *given, **more)
    assert {one.rule for one in problems} <= {"R"}
    fields.close()
    return found, [(one.key, one.code, one.facts) for one in problems]


def mistake(code: str, **facts: str) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    return [("in.key", code, tuple(facts.items()))]


WORDS = ("a", "b")


@pytest.mark.parametrize(
    ("how", "value", "given", "found", "mistakes"),
    [
        ("text", "x", (), "x", []),
        ("text", " ", (), "", mistake("missing")),
        ("text", " ", ("d",), " ", []),
        ("text", None, (), "", mistake("missing")),
        ("text", None, ("d",), "d", []),
        ("text", 5, (), "", mistake("type", expected="a text", value="5")),
        ("choice", "b", (WORDS, "a"), "b", []),
        ("choice", None, (WORDS, "a"), "a", []),
        ("choice", "c", (WORDS, "a"), "a", mistake("choice", value="c", expected="a, b")),
        ("choice", 5, (WORDS, "a"), "a", mistake("type", expected="a text", value="5")),
        ("maybe_flag", None, (), None, []),
        ("maybe_flag", False, (), False, []),
        ("maybe_flag", True, (), True, []),
        ("maybe_flag", 1, (), False, mistake("type", expected="true or false", value="1")),
        ("whole", 1, (2,), 1, []),
        ("whole", None, (2,), 2, []),
        ("whole", 0, (2,), 2, mistake("negative", value="key")),
        (
            "whole",
            "x",
            (2,),
            2,
            mistake("type", expected="a whole number", value="x") + mistake("negative", value="key"),
        ),
        (
            "whole",
            True,
            (2,),
            2,
            mistake("type", expected="a whole number", value="True") + mistake("negative", value="key"),
        ),
        ("from_nought", 0, (), 0, []),
        ("from_nought", 7, (), 7, []),
        ("from_nought", None, (), 0, mistake("missing")),
        ("from_nought", -1, (), 0, mistake("type", expected="a whole number", value="-1")),
        ("from_nought", "x", (), 0, mistake("type", expected="a whole number", value="x")),
        ("number", None, (), None, []),
        ("number", 5, (), D(5), []),
        ("number", D("5.5"), (), D("5.5"), []),
        ("number", "5", (), None, mistake("type", expected="a number", value="5")),
        ("number", True, (), None, mistake("type", expected="a number", value="True")),
        ("number", D("NaN"), (), None, mistake("type", expected="a number", value="NaN")),
        ("number", D("Infinity"), (), None, mistake("type", expected="a number", value="Infinity")),
        ("positive", D("NaN"), (), None, mistake("type", expected="a number", value="NaN")),
        ("positive", 1, (), D(1), []),
        ("positive", 0, (), D(0), mistake("negative", value="key")),
        ("positive", -1, (), D(-1), mistake("negative", value="key")),
        ("span", None, (), None, []),
        ("span", [1, 2], (), Span(D(1), D(2)), []),
        ("span", [2, 2], (), Span(D(2), D(2)), []),
        ("span", ["", 2], (), Span(None, D(2)), []),
        ("span", [1, ""], (), Span(D(1), None), []),
        ("span", [3, 2], (), Span(D(3), D(2)), mistake("interval_order", low="3", high="2")),
        ("span", [1], (), None, mistake("type", expected="[low, high]", value="[1]")),
        ("span", 5, (), None, mistake("type", expected="[low, high]", value="5")),
        ("span", ["x", 2], (), Span(None, D(2)), mistake("type", expected="a number", value="x")),
        ("words", None, (), (), []),
        ("words", ["a", "b"], (), ("a", "b"), []),
        ("words", [""], (), (), mistake("type", expected="a list of texts", value="['']")),
        ("words", [" "], (), (), mistake("type", expected="a list of texts", value="[' ']")),
        ("words", [1], (), (), mistake("type", expected="a list of texts", value="[1]")),
        ("words", "a", (), (), mistake("type", expected="a list of texts", value="a")),
        ("pairs", [[1, 2], [3, 4]], (), ((D(1), D(2)), (D(3), D(4))), []),
        ("pairs", None, (), (), []),
        ("pairs", "a", (), (), mistake("type", expected="a list of pairs of numbers", value="a")),
        ("pairs", [[1]], (), (), mistake("type", expected="a list of pairs of numbers", value="[1]")),
        ("pairs", [[1, "x"]], (), (), mistake("type", expected="a number", value="x")),
        ("pairs", [["x", 1]], (), (), mistake("type", expected="a number", value="x")),
        ("age", None, (), None, []),
        ("age", "18a", (), 6574, []),
        ("age", "old", (), None, mistake("age", value="'old'")),
        ("age", "", (), None, mistake("age", value="''")),
        ("tables", None, (), [], []),
        ("tables", [{"a": 1}], (), [{"a": 1}], []),
        ("tables", [1], (), [], mistake("type", expected="[[key]] tables", value="list")),
        ("tables", 5, (), [], mistake("type", expected="[[key]] tables", value="int")),
    ],
)  # fmt: skip
def test_each_kind_of_value_is_read_or_its_mistake_told(
    how: str, value: Any, given: tuple[Any, ...], found: Any, mistakes: list[Any]
) -> None:
    assert asked(how, value, *given) == (found, mistakes)


@pytest.mark.parametrize("default", [True, False])
def test_a_flag_has_its_default(*, default: bool) -> None:
    assert asked("flag", None, default=default) == (default, [])
    assert asked("flag", not default, default=default) == (not default, [])
    told = mistake("type", expected="true or false", value="on")
    assert asked("flag", "on", default=default) == (default, told)


def test_an_inner_table_belongs_to_its_rule_and_says_where_it_stands() -> None:
    problems: list[Problem] = []
    fields = Fields({"key": {"one": 5}, "other": 3}, "R", problems, convert=lambda *_: D(9))
    inner = fields.inner("key")
    assert inner.text("one") == ""
    assert fields.inner("other").all() == {}
    assert fields.inner("none").all() == {}
    assert [(one.rule, one.key, one.code, one.facts) for one in problems] == [
        ("R", "key.one", "type", (("expected", "a text"), ("value", "5"))),
        ("R", "other", "type", (("expected", "a table"), ("value", "3"))),
    ]
    assert inner._convert is fields._convert


def test_what_nobody_asked_for_is_told_with_the_nearest_that_somebody_did() -> None:
    problems: list[Problem] = []
    fields = Fields({"limt": 1, "also": 2, "limit": 3}, "R", problems)
    assert fields.number("limit") == 3
    fields.close(["also"])
    (found,) = problems
    assert (found.key, found.code) == ("limt", "unknown_key")
    assert "limit" in dict(found.facts)["nearest"]


def test_a_condition_is_compiled_or_its_mistake_told_with_the_character() -> None:
    problems: list[Problem] = []
    fields = Fields({"when": "K > 6", "bad": "K > ", "empty": ""}, "R", problems, "in.")
    compiled = fields.expression("when", TYPES)
    assert compiled is not None
    assert compiled.text == "K > 6"
    assert fields.expression("bad", TYPES) is None
    assert fields.expression("empty", TYPES) is None
    first, second = problems
    assert (first.rule, first.key, first.code) == ("R", "in.bad", "expression")
    assert first.position is not None
    assert dict(first.facts)["message"].endswith("^")
    assert (second.key, second.code) == ("in.empty", "missing")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        (D("0.0000001"), "0.0000001"),
        ("a", '"a"'),
        ('a"\\\n\t', '"a\\"\\\\\\n\\t"'),
        (["a", 1], '["a", 1]'),
    ],
)
def test_a_value_is_written_as_toml_reads_it(value: Any, text: str) -> None:
    assert literal(value) == text
    assert said(f'[[rule]]\ncode = "R"\nkey = {text}\n')["R"]["key"] == shown(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (["a", "b"], "a, b"), (D("1.50"), "1.50"), ("a", "a")],
)
def test_a_value_is_shown_as_a_person_reads_it(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_rule_is_known_by_its_code_or_by_the_rule_it_deviates_from() -> None:
    text = '[[rule]]\ncode = "A"\n[[deviation]]\nrule = "B"\n[[rule]]\nkind = "x"\n'
    assert list(said(text)) == ["A", "", "B"]
