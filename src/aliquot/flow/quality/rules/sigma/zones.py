"""What rules detect in one run, exactly: every way its values may fall between the limits, judged once.

A rule of limits sees only between which of them a value lies. So the rules of the bench judge one value of
each zone in every combination, and the probability of a rejection with an error is that of the combinations
they reject.
"""

from collections import Counter
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

from aliquot.flow.quality.rules.sigma.frequency import Power
from aliquot.flow.quality.rules.westgard.definitions import Kind, checks_of
from aliquot.flow.quality.rules.westgard.evaluation import Point, Verdict, judge_run
from aliquot.flow.quality.rules.westgard.sets import RuleSet, rule_set

MOST_VALUES = 6
"""With more values in a run there are too many combinations to wait for."""

_NORMAL = NormalDist()
_NOT_OF_ZONES = {Kind.SPREAD, Kind.TREND}


def exact_power(names: tuple[str, ...], levels: int, replicates: int = 1) -> Power:
    """The probability that the rules reject a run of `replicates` values of each level, by the error in SD.

    ValueError for more than 6 values, and for R-4s(range) and trends, which look at more than limits.
    """
    bounds, accepted = _accepted(names, levels, replicates)

    def power(shift: float) -> float:
        below = [0.0, *(_NORMAL.cdf(bound - shift) for bound in bounds), 1.0]
        shares = [after - before for before, after in pairwise(below)]
        return 1 - sum(ways * _product(shares, zones) for zones, ways in accepted)

    return power


def _product(shares: list[float], zones: tuple[int, ...]) -> float:
    found = 1.0
    for zone in zones:
        found *= shares[zone]
    return found


@lru_cache(maxsize=32)
def _accepted(
    names: tuple[str, ...], levels: int, replicates: int
) -> tuple[tuple[float, ...], tuple[tuple[tuple[int, ...], int], ...]]:
    """The limits, lowest first; the combinations of zones that no rule rejects, in how many orders each."""
    checks, rules = checks_of(names), rule_set(names)
    if levels * replicates > MOST_VALUES or any(one.kind in _NOT_OF_ZONES for one in checks):
        raise ValueError(f"Give at most {MOST_VALUES} values in a run, and rules of limits only.")
    bounds = sorted({sign * one.limit for one in checks for sign in (1, -1)})
    inside = [(low + high) / 2 for low, high in pairwise(bounds)]
    zones = [bounds[0] - 1, *inside, bounds[-1] + 1]
    accepted: list[tuple[int, ...]] = [()]
    for _ in range(levels * replicates):  # a value more never mends what is broken already
        longer = ((*one, zone) for one in accepted for zone in range(len(zones)))
        accepted = [one for one in longer if not _is_rejected(rules, one, zones, levels)]
    ways = Counter(tuple(sorted(one)) for one in accepted)
    return tuple(float(one) for one in bounds), tuple(ways.items())


def _is_rejected(rules: RuleSet, places: tuple[int, ...], zones: list[Decimal], levels: int) -> bool:
    points = [Point(1, number % levels + 1, zones[place]) for number, place in enumerate(places)]
    return judge_run(rules, 1, points, levels).verdict is Verdict.REJECTED
