"""From tree to text, always in the same form: parse(printed(tree)) == tree."""

import re
from typing import assert_never

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
from aliquot.flow.verification.rules.expressions.words import RESERVED

_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_ANY, _NEGATION, _COMPARISON, _SUM, _PRODUCT, _SIGNED, _PRIMARY = range(7)
_LEVEL = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def printed(node: Node) -> str:
    """The expression in its one form: single blanks, brackets where they change or clarify it."""
    return _within(node, _ANY)


def printed_code(name: str) -> str:
    """The code of a test, in backquotes when it would be read as something else."""
    return name if _PLAIN.fullmatch(name) and name not in RESERVED else f"`{name}`"


def printed_text(value: str) -> str:
    """A text in quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _within(node: Node, least: int) -> str:
    """The node, in brackets when it binds weaker than its place asks."""
    level, text = _form(node)
    return text if level >= least else f"({text})"


def _form(node: Node) -> tuple[int, str]:  # noqa: C901, PLR0911 - one line for each kind of node
    match node:
        case Number():
            return _PRIMARY, f"{node.value:f} [{node.unit}]" if node.unit else f"{node.value:f}"
        case Text():
            return _PRIMARY, printed_text(node.value)
        case Boolean():
            return _PRIMARY, "true" if node.value else "false"
        case Code():
            return _PRIMARY, printed_code(node.name)
        case Fact():
            return _PRIMARY, node.name
        case Call():
            return _PRIMARY, f"{node.function}({', '.join(_within(one, _ANY) for one in node.arguments)})"
        case Negative():
            return _SIGNED, f"-{_within(node.operand, _SIGNED)}"
        case Arithmetic():
            level = _LEVEL[node.sign]
            return level, f"{_within(node.left, level)} {node.sign} {_within(node.right, level + 1)}"
        case Comparison():
            return _COMPARISON, f"{_within(node.left, _SUM)} {node.relation} {_within(node.right, _SUM)}"
        case Range() | Membership():
            return _COMPARISON, _listed(node)
        case Not():
            return _NEGATION, f"not {_within(node.operand, _NEGATION)}"
        case Junction():
            return _ANY, f" {node.word} ".join(_within(one, _NEGATION) for one in node.operands)
    assert_never(node)


def _listed(node: Range | Membership) -> str:
    operand = _within(node.operand, _SUM)
    if isinstance(node, Membership):
        texts = ", ".join(printed_text(text.value) for text in node.texts)
        return f"{operand} {'in' if node.is_in else 'not in'} ({texts})"
    word = "inside" if node.is_inside else "outside"
    return f"{operand} {word} {_within(node.low, _SUM)} .. {_within(node.high, _SUM)}"
