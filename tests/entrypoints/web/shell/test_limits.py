"""Where a value lies among its limits, and how much of an allowed time is spent: drawn in proportion."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.web.shell.charts import Bounds, Span, limits, spent
from aliquot.entrypoints.web.shell.charts.limits import MARGIN, WIDTH

POTASSIUM = Bounds(
    Span(Decimal("3.5"), Decimal("5.1")),
    Span(Decimal("3.0"), Decimal("6.0")),
    Span(Decimal("2.8"), Decimal("6.2")),
)


def drawn(value: str, bounds: Bounds = POTASSIUM, **more: Decimal) -> str:
    known = [*bounds.critical.limits, *bounds.interval.limits, *bounds.automatic.limits]
    return limits(
        Decimal(value),
        bounds,
        title="t",
        description="d",
        figures={one: str(one) for one in known},
        **more,
    )


def needle(svg: str) -> float:
    found = re.search(r'<line x1="([\d.]+)"[^>]*limits-needle', svg)
    assert found
    return float(found.group(1))


def test_without_a_limit_nothing_is_drawn() -> None:
    assert drawn("4", Bounds()) == ""


@given(st.decimals(0, 20, places=1), st.decimals(0, 20, places=1))
def test_a_higher_value_never_stands_lower_and_none_leaves_the_drawing(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    assert MARGIN <= needle(drawn(str(low))) <= needle(drawn(str(high))) <= WIDTH - MARGIN


@pytest.mark.parametrize(("value", "marks"), [("2.7", 2), ("2.8", 0), ("4", 0), ("6.2", 0), ("6.3", 2)])
def test_only_beyond_the_critical_limits_is_red(value: str, marks: int) -> None:
    assert drawn(value).count("limits-mark-critical") == marks


def test_bands_of_one_side_reach_the_edge() -> None:
    svg = drawn("300", Bounds(Span(None, Decimal(200))))
    band = re.search(r'<rect x="([\d.]+)"[^>]*width="([\d.]+)"[^>]*limits-interval', svg)
    assert band
    assert float(band.group(1)) == MARGIN


def test_figures_never_cover_one_another() -> None:
    narrow = Bounds(Span(Decimal(135), Decimal(145)), Span(Decimal(134), Decimal(146)))
    places = [float(one) for one in re.findall(r'<text x="([\d.]+)"', drawn("140", narrow))]
    assert all(abs(a - b) >= 32 for i, a in enumerate(places) for b in places[:i])
    assert len(places) == 2


def test_the_value_before_is_hollow_beside() -> None:
    assert "limits-earlier" in drawn("5", earlier=Decimal("4.2"))
    assert "limits-earlier" not in drawn("5")


def test_a_screen_reader_hears_title_and_limits() -> None:
    svg = drawn("5")
    assert 'aria-label="t. d"' in svg
    assert 'role="img"' in svg


@pytest.mark.parametrize(("minutes", "width", "over"), [(60, 60, 0), (120, 120, 0), (130, 120, 1)])
def test_time_is_spent_up_to_the_limit_and_beyond(minutes: float, width: float, over: int) -> None:
    svg = spent(minutes, 120, title="t", description="")
    good = re.search(r'width="([\d.]+)"[^>]*spent-good', svg)
    assert good
    assert float(good.group(1)) == width
    assert svg.count("spent-over") == over


def test_what_may_not_wait_at_all_is_over() -> None:
    assert "spent-over" in spent(1, 0, title="t", description="")
