"""Levey-Jennings and Youden: every point where its z says, levels by shape, rules named, changes as lines."""

from itertools import pairwise
from xml.etree.ElementTree import fromstring

import pytest

from aliquot.entrypoints.web.shell.charts import Change, ControlPoint, YoudenPoint, levey_jennings, youden
from aliquot.entrypoints.web.shell.charts.levey_jennings import BOTTOM, HEIGHT, TOP, shape

SVG = "{http://www.w3.org/2000/svg}"


def point(run: int, z: float, level: int = 1, **said: object) -> ControlPoint:
    return ControlPoint(run=run, level=level, z=z, text=f"run {run}", **said)  # type: ignore[arg-type]


def drawn(
    *points: ControlPoint, changes: tuple[Change, ...] = (), days: tuple[tuple[int, str], ...] = ()
) -> str:
    return levey_jennings(points, changes, days, title="Chart", description="as measured")


def marks(svg: str, name: str) -> list[dict[str, str]]:
    return [one.attrib for one in fromstring(svg).iter() if name in one.get("class", "").split()]


def words(svg: str, name: str) -> list[str]:
    return [one.text or "" for one in fromstring(svg).iter() if name in one.get("class", "").split()]


def test_nothing_is_drawn_of_nothing() -> None:
    assert not drawn()
    assert not youden([], across="1", up="2", title="", description="")


def test_a_point_stands_where_its_z_says_and_far_ones_at_the_edge_with_their_figure() -> None:
    svg = drawn(point(1, 0), point(2, 4), point(3, -9.26))
    middle, top, bottom = (float(one["cy"]) for one in marks(svg, "lj-point"))
    assert (middle, top, bottom) == ((TOP + HEIGHT - BOTTOM) / 2, TOP, HEIGHT - BOTTOM)
    assert words(svg, "lj-beyond") == ["\u22129.3"]


def test_runs_are_evenly_spaced_however_they_are_numbered() -> None:
    svg = drawn(point(7, 0), point(100, 0), point(101, 0))
    first, second, third = (float(one["cx"]) for one in marks(svg, "lj-point"))
    assert round(second - first, 1) == round(third - second, 1)


def test_each_level_has_a_shape_of_its_own() -> None:
    assert len({shape(level, 10, 10, 5, class_="x") for level in range(1, 6)}) == 5
    assert shape(5, 10, 10, 5, class_="x") == shape(9, 10, 10, 5, class_="x")


def test_lines_break_where_a_new_lot_or_target_begins_and_pass_over_what_is_set_aside() -> None:
    whole = drawn(point(1, 0, series=1), point(2, 3.5, series=1, is_counted=False), point(3, 0, series=1))
    assert len(marks(whole, "lj-line")) == 1
    assert marks(whole, "lj-line")[0]["d"].count("L") == 1
    assert len(marks(whole, "lj-aside")) == 1
    broken = drawn(*(point(run, 0, series=run // 3) for run in range(1, 6)))
    assert len(marks(broken, "lj-line")) == 2


def test_a_broken_rule_is_ringed_and_named_once_where_names_would_cover_one_another() -> None:
    svg = drawn(
        point(1, 3.4, severity="rejection", rules=("1-3s",)),
        point(2, 2.4, severity="warning", rules=("1-2s",)),
        point(40, -2.2, severity="warning", rules=("1-2s",)),
    )
    assert len(marks(svg, "lj-ring")) == 3
    assert sorted(words(svg, "lj-rule")) == ["1-2s", "1-2s", "1-3s"]
    dense = drawn(*(point(run, 2.4, severity="warning", rules=("1-2s",)) for run in range(200)))
    assert len(words(dense, "lj-rule")) < 60


def test_changes_are_lines_with_their_names_and_those_of_unknown_runs_are_not() -> None:
    svg = drawn(
        point(1, 0), point(2, 0), point(3, 0),
        changes=(Change(2, "lot", "lot A2"), Change(2, "reagent", "reagent <R7>"), Change(9, "lot", "never")),
    )  # fmt: skip
    assert words(svg, "lj-name") == ["lot A2, reagent <R7>"]
    assert len(marks(svg, "lj-change")) == 1


@pytest.mark.parametrize("count", [1, 30, 1500])
def test_days_never_cover_one_another(count: int) -> None:
    svg = drawn(
        *(point(run, 0) for run in range(count)), days=tuple((run, f"{run} Nov") for run in range(count))
    )
    ticks = [float(one["x1"]) for one in marks(svg, "lj-tick")]
    assert ticks
    assert all(after - before >= 57 for before, after in pairwise(ticks))


def test_a_run_stands_where_both_levels_say_and_the_newest_is_large() -> None:
    runs = [YoudenPoint(0, 0, "1"), YoudenPoint(2, -2, "2", is_rejected=True), YoudenPoint(9, 1, "3")]
    svg = youden(runs, across="level 1", up="level 2", title="Youden", description="")
    first, second = marks(svg, "youden-point")
    [newest] = marks(svg, "youden-newest")
    assert float(second["cx"]) > float(first["cx"])
    assert float(second["cy"]) > float(first["cy"])
    assert float(newest["cx"]) == 320 - 34
    assert len(marks(svg, "youden-rejected")) == 1
