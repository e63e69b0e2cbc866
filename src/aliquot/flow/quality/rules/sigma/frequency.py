"""How many patient results may lie between two controls: the run size, by what a missed error would cost.

Source: Parvin, Clin Chem 2008;54:2049 (expected number of unacceptable final results, E(Nuf)); Westgard,
Bayat, Westgard, Clin Chem 2018;64:289 (run size by sigma from MaxE(Nuf) = 1); CLSI C24-Ed4, 6.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor
from statistics import NormalDist

Power = Callable[[float], float]
"""The probability that one control event rejects, by the systematic error in SD."""

STEP = 0.05
MOST_RUN = 1_000_000
MOST_SIGMA = 12.0
"""Above it every run is longer than the longest."""
_NORMAL = NormalDist()


def single_rule_power(limit: float, n: int) -> Power:
    """The probability that one of `n` values lies beyond the limit (1-3s: 3), by the error in SD."""

    def power(shift: float) -> float:
        inside = _NORMAL.cdf(limit - shift) - _NORMAL.cdf(-limit - shift)
        return 1 - inside**n

    return power


@dataclass(frozen=True, slots=True)
class RunSize:
    """Patient results between control events, the error in SD that decides it, how probably it is found."""

    results: int
    worst_error: float
    detection: float


def expected_unacceptable(power: float, added: float) -> float:
    """E(Nuf) for one result between events: the unacceptable final results that an error adds till found.

    Control in brackets: an error begins anywhere in a run; results since the last good control are repeated.
    It passes K events with probability (1 - p)^K p, so K - 1/2 runs of it are final where K is at least 1:
    added * [(1 - p) / p - (1 - p) / 2]. `added`: the rise of the share of results beyond the allowable error.
    """
    return added * ((1 - power) / power - (1 - power) / 2)


def added_errors(sigma: float, error: float) -> float:
    """How much the share of results beyond the allowable error rises with a systematic error in SD."""
    beyond = _NORMAL.cdf(error - sigma) + _NORMAL.cdf(-error - sigma)
    return beyond - 2 * _NORMAL.cdf(-sigma)


def run_size(sigma: float, power: Power, allowed: float = 1.0) -> RunSize:
    """The run size with which no systematic error should add more than `allowed` unacceptable results.

    The worst error is looked for in steps up to sigma + 3 SD, where nearly every result is unacceptable.
    ValueError for a sigma or an allowed number that is not above zero.
    """
    if sigma <= 0 or allowed <= 0:
        raise ValueError("Sigma and the allowed number of results are above zero.")
    sigma = min(sigma, MOST_SIGMA)
    steps = [(number + 1) * STEP for number in range(round((sigma + 3) / STEP))]
    cost, worst = max(
        (expected_unacceptable(power(error), added_errors(sigma, error)), error) for error in steps
    )
    results = min(MOST_RUN, floor(allowed / cost)) if cost > 0 else MOST_RUN
    return RunSize(results, worst, power(worst))
