"""Measurement uncertainty from internal control: what it is at each level and at decision levels.

Source: ISO/TS 20914:2019: u² = u(Rw)² + u(cal)² + u(bias)², the last only where a bias stands uncorrected;
U = 2 u.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aliquot.oversight.studies.rules.findings import Reason, Study, Unusable, at_most, decided, reason
from aliquot.oversight.studies.rules.given import TOO_FEW, Given, complete

LEAST, GOOD = 10, 100
COVERAGE = 2.0

AT = "Expanded uncertainty at %(level)s, %%"
OF_STANDARD = "Standard uncertainty at %(level)s, %%"
FEW = (
    "Level %(level)s: %(count)s control results; a lasting picture needs 100 or more over at least "
    "six months."
)
BEYOND = (
    "Decision level %(level)s lies outside the control levels; the nearest control's relative "
    "imprecision was taken."
)
NO_CALIBRATOR = "u_cal was not stated and counts as 0; take it from the maker's statement on the calibrator."
NOT_POSITIVE_MEAN = (
    "value: the mean of level %(level)s is not above 0; a relative uncertainty cannot be told."
)


@dataclass(frozen=True, slots=True)
class UncertaintyPlan:
    """Relative standard uncertainties in percent; allowable ones are of U and of u."""

    u_cal_percent: float | None = None
    bias_percent: float = 0.0
    u_bias_percent: float = 0.0
    coverage: float = COVERAGE
    allowable_expanded: float | None = None
    allowable_standard: float | None = None
    levels: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class UncertaintyData:
    """Control results by level; within a level by lot, so that a change of lot is no imprecision."""

    controls: Mapping[str, Mapping[str, tuple[float, ...]]]
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """The uncertainty at one level, in percent and in the unit of the values."""

    level: float
    n: int
    u_rw_percent: float
    u_cal_percent: float
    u_bias_percent: float
    u_percent: float
    u: float
    expanded_percent: float
    expanded: float
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class UncertaintyFigures:
    """Each control level, and each decision level."""

    coverage: float
    controls: Mapping[str, Uncertainty]
    decision_levels: tuple[Uncertainty, ...]

    def named(self) -> dict[str, Any]:
        """The figures; the names of the standard beside those of a single level."""
        found: dict[str, Any] = {
            "k": self.coverage,
            "levels": self.controls,
            "decision_levels": self.decision_levels,
        }
        if len(self.controls) == 1:
            (one,) = self.controls.values()
            found |= {
                "u_rw": one.u_rw_percent * one.level / 100,
                "u": one.u,
                "U": one.expanded,
                "u_percent": one.u_percent,
                "U_percent": one.expanded_percent,
            }
        return found


def read_uncertainty(given: Given) -> tuple[UncertaintyPlan, UncertaintyData]:
    """Control results row by row, with level and lot where there are several."""
    value = given.column("value", "y", "result", "values", "значение", wanted="the control results")
    columns: dict[str, Sequence[Any]] = {
        "value": value,
        "level": given.labels("level", "material", "уровень") or ["1"] * len(value),
        "lot": given.labels("lot", "lot_of_control", "лот") or [""] * len(value),
    }
    kept, remarks = complete(columns, least=LEAST)
    controls: dict[str, dict[str, tuple[float, ...]]] = {}
    for one, level, lot in zip(kept["value"], kept["level"], kept["lot"], strict=True):
        lots = controls.setdefault(level, {})
        lots[lot] = (*lots.get(lot, ()), one)
    return _plan(given), UncertaintyData(controls, remarks)


def _plan(given: Given) -> UncertaintyPlan:
    def share(*names: str) -> float | None:
        return given.number(*names, above=-1e-12)

    return UncertaintyPlan(
        share("u_cal_percent", "u_cal", "ucal_percent"),
        given.number("bias_percent", default=0.0) or 0.0,
        share("u_bias_percent", "u_bias") or 0.0,
        given.number("k", "coverage", "coverage_factor", default=COVERAGE, above=0) or COVERAGE,
        given.number(
            "allowable_expanded_percent",
            "allowable_u_expanded",
            "allowable_uncertainty_percent",
            "mau_percent",
            above=0,
        ),
        given.number("allowable_standard_percent", "allowable_u", "aps_u_percent", above=0),
        given.listed("decision_levels", "decision_level"),
    )


def uncertainty(plan: UncertaintyPlan, data: UncertaintyData) -> Study:
    """The uncertainty at each control level and decision level, judged at the latter where there are any."""
    remarks = list(data.remarks)
    controls = {name: _of_control(plan, name, lots) for name, lots in data.controls.items()}
    remarks += [reason(FEW, level=name, count=one.n) for name, one in controls.items() if one.n < GOOD]
    if plan.u_cal_percent is None:
        remarks.append(reason(NO_CALIBRATOR))
    ordered = sorted(controls.values(), key=lambda one: one.level)
    low, high = ordered[0].level, ordered[-1].level
    at = tuple(_at_level(plan, level, ordered) for level in plan.levels)
    remarks += [reason(BEYOND, level=one) for one in plan.levels if not low <= one <= high]
    criteria = [
        at_most(reason(what, level=one.level), value, limit)
        for one in at or ordered
        for what, value, limit in (
            (AT, one.expanded_percent, plan.allowable_expanded),
            (OF_STANDARD, one.u_percent, plan.allowable_standard),
        )
        if limit is not None
    ]
    figures = UncertaintyFigures(plan.coverage, controls, at)
    return decided("uncertainty", figures, criteria, fields="allowable_expanded_percent", remarks=remarks)


def _of_control(plan: UncertaintyPlan, name: str, lots: Mapping[str, Sequence[float]]) -> Uncertainty:
    """Pooled over lots of the control material: the mean of each is its own."""
    n = sum(map(len, lots.values()))
    df = n - len(lots)
    if n < LEAST or df < 1:
        raise Unusable(TOO_FEW, field="value", count=n, least=LEAST + len(lots))
    mean = float(np.mean([one for values in lots.values() for one in values]))
    if mean <= 0:
        raise Unusable(NOT_POSITIVE_MEAN, level=name)
    squares = sum(float(((np.asarray(one) - np.mean(one)) ** 2).sum()) for one in lots.values())
    sd = math.sqrt(squares / df)
    return _combined(plan, mean, n, 100 * sd / mean, sd)


def _combined(
    plan: UncertaintyPlan, level: float, n: int, u_rw: float, sd: float | None = None
) -> Uncertainty:
    """An uncorrected bias counts by itself and by its own uncertainty."""
    u_bias = math.hypot(plan.bias_percent, plan.u_bias_percent)
    u_cal = plan.u_cal_percent or 0.0
    u = math.sqrt(u_rw**2 + u_cal**2 + u_bias**2)
    wide = plan.coverage * u
    return Uncertainty(level, n, u_rw, u_cal, u_bias, u, u * level / 100, wide, wide * level / 100, sd)


def _at_level(plan: UncertaintyPlan, level: float, ordered: Sequence[Uncertainty]) -> Uncertainty:
    """By the relative imprecision between the nearest control levels."""
    u_rw = float(np.interp(level, [one.level for one in ordered], [one.u_rw_percent for one in ordered]))
    return _combined(plan, level, min(one.n for one in ordered), u_rw)
