"""Titres and grades over time: by how many steps they rose."""

from datetime import UTC, datetime, timedelta

from aliquot.flow.results.rules.history import Change, Point, changes

START = datetime(2026, 3, 1, tzinfo=UTC)


def steps(*texts: str) -> list[int | None]:
    """The steps of values collected a day after one another."""
    points = [Point(START + timedelta(days=day), None, text, "", "") for day, text in enumerate(texts)]
    return [one.steps for one in changes(points)]


def test_a_titre_rises_by_doubling_dilutions() -> None:
    assert steps("1:20", "1:40", "1:320", "<1:20", "1:20") == [None, 1, 3, None, None]


def test_a_grade_rises_by_places_of_the_scale() -> None:
    assert steps("negative", "trace", "3+", "отрицательно") == [None, 1, 3, -4]


def test_words_have_no_steps() -> None:
    found = changes([Point(START, None, "E. coli", "", ""), Point(START, None, "E. coli", "", "")])
    assert [(one.steps, one.since, one.percent) for one in found] == [(None, None, None)] * 2


def test_a_step_says_from_when_to_when_and_of_which_value() -> None:
    first, second = (
        Point(START + timedelta(days=day), None, text, "", "") for day, text in enumerate(["1:20", "1:40"])
    )
    assert changes([second, first]) == [Change(first, None, None), Change(second, None, START, 1)]
    words = Point(START + timedelta(days=2), None, "E. coli", "", "")
    assert changes([first, words])[1] == Change(words, None, None)
    same = Point(START, None, "1:40", "", "")
    assert changes([first, same])[1] == Change(same, None, None)


def test_a_grade_is_a_place_of_the_tests_own_scale() -> None:
    own = (("none",), ("few",), ("some",), ("many",))
    points = [
        Point(START + timedelta(days=day), None, text, "", "")
        for day, text in enumerate(["few", "many", "none"])
    ]
    assert [one.steps for one in changes(points, own)] == [None, 2, -3]
    assert [one.steps for one in changes(points)] == [None, None, None]
