"""Drawings of indicators: the year of a figure as a line, times as stretches on one scale."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from aliquot.entrypoints.web.shell.charts import svg

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 132.0, 30.0, 4.0
HEIGHT, LEAST = 14, 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """A figure and its words; None where nothing was counted."""

    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """From the tenth to the ninetieth percentile with the median, in minutes, and all three in words."""

    name: str
    low: float
    middle: float
    high: float
    text: str


def sparkline(points: Sequence[Point], *, title: str) -> SafeString:
    """A line through what was counted, broken where nothing was; '' without a point. Its foot is zero."""
    known = [one.value for one in points if one.value is not None]
    if not known:
        return _safe("")
    top = max(known) or 1.0
    step = (SPARK_WIDTH - 2 * SPARK_MARGIN) / max(len(points) - 1, 1)
    places = [
        (SPARK_MARGIN + number * step, _height(one.value, top), one)
        for number, one in enumerate(points)
        if one.value is not None
    ]
    drawing = _path(points, step, top)
    for x, y, one in places[:-1]:
        drawing += svg.tag(
            "circle", svg.tag("title", escape(one.text)), cx=x, cy=y, r=1.6, class_="spark-point"
        )
    x, y, last = places[-1]
    drawing += svg.tag("circle", svg.tag("title", escape(last.text)), cx=x, cy=y, r=3.2, class_="spark-last")
    return _safe(
        svg.picture(
            drawing,
            title=title,
            description="; ".join(one.text for one in points if one.text),
            class_="spark",
            viewBox=f"0 0 {SPARK_WIDTH:.0f} {SPARK_HEIGHT:.0f}",
        )
    )


def stretches(rows: Sequence[Stretch]) -> list[SafeString]:
    """A bar from low to high for each row, all on one logarithmic scale."""
    if not rows:
        return []
    bottom, top = _log(min(one.low for one in rows)), _log(max(one.high for one in rows))
    return [_stretch(one, bottom, (top - bottom) or 1.0) for one in rows]


def _path(points: Iterable[Point], step: float, top: float) -> str:
    """Pieces between gaps."""
    steps, is_open = [], False
    for number, one in enumerate(points):
        if one.value is None:
            is_open = False
            continue
        x, y = SPARK_MARGIN + number * step, _height(one.value, top)
        steps.append(f"{'L' if is_open else 'M'}{svg.number(x)} {svg.number(y)}")
        is_open = True
    return svg.tag("path", d="".join(steps), class_="spark-line")


def _height(value: float, top: float) -> float:
    return SPARK_HEIGHT - SPARK_MARGIN - value / top * (SPARK_HEIGHT - 2 * SPARK_MARGIN)


def _stretch(one: Stretch, bottom: float, span: float) -> SafeString:
    left, middle, right = ((_log(value) - bottom) / span * 100 for value in (one.low, one.middle, one.high))
    drawing = svg.tag("rect", x=0, y=3, width="100%", height=8, rx=4, class_="bars-track")
    drawing += svg.tag(
        "rect",
        x=f"{svg.number(left)}%",
        y=3,
        width=f"{svg.number(max(right - left, 0.8))}%",
        height=8,
        rx=4,
        class_="bars-plain",
    )
    at = f"{svg.number(middle)}%"
    drawing += svg.tag("line", x1=at, x2=at, y1=0, y2=HEIGHT, class_="bars-target")
    return _safe(
        svg.picture(
            drawing, title=one.name, description=one.text, class_="bars stretch", width="100%", height=HEIGHT
        )
    )


def _log(minutes: float) -> float:
    return math.log(max(minutes, LEAST))


def _safe(drawing: str) -> SafeString:
    return mark_safe(drawing)  # noqa: S308 - every text in it is escaped
