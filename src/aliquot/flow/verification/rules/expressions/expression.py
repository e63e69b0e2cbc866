"""An expression as rules keep it: compiled once, evaluated for each result, explained to whoever decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from aliquot.flow.verification.rules.expressions.careful import Judge, careful_judge
from aliquot.flow.verification.rules.expressions.checking import Convert, checked
from aliquot.flow.verification.rules.expressions.facts import Facts
from aliquot.flow.verification.rules.expressions.fast import OpenValue, fast_judge
from aliquot.flow.verification.rules.expressions.intervals import Value, round_half_up
from aliquot.flow.verification.rules.expressions.parsing import parse
from aliquot.flow.verification.rules.expressions.printing import printed
from aliquot.flow.verification.rules.expressions.reading import (
    Read,
    boolean_reader,
    number_reader,
    text_reader,
)
from aliquot.flow.verification.rules.expressions.syntax import Call, Code, Fact, Node, children
from aliquot.flow.verification.rules.expressions.words import FACTS, FUNCTIONS, Kind, TestType

SHOWN_PLACES = 2
"""Decimals of what was worked out from two moments or two values: change, days, age."""


@dataclass(frozen=True, slots=True)
class Operand:
    """One thing that an expression read, and what it was: "K", "7.4"; unknown is empty."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name} {self.value or '?'}"


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition over the values of an order and the patient. Two with the same text are the same.

    `text` is the normalised print; `codes` are the tests it reads, `earlier_codes` those of which it reads an
    earlier value; `indices` are "H", "I", "L" as far as it reads them.
    """

    text: str
    codes: frozenset[str]
    earlier_codes: frozenset[str]
    indices: frozenset[str]
    _reads: "tuple[tuple[str, Read], ...]" = field(repr=False, compare=False)
    _tests: Mapping[str, TestType] = field(repr=False, compare=False)
    _fast: Judge = field(repr=False, compare=False)
    _careful: Judge = field(repr=False, compare=False)

    def evaluate(self, facts: Facts) -> bool | None:
        """True, False, or None when what is missing, or known only by a bound, leaves it open."""
        try:
            return self._fast(facts)
        except (OpenValue, ArithmeticError):
            return self._careful(facts)

    def explain(self, facts: Facts) -> tuple[Operand, ...]:
        """Each thing that it reads, once, in the order of the text, with what it is in these facts."""
        return tuple(Operand(name, _shown(read, facts, self._tests)) for name, read in self._reads)


def compile_expression(
    text: str, tests: Mapping[str, TestType], convert: Convert | None = None
) -> Expression:
    """The expression that `text` writes, typed against the tests by code.

    `convert(value, unit, wanted)` is asked for literals whose unit differs from the test's by more than a
    power of ten. Raises ExpressionError, which names the character.
    """
    written = parse(text)
    node = checked(text, written, tests, convert)
    reads = _reads(node)
    values = frozenset(read.name for read in reads.values() if isinstance(read, Code))
    codes = values | _arguments(reads.values(), frozenset(FUNCTIONS) - {"index"})
    units = {code: tests[code].unit for code in codes}
    return Expression(
        text=printed(written),
        codes=codes,
        earlier_codes=_arguments(reads.values(), _EARLIER),
        indices=_arguments(reads.values(), frozenset({"index"})),
        _reads=tuple(reads.items()),
        _tests={code: tests[code] for code in codes},
        _fast=fast_judge(node, units),
        _careful=careful_judge(node, units),
    )


_EARLIER = frozenset({"change", "days", "prev"})


def _reads(node: Node) -> dict[str, Read]:
    """What looks at the facts, by its print, in the order of the text."""
    if isinstance(node, Code | Fact):
        return {printed(node): node}
    if isinstance(node, Call) and FUNCTIONS[node.function].takes != "numbers":
        return {printed(node): node}
    found: dict[str, Read] = {}
    for below in children(node):
        found |= _reads(below)
    return found


def _arguments(reads: Iterable[Read], functions: frozenset[str]) -> frozenset[str]:
    """The codes that these functions are asked about."""
    calls = (read for read in reads if isinstance(read, Call) and read.function in functions)
    return frozenset(one.name for call in calls for one in call.arguments if isinstance(one, Code))


def _shown(read: Read, facts: Facts, tests: Mapping[str, TestType]) -> str:
    kind = _kind(read)
    if kind is Kind.TEXT:
        return text_reader(read, str.strip)(facts) or ""
    if kind is Kind.BOOLEAN:
        return {True: "true", False: "false", None: ""}[boolean_reader(read)(facts)]
    value = number_reader(read, {code: test.unit for code, test in tests.items()})(facts)
    if isinstance(value, Decimal) and _is_worked_out(read):
        value = round_half_up(value, SHOWN_PLACES)
    return "" if value is None else _number(value, _places(read, tests))


def _is_worked_out(read: Read) -> bool:
    return isinstance(read, Fact) or (isinstance(read, Call) and read.function in {"change", "days"})


def _kind(read: Read) -> Kind:
    if isinstance(read, Call):
        return FUNCTIONS[read.function].gives
    return FACTS[read.name] if isinstance(read, Fact) else Kind.NUMBER


def _places(read: Read, tests: Mapping[str, TestType]) -> int | None:
    """The decimals of the test, of its value and its earlier value; else as many as count."""
    if isinstance(read, Code):
        return tests[read.name].decimals
    if isinstance(read, Call) and read.function == "prev":
        return next((test.decimals for test in tests.values() if Code(test.code) in read.arguments), None)
    return None


def _number(value: Value, places: int | None) -> str:
    if isinstance(value, Decimal):
        return _decimal(value, places)
    end, sign = (value.low, ">") if value.high.at.is_infinite() else (value.high, "<")
    return f"{sign}{'' if end.is_open else '='}{_decimal(end.at, places)}"


def _decimal(value: Decimal, places: int | None) -> str:
    """With these decimals when that hides nothing, else with all that count."""
    if places is not None and value == (rounded := round_half_up(value, places)):
        return f"{rounded:f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
