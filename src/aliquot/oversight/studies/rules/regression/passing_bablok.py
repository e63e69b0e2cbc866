"""Passing-Bablok regression: the shifted median of all pairwise slopes; needs no distribution of errors.

Source: Passing and Bablok, J Clin Chem Clin Biochem 1983;21:709 (slopes, shift, interval, cusum test) and
1984;22:431;
Bablok et al 1988;26:783 (methods that go against each other: the shift is counted from +1).
The interpolated ranks are those of the calanas reference cases in the R package mcr.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.regression.line import Floats, Line

Ranks = Literal["1983", "interpolated"]
ROUNDS, MOST_DRAWN = 999, 250
SAME = 1e-12
"""Differences below this share of the values are rounding of binary fractions, and count as ties."""


@dataclass(frozen=True, slots=True)
class Cusum:
    """The test of linearity: the greatest cumulative sum, its statistic and probability."""

    greatest: float
    statistic: float
    p_value: float
    is_linear: bool


@dataclass(frozen=True, slots=True)
class Slopes:
    """All pairwise slopes in order, and how far the median is shifted."""

    ordered: Floats
    shift: int
    n: int

    def ranked(self, rank: float) -> float:
        """The slope at a rank from 1; between two ranks it is met half-way by angle; outside the ends."""
        low, high = (
            min(max(int(one) - 1, 0), len(self.ordered) - 1) for one in (math.floor(rank), math.ceil(rank))
        )
        first, second = float(self.ordered[low]), float(self.ordered[high])
        return first if first == second else math.tan((math.atan(first) + math.atan(second)) / 2)

    def median(self) -> float:
        """The shifted median; of an even number the mean of the middle two."""
        middle = (len(self.ordered) + 1) / 2 + self.shift
        return (self.ranked(math.floor(middle)) + self.ranked(math.ceil(middle))) / 2

    def interval(self, alpha: float, ranks: Ranks) -> tuple[float, float]:
        """The bounds of the slope, by rounded ranks (1983) or by half ranks (interpolated)."""
        count = len(self.ordered)
        spread = float(stats.norm.ppf(1 - alpha / 2)) * math.sqrt(
            self.n * (self.n - 1) * (2 * self.n + 5) / 18
        )
        low = (
            (count - round(spread) + 1) / 2 if ranks == "interpolated" else float(round((count - spread) / 2))
        )
        return self.ranked(low + self.shift), self.ranked(count - low + 1 + self.shift)


def pairwise_slopes(x: Floats, y: Floats, *, is_rising: bool) -> Slopes:
    """The slopes between all points.

    Pairs of equal points and of the slope opposite to the line are left out. A slope is opposite when its
    binary fraction is exactly -1 (or +1), as in the programs of the reference cases: of values with two
    decimals, rounding keeps a few that are so on paper, and the median moves by a rank or two.
    """
    n = len(x)
    found = np.empty(n * (n - 1) // 2)
    filled = 0
    opposite = -1.0 if is_rising else 1.0
    for index in range(n - 1):
        rest, one = slice(index + 1, None), slice(index, index + 1)
        slopes = _slopes((x[rest], y[rest]), (x[one], y[one]), is_rising=is_rising)
        slopes = slopes[~np.isnan(slopes) & (slopes != opposite)]
        found[filled : filled + len(slopes)] = slopes
        filled += len(slopes)
    ordered = found[:filled]
    ordered.sort()
    beyond = int((ordered < opposite).sum()) if is_rising else -int((ordered > opposite).sum())
    return Slopes(ordered, beyond, n)


def _slopes(ends: tuple[Floats, Floats], starts: tuple[Floats, Floats], *, is_rising: bool) -> Floats:
    """The slopes between points; NaN between points that are the same."""
    dx, dy = (_apart(end, start) for end, start in zip(ends, starts, strict=True))
    slopes = np.where(dy == 0, math.nan, math.inf if is_rising else -math.inf)
    np.divide(dy, dx, out=slopes, where=dx != 0)
    return slopes


def _apart(values: Floats, others: Floats) -> Floats:
    difference = values - others
    return np.where(np.abs(difference) <= np.abs(values + others) / 2 * SAME, 0.0, difference)


def passing_bablok(x: Floats, y: Floats, alpha: float, ranks: Ranks = "1983") -> Line | None:
    """The line with intervals, None when the slopes have no finite median.

    Rising when Kendall's tau is not negative.
    """
    slopes = pairwise_slopes(x, y, is_rising=is_rising(x, y))
    if not len(slopes.ordered) or not math.isfinite(slope := slopes.median()):
        return None
    low, high = slopes.interval(alpha, ranks)
    return Line(_height(x, y, slope), slope, _height(x, y, high), _height(x, y, low), low, high, "analytical")


def is_rising(x: Floats, y: Floats) -> bool:
    """Whether the methods go together; a tau that cannot be told counts as together."""
    return not float(stats.kendalltau(x, y).statistic) < 0


def resampled(
    x: Floats, y: Floats, levels: Sequence[float], alpha: float, chance: np.random.Generator
) -> list[tuple[float, float] | None]:
    """The interval of the line at each level by drawing pairs; None where too few draws have a line.

    Of many points fewer are drawn, and the interval is narrowed by the root of the share. Source: CLSI EP09c,
    appendix on Passing-Bablok; Bickel, Goetze, van Zwet, Stat Sinica 1997;7:1 (m out of n).
    """
    rising = is_rising(x, y)
    drawn = min(len(x), MOST_DRAWN)
    first, second = np.triu_indices(drawn, 1)
    found = []
    for _ in range(ROUNDS):
        rows = chance.integers(0, len(x), drawn)
        slopes = _slopes(
            (x[rows[first]], y[rows[first]]), (x[rows[second]], y[rows[second]]), is_rising=rising
        )
        slope = _shifted_median(slopes, is_rising=rising)
        if math.isfinite(slope):
            height = _height(x[rows], y[rows], slope)
            found.append([height + slope * level for level in levels])
    if 2 * len(found) < ROUNDS:
        return [None] * len(levels)
    values = np.asarray(found)
    low, middle, high = np.quantile(values, [alpha / 2, 0.5, 1 - alpha / 2], axis=0)
    share = math.sqrt(drawn / len(x))
    return [
        (float(m - (m - a) * share), float(m + (b - m) * share))
        for a, m, b in zip(low, middle, high, strict=True)
    ]


def _shifted_median(slopes: Floats, *, is_rising: bool) -> float:
    """The median of unordered slopes by the rule of Slopes; NaN without a slope."""
    opposite = -1.0 if is_rising else 1.0
    kept = slopes[~np.isnan(slopes) & (slopes != opposite)]
    if not len(kept):
        return math.nan
    beyond = int((kept < opposite).sum()) if is_rising else -int((kept > opposite).sum())
    middle = (len(kept) - 1) / 2 + beyond
    ranks = [min(max(int(of(middle)), 0), len(kept) - 1) for of in (math.floor, math.ceil)]
    ordered = np.partition(kept, ranks)
    return float(ordered[ranks[0]] + ordered[ranks[1]]) / 2


def _height(x: Floats, y: Floats, slope: float) -> float:
    return float(np.median(y - slope * x)) if math.isfinite(slope) else math.nan


def theil_sen(x: Floats, y: Floats, alpha: float) -> Line:
    """The unshifted median of the slopes. Source: Theil 1950; Sen, J Am Stat Assoc 1968;63:1379."""
    with np.errstate(invalid="ignore"):  # of values that nearly all tie there is no interval
        found = stats.theilslopes(y, x, 1 - alpha)
    slope, low, high = (float(one) for one in (found.slope, found.low_slope, found.high_slope))
    return Line(_height(x, y, slope), slope, _height(x, y, high), _height(x, y, low), low, high, "analytical")


def cusum_linearity(x: Floats, y: Floats, line: Line, alpha: float) -> Cusum:
    """Whether the points scatter about the line at random along it (1983, section on linearity)."""
    residual = y - line.intercept - line.slope * x
    near = np.abs(residual) <= SAME * (np.abs(y) + np.abs(line.slope * x) + abs(line.intercept))
    above, below = (residual > 0) & ~near, (residual < 0) & ~near
    up, down = int(above.sum()), int(below.sum())
    if not (up and down):
        return Cusum(0.0, 0.0, 1.0, is_linear=True)
    score = np.where(above, math.sqrt(down / up), 0.0) - np.where(below, math.sqrt(up / down), 0.0)
    along = np.lexsort((residual, x + line.slope * (y - line.intercept)))
    greatest = float(np.abs(np.cumsum(score[along])).max())
    statistic = greatest / math.sqrt(down + 1)
    p_value = float(stats.kstwobign.sf(statistic))
    return Cusum(greatest, statistic, p_value, is_linear=p_value > alpha)
