"""Charts: well-formed SVG, escaped words, positions that say what the values say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.web.shell.charts import (
    Bar,
    MovingBox,
    Part,
    Site,
    Stage,
    TrendPoint,
    Whole,
    bars,
    change,
    flow,
    pair,
    region_map,
    trend,
    tubes_per_hole,
    wholes,
)

SVG = "{http://www.w3.org/2000/svg}"
START = datetime(2026, 1, 1, tzinfo=UTC)
NASTY = "<script>\"&'"

values = st.decimals(min_value=-1000, max_value=1000, places=2)


def points(*numbers: str) -> list[TrendPoint]:
    return [TrendPoint(START + timedelta(days=at), Decimal(text), text) for at, text in enumerate(numbers)]


def marks(svg: str, class_: str) -> list[ET.Element]:
    return [one for one in ET.fromstring(svg).iter() if class_ in (one.get("class") or "").split()]


def test_trend_marks_what_lies_outside_and_stresses_the_last() -> None:
    svg = trend(points("4.2", "5.6", "4.4"), low=Decimal("3.5"), high=Decimal("5.1"), title="K")
    assert [one.tag for one in marks(svg, "trend-point")] == [f"{SVG}circle", f"{SVG}path"]
    assert [one.tag for one in marks(svg, "trend-last")] == [f"{SVG}circle"]
    assert len(marks(svg, "trend-out")) == 1


def test_trend_on_the_limit_is_inside() -> None:
    svg = trend(points("3.5", "5.1"), low=Decimal("3.5"), high=Decimal("5.1"), title="K")
    assert marks(svg, "trend-out") == []


def test_trend_puts_later_to_the_right_and_greater_higher() -> None:
    svg = trend(list(reversed(points("1", "3", "2"))), title="K")
    first, second = marks(svg, "trend-point")
    (last,) = marks(svg, "trend-last")
    xs = [float(one.get("cx", "")) for one in (first, second, last)]
    ys = [float(one.get("cy", "")) for one in (first, second, last)]
    assert xs == sorted(xs)
    assert ys[1] < ys[2] < ys[0]


def test_trend_open_interval_reaches_the_edge() -> None:
    svg = trend(points("1", "2"), low=None, high=Decimal("1.5"), title="K")
    (band,) = marks(svg, "trend-band")
    assert band.get("y") == "0" or float(band.get("y", "")) >= 0
    (limit,) = marks(svg, "trend-limit")
    assert float(limit.get("y1", "")) == pytest.approx(float(marks(svg, "trend-band")[0].get("y", "")))


def test_trend_without_points_is_nothing() -> None:
    assert trend([], title="K") == ""


@given(st.lists(values, min_size=1, max_size=30), st.none() | values, st.none() | values)
def test_trend_stays_in_its_frame(numbers: list[Decimal], low: Decimal | None, high: Decimal | None) -> None:
    made = [TrendPoint(START + timedelta(hours=at), value) for at, value in enumerate(numbers)]
    root = ET.fromstring(trend(made, low=low, high=high, title="K"))
    _, _, width, height = map(float, root.get("viewBox", "").split())
    for circle in root.iter(f"{SVG}circle"):
        assert 0 <= float(circle.get("cx", "")) <= width
        assert 0 <= float(circle.get("cy", "")) <= height


@given(st.lists(values, min_size=2, max_size=10))
def test_change_is_the_last_less_the_one_before(numbers: list[Decimal]) -> None:
    made = [TrendPoint(START + timedelta(days=at), value) for at, value in enumerate(numbers)]
    assert change(made) == numbers[-1] - numbers[-2]


def test_bars_are_in_proportion() -> None:
    svg = bars([Bar("a", 2, "2"), Bar("b", 4, "4", "notice", target=1)], title="T")
    assert [one.get("width") for one in marks(svg, "bars-plain")] == ["50%"]
    assert [one.get("width") for one in marks(svg, "bars-notice")] == ["100%"]
    assert [one.get("x1") for one in marks(svg, "bars-target")] == ["25%"]


def test_bars_of_zeros_have_no_length() -> None:
    assert [one.get("width") for one in marks(bars([Bar("a", 0, "0")], title="T"), "bars-plain")] == ["0%"]


def test_flow_fills_a_hole_for_every_tube_and_rings_the_late() -> None:
    made = flow(
        [Stage("collected", 7, "7", late=2, late_text="2 late"), Stage("on the bench", 50, "50")], title="T"
    )
    first, second = ET.fromstring(made)
    assert [
        len([c for c in first.iter() if c.get("class") == f"flow-{kind}"])
        for kind in ("late", "tube", "hole")
    ] == [2, 5, 43]
    assert len([c for c in second.iter() if c.get("class") == "flow-tube"]) == 50


@given(st.lists(st.integers(min_value=0, max_value=10**7), max_size=8))
def test_the_fullest_stage_fits_its_rack(counts: list[int]) -> None:
    each = tubes_per_hole([Stage("s", count, str(count)) for count in counts])
    assert max(counts, default=0) <= 50 * each
    assert str(each)[0] in "125"
    assert set(str(each)[1:]) <= {"0"}


SITES = [
    Site("H", "Hub", 55.0, 83.0, "hub"),
    Site("N", "North", 56.0, 83.0, "point", "H", 10),
    Site("E", "East", 55.0, 84.0, "rapid", "H", 5, needs_attention=True),
]


def test_map_has_north_up_and_east_right() -> None:
    svg = region_map(SITES, title="R")
    (hub,), (north,), (east,) = marks(svg, "map-hub"), marks(svg, "map-site"), marks(svg, "map-rapid")
    assert float(north.get("cy", "")) < float(hub.get("cy", ""))
    assert float(east.get("cx", "")) > float(hub.get("cx", ""))
    assert len(marks(svg, "map-link")) == 2
    assert len(marks(svg, "map-notice")) == 1


def test_map_is_true_to_scale() -> None:
    """A degree of longitude at 55.5 N is cos(55.5) of a degree of latitude."""
    svg = region_map(SITES, title="R")
    (hub,), (north,), (east,) = marks(svg, "map-hub"), marks(svg, "map-site"), marks(svg, "map-rapid")
    down = float(hub.get("cy", "")) - float(north.get("cy", ""))
    across = float(east.get("cx", "")) - float(hub.get("cx", ""))
    assert across / down == pytest.approx(0.5664, abs=0.005)


def test_map_puts_a_box_on_its_way() -> None:
    svg = region_map(SITES, [MovingBox("N", "H", 0.5, "Box 1", is_late=True)], title="R")
    (hub,), (north,), (box,) = marks(svg, "map-hub"), marks(svg, "map-site"), marks(svg, "map-box-late")
    middle = (float(hub.get("cy", "")) + float(north.get("cy", ""))) / 2
    assert float(box.get("y", "")) + 5 == pytest.approx(middle, abs=0.2)


def test_map_of_one_site_and_of_unknown_boxes() -> None:
    svg = region_map(SITES[:1], [MovingBox("X", "H", 0.5, "lost")], title="R")
    assert len(marks(svg, "map-hub")) == 1
    assert marks(svg, "map-box") == []


@given(st.lists(st.tuples(st.floats(40, 75), st.floats(20, 180)), min_size=1, max_size=20))
def test_map_stays_in_its_frame(places: list[tuple[float, float]]) -> None:
    sites = [Site(str(at), f"Site {at}", la, lo) for at, (la, lo) in enumerate(places)]
    for circle in marks(region_map(sites, title="R"), "map-site"):
        assert 0 <= float(circle.get("cx", "")) <= 640
        assert 0 <= float(circle.get("cy", "")) <= 420


@pytest.mark.parametrize(
    "made",
    [
        trend([TrendPoint(START, Decimal(1), NASTY)], title=NASTY, delta=NASTY),
        bars([Bar(NASTY, 1, NASTY)], title=NASTY),
        flow([Stage(NASTY, 1, NASTY, 1, NASTY)], title=NASTY),
        region_map(
            [Site("A", NASTY, 1, 1, note=NASTY)],
            [MovingBox("A", "A", 0, NASTY)],
            title=NASTY,
            kilometres=NASTY,
        ),
    ],
    ids=["trend", "bars", "flow", "map"],
)
def test_every_word_is_escaped_and_nothing_offends_the_policy(made: str) -> None:
    root = ET.fromstring(made)
    assert "script" not in {one.tag.removeprefix(SVG) for one in root.iter()}
    assert not any("style" in one.attrib for one in root.iter())
    assert "<script" not in made


def test_before_and_after_stand_on_one_scale() -> None:
    drawn = pair(20, 30, 40, title="Before and after", description="then 20, now 30")
    assert 'class="pair-before"' in drawn
    assert 'width="50%"' in drawn
    assert 'width="75%"' in drawn
    assert 'aria-label="Before and after. then 20, now 30"' in drawn
    assert "<rect" not in pair(0, 0, 0, title="t", description="d")


def test_a_whole_is_made_of_its_parts() -> None:
    parts = [Part("good", "released", 3, "3"), Part("notice", "waits <b>", 1, "1")]
    drawn = wholes([Whole("Then", parts)], title="Decisions")
    assert 'width="75%"' in drawn
    assert 'x="75%"' in drawn
    assert "waits &lt;b&gt;: 1" in drawn
    assert "<b>" not in drawn
    assert "<rect" not in wholes([Whole("Then", [])], title="Decisions")
