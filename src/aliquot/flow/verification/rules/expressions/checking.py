"""Typed against the catalogue: what each part of an expression is, its unit, and what cannot be meant."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import NoReturn, TypeAlias

from aliquot.flow.verification.rules.expressions.errors import ExpressionError
from aliquot.flow.verification.rules.expressions.intervals import EXACT
from aliquot.flow.verification.rules.expressions.powers import power_of_ten
from aliquot.flow.verification.rules.expressions.syntax import (
    Arithmetic,
    Boolean,
    Call,
    Code,
    Comparison,
    Fact,
    Junction,
    Membership,
    Negative,
    Node,
    Not,
    Number,
    Range,
    Text,
)
from aliquot.flow.verification.rules.expressions.words import (
    FACTS,
    FUNCTIONS,
    INDICES,
    PANEL,
    QUANTITATIVE,
    VALUES,
    Function,
    Kind,
    TestType,
)
from aliquot.flow.verification.rules.reasons import gettext_noop
from aliquot.registers.catalogue.rules.findings import read_finding

Convert: TypeAlias = Callable[[Decimal, str, str], Decimal]
"""value, unit, wanted unit -> value in the wanted unit; raises ValueError when that has no meaning."""

MOST_PLACES = 9
NEAREST = 3
_ARGUMENTS = {
    (1, 1): gettext_noop("one argument"),
    (1, 2): gettext_noop("one or two arguments"),
}
_SEVERAL = gettext_noop("two or more arguments")
_OF_UNITS = {"days": "d", "change": "%"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A part with its literals converted; `unit` is "" where no unit is known."""

    node: Node
    kind: Kind
    unit: str = ""


def checked(text: str, tree: Node, tests: Mapping[str, TestType], convert: Convert | None = None) -> Node:
    """The tree with all numbers in the units of the tests; raises ExpressionError."""
    return _Checker(text, tests, convert).condition(tree).node


@dataclass(frozen=True, slots=True)
class _Checker:
    text: str
    tests: Mapping[str, TestType]
    convert: Convert | None

    def fail(self, node: Node, error: str, /, **facts: object) -> NoReturn:
        raise ExpressionError(self.text, node.position, error, **facts)

    def condition(self, node: Node) -> Typed:
        return self.of_kind(node, Kind.BOOLEAN)

    def number(self, node: Node) -> Typed:
        return self.of_kind(node, Kind.NUMBER)

    def of_kind(self, node: Node, kind: Kind) -> Typed:
        typed = self.typed(node)
        if typed.kind is not kind:
            self.fail(node, "kind_expected", expected=kind, found=typed.kind)
        return typed

    def typed(self, node: Node) -> Typed:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of node
        match node:
            case Number():
                return Typed(node, Kind.NUMBER)
            case Text():
                return Typed(node, Kind.TEXT)
            case Boolean():
                return Typed(node, Kind.BOOLEAN)
            case Fact():
                return Typed(node, FACTS[node.name], "a" if node.name == "age" else "")
            case Code():
                return Typed(node, Kind.NUMBER, self.quantity(node).unit)
            case Call():
                return self.call(node)
            case Negative():
                operand = self.number(node.operand)
                return replace(operand, node=replace(node, operand=operand.node))
            case Arithmetic():
                return self.arithmetic(node)
            case Comparison():
                return self.comparison(node)
            case Range():
                return self.range(node)
            case Membership():
                return self.membership(node)
            case Not():
                return Typed(replace(node, operand=self.condition(node.operand).node), Kind.BOOLEAN)
            case Junction():  # pragma: no branch - mypy holds that no other node is left
                operands = tuple(self.condition(one).node for one in node.operands)
                return Typed(replace(node, operands=operands), Kind.BOOLEAN)

    # the catalogue

    def test(self, node: Code) -> TestType:
        found = self.tests.get(node.name)
        if found is None:
            self.unknown(node, node.name, self.tests, "unknown_code", "code")
        if found.scale == PANEL:
            self.fail(node, "is_a_panel", code=node.name)
        return found

    def quantity(self, node: Code) -> TestType:
        found = self.test(node)
        if found.scale != QUANTITATIVE:
            self.fail(node, "not_a_number", code=node.name)
        return found

    def unknown(self, node: Node, name: str, known: Iterable[str], code: str, fact: str) -> NoReturn:
        """Fail, naming what looks alike."""
        if near := nearest(name, known):
            self.fail(node, code, **{fact: name}, nearest=near)
        self.fail(node, f"{code}_alone", **{fact: name})

    # functions

    def call(self, node: Call) -> Typed:
        function = FUNCTIONS.get(node.function)
        if function is None:
            self.unknown(node, node.function, FUNCTIONS, "unknown_function", "function")
        if not function.least <= len(node.arguments) <= function.most:
            self.fail(
                node,
                "argument_count",
                function=node.function,
                expected=_ARGUMENTS.get((function.least, function.most), _SEVERAL),
                given=len(node.arguments),
            )
        if function.takes == "numbers":
            return self.rounding(node) if node.function == "round" else self.of_numbers(node)
        return self.of_code(node, function)

    def of_code(self, node: Call, function: Function) -> Typed:
        argument = node.arguments[0]
        if not isinstance(argument, Code):
            self.fail(argument, "code_expected", function=node.function)
        if function.takes == "index":
            if argument.name not in INDICES:
                self.fail(argument, "index_expected")
            return Typed(node, function.gives)
        test = self.quantity(argument) if function.takes == "quantity" else self.test(argument)
        if function.takes == "finding" and test.scale == QUANTITATIVE:
            self.fail(argument, "not_a_text", code=argument.name)
        of_number = function.gives is Kind.NUMBER
        return Typed(node, function.gives, _OF_UNITS.get(node.function, test.unit) if of_number else "")

    def of_numbers(self, node: Call) -> Typed:
        arguments, unit = self.alike(node.arguments)
        return Typed(replace(node, arguments=arguments), Kind.NUMBER, unit)

    def rounding(self, node: Call) -> Typed:
        operand, *places = node.arguments
        for one in places:
            if not isinstance(one, Number) or one.unit or one.value != one.value.to_integral_value():
                self.fail(one, "places_expected", most=MOST_PLACES)
            if one.value > MOST_PLACES:
                self.fail(one, "places_expected", most=MOST_PLACES)
        (typed,), unit = self.alike((operand,))
        return Typed(replace(node, arguments=(typed, *places)), Kind.NUMBER, unit)

    # numbers and their units

    def alike(self, nodes: tuple[Node, ...]) -> tuple[tuple[Node, ...], str]:
        """Numbers that are compared or added: literals in the unit of the first test among them."""
        typed = [self.number(one) for one in nodes]
        known = [one for one in typed if one.unit]
        for other in known[1:]:
            if not self.is_same(known[0].unit, other.unit):
                self.fail(other.node, "units_differ", left=known[0].unit, right=other.unit)
        unit = known[0].unit if known else ""
        return tuple(self.literal(one.node, unit) for one in typed), unit

    def is_same(self, one: str, other: str) -> bool:
        if one == other or power_of_ten(one, other) == 0:
            return True
        if self.convert is None:
            return False
        try:
            return self.convert(Decimal(1), one, other) == 1
        except ValueError:
            return False

    def literal(self, node: Node, unit: str) -> Node:
        """A number as it is in `unit`, also below a sign; other nodes as they are."""
        if isinstance(node, Negative):
            return replace(node, operand=self.literal(node.operand, unit))
        if not isinstance(node, Number) or not node.unit:
            return node
        if not unit:
            self.fail(node, "unit_unknown_here")
        return replace(node, value=self.converted(node, unit), unit="")

    def converted(self, node: Number, unit: str) -> Decimal:
        if node.unit == unit:
            return node.value
        power = power_of_ten(node.unit, unit)
        if power is not None:
            return node.value.scaleb(power, EXACT)
        if self.convert is None:
            self.fail(node, "unit_not_convertible", unit=node.unit, expected=unit)
        try:
            return self.convert(node.value, node.unit, unit)
        except ValueError:
            self.fail(node, "unit_not_convertible", unit=node.unit, expected=unit)

    def arithmetic(self, node: Arithmetic) -> Typed:
        if node.sign in {"+", "-"}:
            (left, right), unit = self.alike((node.left, node.right))
            return Typed(replace(node, left=left, right=right), Kind.NUMBER, unit)
        left, right = (self.literal(self.number(one).node, "") for one in (node.left, node.right))
        if node.sign == "/" and isinstance(right, Number) and not right.value:
            self.fail(right, "division_by_zero")
        return Typed(replace(node, left=left, right=right), Kind.NUMBER)

    # comparisons

    def comparison(self, node: Comparison) -> Typed:
        left, right = self.typed(node.left), self.typed(node.right)
        if node.relation == "starts":
            return self.starting(node, left)
        if left.kind is not right.kind:
            self.fail(node.right, "kind_expected", expected=left.kind, found=right.kind)
        if left.kind is Kind.NUMBER:
            (one, other), _ = self.alike((node.left, node.right))
            return Typed(replace(node, left=one, right=other), Kind.BOOLEAN)
        if node.relation not in {"=", "!="} or left.kind is Kind.BOOLEAN:
            if isinstance(node.left, Call) and node.left.function == "text":
                return self.ranked(node, node.left)
            self.without_order(node, left.kind)
        self.plausible(node.left, [node.right])
        self.plausible(node.right, [node.left])
        return Typed(node, Kind.BOOLEAN)

    def ranked(self, node: Comparison, left: Call) -> Typed:
        """A finding against a titre or a grade of its test's own scale: texts that have an order."""
        if not isinstance(node.right, Text):
            self.fail(node.right, "text_expected")
        argument = left.arguments[0]
        assert isinstance(argument, Code)
        grades = self.test(argument).grades
        said = read_finding(node.right.value, grades)
        if said.rank is None or said.comparator:
            known = (*(names[0] for names in grades), "1:80")
            self.fail(node.right, "unknown_value", value=f'"{node.right.value}"', expected=known)
        return Typed(replace(node, grades=grades), Kind.BOOLEAN)

    def without_order(self, node: Comparison, kind: Kind) -> NoReturn:
        if kind is Kind.BOOLEAN:
            self.fail(node.left, "kind_expected", expected=Kind.NUMBER, found=kind)
        self.fail(node.left, "no_order")

    def starting(self, node: Comparison, left: Typed) -> Typed:
        if left.kind is not Kind.TEXT:
            self.fail(node.left, "kind_expected", expected=Kind.TEXT, found=left.kind)
        if not isinstance(node.right, Text):
            self.fail(node.right, "text_expected")
        if not node.right.value.strip():
            self.fail(node.right, "empty_text")
        return Typed(node, Kind.BOOLEAN)

    def membership(self, node: Membership) -> Typed:
        self.of_kind(node.operand, Kind.TEXT)
        self.plausible(node.operand, node.texts)
        return Typed(node, Kind.BOOLEAN)

    def plausible(self, of: Node, texts: Iterable[Node]) -> None:
        """Fail for a text that `of` never is."""
        values = VALUES.get(of.name if isinstance(of, Fact) else of.function if isinstance(of, Call) else "")
        for one in texts:
            if not isinstance(one, Text):
                continue
            if not one.value.strip():
                self.fail(one, "empty_text")
            if values and one.value not in values:
                self.fail(one, "unknown_value", value=f'"{one.value}"', expected=values)

    def range(self, node: Range) -> Typed:
        (operand, low, high), _ = self.alike((node.operand, node.low, node.high))
        if isinstance(low, Number) and isinstance(high, Number) and low.value > high.value:
            self.fail(node.low, "empty_range", low=f"{low.value:f}", high=f"{high.value:f}")
        return Typed(replace(node, operand=operand, low=low, high=high), Kind.BOOLEAN)


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three of the known names that look like this one, whatever the size of the letters."""
    folded = {one.casefold(): one for one in known}
    if name.casefold() in folded:
        return (folded[name.casefold()],)
    return tuple(folded[one] for one in get_close_matches(name.casefold(), folded, NEAREST, 0.5))
