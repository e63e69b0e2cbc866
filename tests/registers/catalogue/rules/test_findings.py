"""Titres, grades and words: read, compared, counted in steps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.catalogue.rules.findings import compare, is_within, read_finding, steps_between


@pytest.mark.parametrize(
    ("text", "kind", "rank", "comparator"),
    [
        ("1:80", "titre", 80, ""),
        (" 1 : 80 ", "titre", 80, ""),
        ("<1:20", "titre", 20, "<"),
        ("≥1:640", "titre", 640, ">="),
        ("negative", "grade", 0, ""),
        ("Отрицательно", "grade", 0, ""),
        ("±", "grade", 1, ""),
        ("++", "grade", 3, ""),
        ("4+", "grade", 5, ""),
        ("E. coli", "words", None, ""),
        ("1:0", "words", None, ""),
        ("2:80", "words", None, ""),
    ],
)
def test_what_a_text_says(text: str, kind: str, rank: int | None, comparator: str) -> None:
    found = read_finding(text)
    assert (found.kind, found.rank, found.comparator) == (kind, rank, comparator)


def test_a_test_may_have_a_scale_of_its_own() -> None:
    scale = (frozenset({"few"}), frozenset({"many"}))
    assert steps_between(read_finding("few", scale), read_finding("Many", scale)) == 1
    assert read_finding("1+", scale).kind == "words"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1:80", "1:160", -1),
        ("1:80", "1:80", 0),
        ("<1:20", "1:20", -1),
        ("<=1:20", "1:20", None),
        ("<1:20", "1:10", None),
        ("<1:20", "<1:20", 0),
        (">1:640", "1:640", 1),
        (">=1:640", "1:640", None),
        (">1:640", "<1:20", 1),
        ("trace", "1+", -1),
        ("3+", "++", 1),
        ("negative", "1:80", None),
        ("E. coli", "e. COLI", 0),
        ("E. coli", "S. aureus", None),
    ],
)
def test_which_is_more(one: str, other: str, expected: int | None) -> None:
    assert compare(read_finding(one), read_finding(other)) == expected


@pytest.mark.parametrize(
    ("earlier", "later", "steps"),
    [
        ("1:20", "1:80", 2),
        ("1:80", "1:20", -2),
        ("1:100", "1:320", 2),
        ("negative", "2+", 3),
        ("<1:20", "1:80", None),
        ("negative", "1:80", None),
        ("E. coli", "E. coli", None),
    ],
)
def test_by_how_many_steps_it_rose(earlier: str, later: str, steps: int | None) -> None:
    assert steps_between(read_finding(earlier), read_finding(later)) == steps


@pytest.mark.parametrize(
    ("said", "expected", "inside"),
    [
        ("1:40", "<1:80", True),
        ("1:80", "<1:80", False),
        ("1:80", "<=1:80", True),
        ("<1:80", "<1:80", True),
        ("<1:160", "<1:80", False),
        (">1:160", ">1:80", True),
        ("1:80", ">=1:80", True),
        ("neg", "negative", True),
        ("1+", "negative", False),
        ("1:40", "negative", False),
    ],
)
def test_whether_it_is_what_was_expected(said: str, expected: str, inside: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_within(read_finding(said), read_finding(expected)) is inside


TEXTS = st.sampled_from(
    ["1:20", "1:40", "<1:20", ">1:640", ">=1:40", "negative", "trace", "2+", "E. coli", "<=1:40"]
)


@given(one=TEXTS, other=TEXTS)
def test_comparing_turns_round_with_its_sides(one: str, other: str) -> None:
    forth, back = (
        compare(read_finding(one), read_finding(other)),
        compare(read_finding(other), read_finding(one)),
    )
    assert (forth is None) == (back is None)
    assert forth is None or forth == -(back or 0)
