"""A rule in words, for every rule of the family, and where to look first."""

import pytest

from aliquot.flow.quality.rules.westgard.definitions import KNOWN, Error, checks_named, checks_of
from aliquot.flow.quality.rules.westgard.meanings import meaning, where_to_look


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1-3s", "One value lies more than 3 SD from its mean."),
        (
            "4-1s(within-level)",
            "4 values of one level in a row lie more than 1 SD from the mean, on one side.",
        ),
        (
            "10-x(across-levels)",
            "10 values in a row, all levels together, lie on one side of their means.",
        ),
        ("10-x(within-level)", "10 values of one level in a row lie on one side of the mean."),
        (
            "2of3-2s",
            "2 of 3 levels of one run lie more than 2 SD from their means, on one side.",
        ),
        (
            "R-4s(classic)",
            "In one run a value lies more than 2 SD above its mean and another as far below.",
        ),
        ("R-4s(range)", "Two values of one run lie more than 4 SD apart."),
        ("7T", "7 values of one level in a row rise, or fall, each beyond the one before."),
    ],
)
def test_a_rule_in_words(name: str, words: str) -> None:
    (check,) = checks_named(name)
    assert meaning(check).message == words


def test_every_rule_has_words() -> None:
    checks = checks_of([*KNOWN, "R-4s(range)", "1-2.5s", "5-1.5s"])
    assert len({meaning(one).message for one in checks}) == len(checks)


def test_every_error_has_causes() -> None:
    assert where_to_look(Error.RANDOM).message.startswith("Random error: look for bubbles")
    assert where_to_look(Error.SYSTEMATIC).message.startswith("Systematic error: look at the calibration")
    assert (
        where_to_look(Error.EITHER).message == "A warning: look at the other levels and at the runs before."
    )
