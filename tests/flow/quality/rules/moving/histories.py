"""Days of results without errors, and detection by plain loops over the live monitor."""

import math
import statistics

import numpy as np
from numpy.typing import NDArray

from aliquot.flow.quality.rules.moving.live import advance, follow
from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, State

Floats = NDArray[np.float64]


def days_of(
    count: int, *, each: int = 100, mean: float = 140.0, sd: float = 3.0, seed: int = 5
) -> list[Floats]:
    chance = np.random.default_rng(seed)
    return [chance.normal(mean, sd, each) for _ in range(count)]


def found_after(one: Monitor, days: list[Floats], place: int, most: int, *change: float) -> float:
    """Results until the live monitor first stands outside, the error beginning at a place; infinite beyond.

    The change is a factor and, perhaps, what is added.
    """
    factor, added = (*change, 0.0)[:2]
    values = np.concatenate(days).tolist()
    state, _ = advance(one, State(), values[:place])
    low, high = one.alarm_bounds
    for count, value in enumerate(values[place : place + most], start=1):
        state, places, series = follow(one, state, [value * factor + added])
        if places and not math.isnan(series[0]) and not low <= series[0] <= high:
            return count
    return math.inf


def alarm_days(one: Monitor, days: list[Floats]) -> tuple[int, int]:
    """How often the live monitor leaves its limits, and on how many days it stands outside."""
    state, alarms, out = State(), 0, 0
    low, high = one.alarm_bounds
    for day in days:
        _, _, series = follow(one, state, day.tolist())
        out += any(value < low or value > high for value in series)
        state, more = advance(one, state, day.tolist())
        alarms += len(more)
    return alarms, out


def weibull(values: list[float], share: float) -> float:
    """The quantile at rank p (n + 1) of n values (Weibull), by hand."""
    ordered = sorted(values)
    rank = min(max(share * (len(ordered) + 1), 1), len(ordered))
    below = math.floor(rank)
    low, high = ordered[below - 1], ordered[min(below, len(ordered) - 1)]
    return low + (rank - below) * (high - low)


def limits_by_hand(one: Monitor, days: list[Floats], share: float) -> Limits:
    state, lowest, highest = State(), [], []
    for day in days:
        state, _, series = follow(one, state, day.tolist())
        moved = [value for value in series if not math.isnan(value)]
        if moved:
            lowest.append(min(moved))
            highest.append(max(moved))
    return Limits(weibull(lowest, share / 2), weibull(highest, 1 - share / 2))


def summary(npeds: list[float], most: int) -> tuple[float, float | None, float]:
    """ANPed, MNPed and the share undetected by hand."""
    middle = statistics.median(npeds)
    return (
        statistics.fmean(min(one, most) for one in npeds),
        middle if math.isfinite(middle) else None,
        npeds.count(math.inf) / len(npeds),
    )
