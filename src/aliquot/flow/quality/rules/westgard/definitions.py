"""The control rules of the Westgard family by name: what breaks each, where it looks, what error it means.

Source: Westgard et al., Clin Chem 1981;27:493; PMC3909142, Table 1; westgard.com/mltirule.htm (8-x, 12-x,
2of3-2s, 3-1s, 6-x, 9-x, 7T). "Exceeds" is strictly more; a value on the mean belongs to neither side.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from aliquot.registers.catalogue.rules.calculators.quantities import InputError

MOST_VALUES = 20
"""No rule looks at more values than this, so what is kept of each level is bounded."""


class Error(StrEnum):
    """The kind of error a broken rule speaks of; 1-2s alone cannot tell."""

    RANDOM = "random"
    SYSTEMATIC = "systematic"
    EITHER = "either"


class Variant(StrEnum):
    """Where a rule looks, or how R-4s is read."""

    PLAIN = ""
    WITHIN_LEVEL = "within-level"
    ACROSS_LEVELS = "across-levels"
    ACROSS_LEVELS_WITHIN_RUN = "across-levels,within-run"
    WITHIN_RUN = "within-run"
    CLASSIC = "classic"
    RANGE = "range"


class Kind(StrEnum):
    """What is looked for among the values."""

    SINGLE = "one value beyond the limit"
    STREAK = "so many consecutive values beyond the limit on one side"
    TOGETHER = "so many levels of a run beyond the limit on one side"
    OPPOSITE = "one value of a run beyond the limit above, another below"
    SPREAD = "two values of a run further apart than the limit"
    TREND = "so many consecutive values rising, or falling"


@dataclass(frozen=True, slots=True)
class Check:
    """One rule in one variant; `limit` in SD, `count` in values or levels, `levels`: least that it needs."""

    rule: str
    variant: Variant
    kind: Kind
    count: int
    limit: Decimal
    error: Error
    levels: int = 1

    @property
    def flag(self) -> str:
        """As it is printed: `2-2s(within-level)`, `1-3s`."""
        return f"{self.rule}({self.variant})" if self.variant else self.rule

    @property
    def depth(self) -> int:
        """How many values of earlier runs it looks at."""
        return self.count - 1 if self.kind in {Kind.STREAK, Kind.TREND} else 0


def checks_named(name: str) -> tuple[Check, ...]:
    """The rule of this name in all its variants, or in the one in brackets: `4-1s(within-level)`, `13s`.

    R-4s without brackets is the classic one. InputError, with what would be right, for a name nobody knows.
    """
    rule, _, inside = _plain(name).partition("(")
    for pattern, build in _FAMILIES:
        if found := re.fullmatch(pattern, rule):
            return _chosen(name, build(*found.groups()), inside.rstrip(")"))
    raise InputError(f"rules: {name!r} is no control rule; known are {', '.join(KNOWN)} and their like.")


def _plain(name: str) -> str:
    """In lower case, Cyrillic letters that look alike as Latin ones, without spaces and colons."""
    return re.sub(r"[\s:_/]", "", name.casefold().translate(_LOOKALIKES)).replace(
        "acrosslevels", "across-levels"
    )


def _chosen(name: str, checks: tuple[Check, ...], variant: str) -> tuple[Check, ...]:
    if not variant:
        return tuple(one for one in checks if one.variant is not Variant.RANGE)
    found = tuple(one for one in checks if one.variant == variant)
    if not found:
        words = ", ".join(one.flag for one in checks)
        raise InputError(f"rules: {name!r} is no variant of the rule; there is {words}.")
    return found


def _single(limit: str) -> tuple[Check, ...]:
    error = Error.EITHER if Decimal(limit) <= _WARNING else Error.RANDOM
    return (Check(f"1-{limit}s", Variant.PLAIN, Kind.SINGLE, 1, Decimal(limit), error),)


def _streak(count: str, limit: str) -> tuple[Check, ...]:
    """Two values across levels count within one run only, more of them over runs, too."""
    rule, number, beyond = f"{int(count)}-{limit}s", _number(count), Decimal(limit)
    within = Check(rule, Variant.WITHIN_LEVEL, Kind.STREAK, number, beyond, Error.SYSTEMATIC)
    if number == 2:  # noqa: PLR2004 - the 2 of 2-2s
        variant, kind = Variant.ACROSS_LEVELS_WITHIN_RUN, Kind.TOGETHER
    else:
        variant, kind = Variant.ACROSS_LEVELS, Kind.STREAK
    return within, Check(rule, variant, kind, number, beyond, Error.SYSTEMATIC, levels=2)


def _one_side(count: str) -> tuple[Check, ...]:
    rule, number = f"{int(count)}-x", _number(count)
    return (
        Check(rule, Variant.WITHIN_LEVEL, Kind.STREAK, number, Decimal(0), Error.SYSTEMATIC),
        Check(rule, Variant.ACROSS_LEVELS, Kind.STREAK, number, Decimal(0), Error.SYSTEMATIC, levels=2),
    )


def _some_of(some: str, count: str, limit: str) -> tuple[Check, ...]:
    rule, variant, levels = f"{some}of{count}-{limit}s", Variant.WITHIN_RUN, int(count)
    return (Check(rule, variant, Kind.TOGETHER, int(some), Decimal(limit), Error.SYSTEMATIC, levels=levels),)


def _range(limit: str) -> tuple[Check, ...]:
    """Half of the range on each side of the mean (classic), or the range itself."""
    rule, whole = f"R-{limit}s", Decimal(limit)
    return (
        Check(rule, Variant.CLASSIC, Kind.OPPOSITE, 2, whole / 2, Error.RANDOM),
        Check(rule, Variant.RANGE, Kind.SPREAD, 2, whole, Error.RANDOM),
    )


def _trend(count: str) -> tuple[Check, ...]:
    return (Check(f"{int(count)}T", Variant.PLAIN, Kind.TREND, _number(count), Decimal(0), Error.SYSTEMATIC),)


def _number(count: str) -> int:
    if not 2 <= int(count) <= MOST_VALUES:  # noqa: PLR2004 - one value is no series
        raise InputError(f"rules: a rule looks at 2 to {MOST_VALUES} values, not at {count}.")
    return int(count)


_WARNING = Decimal(2)
_LOOKALIKES = str.maketrans({"х": "x", "×": "x", "с": "s", "т": "t", "₁": "1", "₂": "2", "₃": "3", "₄": "4"})
_LIMIT = r"(\d(?:\.\d+)?)s"
_FAMILIES: tuple[tuple[str, Callable[..., tuple[Check, ...]]], ...] = (
    (rf"1-?{_LIMIT}", _single),
    (rf"(\d)of(\d)-?{_LIMIT}", _some_of),
    (rf"r-?{_LIMIT}", _range),
    (rf"(\d\d?)-{_LIMIT}", _streak),
    (rf"(\d){_LIMIT}", _streak),
    (r"(\d\d?)-?x", _one_side),
    (r"(\d\d?)-?t", _trend),
)
KNOWN = (
    "1-2s", "1-3s", "2-2s", "R-4s", "4-1s", "8-x", "10-x", "12-x", "2of3-2s", "3-1s", "6-x", "9-x", "7T",
)  # fmt: skip
"""The rules that the field speaks of by these names."""


def checks_of(names: Iterable[str]) -> tuple[Check, ...]:
    """The rules of these names, each variant once, in the order of the names."""
    return tuple(dict.fromkeys(one for name in names for one in checks_named(name)))
