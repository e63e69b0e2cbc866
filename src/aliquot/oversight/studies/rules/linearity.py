"""Linearity: the deviation from a straight line at each level against the allowable deviation.

Source: CLSI EP06-A (polynomials of the second and third degree, Emancipator and Kroll 1993; Kroll 2000) and
CLSI EP06 2nd ed
(2020): a weighted line over expected values, and the deviation of each level's mean with its interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Reason,
    Study,
    Unusable,
    decided,
    reason,
    within,
)
from aliquot.oversight.studies.rules.given import Given, complete, differing, significance
from aliquot.oversight.studies.rules.limits import NOTHING_STATED, Allowable, allowable_bias
from aliquot.oversight.studies.rules.regression.least_squares import coefficients, least_squares
from aliquot.oversight.studies.rules.regression.line import Floats, Line

EXPECTED = ("expected", "x", "level", "concentration", "assigned", "relative_concentration", "ожидаемое")
FACTORS = {
    **dict.fromkeys(("weighted", "wls", "2020", "ep06_2020", "ep06_ed2", "deviation"), "weighted"),
    **dict.fromkeys(("polynomial", "poly", "2003", "ep06_a", "ep06a"), "polynomial"),
}  # fmt: skip
WEIGHTS = {
    **dict.fromkeys(("sd", "variance", "observed"), "sd"),
    **dict.fromkeys(("cv", "constant_cv", "proportional"), "cv"),
    **dict.fromkeys(("none", "equal", "constant_sd"), "none"),
}  # fmt: skip
LEAST_LEVELS = 4
GOOD_LEVELS = 5

FEW_LEVELS = "expected: %(count)s levels are too few; give at least %(least)s."
FIVE = "%(count)s levels; EP06 asks for five or more."
DEVIATION_AT = "Deviation from linearity at %(level)s"
NO_REPLICATES = "No level was measured twice, so the imprecision is not known; equal weights were taken."
CURVE = "A curve of degree %(degree)s fits significantly better than a line; its deviation decides."


@dataclass(frozen=True, slots=True)
class LinearityPlan:
    """Which of the two procedures decides, the weights of the line, and the allowable deviation."""

    alpha: float = 0.05
    procedure: str = "weighted"
    weights: str = "sd"
    allowable: Allowable = NOTHING_STATED


@dataclass(frozen=True, slots=True)
class LinearityData:
    """Expected and measured values, one pair per measurement."""

    expected: tuple[float, ...]
    measured: tuple[float, ...]
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One level.

    Its mean and SD, what the line and the best curve say, and the deviation with its interval.
    """

    expected: float
    n: int
    mean: float
    sd: float | None
    fitted: float
    deviation: float
    low: float | None
    high: float | None
    deviation_percent: float | None
    curve: float
    nonlinearity: float
    limit: float | None


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A fitted polynomial.

    Coefficients from the constant up, the p values of those of a curve, the residual SD.
    """

    degree: int
    coefficients: tuple[float, ...]
    p_values: tuple[float, ...]
    residual_sd: float


@dataclass(frozen=True, slots=True)
class Linearity:
    """The line, the polynomials, and every level."""

    n: int
    line: Line
    levels: tuple[Level, ...]
    polynomials: tuple[Polynomial, ...]
    best_degree: int
    repeatability_sd: float | None
    greatest_deviation: float
    is_linear: bool

    def named(self) -> dict[str, Any]:
        """The figures, with the line's intercept and slope beside it."""
        return {
            "n": self.n, "line": self.line, "intercept": self.line.intercept, "slope": self.line.slope,
            "levels": self.levels, "polynomials": self.polynomials, "best_degree": self.best_degree,
            "repeatability_sd": self.repeatability_sd, "greatest_deviation": self.greatest_deviation,
            "is_linear": self.is_linear,
        }  # fmt: skip


def read_linearity(given: Given) -> tuple[LinearityPlan, LinearityData]:
    """Plan and pairs; columns y1, y2 ... are replicates of the row's level."""
    expected = given.column(*EXPECTED, wanted="the expected value or relative concentration of each row")
    replicates = [one for one in (f"y{index}" for index in range(1, 10)) if given.has(one)]
    columns = [given.column(one, wanted="replicates") for one in replicates] or [
        given.column("y", "measured", "value", "result", "измеренное", wanted="the measured values")
    ]
    rows = [
        (level, value)
        for column in columns
        for level, value in zip(*complete_pair(expected, column), strict=True)
        if value is not None
    ]
    kept, remarks = complete(
        {"expected": [one for one, _ in rows], "y": [one for _, one in rows]}, least=LEAST_LEVELS
    )
    if len(set(kept["expected"])) < LEAST_LEVELS:
        raise Unusable(FEW_LEVELS, count=len(set(kept["expected"])), least=LEAST_LEVELS)
    differing("y", kept["y"])
    return LinearityPlan(
        significance(given),
        given.choice("procedure", "approach", known=FACTORS, default="weighted"),
        given.choice("weights", "weighting", known=WEIGHTS, default="sd"),
        allowable_bias(given),
    ), LinearityData(kept["expected"], kept["y"], remarks)


def complete_pair(first: tuple[float | None, ...], second: tuple[float | None, ...]) -> tuple[Any, Any]:
    """Both columns when they are of one length; Unusable when not."""
    complete({"expected": first, "y": second}, least=0)
    return first, second


def linearity(plan: LinearityPlan, data: LinearityData) -> Study:
    """Line, curves and deviations; the deviation of every level decides against the allowable one."""
    x, y = np.asarray(data.expected), np.asarray(data.measured)
    groups = {float(one): y[x == one] for one in np.unique(x)}
    repeatability = _pooled(groups)
    remarks = list(data.remarks)
    if repeatability is None:
        remarks.append(reason(NO_REPLICATES))
    if len(groups) < GOOD_LEVELS:
        remarks.append(reason(FIVE, count=len(groups)))
    weights = _weights(plan.weights if repeatability else "none", x, groups)
    line = least_squares(x, y, plan.alpha, weights)
    curves = tuple(polynomial(x, y, degree) for degree in (1, 2, 3) if len(groups) > degree + 1)
    best = best_of(curves, plan.alpha)
    straight, curve = (np.polynomial.Polynomial(one.coefficients) for one in (curves[0], best))
    levels = tuple(
        _level(
            plan, line, (one, values), repeatability, (float(curve(one)), float(curve(one) - straight(one)))
        )
        for one, values in groups.items()
    )
    if best.degree > 1:
        remarks.append(reason(CURVE, degree=best.degree))
    criteria = [
        _criterion(plan, one, is_straight=best.degree == 1) for one in levels if one.limit is not None
    ]
    figures = Linearity(
        len(x), line, levels, curves, best.degree, repeatability,
        max((one.deviation for one in levels), key=abs), best.degree == 1,
    )  # fmt: skip
    return decided("linearity", figures, criteria, fields="allowable_bias, adl_percent", remarks=remarks)


def _pooled(groups: Mapping[float, Floats]) -> float | None:
    """The SD of replicates over all levels; None where no level has two that differ."""
    df = sum(len(one) - 1 for one in groups.values())
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in groups.values())
    return (squares / df) ** 0.5 if df and squares else None


def _weights(kind: str, x: Floats, groups: Mapping[float, Floats]) -> Floats:
    """Weights of the line: 1 / variance by a straight line of SD over the mean, 1 / level², or equal."""
    if kind == "none":
        return np.ones(len(x))
    means = np.array([float(groups[float(one)].mean()) for one in x])
    least = float(np.abs(means[means != 0]).min())
    if kind == "cv":
        return np.asarray(np.maximum(np.abs(means), least) ** -2.0)
    several = [one for one in groups.values() if len(one) > 1]
    at = np.array([float(one.mean()) for one in several])
    sds = np.array([float(one.std(ddof=1)) for one in several])
    if np.ptp(at):
        intercept, slope = coefficients(at, sds, np.ones(len(at)))
        smooth = intercept + slope * means
    else:
        smooth = np.full(len(x), float(sds.mean()))
    floor = float(sds[sds > 0].min()) / 2
    return np.maximum(smooth, floor) ** -2.0


def polynomial(x: Floats, y: Floats, degree: int) -> Polynomial:
    """Least squares of a degree, with the p value of each coefficient above the first (t test)."""
    design = np.vander(x, degree + 1, increasing=True)
    scale = np.abs(design).max(axis=0)
    turned = np.linalg.pinv(design / scale)
    inverse = turned @ turned.T
    found = turned @ y
    df = len(x) - degree - 1
    left = y - (design / scale) @ found
    variance = float(left @ left) / df if df else 0.0
    errors = np.sqrt(variance * np.diag(inverse))
    ratios = [abs(float(a)) / float(b) if b else np.inf for a, b in zip(found, errors, strict=True)]
    p_values = tuple(2 * float(stats.t.sf(one, df)) if df else 1.0 for one in ratios[2:])
    return Polynomial(degree, tuple(float(one) for one in found / scale), p_values, variance**0.5)


def best_of(curves: tuple[Polynomial, ...], alpha: float) -> Polynomial:
    """The straight line, or of the curves with a significant coefficient the one of least residual SD."""
    curved = [one for one in curves if any(p < alpha for p in one.p_values)]
    return min(curved, key=lambda one: one.residual_sd) if curved else curves[0]


def _level(
    plan: LinearityPlan, line: Line, group: tuple[float, Floats], sd: float | None, curve: tuple[float, float]
) -> Level:
    expected, values = group
    mean, n = float(values.mean()), len(values)
    fitted = line.at(expected)
    deviation = mean - fitted
    own = float(values.std(ddof=1)) if n > 1 else None
    spread = own or sd
    df = n - 1 if own else None
    half = None
    if spread is not None:
        wide = float(stats.t.ppf(1 - plan.alpha, df)) if df else float(stats.norm.ppf(1 - plan.alpha))
        half = wide * spread / n**0.5
    return Level(
        expected, n, mean, own, fitted, deviation,
        None if half is None else deviation - half, None if half is None else deviation + half,
        100 * deviation / abs(fitted) if fitted else None, *curve, plan.allowable.at(fitted),
    )  # fmt: skip


def _criterion(plan: LinearityPlan, one: Level, *, is_straight: bool) -> Criterion:
    """By the curve's distance from the line (EP06-A.

    A line has none), or by the mean's with its interval (2020).
    """
    assert one.limit is not None
    what = reason(DEVIATION_AT, level=one.expected)
    if plan.procedure == "polynomial":
        return within(what, 0.0 if is_straight else one.nonlinearity, one.limit)
    return within(what, one.deviation, one.limit, low=one.low, high=one.high)
