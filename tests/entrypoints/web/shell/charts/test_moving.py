"""The path of a monitor and how soon errors are found, as pictures: what is drawn where."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.web.shell.charts.detection import DetectionPoint, detection
from aliquot.entrypoints.web.shell.charts.moving import MovingAlarm, MovingPoint, moving, scale_values

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def path(*values: float) -> list[MovingPoint]:
    return [MovingPoint(NOON + HOUR * place, value) for place, value in enumerate(values)]


def drawn(*values: float, **changes: object) -> str:
    given_: dict[str, object] = {"limits": (4.0, 4.4), "title": "t", "description": "d", **changes}
    return moving(path(*values), **given_)  # type: ignore[arg-type]


def test_what_lies_beyond_a_limit_stands_out_and_what_lies_on_it_does_not() -> None:
    assert drawn(4.0, 4.2, 4.4).count("moving-out") == 0
    assert drawn(3.9, 4.2, 4.5).count("moving-out") == 2
    assert drawn(3.9, 4.2, 4.5, limits=(None, 4.4)).count("moving-out") == 1


def test_an_open_alarm_is_filled_and_says_its_words() -> None:
    alarms = [
        MovingAlarm(NOON, 4.5, "a < b", is_open=True),
        MovingAlarm(NOON + HOUR, 3.9, "then", is_open=False),
    ]
    picture = drawn(4.2, 4.2, alarms=alarms)
    assert picture.count("moving-open") == picture.count("moving-answered") == 1
    assert "a &lt; b" in picture


def test_ticks_that_would_cover_one_another_are_left_out() -> None:
    ticks = [(NOON + timedelta(minutes=place), f"t{place}") for place in range(60)]
    shown = re.findall(r">t(\d+)<", drawn(4.2, 4.2, ticks=ticks))
    assert shown[0] == "0"
    assert all(int(later) - int(sooner) >= 3 for sooner, later in pairwise(shown))


def test_one_point_is_a_dot_and_none_is_nothing() -> None:
    assert "moving-dot" in drawn(4.2)
    assert not drawn()


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_scale_has_a_few_round_values_within(values: list[float]) -> None:
    found = scale_values(values)
    slack = 1e-9 * max(map(abs, values), default=0)
    assert len(found) <= 12
    assert all(min(values) - slack <= one <= max(values) + slack for one in found)


def point(size: float, median: float | None, late: float | None = 50.0) -> DetectionPoint:
    return DetectionPoint(size, f"{size:g}", 20.0, median, late, f"text {size:g}")


def curve(*points: DetectionPoint) -> str:
    return detection(
        points, allowable=0.1, title="t", description="d", axes=("error", "results"), never="never"
    )


@pytest.mark.parametrize(("late", "is_said"), [(None, True), (50.0, False)])
def test_what_is_not_found_stands_at_the_top(late: float | None, *, is_said: bool) -> None:
    assert (">never<" in curve(point(-0.1, 12), point(0.1, 9, late))) is is_said


def test_sooner_is_lower_and_the_allowable_error_is_marked() -> None:
    picture = curve(point(0.1, 100.0), point(-0.1, 10.0))
    heights = [float(one) for one in re.findall(r'cy="([\d.]+)"[^>]*detect-point', picture)]
    assert heights[0] > heights[1]  # drawn from the smallest size on; larger is further down
    assert picture.count("detect-allowable") == 2
    assert not curve(point(0.1, 10.0))
