"""Evaluation in which every number is an interval: sure where a bound is enough, exact for exact numbers.

Kleene's three values: what is unknown stays so unless the rest decides.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from aliquot.flow.verification.rules.expressions import intervals
from aliquot.flow.verification.rules.expressions.facts import Facts
from aliquot.flow.verification.rules.expressions.intervals import Interval, span
from aliquot.flow.verification.rules.expressions.reading import (
    ReadNumber,
    ReadText,
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
from aliquot.registers.catalogue.rules.findings import compare, read_finding

Judge: TypeAlias = Callable[[Facts], bool | None]
Measure: TypeAlias = Callable[[Facts], Interval | None]
Combine: TypeAlias = Callable[[Interval, Interval], Interval | None]

_COMBINE: Mapping[str, Combine] = {
    "+": intervals.add,
    "-": intervals.subtract,
    "*": intervals.multiply,
    "/": intervals.divide,
    "max": intervals.most,
    "min": intervals.least,
}


def careful_judge(node: Node, units: Mapping[str, str]) -> Judge:  # noqa: PLR0911 - one for each kind of node
    """What decides the checked condition `node`; `units` are those of the tests it reads."""
    match node:
        case Boolean(value=value):
            return lambda _facts: value
        case Not(operand=operand):
            return _negated(careful_judge(operand, units))
        case Junction(word=word, operands=operands):
            return _joined([careful_judge(one, units) for one in operands], word == "or")
        case Membership():
            return _membership(node)
        case Range():
            return _range(node, units)
        case Comparison():
            return _comparison(node, units)
        case Fact() | Call():
            return boolean_reader(node)
    raise AssertionError(node)


def _negated(judge: Judge) -> Judge:
    def negated(facts: Facts) -> bool | None:
        judged = judge(facts)
        return None if judged is None else not judged

    return negated


def _joined(judges: Sequence[Judge], decisive: bool) -> Judge:  # noqa: FBT001 - the value that decides
    def joined(facts: Facts) -> bool | None:
        is_open = False
        for judge in judges:
            judged = judge(facts)
            if judged is decisive:
                return decisive
            is_open = is_open or judged is None
        return None if is_open else not decisive

    return joined


def _comparison(node: Comparison, units: Mapping[str, str]) -> Judge:
    if node.grades is not None:
        return of_findings(node)
    if is_of_texts(node.left):
        return _of_texts(node)
    left, right = _measure(node.left, units), _measure(node.right, units)
    relation = _RELATIONS[node.relation]

    def compared(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        return None if one is None or other is None else relation(one, other)

    return compared


def _at_most(one: Interval, other: Interval) -> bool | None:
    more = intervals.is_less(other, one)
    return None if more is None else not more


def _differ(one: Interval, other: Interval) -> bool | None:
    equal = intervals.is_equal(one, other)
    return None if equal is None else not equal


_RELATIONS: Mapping[str, Callable[[Interval, Interval], bool | None]] = {
    "=": intervals.is_equal,
    "!=": _differ,
    "<": intervals.is_less,
    "<=": _at_most,
    ">": lambda one, other: intervals.is_less(other, one),
    ">=": lambda one, other: _at_most(other, one),
}


def _range(node: Range, units: Mapping[str, str]) -> Judge:
    below = _comparison(Comparison("<", node.operand, node.low), units)
    above = _comparison(Comparison(">", node.operand, node.high), units)
    outside = _joined([below, above], decisive=True)
    return _negated(outside) if node.is_inside else outside


# findings


def of_findings(node: Comparison) -> Judge:
    """What decides whether a titre or grade is more or less than another; None when a sign leaves it open."""
    assert isinstance(node.left, Call)
    assert isinstance(node.right, Text)
    grades, holds = node.grades or (), _ORDERS[node.relation]
    read, limit = text_reader(node.left, str.strip), read_finding(node.right.value, grades)

    def compared(facts: Facts) -> bool | None:
        text = read(facts)
        order = None if text is None else compare(read_finding(text, grades), limit)
        return None if order is None else holds(order)

    return compared


_ORDERS: Mapping[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


# texts


def is_of_texts(node: Node) -> bool:
    """Whether the node, an operand of a checked comparison, is a text."""
    if isinstance(node, Call):
        return node.function in {"flag", "text"}
    return isinstance(node, Text) or (isinstance(node, Fact) and node.name != "age")


def _reader_of_text(node: Node) -> ReadText:
    if isinstance(node, Text):
        value = folded(node.value)
        return lambda _facts: value
    assert isinstance(node, Fact | Call)
    return text_reader(node)


def _of_texts(node: Comparison) -> Judge:
    left, right, relation = _reader_of_text(node.left), _reader_of_text(node.right), node.relation

    def compared(facts: Facts) -> bool | None:
        one, other = left(facts), right(facts)
        if one is None or other is None:
            return None
        return one.startswith(other) if relation == "starts" else (one == other) is (relation == "=")

    return compared


def _membership(node: Membership) -> Judge:
    read, texts = _reader_of_text(node.operand), frozenset(folded(text.value) for text in node.texts)

    def is_among(facts: Facts) -> bool | None:
        text = read(facts)
        return None if text is None else (text in texts) is node.is_in

    return is_among


# numbers


def _measure(node: Node, units: Mapping[str, str]) -> Measure:  # noqa: PLR0911 - one for each kind of node
    """What works out the number `node`, always as an interval; that of an exact number is one point."""
    match node:
        case Number(value=value):
            point = span(value)
            return lambda _facts: point
        case Negative(operand=operand):
            return _each(intervals.negative, _measure(operand, units))
        case Arithmetic():
            return _folded(_COMBINE[node.sign], [_measure(node.left, units), _measure(node.right, units)])
        case Call(function="abs", arguments=(operand,)):
            return _each(intervals.absolute, _measure(operand, units))
        case Call(function="min" | "max" as function, arguments=operands):
            return _folded(_COMBINE[function], [_measure(one, units) for one in operands])
        case Call(function="round", arguments=(operand, *rest)):
            places = places_of(rest)
            return _each(lambda one: intervals.rounded(one, places), _measure(operand, units))
        case Code() | Fact() | Call():
            return _read(number_reader(node, units))
    raise AssertionError(node)


def places_of(rest: Sequence[Node]) -> int:
    """The places after the point of round(): none said is 0."""
    return int(rest[0].value) if rest and isinstance(rest[0], Number) else 0


def _read(read: ReadNumber) -> Measure:
    def measure(facts: Facts) -> Interval | None:
        value = read(facts)
        return None if value is None else span(value)

    return measure


def _each(operation: Callable[[Interval], Interval], operand: Measure) -> Measure:
    def measure(facts: Facts) -> Interval | None:
        one = operand(facts)
        try:
            return None if one is None else operation(one)
        except ArithmeticError:  # more digits than the context keeps
            return None

    return measure


def _folded(combine: Combine, operands: Sequence[Measure]) -> Measure:
    first, *rest = operands

    def measure(facts: Facts) -> Interval | None:
        result = first(facts)
        for operand in rest:
            other = None if result is None else operand(facts)
            if result is None or other is None:
                return None
            try:
                result = combine(result, other)
            except ArithmeticError:  # beyond all numbers
                return None
        return result

    return measure
