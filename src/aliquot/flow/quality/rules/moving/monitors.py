"""What a patient-based monitor is: procedure, window, treatment of outliers, transform, limits, state."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

LONGEST_BLOCK = 10_000
_ROUNDING = 1e-9
"""A statistic on its limit is inside; what binary fractions add to it is no step outside."""


class Procedure(StrEnum):
    """Source: Loh et al., CCLM 2020 (cclm-2019-1024); Bull et al., Am J Clin Pathol 1974;61:473."""

    MEAN = "moving_average"
    MEDIAN = "moving_median"
    EWMA = "ewma"
    SD = "moving_sd"
    BULL = "bull"
    OUTLIERS = "moving_sum_of_outliers"
    PERCENTILE = "moving_percentile"


class Treatment(StrEnum):
    """What becomes of a result outside the truncation limits."""

    NONE = "none"
    EXCLUDE = "exclude"
    WINSORISE = "winsorise"


class Transform(StrEnum):
    NONE = "none"
    LOG = "log"
    LOG10 = "log10"
    SQRT = "sqrt"
    BOX_COX = "box_cox"


@dataclass(frozen=True, slots=True)
class Limits:
    """Control limits in the scale of the statistic; infinite where a side is not watched."""

    lower: float = -math.inf
    upper: float = math.inf

    def __post_init__(self) -> None:
        if not self.lower <= self.upper:
            raise ValueError("limits: the lower lies above the upper; exchange them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """One way to watch one test on one analyzer; ValueError, which names the field, for one that cannot work.

    `truncation` and `normal` are in the units of the results, `limits` and `start` in the scale of the
    statistic (after the transform). `start` is the level before the first result: EWMA takes the first
    result where it is None. `power` is the lambda of Box and Cox. `is_batched` looks at the statistic once
    per block, not at each result. `normal` are the limits beyond which a result is an outlier; `damping` is
    the r of Bull.
    """

    procedure: Procedure
    block: int = 20
    lam: float | None = None
    treatment: Treatment = Treatment.NONE
    truncation: Limits | None = None
    transform: Transform = Transform.NONE
    power: float | None = None
    start: float | None = None
    is_batched: bool = False
    normal: Limits | None = None
    percentile: float = 50.0
    damping: float = 1.0
    limits: Limits | None = None

    def __post_init__(self) -> None:
        for is_wrong, words in _faults(self):
            if is_wrong:
                raise ValueError(words)

    @property
    def is_windowed(self) -> bool:
        return self.procedure not in {Procedure.EWMA, Procedure.BULL}

    @property
    def steps_by_block(self) -> bool:
        return self.is_batched or self.procedure is Procedure.BULL

    @property
    def bounds(self) -> tuple[float, float]:
        """Truncation limits; the largest finite numbers where there are none, so that infinity is outside."""
        is_cut = self.treatment is not Treatment.NONE
        limits = (self.truncation if is_cut else None) or Limits()
        return max(limits.lower, -_LARGEST), min(limits.upper, _LARGEST)

    @property
    def alarm_bounds(self) -> tuple[float, float]:
        """Control limits, each wider by what rounding may add."""
        limits = self.limits or Limits()
        return limits.lower - _slack(limits.lower), limits.upper + _slack(limits.upper)


_LARGEST = 1.7976931348623157e308


def _slack(limit: float) -> float:
    return _ROUNDING * abs(limit) if math.isfinite(limit) else 0.0


def _faults(one: Monitor) -> list[tuple[bool, str]]:
    lam, is_ewma = one.lam, one.procedure is Procedure.EWMA
    return [
        (not 1 <= one.block <= LONGEST_BLOCK, f"block: give a number of results from 1 to {LONGEST_BLOCK}."),
        (one.procedure is Procedure.SD and one.block == 1, "block: a standard deviation needs 2 or more."),
        (is_ewma and (lam is None or not 0 < lam <= 1), "lam: give a weight above 0, at most 1."),
        (is_ewma and one.is_batched, "is_batched: EWMA moves with each result."),
        (
            one.procedure is Procedure.BULL and one.start is None,
            "start: Bull needs the level before the batch.",
        ),
        (one.start is not None and not math.isfinite(one.start), "start: give a finite number."),
        (
            one.procedure is Procedure.OUTLIERS and one.normal is None,
            "normal: say which results are outliers.",
        ),
        (
            one.procedure is Procedure.OUTLIERS and one.transform is not Transform.NONE,
            "transform: outliers are counted in the units of the results; leave the transform out.",
        ),
        (not 0 <= one.percentile <= 100, "percentile: it lies from 0 to 100."),  # noqa: PLR2004 - parts of a hundred
        (not 0 < one.damping <= 1, "damping: r lies above 0 and is at most 1."),
        (one.treatment is not Treatment.NONE and one.truncation is None, "truncation: give the two limits."),
        (one.transform is Transform.BOX_COX and one.power is None, "power: give the lambda of Box and Cox."),
    ]


@dataclass(frozen=True, slots=True)
class Alarm:
    """The statistic left its limits: at which of the values, after how many results, how far, which limit."""

    place: int
    seen: int
    statistic: float
    limit: float

    @property
    def is_high(self) -> bool:
        return self.statistic > self.limit


@dataclass(frozen=True, slots=True)
class State:
    """All that a monitor remembers: at most one block of results and five numbers.

    `seen` counts results given, `taken` those that counted; `outside` is 1 above the limits, -1 below, else
    0; `level` is the latest statistic (NaN before the first), `part` the sum of Bull's unfinished batch;
    `ring` the latest results that counted, as transformed, the oldest at `taken % block` once the ring is
    full.
    """

    seen: int = 0
    taken: int = 0
    outside: int = 0
    level: float = math.nan
    part: float = 0.0
    ring: tuple[float, ...] = ()

    def as_floats(self) -> list[float]:
        """The state as an array of binary fractions: `from_floats` gives back the very same state."""
        return [float(self.seen), float(self.taken), float(self.outside), self.level, self.part, *self.ring]


_HEAD = 5


def from_floats(monitor: Monitor, kept: Sequence[float]) -> State:
    """The state that `as_floats` wrote; ValueError when it is none of this monitor (another block, say)."""
    if len(kept) < _HEAD or any(
        not (math.isfinite(one) and one >= 0 and one == int(one)) for one in kept[:2]
    ):
        raise ValueError("state: this is no state of a monitor; begin with an empty one.")
    seen, taken, outside = (int(one) for one in kept[:3])
    if len(kept) - _HEAD != (min(taken, monitor.block) if monitor.is_windowed else 0):
        raise ValueError("state: it belongs to another monitor or block; begin with an empty one.")
    return State(seen, taken, outside, kept[3], kept[4], tuple(kept[_HEAD:]))


def with_limits(monitor: Monitor, limits: Limits | None) -> Monitor:
    return replace(monitor, limits=limits)


def as_json(monitor: Monitor) -> dict[str, Any]:
    """The monitor as plain values for JSON; an unwatched side is None."""
    found = asdict(monitor)
    for name in _PAIRS:
        pair = getattr(monitor, name)
        found[name] = pair and [one if math.isfinite(one) else None for one in (pair.lower, pair.upper)]
    return found


_PAIRS = ("truncation", "normal", "limits")


def from_json(kept: Mapping[str, Any]) -> Monitor:
    """The monitor that `as_json` wrote; ValueError for names or values that are none of a monitor."""
    if unknown := kept.keys() - {one.name for one in fields(Monitor)}:
        raise ValueError(f"{', '.join(sorted(unknown))}: a monitor has no such field.")
    found = dict(kept)
    for name in _PAIRS:
        found[name] = limits_of(kept.get(name))
    found["procedure"] = Procedure(kept.get("procedure", ""))
    found["treatment"] = Treatment(kept.get("treatment", Treatment.NONE))
    found["transform"] = Transform(kept.get("transform", Transform.NONE))
    return Monitor(**found)


def limits_of(pair: Sequence[float | None] | None) -> Limits | None:
    """Limits of a pair; None on a side is a side without a limit."""
    if pair is None:
        return None
    lower, upper = pair
    return Limits(-math.inf if lower is None else lower, math.inf if upper is None else upper)
