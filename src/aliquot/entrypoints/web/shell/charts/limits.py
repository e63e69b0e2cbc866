"""Where a value lies: the interval of health, the limits of automatic release, the critical limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT, MARGIN = 320.0, 50.0, 10.0
TOP, THICK, BASE = 10.0, 13.0, 43.0
ROOM = 0.35
"""Beyond the outermost limit, as a share of what lies between them."""
NEAREST = 32.0
"""Two figures nearer than this would be printed over one another."""


@dataclass(frozen=True)
class Span:
    """A lower and an upper limit; None where there is none."""

    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def limits(self) -> list[Decimal]:
        return [one for one in (self.low, self.high) if one is not None]


@dataclass(frozen=True)
class Bounds:
    """The limits of a test for one patient, all in the unit of the value."""

    interval: Span = Span()
    automatic: Span = Span()
    critical: Span = Span()


def limits(
    value: Decimal,
    bounds: Bounds,
    *,
    title: str,
    description: str,
    figures: dict[Decimal, str],
    earlier: Decimal | None = None,
) -> str:
    """SVG of the value among its limits; '' when there is no limit at all.

    `figures` is how each limit is printed. The ends are set by the limits: a value far beyond them stands
    at an end; `earlier` is drawn hollow.
    """
    known = [*bounds.interval.limits, *bounds.automatic.limits, *bounds.critical.limits]
    if not known:
        return ""
    axis = _axis(known)
    drawing = "".join([*_bands(axis, bounds), *_figures(axis, bounds, figures)])
    if earlier is not None:
        drawing += svg.tag("circle", cx=axis.x(earlier), cy=TOP + THICK / 2, r=4.0, class_="limits-earlier")
    drawing += _mark(axis, value, bounds)
    return svg.picture(
        drawing,
        title=title,
        description=description,
        class_="limits",
        viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}",
    )


@dataclass(frozen=True)
class _Axis:
    first: float
    last: float

    def x(self, value: Decimal) -> float:
        share = (float(value) - self.first) / (self.last - self.first)
        return MARGIN + min(max(share, 0.0), 1.0) * (WIDTH - 2 * MARGIN)


def _axis(known: list[Decimal]) -> _Axis:
    low, high = float(min(known)), float(max(known))
    room = (high - low) * ROOM or abs(high) * ROOM or 1.0
    first = low - room
    return _Axis(max(first, 0.0) if low >= 0 else first, high + room)


def _bands(axis: _Axis, bounds: Bounds) -> Iterator[str]:
    yield svg.tag(
        "rect", x=MARGIN, y=TOP, width=WIDTH - 2 * MARGIN, height=THICK, rx=3, class_="limits-track"
    )
    for low, high in ((None, bounds.critical.low), (bounds.critical.high, None)):
        if low is not None or high is not None:
            yield _band(axis, Span(low, high), TOP, THICK, "limits-critical")
    if bounds.interval.limits:
        yield _band(axis, bounds.interval, TOP, THICK, "limits-interval")
    if bounds.automatic.limits:
        yield _band(axis, bounds.automatic, TOP + THICK + 2, 3.0, "limits-automatic")


def _band(axis: _Axis, span: Span, top: float, thick: float, kind: str) -> str:
    left = MARGIN if span.low is None else axis.x(span.low)
    right = WIDTH - MARGIN if span.high is None else axis.x(span.high)
    return svg.tag("rect", x=left, y=top, width=max(right - left, 1.0), height=thick, class_=kind)


def _figures(axis: _Axis, bounds: Bounds, figures: dict[Decimal, str]) -> Iterator[str]:
    """The limits' figures under the drawing, the critical first; what would cover another is left out."""
    taken: list[float] = []
    for limit in [*bounds.critical.limits, *bounds.interval.limits, *bounds.automatic.limits]:
        x = axis.x(limit)
        if limit in figures and all(abs(x - other) >= NEAREST for other in taken):
            taken.append(x)
            yield svg.words(figures[limit], x=x, y=BASE, text_anchor="middle")


def _mark(axis: _Axis, value: Decimal, bounds: Bounds) -> str:
    x = axis.x(value)
    low, high = bounds.critical.low, bounds.critical.high
    is_critical = (low is not None and value < low) or (high is not None and value > high)
    kind = "limits-mark limits-mark-critical" if is_critical else "limits-mark"
    top, bottom = TOP - 8, TOP + THICK + 4
    return svg.tag(
        "path", d=f"M{svg.number(x - 6)} {top}L{svg.number(x + 6)} {top}L{svg.number(x)} {TOP}Z", class_=kind
    ) + svg.tag("line", x1=x, x2=x, y1=TOP, y2=bottom, class_=f"{kind} limits-needle")
