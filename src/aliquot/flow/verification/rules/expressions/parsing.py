"""From text to tree, or to the character where it stops being an expression."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from aliquot.flow.verification.rules.expressions.errors import ExpressionError
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
    Relation,
    Sign,
    Text,
    levels,
)
from aliquot.flow.verification.rules.expressions.words import BOOLEANS, FACTS
from aliquot.flow.verification.rules.reasons import gettext_noop

LONGEST: Final = 4000
"""Characters of an expression."""
DEEPEST: Final = 32
"""Levels of a tree."""
MOST_DIGITS: Final = 20
"""Digits of a number; sums of such numbers stay exact at 28."""

_RELATIONS: Final[Mapping[str, Relation]] = MappingProxyType(
    {"=": "=", "!=": "!=", "≠": "!=", "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">="}
)
_ESCAPE: Final = re.compile(r"\\(.)")
_UNFINISHED = {'"': "unfinished_text", "`": "unfinished_name", "[": "unfinished_unit"}
_EXPECTED = MappingProxyType(
    {
        "NAME": gettext_noop("a value"),
        "RELATION": gettext_noop("a comparison"),
        "PLUS": gettext_noop("an arithmetic sign"),
        "UNIT": gettext_noop("a unit in square brackets"),
        "TEXT": gettext_noop("a text in quotes"),
        "IN": "in (…)",
        "LPAR": '"("',
        "COMMA": '","',
        "RPAR": '")"',
        "_DOTS": '".."',
        "AND": "and",
        "OR": "or",
        "$END": gettext_noop("the end"),
    }
)
"""What to call what could have stood there, in the order of the sentence."""
_IMPLIED = MappingProxyType({"NAME": {"TEXT", "LPAR"}, "RELATION": {"IN"}, "PLUS": {"LPAR"}})
"""What need not be said beside a wider word."""


def parse(text: str) -> Node:
    """The tree of `text`; raises ExpressionError. Codes and kinds are not looked at yet."""
    if len(text) > LONGEST:
        raise ExpressionError(text, LONGEST, "too_long", most=LONGEST)
    try:
        tree = cast("Node", _parser().parse(text))
    except UnexpectedCharacters as error:
        raise _character_error(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _token_error(text, error.token) from None
    _refuse_excess(text, tree)
    return tree


def _refuse_excess(text: str, tree: Node) -> None:
    for level, node in levels(tree):
        if level > DEEPEST:
            raise ExpressionError(text, node.position, "too_deep", most=DEEPEST)
        if isinstance(node, Number) and len(node.value.as_tuple().digits) > MOST_DIGITS:
            raise ExpressionError(text, node.position, "too_many_digits", most=MOST_DIGITS)


def _character_error(text: str, position: int) -> ExpressionError:
    found = text[position]
    if found in _UNFINISHED:
        return ExpressionError(text, position, _UNFINISHED[found])
    return ExpressionError(
        text, position, "unexpected_character", found=found, expected=_expected(text[:position])
    )


def _token_error(text: str, token: Token) -> ExpressionError:
    if token.type == "$END":
        end = len(text.rstrip())
        return ExpressionError(text, end, "unexpected_end", expected=_expected(text))
    position = _place(token)
    expected = _expected(text[:position])
    return ExpressionError(text, position, "unexpected_word", found=str(token), expected=expected)


def _expected(before: str) -> tuple[str, ...]:
    """What can follow a text that was good so far."""
    parser = _parser().parse_interactive(before)
    parser.exhaust_lexer()
    return _named(parser.accepts())  # type: ignore[no-untyped-call]  # typed nowhere in lark


def _named(terminals: Collection[str]) -> tuple[str, ...]:
    implied = {one for wide, narrow in _IMPLIED.items() if wide in terminals for one in narrow}
    return tuple(word for name, word in _EXPECTED.items() if name in terminals and name not in implied)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=False)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Makes a node of each rule of the grammar."""

    def joined_by_or(self, *operands: Node) -> Node:
        return Junction("or", operands, operands[0].position)

    def joined_by_and(self, *operands: Node) -> Node:
        return Junction("and", operands, operands[0].position)

    def negated(self, word: Token, operand: Node) -> Node:
        return Not(operand, _place(word))

    def compared(self, left: Node, relation: Token, right: Node) -> Node:
        return Comparison(_RELATIONS[relation], left, right, left.position)

    def starts(self, left: Node, right: Node) -> Node:
        return Comparison("starts", left, right, left.position)

    def inside(self, operand: Node, low: Node, high: Node) -> Node:
        return Range(operand, True, low, high, operand.position)

    def outside(self, operand: Node, low: Node, high: Node) -> Node:
        return Range(operand, False, low, high, operand.position)

    def among(self, operand: Node, *texts: Token) -> Node:
        return Membership(operand, True, tuple(map(_unquoted, texts)), operand.position)

    def not_among(self, operand: Node, _word: Token, *texts: Token) -> Node:
        return Membership(operand, False, tuple(map(_unquoted, texts)), operand.position)

    def arithmetic(self, left: Node, sign: Token, right: Node) -> Node:
        return Arithmetic(cast("Sign", str(sign)), left, right, left.position)

    def negative(self, sign: Token, operand: Node) -> Node:
        return Negative(operand, _place(sign))

    def number(self, number: Token, unit: str = "") -> Node:
        return Number(Decimal(number), unit[1:-1].strip(), _place(number))

    def text(self, token: Token) -> Node:
        return _unquoted(token)

    def name(self, token: Token) -> Node:
        if token in BOOLEANS:
            return Boolean(BOOLEANS[token], _place(token))
        return (Fact if token in FACTS else Code)(str(token), _place(token))

    def quoted(self, token: Token) -> Node:
        return Code(token[1:-1], _place(token))

    def call(self, function: Token, *arguments: Node) -> Node:
        return Call(str(function), arguments, _place(function))


def _unquoted(token: Token) -> Text:
    return Text(_ESCAPE.sub(r"\1", token[1:-1]), _place(token))


def _place(token: Token) -> int:
    assert token.start_pos is not None
    return token.start_pos
