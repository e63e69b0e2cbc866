"""Percentiles of times that were counted in classes, so that a year of them is read at once.

A class spans a sixth of a doubling: class 0 holds less than a minute, class n from 2**((n - 1) / 6) minutes
to 2**(n / 6); class -1 holds times that contradict each other (a later step before an earlier one) and counts
for nothing. Within a class times are taken as spread evenly over its logarithm: a percentile is off by less
than a class, 12.3 %. Percentiles of grouped data: Sachs, Angewandte Statistik, 1.4.
"""

from collections.abc import Mapping
from dataclasses import dataclass

PER_DOUBLING = 6
CONTRADICTING = -1


@dataclass(frozen=True, slots=True)
class Spread:
    """How many times there are, the percentiles asked for in minutes, and how many contradict themselves."""

    n: int
    minutes: tuple[float, ...]
    contradicting: int


def bounds(number: int) -> tuple[float, float]:
    """The minutes between which a class lies."""
    if number <= 0:
        return 0.0, 1.0
    return 2 ** ((number - 1) / PER_DOUBLING), 2 ** (number / PER_DOUBLING)


def spread(counts: Mapping[int, int], percents: tuple[float, ...] = (10, 50, 90)) -> Spread:
    """The percentiles of times counted by class; none without a time. `percents` lie above 0, to 100."""
    good = {number: count for number, count in sorted(counts.items()) if number >= 0 and count > 0}
    total = sum(good.values())
    minutes = tuple(_percentile(good, total * one / 100) for one in percents) if total else ()
    return Spread(total, minutes, counts.get(CONTRADICTING, 0))


def _percentile(good: Mapping[int, int], place: float) -> float:
    passed = 0
    low, high = 0.0, 0.0
    for number, count in good.items():
        low, high = bounds(number)
        if passed + count >= place:
            share = (place - passed) / count
            return low * (high / low) ** share if low else share
        passed += count
    return high
