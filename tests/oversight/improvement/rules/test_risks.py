"""The matrix of risks, and when what is left may be accepted."""

import pytest

from aliquot.oversight.improvement.rules.risks import ORDER, STEPS, Level, Rating, level_of, why_not_accepted

LOW, MEDIUM, HIGH = Rating(1, 1), Rating(3, 3), Rating(5, 5)


@pytest.mark.parametrize(
    ("severity", "probability", "level"),
    [(1, 1, Level.LOW), (1, 5, Level.MEDIUM), (3, 3, Level.MEDIUM), (4, 4, Level.HIGH), (5, 1, Level.MEDIUM)],
)
def test_a_place_of_the_matrix(severity: int, probability: int, level: Level) -> None:
    assert level_of(severity, probability) is level
    assert Rating(severity, probability).level is level


def test_a_greater_risk_is_never_lower() -> None:
    for severity in STEPS:
        for probability in STEPS:
            here = ORDER.index(level_of(severity, probability))
            assert here <= ORDER.index(level_of(min(severity + 1, 5), probability))
            assert here <= ORDER.index(level_of(severity, min(probability + 1, 5)))


@pytest.mark.parametrize(("severity", "probability"), [(0, 3), (6, 3), (3, 0), (3, 6)])
def test_other_numbers_are_refused(severity: int, probability: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        level_of(severity, probability)


@pytest.mark.parametrize(
    ("before", "after", "controls", "roles", "why"),
    [
        (MEDIUM, None, ["a"], "director", "unrated"),
        (MEDIUM, LOW, [], "director", "uncontrolled"),
        (LOW, LOW, [], "", ""),
        (MEDIUM, LOW, ["a"], "", ""),
        (LOW, MEDIUM, ["a"], "director", "grown"),
        (HIGH, HIGH, ["a"], "director", "high"),
        (HIGH, MEDIUM, ["a"], "", "director"),
        (HIGH, MEDIUM, ["a"], "director", ""),
    ],
)
def test_what_is_left_is_accepted_or_not(
    before: Rating, after: Rating | None, controls: list[str], roles: str, why: str
) -> None:
    assert why_not_accepted(before, after, controls, is_director=roles == "director") == why
