"""The words of the language: functions, facts of the patient, what each takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from aliquot.flow.verification.rules.reasons import gettext_noop


class Kind(StrEnum):
    """What an expression is; the value is the word that errors say."""

    NUMBER = gettext_noop("a number")
    TEXT = gettext_noop("a text")
    BOOLEAN = gettext_noop("a condition")


@dataclass(frozen=True, slots=True)
class TestType:
    """What the catalogue says of a test: Qn is a number in `unit` (UCUM), Ord, Nom are texts, Pnl a panel.

    `grades` are an ordinal test's own scale, the least first.
    """

    __test__ = False  # not a test case, whatever the name says to a test runner

    code: str
    scale: str
    unit: str = ""
    decimals: int | None = None
    grades: tuple[tuple[str, ...], ...] = ()


QUANTITATIVE, PANEL = "Qn", "Pnl"
Takes = Literal["quantity", "finding", "test", "index", "numbers"]


@dataclass(frozen=True, slots=True)
class Function:
    """How many arguments a function takes and of what: codes of tests, a name of an index, or numbers."""

    takes: Takes
    gives: Kind
    least: int = 1
    most: int = 1


MOST_ARGUMENTS = 16
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "abs": Function("numbers", Kind.NUMBER),
        "change": Function("quantity", Kind.NUMBER),
        "days": Function("quantity", Kind.NUMBER),
        "flag": Function("test", Kind.TEXT),
        "high": Function("quantity", Kind.NUMBER),
        "index": Function("index", Kind.NUMBER),
        "low": Function("quantity", Kind.NUMBER),
        "max": Function("numbers", Kind.NUMBER, 2, MOST_ARGUMENTS),
        "min": Function("numbers", Kind.NUMBER, 2, MOST_ARGUMENTS),
        "present": Function("test", Kind.BOOLEAN),
        "prev": Function("quantity", Kind.NUMBER),
        "round": Function("numbers", Kind.NUMBER, 1, 2),
        "text": Function("finding", Kind.TEXT),
    }
)
FACTS: Mapping[str, Kind] = MappingProxyType(
    {
        "age": Kind.NUMBER,
        "diagnosis": Kind.TEXT,
        "pregnant": Kind.BOOLEAN,
        "sex": Kind.TEXT,
        "ward": Kind.TEXT,
    }
)
BOOLEANS: Mapping[str, bool] = MappingProxyType({"false": False, "true": True})
KEYWORDS = frozenset({"and", "in", "inside", "not", "or", "outside", "starts"})
RESERVED = KEYWORDS | set(FACTS) | set(BOOLEANS)
"""What cannot be the code of a test without backquotes."""

INDICES = ("H", "I", "L")
VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sex": ("F", "M"), "flag": ("LL", "L", "N", "H", "HH", "A")}
)
"""Where only these texts can occur, another one is a slip of the pen."""
