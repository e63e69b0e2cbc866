"""Passing-Bablok regression: the shifted median of all pairwise slopes; needs no distribution of errors.

Source: Passing and Bablok, J Clin Chem Clin Biochem 1983;21:709 (slopes, shift, interval, cusum test) and
1984;22:431;
Bablok et al 1988;26:783 (methods that go against each other: the shift is counted from +1).
The interpolated ranks are those of the calanas reference cases in the R package mcr.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.regression.line import Floats, Line

Ranks = Literal["1983", "interpolated"]
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

    Pairs of equal points and of the slope opposite to the line are left out.
    """
    n = len(x)
    found = np.empty(n * (n - 1) // 2)
    filled = 0
    opposite = -1.0 if is_rising else 1.0
    for index in range(n - 1):
        slopes = _slopes_from(x, y, index, is_rising=is_rising)
        slopes = slopes[slopes != opposite]
        found[filled : filled + len(slopes)] = slopes
        filled += len(slopes)
    ordered = found[:filled]
    ordered.sort()
    beyond = int((ordered < opposite).sum()) if is_rising else -int((ordered > opposite).sum())
    return Slopes(ordered, beyond, n)


def _slopes_from(x: Floats, y: Floats, index: int, *, is_rising: bool) -> Floats:
    dx, dy = _apart(x[index + 1 :], x[index]), _apart(y[index + 1 :], y[index])
    differs = (dx != 0) | (dy != 0)
    dx, dy = dx[differs], dy[differs]
    steep = np.full(len(dx), math.inf if is_rising else -math.inf)
    np.divide(dy, dx, out=steep, where=dx != 0)
    return steep


def _apart(values: Floats, one: float) -> Floats:
    difference = values - one
    return np.where(np.abs(difference) <= np.abs(values + one) / 2 * SAME, 0.0, difference)


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


def coefficients(x: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope alone, for resampling; NaN without a finite median."""
    slopes = pairwise_slopes(x, y, is_rising=is_rising(x, y))
    slope = slopes.median() if len(slopes.ordered) else math.nan
    return _height(x, y, slope), slope


def _height(x: Floats, y: Floats, slope: float) -> float:
    return float(np.median(y - slope * x)) if math.isfinite(slope) else math.nan


def theil_sen(x: Floats, y: Floats, alpha: float) -> Line:
    """The unshifted median of the slopes. Source: Theil 1950; Sen, J Am Stat Assoc 1968;63:1379."""
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
