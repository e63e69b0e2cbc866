"""Analyzers that drift, and what their control says of it.

Source: Westgard, Clin Chem 1981;27:493: 1-3s, 2-2s, R-4s, 4-1s with two levels in each run. The control
material is taken to move as patients' specimens do (commutable); a rejected run is repeated after 15 minutes.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from aliquot.flow.verification.rules.evidence import QcState

EVERY, REPEATED = timedelta(hours=3), timedelta(minutes=15)
LEVELS = 2
OneRun = tuple[float, ...]
"""The z-scores of the levels of one run of control."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A bias that grows evenly from `begins` to `bias` (a fraction) at `ends`; its size in words."""

    begins: datetime
    ends: datetime
    bias: float
    size: str

    def at(self, moment: datetime) -> float:
        """The bias of then, as a fraction."""
        passed = (moment - self.begins) / (self.ends - self.begins)
        return self.bias * min(max(passed, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of control over a day, from moment to moment."""

    since: Sequence[datetime]
    states: Sequence[QcState]

    def at(self, moment: datetime) -> QcState:
        place = bisect_right(self.since, moment) - 1
        return self.states[place] if place >= 0 else "unknown"


def standing_of(
    begins: datetime, ends: datetime, random: Random, bias_sd: Callable[[datetime], float]
) -> Standing:
    """The state of one test on one analyzer; `bias_sd` is its bias in SD of the control at a moment."""
    since: list[datetime] = []
    states: list[QcState] = []
    earlier: list[OneRun] = []
    moment = begins
    while moment < ends:
        run = tuple(random.gauss(bias_sd(moment), 1) for _ in range(LEVELS))
        is_rejected = rejects(run, earlier)
        earlier = [] if is_rejected else [*earlier, run][-1:]
        since.append(moment)
        states.append("out_of_control" if is_rejected else "in_control")
        moment += REPEATED if is_rejected else EVERY
    return Standing(since, states)


def rejects(run: OneRun, earlier: Sequence[OneRun]) -> bool:
    """Whether 1-3s, 2-2s (across levels, or within one over two runs), R-4s or 4-1s reject the run."""
    if any(abs(z) > 3 for z in run) or _alike(run, 2) or (max(run) > 2 and min(run) < -2):  # noqa: PLR2004 - the rules' own numbers
        return True
    if not earlier:
        return False
    last = earlier[-1]
    return any(_alike(pair, 2) for pair in zip(run, last, strict=True)) or _alike((*run, *last), 1)


def _alike(scores: Sequence[float], limit: float) -> bool:
    """Whether all lie beyond the limit on one side."""
    return min(scores) > limit or max(scores) < -limit
