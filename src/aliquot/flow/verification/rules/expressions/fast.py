"""An expression as one Python function, for exact numbers: what almost every result is.

Where a number is only bounded, or arithmetic fails, the function gives up and the careful evaluation decides.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Never

from aliquot.flow.verification.rules.expressions.careful import Judge, is_of_texts, of_findings, places_of
from aliquot.flow.verification.rules.expressions.facts import Facts
from aliquot.flow.verification.rules.expressions.intervals import EXACT, Value, round_half_up
from aliquot.flow.verification.rules.expressions.reading import (
    ReadNumber,
    boolean_reader,
    folded,
    number_reader,
    text_reader,
)
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


class OpenValue(Exception):  # noqa: N818 - it states a fact
    """A number is only bounded."""


_ARITHMETIC: Final = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
_RELATIONS: Final = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_GIVEN: Final[Mapping[str, object]] = {
    "add": EXACT.add,
    "subtract": EXACT.subtract,
    "multiply": EXACT.multiply,
    "divide": EXACT.divide,
    "half_up": round_half_up,
    "__builtins__": {"min": min, "max": max},
}


def fast_judge(node: Node, units: Mapping[str, str]) -> Judge:
    """What decides the checked condition `node`; it raises OpenValue or ArithmeticError to give up."""
    writer = _Writer(units)
    source = f"def judge(facts):\n    values = facts.siblings.values\n    return {writer.condition(node)}\n"
    code = compile(source, "<expression>", "exec")
    names: dict[str, Any] = {**_GIVEN, **writer.names}
    # No letter of the rule's text is in the source: codes, texts and numbers are passed by name.
    exec(code, names)  # noqa: S102
    judge: Judge = names["judge"]
    return judge


def _give_up() -> Never:
    raise OpenValue


def _exact(read: ReadNumber) -> Callable[[Facts], Decimal | None]:
    def read_exact(facts: Facts) -> Decimal | None:
        value: Value | None = read(facts)
        if value is None or isinstance(value, Decimal):
            return value
        raise OpenValue

    return read_exact


class _Writer:
    """Writes Python for each node; everything that is not Python's own is passed by a name of its own."""

    def __init__(self, units: Mapping[str, str]) -> None:
        self.units = units
        self.names: dict[str, object] = {"give_up": _give_up}
        self.count = 0

    def given(self, thing: object) -> str:
        name = f"given{len(self.names)}"
        self.names[name] = thing
        return name

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    # conditions

    def condition(self, node: Node) -> str:  # noqa: PLR0911 - one for each kind of node
        match node:
            case Boolean(value=value):
                return str(value)
            case Not(operand=operand):
                name = self.fresh()
                return f"(None if ({name} := {self.condition(operand)}) is None else not {name})"
            case Junction(word=word, operands=operands):
                return self.joined(word, [self.condition(one) for one in operands])
            case Membership():
                return self.membership(node)
            case Range():
                return self.range(node)
            case Comparison():
                return self.comparison(node)
            case Fact() | Call():
                return f"{self.given(boolean_reader(node))}(facts)"
        raise AssertionError(node)

    def joined(self, word: str, conditions: Sequence[str]) -> str:
        """One that is decisive decides; else one that is unknown leaves it open."""
        names = [self.fresh() for _ in conditions]
        is_decisive = "" if word == "or" else " is False"
        decided = " or ".join(
            f"({name} := {one}){is_decisive}" for name, one in zip(names, conditions, strict=True)
        )
        is_open = " or ".join(f"{name} is None" for name in names)
        return f"({word == 'or'} if {decided} else None if {is_open} else {word != 'or'})"

    def comparison(self, node: Comparison) -> str:
        if node.grades is not None:
            return f"{self.given(of_findings(node))}(facts)"
        as_operand = self.text if is_of_texts(node.left) else self.number
        (guards, (left, right)) = self.operands([node.left, node.right], as_operand)
        if node.relation == "starts":
            return self.guarded(guards, f"{left}.startswith({right})")
        return self.guarded(guards, f"{left} {_RELATIONS[node.relation]} {right}")

    def range(self, node: Range) -> str:
        name = self.fresh()
        relations = (">=", "<=") if node.is_inside else ("<", ">")
        ends = []
        for relation, end in zip(relations, (node.low, node.high), strict=True):
            guards, (other,) = self.operands([end], self.number)
            ends.append(self.guarded(guards, f"{name} {relation} {other}"))
        joined = self.joined("and" if node.is_inside else "or", ends)
        return f"(None if ({name} := {self.number(node.operand)}) is None else {joined})"

    def membership(self, node: Membership) -> str:
        texts = self.given(frozenset(folded(text.value) for text in node.texts))
        guards, (operand,) = self.operands([node.operand], self.text)
        return self.guarded(guards, f"{operand} {'in' if node.is_in else 'not in'} {texts}")

    # operands

    def operands(self, nodes: Sequence[Node], write: Callable[[Node], str]) -> tuple[list[str], list[str]]:
        """What says that one is unknown, to be asked first, and the names of the operands."""
        guards, names = [], []
        for node in nodes:
            written = write(node)
            if not isinstance(node, Number | Text):
                name = self.fresh()
                guards.append(f"({name} := {written}) is None")
                written = name
            names.append(written)
        return guards, names

    def guarded(self, guards: Sequence[str], result: str) -> str:
        return f"(None if {' or '.join(guards)} else {result})" if guards else f"({result})"

    def text(self, node: Node) -> str:
        if isinstance(node, Text):
            return self.given(folded(node.value))
        assert isinstance(node, Fact | Call)
        return f"{self.given(text_reader(node))}(facts)"

    # numbers

    def number(self, node: Node) -> str:  # noqa: PLR0911 - one for each kind of node
        match node:
            case Number(value=value):
                return self.given(value)
            case Code(name=name):
                return self.value(name)
            case Negative(operand=operand):
                return self.worked_out([operand], "{0}.copy_negate()")
            case Arithmetic():
                return self.arithmetic(node)
            case Call(function="abs", arguments=operands):
                return self.worked_out(operands, "{0}.copy_abs()")
            case Call(function="min" | "max" as function, arguments=operands):
                return self.worked_out(operands, f"{function}({{all}})")
            case Call(function="round", arguments=(operand, *rest)):
                return self.worked_out([operand], f"half_up({{0}}, {places_of(rest)})")
            case Fact() | Call():
                return f"{self.given(_exact(number_reader(node, self.units)))}(facts)"
        raise AssertionError(node)

    def worked_out(self, nodes: Sequence[Node], form: str) -> str:
        guards, names = self.operands(nodes, self.number)
        return self.guarded(guards, form.format(*names, all=", ".join(names)))

    def arithmetic(self, node: Arithmetic) -> str:
        guards, (left, right) = self.operands([node.left, node.right], self.number)
        if node.sign == "/" and not isinstance(node.right, Number):
            guards.append(f"not {right}")
        return self.guarded(guards, f"{_ARITHMETIC[node.sign]}({left}, {right})")

    def value(self, name: str) -> str:
        """The value of a test, in line because it is what rules read most."""
        test, value = self.fresh(), self.fresh()
        code, unit = self.given(name), self.given(self.units[name])
        return (
            f"(None if ({test} := values.get({code})) is None or {test}.unit != {unit}"
            f" or ({value} := {test}.value) is None else give_up()"
            f" if {test}.comparator or not {value}.is_finite() else {value})"
        )
