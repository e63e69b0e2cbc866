"""A patient's values over time: what changed, compared only with what was collected earlier."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aliquot.flow.verification.rules.kinds.delta import percent_change
from aliquot.flow.verification.rules.shapes import LOOK_BACK_DAYS
from aliquot.registers.catalogue.rules.findings import USUAL, Grades, read_finding, steps_between

LOOK_BACK = LOOK_BACK_DAYS
"""Days before its collection in which a decision looks for an earlier value, or the catalogue's longer delta
window.
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One value of one test as a trend shows it; `value` is None for a finding in words."""

    collected_at: datetime
    value: Decimal | None
    value_text: str
    unit: str
    flag: str
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A point and its change from the nearest earlier comparable one; None when there is none.

    Numbers change by `percent`; titres and grades by `steps`: doubling dilutions, places of the scale.
    """

    point: Point
    percent: Decimal | None
    since: datetime | None
    steps: int | None = None


def changes(points: Iterable[Point], grades: Grades = USUAL) -> list[Change]:
    """The points in order of collection, each with its change from the one before in the same unit."""
    found: list[Change] = []
    latest: dict[str, Point] = {}
    said: Point | None = None
    for point in sorted(points, key=lambda one: one.collected_at):
        if point.value is None:
            found.append(_steps(point, said, grades))
            said = point
        else:
            found.append(_change(point, latest.get(point.unit)))
        if _is_comparable(point):
            latest[point.unit] = point
    return found


def _steps(point: Point, earlier: Point | None, grades: Grades) -> Change:
    """The change of a finding in words, where both are titres or grades of one scale."""
    if earlier is None or earlier.collected_at >= point.collected_at:
        return Change(point, None, None)
    steps = steps_between(read_finding(earlier.value_text, grades), read_finding(point.value_text, grades))
    return Change(point, None, None if steps is None else earlier.collected_at, steps)


def _change(point: Point, earlier: Point | None) -> Change:
    if earlier is None or not _is_comparable(point) or earlier.collected_at >= point.collected_at:
        return Change(point, None, None)
    assert point.value is not None and earlier.value is not None  # noqa: PT018 - one fact: both are comparable
    return Change(point, percent_change(point.value, earlier.value), earlier.collected_at)


def _is_comparable(point: Point) -> bool:
    return point.value is not None and point.value.is_finite() and not point.comparator
