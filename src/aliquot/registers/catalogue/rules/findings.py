"""Results that are no plain number: titres, grades of a scale, words; which is more, and by how many steps.

Source: LOINC Users' Guide, property and scale (OrdQn, Ord, Nom); CLSI GP16, grades of urine strips. A titre
is the reciprocal of the last dilution that reacts; one doubling dilution is one step.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal, TypeAlias

Grades: TypeAlias = Sequence[Collection[str]]
"""The names of each grade of a scale, the least first."""
Kind = Literal["titre", "grade", "words"]
USUAL: Grades = (
    frozenset(
        {"negative", "neg", "neg.", "-", "not detected", "non-reactive", "отрицательно", "не обнаружено"}
    ),
    frozenset({"trace", "+-", "±", "+/-", "borderline", "equivocal", "следы", "сомнительно"}),
    frozenset({"1+", "+", "weakly positive", "слабо положительно"}),
    frozenset({"2+", "++"}),
    frozenset({"3+", "+++"}),
    frozenset({"4+", "++++"}),
)
"""The scale of strips, for words of a test that the catalogue gives no scale."""
_TITRE = re.compile(r"(<=|>=|<|>|≤|≥)?\s*1\s*:\s*([1-9]\d{0,6})")
_SIGNS = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a result in words says: `rank` is the titre's reciprocal or the grade's place, None for words."""

    kind: Kind
    text: str
    rank: int | None = None
    comparator: str = ""


def read_grades(kept: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The scale of a test as the catalogue keeps it: a line for each grade, its names divided by a bar."""
    return tuple(tuple(name.strip().casefold() for name in line.split("|")) for line in kept)


def read_finding(text: str, grades: Grades = USUAL) -> Finding:
    """The finding that a text says; `grades` are the test's own scale, the usual one where it has none."""
    plain = " ".join(text.split())
    titre = _TITRE.fullmatch(plain)
    if titre:
        sign = titre[1] or ""
        return Finding("titre", plain, int(titre[2]), _SIGNS.get(sign, sign))
    said = plain.casefold()
    place = next((at for at, names in enumerate(grades or USUAL) if said in names), None)
    return Finding("words", plain) if place is None else Finding("grade", plain, place)


def compare(one: Finding, other: Finding) -> int | None:
    """-1, 0 or 1 as `one` is less, the same or more; None for different kinds, or when signs leave it open.

    Words are only the same or not comparable, whatever their case.
    """
    if one.kind != other.kind:
        return None
    if one.rank is None or other.rank is None:
        return 0 if one.text.casefold() == other.text.casefold() else None
    if one.comparator == other.comparator == "":
        return (one.rank > other.rank) - (one.rank < other.rank)
    if one.comparator == other.comparator and one.rank == other.rank:
        return 0
    if _is_surely_less(one, other):
        return -1
    return 1 if _is_surely_less(other, one) else None


def steps_between(earlier: Finding, later: Finding) -> int | None:
    """By how many steps it rose (+) or fell (-): grades of the scale, doubling dilutions of a titre.

    None when the two are not comparable or carry a sign. 1:80 after 1:20 is +2; what lies between two
    doublings counts to the nearest.
    """
    if earlier.kind != later.kind or earlier.rank is None or later.rank is None:
        return None
    if earlier.comparator or later.comparator:
        return None
    if earlier.kind == "grade":
        return later.rank - earlier.rank
    with localcontext() as context:
        context.prec = 28
        return round((Decimal(later.rank) / earlier.rank).ln() / Decimal(2).ln())


def is_within(said: Finding, expected: Finding) -> bool:
    """Whether a finding is the expected one, or surely on the side that a titre such as <1:80 names."""
    if expected.comparator and said.kind == expected.kind == "titre":
        if expected.comparator.startswith("<"):
            return _is_surely_less(said, Finding("titre", "", expected.rank)) or _touches(said, expected)
        return _is_surely_less(Finding("titre", "", expected.rank), said) or _touches(said, expected)
    return compare(said, expected) == 0


def _touches(said: Finding, expected: Finding) -> bool:
    """Whether it is the limit itself, where the limit is inside, or says the same as was expected."""
    if said.rank != expected.rank:
        return False
    return said.comparator == expected.comparator or (not said.comparator and "=" in expected.comparator)


def _is_surely_less(one: Finding, other: Finding) -> bool:
    """Whether no value that `one` leaves open reaches one that `other` leaves open."""
    assert one.rank is not None
    assert other.rank is not None
    if one.comparator.startswith(">") or other.comparator.startswith("<"):
        return False
    is_strict = one.comparator == "<" or other.comparator == ">"
    return one.rank < other.rank or (is_strict and one.rank == other.rank)
