"""Pictures of assessment: positions that say what the scores say, nothing outside, every word escaped."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.web.shell.charts import YoudenPoint, youden
from aliquot.entrypoints.web.shell.charts.histogram import Around, Returned, histogram
from aliquot.entrypoints.web.shell.charts.z_scores import ZLine, ZPoint, z_rows, z_trend

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>\"&'"
WORDS = {"title": "t", "description": "d"}
scores = st.floats(min_value=-50, max_value=50, allow_nan=False)


def parsed(drawn: str) -> ET.Element:
    return ET.fromstring(drawn)


def with_class(drawn: str, name: str) -> list[ET.Element]:
    return [one for one in parsed(drawn).iter() if name in one.get("class", "").split()]


def line(label: str, *zs: float, **changes: str) -> ZLine:
    points = tuple(ZPoint(z, f"{z}", place, **changes) for place, z in enumerate(zs, start=1))
    return ZLine(label, points)


class TestRows:
    @given(scores, scores)
    def test_a_greater_score_stands_further_to_the_right(self, one: float, other: float) -> None:
        drawn = z_rows([ZLine("K", (ZPoint(one, "a"), ZPoint(other, "b")))], **WORDS)
        first, second = (float(mark.get("cx", "nan")) for mark in with_class(drawn, "z-point"))
        assert (first <= second) == (one <= other) or abs(first - second) < 0.11
        width = float(parsed(drawn).get("viewBox", "").split()[2])
        assert 0 <= min(first, second) <= max(first, second) <= width

    def test_each_sample_has_its_mark_and_each_signal_its_colour(self) -> None:
        drawn = z_rows([ZLine("K", (ZPoint(1, "a", 1), ZPoint(3.5, "b", 2, "action")))], **WORDS)
        circle, square = with_class(drawn, "z-point")
        assert (circle.tag, square.tag) == (f"{SVG}circle", f"{SVG}path")
        assert "z-action" in square.get("class", "")

    def test_a_score_beyond_is_told_in_figures(self) -> None:
        drawn = z_rows([line("K", 7.0, figure="+7,0")], **WORDS)
        assert [one.text for one in with_class(drawn, "z-beyond")] == ["+7,0"]
        assert with_class(z_rows([line("K", 4.4, figure="+4,4")], **WORDS), "z-beyond") == []

    def test_a_label_may_be_a_link_and_is_escaped(self) -> None:
        drawn = z_rows([ZLine(NASTY, (ZPoint(0, NASTY),), url="/quality/eqa/tests/K/")], **WORDS)
        (link,) = parsed(drawn).iter(f"{SVG}a")
        assert link.get("href") == "/quality/eqa/tests/K/"
        assert "<script" not in drawn

    def test_nothing_is_no_picture(self) -> None:
        assert z_rows([], **WORDS) == ""
        assert z_trend([], **WORDS) == ""


class TestTrend:
    def test_rounds_stand_in_their_order_and_a_line_joins_their_means(self) -> None:
        drawn = z_trend([line("1", 1.0, 3.0), line("2", -2.0)], **WORDS)
        across = [float(one.get("cx", "0")) for one in with_class(drawn, "z-point") if one.get("cx")]
        assert across == sorted(set(across)), "the first sample of each round, a column each"
        (course,) = with_class(drawn, "z-course")
        assert course.get("d", "").count("L") == 1

    def test_one_round_has_no_line_and_many_not_a_label_each(self) -> None:
        assert with_class(z_trend([line("1", 1.0)], **WORDS), "z-course") == []
        many = z_trend([line(f"round {at}", 0.1) for at in range(40)], **WORDS)
        assert len(with_class(many, "z-point")) == 40
        assert len(with_class(many, "z-name")) <= 6


class TestHistogram:
    @given(st.lists(st.floats(min_value=0.1, max_value=1e6), min_size=1, max_size=200))
    def test_every_value_stands_in_a_column(self, values: list[float]) -> None:
        drawn = histogram(
            [Returned(one, is_alike=at % 2 == 0) for at, one in enumerate(values)], Around(), str, **WORDS
        )
        bars = with_class(drawn, "histogram-alike") + with_class(drawn, "histogram-others")
        assert 1 <= len(bars) <= 2 * len(values)
        assert all(float(one.get("height", "0")) > 0 for one in bars)

    def test_columns_are_as_high_as_their_counts(self) -> None:
        drawn = histogram([Returned(1.0), Returned(1.0), Returned(9.0)], Around(), str, **WORDS)
        two, one = (float(bar.get("height", "0")) for bar in with_class(drawn, "histogram-others"))
        assert abs(two - 2 * one) < 0.2

    def test_the_own_value_bears_a_mark_where_it_stands(self) -> None:
        drawn = histogram([Returned(4.0), Returned(6.0, is_own=True)], Around(5.0, 0.5), str, **WORDS)
        (own,) = with_class(drawn, "histogram-own")
        (assigned,) = with_class(drawn, "histogram-assigned")
        assert float(own.get("x1", "0")) > float(assigned.get("x1", "0"))

    def test_figures_stand_apart(self) -> None:
        drawn = histogram([Returned(5.0), Returned(90.0)], Around(5.0, 0.1), "{:.1f}".format, **WORDS)
        at = sorted(float(one.get("x", "0")) for one in parsed(drawn).iter(f"{SVG}text"))
        assert all(later - earlier >= 46 for earlier, later in zip(at, at[1:], strict=False))  # noqa: RUF007 - APART
        assert len(at) == 2

    def test_nothing_is_no_picture(self) -> None:
        assert histogram([], Around(), str, **WORDS) == ""


def test_points_of_a_youden_picture_may_be_named_and_follow_no_order() -> None:
    points = [
        YoudenPoint(0.5, 0.5, "a", label=NASTY),
        YoudenPoint(3.5, 2.0, "b", is_rejected=True, label="c"),
    ]
    drawn = youden(points, across="x", up="y", has_newest=False, **WORDS)
    assert with_class(drawn, "youden-newest") == []
    assert [one.get("text-anchor") for one in with_class(drawn, "youden-label")] == ["start", "end"]
    assert len(with_class(drawn, "youden-rejected")) == 1
    assert "<script" not in drawn
