"""A fitted line, and the interval of what it says at a level."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Fit = Callable[[Floats, Floats], tuple[float, float]]
"""From x and y to intercept and slope."""


@dataclass(frozen=True, slots=True)
class Line:
    """Intercept and slope with two-sided intervals; `covariance` is of both, None where none is known."""

    intercept: float
    slope: float
    intercept_lci: float | None = None
    intercept_uci: float | None = None
    slope_lci: float | None = None
    slope_uci: float | None = None
    ci_method: str = "none"
    error_ratio: float | None = None
    intercept_se: float | None = None
    slope_se: float | None = None
    covariance: tuple[float, float, float] | None = None
    deviate: float = 0.0

    def at(self, level: float) -> float:
        """The value on the line."""
        return self.intercept + self.slope * level

    def interval_at(self, level: float) -> tuple[float | None, float | None]:
        """The interval of the value on the line; None without a covariance."""
        if self.covariance is None:
            return None, None
        of_intercept, of_slope, of_both = self.covariance
        variance = of_intercept + level * level * of_slope + 2 * level * of_both
        half = self.deviate * max(variance, 0.0) ** 0.5
        return self.at(level) - half, self.at(level) + half

    def named(self) -> dict[str, Any]:
        """The figures that a report shows."""
        names = "intercept intercept_lci intercept_uci slope slope_lci slope_uci ci_method error_ratio"
        found = {name: getattr(self, name) for name in [*names.split(), "intercept_se", "slope_se"]}
        return found | {
            "intercept_ci": [self.intercept_lci, self.intercept_uci],
            "slope_ci": [self.slope_lci, self.slope_uci],
        }


def with_covariance(
    coefficients: tuple[float, float],
    covariance: tuple[float, float, float],
    n: int,
    alpha: float,
    *,
    method: str,
    error_ratio: float | None = None,
) -> Line:
    """The line with Student intervals at n - 2 degrees of freedom."""
    intercept, slope = coefficients
    t = float(stats.t.ppf(1 - alpha / 2, n - 2))
    se = (covariance[0] ** 0.5, covariance[1] ** 0.5)
    return Line(
        intercept, slope, intercept - t * se[0], intercept + t * se[0], slope - t * se[1], slope + t * se[1],
        method, error_ratio, se[0], se[1], covariance, t,
    )  # fmt: skip


def jackknifed(fit: Fit, x: Floats, y: Floats, alpha: float, error_ratio: float | None = None) -> Line:
    """The line by a fit, with the jackknife's intervals: each point left out once.

    Source: Linnet, Clin Chem 1990;36:2019 and 1993;39:424; CLSI EP09c, appendix on Deming regression.
    """
    whole = fit(x, y)
    n = len(x)
    kept = np.ones(n, dtype=bool)
    left = np.empty((n, 2))
    for index in range(n):
        kept[index] = False
        left[index] = fit(x[kept], y[kept])
        kept[index] = True
    pseudo = n * np.asarray(whole) - (n - 1) * left
    spread = np.cov(pseudo, rowvar=False) / n
    covariance = (float(spread[0, 0]), float(spread[1, 1]), float(spread[0, 1]))
    return with_covariance(whole, covariance, n, alpha, method="jackknife", error_ratio=error_ratio)
