"""Differences of split specimens over their mean, and what is allowed: Bland and Altman 1986."""

from collections.abc import Sequence

from aliquot.entrypoints.web.shell.charts import svg
from aliquot.entrypoints.web.shell.wording import number_text

WIDTH, HEIGHT, LEFT, RIGHT, EDGE = 440.0, 200.0, 44.0, 12.0, 14.0
LEAST = 1.0


def difference_plot(
    points: Sequence[tuple[float, float]],
    *,
    middle: float | None,
    limit: float | None,
    title: str,
    description: str,
) -> str:
    """SVG of (mean, difference in per cent); lines at zero, bias and +- limit; '' without points."""
    if not points:
        return ""
    low, high = min(x for x, _ in points), max(x for x, _ in points)
    top = max([abs(y) for _, y in points] + [limit or 0.0, LEAST]) * 1.1
    span = (high - low) or 1.0

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - low) / span * (WIDTH - LEFT - RIGHT)
        return across, HEIGHT / 2 - y / top * (HEIGHT / 2 - EDGE)

    lines = [(0.0, "diff-zero")]
    lines += [(one, "diff-limit") for one in (limit, -limit)] if limit else []
    lines += [] if middle is None else [(middle, "diff-bias")]
    drawing = "".join(_line(place(low, y)[1], y, class_) for y, class_ in lines)
    for x, y in points:
        across, up = place(x, y)
        drawing += svg.tag("circle", cx=across, cy=up, r=3.0, class_="diff-point")
    return svg.picture(
        drawing, title=title, description=description, class_="diff", viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    )


def _line(up: float, value: float, class_: str) -> str:
    mark = svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=up, y2=up, class_=class_)
    words = f"{number_text(round(value, 1), signed=True)} %" if value else "0"
    return mark + svg.words(words, x=LEFT - 4, y=up + 4, text_anchor="end")
