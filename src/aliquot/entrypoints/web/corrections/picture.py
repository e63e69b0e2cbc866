"""Values over time with the doubtful interval marked, as SVG."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from django.utils.safestring import SafeString, mark_safe

from aliquot.entrypoints.web.shell.charts import svg
from aliquot.entrypoints.web.shell.wording import number_text, time_text

WIDTH, HEIGHT, MARGIN = 900.0, 220.0, 14.0
EMPTY = timedelta(hours=6)
"""Of an interval without points, so much is drawn."""
Point = tuple[datetime, Decimal]


def interval_picture(
    points: Sequence[Point],
    spans: Sequence[tuple[datetime, datetime]],
    *,
    title: str,
    description: str,
    zone: tzinfo,
) -> SafeString:
    """Every point; those within a span are filled, and the span is a band. Empty without points."""
    if not points:
        return SafeString()
    first, last = _ends(points, spans)
    low, high = (float(bound(value for _at, value in points)) for bound in (min, max))
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0

    def x(at: datetime) -> float:
        share = (at.timestamp() - first) / (last - first) if last > first else 0.5
        return MARGIN + min(1.0, max(0.0, share)) * (WIDTH - 2 * MARGIN)

    def y(value: Decimal) -> float:
        return HEIGHT - MARGIN - (float(value) - low + room) / (high - low + 2 * room) * (HEIGHT - 2 * MARGIN)

    bands = "".join(
        svg.tag(
            "rect", x=x(since), y=0.0, width=max(2.0, x(until) - x(since)), height=HEIGHT, class_="doubt-band"
        )
        for since, until in spans
    )
    marks = "".join(
        svg.tag("circle", cx=x(at), cy=y(value), r=2.6, class_=_class(at, spans)) for at, value in points
    )
    scale = "".join(
        svg.words(text, x=4.0, y=place, class_="doubt-scale")
        for text, place in ((number_text(high), 12.0), (number_text(low), HEIGHT - 6))
    )
    ends = "".join(
        svg.words(
            time_text(datetime.fromtimestamp(at, zone), zone),
            x=place,
            y=HEIGHT + 14,
            class_="doubt-scale",
            text_anchor=anchor,
        )
        for at, place, anchor in ((first, MARGIN, "start"), (last, WIDTH - MARGIN, "end"))
    )
    drawing = svg.picture(
        bands + marks + scale + ends,
        title=title,
        description=description,
        class_="doubt",
        viewBox=f"0 0 {WIDTH:g} {HEIGHT + 20:g}",
    )
    return mark_safe(drawing)  # noqa: S308 - every text of it is escaped


def _ends(points: Sequence[Point], spans: Sequence[tuple[datetime, datetime]]) -> tuple[float, float]:
    """From where to where time goes: all points and a little of the interval that has none."""
    first, last = points[0][0], points[-1][0]
    since = max([first - EMPTY, min([start for start, _end in spans], default=first)])
    until = min([last + EMPTY, max([end for _start, end in spans], default=last)])
    return min(first, since).timestamp(), max(last, until).timestamp()


def _class(at: datetime, spans: Sequence[tuple[datetime, datetime]]) -> str:
    return "doubt-in" if any(since <= at < until for since, until in spans) else "doubt-out"
