"""Precision: repeatability, within-laboratory imprecision, reproducibility against a claim or allowable CV.

Source: CLSI EP05-A3 (20 x 2 x 2 and 3 x 5 x 5), CLSI EP15-A3 (5 x 5, upper verification limit), Grubbs 1950
by EP15-A3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Reason,
    Study,
    Unusable,
    at_most,
    decided,
    reason,
)
from aliquot.oversight.studies.rules.given import LACKS, Given, complete, differing, significance
from aliquot.oversight.studies.rules.nested import ERROR, Nested, Spread, nested_anova

BETWEEN = ("site", "laboratory", "instrument", "device", "lot", "calibrator_lot", "reagent_lot", "operator")
"""What makes reproducibility rather than one laboratory's own imprecision, from the outermost in."""
SPELLINGS = {
    "site": ("site", "hub", "location", "площадка"), "laboratory": ("laboratory", "lab", "лаборатория"),
    "instrument": ("instrument", "analyzer", "analyser", "анализатор"), "device": ("device", "прибор"),
    "lot": ("lot", "batch", "лот", "серия"), "reagent_lot": ("reagent_lot",),
    "calibrator_lot": ("calibrator_lot",),
    "operator": ("operator", "technologist", "оператор"), "calibration": ("calibration", "cal", "калибровка"),
    "day": ("day", "date", "день", "дата"), "shift": ("shift", "смена"), "run": ("run", "постановка"),
}  # fmt: skip
VALUE = ("y", "value", "values", "result", "results", "measurement", "значение", "результат")
LEVEL = ("level", "sample", "material", "control", "pool", "уровень", "образец")
WORDS = {
    "run": "between runs", "shift": "between shifts", "day": "between days",
    "calibration": "between calibrations", "operator": "between operators", "lot": "between lots",
    "reagent_lot": "between lots of reagent", "calibrator_lot": "between lots of calibrator",
    "device": "between devices", "instrument": "between analyzers", "laboratory": "between laboratories",
    "site": "between sites",
}  # fmt: skip
LEAST = 4
OUTLYING = 0.01

OF_REPEATABILITY = "Repeatability SD"
OF_WITHIN = "Within-laboratory SD"
OF_CV = "Within-laboratory CV, %%"
OF_REPEATABILITY_CV = "Repeatability CV, %%"
NEGATIVE = "The component %(factor)s came out negative and counts as 0."
OUTLIER = "%(value)s may be an outlier (Grubbs' test, 1 %%); look for a cause before it is left out."
FLAT_LEVEL = "y: all values of %(level)s are the same; a study of precision needs values that differ."
MEAN_ZERO = "The mean is 0, so no CV can be told; state the limit as a standard deviation."


@dataclass(frozen=True, slots=True)
class PrecisionPlan:
    """Limits as SD or CV in percent.

    `claim_...` are the maker's, judged by the verification limit of EP15.
    """

    alpha: float = 0.05
    allowable_sd: float | None = None
    allowable_cv: float | None = None
    allowable_repeatability_cv: float | None = None
    claim_sd_repeatability: float | None = None
    claim_sd_within: float | None = None
    claim_cv_repeatability: float | None = None
    claim_cv_within: float | None = None


@dataclass(frozen=True, slots=True)
class PrecisionData:
    """Values and the groups they belong to: factors from the outermost in, and levels judged apart."""

    values: tuple[float, ...]
    factors: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PrecisionFigures:
    """The analysis of one level; upper verification limits where there is a claim."""

    anova: Nested
    repeatability: Spread
    within_lab: Spread
    reproducibility: Spread
    limits: Mapping[str, float]

    def named(self) -> dict[str, Any]:
        """The figures by the names that EP05 and programs for it use."""
        anova, mean = self.anova, self.anova.mean
        found: dict[str, Any] = {"n": anova.n, "mean": mean, "var_total": anova.total}
        found |= _relative("total", anova.total**0.5, mean)
        for one in anova.components:
            found |= {
                f"var_{one.name}": one.variance, f"sd_{one.name}": one.variance**0.5,
                f"ms_{one.name}": one.ms,
                f"ss_{one.name}": one.ss, f"df_{one.name}": one.df, f"var_{one.name}_unclipped": one.raw,
                f"percent_{one.name}": 100 * one.variance / anova.total if anova.total else None,
                **_relative(one.name, one.variance**0.5, mean),
            }  # fmt: skip
        for name in ("repeatability", "within_lab", "reproducibility"):
            spread: Spread = getattr(self, name)
            found_ci = [spread.low, spread.high]
            found |= {
                f"sd_{name}": spread.sd, f"var_{name}": spread.variance, f"df_{name}": spread.df,
                f"sd_{name}_ci": found_ci, **_relative(name, spread.sd, mean),
                f"cv_{name}_ci": [100 * one / abs(mean) for one in found_ci] if mean else None,
            }  # fmt: skip
        found["df_total"] = found["df_reproducibility"]
        return found | dict(self.limits)


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """The figures of each level of material."""

    levels: Mapping[str, PrecisionFigures]

    def named(self) -> dict[str, Any]:
        """One set of figures per level."""
        return {"levels": dict(self.levels)}


def _relative(name: str, sd: float, mean: float) -> dict[str, float | None]:
    return {f"cv_{name}": 100 * sd / abs(mean) if mean else None} | (
        {f"sd_{name}": sd} if name == "total" else {}
    )


def read_precision(given: Given) -> tuple[PrecisionPlan, PrecisionData]:
    """Plan and data from named inputs; unknown columns of labels between known ones are no factors."""
    values = given.column(*VALUE, wanted="the measured values")
    factors = {name: found for name, spelt in SPELLINGS.items() if (found := given.labels(*spelt))}
    if not factors:
        raise Unusable(LACKS, field="day", wanted=reason("the day, run or site of each value"))
    levels = given.labels(*LEVEL)
    columns = {"y": values, **factors} | ({"level": levels} if levels else {})
    kept, remarks = complete(columns, least=LEAST)
    return _plan(given), PrecisionData(
        kept["y"], {name: kept[name] for name in factors}, kept.get("level", ()), remarks
    )


def _plan(given: Given) -> PrecisionPlan:
    def number(*names: str) -> float | None:
        return given.number(*names, above=0)

    return PrecisionPlan(
        significance(given),
        number("allowable_sd", "limit_sd"),
        number("allowable_cv", "allowable_cv_percent", "cv_limit", "aps_cv", "limit_cv"),
        number("allowable_repeatability_cv", "allowable_cv_repeatability"),
        number("claim_sd_repeatability", "claimed_sd_repeatability", "claim_sr", "sigma_r"),
        number("claim_sd_within_lab", "claimed_sd_within_lab", "claim_swl", "sigma_wl"),
        number("claim_cv_repeatability", "claimed_cv_repeatability", "claim_cvr"),
        number("claim_cv_within_lab", "claimed_cv_within_lab", "claim_cvwl"),
    )


def precision(plan: PrecisionPlan, data: PrecisionData) -> Study:
    """Components, SDs with intervals, and the decision against claims and allowable figures by level."""
    levels = dict.fromkeys(data.levels or ("",))
    found = {level: _of_level(plan, data, level, len(levels)) for level in levels}
    remarks = (
        *data.remarks,
        *(one for level, figures in found.items() for one in _remarks(figures, data, level)),
    )
    criteria = [one for level, figures in found.items() for one in _criteria(plan, figures, level)]
    figures = LevelFigures(found) if data.levels else found[""]
    return decided(
        "precision", figures, criteria, fields="claim_sd_repeatability, allowable_cv", remarks=remarks
    )


def _rows(data: PrecisionData, level: str) -> list[int]:
    return [index for index in range(len(data.values)) if not level or data.levels[index] == level]


def _of_level(plan: PrecisionPlan, data: PrecisionData, level: str, levels: int) -> PrecisionFigures:
    rows = _rows(data, level)
    values = [data.values[index] for index in rows]
    if level and len(set(values)) == 1:
        raise Unusable(FLAT_LEVEL, level=level)
    differing("y", values)
    factors = {name: [labels[index] for index in rows] for name, labels in data.factors.items()}
    anova = nested_anova(factors, values)
    within = [name for name in factors if name not in BETWEEN]
    spreads = [anova.spread(names, plan.alpha) for names in ([ERROR], [*within, ERROR], [*factors, ERROR])]
    limits = _verification_limits(plan, anova, spreads[1], levels)
    return PrecisionFigures(anova, spreads[0], spreads[1], spreads[2], limits)


def _verification_limits(plan: PrecisionPlan, anova: Nested, within: Spread, levels: int) -> dict[str, float]:
    """The claim times the factor that a true claim passes in 95 % of studies (EP15-A3, section 2.3)."""
    share = 1 - plan.alpha / levels
    claimed = {
        "uvl_repeatability": (_claim(plan.claim_sd_repeatability, plan.claim_cv_repeatability, anova.mean),
                              float(anova.components[-1].df)),
        "uvl_within_lab": (_claim(plan.claim_sd_within, plan.claim_cv_within, anova.mean), within.df),
    }  # fmt: skip
    return {
        name: claim * float(stats.chi2.ppf(share, df) / df) ** 0.5
        for name, (claim, df) in claimed.items()
        if claim is not None
    }


def _claim(sd: float | None, cv: float | None, mean: float) -> float | None:
    return sd if cv is None else cv * abs(mean) / 100


def _criteria(plan: PrecisionPlan, figures: PrecisionFigures, level: str) -> list[Criterion]:
    found, within, repeat = [], figures.within_lab, figures.repeatability
    mean = abs(figures.anova.mean)
    for name, what, spread in (
        ("uvl_repeatability", OF_REPEATABILITY, repeat),
        ("uvl_within_lab", OF_WITHIN, within),
    ):
        if name in figures.limits:
            found.append(at_most(_at(what, level), spread.sd, figures.limits[name]))
    if plan.allowable_sd is not None:
        found.append(
            at_most(_at(OF_WITHIN, level), within.sd, plan.allowable_sd, low=within.low, high=within.high)
        )
    for limit, what, spread in (
        (plan.allowable_cv, OF_CV, within),
        (plan.allowable_repeatability_cv, OF_REPEATABILITY_CV, repeat),
    ):
        if limit is not None:
            if not mean:
                raise Unusable(MEAN_ZERO)
            cv, low, high = (100 * one / mean for one in (spread.sd, spread.low, spread.high))
            found.append(at_most(_at(what, level), cv, limit, low=low, high=high))
    return found


AT_LEVEL = "%(what)s, level %(level)s"


def _at(what: str, level: str) -> Reason:
    return reason(AT_LEVEL, what=reason(what), level=level) if level else reason(what)


def _remarks(figures: PrecisionFigures, data: PrecisionData, level: str) -> list[Reason]:
    # rounding may leave an error of nothing below 0: that is no component of a design
    negative = [WORDS[one.name] for one in figures.anova.components if one.raw < 0 and one.name in WORDS]
    found = [reason(NEGATIVE, factor=reason(words)) for words in negative]
    outlier = grubbs([data.values[index] for index in _rows(data, level)], OUTLYING)
    return found if outlier is None else [*found, reason(OUTLIER, value=outlier)]


def grubbs(values: Sequence[float], alpha: float) -> float | None:
    """The value farthest from the mean when it is farther than chance allows, else None.

    Source: Grubbs, Ann Math Stat 1950;21:27, two-sided; used by CLSI EP15-A3, section 2.2.5.
    """
    y = np.asarray(values, dtype=np.float64)
    n, sd = len(y), float(y.std(ddof=1))
    t = float(stats.t.ppf(1 - alpha / (2 * n), n - 2))
    limit = (n - 1) / n**0.5 * (t * t / (n - 2 + t * t)) ** 0.5
    far = int(np.abs(y - y.mean()).argmax())
    return float(y[far]) if abs(float(y[far] - y.mean())) > limit * sd else None
