"""Control runs judged: every rule broken and just not broken, with the points it rests on."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.westgard.definitions import Error, Variant
from aliquot.flow.quality.rules.westgard.evaluation import (
    Judgement,
    Point,
    Severity,
    Verdict,
    evaluate,
    judge_run,
    standardised,
)
from aliquot.flow.quality.rules.westgard.sets import Counting, RuleSet, rule_set, shipped

Flags = set[tuple[str, int]]


def runs(*given: str) -> list[list[Decimal | None]]:
    """`"2.1 -"`: level 1 at 2.1 SD, level 2 not measured."""
    return [[None if one == "-" else Decimal(one) for one in run.split()] for run in given]


def judged(*given: str, rules: RuleSet | None = None, levels: int = 0) -> list[Judgement]:
    return evaluate(rules or shipped("all"), runs(*given), levels or max(len(one.split()) for one in given))


def flags(*given: str, rules: RuleSet | None = None, levels: int = 0) -> Flags:
    found = judged(*given, rules=rules, levels=levels)
    return {(one.flag, one.run) for run in found for one in run.violations}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["0.2 -0.4", "-0.8 0.9"], set()),
        (["2 -2"], set()),  # exactly on the limit is not beyond it
        (["2.01 0"], {("1-2s", 1)}),
        (["-3 0"], {("1-2s", 1)}),
        (["-3.01 0"], {("1-2s", 1), ("1-3s", 1)}),
        (["2.1 0.1", "2.4 -0.2"], {("1-2s", 1), ("1-2s", 2), ("2-2s(within-level)", 2)}),
        (["2.2 0.1", "-2.2 0.1"], {("1-2s", 1), ("1-2s", 2)}),  # other sides; R-4s within a run only
        (["2.1 0.1", "0.1 2.4"], {("1-2s", 1), ("1-2s", 2)}),  # other levels in other runs
        (["2.1 2.2"], {("1-2s", 1), ("2-2s(across-levels,within-run)", 1)}),
        (["-2.1 -2.2"], {("1-2s", 1), ("2-2s(across-levels,within-run)", 1)}),
        (["2.5 -1.5"], {("1-2s", 1)}),  # apart by 4 exactly
        (["2.5 -1.8"], {("1-2s", 1), ("R-4s(range)", 1)}),
        (["-1.8 2.5"], {("1-2s", 1), ("R-4s(range)", 1)}),
        (["2.1 -2.1"], {("1-2s", 1), ("R-4s(classic)", 1), ("R-4s(range)", 1)}),
        (["-1.2 -1.1", "-1.3 -1.4"], {("3-1s(across-levels)", 2), ("4-1s(across-levels)", 2)}),
        (["1.1", "1.2", "1.3", "1"], {("3-1s(within-level)", 3)}),  # the fourth is not beyond 1 SD
        (
            ["1.1", "1.2", "1.4", "1.3"],
            {("3-1s(within-level)", 3), ("3-1s(within-level)", 4), ("4-1s(within-level)", 4)},
        ),
        (["0.2 0.3 -0.1", "2.1 0.4 2.5"], {
            ("1-2s", 2), ("2-2s(across-levels,within-run)", 2), ("2of3-2s(within-run)", 2),
        }),
        (["0.2 0.1 0.3", "0.4 0.5 0.2"], {("6-x(across-levels)", 2)}),
        (["-1", "-1.2", "-1.3"], set()),
        (["2.0 -2.1"], {("1-2s", 1), ("R-4s(range)", 1)}),
        (["2.1 -2.0"], {("1-2s", 1), ("R-4s(range)", 1)}),
        (["-0.2 -0.1 -0.3", "-0.4 0 -0.2"], set()),
        (["0.2 0.1 0.3", "0.4 0 0.2"], set()),  # a value on the mean is on neither side
        (["-1.5", "-1.0", "-0.6", "-0.1", "0.4", "0.8", "1.3"], {("7T", 7)}),
        (["1.3", "0.8", "0.4", "-0.1", "-0.6", "-1", "-1.5"], {("7T", 7)}),
        (["-1.5", "-1.0", "-0.6", "-0.6", "0.4", "0.8", "1.3"], set()),  # not strictly
        (["1.3", "0.8", "0.4", "0.4", "-0.6", "-1", "-1.5"], set()),
        (["2.1 -", "2.3 0.2"], {("1-2s", 1), ("1-2s", 2), ("2-2s(within-level)", 2)}),
        (["2.1 0.1", "- 0.2", "2.3 -0.2"], {("1-2s", 1), ("1-2s", 3), ("2-2s(within-level)", 3)}),
        (["- -"], set()),
    ],
)  # fmt: skip
def test_rules_are_broken_as_they_are_defined(given: list[str], expected: Flags) -> None:
    assert flags(*given) == expected


def test_one_side_of_the_mean_within_a_level() -> None:
    values = ["0.3", "0.2", "0.5", "0.1", "0.4", "0.9", "0.2", "0.3", "0.6", "0.1", "0.2", "0.3"]
    found = flags(*values)
    assert {run for rule, run in found if rule == "10-x(within-level)"} == {10, 11, 12}
    assert {run for rule, run in found if rule == "12-x(within-level)"} == {12}
    assert {rule for rule, _ in found} == {f"{count}-x(within-level)" for count in (6, 8, 9, 10, 12)}
    below = flags(*(f"-{one}" for one in values))
    assert below == found


def test_one_side_of_the_mean_across_levels() -> None:
    found = flags("0.3 0.2", "0.4 0.1", "0.5 0.2", "0.6 0.7")
    assert found == {("6-x(across-levels)", 3), ("6-x(across-levels)", 4), ("8-x(across-levels)", 4)}


def test_a_series_across_levels_may_end_in_the_middle_of_a_run() -> None:
    assert ("4-1s(across-levels)", 3) in flags("0 1.1", "1.2 1.3", "1.4 0")


def test_one_level_knows_nothing_across_levels() -> None:
    found = flags(*["0.5"] * 12)
    assert not {rule for rule, _ in found if "across" in rule}


def test_the_three_of_2of3_are_levels() -> None:
    rules = rule_set(["2of3-2s"])
    assert flags("2.1 2.2", rules=rules) == set()
    assert flags("2.1 2.2 -", rules=rules, levels=3) == {("2of3-2s(within-run)", 1)}
    assert flags("2.1 -2.2 2", rules=rules) == set()


def test_a_violation_tells_its_points_error_and_severity() -> None:
    (_, second) = judged("2.1 0.1", "2.4 -0.2", rules=shipped("westgard"))
    warning, rejection = second.violations
    assert (warning.flag, warning.severity, warning.error) == ("1-2s", Severity.WARNING, Error.EITHER)
    assert rejection.points == (Point(1, 1, Decimal("2.1")), Point(2, 1, Decimal("2.4")))
    assert (rejection.rule, rejection.variant) == ("2-2s", Variant.WITHIN_LEVEL)
    assert (rejection.severity, rejection.error) == (Severity.REJECTION, Error.SYSTEMATIC)
    assert (rejection.run, rejection.levels) == (2, (1,))
    assert second.verdict is Verdict.REJECTED


def test_both_levels_may_break_a_rule_in_one_run() -> None:
    (run,) = judged("3.1 -3.2", rules=rule_set(["1-3s"]))
    assert [one.levels for one in run.violations] == [(1,), (2,)]


def test_a_warning_rejects_nothing() -> None:
    (run,) = judged("2.1 0", rules=shipped("westgard"))
    assert run.verdict is Verdict.WARNING
    assert judged("1.9 0", rules=shipped("westgard"))[0].verdict is Verdict.ACCEPTED


def test_by_hand_only_a_warned_run_is_inspected() -> None:
    shift = ["0.5 0.5"] * 5
    assert ("10-x(across-levels)", 5) in flags(*shift, rules=shipped("westgard"))
    assert flags(*shift, rules=shipped("manual")) == set()
    assert ("10-x(across-levels)", 5) in flags(*shift[:4], "2.1 0.5", rules=shipped("manual"))


@pytest.mark.parametrize(
    ("counting", "rejected"),
    [
        (Counting.EVERY_RUN, [2, 3, 4]),
        (Counting.WITHOUT_REJECTED, [2, 3, 4]),
        (Counting.AFRESH, [2, 4]),
    ],
)
def test_a_shift_that_was_not_mended(counting: Counting, rejected: list[int]) -> None:
    rules = rule_set(["2-2s"], counting=counting)
    found = judged("2.1", "2.2", "2.3", "2.4", rules=rules)
    assert [one.run for one in found if one.verdict is Verdict.REJECTED] == rejected


@pytest.mark.parametrize(
    ("counting", "rejected"),
    [(Counting.EVERY_RUN, [2, 3]), (Counting.WITHOUT_REJECTED, [2]), (Counting.AFRESH, [2])],
)
def test_a_rejected_run_does_not_spoil_the_next(counting: Counting, rejected: list[int]) -> None:
    rules = rule_set(["1-3s", "2-2s"], counting=counting)
    found = judged("0.1", "3.5", "2.1", rules=rules)
    assert [one.run for one in found if one.verdict is Verdict.REJECTED] == rejected


def test_replicates_of_a_level_are_consecutive_values() -> None:
    points = [Point(1, 1, Decimal("2.1")), Point(1, 1, Decimal("2.2")), Point(1, 2, Decimal(0))]
    run = judge_run(shipped("all"), 1, points, levels=2)
    assert {one.flag for one in run.violations} == {"1-2s", "2-2s(within-level)"}


def test_what_is_remembered_is_bounded() -> None:
    found = judged(*["0.5 -0.5"] * 60, rules=shipped("all"))
    assert len(found[-1].history) == 2 * 11


def test_a_value_in_sd_of_its_target() -> None:
    assert standardised(Decimal("5.4"), Decimal(5), Decimal("0.2")) == 2
    with pytest.raises(ValueError, match="an SD is above zero"):
        standardised(Decimal(5), Decimal(5), Decimal(0))
