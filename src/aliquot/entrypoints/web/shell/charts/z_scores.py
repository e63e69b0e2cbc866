"""Scores of external assessment: z by test and sample, and over rounds, against 2 and 3 SD.

ISO 13528:2015, 10.2-10.6: bars of z by laboratory or measurand, and their course over rounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aliquot.entrypoints.web.shell.charts import svg
from aliquot.entrypoints.web.shell.charts.levey_jennings import shape

FURTHEST = 4.5
"""In SD; a score beyond stands at the edge, with its number."""
LABEL, WIDTH, ROW, HEAD, EDGE = 122.0, 440.0, 24.0, 22.0, 34.0
TREND_HEIGHT, FOOT, LEFT = 200.0, 28.0, 28.0
LABELS_AT_MOST = 6


@dataclass(frozen=True)
class ZPoint:
    """A score: its z, the place of its sample in the round from 1, words on hover, what it says.

    `figure` stands beside one that lies beyond the picture.
    """

    z: float
    text: str
    sample: int = 1
    signal: str = "acceptable"
    figure: str = ""


@dataclass(frozen=True)
class ZLine:
    """A test, a laboratory or a round, with its scores; `url` makes its label a link."""

    label: str
    points: tuple[ZPoint, ...]
    url: str = ""


def z_rows(lines: Sequence[ZLine], *, title: str, description: str) -> str:
    """SVG with a row for each line, z across; '' without lines."""
    if not lines:
        return ""
    height = HEAD + len(lines) * ROW + 6
    drawing = "".join([*_bands(height), *(_row(one, place) for place, one in enumerate(lines))])
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="z-rows",
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
    )


def z_trend(lines: Sequence[ZLine], *, title: str, description: str) -> str:
    """SVG with a column for each round, the oldest first, z upwards, a line through their means."""
    if not lines:
        return ""
    drawing = "".join([*_levels(), _course(lines), *_columns(lines)])
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="z-trend",
        viewBox=f"0 0 {WIDTH:.0f} {TREND_HEIGHT:.0f}",
    )


def _inside(z: float) -> float:
    return max(-FURTHEST, min(FURTHEST, z))


def _x(z: float) -> float:
    return LABEL + (_inside(z) + FURTHEST) / (2 * FURTHEST) * (WIDTH - LABEL - EDGE)


def _y(z: float) -> float:
    return TREND_HEIGHT - FOOT - (_inside(z) + FURTHEST) / (2 * FURTHEST) * (TREND_HEIGHT - FOOT - 8)


def _figure(z: float) -> str:
    return f"{'+' if z > 0 else chr(0x2212) if z < 0 else ''}{abs(z):.0f}"


def _bands(height: float) -> Iterator[str]:
    for z, name in ((3, "z-band-3"), (2, "z-band-2")):
        yield svg.tag("rect", x=_x(-z), y=HEAD, width=_x(z) - _x(-z), height=height - HEAD, class_=name)
    for z in (-3, -2, 0, 2, 3):
        name = "z-zero" if z == 0 else "z-limit"
        yield svg.tag("line", x1=_x(z), x2=_x(z), y1=HEAD, y2=height, class_=name)
        yield svg.words(_figure(z), x=_x(z), y=HEAD - 7, text_anchor="middle")


def _row(line: ZLine, place: int) -> str:
    y = HEAD + place * ROW + ROW / 2
    drawing = _name(line, y + 4)
    for one in line.points:
        start, end = sorted((_x(0), _x(one.z)))
        drawing += svg.tag("line", x1=start, x2=end, y1=y, y2=y, class_=f"z-stem z-{one.signal}")
    return drawing + "".join(_mark(one, _x(one.z), y) + _beyond(one, y) for one in line.points)


def _name(line: ZLine, y: float) -> str:
    name = svg.words(_shortened(line.label), x=LABEL - 10, y=y, text_anchor="end", class_="z-name")
    return svg.tag("a", name, href=line.url) if line.url else name


def _shortened(text: str, most: int = 16) -> str:
    return text if len(text) <= most else text[: most - 1] + "\u2026"


def _mark(one: ZPoint, x: float, y: float) -> str:
    return shape(one.sample, x, y, 5.0, class_=f"z-point z-{one.signal}", hover=one.text)


def _beyond(one: ZPoint, y: float) -> str:
    """The number of a score that lies further out than the picture."""
    if abs(one.z) <= FURTHEST:
        return ""
    at = _x(one.z)
    side = {"x": at + 9, "text_anchor": "start"} if one.z > 0 else {"x": at - 9, "text_anchor": "end"}
    return svg.words(one.figure, y=y + 4, class_="z-beyond", **side)


def _levels() -> Iterator[str]:
    width = WIDTH - LEFT - 8
    for z, name in ((3, "z-band-3"), (2, "z-band-2")):
        yield svg.tag("rect", x=LEFT, y=_y(z), width=width, height=_y(-z) - _y(z), class_=name)
    for z in (-3, -2, 0, 2, 3):
        name = "z-zero" if z == 0 else "z-limit"
        yield svg.tag("line", x1=LEFT, x2=LEFT + width, y1=_y(z), y2=_y(z), class_=name)
        yield svg.words(_figure(z), x=LEFT - 6, y=_y(z) + 4, text_anchor="end")


def _across(place: int, count: int) -> float:
    """The middle of a round's column."""
    return LEFT + (place + 0.5) * (WIDTH - LEFT - 8) / max(count, 4)


def _course(lines: Sequence[ZLine]) -> str:
    steps = [
        f"{svg.number(_across(place, len(lines)))} {svg.number(_y(_mean(one.points)))}"
        for place, one in enumerate(lines)
        if one.points
    ]
    return svg.tag("path", d="M" + "L".join(steps), class_="z-course") if len(steps) > 1 else ""


def _mean(points: Sequence[ZPoint]) -> float:
    return sum(one.z for one in points) / len(points)


def _columns(lines: Sequence[ZLine]) -> Iterator[str]:
    every = -(-len(lines) // LABELS_AT_MOST)
    for place, line in enumerate(lines):
        x = _across(place, len(lines))
        yield from (_mark(one, x, _y(one.z)) for one in line.points)
        for one in line.points:
            if abs(one.z) > FURTHEST:
                yield svg.words(one.figure, x=x + 8, y=_y(one.z) + 4, class_="z-beyond")
        if place % every == 0:
            name = svg.words(
                _shortened(line.label, 11), x=x, y=TREND_HEIGHT - 12, text_anchor="middle", class_="z-name"
            )
            yield svg.tag("a", name, href=line.url) if line.url else name
