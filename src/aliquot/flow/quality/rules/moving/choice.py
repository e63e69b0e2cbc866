"""Which monitor finds an error of the size that matters soonest, at a rate of false alarms that all keep."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from aliquot.flow.quality.rules.moving.design import Days, design, joined, settled
from aliquot.flow.quality.rules.moving.detection import Detected, Detection, Error, detection
from aliquot.flow.quality.rules.moving.monitors import (
    Limits,
    Monitor,
    Procedure,
    Treatment,
    with_limits,
)

MULTIPLES = (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
"""Sizes of errors that are tried, in allowable errors; with none what is found are false alarms."""

BIAS_PROCEDURES = (Procedure.MEAN, Procedure.MEDIAN, Procedure.EWMA, Procedure.BULL)
SPREAD_PROCEDURES = (Procedure.SD,)
"""A mean or median hardly feels results that scatter more."""
BLOCKS = (20, 50, 100)
CUTS = (0.0, 0.02, 0.05)
"""Shares of the history beyond each truncation limit."""

_BATCH = 20

_HELD_OUT = 1 / 3
_DOUBT = 0.05


@dataclass(frozen=True, slots=True)
class Assessed:
    """One candidate with its limits, and what it does on days that the limits do not know."""

    monitor: Monitor
    detection: Detection
    keeps_rate: bool
    tea: float

    @property
    def slowest(self) -> Detected:
        """The slower of the two directions at the allowable error."""
        return max((self.detection.at(self.tea), self.detection.at(-self.tea)), key=_slowness)

    @property
    def finds(self) -> bool:
        """Whether the median allowable error, up and down, is found twice as soon as a false alarm comes."""
        falsely, truly = self.detection.at(0.0).mnped, self.slowest.mnped
        return truly is not None and (falsely is None or 2 * truly <= falsely)

    @property
    def is_fit(self) -> bool:
        return self.keeps_rate and self.finds


def _slowness(one: Detected) -> tuple[float, float]:
    return (math.inf if one.mnped is None else one.mnped, one.anped)


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates, the best first, and why some were not tried: reasons by candidate."""

    tea: float
    alarms_per_day: float
    error: Error
    assessed: tuple[Assessed, ...]
    failed: tuple[tuple[Monitor, str], ...] = field(default=())

    @property
    def best(self) -> Assessed | None:
        """The first that keeps the rate of false alarms and finds the allowable error, if one does."""
        return next((one for one in self.assessed if one.is_fit), None)


def procedures_for(error: Error) -> tuple[Procedure, ...]:
    """The procedures that can find an error of this kind."""
    return SPREAD_PROCEDURES if error is Error.IMPRECISION else BIAS_PROCEDURES


def candidates(
    days: Days,
    *,
    procedures: Sequence[Procedure] = BIAS_PROCEDURES,
    blocks: Sequence[int] = BLOCKS,
    cuts: Sequence[float] = CUTS,
) -> list[Monitor]:
    """Each procedure with each block, without and with winsorising; Bull with its batch of 20 alone.

    A block of N results is the weight 2 / (N + 1) of an EWMA. Truncation limits are percentiles of the
    history. Winsorising before excluding: Bietenbeck et al., Clin Chem 2020;66:1072.
    """
    values = joined(days)
    return [
        settled(
            days,
            Monitor(
                procedure=procedure,
                block=block,
                lam=2 / (block + 1) if procedure is Procedure.EWMA else None,
                treatment=treatment,
                truncation=truncation,
                start=0.0,
            ),
        )
        for treatment, truncation in (_treatment(values, cut) for cut in cuts)
        for procedure in procedures
        for block in ((_BATCH,) if procedure is Procedure.BULL else blocks)
    ]


def _treatment(values: np.ndarray, cut: float) -> tuple[Treatment, Limits | None]:
    if not cut:
        return Treatment.NONE, None
    lower, upper = np.nanquantile(values, [cut, 1 - cut])
    return Treatment.WINSORISE, Limits(float(lower), float(upper))


def choose(
    days: Days,
    monitors: Sequence[Monitor],
    generator: np.random.Generator,
    *,
    tea: float,
    alarms_per_day: float,
    error: Error = Error.PROPORTIONAL,
    trials: int = 500,
    most: int = 1000,
    is_within_day: bool = False,
    beat: Callable[[int], object] = lambda _tried: None,
) -> Choice:
    """Design and try each candidate, and rank them by results until an error of the allowable size is found.

    Limits come from the first two thirds of the days; false alarms and detection from the last third, which
    the limits do not know. A candidate keeps the rate unless its days with an alarm are more than chance
    would explain (binomial, one-sided, 5 %). `tea` is a share for proportional errors, else in units of the
    results. `beat` hears how many candidates are tried. ValueError when the history is too short for any.
    """
    if not tea > 0:
        raise ValueError("tea: give an allowable error above 0.")
    known = len(days) - round(len(days) * _HELD_OUT)
    sizes = [tea * one for one in MULTIPLES]
    assessed: list[Assessed] = []
    failed: list[tuple[Monitor, str]] = []
    for place, one in enumerate(monitors):
        beat(place)
        try:
            limits = design(days[:known], one, alarms_per_day=alarms_per_day)
            limited = with_limits(one, limits)
            found = detection(
                days[known:], limited, sizes, generator,
                error=error, trials=trials, most=most, is_within_day=is_within_day,
            )  # fmt: skip
        except ValueError as fault:
            failed.append((one, str(fault)))
        else:
            assessed.append(Assessed(limited, found, _keeps(found, alarms_per_day), tea))
    if not assessed:
        raise ValueError(failed[0][1] if failed else "monitors: give at least one candidate.")
    ranked = sorted(assessed, key=lambda one: (not one.keeps_rate, *_slowness(one.slowest)))
    return Choice(tea, alarms_per_day, error, tuple(ranked), tuple(failed))


def _keeps(found: Detection, alarms_per_day: float) -> bool:
    """Whether the days with a false alarm (or the alarms, from one a day on) agree with the stated rate."""
    from scipy.stats import binomtest, poisson

    seen = found.false_alarms
    if alarms_per_day < 1:
        tested = binomtest(seen.alarm_days, seen.days, alarms_per_day, alternative="greater")
        return bool(tested.pvalue >= _DOUBT)
    return bool(poisson.sf(seen.alarms - 1, alarms_per_day * seen.days) >= _DOUBT)
