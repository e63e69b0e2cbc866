"""What a control procedure detects: the share of runs that it rejects, by simulation.

Source: Westgard, Groth, Clin Chem 1979;25:863 (power functions); Parvin, Clin Chem 1993;39:440.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from aliquot.flow.quality.rules.westgard.evaluation import Point, Verdict, judge_run
from aliquot.flow.quality.rules.westgard.sets import RuleSet


@dataclass(frozen=True, slots=True)
class Detection:
    """The share of simulated series that were rejected with this error, and its standard error."""

    shift: float
    spread: float
    probability: float
    standard_error: float


def simulated_power(
    rules: RuleSet,
    *,
    levels: int,
    replicates: int = 1,
    runs: int = 1,
    shift: float = 0.0,
    spread: float = 1.0,
    series: int,
    generator: np.random.Generator,
) -> Detection:
    """How often the rules reject one of `runs` runs or more; shift 0, spread 1: false rejection.

    Each run holds `replicates` values of each level, normal about `shift` with an SD of `spread`, in SD of
    the target. The rules are those of the bench themselves. `series`: how many are simulated.
    """
    values = generator.normal(shift, spread, (series, runs, levels * replicates))
    found = sum(_is_rejected(rules, one, levels) for one in values.tolist())
    share = found / series
    return Detection(shift, spread, share, (share * (1 - share) / series) ** 0.5)


def _is_rejected(rules: RuleSet, series: Sequence[Sequence[float]], levels: int) -> bool:
    history: tuple[Point, ...] = ()
    for number, run in enumerate(series, start=1):
        points = [Point(number, place % levels + 1, Decimal(z)) for place, z in enumerate(run)]
        judged = judge_run(rules, number, points, levels, history)
        if judged.verdict is Verdict.REJECTED:
            return True
        history = judged.history
    return False
