"""A monitor that follows results as they come: pure Python, a microsecond a result, no drift, bounded memory.

Windows add and never subtract: the sum of a sliding window is the sum of its part in the running block and
the sum of its part in the block before (van Herk, Pattern Recognit Lett 1992;13:517), so that an error of
rounding lives two blocks at most.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from itertools import accumulate

from aliquot.flow.quality.rules.moving.monitors import (
    Alarm,
    Monitor,
    Procedure,
    State,
    Transform,
    Treatment,
)

Series = list[float]
Stepped = tuple[Series, float, tuple[float, ...]]
"""The statistic after each result that counted, Bull's unfinished part, the ring."""


def advance(monitor: Monitor, state: State, values: Sequence[float]) -> tuple[State, list[Alarm]]:
    """The state after these results and an alarm for each time that the statistic left its limits.

    While the statistic stays outside no further alarm is given: `state.outside` says that it is. Not finite
    values do not count. The same results in other portions give the same state and the same alarms.
    """
    after, places, series = follow(monitor, state, values)
    low, high = monitor.alarm_bounds
    alarms: list[Alarm] = []
    outside = state.outside
    for place, statistic in zip(places, series, strict=True):
        if low <= statistic <= high:
            outside = 0
        elif statistic == statistic:  # noqa: PLR0124 - the fastest way to know NaN
            side = 1 if statistic > high else -1
            if side != outside:
                alarms.append(_alarm(monitor, state, place, statistic, side))
            outside = side
    return State(after.seen, after.taken, outside, after.level, after.part, after.ring), alarms


def _alarm(monitor: Monitor, state: State, place: int, statistic: float, side: int) -> Alarm:
    if monitor.limits is None:
        raise AssertionError("without limits nothing is outside")
    limit = monitor.limits.upper if side > 0 else monitor.limits.lower
    return Alarm(place, state.seen + place + 1, statistic, limit)


def follow(monitor: Monitor, state: State, values: Sequence[float]) -> tuple[State, Sequence[int], Series]:
    """The state after the values, the places of those that counted, and the statistic after each of them.

    NaN stands until the window is full and, where the monitor steps by block, between the blocks.
    """
    places, kept = _counted(monitor, values)
    series, part, ring = _STEPS[monitor.procedure](monitor, state, kept)
    if monitor.is_batched:
        series = [
            one if count % monitor.block == 0 else math.nan
            for count, one in enumerate(series, start=state.taken + 1)
        ]
    level = next((one for one in reversed(series) if not math.isnan(one)), state.level)
    return (
        State(state.seen + len(values), state.taken + len(kept), state.outside, level, part, ring),
        places,
        series,
    )


def _counted(monitor: Monitor, values: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
    """The places and values that count, treated and transformed."""
    lower, upper = monitor.bounds
    if not values or (math.isfinite(sum(values)) and min(values) >= lower and max(values) <= upper):
        places: Sequence[int] = range(len(values))
        kept = values
    else:
        is_cut = monitor.treatment is Treatment.WINSORISE
        pairs = [
            (place, one if lower <= one <= upper else lower if one < lower else upper)
            for place, one in enumerate(values)
            if lower <= one <= upper or (is_cut and math.isfinite(one))
        ]
        places, kept = [place for place, _ in pairs], [one for _, one in pairs]
    return (places, kept) if monitor.transform is Transform.NONE else _transformed(monitor, places, kept)


def _transformed(
    monitor: Monitor, places: Sequence[int], kept: Sequence[float]
) -> tuple[list[int], list[float]]:
    """A value without a transform (the logarithm of zero) does not count."""
    least = LEAST[monitor.transform]
    as_scaled = scaling(monitor)
    pairs = [(place, as_scaled(one)) for place, one in zip(places, kept, strict=True) if one >= least]
    return [place for place, _ in pairs], [one for _, one in pairs]


SMALLEST = 5e-324
MOST_EXPONENT = 700.0  # beyond it a power is no finite number
LEAST = {
    Transform.NONE: -math.inf, Transform.LOG: SMALLEST, Transform.LOG10: SMALLEST, Transform.SQRT: 0.0,
    Transform.BOX_COX: SMALLEST,
}  # fmt: skip
"""The least value that has a transform."""


def scaling(monitor: Monitor) -> Callable[[float], float]:
    """The transform as a function: (x^p - 1) / p, ln x at p = 0 (Box and Cox, J R Stat Soc B 1964;26:211)."""
    power = monitor.power or 0.0
    if monitor.transform is Transform.BOX_COX and power:
        return lambda one: math.expm1(min(power * math.log(one), MOST_EXPONENT)) / power
    return {Transform.SQRT: math.sqrt, Transform.LOG10: math.log10, Transform.NONE: float}.get(
        monitor.transform, math.log
    )


def unscaling(monitor: Monitor) -> Callable[[float], float]:
    """The way back from the transform to the units of the results; NaN where none leads back."""
    power = monitor.power or 0.0
    if monitor.transform is Transform.BOX_COX and power:
        return lambda one: (one * power + 1) ** (1 / power) if one * power + 1 > 0 else math.nan
    back: dict[Transform, Callable[[float], float]] = {
        Transform.SQRT: lambda one: one * one, Transform.LOG10: lambda one: 10**one, Transform.NONE: float,
    }  # fmt: skip
    return back.get(monitor.transform, math.exp)


def _ring(monitor: Monitor, state: State) -> list[float]:
    return [*state.ring, *[0.0] * (monitor.block - len(state.ring))]


def _kept_ring(monitor: Monitor, state: State, kept: Sequence[float], ring: list[float]) -> tuple[float, ...]:
    return tuple(ring[: min(monitor.block, state.taken + len(kept))])


def _tail(ring: list[float]) -> list[float]:
    """Sums of the ring from each place to its end; zero beyond it."""
    return [0.0, *accumulate(reversed(ring))][::-1]


def _sums(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    block, ring = monitor.block, _ring(monitor, state)
    at = state.taken % block
    running = 0.0
    for one in ring[:at]:
        running += one
    tail = _tail(ring) if state.taken >= block else [*[math.nan] * block, 0.0]
    series: Series = []
    for one in kept:
        ring[at] = one
        running += one
        at += 1
        series.append(running + tail[at])
        if at == block:
            at, running, tail = 0, 0.0, _tail(ring)
    return series, 0.0, _kept_ring(monitor, state, kept, ring)


def _means(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    series, part, ring = _sums(monitor, state, kept)
    block = monitor.block
    return [one / block for one in series], part, ring


def _outliers(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    """How many of the window lie beyond the normal limits. Source: Liu et al., Clin Biochem 2018;52:112."""
    if monitor.normal is None:
        raise AssertionError("a monitor of outliers knows what is normal")
    lower, upper = monitor.normal.lower, monitor.normal.upper
    return _sums(monitor, state, [0.0 if lower <= one <= upper else 1.0 for one in kept])


def _spread_tail(ring: list[float]) -> tuple[list[float], list[float]]:
    """Mean and sum of squares of the ring from each place to its end (Welford, Technometrics 1962;4:419)."""
    means, squares, mean, square = [0.0], [0.0], 0.0, 0.0
    for count, one in enumerate(reversed(ring), start=1):
        step = one - mean
        mean += step / count
        square += step * (one - mean)
        means.append(mean)
        squares.append(square)
    return means[::-1], squares[::-1]


def _deviations(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    """Sample SD of the window (Liu et al., Clin Biochem 2018;52:112).

    Its two parts are joined as by Chan, Golub and LeVeque, Am Stat 1983;37:242.
    """
    block, ring = monitor.block, _ring(monitor, state)
    at = state.taken % block
    empty = ([0.0] * (block + 1), [*[math.nan] * block, 0.0])
    tail_means, tail_squares = _spread_tail(ring) if state.taken >= block else empty
    running = _spread_tail(ring[:at][::-1])  # from its last place backwards: the order in which they came
    mean, square = running[0][0], running[1][0]
    series: Series = []
    for one in kept:
        ring[at] = one
        at += 1
        step = one - mean
        mean += step / at
        square += step * (one - mean)
        apart = mean - tail_means[at]
        total = square + tail_squares[at] + apart * apart * at * (block - at) / block
        series.append(math.sqrt(total / (block - 1)))
        if at == block:
            at, mean, square = 0, 0.0, 0.0
            tail_means, tail_squares = _spread_tail(ring)
    return series, 0.0, _kept_ring(monitor, state, kept, ring)


def _percentiles(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    """Linear between the two nearest ranks; the median of an even window is the middle of its two."""
    block, ring, taken = monitor.block, _ring(monitor, state), state.taken
    ordered = sorted(state.ring)
    below, above, share = ranks(monitor)
    series: Series = []
    for one in kept:
        at = taken % block
        if taken >= block:
            del ordered[bisect_left(ordered, ring[at])]
        ring[at] = one
        insort(ordered, one)
        taken += 1
        if taken < block:
            series.append(math.nan)
        else:
            low = ordered[below]
            series.append(low + share * (ordered[above] - low))
    return series, 0.0, _kept_ring(monitor, state, kept, ring)


def ranks(monitor: Monitor) -> tuple[int, int, float]:
    """The two ranks, from 0, between which the percentile lies, and how far between them."""
    share = 0.5 if monitor.procedure is Procedure.MEDIAN else monitor.percentile / 100
    rank = share * (monitor.block - 1)
    below = math.floor(rank)
    return below, math.ceil(rank), rank - below


def _weighted(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    """EWMA: w x + (1 - w) times the level before. Source: Roberts, Technometrics 1959;1:239."""
    if monitor.lam is None:
        raise AssertionError("an EWMA has a weight")
    weight, rest = monitor.lam, 1 - monitor.lam
    level = _level(monitor, state, kept)
    series: Series = []
    for one in kept:
        level = weight * one + rest * level
        series.append(level)
    return series, 0.0, ()


def _level(monitor: Monitor, state: State, kept: Sequence[float]) -> float:
    if state.taken:
        return state.level
    return monitor.start if monitor.start is not None else kept[0] if kept else math.nan


def _bull(monitor: Monitor, state: State, kept: Sequence[float]) -> Stepped:
    """Once per N results X + r sgn(s) (s / N)^2, s the sum of signed roots of their distances from X.

    Source: Bull et al., Am J Clin Pathol 1974;61:473; N is 20 and r is 1 there; an r below 1 damps the step.
    """
    block, count, part = monitor.block, state.taken, state.part
    level = state.level if not math.isnan(state.level) else monitor.start
    if level is None:
        raise AssertionError("Bull begins from a level")
    series: Series = []
    for one in kept:
        apart = one - level
        part += math.sqrt(apart) if apart >= 0 else -math.sqrt(-apart)
        count += 1
        if count % block:
            series.append(math.nan)
        else:
            level += monitor.damping * math.copysign((part / block) ** 2, part)
            part = 0.0
            series.append(level)
    return series, part, ()


_STEPS: dict[Procedure, Callable[[Monitor, State, Sequence[float]], Stepped]] = {
    Procedure.MEAN: _means,
    Procedure.MEDIAN: _percentiles,
    Procedure.PERCENTILE: _percentiles,
    Procedure.EWMA: _weighted,
    Procedure.SD: _deviations,
    Procedure.BULL: _bull,
    Procedure.OUTLIERS: _outliers,
}
