"""Robust mean and standard deviation of participants' results.

Source: ISO 13528:2015, annex C (2005: annex C); ISO 5725-5:1998, 5.2 (Algorithm A), 5.3 (Algorithm S).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Values = NDArray[np.float64]
FACTOR_MAD = 1.483
FACTOR_SD = 1.134
FACTOR_IQR = 0.7413
STEPS_AT_MOST = 10_000
PAIRED_AT_MOST = 3000
ROUNDING = 1e-14
"""What double precision leaves between two steps of one value, relative."""
THIRD_FIGURE = 3


class NoSpreadError(ValueError):
    """The values have no spread, so that nothing can be scored by it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """When an iteration ends: both estimates move less than `tolerance`, or keep so many `figures`."""

    tolerance: float = 1e-10
    figures: int | None = None

    def is_reached(self, before: tuple[float, float], now: tuple[float, float]) -> bool:
        if self.figures is not None:
            return all(
                _figures(a, self.figures) == _figures(b, self.figures)
                for a, b in zip(before, now, strict=True)
            )
        pairs = zip(before, now, strict=True)
        return all(abs(a - b) <= max(self.tolerance, abs(b) * ROUNDING) for a, b in pairs)


THIRD_SIGNIFICANT_FIGURE = Stop(figures=THIRD_FIGURE)
"""No change in the third significant figure of either. Source: ISO 13528:2015, C.3.1."""


@dataclass(frozen=True, slots=True)
class Robust:
    """Robust mean and SD with how they were reached; `start` says which spread began: mad, iqr or sd."""

    x_star: float
    s_star: float
    trace: tuple[tuple[float, float], ...]
    start: str
    count: int
    has_converged: bool


def median_absolute_deviation(values: Sequence[float]) -> float:
    """The median of the distances from the median, unscaled."""
    held = np.asarray(values, dtype=np.float64)
    return float(np.median(np.abs(held - np.median(held))))


def algorithm_a(
    values: Sequence[float],
    *,
    k: float = 1.5,
    sd_factor: float = FACTOR_SD,
    mad_factor: float = FACTOR_MAD,
    stop: Stop = THIRD_SIGNIFICANT_FIGURE,
) -> Robust:
    """x* and s* by winsorising at x* -/+ k s* until they stand still; the trace begins with where they began.

    Where more than half are identical the start is the scaled interquartile range, or else the SD.
    ValueError for fewer than two values, NoSpreadError where the spread is or becomes 0.
    Source: ISO 13528:2015, C.3.1.
    """
    held = _checked(values)
    spread, start = _first_spread(held, mad_factor)
    trace = [(float(np.median(held)), spread)]
    while len(trace) <= STEPS_AT_MOST:
        trace.append(_winsorised(held, *trace[-1], k, sd_factor))
        if stop.is_reached(trace[-2], trace[-1]):
            break
    mean, deviation = trace[-1]
    # what rounding leaves of a spread that has shrunk to nothing is none
    if deviation <= abs(mean) * 1e-9:
        raise NoSpreadError("the robust standard deviation is 0: nearly all values are identical")
    return Robust(mean, deviation, tuple(trace), start, len(held), len(trace) <= STEPS_AT_MOST)


def uncertainty_of_mean(s_star: float, count: int) -> float:
    """The standard uncertainty of a robust mean of so many results. Source: ISO 13528:2015, 7.7.3."""
    return 1.25 * s_star / math.sqrt(count)


def algorithm_s(
    deviations: Sequence[float], degrees_of_freedom: int, *, stop: Stop = THIRD_SIGNIFICANT_FIGURE
) -> float:
    """The robust pooled value of standard deviations, or of ranges of two (1 degree of freedom).

    Source: ISO 13528:2015, C.4; its factors are computed from their definition.
    """
    held = _checked(deviations)
    limit, adjustment = factors_s(degrees_of_freedom)
    pooled = float(np.median(held))
    while True:  # a step never turns back and never passes the largest value: it comes to rest
        before, kept = pooled, np.minimum(held, limit * pooled)
        pooled = adjustment * math.sqrt(float(np.mean(kept**2)))
        if stop.is_reached((before, 0.0), (pooled, 0.0)):
            return pooled


def factors_s(degrees_of_freedom: int) -> tuple[float, float]:
    """Limit factor eta and adjustment factor xi of Algorithm S. Source: ISO 5725-5:1998, 5.3, table 2."""
    ninety = float(stats.chi2.ppf(0.9, degrees_of_freedom))
    below = float(stats.chi2.cdf(ninety, degrees_of_freedom + 2))
    eta_squared = ninety / degrees_of_freedom
    return math.sqrt(eta_squared), 1 / math.sqrt(below + 0.1 * eta_squared)


def q_method(values: Sequence[float]) -> float:
    """The robust standard deviation from differences of pairs, which needs no mean.

    Source: ISO 13528:2015, C.5.2 (Q method, one result a participant).
    """
    held = _checked(values)
    if len(held) > PAIRED_AT_MOST:
        raise ValueError(f"more than {PAIRED_AT_MOST} values are too many to pair: use Algorithm A")
    apart = np.abs(held[:, None] - held[None, :])[np.triu_indices(len(held), 1)]
    steps, counts = np.unique(apart, return_counts=True)
    shares = np.cumsum(counts) / len(apart)
    at_zero = float(shares[0]) if steps[0] == 0 else 0.0
    between = np.concatenate([[0.0], shares[:-1]])
    heights = 0.5 * (shares + between)
    if steps[0] == 0:
        heights[0] = 0.0
    quantile = float(np.interp(0.25 + 0.75 * at_zero, np.r_[0.0, heights], np.r_[0.0, steps]))
    if quantile == 0:
        raise NoSpreadError("the pairs of values do not differ: nearly all values are identical")
    return quantile / (math.sqrt(2) * float(stats.norm.ppf(0.625 + 0.375 * at_zero)))


def hampel_mean(values: Sequence[float], s_star: float) -> float:
    """The robust mean whose weights fall from 1.5 and vanish at 4.5 standard deviations, without iteration.

    Of several solutions the one nearest the median. Source: ISO 13528:2015, C.5.3 (Hampel, finite steps).
    """
    held = _checked(values)
    nodes = np.unique((held[:, None] + s_star * np.array([-4.5, -3, -1.5, 1.5, 3, 4.5])).ravel())
    heights = np.array([_hampel_weight((held - node) / s_star).sum() for node in nodes])
    found = [_zero_between(nodes[i : i + 2], heights[i : i + 2]) for i in range(len(nodes) - 1)]
    middle = float(np.median(held))
    return min((one for one in found if one is not None), key=lambda one: abs(one - middle), default=middle)


def _hampel_weight(q: Values) -> Values:
    size = np.abs(q)
    return np.sign(q) * np.minimum(np.minimum(size, 1.5), np.maximum(4.5 - size, 0.0))


def _zero_between(ends: Values, heights: Values) -> float | None:
    low, high = float(heights[0]), float(heights[1])
    if low * high > 0 or low == high:
        return None
    return float(ends[0] + (ends[1] - ends[0]) * low / (low - high))


def _winsorised(held: Values, mean: float, deviation: float, k: float, factor: float) -> tuple[float, float]:
    kept = np.clip(held, mean - k * deviation, mean + k * deviation)
    return float(np.mean(kept)), factor * float(np.std(kept, ddof=1))


def _first_spread(held: Values, mad_factor: float) -> tuple[float, str]:
    """The first of the three spreads that is not 0. Source: ISO 13528:2015, C.3.1 (note)."""
    quartiles = np.percentile(held, [25, 75])
    tried = (
        (mad_factor * median_absolute_deviation(held.tolist()), "mad"),
        (FACTOR_IQR * float(quartiles[1] - quartiles[0]), "iqr"),
        (float(np.std(held, ddof=1)), "sd"),
    )
    for spread, name in tried:
        if spread > 0:
            return spread, name
    raise NoSpreadError("all values are identical: there is no spread to score by")


def _checked(values: Sequence[float]) -> Values:
    held = np.asarray(values, dtype=np.float64)
    if len(held) < 2:  # noqa: PLR2004 - a spread needs two values
        raise ValueError("fewer than two values: there is no spread to find")
    if not np.isfinite(held).all():
        raise ValueError("a value is not finite")
    return held


def _figures(value: float, figures: int) -> str:
    return f"{value:.{figures - 1}e}"
