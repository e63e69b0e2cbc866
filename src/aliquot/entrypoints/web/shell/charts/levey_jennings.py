"""Control values run by run in SD from their targets: levels by shape, broken rules named, changes as lines.

Levey, Jennings, Am J Clin Pathol 1950;20:1059, on the scale of z so that all levels share one picture.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from aliquot.entrypoints.web.shell.charts import svg

WIDTH, HEIGHT = 1060.0, 372.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 34.0, 44.0, 30.0
FURTHEST = 4.0
"""In SD; a value beyond stands at the edge with its figure."""
LARGEST, SMALLEST = 5.0, 2.2
NEAREST_TICK, NEAREST_RULE = 58.0, 22.0
ROWS = 2
"""Names of changes stand in so many rows above the picture."""


@dataclass(frozen=True)
class ControlPoint:
    """A control value: its run, level and z, in which series of one lot and target, what it broke.

    `severity` is '', 'warning' or 'rejection'; `rules` are the names that end at this point.
    """

    run: int
    level: int
    z: float
    text: str
    series: object = None
    is_counted: bool = True
    severity: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """Something that changed just before a run; `kind` is lot, target, reagent or calibrator."""

    run: int
    kind: str
    text: str


@dataclass
class _Scale:
    places: Mapping[int, int]
    taken: list[float] = field(default_factory=list)

    @property
    def step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(len(self.places), 1)

    @property
    def size(self) -> float:
        return max(SMALLEST, min(LARGEST, self.step * 0.42))

    def x(self, run: int) -> float:
        return LEFT + (self.places[run] + 0.5) * self.step

    def before(self, run: int) -> float:
        return LEFT + self.places[run] * self.step

    @staticmethod
    def y(z: float) -> float:
        inside = max(-FURTHEST, min(FURTHEST, z))
        return TOP + (FURTHEST - inside) / (2 * FURTHEST) * (HEIGHT - TOP - BOTTOM)


def levey_jennings(
    points: Sequence[ControlPoint],
    changes: Iterable[Change] = (),
    days: Iterable[tuple[int, str]] = (),
    *,
    title: str,
    description: str,
) -> str:
    """SVG of the points in the order of their runs; '' without points.

    `days` are runs with what is written under them; names that would cover one another are left out.
    """
    if not points:
        return ""
    scale = _Scale({run: place for place, run in enumerate(sorted({one.run for one in points}))})
    known = [one for one in changes if one.run in scale.places]
    drawing = "".join(
        [
            *_frame(),
            *_ticks(scale, [one for one in days if one[0] in scale.places]),
            *_changes(scale, known),
            *_lines(scale, points),
            *(_mark(scale, one) for one in points),
            *_rules(scale, points),
        ]
    )
    return svg.picture(
        drawing, title=title, description=description, class_="lj", viewBox=f"0 0 {WIDTH:.0f} {HEIGHT:.0f}"
    )


def shape(level: int, x: float, y: float, size: float, *, class_: str, hover: str = "") -> str:
    """The mark of a level: circle, square, triangle, diamond; any further level is a cross."""
    inside = svg.tag("title", escape(hover)) if hover else ""
    if level == 1:
        return svg.tag("circle", inside, cx=x, cy=y, r=size, class_=class_)
    corners = _CORNERS.get(level)
    if corners is None:
        return svg.tag("path", inside, d=_cross(x, y, size), class_=f"{class_} lj-open")
    steps = [f"{svg.number(x + across * size)} {svg.number(y + down * size)}" for across, down in corners]
    return svg.tag("path", inside, d="M" + "L".join(steps) + "Z", class_=class_)


def _cross(x: float, y: float, size: float) -> str:
    left, right, top, bottom = (svg.number(one) for one in (x - size, x + size, y - size, y + size))
    return f"M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"


def _frame() -> Iterator[str]:
    width = WIDTH - LEFT - RIGHT
    for z, name in ((3, "lj-band-3"), (2, "lj-band-2"), (1, "lj-band-1")):
        top = _Scale.y(z)
        yield svg.tag("rect", x=LEFT, y=top, width=width, height=_Scale.y(-z) - top, class_=name)
    for z in range(-3, 4):
        y = _Scale.y(z)
        name = "lj-mean" if z == 0 else "lj-limit" if abs(z) == 3 else "lj-grid"  # noqa: PLR2004 - 3 SD
        yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_=name)
        sign = "+" if z > 0 else "\u2212" if z < 0 else ""
        # on a phone the newest runs are seen, at the right
        yield svg.words(f"{sign}{abs(z)}", x=LEFT - 8, y=y + 4, text_anchor="end", class_="lj-scale")
        yield svg.words(f"{sign}{abs(z)}", x=WIDTH - RIGHT + 8, y=y + 4, class_="lj-scale")


def _ticks(scale: _Scale, days: Iterable[tuple[int, str]]) -> Iterator[str]:
    last = -NEAREST_TICK
    for run, words in days:
        x = scale.x(run)
        if x - last >= NEAREST_TICK and x <= WIDTH - RIGHT - NEAREST_TICK / 3:
            last = x
            base = HEIGHT - BOTTOM
            yield svg.tag("line", x1=x, x2=x, y1=base, y2=base + 5, class_="lj-tick")
            yield svg.words(words, x=x, y=HEIGHT - 8, text_anchor="middle")


def _changes(scale: _Scale, changes: Sequence[Change]) -> Iterator[str]:
    """A line for each run at which something changed; its names above, where there is room for them."""
    ends = [-1.0] * ROWS
    for run, found in groupby(sorted(changes, key=lambda one: (one.run, one.kind)), key=lambda one: one.run):
        together = list(found)
        x, words = scale.before(run), ", ".join(one.text for one in together)
        hover = svg.tag("title", escape(words))
        yield svg.tag(
            "line",
            hover,
            x1=x,
            x2=x,
            y1=TOP - 4,
            y2=HEIGHT - BOTTOM,
            class_=f"lj-change lj-{together[0].kind}",
        )
        length = 6.4 * len(words)
        start = min(x + 3, WIDTH - RIGHT - length)
        row = next((row for row, end in enumerate(ends) if end < start), None)
        if row is not None:
            ends[row] = start + length + 8
            yield svg.words(words, x=max(start, 0.0), y=14.0 + 15 * row, class_="lj-name")


def _lines(scale: _Scale, points: Sequence[ControlPoint]) -> Iterator[str]:
    """A line through the counted points of each level, broken where a new lot or target begins."""
    counted = [one for one in points if one.is_counted]
    ordered = sorted(counted, key=lambda one: (one.level, one.run))
    for (level, _), found in groupby(ordered, key=lambda one: (one.level, one.series)):
        steps = [f"{svg.number(scale.x(one.run))} {svg.number(scale.y(one.z))}" for one in found]
        if len(steps) > 1:
            yield svg.tag("path", d="M" + "L".join(steps), class_=f"lj-line {_level(level)}")


def _mark(scale: _Scale, one: ControlPoint) -> str:
    x, y, size = scale.x(one.run), scale.y(one.z), scale.size
    ring = ""
    if one.severity:
        ring = svg.tag("circle", cx=x, cy=y, r=size + 4.5, class_=f"lj-ring lj-{one.severity}")
    hollow = "" if one.is_counted else " lj-aside"
    drawn = ring + shape(
        one.level, x, y, size, class_=f"lj-point {_level(one.level)}{hollow}", hover=one.text
    )
    if abs(one.z) <= FURTHEST:
        return drawn
    figure = f"{'+' if one.z > 0 else chr(0x2212)}{abs(one.z):.1f}"
    return drawn + svg.words(figure, x=x + size + 4, y=y + (12 if one.z > 0 else -4), class_="lj-beyond")


def _rules(scale: _Scale, points: Sequence[ControlPoint]) -> Iterator[str]:
    """The names of broken rules, rejections first; a name that would cover another is left to the table."""
    taken: list[tuple[float, bool]] = []
    broken = [one for one in points if one.rules]
    for one in sorted(broken, key=lambda one: (one.severity != "rejection", -one.run)):
        x, is_above = scale.x(one.run), one.z >= 0
        if any(abs(x - other) < NEAREST_RULE * len(one.rules) and is_above == side for other, side in taken):
            continue
        taken.append((x, is_above))
        y = scale.y(one.z) + (-13 if is_above else 21)
        # at the right edge the words end where the picture does
        x, anchor = (WIDTH - 2, "end") if x > WIDTH - 60 else (x, "middle")
        yield svg.words(
            ", ".join(one.rules), x=x, y=max(y, 12.0), text_anchor=anchor, class_=f"lj-rule lj-{one.severity}"
        )


def _level(level: int) -> str:
    return f"lj-level-{min(level, 5)}"


_CORNERS: Mapping[int, Sequence[tuple[float, float]]] = {
    2: ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    3: ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    4: ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
}
