"""From named inputs to what a patient-based monitor says: the statistic, its alarms, its speed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from aliquot.flow.quality.rules.moving.live import follow, unscaling
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    State,
    Transform,
    Treatment,
)
from aliquot.flow.quality.rules.moving.speed import speed_of
from aliquot.flow.quality.rules.moving.words import (
    CARRIED,
    PROCEDURES,
    TRANSFORMS,
    TREATMENTS,
    Inputs,
    integer,
    is_batch,
    is_meant,
    named,
    numbers,
    pair,
    real,
    unknown,
)
from aliquot.registers.catalogue.rules.calculators.quantities import InputError, normalised

Answer = dict[str, Any]
Series = list[float | None]

__all__ = ["answer", "is_meant"]

_USUAL_BATCH = 20


def answer(inputs: Mapping[str, Any]) -> Answer:
    """The series and what follows from it; InputError, which names the field and the remedy, for bad inputs.

    Always: `series` (one value per result; a result that does not count repeats the value before it),
    `series_of_included`, `n_included`. Bull: `xb` and, batch by batch, `xb_series`. With control limits:
    `alarms` (indices, from 0, at which the statistic lies outside) and `first_alarm_index`; with a place
    where a bias starts, `NPed` and `false_positive_before_bias`. Numbers of results until detection:
    `ANPed`, `MNPed`, `P95`. A value that does not exist (a window not yet full, a bias never detected) is
    None.
    """
    given = named(inputs)
    if given.keys() & {"npeds", "first_alarms", "trials"}:
        return speed_of(given)
    if "results" not in given:
        raise InputError("results lacks: give the list of patient results, oldest first.")
    if "smoothed" in given or normalised(str(given.get("algo", ""))) in CARRIED:
        return _carried_forward(given)
    return _followed(given)


def _followed(given: Inputs) -> Answer:
    results = _biased(given, numbers("results", given["results"]))
    monitor = _monitor(given, results)
    counted = [math.nan if one is None else one for one in results]
    _, places, statistic = follow(monitor, State(), counted)
    included: Series = [one if math.isfinite(one) else None for one in statistic]
    by_place = dict(zip(places, included, strict=True))
    series = _held([by_place.get(place) for place in range(len(results))])
    shown: Answer = {"series": series, "series_of_included": _held(included), "n_included": len(included)}
    if monitor.transform is not Transform.NONE and monitor.procedure not in {
        Procedure.SD,
        Procedure.OUTLIERS,
    }:
        shown["series_in_units"] = [None if one is None else _in_units(monitor, one) for one in series]
    if monitor.procedure is Procedure.BULL:
        shown["xb"] = series[-1] if series else None
        shown["xb_series"] = [one for one in included if one is not None]
    return shown | _alarms(given, monitor, by_place, len(results))


def _in_units(monitor: Monitor, statistic: float) -> float | None:
    try:
        found = unscaling(monitor)(statistic)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _held(series: Sequence[float | None]) -> Series:
    found: Series = []
    for one in series:
        found.append(found[-1] if one is None and found else one)
    return found


def _alarms(given: Inputs, monitor: Monitor, by_place: Mapping[int, float | None], count: int) -> Answer:
    """Where the statistic moved to or stayed beyond the limits; a value on the limit is inside."""
    begin = _start_of_bias(given, count)
    if monitor.limits is None:
        if begin is None or "bias" in given or "bias_percent" in given:
            return {}
        raise InputError("control_limits lacks: give [lower, upper], beyond which the statistic is an alarm.")
    low, high = monitor.alarm_bounds
    outside = [place for place, one in by_place.items() if one is not None and not low <= one <= high]
    late = [place for place in outside if begin is None or place >= begin]
    shown: Answer = {
        "alarms": outside,
        "n_alarms": len(outside),
        "first_alarm_index": late[0] if late else None,
    }
    if begin is not None:
        shown["NPed"] = late[0] - begin + 1 if late else None
        shown["false_positive_before_bias"] = len(outside) - len(late)
    return shown


def _start_of_bias(given: Inputs, count: int) -> int | None:
    if "bias_start" not in given:
        return None
    begin = integer("bias_starts_at_index", given["bias_start"])
    if not 0 <= begin <= count:
        raise InputError(f"bias_starts_at_index: {begin} is no place among {count} results, counted from 0.")
    return begin


def _biased(given: Inputs, results: Series) -> Series:
    """The results with the bias that was asked for, from its start on; as they are where none was."""
    if "bias" not in given and "bias_percent" not in given:
        return results
    begin = _start_of_bias(given, len(results)) or 0
    added = real("bias", given.get("bias", 0))
    factor = 1 + real("bias_percent", given.get("bias_percent", 0)) / 100
    return [
        one if one is None or place < begin else one * factor + added for place, one in enumerate(results)
    ]


def _carried_forward(given: Inputs) -> Answer:
    """Of a smoothed series without the results that lack one with them: each repeats the value before it."""
    results = numbers("results", given["results"])
    if "smoothed" not in given:
        raise InputError("smoothed_without_na lacks: give the smoothed values of the results that there are.")
    smoothed = numbers("smoothed_without_na", given["smoothed"])
    present = [place for place, one in enumerate(results) if one is not None]
    if len(present) != len(smoothed):
        raise InputError(
            f"smoothed_without_na: {len(smoothed)} values for {len(present)} results; give one for each"
            " that is not null."
        )
    by_place = dict(zip(present, smoothed, strict=True))
    series = _held([by_place.get(place) for place in range(len(results))])
    return {"series": series, "series_of_included": smoothed, "n_included": len(present)}


def _monitor(given: Inputs, results: Series) -> Monitor:
    procedure = _choice(given, "algo", Procedure, PROCEDURES)
    truncation = pair(given, "truncation", "truncation_lower", "truncation_upper")
    transform, power = _transform(given, procedure)
    block = _block(given, procedure, len(results))
    try:
        return Monitor(
            procedure=procedure,
            block=block,
            lam=_weight(given, procedure, block),
            treatment=_treatment(given, truncation),
            truncation=truncation,
            transform=transform,
            power=power,
            start=_start(given, procedure),
            is_batched=_is_batched(given, procedure),
            normal=pair(given, "normal", "normal_lower", "normal_upper"),
            percentile=_percentile(given),
            damping=real("r", given.get("r", 1)),
            limits=pair(given, "control_limits", "lcl", "ucl"),
        )
    except ValueError as fault:
        raise fault if isinstance(fault, InputError) else InputError(str(fault)) from fault


def _choice(given: Inputs, key: str, kind: Any, spellings: Mapping[str, str]) -> Any:
    if key not in given:
        raise InputError(f"{key} lacks: one of {', '.join(kind)}.")
    name = normalised(str(given[key]))
    try:
        return kind(spellings.get(name, name))
    except ValueError as fault:
        raise unknown(key, given[key], list(kind)) from fault


def _treatment(given: Inputs, truncation: Limits | None) -> Treatment:
    """Without a mode a result beyond the limits is left out; without limits nothing is."""
    if truncation is None and "mode" not in given:
        return Treatment.NONE
    asked: Treatment = _choice({"mode": "exclude"} | dict(given), "mode", Treatment, TREATMENTS)
    return Treatment.NONE if truncation is None else asked


def _transform(given: Inputs, procedure: Procedure) -> tuple[Transform, float | None]:
    asked, power = given.get("transform"), given.get("power")
    if isinstance(asked, Mapping):
        words = {normalised(key): value for key, value in asked.items()}
        power = next((words[key] for key in ("lambda", "power", "lam", "box_cox") if key in words), power)
        asked = words.get("name", words.get("kind", words.get("transform", "box_cox")))
    if asked is None and power is None:
        return Transform.NONE, None
    found = _choice({"transform": "box_cox" if asked is None else asked}, "transform", Transform, TRANSFORMS)
    if found is Transform.BOX_COX and power is None and procedure is not Procedure.EWMA:
        power = given.get("lam")
    return found, None if power is None else real("boxcox_lambda", power)


def _block(given: Inputs, procedure: Procedure, count: int) -> int:
    if "block" in given:
        return integer("block", given["block"])
    if procedure is Procedure.EWMA:
        return 1
    if procedure is Procedure.BULL:
        return min(_USUAL_BATCH, max(count, 1))
    raise InputError("block lacks: give the number of results in the window.")


def _weight(given: Inputs, procedure: Procedure, block: int) -> float | None:
    """The weight that was given, or that of a span of N results, 2 / (N + 1)."""
    if procedure is not Procedure.EWMA:
        return None
    if "lam" in given:
        return real("lam", given["lam"])
    if "block" not in given:
        raise InputError("lam lacks: give the weight of the newest result, above 0 and at most 1.")
    return 2 / (block + 1)


def _start(given: Inputs, procedure: Procedure) -> float | None:
    if "start" in given:
        return real("prev" if procedure is Procedure.BULL else "start", given["start"])
    if procedure is Procedure.BULL:
        raise InputError("prev lacks: Bull needs the level before the batch.")
    return None


def _is_batched(given: Inputs, procedure: Procedure) -> bool:
    if "is_batched" not in given or procedure in {Procedure.EWMA, Procedure.BULL}:
        return False
    return is_batch(given["is_batched"])


def _percentile(given: Inputs) -> float:
    asked = real("percentile", given.get("percentile", 50))
    return asked * 100 if 0 < asked < 1 else asked
