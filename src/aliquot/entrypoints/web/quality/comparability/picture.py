"""Pictures of agreement: analyzers within what is allowed; split specimens over their mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from aliquot.entrypoints.web.shell.charts import svg
from aliquot.entrypoints.web.shell.wording import number_text

WIDTH, HEIGHT, LEFT, RIGHT, EDGE = 440.0, 200.0, 44.0, 12.0, 14.0
LEAST = 1.0
ROW, HEAD, NAMES, MIDDLE, UNIT, MOST, SAID = 18.0, 22.0, 74.0, 214.0, 46.0, 3.0, 366.0
SIZE, MARGIN, LETTER = 3.4, 200.0, 6.6


@dataclass(frozen=True, slots=True)
class Mark:
    """A bias as a share of what is allowed, in words for who hovers, and whether it is apart."""

    share: float
    text: str
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """A test with the marks of its analyzers; `reach` of the furthest that is apart, 0 where none is."""

    code: str
    reach: float
    marks: Sequence[Mark]


def network_picture(strips: Sequence[Strip], *, title: str, description: str) -> str:
    """SVG: a line for each test, the allowed band in the middle; what is apart is a diamond with its words.

    Shares beyond three times what is allowed stand at the edge. '' without a test.
    """
    if not strips:
        return ""
    height = HEAD + ROW * len(strips) + 4
    band = svg.tag(
        "rect", x=MIDDLE - UNIT, y=HEAD - 4, width=2 * UNIT, height=height - HEAD, class_="net-allowed"
    )
    zero = svg.tag("line", x1=MIDDLE, x2=MIDDLE, y1=HEAD - 4, y2=height - 4, class_="net-zero")
    scale = "".join(
        svg.words(words, x=MIDDLE + at * UNIT, y=12, text_anchor="middle", class_="net-scale")
        for at, words in ((-1.0, "−1"), (0.0, "0"), (1.0, "+1"))
    )
    rows = "".join(part for place, one in enumerate(strips) for part in _strip(one, HEAD + ROW * place + 8))
    return svg.picture(
        band + zero + scale + rows,
        title=title,
        description=description,
        class_="net",
        viewBox=f"0 0 {WIDTH + MARGIN:.0f} {height:.0f}",
    )


def _strip(one: Strip, y: float) -> Iterator[str]:
    yield svg.words(one.code, x=NAMES - 8, y=y + 4, text_anchor="end", class_="net-name")
    for mark in sorted(one.marks, key=lambda found: found.is_apart):
        yield _mark(mark, y)
    told = [mark.text for mark in one.marks if mark.is_apart]
    if told:
        hover = svg.tag("title", escape("; ".join(told)))
        yield svg.tag("text", escape(_fitting(told)) + hover, x=SAID, y=y + 4, class_="net-told")


def _fitting(told: Sequence[str]) -> str:
    """As many of these as there is room for, and how many more there are; all of them on hover."""
    shown = list(told)
    while len(shown) > 1 and LETTER * len("; ".join(shown)) > WIDTH + MARGIN - SAID:
        shown.pop()
    more = f" +{len(told) - len(shown)}" if len(shown) < len(told) else ""
    return "; ".join(shown) + more


def _mark(one: Mark, y: float) -> str:
    x = MIDDLE + max(-MOST, min(MOST, one.share)) * UNIT
    hover = svg.tag("title", escape(one.text))
    if not one.is_apart:
        return svg.tag("circle", hover, cx=x, cy=y, r=SIZE, class_="net-point")
    size = SIZE + 1.6
    corners = ((x, y - size), (x + size, y), (x, y + size), (x - size, y))
    places = " ".join(f"{svg.number(a)},{svg.number(b)}" for a, b in corners)
    return svg.tag("polygon", hover, points=places, class_="net-apart")


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
