"""Columns by hour: when something was busy, and which part of it asks for attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT, FOOT, HEAD = 520.0, 150.0, 20.0, 18.0
EVERY = 3
"""Hours between two words under the columns."""


@dataclass(frozen=True)
class HourColumn:
    """One hour: its word (09:00), how many, how many of them ask for attention, and both in words."""

    label: str
    count: int
    attention: int
    text: str


def hours(columns: Sequence[HourColumn], *, title: str) -> str:
    """SVG of one column an hour, oldest at the left; '' without columns."""
    if not columns:
        return ""
    top = max(*(one.count for one in columns), 1)
    step = WIDTH / len(columns)
    drawing = "".join(_column(one, number * step, step, top) for number, one in enumerate(columns))
    words = "".join(
        svg.words(one.label, x=number * step + step / 2, y=HEIGHT - 4, text_anchor="middle")
        for number, one in enumerate(columns)
        if number % EVERY == len(columns) % EVERY
    )
    base = svg.tag("line", x1=0, x2=WIDTH, y1=HEIGHT - FOOT, y2=HEIGHT - FOOT, class_="hours-base")
    said = "; ".join(f"{one.label}: {one.text}" for one in columns if one.count)
    box = f"0 0 {svg.number(WIDTH)} {svg.number(HEIGHT)}"
    return svg.picture(base + drawing + words, title=title, description=said, class_="hours", viewBox=box)


def _column(one: HourColumn, x: float, step: float, top: int) -> str:
    tall = HEIGHT - FOOT - HEAD
    height, part = tall * one.count / top, tall * min(one.attention, one.count) / top
    hint = svg.tag("title", escape(f"{one.label}: {one.text}"))
    drawing = _part(x, step, HEIGHT - FOOT - height, height - part, "hours-plain")
    if one.count == top:  # how high the columns reach
        drawing += svg.words(str(top), x=x + step / 2, y=HEAD - 5, text_anchor="middle", class_="strong")
    return svg.tag("g", hint + drawing + _part(x, step, HEIGHT - FOOT - part, part, "hours-notice"))


def _part(x: float, step: float, y: float, height: float, class_: str) -> str:
    if height <= 0:
        return ""
    return svg.tag("rect", x=x + 1.5, y=y, width=step - 3, height=max(height, 1.5), class_=class_)
