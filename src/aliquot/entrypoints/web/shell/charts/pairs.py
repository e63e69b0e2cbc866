"""Before and after: two bars on one scale, or two bars of parts; text stands beside them in the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

BAR, GAP = 9, 3
THICK, ROOM = 26, 22


def pair(before: float, after: float, top: float, *, title: str, description: str) -> str:
    """The first bar hollow, the second full, each as a share of `top`."""
    drawing = "".join(
        svg.tag("rect", x=0, y=y, width=_share(value, top), height=BAR, rx=2, class_=name)
        for y, value, name in ((0, before, "pair-before"), (BAR + GAP, after, "pair-after"))
        if value
    )
    return svg.picture(
        drawing, title=title, description=description, class_="pair", width="100%", height=2 * BAR + GAP
    )


@dataclass(frozen=True)
class Part:
    """A part of a whole; `kind` names its colour: good, notice, accent, danger."""

    kind: str
    label: str
    value: int
    text: str


@dataclass(frozen=True)
class Whole:
    """One bar made of parts, with its name above."""

    label: str
    parts: Sequence[Part]


def wholes(rows: Sequence[Whole], *, title: str) -> str:
    """Bars of parts beneath each other, all of the same length."""
    drawing = "".join(_whole(row, number * (ROOM + THICK + 8)) for number, row in enumerate(rows))
    description = "; ".join(
        f"{row.label}: " + ", ".join(f"{one.label} {one.text}" for one in row.parts) for row in rows
    )
    height = len(rows) * (ROOM + THICK + 8)
    return svg.picture(
        drawing, title=title, description=description, class_="wholes", width="100%", height=height
    )


def _whole(row: Whole, y: int) -> str:
    top = sum(one.value for one in row.parts) or 1
    drawing, begun = svg.words(row.label, x=0, y=y + 14, class_="wholes-label"), 0
    for one in row.parts:
        if one.value:
            drawing += svg.tag(
                "rect",
                svg.tag("title", escape(f"{one.label}: {one.text}")),
                x=_share(begun, top),
                y=y + ROOM,
                width=_share(one.value, top),
                height=THICK,
                class_=f"wholes-part wholes-{one.kind}",
            )
        begun += one.value
    return drawing


def _share(value: float, top: float) -> str:
    share = value / top if top else 0.0
    return f"{svg.number(max(0.0, min(1.0, share)) * 100)}%"
