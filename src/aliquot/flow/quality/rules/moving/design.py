"""Control limits from a laboratory's own history, for the rate of false alarms that it can live with.

A history is one array of results per day, oldest first, of a time without known errors. Its alarms are
taken for false.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aliquot.flow.quality.rules.moving.monitors import Limits, Monitor, Procedure, with_limits
from aliquot.flow.quality.rules.moving.whole import Floats, counted_of, is_outside, series_of

Days = Sequence[Floats]

_DAILY = "alarms_per_day"
_BY_RESULTS = "results_per_alarm"


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What a monitor does over a history: how often it leaves its limits, on how many of how many days."""

    alarms: int
    alarm_days: int
    days: int
    results: int

    @property
    def per_day(self) -> float:
        return self.alarms / self.days

    @property
    def share_of_days(self) -> float:
        return self.alarm_days / self.days


def by_day(labels: Sequence[Hashable], values: Sequence[float]) -> list[Floats]:
    """One array per day from a column of days and one of results; ValueError when a day comes back."""
    if len(labels) != len(values):
        raise ValueError("value: give one for each day.")
    begins = [place for place in range(len(labels)) if not place or labels[place] != labels[place - 1]]
    if len({labels[place] for place in begins}) != len(begins):
        raise ValueError("day: the results of a day stand apart; sort them by time.")
    found = np.asarray(values, dtype=np.float64)
    return np.split(found, begins[1:]) if begins else []


def joined(days: Days) -> Floats:
    """All results in a row; ValueError where there is none."""
    if not any(len(one) for one in days):
        raise ValueError("history: there is no result; give the results of at least one day.")
    return np.concatenate(days)


def settled(days: Days, monitor: Monitor) -> Monitor:
    """The monitor that starts from the mean of the history, treated and transformed."""
    return replace(monitor, start=float(np.nanmean(counted_of(monitor, joined(days)))))


def design(
    days: Days,
    monitor: Monitor,
    *,
    alarms_per_day: float | None = None,
    results_per_alarm: float | None = None,
) -> Limits:
    """Limits which this history leaves as rarely as stated; ValueError when it is too short to know.

    `alarms_per_day` below 1 is the share of days with a false alarm: each limit lets half of it pass among
    the daily lowest and highest statistics (Bietenbeck et al., Clin Chem 2020;66:1072; van Rossum and
    Kemperman, CCLM 2017;55:218). From 1 on, and as `results_per_alarm`, it is the number of times that the
    statistic leaves its limits, which cut equal shares of its distribution. One of the two is given.
    """
    if (alarms_per_day is None) == (results_per_alarm is None):
        raise ValueError("alarms_per_day, results_per_alarm: state one of them.")
    series = series_of(monitor, joined(days))
    if np.isnan(series).all():
        raise ValueError(
            "history: no result counts, or no block is full; give more results or a smaller block."
        )
    if alarms_per_day is not None:
        if not alarms_per_day > 0:
            raise ValueError("alarms_per_day: state a rate above 0.")
        return (
            _by_extremes(days, series, alarms_per_day)
            if alarms_per_day < 1
            else _by_count(series, alarms_per_day * len(days))
        )
    if results_per_alarm is None or not results_per_alarm > 0:
        raise ValueError("results_per_alarm: state a number above 0.")
    return _by_count(series, len(series) / results_per_alarm)


def _by_extremes(days: Days, series: Floats, share: float) -> Limits:
    lowest, highest = _daily_extremes(days, series)
    needed = math.ceil(2 / share) - 1
    if len(lowest) < needed:
        raise ValueError(
            f"history: {len(lowest)} days cannot show {share:g} false alarms a day;"
            f" give {needed} days or more, or permit more alarms."
        )
    lower = np.quantile(lowest, share / 2, method="weibull")
    return Limits(float(lower), float(np.quantile(highest, 1 - share / 2, method="weibull")))


def _daily_extremes(days: Days, series: Floats) -> tuple[Floats, Floats]:
    """The lowest and highest statistic of each day that has one."""
    ends = np.cumsum([len(one) for one in days])
    daily = [one[~np.isnan(one)] for one in np.split(series, ends[:-1])]
    moved = [one for one in daily if len(one)]
    return np.array([one.min() for one in moved]), np.array([one.max() for one in moved])


def _by_count(series: Floats, permitted: float) -> Limits:
    """The narrowest limits, at equal ranks from both ends, that are left no more often than permitted."""
    if permitted < 1:
        raise ValueError(
            "history: it is shorter than the time to one alarm; give more results, or permit more."
        )
    moved = series[~np.isnan(series)]
    ranked = np.sort(moved)

    def limits(rank: int) -> Limits:
        return Limits(float(ranked[rank]), float(ranked[-1 - rank]))

    kept, beyond, most = 0, 1, (len(ranked) - 1) // 2
    while beyond <= most and _leavings(moved, limits(beyond)) <= permitted:
        kept, beyond = beyond, 2 * beyond
    beyond = min(beyond, most + 1)
    while beyond - kept > 1:
        middle = (kept + beyond) // 2
        kept, beyond = (middle, beyond) if _leavings(moved, limits(middle)) <= permitted else (kept, middle)
    return limits(kept)


def _leavings(moved: Floats, limits: Limits) -> int:
    """How often a statistic goes from inside, or from the other side, to a side."""
    sides = _sides(moved, limits)
    return int(np.count_nonzero((sides != 0) & (sides != np.concatenate([[0], sides[:-1]]))))


def _sides(moved: Floats, limits: Limits) -> NDArray[np.int8]:
    watching = with_limits(Monitor(procedure=Procedure.MEAN), limits)
    return np.where(is_outside(watching, moved), np.where(moved > limits.upper, 1, -1), 0).astype(np.int8)


def false_alarms(days: Days, monitor: Monitor) -> FalseAlarms:
    """How often the monitor leaves its limits over a history without errors; ValueError without limits."""
    if monitor.limits is None:
        raise ValueError("limits: the monitor has none; design them first.")
    values = joined(days)
    series = series_of(monitor, values)
    ends = np.cumsum([len(one) for one in days])
    daily = np.split(is_outside(monitor, series), ends[:-1])
    alarms = _leavings(series[~np.isnan(series)], monitor.limits)
    return FalseAlarms(alarms, sum(bool(one.any()) for one in daily), len(days), len(values))
