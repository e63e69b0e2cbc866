"""A rule set in words: compared with another, and one rule of it written anew."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.queries import shipped_rules
from aliquot.flow.verification.rules.wording import (
    Difference,
    block_of,
    differences,
    fields_of,
    label,
    literal,
    read_field,
    said,
    with_fields,
)

OLD = """# on top
[[rule]]
code = "K"
kind = "limits"
tests = ["K"]
autoverification = [3.0, 5.5]
source = "old"
[rule.population]
wards = ["ICU"]

# between
[[rule]]
code = "gone"
kind = "exclusion"
"""
NEW = """
[[rule]]
code = "K"
kind = "limits"
tests = ["K"]
autoverification = [3.0, 6]
source = "old"
[[deviation]]
rule = "more"
action = "remove"
reason = "why"
"""


def test_two_texts_differ_rule_by_rule_and_key_by_key() -> None:
    assert differences(OLD, NEW) == [
        Difference("K", "changed", (("autoverification.high", "5.5", "6"), ("population.wards", "ICU", ""))),
        Difference("more", "added", (("rule", "", "more"), ("action", "", "remove"), ("reason", "", "why"))),
        Difference("gone", "removed", (("code", "gone", ""), ("kind", "exclusion", ""))),
    ]
    assert differences(OLD, OLD) == []


def test_a_text_that_cannot_be_read_says_nothing() -> None:
    assert said("[[rule") == {}
    assert fields_of('[[rule]]\ncode = "x"\ny =', "x") is None
    assert fields_of(OLD, "other") is None


def test_keys_have_names() -> None:
    assert label("autoverification.high") == "released up to"
    assert label("population.wards") == "wards"
    assert label("something") == "something"


def test_one_rule_is_written_anew_and_nothing_else_changes() -> None:
    fields = fields_of(OLD, "K")
    assert fields is not None
    again = with_fields(OLD, "K", {**fields, "autoverification.high": Decimal("5.0")})
    assert differences(OLD, again) == [Difference("K", "changed", (("autoverification.high", "5.5", "5.0"),))]
    assert again.startswith("# on top\n")
    assert '\n\n# between\n[[rule]]\ncode = "gone"' in again
    with pytest.raises(KeyError):
        with_fields(OLD, "other", {})


def test_every_shipped_rule_can_be_written_anew() -> None:
    text = shipped_rules()
    for code in said(text):
        if block_of(text, code):
            fields = fields_of(text, code)
            assert fields is not None
            assert differences(text, with_fields(text, code, fields)) == [], code


@pytest.mark.parametrize(
    ("words", "was", "value"),
    [
        ("5,5", Decimal(5), Decimal("5.5")),
        ("", Decimal(5), ""),
        ("4", "", Decimal(4)),
        ("x", "", "x"),
        ("A, B,", ["A"], ["A", "B"]),
        ("on", False, True),
        ("", True, False),
        ("[[1, 2]]", [[1, 3]], [[1, 2]]),
        (" words ", "other", "words"),
    ],
)
def test_what_was_typed_is_of_the_kind_it_was(words: str, was: Any, value: Any) -> None:
    assert read_field(words, was) == value


@pytest.mark.parametrize(("words", "was"), [("much", Decimal(5)), ("[1", [[1]])])
def test_anything_else_is_refused(words: str, was: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_field(words, was)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_a_text_survives_being_written(text: str) -> None:
    import tomllib

    assert tomllib.loads(f"x = {literal(text)}")["x"] == text


def test_what_is_no_table_is_passed_over() -> None:
    assert said("rule = [1]\n") == said("rule = [") == {}
