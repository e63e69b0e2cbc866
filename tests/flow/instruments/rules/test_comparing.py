"""What another reading of an old message would change, line by line."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aliquot.flow.instruments.rules.replay import Change, Field, Line, compare_lines

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FILED = Line(1, "filed", "45", "K", "4.2", "4.2", "mmol/L", ("H", "L"), "final", AT, id=7)


def line(**changes: Any) -> Line:
    return replace(FILED, **changes)


def test_nothing_differs_between_equal_readings() -> None:
    assert compare_lines([FILED], [line(id=0)]) == ()
    assert compare_lines([], []) == ()


def test_changes_stand_by_position() -> None:
    found = compare_lines(
        [line(position=3), line(position=2)], [line(position=1), line(position=2, value="4.3")]
    )
    assert [(one.kind, one.position) for one in found] == [("new", 1), ("changed", 2), ("gone", 3)]
    assert (found[0].before, found[0].after) == (None, line(position=1))
    assert (found[2].before, found[2].after) == (line(position=3), None)


@pytest.mark.parametrize("state", ["received", "dismissed"])
def test_what_nobody_settled_is_not_missed(state: str) -> None:
    assert compare_lines([line(state=state)], []) == ()


@pytest.mark.parametrize("state", ["quarantined", "filed", "control", "kept", "duplicate"])
def test_what_was_settled_is_missed(state: str) -> None:
    assert [one.kind for one in compare_lines([line(state=state)], [])] == ["gone"]


def test_what_waits_to_be_matched_is_left_to_that() -> None:
    assert compare_lines([line(state="received")], [line(value="9")]) == ()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"specimen_code": "46"}, Field("specimen_code", "45", "46")),
        ({"code": "NA"}, Field("code", "K", "NA")),
        ({"value": "4.3"}, Field("value", "4.2", "4.3")),
        ({"number": ""}, Field("number", "4.2", "")),
        ({"unit": "mg/dL"}, Field("unit", "mmol/L", "mg/dL")),
        ({"flags": ()}, Field("flags", "H L", "")),
        ({"status": "rerun"}, Field("status", "final", "rerun")),
        ({"measured_at": None}, Field("measured_at", "2026-11-22T06:00:00+00:00", "")),
    ],
)
def test_each_field_that_differs_is_shown(changes: dict[str, Any], field: Field) -> None:
    after = line(id=0, **changes)
    assert compare_lines([FILED], [after]) == (Change("changed", 1, FILED, after, (field,)),)


@pytest.mark.parametrize(
    ("before", "after", "is_changed"),
    [
        ("filed", "kept", True),
        ("filed", "control", True),
        ("filed", "quarantined", False),
        ("quarantined", "filed", True),
        ("quarantined", "quarantined", False),
        ("kept", "filed", True),
        ("kept", "kept", False),
        ("control", "kept", True),
        ("duplicate", "filed", False),
    ],
)
def test_the_same_words_may_mean_something_else(*, before: str, after: str, is_changed: bool) -> None:
    found = compare_lines([line(state=before)], [line(state=after)])
    assert [one.kind for one in found] == (["fate"] if is_changed else [])


@pytest.mark.parametrize(
    ("before", "after", "touches", "loses"),
    [
        (None, line(), False, False),
        (line(state="kept"), None, False, False),
        (line(), None, True, True),
        (line(), line(state="kept"), True, True),
        (line(), line(value="9"), True, False),
        (line(), line(code="NA"), True, True),
        (line(), line(specimen_code="46"), True, True),
    ],
)
def test_a_filed_value_in_question_is_for_a_person(
    *, before: Line | None, after: Line | None, touches: bool, loses: bool
) -> None:
    (change,) = compare_lines([before] if before else [], [after] if after else [])
    assert (change.touches_filed, change.loses_filed) == (touches, loses)
