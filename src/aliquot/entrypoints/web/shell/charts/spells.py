"""Spells on one line of time: who had what from when to when, a row for each place, and where now is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, ROW, BAR, HEAD, FOOT = 960.0, 46.0, 24.0, 18.0, 20.0
TINTS = 4
"""How many colours tell spells apart before they begin again."""


@dataclass(frozen=True)
class Bar:
    """A spell: whose it is, its colour (0: the plain one), its words; None where it has no end in sight."""

    label: str
    tint: int
    since: datetime | None
    until: datetime | None
    text: str


@dataclass(frozen=True)
class Row:
    """The spells of one place, in the order of time."""

    name: str
    bars: Sequence[Bar]


@dataclass(frozen=True)
class Scale:
    """The stretch of time that is drawn, its marks in words, and now."""

    first: datetime
    last: datetime
    now: datetime
    now_text: str
    marks: Sequence[tuple[datetime, str]]

    def place(self, at: datetime | None, otherwise: datetime) -> float:
        """Where a moment stands; what lies outside stands at the edge."""
        moment = min(max(at or otherwise, self.first), self.last)
        part = (moment - self.first) / (self.last - self.first)
        return part * WIDTH


def spells(rows: Sequence[Row], scale: Scale, *, title: str) -> str:
    """SVG of a row for each place; '' without rows."""
    if not rows:
        return ""
    height = HEAD + ROW * len(rows) + FOOT
    drawing = "".join(_row(one, HEAD + ROW * number, scale) for number, one in enumerate(rows))
    here = scale.place(scale.now, scale.now)
    drawing += svg.tag("line", x1=here, x2=here, y1=HEAD - 4, y2=height - FOOT, class_="spells-now")
    drawing += svg.words(scale.now_text, x=here, y=HEAD - 6, text_anchor="middle", class_="strong")
    for at, text in scale.marks:
        x = scale.place(at, at)
        drawing += svg.tag("line", x1=x, x2=x, y1=HEAD, y2=height - FOOT, class_="spells-mark")
        drawing += svg.words(text, x=x, y=height - 5, text_anchor="middle")
    said = "; ".join(f"{row.name}: {', '.join(one.text for one in row.bars)}" for row in rows)
    box = f"0 0 {svg.number(WIDTH)} {svg.number(height)}"
    return svg.picture(drawing, title=title, description=said, class_="spells", viewBox=box)


def _row(row: Row, y: float, scale: Scale) -> str:
    drawing = svg.words(row.name, x=0, y=y + ROW - BAR - 6, class_="strong")
    return drawing + "".join(_bar(one, y + ROW - BAR, scale) for one in row.bars)


def _bar(one: Bar, y: float, scale: Scale) -> str:
    left, right = scale.place(one.since, scale.first), scale.place(one.until, scale.last)
    if right <= left:
        return ""
    tint = 0 if one.tint == 0 else 1 + (one.tint - 1) % (TINTS - 1)
    drawing = svg.tag("title", escape(one.text))
    drawing += svg.tag("rect", x=left, y=y, width=right - left, height=BAR, rx=3, class_=f"spells-{tint}")
    letters = int((right - left - 8) / 7)
    if letters >= 3:  # noqa: PLR2004 - less than that says nothing
        label = one.label if len(one.label) <= letters else f"{one.label[: letters - 1]}…"
        drawing += svg.words(label, x=left + 5, y=y + BAR / 2 + 4, class_=f"spells-label-{tint}")
    return svg.tag("g", drawing)
