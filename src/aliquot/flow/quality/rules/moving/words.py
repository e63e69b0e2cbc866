"""The names in which people write the inputs of a patient-based monitor, and how their values are read."""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from aliquot.flow.quality.rules.moving.monitors import Limits
from aliquot.registers.catalogue.rules.calculators.quantities import InputError, normalised

Inputs = Mapping[str, Any]


def _by_alias(names: Mapping[str, str]) -> dict[str, str]:
    return {alias: name for name, aliases in names.items() for alias in (name, *aliases.split())}


_KEYS = _by_alias({
    "results": "values data measurements patient_results x observations series",
    "algo": "algorithm procedure method statistic kind",
    "block": "block_size blocksize window window_size n batch_size span width",
    "lam": "lambda alpha weight smoothing smoothing_factor lambda_ewma",
    "start": "prev previous initial initial_value start_value xb_prev previous_xb prev_xb x0 z0 seed target",
    "truncation": "truncation_limits trunc truncate inclusion bounds"
                  " winsorisation_limits winsorization_limits",
    "truncation_lower": "ll lower_truncation lower_trunc trunc_lower truncation_low low_trunc",
    "truncation_upper": "ul upper_truncation upper_trunc trunc_upper truncation_high high_trunc",
    "mode": "truncation_mode treatment trunc_mode outlier_mode outliers_mode",
    "transform": "transformation",
    "power": "boxcox_lambda box_cox_lambda lambda_boxcox transform_lambda lambda_box_cox bc_lambda",
    "is_batched": "batch batched stepping windowing window_type window_mode update",
    "normal": "outlier_limits reference_limits reference_interval normal_limits cutoffs cutoff",
    "normal_lower": "lower_cutoff lower_outlier_limit lower_reference_limit",
    "normal_upper": "upper_cutoff upper_outlier_limit upper_reference_limit",
    "percentile": "quantile pct percent",
    "r": "damping",
    "control_limits": "limits cl alarm_limits action_limits",
    "lcl": "lower_control_limit control_lower lower_limit",
    "ucl": "upper_control_limit control_upper upper_limit",
    "bias_start": "bias_starts_at_index bias_starts_at bias_index bias_start_index bias_at_index bias_at"
                  " bias_from_index error_starts_at_index error_start",
    "bias": "bias_absolute absolute_bias shift",
    "bias_percent": "bias_pct percent_bias relative_bias_percent",
    "smoothed": "smoothed_without_na smoothed_values series_without_na without_na smoothed_wo_na",
    "npeds": "run_lengths detections results_until_detection",
    "first_alarms": "first_alarm_indices first_alarm_indexes first_alarm_index alarms_at",
    "trials": "simulations",
    "horizon": "max_results max_samples most censored_at",
    "percentile_method": "quantile_method",
})  # fmt: skip

PROCEDURES = _by_alias({
    "moving_average": "ma mean moving_mean movavg mov_avg sma simple_moving_average rolling_mean average"
                      " average_of_normals aon moving_averages xbar",
    "moving_median": "median movmed mov_med mm rolling_median moving_medians",
    "ewma": "ema exponentially_weighted_moving_average exponential_moving_average moving_ewma",
    "moving_sd": "sd movsd mov_sd moving_standard_deviation rolling_sd standard_deviation movstd moving_std",
    "bull": "bulls bull_s bull_algorithm bulls_algorithm bull_s_algorithm xb x_b xbarb xbar_b x_bar_b",
    "moving_sum_of_outliers": "movso mov_so mso moso sum_of_outliers moving_outliers outliers"
                              " moving_sum_of_positive_results moving_sum moving_sum_outliers",
    "moving_percentile": "percentile moving_percentiles movp moving_quantile rolling_percentile",
})  # fmt: skip
TREATMENTS = _by_alias({
    "none": "off no keep",
    "exclude": "exclusion excluded delete del remove removal truncate truncated truncation trim drop reject"
               " discard omit",
    "winsorise": "winsorize winsor winsorised winsorized winsorisation winsorization clip clamp cap replace",
})  # fmt: skip
TRANSFORMS = _by_alias({
    "none": "identity off",
    "log": "ln natural_log loge log_e",
    "log10": "log_10 lg",
    "sqrt": "square_root root",
    "box_cox": "boxcox",
})  # fmt: skip
CARRIED = {
    "carry_forward_of_smoothed_value",
    "carry_forward",
    "carry_forward_of_smoothed_values",
    "carried_forward",
    "carry_forward_smoothed_value",
    "locf",
}
_STEPPING = {"sliding", "moving", "rolling", "continuous", "batch", "batches", "batched"}


def is_meant(inputs: Inputs) -> bool:
    """Whether patient-based control is asked for: results, an algorithm, or how fast errors were found."""
    return any(_name(str(key)) in _TELLING for key in inputs)


_TELLING = {"results", "algo", "smoothed", "npeds", "first_alarms", "trials"}


def _name(key: str) -> str | None:
    """Our name for an input; whatever begins with NPed is a list of them."""
    name = normalised(key)
    return _KEYS.get(name, "npeds" if name.startswith("nped") else None)


def named(inputs: Inputs) -> dict[str, Any]:
    """The inputs by the names used here, without those that are null; InputError for a name nobody knows."""
    if set(inputs) == {"inputs"} and isinstance(inputs["inputs"], Mapping):
        inputs = inputs["inputs"]
    found: dict[str, Any] = {}
    for key, value in inputs.items():
        name = _name(str(key))
        if normalised(str(key)) in _NOTES:
            continue
        if name is None:
            raise InputError(f"{key}: not known here; use {', '.join(sorted(set(_KEYS.values())))}.")
        if value is not None and name in found:
            raise InputError(f"{key}: {name} is given twice; leave one of them.")
        if value is not None:
            found[name] = value
    if isinstance(found.get("mode"), str) and normalised(found["mode"]) in _STEPPING:
        found.setdefault("is_batched", found.pop("mode"))
    if isinstance(found.get("is_batched"), list):  # a batch of results, not a way of stepping
        found.setdefault("results", found.pop("is_batched"))
    return found


_NOTES = {
    "note",
    "notes",
    "analyte",
    "test",
    "unit",
    "units",
    "id",
    "title",
    "comment",
    "analyzer",
    "lot",
    "name",
}


def real(key: str, raw: Any) -> float:
    """A finite number from a JSON number or a text with one."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        raise InputError(f"{key}: {raw!r} is no number.")
    try:
        value = float(raw.strip() if isinstance(raw, str) else raw)
    except (ValueError, OverflowError) as fault:
        raise InputError(
            f"{key}: {raw!r} is no number; write it with a decimal point and without a unit."
        ) from fault
    if not math.isfinite(value):
        raise InputError(f"{key}: {raw!r} is no finite number.")
    return value


def integer(key: str, raw: Any) -> int:
    value = real(key, raw)
    if value != int(value):
        raise InputError(f"{key}: {raw!r} is no whole number.")
    return int(value)


def numbers(key: str, raw: Any) -> list[float | None]:
    """A list of numbers; null, an empty text and NA stand for a result that lacks."""
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        raise InputError(f"{key}: give a list of numbers in brackets.")
    return [None if _lacks(one) else real(f"{key}[{place}]", one) for place, one in enumerate(raw)]


def _lacks(raw: Any) -> bool:
    return raw is None or (isinstance(raw, str) and raw.strip().lower() in {"", "na", "nan", "null", "none"})


def pair(given: Inputs, key: str, lower: str, upper: str) -> Limits | None:
    """Two limits: a list, an object with lower and upper, or two inputs; null on an open side."""
    raw = given.get(key)
    if isinstance(raw, Mapping):
        words = {normalised(str(one)): value for one, value in raw.items()}
        raw = [_first(words, "lower low ll lcl min from"), _first(words, "upper high ul ucl max to")]
    if raw is None:
        raw = [given.get(lower), given.get(upper)]
        if raw == [None, None]:
            return None
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) != 2:  # noqa: PLR2004 - a pair
        raise InputError(f"{key}: give [lower, upper].")
    low, high = (None if one is None else real(key, one) for one in raw)
    if low is not None and high is not None and low > high:
        raise InputError(f"{key}: the lower limit {raw[0]} lies above the upper {raw[1]}; exchange them.")
    return Limits(-math.inf if low is None else low, math.inf if high is None else high)


def _first(words: Inputs, names: str) -> Any:
    return next((words[name] for name in names.split() if name in words), None)


def is_batch(raw: Any) -> bool:
    """Whether the statistic is looked at once per block: true, false, or the name of the way."""
    if isinstance(raw, bool):
        return raw
    name = normalised(str(raw))
    if name in {"batch", "batches", "batched", "block", "blocks", "fixed", "true", "yes"}:
        return True
    if name in {"sliding", "moving", "rolling", "continuous", "each", "false", "no"}:
        return False
    raise unknown("batch", raw, ["sliding", "batch"])


def unknown(key: str, raw: Any, known: Iterable[str]) -> InputError:
    return InputError(f"{key}: {raw!r} is none of {', '.join(known)}.")
