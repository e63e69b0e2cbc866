"""Runs of control against a set of rules: one at a time with what is remembered, or a whole series.

Source: Westgard et al., Clin Chem 1981;27:493; PMC3909142, Table 1. Levels are compared within a run and, run
after run, in the order of the levels. R-4s never looks beyond its run: between runs error is systematic.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from aliquot.flow.quality.rules.westgard.definitions import Check, Error, Kind, Variant
from aliquot.flow.quality.rules.westgard.sets import Counting, RuleSet


class Severity(StrEnum):
    """A warning asks for a look, a rejection stops the release."""

    WARNING = "warning"
    REJECTION = "rejection"


class Verdict(StrEnum):
    """How a run stands."""

    ACCEPTED = "accepted"
    WARNING = "warning"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Point:
    """One control value: run (growing), level, z = (value - mean) / SD, unrounded."""

    run: int
    level: int
    z: Decimal


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: in which run, of which severity, on which points it rests, the newest last."""

    check: Check
    severity: Severity
    run: int
    points: tuple[Point, ...]

    @property
    def rule(self) -> str:
        return self.check.rule

    @property
    def variant(self) -> Variant:
        return self.check.variant

    @property
    def flag(self) -> str:
        return self.check.flag

    @property
    def error(self) -> Error:
        return self.check.error

    @property
    def levels(self) -> tuple[int, ...]:
        return tuple(sorted({one.level for one in self.points}))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a run is found to be, and the points that the next run has to be judged with."""

    run: int
    verdict: Verdict
    violations: tuple[Violation, ...]
    history: tuple[Point, ...]


def standardised(value: Decimal, mean: Decimal, sd: Decimal) -> Decimal:
    """How many SD a value lies above its target, unrounded; ValueError for an SD that is not above zero."""
    if sd <= 0:
        raise ValueError("sd: an SD is above zero.")
    return (value - mean) / sd


def judge_run(
    rules: RuleSet, run: int, points: Sequence[Point], levels: int, history: Sequence[Point] = ()
) -> Judgement:
    """One run against the rules: its verdict and every broken rule with the points it rests on.

    `points`: what was measured, in the order of the levels; `levels`: how many the plan has; `history`: of
    the judgement before (empty: counting begins). A missing level neither breaks a series nor adds to it.
    """
    line = (*history, *points)
    own = {key: [one for one in line if one.level == key] for key in sorted({p.level for p in points})}
    found = [
        Violation(check, severity, run, tuple(hit))
        for severity, checks in (
            (Severity.WARNING, rules.warning),
            (Severity.REJECTION, rules.rejecting),
        )
        for check in checks
        if levels >= check.levels
        for hit in _hits(check, run, points, line, own)
    ]
    if rules.is_screened and not any(one.severity is Severity.WARNING for one in found):
        found = []
    verdict = _verdict(found)
    return Judgement(run, verdict, tuple(found), _remembered(rules, verdict, history, line))


def evaluate(rules: RuleSet, runs: Iterable[Sequence[Decimal | None]], levels: int) -> list[Judgement]:
    """Every run of a series, numbered from 1; a run holds a z for each level, None where it is missing."""
    return judge_series(
        rules,
        (
            (
                number,
                [Point(number, level, z) for level, z in enumerate(run, start=1) if z is not None],
            )
            for number, run in enumerate(runs, start=1)
        ),
        levels,
    )


def judge_series(rules: RuleSet, runs: Iterable[tuple[int, Sequence[Point]]], levels: int) -> list[Judgement]:
    """Every run of a series, each judged with what the one before leaves."""
    history: tuple[Point, ...] = ()
    judged = []
    for number, points in runs:
        judged.append(judge_run(rules, number, points, levels, history))
        history = judged[-1].history
    return judged


def _verdict(found: Sequence[Violation]) -> Verdict:
    if any(one.severity is Severity.REJECTION for one in found):
        return Verdict.REJECTED
    return Verdict.WARNING if found else Verdict.ACCEPTED


def _remembered(
    rules: RuleSet, verdict: Verdict, history: Sequence[Point], line: Sequence[Point]
) -> tuple[Point, ...]:
    """The newest points of each level that a later run still reaches; those of all levels are among them."""
    if verdict is Verdict.REJECTED and rules.counting is Counting.AFRESH:
        return ()
    if verdict is Verdict.REJECTED and rules.counting is Counting.WITHOUT_REJECTED:
        return tuple(history)
    left: dict[int, int] = {}
    kept, depth = [], rules.depth
    for point in reversed(line):
        left[point.level] = left.get(point.level, 0) + 1
        if left[point.level] <= depth:
            kept.append(point)
    return tuple(reversed(kept))


def _hits(
    check: Check,
    run: int,
    points: Sequence[Point],
    line: Sequence[Point],
    own: Mapping[int, Sequence[Point]],
) -> Iterable[Sequence[Point]]:
    """Each set of points that breaks the rule in this run; `line`: with those remembered, `own`: by level."""
    if check.kind not in {Kind.STREAK, Kind.TREND}:
        return _IN_A_RUN[check.kind](check, points)
    lines = [line] if check.variant is Variant.ACROSS_LEVELS else own.values()
    return filter(None, (_newest_series(check, one, run) for one in lines))


def _newest_series(check: Check, line: Sequence[Point], run: int) -> Sequence[Point]:
    """The newest series that breaks the rule and ends in this run; empty where there is none."""
    test = _goes_one_way if check.kind is Kind.TREND else _lies_on_one_side
    for end in range(len(line), check.count - 1, -1):
        if line[end - 1].run != run:
            break
        if test(line[end - check.count : end], check.limit):
            return line[end - check.count : end]
    return ()


def _lies_on_one_side(series: Sequence[Point], limit: Decimal) -> bool:
    if series[-1].z > limit:
        return all(one.z > limit for one in series)
    below = -limit
    return series[-1].z < below and all(one.z < below for one in series)


def _goes_one_way(series: Sequence[Point], _: Decimal) -> bool:
    if series[0].z < series[1].z:
        return all(one.z < after.z for one, after in pairwise(series))
    return all(one.z > after.z for one, after in pairwise(series))


def _single(check: Check, points: Sequence[Point]) -> list[list[Point]]:
    return [[one] for one in points if abs(one.z) > check.limit]


def _together(check: Check, points: Sequence[Point]) -> list[list[Point]]:
    sides = (
        [one for one in points if one.z > check.limit],
        [one for one in points if one.z < -check.limit],
    )
    return [side for side in sides if len({one.level for one in side}) >= check.count]


def _opposite(check: Check, points: Sequence[Point]) -> list[list[Point]]:
    pair = _outermost(points)
    return [pair] if pair and pair[0].z > check.limit and pair[1].z < -check.limit else []


def _spread(check: Check, points: Sequence[Point]) -> list[list[Point]]:
    pair = _outermost(points)
    return [pair] if pair and pair[0].z - pair[1].z > check.limit else []


def _outermost(points: Sequence[Point]) -> list[Point]:
    """The highest and the lowest value of a run."""
    if not points:
        return []
    return [max(points, key=lambda one: one.z), min(points, key=lambda one: one.z)]


_IN_A_RUN: dict[Kind, Callable[[Check, Sequence[Point]], list[list[Point]]]] = {
    Kind.SINGLE: _single,
    Kind.TOGETHER: _together,
    Kind.OPPOSITE: _opposite,
    Kind.SPREAD: _spread,
}
