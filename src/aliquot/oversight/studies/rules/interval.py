"""Reference intervals: a stated one verified with few people, or one established from many.

Source: CLSI EP28-A3c, sections 9.3 (ranks, robust), 10.4 (partition), 11.3 (verification with 20); Horn,
Pesce, Copeland,
Clin Chem 1998;44:622 (robust); Dixon by Reed 1971; Harris and Boyd, Clin Chem 1990;36:265.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Decision,
    Reason,
    Study,
    Unusable,
    decided,
    reason,
)
from aliquot.oversight.studies.rules.given import (
    OUT_OF_RANGE,
    TOO_FEW,
    Given,
    complete,
    differing,
    significance,
)
from aliquot.oversight.studies.rules.regression.line import Floats

VALUE = ("value", "y", "values", "result", "results", "x", "значение", "результат")
METHODS = {
    **dict.fromkeys(("nonparametric", "non_parametric", "rank", "ranks"), "nonparametric"),
    **dict.fromkeys(("robust", "horn"), "robust"),
}  # fmt: skip
TO_VERIFY, TO_RANK, TO_ESTABLISH = 20, 120, 20
SHARE_OUTSIDE, RARE = 0.05, 0.01
MOST_OUTSIDE = 0.10
MOST_DOUBT = 0.2
ROUNDS, STEPS = 1_000, 25
TIGHT, LOOSE, NORMAL_MAD = 3.7, 205.6, 0.6745

OF_OUTSIDE = "Values outside the stated interval, %%"
OF_DOUBT = "Width of the interval of the %(end)s limit, as a share of the reference interval"
SECOND = "%(count)s of %(n)s lie outside: measure 20 more people, and judge these alone as the second round."
FEW_RANKS = (
    "%(count)s people; ranks need %(least)s for intervals of their limits, so the robust procedure was taken."
)
DIXON = "%(value)s may be an outlier (its gap is a third of the range or more); look for a cause."
PARTITION = (
    "The groups %(first)s and %(second)s differ (z = %(z)s, at least %(limit)s): state an interval for each."
)
UPSIDE_DOWN = "low: %(low)s is not below high %(high)s; exchange them."


@dataclass(frozen=True, slots=True)
class IntervalPlan:
    """The stated limits to verify (None: no limit on that side); without any, an interval is established."""

    low: float | None = None
    high: float | None = None
    is_second: bool = False
    method: str = ""
    alpha: float = 0.10
    seed: int = 1

    @property
    def is_verification(self) -> bool:
        """Whether there is a stated interval."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class IntervalData:
    """Values of reference people, and groups such as sex where they may need intervals of their own."""

    values: tuple[float, ...]
    groups: tuple[str, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Verified:
    """How many values lie outside a stated interval, and how rare as many would be in a fitting one."""

    n: int
    low: float | None
    high: float | None
    outside: int
    below: int
    above: int
    outside_percent: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Established:
    """The central 95 % with the interval of each limit (90 % unless the plan says otherwise)."""

    n: int
    method: str
    lower: float
    upper: float
    lower_ci: tuple[float, float]
    upper_ci: tuple[float, float]
    median: float
    groups: Mapping[str, Mapping[str, float]]


def read_interval(given: Given) -> tuple[IntervalPlan, IntervalData]:
    """Plan and values from named inputs."""
    columns: dict[str, Sequence[Any]] = {
        "value": given.column(*VALUE, wanted="the values of reference people")
    }
    groups = given.labels("group", "sex", "partition", "пол", "группа")
    if groups:
        columns["group"] = groups
    kept, remarks = complete(columns, least=1)
    plan = IntervalPlan(
        given.number("low", "lower", "lower_limit", "ri_low", "нижняя"),
        given.number("high", "upper", "upper_limit", "ri_high", "верхняя"),
        given.flag("second", "is_second", "second_round"),
        given.choice("method", "procedure", known=METHODS, default=""),
        significance(given, 0.10),
        given.whole("seed", default=1, least=0),
    )
    if plan.low is not None and plan.high is not None and plan.low >= plan.high:
        raise Unusable(UPSIDE_DOWN, low=plan.low, high=plan.high)
    return plan, IntervalData(kept["value"], kept.get("group", ()), remarks)


def reference_interval(plan: IntervalPlan, data: IntervalData) -> Study:
    """A verification where limits are stated, else an establishment."""
    least = TO_VERIFY if plan.is_verification else TO_ESTABLISH
    if len(data.values) < least:
        raise Unusable(TOO_FEW, field="value", count=len(data.values), least=least)
    differing("value", data.values)
    remarks = [*data.remarks, *(reason(DIXON, value=one) for one in dixon(data.values))]
    return _verify(plan, data, remarks) if plan.is_verification else _establish(plan, data, remarks)


def dixon(values: Sequence[float]) -> tuple[float, ...]:
    """The least and the greatest value when the gap to the next is a third of the range or more."""
    ordered = sorted(values)
    width = ordered[-1] - ordered[0]
    ends = ((ordered[0], ordered[1] - ordered[0]), (ordered[-1], ordered[-1] - ordered[-2]))
    return tuple(one for one, gap in ends if 3 * gap >= width)


def _verify(plan: IntervalPlan, data: IntervalData, remarks: list[Reason]) -> Study:
    """Accepted with a tenth outside or fewer (2 of 20); rejected when so many are rare (5 of 20).

    Else a second round.
    """
    n = len(data.values)
    below = sum(plan.low is not None and one < plan.low for one in data.values)
    above = sum(plan.high is not None and one > plan.high for one in data.values)
    outside = below + above
    p = float(stats.binom.sf(outside - 1, n, SHARE_OUTSIDE))
    percent = 100 * outside / n
    decision = Decision.ACCEPTED
    if outside > MOST_OUTSIDE * n:
        decision = Decision.REJECTED if p < RARE or plan.is_second else Decision.UNDETERMINED
    if decision is Decision.UNDETERMINED:
        remarks.append(reason(SECOND, count=outside, n=n))
    figures = Verified(n, plan.low, plan.high, outside, below, above, percent, p)
    criterion = Criterion(reason(OF_OUTSIDE), percent, 100 * MOST_OUTSIDE, decision)
    return decided("interval", figures, [criterion], remarks=remarks)


def _establish(plan: IntervalPlan, data: IntervalData, remarks: list[Reason]) -> Study:
    values = np.asarray(data.values)
    method = plan.method or ("nonparametric" if len(values) >= TO_RANK else "robust")
    if method == "nonparametric" and len(values) < TO_RANK:
        raise Unusable(TOO_FEW, field="value", count=len(values), least=TO_RANK)
    if method == "robust" and not plan.method:
        remarks.append(reason(FEW_RANKS, count=len(values), least=TO_RANK))
    if method == "nonparametric":
        (lower, upper), spans = by_ranks(values, plan.alpha)
    else:
        lower, upper = robust(values)
        spans = _resampled(values, plan.alpha, np.random.Generator(np.random.PCG64(plan.seed)))
    groups, notes = _partition(data)
    figures = Established(
        len(values), method, lower, upper, spans[0], spans[1], float(np.median(values)), groups
    )
    width = upper - lower
    criteria = [
        _narrow_enough(reason(OF_DOUBT, end=reason(end)), (span[1] - span[0]) / width)
        for end, span in zip(("lower", "upper"), spans, strict=True)
    ]
    return decided("interval", figures, criteria, remarks=[*remarks, *notes])


def _narrow_enough(what: Reason, share: float) -> Criterion:
    """A limit too doubtful is not wrong; more people make it sharper."""
    decision = Decision.ACCEPTED if share <= MOST_DOUBT else Decision.UNDETERMINED
    return Criterion(what, share, MOST_DOUBT, decision)


Span = tuple[float, float]


def by_ranks(values: Floats, alpha: float) -> tuple[Span, tuple[Span, Span]]:
    """The values at ranks 0.025 (n + 1) and 0.975 (n + 1), and the 1 - alpha interval of each by ranks."""
    ordered = np.sort(values)
    n = len(ordered)
    low, high = (_at_rank(ordered, share * (n + 1)) for share in (0.025, 0.975))
    first, last = rank_bounds(n, 0.025, alpha)
    of_low = (float(ordered[first - 1]), float(ordered[last - 1]))
    return (low, high), (of_low, (float(ordered[n - last]), float(ordered[n - first])))


def rank_bounds(n: int, share: float, alpha: float) -> tuple[int, int]:
    """The ranks that hold a quantile with at least 1 - alpha (binomial.

    EP28-A3c, table 8: 1 and 7 for 120).
    """
    first = max(int(stats.binom.ppf(alpha / 2, n, share)), 1)
    last = next(
        one for one in range(first + 1, n + 1) if _held(n, share, first, one) >= 1 - alpha or one == n
    )
    return first, last


def _held(n: int, share: float, first: int, last: int) -> float:
    return float(stats.binom.cdf(last - 1, n, share) - stats.binom.cdf(first - 1, n, share))


def _at_rank(ordered: Floats, rank: float) -> float:
    return float(np.interp(rank, np.arange(1, len(ordered) + 1), ordered))


def robust(values: Floats) -> Span:
    """Limits by biweight centre and spread.

    Source: Horn 1998; EP28-A3c, appendix B; Unusable when half the values tie.
    """
    n = len(values)
    middle = float(np.median(values))
    mad = float(np.median(np.abs(values - middle))) / NORMAL_MAD
    if not mad:
        raise Unusable(OUT_OF_RANGE, field="value", value=middle, range=">= 0.5 x n")
    wide = LOOSE * mad * math.sqrt(n) * _spread((values - middle) / (LOOSE * mad))
    tight = TIGHT * mad * math.sqrt(n) * _spread((values - middle) / (TIGHT * mad))
    centre = _centre(values, middle, mad)
    of_centre = TIGHT * tight * _spread((values - centre) / (TIGHT * tight))
    half = float(stats.t.ppf(0.975, n - 1)) * math.hypot(wide, of_centre)
    return centre - half, centre + half


def _spread(u: Floats) -> float:
    u = np.clip(u, -1, 1)
    inner = 1 - u**2
    share = float((inner * (1 - 5 * u**2)).sum())
    return math.sqrt(float((inner**4 * u**2).sum()) / (share * max(1.0, share - 1)))


def _centre(values: Floats, centre: float, mad: float) -> float:
    for _ in range(STEPS):
        weights = (1 - np.clip((values - centre) / (TIGHT * mad), -1, 1) ** 2) ** 2
        centre = float((weights * values).sum() / weights.sum())
    return centre


def _resampled(values: Floats, alpha: float, chance: np.random.Generator) -> tuple[Span, Span]:
    """Quantile intervals of the robust limits over samples drawn with replacement."""
    drawn = []
    for _ in range(ROUNDS):
        sample = values[chance.integers(0, len(values), len(values))]
        if np.median(np.abs(sample - np.median(sample))):
            drawn.append(robust(sample))
    low, high = np.quantile(np.asarray(drawn), [alpha / 2, 1 - alpha / 2], axis=0)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _partition(data: IntervalData) -> tuple[dict[str, dict[str, float]], list[Reason]]:
    """Mean and SD of each group, and pairs whose means are too far apart: z against 3 sqrt(mean n / 120)."""
    named = dict.fromkeys(data.groups)
    groups = {
        one: np.array([v for v, group in zip(data.values, data.groups, strict=True) if group == one])
        for one in named
    }
    figures = {
        one: {"n": float(len(v)), "mean": float(v.mean()), "sd": float(v.std(ddof=1)) if len(v) > 1 else 0.0}
        for one, v in groups.items()
    }
    notes, known = [], list(figures)
    for index, first in enumerate(known):
        for second in known[index + 1 :]:
            a, b = figures[first], figures[second]
            error = math.sqrt(a["sd"] ** 2 / a["n"] + b["sd"] ** 2 / b["n"])
            z = abs(a["mean"] - b["mean"]) / error if error else 0.0
            limit = 3 * math.sqrt((a["n"] + b["n"]) / 240)
            if z >= limit:
                notes.append(reason(PARTITION, first=first, second=second, z=z, limit=limit))
    return figures, notes
