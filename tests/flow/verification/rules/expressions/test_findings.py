"""Findings have an order: titres by their reciprocal, grades by the scale of their test; words have none."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.verification.rules.evidence import Sibling, Siblings
from aliquot.flow.verification.rules.expressions import ExpressionError, compile_expression
from aliquot.flow.verification.rules.expressions.words import TestType
from aliquot.registers.catalogue.rules.findings import read_grades

STRIP = read_grades(["negative|neg|отрицательно", "trace|±", "1+|+", "2+|++"])
HEAT = read_grades(["cold", "warm", "hot"])
TESTS = {
    "RPR": TestType("RPR", "Ord"),
    "UBLD": TestType("UBLD", "Ord", grades=STRIP),
    "SKIN": TestType("SKIN", "Ord", grades=HEAT),
    "K": TestType("K", "Qn", "mmol/L", 1),
}


def judged(text: str, **said: str) -> bool | None:
    values = {code: Sibling(None, value, "", "") for code, value in said.items()}
    facts = SimpleNamespace(siblings=Siblings(values), indices={}, sex="F", age_days=1, ward="", diagnosis="",
                            is_pregnant=None)  # fmt: skip
    return compile_expression(text, TESTS).evaluate(facts)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ('text(RPR) > "1:40"', "1:80", True),
        ('text(RPR) > "1:80"', "1:40", False),
        ('text(RPR) >= "1:40"', "1:40", True),
        ('text(RPR) < "1:40"', "<1:40", True),
        ('text(RPR) < "1:20"', "<1:40", None),
        ('text(RPR) >= "1:40"', ">1:80", True),
        ('text(RPR) >= "1:40"', "positive", None),
        ('text(UBLD) > "trace"', "1+", True),
        ('text(UBLD) > "trace"', "neg", False),
        ('text(UBLD) <= "±"', "Отрицательно", True),
        ('text(UBLD) >= "2+"', "murky", None),
        ('text(SKIN) > "cold"', "hot", True),
        ('text(SKIN) > "warm"', "warm", False),
        ('not text(SKIN) < "hot"', "hot", True),
        ('text(SKIN) >= "warm" and text(SKIN) < "hot"', "warm", True),
    ],
)
def test_more_and_less(text: str, value: str, expected: bool | None) -> None:  # noqa: FBT001 - of three values
    code = text.split("(")[1].split(")", maxsplit=1)[0]
    assert judged(text, **{code: value}) is expected


def test_a_missing_finding_is_unknown() -> None:
    assert judged('text(RPR) > "1:40"') is None


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ('text(SKIN) > "positive"', 13),
        ('text(UBLD) >= "hot"', 14),
        ('text(RPR) > "<1:40"', 12),
        ("text(RPR) > text(UBLD)", 12),
    ],
)
def test_what_is_no_grade_of_the_test_is_refused_at_its_character(text: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, TESTS)
    assert caught.value.position == position


def test_the_error_names_the_scale_of_the_test() -> None:
    with pytest.raises(ExpressionError, match="cold, warm, hot"):
        compile_expression('text(SKIN) > "positive"', TESTS)


@given(st.integers(1, 4096), st.integers(1, 4096), st.sampled_from(["<", "<=", ">", ">="]))
def test_titres_compare_as_their_reciprocals(one: int, other: int, relation: str) -> None:
    wanted = {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[relation]
    assert judged(f'text(RPR) {relation} "1:{other}"', RPR=f"1:{one}") is wanted
