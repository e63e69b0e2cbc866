"""Horizontal bars: words on the left, a figure on the right, the bar beneath; as wide as its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from aliquot.entrypoints.web.shell.charts import svg

ROW = 38


@dataclass(frozen=True)
class Bar:
    """One bar; `text` is the figure in words, `target` draws a mark on the same scale."""

    label: str
    value: Decimal | float
    text: str
    kind: Literal["plain", "notice", "danger"] = "plain"
    target: Decimal | float | None = None


def bars(rows: Sequence[Bar], *, title: str) -> str:
    """SVG of the bars on one scale from zero; text keeps its size whatever the width; '' without rows."""
    if not rows:
        return ""
    top = max(max(float(row.value), float(row.target or 0)) for row in rows) or 1.0
    drawing = "".join(_row(row, number * ROW, top) for number, row in enumerate(rows))
    description = "; ".join(f"{row.label}: {row.text}" for row in rows)
    return svg.picture(
        drawing, title=title, description=description, class_="bars", width="100%", height=len(rows) * ROW
    )


def _row(row: Bar, y: int, top: float) -> str:
    drawing = svg.words(row.label, x=0, y=y + 14, class_="bars-label")
    drawing += svg.words(row.text, x="100%", y=y + 14, text_anchor="end", class_="bars-figure")
    drawing += svg.tag("rect", x=0, y=y + 20, width="100%", height=8, rx=4, class_="bars-track")
    drawing += svg.tag(
        "rect", x=0, y=y + 20, width=_share(row.value, top), height=8, rx=4, class_=f"bars-{row.kind}"
    )
    if row.target is not None:
        at = _share(row.target, top)
        drawing += svg.tag("line", x1=at, x2=at, y1=y + 17, y2=y + 31, class_="bars-target")
    return drawing


def _share(value: Decimal | float, top: float) -> str:
    return f"{svg.number(max(0.0, min(1.0, float(value) / top)) * 100)}%"
