"""How many patients' results pass until an error of each size is found: a bias detection curve.

van Rossum, Kemperman, CCLM 2017;55:218. The scale of results is logarithmic; what is not found is at its top.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT = 520.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 14.0, 26.0, 44.0


@dataclass(frozen=True)
class DetectionPoint:
    """An error of this size: mean, median and 95 % of results until it is found; None: not found."""

    size: float
    words: str
    mean: float | None
    median: float | None
    late: float | None
    text: str


@dataclass(frozen=True)
class _Scale:
    least: float
    most: float
    top: float

    def x(self, size: float) -> float:
        return LEFT + (size - self.least) / (self.most - self.least) * (WIDTH - LEFT - RIGHT)

    def y(self, results: float | None) -> float:
        """Of what is not found the edge."""
        if results is None:
            return TOP
        share = math.log10(max(results, 1.0)) / math.log10(self.top)
        return HEIGHT - BOTTOM - min(share, 1.0) * (HEIGHT - TOP - BOTTOM - 14)


Value = Callable[[DetectionPoint], float | None]
CURVES: tuple[tuple[str, Value], ...] = (
    ("detect-late", lambda one: one.late),
    ("detect-mean", lambda one: one.mean),
    ("detect-median", lambda one: one.median),
)


def detection(
    points: Sequence[DetectionPoint],
    *,
    allowable: float,
    title: str,
    description: str,
    axes: tuple[str, str],
    never: str,
) -> str:
    """SVG of the curve, '' with fewer than two sizes; `axes` are the words of x and y, `never` of the top."""
    if len(points) < 2:  # noqa: PLR2004 - a curve
        return ""
    ordered = sorted(points, key=lambda one: one.size)
    known = [one.late or one.mean or 1.0 for one in ordered]
    scale = _Scale(ordered[0].size, ordered[-1].size, max(10.0, *known))
    drawing = "".join(
        [*_frame(scale, ordered, allowable, axes, never), *_curves(scale, ordered), *_marks(scale, ordered)]
    )
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="detect",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
    )


def _frame(
    scale: _Scale, points: Sequence[DetectionPoint], allowable: float, axes: tuple[str, str], never: str
) -> Iterator[str]:
    for power in range(math.floor(math.log10(scale.top)) + 1):
        y = scale.y(10.0**power)
        yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="lj-grid")
        yield svg.words(str(10**power), x=LEFT - 8, y=y + 4, text_anchor="end", class_="lj-scale")
    if any(one.median is None or one.late is None for one in points):
        yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=TOP, y2=TOP, class_="lj-grid")
        yield svg.words(never, x=LEFT - 8, y=TOP + 4, text_anchor="end", class_="lj-scale")
    for size in (-allowable, allowable):
        x = scale.x(size)
        yield svg.tag("line", x1=x, x2=x, y1=TOP, y2=HEIGHT - BOTTOM, class_="detect-allowable")
    for one in points:
        yield svg.words(one.words, x=scale.x(one.size), y=HEIGHT - BOTTOM + 16, text_anchor="middle")
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    yield svg.words(axes[0], x=middle, y=HEIGHT - 8, text_anchor="middle", class_="detect-axis")
    yield svg.words(axes[1], x=4, y=14, class_="detect-axis")


def _curves(scale: _Scale, points: Sequence[DetectionPoint]) -> Iterator[str]:
    for name, value in CURVES:
        steps = [f"{svg.number(scale.x(one.size))} {svg.number(scale.y(value(one)))}" for one in points]
        yield svg.tag("path", d="M" + "L".join(steps), class_=f"detect-line {name}")


def _marks(scale: _Scale, points: Sequence[DetectionPoint]) -> Iterator[str]:
    for one in points:
        hover = svg.tag("title", escape(one.text))
        yield svg.tag(
            "circle", hover, cx=scale.x(one.size), cy=scale.y(one.median), r=4, class_="detect-point"
        )
