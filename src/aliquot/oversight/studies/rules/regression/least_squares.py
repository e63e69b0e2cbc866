"""Ordinary and weighted least squares of y on x.

Source: CLSI EP09c; weights of 1/x² are those of a constant CV, as in the R package mcr's reference cases.
"""

import numpy as np

from aliquot.oversight.studies.rules.regression.line import Floats, Line, with_covariance


def coefficients(x: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    """Intercept and slope that make the weighted sum of squares of y least."""
    mx, my = float(np.average(x, weights=weights)), float(np.average(y, weights=weights))
    slope = float((weights * (x - mx) * (y - my)).sum() / (weights * (x - mx) ** 2).sum())
    return my - slope * mx, slope


def least_squares(x: Floats, y: Floats, alpha: float, weights: Floats | None = None) -> Line:
    """The line with its analytical intervals; equal weights where none are given."""
    w = np.ones(len(x)) if weights is None else weights
    intercept, slope = coefficients(x, y, w)
    mx = float(np.average(x, weights=w))
    sxx = float((w * (x - mx) ** 2).sum())
    residual = float((w * (y - intercept - slope * x) ** 2).sum()) / (len(x) - 2)
    of_slope = residual / sxx
    covariance = (residual / float(w.sum()) + mx * mx * of_slope, of_slope, -mx * of_slope)
    return with_covariance((intercept, slope), covariance, len(x), alpha, method="analytical")
