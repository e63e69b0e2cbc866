"""How fast a monitor finds errors that are put on a laboratory's own results at places drawn at random.

Source: van Rossum and Kemperman, CCLM 2017;55:218 (bias detection curves); Loh et al., CCLM 2020
(cclm-2019-1024); Bietenbeck et al., Clin Chem 2020;66:1072.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from aliquot.flow.quality.rules.moving.design import Days, FalseAlarms, false_alarms, joined
from aliquot.flow.quality.rules.moving.monitors import Monitor, Procedure
from aliquot.flow.quality.rules.moving.whole import (
    Floats,
    counted_of,
    held,
    is_outside,
    series_of,
    statistics,
)

Places = NDArray[np.intp]

_CELLS = 2_000_000
"""Results of all trials that are held in memory at once."""
_SOON = 150


class Error(StrEnum):
    """What an error of size e makes of a result x."""

    PROPORTIONAL = "proportional"  # x (1 + e)
    CONSTANT = "constant"  # x + e
    IMPRECISION = "imprecision"  # x (1 + e z), z from the standard normal distribution


@dataclass(frozen=True, slots=True)
class Detected:
    """Results of patients until an error of this size was found, the first with the error counted as 1.

    An error not found within the trial stands above all numbers in `mnped` (median) and `p95` (None, when
    they fall on it) and counts in `anped` (mean) as many results as it was watched: a lower bound where
    `undetected`, the share of such trials, is above 0.
    """

    size: float
    trials: int
    anped: float
    mnped: float | None
    p95: float | None
    undetected: float


@dataclass(frozen=True, slots=True)
class Detection:
    false_alarms: FalseAlarms
    curve: tuple[Detected, ...]

    def at(self, size: float) -> Detected:
        """The point of the curve for an error of this size; KeyError when it was not tried."""
        found = {one.size: one for one in self.curve}
        return found[size]


@dataclass(frozen=True, slots=True)
class _Trials:
    """Where errors begin: places, how many results counted before, how many are watched, level before."""

    places: Places
    before: Places
    watched: Places
    levels: Floats

    def part(self, cut: slice | Places) -> "_Trials":
        return _Trials(self.places[cut], self.before[cut], self.watched[cut], self.levels[cut])


@dataclass(frozen=True, slots=True)
class _History:
    """All results in a row as a monitor sees them: those that count, how many before each, ends of days."""

    monitor: Monitor
    values: Floats
    counted: Floats
    before: Places
    ends: Places


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: Error
    size: float
    generator: np.random.Generator

    def of(self, values: Floats) -> Floats:
        if self.kind is Error.CONSTANT:
            return values + self.size
        if self.kind is Error.IMPRECISION:
            return values * (1 + self.size * self.generator.standard_normal(values.shape))
        return values * (1 + self.size)


def detection(
    days: Days,
    monitor: Monitor,
    sizes: Sequence[float],
    generator: np.random.Generator,
    *,
    error: Error = Error.PROPORTIONAL,
    trials: int = 1000,
    most: int = 1000,
    is_within_day: bool = False,
) -> Detection:
    """The detection curve of a monitor with limits, and its false alarms over the same history.

    Each trial begins where the statistic is inside, at a place drawn at random (the same for each size),
    and ends at detection, after `most` results or, if `is_within_day`, with the day. ValueError for a
    monitor without limits and for a history shorter than a trial.
    """
    if trials < 1 or most < 1:
        raise ValueError("trials, most: give at least 1 of each.")
    found = false_alarms(days, monitor)
    history = _history(days, monitor)
    places = generator.choice(_beginnings(history, 1 if is_within_day else most), size=trials)
    drawn = _trials(history, places, most, is_within_day=is_within_day)
    curve = tuple(
        _summary(size, _npeds(history, drawn, _Fault(error, size, generator)), drawn.watched)
        for size in sizes
    )
    return Detection(found, curve)


def _history(days: Days, monitor: Monitor) -> _History:
    values = joined(days)
    counted = counted_of(monitor, values)
    is_counted = ~np.isnan(counted)
    lengths = np.array([len(one) for one in days])
    ends = np.repeat(np.cumsum(lengths), lengths)
    return _History(monitor, values, counted[is_counted], np.cumsum(is_counted) - is_counted, ends)


def _levels(history: _History) -> Floats:
    """The statistic that stands before each result."""
    return np.concatenate([[math.nan], held(series_of(history.monitor, history.values))[:-1]])


def _beginnings(history: _History, whole: int) -> Places:
    """Where an error may begin: a block is full and inside its limits, and `whole` results follow."""
    fits = (history.before >= history.monitor.block) & ~is_outside(history.monitor, _levels(history))
    fits[max(len(fits) - whole + 1, 0) :] = False
    if not fits.any():
        raise ValueError("history: it is shorter than a block and a trial; give more results or watch fewer.")
    return np.flatnonzero(fits)


def _trials(history: _History, places: Places, most: int, *, is_within_day: bool) -> _Trials:
    ends = history.ends[places] if is_within_day else np.full(len(places), len(history.values))
    return _Trials(places, history.before[places], np.minimum(ends - places, most), _levels(history)[places])


def _npeds(history: _History, drawn: _Trials, fault: _Fault) -> Floats:
    """Results until detection in each trial; infinite for one without detection."""
    longest = int(drawn.watched.max())
    if fault.kind is Error.IMPRECISION or longest <= _SOON:
        return _until(history, drawn, longest, fault)
    found = _until(
        history, drawn, _SOON, fault
    )  # most errors are found soon: the rest are watched again for longer
    late = np.flatnonzero(np.isinf(found) & (drawn.watched > _SOON))
    if len(late):
        found[late] = _until(history, drawn.part(late), longest, fault)
    return found


def _until(history: _History, drawn: _Trials, longest: int, fault: _Fault) -> Floats:
    at_once = max(_CELLS // (longest + history.monitor.block), 1)
    return np.concatenate(
        [
            _detections(history, drawn.part(slice(begin, begin + at_once)), longest, fault)
            for begin in range(0, len(drawn.places), at_once)
        ]
    )


def _detections(history: _History, drawn: _Trials, longest: int, fault: _Fault) -> Floats:
    lead = _lead(history, drawn)
    behind = lead.shape[1]
    rows = np.concatenate([lead, _with_error(history, drawn, longest, fault)], axis=1)
    order, series = _series(history.monitor, rows, drawn.levels)
    out = is_outside(history.monitor, series)  # never before the error: no block is full there
    first = np.take_along_axis(order, out.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    return np.where(out.any(axis=1), first - behind + 1.0, math.inf)


def _lead(history: _History, drawn: _Trials) -> Floats:
    """The results before the error that its first statistics still see; NaN for those of a block before."""
    monitor = history.monitor
    if monitor.procedure is Procedure.EWMA:
        return np.empty((len(drawn.places), 0))
    behind = np.arange(1 - monitor.block, 0)
    found: Floats = history.counted[drawn.before[:, np.newaxis] + behind]
    if monitor.steps_by_block:
        found[-behind > (drawn.before % monitor.block)[:, np.newaxis]] = math.nan
    return found


def _with_error(history: _History, drawn: _Trials, longest: int, fault: _Fault) -> Floats:
    """The results watched, with the error, as they count; NaN beyond the trial."""
    ahead = np.arange(longest)
    places = np.minimum(drawn.places[:, np.newaxis] + ahead, len(history.values) - 1)
    found = counted_of(history.monitor, fault.of(history.values[places]))
    found[ahead >= drawn.watched[:, np.newaxis]] = math.nan
    return found


def _series(monitor: Monitor, rows: Floats, levels: Floats) -> tuple[Places, Floats]:
    """Whence each result that counts comes, all drawn to the left, and the statistic after each."""
    is_counted = ~np.isnan(rows)
    order = np.argsort(~is_counted, axis=1, kind="stable")
    packed = np.take_along_axis(rows, order, axis=1)
    beyond = np.arange(rows.shape[1]) >= is_counted.sum(axis=1)[:, np.newaxis]
    packed[beyond] = levels.mean()  # any finite number: what is computed from it is struck out
    series = statistics(monitor, packed, levels)
    series[beyond] = math.nan
    return order, series


def _summary(size: float, npeds: Floats, watched: Places) -> Detected:
    ranked = np.sort(npeds)
    late = float(ranked[math.ceil(0.95 * len(ranked)) - 1])
    return Detected(
        size=float(size),
        trials=len(npeds),
        anped=float(np.minimum(npeds, watched).mean()),
        mnped=_finite(float(np.median(npeds))),
        p95=_finite(late),
        undetected=float(np.isinf(npeds).mean()),
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
