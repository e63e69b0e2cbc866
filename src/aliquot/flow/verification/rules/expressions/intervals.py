"""Numbers of which only a bound is known: "<5" lies somewhere below 5. What holds for all of them is sure.

Source: interval arithmetic with open and closed ends (IEEE 1788 calls the ends' kinds decorations); an end
that would need more is taken wider, never narrower.
"""

from collections.abc import Callable
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import NamedTuple, TypeAlias

EXACT = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=MIN_EMIN,
    Emax=MAX_EMAX,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""Arithmetic of expressions, whatever the context of the thread."""
ZERO, INFINITY = Decimal(0), Decimal("Infinity")


class End(NamedTuple):
    """One end of an interval; an open end is not part of it."""

    at: Decimal
    is_open: bool = False


class Interval(NamedTuple):
    low: End
    high: End


Value: TypeAlias = Decimal | Interval
NOWHERE_LOW, NOWHERE_HIGH = End(Decimal("-Infinity"), is_open=True), End(INFINITY, is_open=True)


def bounded(comparator: str, value: Decimal) -> Interval | None:
    """What a value with a sign leaves open; None for a sign that nobody knows."""
    if comparator in {"<", "<="}:
        return Interval(NOWHERE_LOW, End(value, comparator == "<"))
    if comparator in {">", ">="}:
        return Interval(End(value, comparator == ">"), NOWHERE_HIGH)
    return None


def span(value: Value) -> Interval:
    """An exact number is an interval of one point."""
    if isinstance(value, Interval):
        return value
    end = End(value)
    return Interval(end, end)


def negative(one: Interval) -> Interval:
    return Interval(_mirrored(one.high), _mirrored(one.low))


def add(one: Interval, other: Interval) -> Interval:
    return Interval(_sum(one.low, other.low), _sum(one.high, other.high))


def subtract(one: Interval, other: Interval) -> Interval:
    return add(one, negative(other))


def multiply(one: Interval, other: Interval) -> Interval:
    return _hull(_product, one, other)


def divide(one: Interval, other: Interval) -> Interval | None:
    """None when the divisor may be 0."""
    if other.low.at <= 0 <= other.high.at:
        return None
    return _hull(_quotient, one, other)


def absolute(one: Interval) -> Interval:
    if one.low.at >= 0:
        return one
    mirrored = negative(one)
    return mirrored if one.high.at <= 0 else Interval(End(ZERO), max(one.high, mirrored.high, key=_reach))


def least(one: Interval, other: Interval) -> Interval:
    return Interval(min(one.low, other.low), min(one.high, other.high, key=_reach))


def most(one: Interval, other: Interval) -> Interval:
    return Interval(max(one.low, other.low), max(one.high, other.high, key=_reach))


def rounded(one: Interval, places: int) -> Interval:
    """The ends rounded; what rounds to an end belongs to it, so they are closed."""
    return Interval(_round_end(one.low, places), _round_end(one.high, places))


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Half away from zero, as values are reported."""
    return value.quantize(Decimal(1).scaleb(-places, EXACT), ROUND_HALF_UP, EXACT)


def is_less(one: Interval, other: Interval) -> bool | None:
    """True when each of `one` is below each of `other`, False when none is below any, else None."""
    if one.high.at < other.low.at:
        return True
    if one.high.at == other.low.at and (one.high.is_open or other.low.is_open):
        return True
    return False if one.low.at >= other.high.at else None


def is_equal(one: Interval, other: Interval) -> bool | None:
    """True for the same single points, False when they do not touch, else None."""
    if is_less(one, other) or is_less(other, one):
        return False
    return True if one.low.at == one.high.at == other.low.at == other.high.at else None


def _reach(end: End) -> tuple[Decimal, bool]:
    """Orders upper ends: of two at the same place the closed one reaches further."""
    return end.at, not end.is_open


def _hull(operation: Callable[[End, End], End], one: Interval, other: Interval) -> Interval:
    ends = [operation(first, second) for first in one for second in other]
    return Interval(min(ends), max(ends, key=_reach))


def _mirrored(end: End) -> End:
    return End(end.at.copy_negate(), end.is_open)


def _sum(one: End, other: End) -> End:
    return End(EXACT.add(one.at, other.at), one.is_open or other.is_open)


def _product(one: End, other: End) -> End:
    if _is_nothing(one) or _is_nothing(other):
        return End(ZERO)
    is_zero = not one.at or not other.at
    return End(ZERO if is_zero else EXACT.multiply(one.at, other.at), is_open=one.is_open or other.is_open)


def _is_nothing(end: End) -> bool:
    """A closed 0: times anything it is 0, and it is reached."""
    return not end.at and not end.is_open


def _quotient(one: End, other: End) -> End:
    if _is_nothing(one):
        return End(ZERO)
    if other.at.is_infinite():
        return End(ZERO, is_open=True)
    return End(EXACT.divide(one.at, other.at), one.is_open or other.is_open)


def _round_end(end: End, places: int) -> End:
    return end if end.at.is_infinite() else End(round_half_up(end.at, places))
