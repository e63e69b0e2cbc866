"""Comparison of two methods: lines, bias at decision levels with intervals, outliers, correlation, decision.

Source: CLSI EP09c (3rd edition); the regressions' own sources stand in `regression`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.agreement import FIRST, SECOND, Agreement, AgreementPlan, Pairs, agree
from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Reason,
    Study,
    Unusable,
    decided,
    reason,
    within,
)
from aliquot.oversight.studies.rules.given import (
    OUT_OF_RANGE,
    TOO_MANY,
    Given,
    complete,
    differing,
    significance,
)
from aliquot.oversight.studies.rules.limits import NOTHING_STATED, Allowable, allowable_bias
from aliquot.oversight.studies.rules.outliers import esd_outliers
from aliquot.oversight.studies.rules.regression.deming import (
    EXACT,
    PRINTED,
    deming,
    known_errors,
    weighted_deming,
)
from aliquot.oversight.studies.rules.regression.least_squares import least_squares
from aliquot.oversight.studies.rules.regression.line import Fit, Floats, Line, jackknifed
from aliquot.oversight.studies.rules.regression.passing_bablok import (
    Cusum,
    cusum_linearity,
    passing_bablok,
    resampled,
    theil_sen,
)

LEAST, MOST, MANY = 3, 5_000, 500
RATIOS = (1.0, 1.21)
"""Ratios of the variances of errors that are always computed: equal CVs, and a CV of x a tenth larger."""
WIDE = 10.0
OUTLYING, MOST_OUTLYING = 0.01, 0.05
NARROW = 0.975
METHODS = {
    "ols": "LinReg", "linreg": "LinReg", "linear": "LinReg", "wls": "WLinReg", "wlinreg": "WLinReg",
    "deming": "Deming", "wdeming": "WDeming", "weighted_deming": "WDeming", "linnet": "WDeming",
    "paba": "PaBa", "passing_bablok": "PaBa", "pb": "PaBa", "known_se": "deming_known_se",
    "theilsen": "TheilSen", "theil_sen": "TheilSen",
    "deming_known_se": "deming_known_se", "ordinary": "LinReg", "passingbablok": "PaBa",
}  # fmt: skip

NOT_FITTED = "%(method)s could not be fitted to these values and was left out."
CHOSEN_LACKS = "%(method)s cannot be fitted to these values; choose another method."
BIAS_AT = "Bias at %(level)s"
OUTLYING_PAIRS = "Pairs %(pairs)s differ from the others by more than chance allows; look for a cause."
CURVED = (
    "The cusum test finds that the points do not lie along a straight line (p = %(p)s); no line "
    "describes them."
)
NARROW_RANGE = "r = %(r)s: the range is too narrow for ordinary regression; use Deming or Passing-Bablok."
FEW = "%(count)s pairs; EP09 asks for at least 40."
OUTSIDE = (
    "Decision level %(level)s lies outside the measured values %(low)s to %(high)s; measure specimens there."
)
NO_INTERVAL = (
    "%(method)s gives no interval of the bias; choose Deming, weighted Deming or ordinary regression."
)
BETWEEN = "No decision levels were stated; the lowest, the middle and the highest value were taken."
NOT_ABOVE = "%(field)s: standard errors must be above 0."


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """The line that decides ("" for the one that fits the range), levels and what bias is allowed there."""

    alpha: float = 0.05
    method: str = ""
    error_ratios: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    allowable: Allowable = NOTHING_STATED
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ComparisonData:
    """Pairs of the method in use (x) and the one on trial (y), with standard errors where they are known."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    x_se: tuple[float, ...] = ()
    y_se: tuple[float, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Bias:
    """What the line says about the bias at a level, in the unit of x and in percent."""

    level: float
    predicted: float
    bias: float
    low: float | None
    high: float | None
    percent: float | None
    percent_low: float | None
    percent_high: float | None
    limit: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines by name (None where one cannot be fitted), and what was found beside them."""

    n: int
    lines: Mapping[str, Line | None]
    method: str
    bias: tuple[Bias, ...]
    correlation: Mapping[str, Any]
    cusum: Cusum | None
    outliers: tuple[int, ...]
    agreement: Agreement
    pairs: tuple[tuple[float, float], ...]

    def named(self) -> dict[str, Any]:
        """The lines under their names, then the rest."""
        return {
            "n": self.n, **self.lines, "method": self.method, "bias": self.bias, **self.correlation,
            "correlation": self.correlation, "cusum": self.cusum, "outliers": self.outliers,
            "bland_altman": self.agreement,
        }  # fmt: skip


def read_comparison(given: Given) -> tuple[ComparisonPlan, ComparisonData]:
    """Plan and pairs from named inputs; columns y1, y2 ... are replicates, of which the mean counts."""
    columns: dict[str, Sequence[float | None]] = {
        "x": _mean_column(given, "x", FIRST, "the values of the method in use"),
        "y": _mean_column(given, "y", SECOND, "the values of the method on trial, in the same order"),
    }
    for name, spelt in (
        ("x_se", ("x_se", "se_x", "x_sd", "sd_x")),
        ("y_se", ("y_se", "se_y", "y_sd", "sd_y")),
    ):
        found = given.maybe(*spelt)
        if found is not None:
            columns[name] = found
            if any(one is not None and one <= 0 for one in found):
                raise Unusable(NOT_ABOVE, field=name)
    kept, remarks = complete(columns, least=LEAST)
    if len(kept["x"]) > MOST:
        raise Unusable(TOO_MANY, field="x", count=len(kept["x"]), most=MOST)
    differing("x", kept["x"])
    return ComparisonPlan(
        significance(given),
        METHODS[given.choice("method", "regression", known={one: one for one in METHODS}, default="")]
        if given.has("method", "regression")
        else "",
        _ratios(given),
        given.listed("decision_levels", "decision_level", "levels", "medical_decision_levels", "mdl"),
        allowable_bias(given),
        given.whole("seed", default=1, least=0),
    ), ComparisonData(kept["x"], kept["y"], kept.get("x_se", ()), kept.get("y_se", ()), remarks)


def _ratios(given: Given) -> tuple[float, ...]:
    found = given.listed("error_ratio", "error_ratios", "lambda", "ratio", "variance_ratio")
    for one in found:
        if one <= 0:
            raise Unusable(OUT_OF_RANGE, field="error_ratio", value=one, range="> 0")
    return found


def _mean_column(given: Given, name: str, spelt: tuple[str, ...], wanted: str) -> tuple[float | None, ...]:
    """The column, or the means of its replicates x1, x2 ..., over what is there."""
    replicates = [one for one in (f"{name}{i}" for i in range(1, 10)) if given.has(one)]
    if given.has(*spelt) or not replicates:
        return given.column(name, *spelt, wanted=wanted)
    columns = [given.column(one, wanted=wanted) for one in replicates]
    complete(dict(zip(replicates, columns, strict=True)), least=0)
    rows = [[one for one in row if one is not None] for row in zip(*columns, strict=True)]
    return tuple(sum(row) / len(row) if row else None for row in rows)


def compare(plan: ComparisonPlan, data: ComparisonData) -> Study:
    """Every line, and a decision on the bias at each level by the line that the plan names."""
    x, y = np.asarray(data.x), np.asarray(data.y)
    lines = fitted(plan, data, x, y)
    method = plan.method or _fitting(x, y, lines)
    line = lines.get(method)
    if line is None:
        raise Unusable(CHOSEN_LACKS, method=method)
    levels = plan.levels or tuple(float(one) for one in np.quantile(x, [0, 0.5, 1]))
    spans = _spans(plan, line, levels, (x, y), is_resampled=method == "PaBa")
    bias = tuple(_bias(plan, line, level, span) for level, span in zip(levels, spans, strict=True))
    figures = _figures(plan, data, lines, method, bias)
    criteria = [_judged(one) for one in bias if one.limit is not None]
    remarks = [
        *data.remarks,
        *_remarks(plan, figures, x),
        *(reason(NOT_FITTED, method=name) for name, one in lines.items() if one is None),
    ]
    return decided("comparison", figures, criteria, fields="allowable_bias", remarks=remarks)


def fitted(plan: ComparisonPlan, data: ComparisonData, x: Floats, y: Floats) -> dict[str, Line | None]:
    """All lines by the names of their methods; `Deming.121` has an error ratio of 1.21."""
    alpha = plan.alpha
    lines: dict[str, Line | None] = {
        "LinReg": least_squares(x, y, alpha),
        "WLinReg": least_squares(x, y, alpha, x**-2) if x.all() else None,
    }
    for ratio in dict.fromkeys((*RATIOS, *plan.error_ratios)):
        name = f"{ratio:g}".replace(".", "")
        key = name if f"Deming.{name}" not in lines else f"{ratio:g}"  # 12.1 is not 1.21
        lines[f"Deming.{key}"] = _jackknifed(partial(deming, error_ratio=ratio), x, y, alpha, ratio)
        lines[f"WDeming.{key}"] = _jackknifed(_weighted(x, y, ratio), x, y, alpha, ratio)
        if ratio == (*plan.error_ratios, RATIOS[0])[0]:
            lines |= {"Deming": lines[f"Deming.{key}"], "WDeming": lines[f"WDeming.{key}"]}
    lines["PaBa"] = passing_bablok(x, y, alpha)
    lines["PaBa.interpolated"] = passing_bablok(x, y, alpha, "interpolated")
    lines["TheilSen"] = theil_sen(x, y, alpha)
    return lines | _by_known_errors(data, x, y, alpha)


def _weighted(x: Floats, y: Floats, ratio: float) -> Fit:
    """Weighted Deming; of many points each fit begins where that of all of them ended."""
    start = weighted_deming(x, y, ratio) if len(x) > MANY else None
    return partial(weighted_deming, error_ratio=ratio, start=start)


def _jackknifed(fit: Fit, x: Floats, y: Floats, alpha: float, ratio: float | None) -> Line | None:
    if not all(map(math.isfinite, fit(x, y))):
        return None
    line = jackknifed(fit, x, y, alpha, ratio)
    return line if line.slope_se is not None and math.isfinite(line.slope_se) else None


def _by_known_errors(data: ComparisonData, x: Floats, y: Floats, alpha: float) -> dict[str, Line | None]:
    """Lines of known standard errors, and the ordinary ones that the source sets beside them."""
    varies = bool(np.ptp(y))
    found: dict[str, Line | None] = {
        "ols_y_on_x": least_squares(x, y, alpha),
        "ols_x_on_y": least_squares(y, x, alpha) if varies else None,
    }
    x_se, y_se = np.asarray(data.x_se), np.asarray(data.y_se)
    if data.y_se:
        found["wls_y_on_x"] = least_squares(x, y, alpha, y_se**-2)
    if data.x_se:
        found["wls_x_on_y"] = least_squares(y, x, alpha, x_se**-2) if varies else None
    if data.y_se and data.x_se:
        found["deming_known_se"] = _by_both_errors(np.stack([x, y, x_se, y_se]), alpha)
    return found


def _by_both_errors(points: Floats, alpha: float) -> Line:
    """The line of known errors in both, with the jackknife's intervals; points are x, y and their errors."""
    rows = np.arange(points.shape[1], dtype=np.float64)

    def fit(chosen: Floats, _: Floats) -> tuple[float, float]:
        x, y, x_se, y_se = points[:, chosen.astype(int)]
        return known_errors(x, y, x_se, y_se, PRINTED if len(chosen) == len(rows) else EXACT)

    return jackknifed(fit, rows, rows, alpha)


def _fitting(x: Floats, y: Floats, lines: Mapping[str, Line | None]) -> str:
    """Weighted Deming over a wide range, where errors grow with the level; else Deming (EP09c, section 8)."""
    positive = bool((x > 0).all() and (y > 0).all())
    is_wide = positive and float(x.max()) >= WIDE * float(x.min())
    order = ("WDeming", "Deming", "PaBa", "LinReg") if is_wide else ("Deming", "PaBa", "LinReg")
    return next(name for name in order if lines[name] is not None)


def _spans(
    plan: ComparisonPlan,
    line: Line,
    levels: Sequence[float],
    pairs: tuple[Floats, Floats],
    *,
    is_resampled: bool,
) -> list[tuple[float | None, float | None]]:
    """The interval of the line at each level: from its covariance, or for Passing-Bablok by resampling."""
    if not is_resampled:
        return [line.interval_at(level) for level in levels]
    chance = np.random.Generator(np.random.PCG64(plan.seed))
    return [one or (None, None) for one in resampled(*pairs, levels, plan.alpha, chance)]


def _bias(plan: ComparisonPlan, line: Line, level: float, span: tuple[float | None, float | None]) -> Bias:
    off = line.at(level) - level
    low, high = (None if one is None else one - level for one in span)
    percent, *ends = (
        100 * one / abs(level) if level and one is not None else None for one in (off, low, high)
    )
    return Bias(level, line.at(level), off, low, high, percent, ends[0], ends[1], plan.allowable.at(level))


def _judged(one: Bias) -> Criterion:
    assert one.limit is not None
    return within(reason(BIAS_AT, level=one.level), one.bias, one.limit, low=one.low, high=one.high)


def _figures(
    plan: ComparisonPlan,
    data: ComparisonData,
    lines: Mapping[str, Line | None],
    method: str,
    bias: tuple[Bias, ...],
) -> Comparison:
    x, y = np.asarray(data.x), np.asarray(data.y)
    off = y - x
    found = agree(AgreementPlan(alpha=plan.alpha, is_reversed=True), Pairs(data.x, data.y))
    positive = bool((x > 0).all() and (y > 0).all())
    apart = 2 * off / (x + y) if positive else off
    outliers = esd_outliers([float(one) for one in apart], math.ceil(len(x) * MOST_OUTLYING), OUTLYING)
    straight = lines["PaBa"]
    cusum = None if straight is None else cusum_linearity(x, y, straight, plan.alpha)
    return Comparison(
        len(x),
        lines,
        method,
        bias,
        correlation(x, y, plan.alpha),
        cusum,
        tuple(one + 1 for one in outliers),
        found,
        tuple(zip(data.x, data.y, strict=True)),
    )


def correlation(x: Floats, y: Floats, alpha: float) -> dict[str, Any]:
    """Pearson's r with Fisher's interval, Spearman's and Kendall's; nothing where y does not vary."""
    if not np.ptp(y):
        return dict.fromkeys(("pearson_r", "r", "r_squared", "r_ci", "spearman", "kendall"))
    found = stats.pearsonr(x, y)
    r = float(found.statistic)
    span = found.confidence_interval(1 - alpha)
    return {
        "pearson_r": r, "r": r, "r_squared": r * r, "r_ci": [float(span.low), float(span.high)],
        "spearman": float(stats.spearmanr(x, y).statistic),
        "kendall": float(stats.kendalltau(x, y).statistic),
    }  # fmt: skip


ENOUGH = 40


def _remarks(plan: ComparisonPlan, figures: Comparison, x: Floats) -> list[Reason]:
    found = []
    if figures.n < ENOUGH:
        found.append(reason(FEW, count=figures.n))
    if figures.outliers:
        found.append(reason(OUTLYING_PAIRS, pairs=", ".join(map(str, figures.outliers))))
    if figures.cusum is not None and not figures.cusum.is_linear:
        found.append(reason(CURVED, p=figures.cusum.p_value))
    r = figures.correlation["r"]
    if figures.method == "LinReg" and (r is None or abs(r) < NARROW):
        found.append(reason(NARROW_RANGE, r=r))
    if not plan.levels:
        found.append(reason(BETWEEN))
    low, high = float(x.min()), float(x.max())
    found += [reason(OUTSIDE, level=one, low=low, high=high) for one in plan.levels if not low <= one <= high]
    if any(one.low is None for one in figures.bias):
        found.append(reason(NO_INTERVAL, method=figures.method))
    return found
