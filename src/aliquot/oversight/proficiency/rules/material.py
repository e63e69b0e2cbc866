"""Whether the material of a round is homogeneous and stable enough for what is to be judged by it.

Source: ISO 13528:2015, annex B; Fearn and Thompson, Analyst 2001; 126: 1414-1417 (expanded criterion).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

SAMPLES_AT_LEAST = 10
"""Samples a check of homogeneity takes, drawn at random. Source: ISO 13528:2015, B.1."""
CHECKED_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class Homogeneity:
    """Standard deviations within and between samples, and the verdict; all in the unit of the values.

    `is_homogeneous`: between is at most 0.3 sigma; `passes_expanded`: what the check can tell apart.
    `suspect` is the place of the sample whose replicates differ too much (Cochran, 1 %), or None.
    `few` says that fewer samples were measured than should be.
    """

    mean: float
    s_within: float
    s_between: float
    limit: float
    expanded_limit: float
    is_homogeneous: bool
    passes_expanded: bool
    suspect: int | None
    few: bool


@dataclass(frozen=True, slots=True)
class Stability:
    """How far the mean moved between two dates, against 0.3 sigma and against that with its uncertainty."""

    difference: float
    limit: float
    expanded_limit: float
    is_stable: bool
    passes_expanded: bool


def check_homogeneity(samples: Sequence[Sequence[float]], sigma: float) -> Homogeneity:
    """The verdict on samples measured at least twice each, all as often. Source: ISO 13528:2015, B.2, B.3.

    ValueError for fewer than two samples, a single measurement, or samples measured unequally often.
    """
    held = _table(samples)
    count, replicates = held.shape
    variances = held.var(axis=1, ddof=1)
    within = float(variances.mean())
    between = max(0.0, float(held.mean(axis=1).var(ddof=1)) - within / replicates)
    allowed = 0.3 * sigma
    expanded = math.sqrt(_expanded(allowed, within, count, replicates))
    return Homogeneity(
        mean=float(held.mean()),
        s_within=math.sqrt(within),
        s_between=math.sqrt(between),
        limit=allowed,
        expanded_limit=expanded,
        is_homogeneous=math.sqrt(between) <= allowed,
        passes_expanded=math.sqrt(between) <= expanded,
        suspect=_suspect(variances.tolist(), replicates),
        few=count < SAMPLES_AT_LEAST,
    )


def check_stability(before: Sequence[float], after: Sequence[float], sigma: float) -> Stability:
    """The verdict on two series of one material, measured before and after. Source: ISO 13528:2015, B.5."""
    if min(len(before), len(after)) < CHECKED_AT_LEAST:
        raise ValueError("each date needs two measurements or more")
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    difference = abs(float(first.mean() - second.mean()))
    spread = math.sqrt(float(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)))
    allowed = 0.3 * sigma
    expanded = allowed + 2 * spread
    return Stability(difference, allowed, expanded, difference <= allowed, difference <= expanded)


def widened_sigma(sigma: float, s_between: float) -> float:
    """The SD for the assessment with what the material adds. Source: ISO 13528:2015, B.2."""
    return math.hypot(sigma, s_between)


def _table(samples: Sequence[Sequence[float]]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    lengths = {len(one) for one in samples}
    if len(samples) < CHECKED_AT_LEAST or min(lengths) < CHECKED_AT_LEAST:
        raise ValueError("two samples or more, each measured twice or more, are needed")
    if len(lengths) > 1:
        raise ValueError("every sample is to be measured equally often")
    return np.array(samples, dtype=np.float64).reshape(len(samples), lengths.pop())


def _expanded(allowed: float, within: float, count: int, replicates: int) -> float:
    """The square of the limit: F1 allowed² + F2 s_w². Source: ISO 13528:2015, B.2."""
    first = float(stats.chi2.ppf(0.95, count - 1)) / (count - 1)
    second = (float(stats.f.ppf(0.95, count - 1, count * (replicates - 1))) - 1) / replicates
    return first * allowed**2 + second * within


def _suspect(variances: Sequence[float], replicates: int) -> int | None:
    """The sample with the largest variance where Cochran's test finds it too large at 1 %."""
    total, most = sum(variances), max(variances)
    if total == 0:
        return None
    count = len(variances)
    tail = float(stats.f.ppf(1 - 0.01 / count, replicates - 1, (count - 1) * (replicates - 1)))
    return variances.index(most) if most / total > 1 / (1 + (count - 1) / tail) else None
