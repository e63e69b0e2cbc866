"""The same monitors over a whole history at once, with NumPy: a year of a million results in a second or so.

Sums and spreads add in the order in which `live` adds them, so that both give the same numbers. SciPy,
which only the design of a monitor needs, is imported when it is first used: the hot path never waits for
it.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from aliquot.flow.quality.rules.moving.live import LEAST, MOST_EXPONENT, ranks
from aliquot.flow.quality.rules.moving.monitors import Monitor, Procedure, Transform, Treatment

Floats = NDArray[np.float64]


def series_of(monitor: Monitor, values: Floats) -> Floats:
    """The statistic after each value; NaN before the window is full and at a value that does not count."""
    counted = counted_of(monitor, values)
    places = np.flatnonzero(~np.isnan(counted))
    series = np.full(len(values), np.nan)
    if len(places):
        series[places] = statistics(
            monitor, counted[places][np.newaxis, :], _first_level(monitor, counted, places)
        )[0]
    return series


def _first_level(monitor: Monitor, counted: Floats, places: NDArray[np.intp]) -> Floats:
    return np.array([counted[places[0]] if monitor.start is None else monitor.start])


def counted_of(monitor: Monitor, values: Floats) -> Floats:
    """Each value as it counts, treated and transformed; NaN for one that does not count. Any shape."""
    lower, upper = monitor.bounds
    found = np.where(np.isfinite(values), values, np.nan)
    if monitor.treatment is Treatment.WINSORISE:
        found = np.clip(found, lower, upper)
    else:
        found[(found < lower) | (found > upper)] = np.nan
    found[found < LEAST[monitor.transform]] = np.nan
    return _scaled(monitor, found)


def _scaled(monitor: Monitor, values: Floats) -> Floats:
    power = monitor.power or 0.0
    if monitor.transform is Transform.BOX_COX and power:
        found: Floats = np.expm1(np.minimum(power * np.log(values), MOST_EXPONENT)) / power
        return found
    scale: dict[Transform, Callable[[Floats], Floats]] = {
        Transform.NONE: np.positive, Transform.SQRT: np.sqrt, Transform.LOG10: np.log10,
    }  # fmt: skip
    return scale.get(monitor.transform, np.log)(values)


def statistics(monitor: Monitor, rows: Floats, levels: Floats) -> Floats:
    """The statistic along each row of results that count, (rows, results); NaN until the window is full.

    `levels`: for EWMA and Bull the level before each row. Rows that step by block begin with a block.
    """
    if monitor.procedure is Procedure.EWMA:
        return _weighted(monitor, rows, levels)
    if monitor.procedure is Procedure.BULL:
        return _bull(monitor, rows, levels)
    found = _WINDOWS[monitor.procedure](monitor, np.ravel(rows)).reshape(rows.shape)
    found[:, : monitor.block - 1] = np.nan  # windows that reach into the row above
    if monitor.is_batched:
        found[:, (np.arange(rows.shape[1]) + 1) % monitor.block != 0] = np.nan
    return found


def _weighted(monitor: Monitor, rows: Floats, levels: Floats) -> Floats:
    from scipy.signal import lfilter

    weight = monitor.lam or 0.0
    found, _ = lfilter([weight], [1.0, weight - 1], rows, axis=1, zi=(1 - weight) * levels[:, np.newaxis])
    return np.asarray(found, dtype=np.float64)


def _bull(monitor: Monitor, rows: Floats, levels: Floats) -> Floats:
    block, level = monitor.block, levels.astype(np.float64)
    found = np.full(rows.shape, np.nan)
    for end in range(block, rows.shape[1] + 1, block):
        apart = rows[:, end - block : end] - level[:, np.newaxis]
        mean = np.sum(np.copysign(np.sqrt(np.abs(apart)), apart), axis=1) / block
        level = level + monitor.damping * np.copysign(mean * mean, mean)
        found[:, end - 1] = level
    return found


def _in_blocks(values: Floats, block: int) -> Floats:
    """(blocks, block), the last filled with zeros."""
    padded = np.zeros(-(-len(values) // block) * block)
    padded[: len(values)] = values
    return padded.reshape(-1, block)


def _tails(blocks: Floats) -> Floats:
    """Beside each block: what the block before it still gives to the window that ends at each place."""
    found = np.zeros_like(blocks)
    found[1:, :-1] = blocks[:-1, 1:]
    return found


def _sums(monitor: Monitor, values: Floats) -> Floats:
    blocks = _in_blocks(values, monitor.block)
    backwards = np.cumsum(blocks[:, ::-1], axis=1)[:, ::-1]
    found: Floats = np.ravel(np.cumsum(blocks, axis=1) + _tails(backwards))[: len(values)]
    return found


def _means(monitor: Monitor, values: Floats) -> Floats:
    return _sums(monitor, values) / monitor.block


def _outliers(monitor: Monitor, values: Floats) -> Floats:
    if monitor.normal is None:
        raise AssertionError("a monitor of outliers knows what is normal")
    is_normal = (values >= monitor.normal.lower) & (values <= monitor.normal.upper)
    return _sums(monitor, np.where(is_normal, 0.0, 1.0))


def _spreads(blocks: Floats) -> tuple[Floats, Floats]:
    """Mean and sum of squares about it of each block from its beginning to each place (Welford)."""
    means, squares = np.empty_like(blocks), np.empty_like(blocks)
    mean, square = np.zeros(len(blocks)), np.zeros(len(blocks))
    for at in range(blocks.shape[1]):
        step = blocks[:, at] - mean
        mean = mean + step / (at + 1)
        square = square + step * (blocks[:, at] - mean)
        means[:, at], squares[:, at] = mean, square
    return means, squares


def _deviations(monitor: Monitor, values: Floats) -> Floats:
    block = monitor.block
    blocks = _in_blocks(values, block)
    means, squares = _spreads(blocks)
    tail_means, tail_squares = (_tails(one[:, ::-1]) for one in _spreads(blocks[:, ::-1]))
    at = np.arange(1, block + 1, dtype=np.float64)
    apart = means - tail_means
    total = squares + tail_squares + apart * apart * at * (block - at) / block
    found: Floats = np.sqrt(np.ravel(total)[: len(values)] / (block - 1))
    return found


def _percentiles(monitor: Monitor, values: Floats) -> Floats:
    below, above, share = ranks(monitor)
    low = _ranked(values, monitor.block, below)
    return low if above == below else low + share * (_ranked(values, monitor.block, above) - low)


def _ranked(values: Floats, block: int, rank: int) -> Floats:
    """The value of that rank in the window that ends at each place."""
    from scipy.ndimage import rank_filter

    behind = (block - 1) // 2  # moves the window from around its place to before it
    found: Floats = rank_filter(values, rank, size=block, origin=behind, mode="nearest")
    return found


_WINDOWS: dict[Procedure, Callable[[Monitor, Floats], Floats]] = {
    Procedure.MEAN: _means,
    Procedure.MEDIAN: _percentiles,
    Procedure.PERCENTILE: _percentiles,
    Procedure.SD: _deviations,
    Procedure.OUTLIERS: _outliers,
}


def first_outside(monitor: Monitor, series: Floats) -> NDArray[np.intp]:
    """Of each row the first place outside the limits; -1 where there is none."""
    out = is_outside(monitor, series)
    return np.where(out.any(axis=1), out.argmax(axis=1), -1)


def is_outside(monitor: Monitor, series: Floats) -> NDArray[np.bool_]:
    """Where the statistic is outside its limits, strictly; never where there is none."""
    low, high = monitor.alarm_bounds
    return (series < low) | (series > high)


def held(series: Floats) -> Floats:
    """The latest statistic at each place: what does not move stands; NaN before the first."""
    latest = np.maximum.accumulate(np.where(np.isnan(series), -1, np.arange(len(series))))
    return np.where(latest < 0, math.nan, series[np.maximum(latest, 0)])
