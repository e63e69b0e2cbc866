"""A patient's earlier results as a line against the reference interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from itertools import pairwise
from typing import Literal

from aliquot.entrypoints.web.shell.charts import svg

MARGIN = 8.0
DELTA_WIDTH = 58.0
SIZES = {"wide": (440, 96), "small": (144, 36)}


@dataclass(frozen=True)
class TrendPoint:
    """One result: when it was collected, its value, and the words for both."""

    at: datetime
    value: Decimal
    text: str = ""


@dataclass(frozen=True)
class _Scale:
    first: float
    last: float
    bottom: float
    top: float
    width: float
    height: float

    def x(self, at: float) -> float:
        span = self.last - self.first
        share = (at - self.first) / span if span else 1.0
        return MARGIN + share * (self.width - 2 * MARGIN)

    def y(self, value: Decimal | float) -> float:
        share = (float(value) - self.bottom) / (self.top - self.bottom)
        return self.height - MARGIN - share * (self.height - 2 * MARGIN)


def trend(
    points: Sequence[TrendPoint],
    *,
    low: Decimal | None = None,
    high: Decimal | None = None,
    title: str,
    delta: str = "",
    size: Literal["wide", "small"] = "wide",
) -> str:
    """SVG of the results in order of time; an interval open on one side reaches the edge; '' without points.

    `low` and `high` are in the unit of the points. A point outside is a diamond, the last one is large, and
    `delta` (its change, in words) stands beside it. 'wide' suits a detail, 'small' a table's cell.
    """
    if not points:
        return ""
    width, height = SIZES[size]
    ordered = sorted(points, key=lambda point: point.at)
    scale = _scale(ordered, low, high, width - (DELTA_WIDTH if delta else 0.0), float(height))
    drawing = _band(scale, low, high) + _line(scale, ordered) + "".join(_marks(scale, ordered, low, high))
    if delta:
        last = scale.y(ordered[-1].value)
        drawing += svg.words(
            delta,
            x=float(width),
            y=min(max(last + 4, 12.0), height - 3.0),
            text_anchor="end",
            class_="trend-delta",
        )
    return svg.picture(
        drawing,
        title=title,
        description="; ".join(point.text for point in ordered),
        class_=f"trend trend-{size}",
        viewBox=f"0 0 {width} {height}",
    )


def _scale(
    points: Sequence[TrendPoint], low: Decimal | None, high: Decimal | None, width: float, height: float
) -> _Scale:
    known = [float(point.value) for point in points] + [
        float(limit) for limit in (low, high) if limit is not None
    ]
    bottom, top = min(known), max(known)
    room = (top - bottom) * 0.12 or abs(top) * 0.1 or 1.0
    return _Scale(
        points[0].at.timestamp(), points[-1].at.timestamp(), bottom - room, top + room, width, height
    )


def _band(scale: _Scale, low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return ""
    top = 0.0 if high is None else scale.y(high)
    bottom = scale.height if low is None else scale.y(low)
    band = svg.tag(
        "rect", x=0, y=top, width=scale.width, height=max(bottom - top, 1.0), rx=2, class_="trend-band"
    )
    limits = [scale.y(limit) for limit in (low, high) if limit is not None]
    return band + "".join(
        svg.tag("line", x1=0, x2=scale.width, y1=y, y2=y, class_="trend-limit") for y in limits
    )


def _line(scale: _Scale, points: Sequence[TrendPoint]) -> str:
    steps = [f"{svg.number(scale.x(p.at.timestamp()))} {svg.number(scale.y(p.value))}" for p in points]
    return svg.tag("path", d="M" + "L".join(steps), class_="trend-line") if len(steps) > 1 else ""


def _marks(
    scale: _Scale, points: Sequence[TrendPoint], low: Decimal | None, high: Decimal | None
) -> list[str]:
    last = points[-1]
    return [_mark(scale, point, is_last=point is last, is_out=_is_out(point, low, high)) for point in points]


def _is_out(point: TrendPoint, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is not None and point.value < low) or (high is not None and point.value > high)


def _mark(scale: _Scale, point: TrendPoint, *, is_last: bool, is_out: bool) -> str:
    x, y = scale.x(point.at.timestamp()), scale.y(point.value)
    class_ = ("trend-last" if is_last else "trend-point") + (" trend-out" if is_out else "")
    size = 5.5 if is_last else 2.8
    hover = svg.tag("title", escape(point.text)) if point.text else ""
    if not is_out:
        return svg.tag("circle", hover, cx=x, cy=y, r=size, class_=class_)
    size += 1
    corners = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
    return svg.tag("path", hover, d=_closed(corners), class_=class_)


def _closed(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in corners) + "Z"


def change(points: Sequence[TrendPoint]) -> Decimal | None:
    """The last value less the one before it, or None with fewer than two points."""
    ordered = sorted(points, key=lambda point: point.at)
    return (
        [later.value - earlier.value for earlier, later in pairwise(ordered)][-1]
        if len(ordered) > 1
        else None
    )
