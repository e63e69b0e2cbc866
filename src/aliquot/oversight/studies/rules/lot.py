"""Lot against lot: the mean difference of patients' specimens between the lot in use and the new one.

Source: CLSI EP26-A: the critical difference is what may be missed, and the new lot is turned down when the
mean difference passes
the rejection limit, which lies below it by what chance may hide (power 95 %, here by Student's t of the
pairs).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import Reason, Study, Unusable, decided, reason, within
from aliquot.oversight.studies.rules.given import TOO_FEW, Given, complete, significance
from aliquot.oversight.studies.rules.limits import NOTHING_STATED, Allowable, allowable_bias

OLD = ("current", "old", "x", "a", "in_use", "lot_old", "current_lot", "старый")
NEW = ("candidate", "new", "y", "b", "lot_new", "new_lot", "новый")
LEAST = 3

OF_DIFFERENCE = "Mean difference of the lots"
OF_DIFFERENCE_AT = "Mean difference of the lots, level %(level)s"
MORE = "%(count)s pairs: for a power of 95 %% at this imprecision take %(needed)s."
NO_MORE = "The imprecision is too large for the critical difference: the rejection limit falls below 0."


@dataclass(frozen=True, slots=True)
class LotPlan:
    """The critical difference, absolute or in percent of the level, and one-sided alpha of the interval."""

    critical: Allowable = NOTHING_STATED
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class LotData:
    """Pairs of the lot in use and the new one, and the level each belongs to."""

    current: tuple[float, ...]
    candidate: tuple[float, ...]
    levels: tuple[str, ...] = ()
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class LotLevel:
    """The difference of the lots at one level, and what it is held against."""

    n: int
    mean_current: float
    mean_candidate: float
    difference: float
    difference_percent: float | None
    sd: float
    low: float
    high: float
    critical: float | None
    rejection_limit: float | None
    n_needed: int | None


@dataclass(frozen=True, slots=True)
class LotFigures:
    """All pairs together, and each level."""

    overall: LotLevel
    levels: Mapping[str, LotLevel]

    def named(self) -> dict[str, Any]:
        """The figures of all pairs, then those of the levels."""
        return {name: getattr(self.overall, name) for name in LotLevel.__slots__} | {"levels": self.levels}


def read_lot(given: Given) -> tuple[LotPlan, LotData]:
    """Plan and pairs from named inputs."""
    columns: dict[str, Sequence[Any]] = {
        "current": given.column(*OLD, wanted="the values with the lot in use"),
        "candidate": given.column(*NEW, wanted="the values of the same specimens with the new lot"),
    }
    levels = given.labels("level", "group", "уровень")
    if levels:
        columns["level"] = levels
    kept, remarks = complete(columns, least=LEAST)
    absolute = given.number("critical_difference", "cd", above=0)
    percent = given.number("critical_difference_percent", "cd_percent", above=0)
    plan = LotPlan(Allowable(absolute, percent) or allowable_bias(given), significance(given))
    return plan, LotData(kept["current"], kept["candidate"], kept.get("level", ()), remarks)


def lot_to_lot(plan: LotPlan, data: LotData) -> Study:
    """The differences, judged at each level where levels are named, else over all pairs."""
    overall = _level(plan, data, range(len(data.current)))
    named = dict.fromkeys(data.levels)
    levels = {
        one: _level(plan, data, [i for i, level in enumerate(data.levels) if level == one]) for one in named
    }
    judged = {reason(OF_DIFFERENCE_AT, level=name): one for name, one in levels.items()} or {
        reason(OF_DIFFERENCE): overall
    }
    criteria = [
        within(what, one.difference, one.critical, low=one.low, high=one.high)
        for what, one in judged.items()
        if one.critical is not None
    ]
    remarks = [*data.remarks, *(note for one in judged.values() for note in _remarks(one))]
    return decided(
        "lot", LotFigures(overall, levels), criteria, fields="critical_difference", remarks=remarks
    )


def _level(plan: LotPlan, data: LotData, rows: Sequence[int]) -> LotLevel:
    n = len(rows)
    if n < LEAST:
        raise Unusable(TOO_FEW, field="level", count=n, least=LEAST)
    old, new = (np.array([column[row] for row in rows]) for column in (data.current, data.candidate))
    off = new - old
    mean, difference, sd = float(old.mean()), float(off.mean()), float(off.std(ddof=1))
    t = float(stats.t.ppf(1 - plan.alpha, n - 1))
    half = t * sd / n**0.5
    critical = plan.critical.at(mean)
    needed = None if critical is None else _needed(critical, sd, plan.alpha)
    return LotLevel(
        n, mean, float(new.mean()), difference, 100 * difference / abs(mean) if mean else None, sd,
        difference - half, difference + half, critical, None if critical is None else critical - half, needed,
    )  # fmt: skip


def _needed(critical: float, sd: float, alpha: float) -> int:
    """Pairs with which no difference is accepted and one of the critical size found, each with 1 - alpha."""
    z = 2 * float(stats.norm.ppf(1 - alpha))
    return max(LEAST, int(np.ceil((z * sd / critical) ** 2)))


def _remarks(one: LotLevel) -> list[Reason]:
    found = []
    if one.n_needed is not None and one.n_needed > one.n:
        found.append(reason(MORE, count=one.n, needed=one.n_needed))
    if one.rejection_limit is not None and one.rejection_limit <= 0:
        found.append(reason(NO_MORE))
    return found
