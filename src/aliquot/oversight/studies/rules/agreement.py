"""Bland-Altman: mean difference and limits of agreement, as difference, percentage or ratio.

Source: Bland and Altman, Lancet 1986;i:307 and Stat Methods Med Res 1999;8:135; CLSI EP09c, difference plots.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import (
    Reason,
    Study,
    Unusable,
    at_least,
    decided,
    reason,
    within,
)
from aliquot.oversight.studies.rules.given import Given, complete, normalised, significance
from aliquot.oversight.studies.rules.limits import (
    NOTHING_STATED,
    Allowable,
    allowable_bias,
    allowable_total_error,
)

Mode = Literal["difference", "percent", "ratio", "log"]
MODES: dict[str, Mode] = {
    **dict.fromkeys(("difference", "absolute", "units", "diff", "a_b", "b_a", "x_y", "y_x"), "difference"),
    **dict.fromkeys(("percent", "percentage", "pct", "relative", "percent_difference"), "percent"),
    **dict.fromkeys(("ratio", "ratios", "a_over_b"), "ratio"),
    **dict.fromkeys(("log", "ln", "logarithm", "log_ratio"), "log"),
}
FIRST = ("a", "x", "method_a", "method1", "reference", "comparator", "m1", "first", "метод_а")
SECOND = ("b", "y", "method_b", "method2", "candidate", "test", "m2", "second", "метод_б")
REVERSED = frozenset({"b_a", "y_x", "b_minus_a", "second_first"})
REFERENCES = frozenset({"x", "reference", "comparator"})
"""Columns that the other method is compared with: the difference is then the other minus this one."""
LEAST = 3
Z = 1.96
BEFORE_SD = re.compile(r"(\d+(?:\.\d+)?)\s*[*x×·]?\s*(?:sd|ско|s\b)")

NOT_POSITIVE = (
    "%(first)s and %(second)s: percentages and ratios need values above 0; "
    "leave out the others or use mode difference."
)
OF_MEAN = "Mean difference"
OF_RATIO = "Ratio of the methods, %% from 1"
OF_PERCENT = "Mean difference, %%"
OF_LIMITS = "Limits of agreement, widest"
OF_WITHIN = "Share of differences within the allowable total error"
PROPORTIONAL = "The differences change with the level (p = %(p)s); look at percentages, or at a regression."


@dataclass(frozen=True, slots=True)
class AgreementPlan:
    """How differences are taken and judged; `multiplier` is of the SD, `ddof` 0 is the population's SD."""

    mode: Mode = "difference"
    multiplier: float = Z
    alpha: float = 0.05
    ddof: int = 1
    is_reversed: bool = False
    versus: Literal["mean", "first", "second"] = "mean"
    bias: Allowable = NOTHING_STATED
    total: Allowable = NOTHING_STATED
    limit: float | None = None
    share: float = 0.95


@dataclass(frozen=True, slots=True)
class Pairs:
    """Paired values of two methods."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Mean and SD of the differences and the limits of agreement with their intervals."""

    n: int
    mode: str
    mean: float
    sd: float
    se: float
    lower: float
    upper: float
    mean_ci: tuple[float, float]
    lower_ci: tuple[float, float]
    upper_ci: tuple[float, float]
    multiplier: float
    p_value: float
    outside: int
    within_allowable: float | None
    trend_slope: float
    trend_p: float
    points: tuple[tuple[float, float], ...]

    def named(self) -> dict[str, Any]:
        """The figures by all the names that are in use for them."""
        return {
            "n": self.n, "mode": self.mode, "mean": self.mean, "bias": self.mean,
            "mean_difference": self.mean,
            "sd": self.sd, "se": self.se, "se_mean": self.se, "lower": self.lower, "upper": self.upper,
            "loa": [self.lower, self.upper], "loa_lower": self.lower, "loa_upper": self.upper,
            "mean_ci": self.mean_ci, "bias_ci": self.mean_ci, "lower_ci": self.lower_ci,
            "upper_ci": self.upper_ci,
            "loa_lower_ci": self.lower_ci, "loa_upper_ci": self.upper_ci, "multiplier": self.multiplier,
            "p_value": self.p_value, "outside": self.outside, "outside_limits": self.outside,
            "within_allowable": self.within_allowable, "trend_slope": self.trend_slope,
            "trend_p": self.trend_p,
        }  # fmt: skip


def read_agreement(given: Given) -> tuple[AgreementPlan, Pairs]:
    """Plan and pairs from named inputs."""
    first = given.column(*FIRST, wanted="the values of one method")
    second = given.column(*SECOND, wanted="the values of the other method, in the same order")
    kept, remarks = complete({"a": first, "b": second}, least=LEAST)
    name, _ = given.take(*FIRST)
    _, way = given.take("difference", "direction")
    _, versus = given.take("versus", "denominator", "relative_to", "x_axis")
    return AgreementPlan(
        _mode(given, way),
        _multiplier(given),
        significance(given),
        _ddof(given),
        normalised(str(way)) in REVERSED if way is not None else name in REFERENCES,
        _versus(versus),
        allowable_bias(given),
        allowable_total_error(given),
        given.number("limit_of_agreement", "allowable_loa", "max_loa", above=0),
    ), Pairs(kept["a"], kept["b"], remarks)


def _mode(given: Given, way: Any) -> Mode:
    found = given.choice("mode", "type", "scale", "plot", known=MODES, default="")
    if found:
        return MODES[found]
    words = str(way or "").casefold()
    if "log" in words or "ln" in words:
        return "log"
    if "%" in words or "100" in words or "mean" in words:
        return "percent"
    return "ratio" if "/" in words else MODES.get(normalised(words), "difference")


def _versus(word: Any) -> Literal["mean", "first", "second"]:
    name = normalised(str(word or "mean"))
    if name in FIRST:
        return "first"
    return "second" if name in SECOND else "mean"


def _multiplier(given: Given) -> float:
    """From `multiplier`, from words such as `mean +/- 2 SD`, else 1.96."""
    found = given.number("multiplier", "k", "z", "sd_multiplier", "loa_multiplier", above=0)
    _, words = given.take("limits", "loa", "agreement")
    if found is None and isinstance(words, (int, float)):
        return float(words)
    stated = BEFORE_SD.search(str(words or "").casefold().replace(",", "."))
    return float(stated[1]) if found is None and stated else found or Z


def _ddof(given: Given) -> int:
    population = {"population", "population_sd", "n", "0", "pop", "pstdev"}
    known = dict.fromkeys(population, "") | dict.fromkeys(
        ("sample", "sample_sd", "n_1", "1", "stdev"), "sample"
    )
    return 1 if given.choice("ddof", "sd", "sd_type", "sd_kind", known=known, default="sample") else 0


def agreement(plan: AgreementPlan, pairs: Pairs) -> Study:
    """Mean difference and limits of agreement, judged by the allowable bias and the allowable total error."""
    figures = agree(plan, pairs)
    remarks = list(pairs.remarks)
    if figures.trend_p < plan.alpha:
        remarks.append(reason(PROPORTIONAL, p=figures.trend_p))
    criteria = []
    limit = _limit(plan.bias, plan.mode, pairs)
    if limit is not None:
        what, mean, (low, high) = OF_MEAN, figures.mean, figures.mean_ci
        if plan.mode == "percent":
            what = OF_PERCENT
        elif plan.mode in {"ratio", "log"}:
            what, (mean, low, high) = OF_RATIO, (100 * (one - 1) for one in (mean, low, high))
        criteria.append(within(reason(what), mean, limit, low=low, high=high))
    if plan.limit is not None:
        farthest = max(figures.lower, figures.upper, key=abs)
        criteria.append(within(reason(OF_LIMITS), farthest, plan.limit))
    if figures.within_allowable is not None:
        criteria.append(at_least(reason(OF_WITHIN), figures.within_allowable, plan.share))
    return decided("bland-altman", figures, criteria, fields="allowable_bias, tea", remarks=remarks)


def _limit(allowable: Allowable, mode: Mode, pairs: Pairs) -> float | None:
    if mode == "difference":
        return allowable.at(float(np.mean([*pairs.first, *pairs.second])))
    middle = abs(float(np.mean([*pairs.first, *pairs.second])))
    return allowable.percent if allowable.absolute is None else 100 * (allowable.at(middle) or 0.0) / middle


def agree(plan: AgreementPlan, pairs: Pairs) -> Agreement:
    """The figures alone.

    Intervals of the limits by the 1999 paper: variance of the mean and of the SD together.
    """
    a, b = np.asarray(pairs.first), np.asarray(pairs.second)
    if plan.is_reversed:
        a, b = b, a
    off = differences(a, b, plan)
    n, mean, sd = len(off), float(off.mean()), float(off.std(ddof=plan.ddof))
    se = sd / n**0.5
    t = float(stats.t.ppf(1 - plan.alpha / 2, n - 1))
    of_limit = sd * (1 / n + plan.multiplier**2 / (2 * (n - 1))) ** 0.5
    ends = (mean - plan.multiplier * sd, mean + plan.multiplier * sd)
    spans = [(mean - t * se, mean + t * se), *((end - t * of_limit, end + t * of_limit) for end in ends)]
    outside = int(((off < ends[0]) | (off > ends[1])).sum())
    middle = (a + b) / 2
    trend = stats.linregress(middle, off) if np.ptp(middle) else None
    no_change = 1.0 if plan.mode == "ratio" else 0.0
    p_value = 2 * float(stats.t.sf(abs(mean - no_change) / se, n - 1)) if se else float(mean == no_change)
    if plan.mode == "log":
        mean, ends, spans = float(np.exp(mean)), _exp(ends), [_exp(one) for one in spans]
    return Agreement(
        n, plan.mode, mean, sd, se, ends[0], ends[1], spans[0], spans[1], spans[2], plan.multiplier, p_value,
        outside, _within_total(plan.total, a, b), float(trend.slope) if trend else 0.0,
        float(trend.pvalue) if trend else 1.0, tuple(zip(map(float, middle), map(float, off), strict=True)),
    )  # fmt: skip


def _exp(pair: Sequence[float]) -> tuple[float, float]:
    return float(np.exp(pair[0])), float(np.exp(pair[1]))


def differences(a: Any, b: Any, plan: AgreementPlan) -> Any:
    """Return a - b, or in percent of the mean or of one method, or a / b, or its logarithm."""
    if plan.mode == "difference":
        return a - b
    if not (bool((a > 0).all()) and bool((b > 0).all())):
        raise Unusable(NOT_POSITIVE, first="a", second="b")
    if plan.mode == "percent":
        return 100 * (a - b) / {"mean": (a + b) / 2, "first": a, "second": b}[plan.versus]
    return a / b if plan.mode == "ratio" else np.log(a / b)


def _within_total(total: Allowable, a: Any, b: Any) -> float | None:
    """The share of differences within the allowable total error at the level of the second method."""
    if not total:
        return None
    return float(np.mean([abs(x - y) <= (total.at(y) or 0.0) for x, y in zip(a, b, strict=True)]))
