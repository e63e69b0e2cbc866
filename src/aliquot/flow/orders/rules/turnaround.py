"""Times from receipt to validation: the share within a target, the median, percentiles.

Source: Ann Clin Biochem 2017;54:158 (receipt to validation; within means at most the target); percentiles by
name: Hyndman and Fan, Am Stat 1996;50:361 (nearest rank is their type 1, linear 7, exclusive 6).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from types import MappingProxyType

HUNDRED = Decimal(100)
HALF = Decimal(50)


def share_within(minutes: Sequence[Decimal], target: Decimal) -> Decimal:
    """The percent of times that are at most the target; raises ValueError for no times."""
    _require_some(minutes)
    return Decimal(sum(one <= target for one in minutes)) * HUNDRED / len(minutes)


def median(minutes: Sequence[Decimal]) -> Decimal:
    """The middle time, of an even number the mean of the two in the middle; ValueError for no times."""
    _require_some(minutes)
    return _linear(sorted(minutes), HALF)


def percentile(minutes: Sequence[Decimal], percent: Decimal, method: str = "nearest-rank") -> Decimal:
    """The time that `percent` of the times do not exceed, by one of METHODS.

    Nearest rank gives a time that was measured: the one whose place is percent x number / 100, rounded up.
    Raises ValueError for no times, another method, a percent outside 0 to 100.
    """
    _require_some(minutes)
    if not 0 <= percent <= HUNDRED:
        raise ValueError(f"a percentile lies from 0 to 100, not at {percent}")
    if method not in METHODS:
        raise ValueError(f"{method!r} is none of {', '.join(METHODS)}")
    return METHODS[method](sorted(minutes), percent)


def _nearest_rank(ordered: Sequence[Decimal], percent: Decimal) -> Decimal:
    place = (percent * len(ordered) / HUNDRED).to_integral_value(ROUND_CEILING)
    return ordered[max(int(place), 1) - 1]


def _linear(ordered: Sequence[Decimal], percent: Decimal) -> Decimal:
    return _between(ordered, percent * (len(ordered) - 1) / HUNDRED)


def _exclusive(ordered: Sequence[Decimal], percent: Decimal) -> Decimal:
    place = percent * (len(ordered) + 1) / HUNDRED - 1
    return _between(ordered, min(max(place, Decimal(0)), Decimal(len(ordered) - 1)))


def _between(ordered: Sequence[Decimal], place: Decimal) -> Decimal:
    """The value at a place counted from 0, on the line between its neighbours."""
    below = int(place.to_integral_value(ROUND_FLOOR))
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _require_some(minutes: Sequence[Decimal]) -> None:
    if not minutes:
        raise ValueError("without a time there is no share and no percentile")


METHODS: Mapping[str, Callable[[Sequence[Decimal], Decimal], Decimal]] = MappingProxyType(
    {"nearest-rank": _nearest_rank, "linear": _linear, "exclusive": _exclusive}
)
"""Ways to a percentile by name."""
