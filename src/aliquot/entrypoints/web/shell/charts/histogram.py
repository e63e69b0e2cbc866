"""What all participants returned for an item: columns of counts, one's own value, and what was assigned.

ISO 13528:2015, 10.3 (histograms).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT, MARGIN, TOP, FOOT = 440.0, 180.0, 10.0, 26.0, 24.0
APART = 46.0
"""How far figures stand from each other."""
LEAST_COLUMNS, MOST_COLUMNS = 6, 24
TWO, THREE = 2, 3


@dataclass(frozen=True)
class Returned:
    """A value; `is_alike`: measured by the method that one looks at; `is_own`: one's own."""

    value: float
    is_alike: bool = False
    is_own: bool = False


@dataclass(frozen=True)
class Around:
    """The assigned value and the standard deviation that scores are made with; None where not known."""

    assigned: float | None = None
    sigma: float | None = None


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    columns: int

    @property
    def step(self) -> float:
        return (self.high - self.low) / self.columns

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return MARGIN + max(0.0, min(1.0, share)) * (WIDTH - 2 * MARGIN)

    def column(self, value: float) -> int:
        return min(self.columns - 1, max(0, int((value - self.low) / self.step)))


def histogram(
    values: Sequence[Returned], around: Around, say: Callable[[float], str], *, title: str, description: str
) -> str:
    """SVG of the counts; values of the same method are dark, one's own bears a mark; '' without values."""
    if not values:
        return ""
    scale = _scale(values, around)
    drawing = "".join(
        [
            *_limits(scale, around),
            *_bars(scale, values),
            *_own(scale, values),
            *_words(scale, values, around, say),
        ]
    )
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="histogram",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
    )


def _scale(values: Sequence[Returned], around: Around) -> _Scale:
    known = [one.value for one in values]
    if around.assigned is not None:
        reach = THREE * (around.sigma or 0.0)
        known += [around.assigned - reach, around.assigned + reach]
    low, high = min(known), max(known)
    room = (high - low) * 0.04 or abs(high) * 0.1 or 1.0
    columns = max(LEAST_COLUMNS, min(MOST_COLUMNS, 2 * math.ceil(math.sqrt(len(values))) + THREE))
    return _Scale(low - room, high + room, columns)


def _limits(scale: _Scale, around: Around) -> Iterator[str]:
    if around.assigned is None:
        return
    base = HEIGHT - FOOT
    if around.sigma:
        for times, name in ((THREE, "z-band-3"), (TWO, "z-band-2")):
            left, right = (scale.x(around.assigned + side * times * around.sigma) for side in (-1, 1))
            yield svg.tag("rect", x=left, y=TOP, width=right - left, height=base - TOP, class_=name)
    at = scale.x(around.assigned)
    yield svg.tag("line", x1=at, x2=at, y1=TOP, y2=base, class_="histogram-assigned")


def _bars(scale: _Scale, values: Sequence[Returned]) -> Iterator[str]:
    counts = [[0, 0] for _ in range(scale.columns)]
    for one in values:
        counts[scale.column(one.value)][one.is_alike] += 1
    most = max(sum(both) for both in counts)
    tall, base = (HEIGHT - FOOT - TOP - 8) / most, HEIGHT - FOOT
    width = (WIDTH - 2 * MARGIN) / scale.columns
    for place, (others, alike) in enumerate(counts):
        x = MARGIN + place * width + 1
        for count, below, name in ((alike, 0, "histogram-alike"), (others, alike, "histogram-others")):
            if count:
                y = base - (below + count) * tall
                yield svg.tag("rect", x=x, y=y, width=width - 2, height=count * tall, class_=name)
    yield svg.tag("line", x1=MARGIN, x2=WIDTH - MARGIN, y1=base, y2=base, class_="histogram-base")


def _own(scale: _Scale, values: Sequence[Returned]) -> Iterator[str]:
    for one in values:
        if one.is_own:
            x, base = scale.x(one.value), HEIGHT - FOOT
            yield svg.tag("line", x1=x, x2=x, y1=TOP - 8, y2=base, class_="histogram-own")
            left, right, top = svg.number(x - 6), svg.number(x + 6), TOP - 18
            corners = f"M{left} {top:.0f}L{right} {top:.0f}L{svg.number(x)} {TOP - 7:.0f}Z"
            yield svg.tag("path", d=corners, class_="histogram-own-mark")


def _words(
    scale: _Scale, values: Sequence[Returned], around: Around, say: Callable[[float], str]
) -> Iterator[str]:
    """The assigned value, the limits around it, the least and the greatest: as far as there is room."""
    marks = [one.value for one in values[:: max(1, len(values) - 1)]]
    if around.assigned is not None:
        reach = around.sigma or 0.0
        marks = [around.assigned + times * reach for times in (0, -TWO, TWO, -THREE, THREE)] + marks
    taken: list[float] = []
    for one in marks:
        x = min(WIDTH - APART / 2, max(APART / 2, scale.x(one)))
        if all(abs(x - other) >= APART for other in taken):
            taken.append(x)
            yield svg.words(say(one), x=x, y=HEIGHT - FOOT + 16, text_anchor="middle")
