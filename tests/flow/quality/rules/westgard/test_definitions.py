"""The names of control rules: as printed, as people write them, and what is no rule."""

from decimal import Decimal

import pytest

from aliquot.flow.quality.rules.westgard.definitions import Error, Kind, checks_named, checks_of
from aliquot.registers.catalogue.rules.calculators.quantities import InputError


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("1-2s", ["1-2s"]),
        ("13s", ["1-3s"]),
        ("1:3s", ["1-3s"]),
        ("1-2.5S", ["1-2.5s"]),
        ("2-2s", ["2-2s(within-level)", "2-2s(across-levels,within-run)"]),
        ("22s", ["2-2s(within-level)", "2-2s(across-levels,within-run)"]),
        ("2-2s(within-level)", ["2-2s(within-level)"]),
        ("2-2s(across-levels,within-run)", ["2-2s(across-levels,within-run)"]),
        ("R-4s", ["R-4s(classic)"]),
        ("r4s", ["R-4s(classic)"]),
        ("R-4s(range)", ["R-4s(range)"]),
        ("4-1s", ["4-1s(within-level)", "4-1s(across-levels)"]),
        ("3_1s", ["3-1s(within-level)", "3-1s(across-levels)"]),
        ("10x", ["10-x(within-level)", "10-x(across-levels)"]),
        ("12-X(across levels)", ["12-x(across-levels)"]),
        ("10х", ["10-x(within-level)", "10-x(across-levels)"]),
        ("2of3-2s", ["2of3-2s(within-run)"]),
        ("2 of 3 2s", ["2of3-2s(within-run)"]),
        ("7T", ["7T"]),
        ("7-т", ["7T"]),
    ],
)
def test_a_rule_is_known_by_its_names(name: str, flags: list[str]) -> None:
    assert [one.flag for one in checks_named(name)] == flags


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1-3", "no control rule"),
        ("", "no control rule"),
        ("R-4s(wide)", "there is R-4s(classic), R-4s(range)"),
        ("40-x", "2 to 20 values"),
        ("1-x", "2 to 20 values"),
        ("0-2s", "2 to 20 values"),
    ],
)
def test_what_is_no_rule_is_named_with_what_would_be_one(name: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        checks_named(name)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("1-2s", Error.EITHER),
        ("1-3s", Error.RANDOM),
        ("R-4s", Error.RANDOM),
        ("2-2s", Error.SYSTEMATIC),
        ("4-1s", Error.SYSTEMATIC),
        ("10-x", Error.SYSTEMATIC),
        ("7T", Error.SYSTEMATIC),
        ("2of3-2s", Error.SYSTEMATIC),
    ],
)
def test_a_rule_speaks_of_one_kind_of_error(name: str, error: Error) -> None:
    assert {one.error for one in checks_named(name)} == {error}


@pytest.mark.parametrize(
    ("name", "depth"), [("1-3s", 0), ("R-4s", 0), ("2-2s", 1), ("4-1s", 3), ("12-x", 11), ("7T", 6)]
)
def test_a_rule_remembers_no_more_than_it_counts(name: str, depth: int) -> None:
    assert max(one.depth for one in checks_named(name)) == depth


def test_rules_named_twice_stand_once() -> None:
    assert [one.flag for one in checks_of(["1-3s", "13s", "R-4s"])] == ["1-3s", "R-4s(classic)"]


def test_limits_are_read_exactly() -> None:
    (check,) = checks_named("R-4s")
    assert (check.kind, check.limit) == (Kind.OPPOSITE, Decimal(2))
