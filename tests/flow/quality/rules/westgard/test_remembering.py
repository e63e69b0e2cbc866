"""One run at a time with what is remembered finds what the whole series, read by the definitions, shows."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.quality.rules.westgard.evaluation import Point, judge_run
from aliquot.flow.quality.rules.westgard.sets import shipped

Z = st.sampled_from(
    [None, *(Decimal(one) / 10 for one in (-31, -21, -20, -11, -10, -5, 0, 5, 10, 11, 12, 20, 21, 25, 31))]
)
SHIFTED = st.sampled_from([Decimal(one) / 10 for one in (0, 1, 5, 11, 12, 13, 21)])
STREAKS = {
    "3-1s": (3, 1),
    "4-1s": (4, 1),
    "6-x": (6, 0),
    "8-x": (8, 0),
    "9-x": (9, 0),
    "10-x": (10, 0),
    "12-x": (12, 0),
}


@st.composite
def series(draw: st.DrawFn) -> tuple[int, list[list[Decimal | None]]]:
    levels = draw(st.integers(1, 3))
    value = draw(st.sampled_from([Z, SHIFTED, st.one_of(Z, SHIFTED)]))
    return levels, draw(st.lists(st.lists(value, min_size=levels, max_size=levels), max_size=20))


@given(series())
def test_run_by_run_is_the_whole(given: tuple[int, list[list[Decimal | None]]]) -> None:
    levels, runs = given
    found: set[tuple[str, int]] = set()
    history: Sequence[Point] = ()
    for number, run in enumerate(runs, start=1):
        points = [Point(number, level, z) for level, z in enumerate(run, start=1) if z is not None]
        judged = judge_run(shipped("all"), number, points, levels, history)
        history = judged.history
        found |= {(one.flag, one.run) for one in judged.violations}
        assert len(history) <= 11 * levels
    assert found == by_definition(levels, runs)


def by_definition(levels: int, runs: Sequence[Sequence[Decimal | None]]) -> set[tuple[str, int]]:
    """All of the family with the whole series at hand, after laboratory practice's table, rule by rule."""
    found: set[tuple[str, int]] = set()
    for number, run in enumerate(runs, start=1):
        found |= {(flag, number) for flag in inside([z for z in run if z is not None], levels)}
    lines = [
        [(number, run[level]) for number, run in enumerate(runs, start=1) if run[level] is not None]
        for level in range(levels)
    ]
    for line in lines:
        found |= streaks(line, "within-level") | trends(line)
        found |= {("2-2s(within-level)", run) for run in ends(line, 2, Decimal(2))}
    if levels > 1:
        across = [(number, z) for number, run in enumerate(runs, start=1) for z in run if z is not None]
        found |= streaks(across, "across-levels")
    return found


def inside(run: list[Decimal], levels: int) -> set[str]:
    """Rules that look at one run only."""
    found = {f"1-{limit}s" for limit in (2, 3) if any(abs(z) > limit for z in run)}
    if not run:
        return found
    if max(run) > 2 and min(run) < -2:
        found.add("R-4s(classic)")
    if max(run) - min(run) > 4:
        found.add("R-4s(range)")
    if max(sum(z > 2 for z in run), sum(z < -2 for z in run)) >= 2:
        found.add("2-2s(across-levels,within-run)")
        if levels == 3:
            found.add("2of3-2s(within-run)")
    return found


def streaks(line: Sequence[tuple[int, Decimal | None]], variant: str) -> set[tuple[str, int]]:
    return {
        (f"{rule}({variant})", run)
        for rule, (count, limit) in STREAKS.items()
        for run in ends(line, count, Decimal(limit))
    }


def ends(line: Sequence[tuple[int, Decimal | None]], count: int, limit: Decimal) -> set[int]:
    found = set()
    for last in range(count, len(line) + 1):
        values = [z for _, z in line[last - count : last] if z is not None]
        if min(values) > limit or max(values) < -limit:
            found.add(line[last - 1][0])
    return found


def trends(line: Sequence[tuple[int, Decimal | None]]) -> set[tuple[str, int]]:
    found = set()
    for last in range(7, len(line) + 1):
        values = [z for _, z in line[last - 7 : last] if z is not None]
        if len(set(values)) == 7 and values in (sorted(values), sorted(values, reverse=True)):
            found.add(("7T", line[last - 1][0]))
    return found
