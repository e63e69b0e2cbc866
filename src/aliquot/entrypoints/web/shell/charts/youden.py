"""Two levels of a control against each other, run by run: along the diagonal all levels moved together.

Youden, Industrial Quality Control 1959;15:24.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

SIDE, MARGIN = 320.0, 34.0
FURTHEST = 4.0
"""In SD; a run beyond stands at the edge."""
ROOM = 1.5
"""In SD; right of it a label stands at the left of its point."""


@dataclass(frozen=True)
class YoudenPoint:
    """A run: z of the one level across, of the other upwards; `is_rejected`: the run was.

    `label` stands beside it.
    """

    across: float
    up: float
    text: str
    is_rejected: bool = False
    label: str = ""


def youden(
    points: Sequence[YoudenPoint],
    *,
    across: str,
    up: str,
    title: str,
    description: str,
    has_newest: bool = True,
) -> str:
    """SVG of the runs in their order; '' without runs. `across`, `up`: names of the axes.

    The newest is large, unless the points follow no order (`has_newest`).
    """
    if not points:
        return ""
    drawing = "".join([*_frame(across, up), *_marks(points, has_newest=has_newest)])
    return svg.picture(
        drawing, title=title, description=description, class_="youden", viewBox=f"0 0 {SIDE:.0f} {SIDE:.0f}"
    )


def _at(z: float) -> float:
    """How far from the low end of an axis."""
    inside = max(-FURTHEST, min(FURTHEST, z))
    return (inside + FURTHEST) / (2 * FURTHEST) * (SIDE - 2 * MARGIN)


def _x(z: float) -> float:
    return MARGIN + _at(z)


def _y(z: float) -> float:
    return SIDE - MARGIN - _at(z)


def _frame(across: str, up: str) -> Iterator[str]:
    for z, name in ((3, "lj-band-3"), (2, "lj-band-2"), (1, "lj-band-1")):
        size = _x(z) - _x(-z)
        yield svg.tag("rect", x=_x(-z), y=_y(z), width=size, height=size, class_=name)
    low, high = _x(-FURTHEST), _x(FURTHEST)
    yield svg.tag("line", x1=low, x2=high, y1=_y(0), y2=_y(0), class_="lj-mean")
    yield svg.tag("line", x1=_x(0), x2=_x(0), y1=_y(FURTHEST), y2=_y(-FURTHEST), class_="lj-mean")
    yield svg.tag("line", x1=low, x2=high, y1=_y(-FURTHEST), y2=_y(FURTHEST), class_="lj-grid")
    for z in (-3, -2, -1, 1, 2, 3):
        figure = f"{'+' if z > 0 else chr(0x2212)}{abs(z)}"
        yield svg.words(figure, x=_x(z), y=SIDE - MARGIN + 14, text_anchor="middle", class_="lj-scale")
        yield svg.words(figure, x=MARGIN - 6, y=_y(z) + 4, text_anchor="end", class_="lj-scale")
    yield svg.words(across, x=SIDE / 2, y=SIDE - 4, text_anchor="middle")
    yield svg.words(up, x=MARGIN - 24, y=MARGIN - 14)


def _marks(points: Sequence[YoudenPoint], *, has_newest: bool) -> Iterator[str]:
    for place, one in enumerate(points, start=1):
        is_newest = has_newest and place == len(points)
        name = "youden-newest" if is_newest else "youden-point"
        name += " youden-rejected" if one.is_rejected else ""
        size = 5.5 if is_newest else 3.0
        hover = svg.tag("title", escape(one.text))
        yield svg.tag("circle", hover, cx=_x(one.across), cy=_y(one.up), r=size, class_=name)
        if one.label:
            side, anchor = (-7, "end") if one.across > ROOM else (7, "start")
            at = {"x": _x(one.across) + side, "y": _y(one.up) - 5}
            yield svg.words(one.label, **at, text_anchor=anchor, class_="youden-label")
