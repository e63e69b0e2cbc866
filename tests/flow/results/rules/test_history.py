"""Values over time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.results.rules.history import Point, changes
from aliquot.flow.verification.rules.kinds.delta import percent_change

START = datetime(2026, 1, 1, tzinfo=UTC)


def point(day: int, value: str | None, unit: str = "mmol/L", comparator: str = "") -> Point:
    number = Decimal(value) if value else None
    return Point(START + timedelta(days=day), number, value or "seen", unit, "", comparator)


def test_each_point_is_compared_with_the_nearest_earlier_comparable_one() -> None:
    points = [
        point(3, "5"),
        point(1, "4"),
        point(2, None),
        point(2, "3", comparator="<"),
        point(4, "80", "mg/dL"),
    ]
    assert [(one.point.value, one.percent) for one in changes(points)] == [
        (Decimal(4), None),
        (None, None),
        (Decimal(3), None),
        (Decimal(5), Decimal(25)),
        (Decimal(80), None),
    ]


def test_points_of_one_moment_are_not_compared() -> None:
    assert [one.since for one in changes([point(1, "4"), point(1, "5")])] == [None, None]


def test_a_change_from_zero_has_no_percentage() -> None:
    assert percent_change(Decimal(1), Decimal(0)) is None
    assert percent_change(Decimal(0), Decimal(0)) == 0


def test_a_change_is_measured_against_the_size_of_the_earlier_value() -> None:
    assert percent_change(Decimal(-1), Decimal(-2)) == 50


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=12))
def test_a_change_never_looks_forward(given_points: list[tuple[int, int]]) -> None:
    found = changes(point(day, str(value)) for day, value in given_points)
    assert [one.point.collected_at for one in found] == sorted(one.point.collected_at for one in found)
    assert all(one.since is None or one.since < one.point.collected_at for one in found)
