"""Outlying differences by the generalised extreme Studentised deviate.

Source: Rosner, Technometrics 1983;25:165; CLSI EP09c, section on outliers; NIST/SEMATECH e-Handbook
1.3.5.17.3.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats


def esd_outliers(values: Sequence[float], most: int, alpha: float) -> tuple[int, ...]:
    """Positions of the outliers, the farthest first; at most `most` of them."""
    y = np.asarray(values, dtype=np.float64)
    n = len(y)
    left, removed, outlying = np.arange(n), [], 0
    for step in range(1, min(most, n - 3) + 1):
        rest = y[left]
        sd = float(rest.std(ddof=1))
        if not sd > 0:
            break
        apart = np.abs(rest - rest.mean())
        farthest = int(apart.argmax())
        if float(apart[farthest]) / sd > _limit(n, step, alpha):
            outlying = step
        removed.append(int(left[farthest]))
        left = np.delete(left, farthest)
    return tuple(removed[:outlying])


def _limit(n: int, step: int, alpha: float) -> float:
    t = float(stats.t.ppf(1 - alpha / (2 * (n - step + 1)), n - step - 1))
    return (n - step) * t / math.sqrt((n - step - 1 + t * t) * (n - step + 1))
