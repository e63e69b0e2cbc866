"""Sigma as programs and people ask for it: the answer of `aliquot qc evaluate` and of the screens.

`TEa_pct`, `bias_pct`, `cv_pct` (or `TEa`, `bias`, `sd` in the unit of the test; `mean` makes a CV of an SD,
and with `target` a bias); or `sigma` alone; or a rate of defects: `defect_percent`, `dpmo`, `defect_rate`,
`yield_percent`, `defects` of `opportunities`, with `shift`.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any

from aliquot.flow.quality.rules.given import Inputs, as_decimal, named, names, refuse_unknown
from aliquot.flow.quality.rules.sigma.frequency import run_size
from aliquot.flow.quality.rules.sigma.metrics import (
    MILLION,
    SHIFT,
    SigmaRules,
    short_term_sigma,
    sigma_metric,
    sigma_rules,
)
from aliquot.flow.quality.rules.sigma.zones import exact_power
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

SPELLINGS = {
    "tea_pct": "tea_pct", "tea_percent": "tea_pct", "tea_p": "tea_pct", "allowable_error_pct": "tea_pct",
    "allowable_total_error_pct": "tea_pct", "allowable_error_percent": "tea_pct", "ate_pct": "tea_pct",
    "allowable_error": "tea", "allowable_total_error": "tea", "ate": "tea", "tea_abs": "tea",
    "tea_absolute": "tea",
    "bias_percent": "bias_pct", "bias_p": "bias_pct", "bias_abs": "bias", "bias_absolute": "bias",
    "cv": "cv_pct", "cv_percent": "cv_pct", "imprecision": "cv_pct", "imprecision_pct": "cv_pct",
    "cva": "cv_pct",
    "cva_pct": "cv_pct", "s": "sd", "standard_deviation": "sd", "level": "mean", "decision_level": "mean",
    "concentration": "mean", "xc": "mean", "true_value": "target", "sigma_metric": "sigma",
    "defect_pct": "defect_percent", "defects_percent": "defect_percent", "defects_pct": "defect_percent",
    "error_percent": "defect_percent", "error_pct": "defect_percent", "rate_percent": "defect_percent",
    "rate_pct": "defect_percent", "percent": "defect_percent", "defect_rate_percent": "defect_percent",
    "defect_rate_pct": "defect_percent", "rate": "defect_rate", "fraction": "defect_rate",
    "share": "defect_rate",
    "defect_fraction": "defect_rate", "proportion": "defect_rate", "ppm": "dpmo", "dpm": "dpmo",
    "defects_per_million": "dpmo", "yield_pct": "yield_percent", "total": "opportunities",
    "n": "opportunities",
    "number": "opportunities", "errors": "defects", "count": "defects", "sigma_shift": "shift",
    "long_term_shift": "shift",
}  # fmt: skip
"""What else the fields are called."""

_RATES = ("defect_percent", "dpmo", "defect_rate", "yield_percent", "defects")
_METRIC = ("tea_pct", "tea", "bias_pct", "bias", "cv_pct", "sd", "mean", "target", "levels")
_DIGITS = Context(prec=15)
QUICK = 4
"""So many values of a run are worked out at once."""


def is_meant(inputs: Inputs) -> bool:
    """Whether these inputs ask for a sigma."""
    return bool(names(inputs, SPELLINGS) & {*_RATES, "tea_pct", "tea", "sigma"})


def answer(inputs: Inputs) -> dict[str, Any]:
    """The metric with its rules, or the short-term sigma of a rate; InputError names field and remedy."""
    found = {key: value for key, value in named(inputs, SPELLINGS).items() if value is not None}
    if any(one in found for one in _RATES):
        return _short_term(found)
    if "tea_pct" in found or "tea" in found:
        return _metric(found)
    if found.keys() & set(_METRIC):
        raise InputError("TEa_pct lacks: give the allowable error, in per cent or in the unit of the test.")
    refuse_unknown(found, ["sigma"])
    if "sigma" not in found:
        raise InputError(
            "TEa_pct lacks: give the allowable error, or a rate of defects such as defect_percent."
        )
    return _rules(as_decimal("sigma", found["sigma"]))


def _metric(found: Inputs) -> dict[str, Any]:
    refuse_unknown(found, _METRIC)
    allowable, bias, imprecision = _in_one_unit(found)
    try:
        metric = sigma_metric(allowable, bias, imprecision)
    except ValueError as fault:
        raise InputError(str(fault)) from fault
    assumed = {} if {"bias", "bias_pct", "target"} & found.keys() else {"assumed": {"bias": 0}}
    return {
        **_rules(metric.sigma),
        "critical_SE": _DIGITS.plus(metric.critical_systematic),
        "critical_RE": _DIGITS.plus(metric.critical_random),
        "quality_goal_index": _DIGITS.plus(metric.quality_goal_index),
        "weakness": metric.weakness.value,
        **assumed,
    }


def _in_one_unit(found: Inputs) -> tuple[Decimal, Decimal, Decimal]:
    """Allowable error, bias and imprecision: all in per cent or, without a mean, in the unit of the test."""
    mean = _optional(found, "mean")
    if mean is not None and mean <= 0:
        raise InputError("mean: give the concentration at which the SD was found; it is above zero.")
    is_relative = mean is not None or any(one.endswith("_pct") for one in found)
    return (
        _one_of(found, "tea", mean, is_relative=is_relative),
        _bias(found, mean, is_relative=is_relative),
        _one_of(found, "cv_pct" if "cv_pct" in found else "sd", mean, is_relative=is_relative),
    )


def _one_of(found: Inputs, field: str, mean: Decimal | None, *, is_relative: bool) -> Decimal:
    """In per cent as given, or of the mean; the field without per cent is in the unit of the test."""
    relative = field if field.endswith("_pct") else f"{field}_pct"
    if relative in found:
        return as_decimal(relative, found[relative])
    if field not in found:
        raise InputError("cv_pct lacks: give the imprecision in per cent, or sd with mean.")
    value = as_decimal(field, found[field])
    if not is_relative:
        return value
    if mean is None:
        raise InputError(f"{field}: beside fields in per cent give {relative}, or mean as well.")
    return value / mean * 100


def _bias(found: Inputs, mean: Decimal | None, *, is_relative: bool) -> Decimal:
    """As given, or of the mean against a target; 0 where nothing is said."""
    if "bias" in found or "bias_pct" in found:
        return _one_of(found, "bias", mean, is_relative=is_relative)
    target = _optional(found, "target")
    if target is None:
        return Decimal(0)
    if mean is None or target <= 0:
        raise InputError("target: a bias needs mean and a target above zero.")
    return (mean - target) / target * 100


def _optional(found: Inputs, field: str) -> Decimal | None:
    return as_decimal(field, found[field]) if field in found else None


def _rules(sigma: Decimal) -> dict[str, Any]:
    two, three = sigma_rules(sigma, 2), sigma_rules(sigma, 3)
    others = {
        name: {"N": one.instead[0], "R": one.instead[1]}
        for name, one in (("levels2", two), ("levels3", three))
        if one.instead
    }
    return {
        "sigma": _DIGITS.plus(sigma),
        "levels2": _chosen(two),
        "levels3": _chosen(three),
        "instead": others,
        "run_size": {"levels2": _run_size(sigma, two, 2), "levels3": _run_size(sigma, three, 3)},
    }


def _chosen(rules: SigmaRules) -> dict[str, Any]:
    return {"rules": rules.text, "N": rules.n, "R": rules.r}


def _run_size(sigma: Decimal, rules: SigmaRules, levels: int) -> int | None:
    """Patient results between events of these rules; None below zero.

    Six values take seconds to work out: the fewer of the other choice stand for them, on the safe side.
    """
    if sigma <= 0:
        return None
    values = min(rules.n, rules.instead[0]) if rules.instead and rules.n > QUICK else rules.n
    return run_size(float(sigma), exact_power(rules.names, levels, values // levels)).results


def _short_term(found: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unknown(found, (*_RATES, "opportunities", "shift"))
    field, rate = _rate(found)
    shift = as_decimal("shift", found.get("shift", SHIFT))
    try:
        sigma = short_term_sigma(rate, shift)
    except ValueError as fault:
        raise InputError(f"{field}: {fault}") from fault
    shown: dict[str, Any] = {
        "short_term_sigma": None if sigma is None else Decimal(repr(round(sigma, 2))),
        "unrounded": None if sigma is None else Decimal(repr(sigma)),
        "dpmo": _DIGITS.plus(rate * MILLION),
        "yield_percent": _DIGITS.plus((1 - rate) * 100),
        "shift": shift,
    }
    if sigma is None:
        shown["refused"] = {"short_term_sigma": {"code": "no_bound", "text": _NO_BOUND}}
    return shown


def _rate(found: Mapping[str, Any]) -> tuple[str, Decimal]:
    """The share of defects, and the field that says it."""
    field = next(one for one in _RATES if one in found)
    value = as_decimal(field, found[field])
    if field == "yield_percent":
        return field, 1 - value / 100
    if field != "defects":
        return field, value / _WHOLE[field]
    if "opportunities" not in found:
        raise InputError("opportunities lacks: give out of how many the defects were counted.")
    total = as_decimal("opportunities", found["opportunities"])
    if total <= 0:
        raise InputError("opportunities: give a number above zero.")
    return field, value / total


_WHOLE = {"defect_percent": Decimal(100), "dpmo": MILLION, "defect_rate": Decimal(1)}
_NO_BOUND = "Without a defect, or with nothing else, sigma has no bound; give the upper limit of the rate."
