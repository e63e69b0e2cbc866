"""The tree of an expression. Positions do not count when two trees are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

Relation = Literal["=", "!=", "<", "<=", ">", ">=", "starts"]
Sign = Literal["+", "-", "*", "/"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number without a sign; `unit` as written, or empty."""

    value: Decimal
    unit: str = ""
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    """The value of a test; as the argument of some functions the test itself."""

    name: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about the patient: age, sex, ward, diagnosis, pregnant."""

    name: str
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: "tuple[Node, ...]"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: Sign
    left: "Node"
    right: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of numbers or texts; with `grades` of findings, by rank on the scale of the test at the left."""

    relation: Relation
    left: "Node"
    right: "Node"
    position: int = field(default=0, compare=False)
    grades: tuple[tuple[str, ...], ...] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Range:
    """`operand` inside low .. high, both included; or outside."""

    operand: "Node"
    is_inside: bool
    low: "Node"
    high: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """`operand` in, or not in, a list of texts."""

    operand: "Node"
    is_in: bool
    texts: tuple[Text, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    operand: "Node"
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Junction:
    """Two or more conditions joined by the same word."""

    word: Literal["and", "or"]
    operands: "tuple[Node, ...]"
    position: int = field(default=0, compare=False)


Node: TypeAlias = (
    Number | Text | Boolean | Code | Fact | Call | Negative | Arithmetic | Comparison | Range | Membership
    | Not | Junction
)  # fmt: skip


def children(node: Node) -> "tuple[Node, ...]":
    """The nodes directly below, in the order of the text."""
    match node:
        case Call(arguments=below) | Junction(operands=below):
            return below
        case Arithmetic(left=left, right=right) | Comparison(left=left, right=right):
            return (left, right)
        case Range(operand=operand, low=low, high=high):
            return (operand, low, high)
        case Membership(operand=operand) | Negative(operand=operand) | Not(operand=operand):
            return (operand,)
    return ()


def levels(node: Node) -> Iterator[tuple[int, Node]]:
    """Each node with its level, the root at 1; works at any depth."""
    waiting = [(1, node)]
    while waiting:
        level, one = waiting.pop()
        yield level, one
        waiting.extend((level + 1, below) for below in reversed(children(one)))
