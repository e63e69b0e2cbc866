"""A statistic over patients' results in time against its limits, with the alarms that it gave."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT = 1060.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 14.0, 22.0, 30.0
NEAREST_TICK = 58.0
STEPS = (1, 2, 2.5, 5, 10)
LINES = 5
"""Horizontal lines of the scale, about."""


@dataclass(frozen=True)
class MovingPoint:
    """Where the statistic stood, and when."""

    at: datetime
    value: float


@dataclass(frozen=True)
class MovingAlarm:
    """The statistic left its limits; `is_open` until somebody answered."""

    at: datetime
    value: float
    text: str
    is_open: bool


@dataclass(frozen=True)
class _Scale:
    first: float
    last: float
    bottom: float
    top: float

    def x(self, at: datetime) -> float:
        share = (at.timestamp() - self.first) / (self.last - self.first)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        inside = max(self.bottom, min(self.top, value))
        return HEIGHT - BOTTOM - (inside - self.bottom) / (self.top - self.bottom) * (HEIGHT - TOP - BOTTOM)


def moving(
    points: Sequence[MovingPoint],
    alarms: Iterable[MovingAlarm] = (),
    ticks: Iterable[tuple[datetime, str]] = (),
    *,
    limits: tuple[float | None, float | None],
    figures: Sequence[tuple[float, str]] = (),
    title: str,
    description: str,
) -> str:
    """SVG of the points in time; '' without points. `figures` are the scale's values with their words.

    A limit that is None is not drawn. What lies beyond the limits is drawn in the colour of danger.
    """
    if not points:
        return ""
    told = list(alarms)
    scale = _scale(points, told, limits)
    drawing = "".join(
        [
            *_frame(scale, limits, figures),
            *_ticks(scale, ticks),
            *_line(scale, points),
            *_outside(scale, points, limits),
            *(_alarm(scale, one) for one in told),
        ]
    )
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="moving",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
    )


def scale_values(values: Iterable[float]) -> list[float]:
    """Round values that part the span of these into about five steps; one value has itself."""
    known = [one for one in values if math.isfinite(one)]
    if not known:
        return []
    low, high = min(known), max(known)
    rough = (high - low) / LINES
    if not rough:
        return [low]
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in STEPS if size * one >= rough)
    first = math.ceil(low / step)
    return [step * place for place in range(first, math.floor(high / step) + 1)]


def _scale(
    points: Sequence[MovingPoint], alarms: Sequence[MovingAlarm], limits: tuple[float | None, float | None]
) -> _Scale:
    known = [one.value for one in points] + [one.value for one in alarms]
    known += [one for one in limits if one is not None]
    bottom, top = min(known), max(known)
    room = (top - bottom) * 0.1 or abs(top) * 0.1 or 1.0
    times = [one.at.timestamp() for one in points] + [one.at.timestamp() for one in alarms]
    first, last = min(times), max(times)
    return _Scale(first, last if last > first else first + 1.0, bottom - room, top + room)


def _frame(
    scale: _Scale, limits: tuple[float | None, float | None], figures: Sequence[tuple[float, str]]
) -> Iterator[str]:
    width = WIDTH - LEFT - RIGHT
    low, high = limits
    top, bottom = (
        TOP if high is None else scale.y(high),
        HEIGHT - BOTTOM if low is None else scale.y(low),
    )
    yield svg.tag("rect", x=LEFT, y=top, width=width, height=max(bottom - top, 1.0), class_="moving-band")
    for value, text in figures:
        if scale.bottom <= value <= scale.top:
            y = scale.y(value)
            yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="lj-grid")
            yield svg.words(text, x=LEFT - 8, y=y + 4, text_anchor="end", class_="lj-scale")
    for limit in (low, high):
        if limit is not None:
            y = scale.y(limit)
            yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="moving-limit")


def _ticks(scale: _Scale, ticks: Iterable[tuple[datetime, str]]) -> Iterator[str]:
    last = -NEAREST_TICK
    for at, text in ticks:
        x = scale.x(at)
        if LEFT <= x <= WIDTH - RIGHT and x - last >= NEAREST_TICK:
            last = x
            base = HEIGHT - BOTTOM
            yield svg.tag("line", x1=x, x2=x, y1=base, y2=base + 5, class_="lj-tick")
            yield svg.words(text, x=x, y=HEIGHT - 8, text_anchor="middle")


def _line(scale: _Scale, points: Sequence[MovingPoint]) -> Iterator[str]:
    steps = [f"{svg.number(scale.x(one.at))} {svg.number(scale.y(one.value))}" for one in points]
    if len(steps) > 1:
        yield svg.tag("path", d="M" + "L".join(steps), class_="moving-line")
    else:
        yield svg.tag(
            "circle", cx=scale.x(points[0].at), cy=scale.y(points[0].value), r=3, class_="moving-dot"
        )


def _outside(
    scale: _Scale, points: Sequence[MovingPoint], limits: tuple[float | None, float | None]
) -> Iterator[str]:
    low, high = (
        (-math.inf if limits[0] is None else limits[0]),
        (math.inf if limits[1] is None else limits[1]),
    )
    for one in points:
        if not low <= one.value <= high:
            yield svg.tag("circle", cx=scale.x(one.at), cy=scale.y(one.value), r=3.5, class_="moving-out")


def _alarm(scale: _Scale, one: MovingAlarm) -> str:
    """A triangle at the edge where the statistic left, its words on hover."""
    x, y = scale.x(one.at), scale.y(one.value)
    corners = ((x, y - 8), (x + 7, y + 5), (x - 7, y + 5))
    path = "M" + "L".join(f"{svg.number(across)} {svg.number(down)}" for across, down in corners) + "Z"
    line = svg.tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="moving-alarm-line")
    state = "moving-open" if one.is_open else "moving-answered"
    return line + svg.tag("path", svg.tag("title", escape(one.text)), d=path, class_=f"moving-alarm {state}")
