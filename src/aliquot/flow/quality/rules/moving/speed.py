"""How fast errors are found: numbers of patient results until detection, where some are never detected."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from aliquot.flow.quality.rules.moving.words import Inputs, integer, named, numbers, real, unknown
from aliquot.registers.catalogue.rules.calculators.quantities import InputError, normalised

_MOST = 10**12


def speed_of(given: Inputs) -> dict[str, Any]:
    """ANPed, MNPed and P95 of numbers of results, or of first alarms and the place where the bias starts.

    An error that was not detected is null: it stands above all numbers in MNPed and P95 (null, when they
    fall on it), and counts for ANPed as many results as it was watched (`horizon`), else not at all.
    Source: van Rossum and Kemperman, CCLM 2017;55:218 (bias detection curves: MNPed, 95 % range).
    """
    npeds = _npeds(given)
    if not npeds:
        raise InputError("npeds: give at least one number of results; null where an error was not detected.")
    horizon = real("horizon", given["horizon"]) if "horizon" in given else None
    found = [horizon if one is None else one for one in npeds]
    counted = [one for one in found if one is not None]
    method = _method(given)
    ranked = sorted(math.inf if one is None else one for one in npeds)
    late, lost = _finite(_quantile(ranked, 0.95, method)), npeds.count(None)
    return {
        "ANPed": math.fsum(counted) / len(counted) if counted else None,
        "MNPed": _finite(_quantile(ranked, 0.5, "linear")),
        "P95": late,
        "P95NPed": late,
        "n": len(npeds),
        "n_detected": len(npeds) - lost,
        "n_undetected": lost,
        "share_undetected": lost / len(npeds),
        "NPed": npeds,
    }


def _npeds(given: Inputs) -> list[float | None]:
    if "npeds" in given:
        found = numbers("npeds", given["npeds"])
    elif "trials" in given:
        found = _of_trials(given["trials"])
    else:
        alarms = numbers("first_alarms", given["first_alarms"])
        found = [_nped(one, given.get("bias_start")) for one in alarms]
    if any(one is not None and not 1 <= one <= _MOST for one in found):
        raise InputError("npeds: an error is found by its first result at the earliest; give numbers from 1.")
    return found


def _nped(alarm: float | None, begin: Any) -> float | None:
    if begin is None:
        raise InputError("bias_starts_at_index lacks: from which result on was the bias there, from 0?")
    return None if alarm is None else alarm - integer("bias_starts_at_index", begin) + 1


def _of_trials(raw: Any) -> list[float | None]:
    """Of trials that each are a number, or a place where the bias starts with a first alarm."""
    if not isinstance(raw, list) or not all(isinstance(one, Mapping) for one in raw):
        return numbers("trials", raw)
    return [_of_trial(named(one)) for one in raw]


def _of_trial(one: Inputs) -> float | None:
    if "npeds" in one:
        return real("NPed", one["npeds"])
    alarm = one.get("first_alarms")
    return _nped(None if alarm is None else real("first_alarm_index", alarm), one.get("bias_start"))


def _method(given: Inputs) -> str:
    method = normalised(str(given.get("percentile_method", "linear"))).replace("_", "-")
    if method not in {"linear", "nearest-rank"}:
        raise unknown("percentile_method", given["percentile_method"], ["linear", "nearest-rank"])
    return method


def _quantile(ranked: Sequence[float], share: float, method: str) -> float:
    """Linear between the nearest ranks (Hyndman and Fan, Am Stat 1996;50:361, type 7), or the rank above."""
    if method == "nearest-rank":
        return ranked[max(math.ceil(share * len(ranked)) - 1, 0)]
    rank = share * (len(ranked) - 1)
    below, above = ranked[math.floor(rank)], ranked[math.ceil(rank)]
    return below if below == above else below + (rank - math.floor(rank)) * (above - below)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
