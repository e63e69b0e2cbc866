"""Values that carry a sign: where they surely lie."""

from decimal import Decimal

BELOW = ("<", "<=")
ABOVE = (">", ">=")


def is_surely_below(value: Decimal, comparator: str, limit: Decimal) -> bool:
    """Whether a value with this sign ("" for none) surely lies below the limit; the limit is not below."""
    if comparator in ABOVE:
        return False
    return value <= limit if comparator == "<" else value < limit


def is_surely_above(value: Decimal, comparator: str, limit: Decimal) -> bool:
    """Whether a value with this sign surely lies above the limit; the limit is not above."""
    if comparator in BELOW:
        return False
    return value >= limit if comparator == ">" else value > limit
