"""What a history says to a person who wants a monitor: the candidates, how fast each is, the best."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from aliquot.flow.quality.rules.given import truth
from aliquot.flow.quality.rules.moving.choice import Assessed, Choice, candidates, choose, procedures_for
from aliquot.flow.quality.rules.moving.columns import NAMED_AT_MOST, History
from aliquot.flow.quality.rules.moving.detection import Detected, Error
from aliquot.flow.quality.rules.moving.monitors import as_json
from aliquot.flow.quality.rules.moving.words import integer, real, unknown
from aliquot.registers.catalogue.rules.calculators.quantities import InputError

_TRIALS_AT_MOST = 20_000


def advice(history: History, said: Mapping[str, Any]) -> dict[str, Any]:
    """Candidates, best first, with limits, false alarms and detection curve; InputError for bad options.

    `best` is None where no candidate keeps the rate and finds the allowable error.
    """
    error = _error(said)
    tea, rate = _allowable(said, error), real("alarms_per_day", said.get("alarms_per_day", 0.1))
    generator = np.random.default_rng(_count(said, "seed", 1, least=0))
    try:
        choice = choose(
            history.days,
            candidates(history.days, procedures=procedures_for(error)),
            generator,
            tea=tea,
            alarms_per_day=rate,
            error=error,
            trials=_count(said, "trials", 200),
            most=_count(said, "most", 1000),
            is_within_day=truth("within_day", said.get("within_day", False)),
        )
    except ValueError as fault:
        raise InputError(str(fault)) from fault
    return _about(history) | _shown(choice)


def _error(said: Mapping[str, Any]) -> Error:
    asked = str(said.get("error", Error.PROPORTIONAL)).strip().lower()
    if asked not in set(Error):
        raise unknown("error", asked, list(Error))
    return Error(asked)


def _allowable(said: Mapping[str, Any], error: Error) -> float:
    if said.get("tea") is None:
        raise InputError("tea lacks: give the allowable error, such as --tea 10 for 10 %.")
    tea = real("tea", said["tea"])
    return tea if error is Error.CONSTANT else tea / 100


def _count(said: Mapping[str, Any], key: str, usual: int, least: int = 1) -> int:
    found = integer(key, said.get(key, usual))
    if not least <= found <= _TRIALS_AT_MOST:
        raise InputError(f"{key}: give a whole number from {least} to {_TRIALS_AT_MOST}.")
    return found


def _about(history: History) -> dict[str, Any]:
    found: dict[str, Any] = {
        "days": len(history.days),
        "results": history.results,
        "first_day": history.first,
        "last_day": history.last,
    }
    if history.unusable:
        named = ", ".join(str(one) for one in history.unusable[:NAMED_AT_MOST])
        more = " and others" if len(history.unusable) > NAMED_AT_MOST else ""
        noun = "line" if len(history.unusable) == 1 else "lines"
        words = f"{noun} {named}{more}: there is no day or no number; correct them or leave them out."
        found["faults"] = [{"field": "value", "count": len(history.unusable), "text": words}]
    return found


def _shown(choice: Choice) -> dict[str, Any]:
    shown = [_candidate(one) for one in choice.assessed]
    return {
        "tea": choice.tea,
        "error": str(choice.error),
        "alarms_per_day": choice.alarms_per_day,
        "best": None if choice.best is None else shown[choice.assessed.index(choice.best)],
        "candidates": shown,
        "failed": [{"monitor": as_json(one), "text": words} for one, words in choice.failed],
    }


def _candidate(one: Assessed) -> dict[str, Any]:
    return {
        "monitor": as_json(one.monitor),
        "keeps_rate": one.keeps_rate,
        "false_alarms_per_day": one.detection.false_alarms.per_day,
        "share_of_days_with_alarm": one.detection.false_alarms.share_of_days,
        "slowest_at_tea": _point(one.slowest),
        "curve": [_point(point) for point in one.detection.curve],
    }


def _point(one: Detected) -> dict[str, Any]:
    return {
        "error": one.size,
        "ANPed": one.anped,
        "MNPed": one.mnped,
        "P95": one.p95,
        "undetected": one.undetected,
        "trials": one.trials,
    }
