"""Pictures of a study as SVG, in the words and decimal sign of a language, for page and paper."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

WIDTH, HEIGHT = 640.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 84.0, 30.0, 44.0
AIR = 0.05
TICKS = 5
ROW, BAR_LEFT, BAR_RIGHT = 26.0, 230.0, 84.0
NEAR = 13.0
CHARACTER = 6.6
PAPER = (
    "text{font-family:'PT Sans';font-size:12px;fill:#222}.study-frame{fill:none;stroke:#888}"
    ".study-grid{stroke:#ddd}.study-band{fill:#cfe0ee;fill-opacity:.6}.study-point{fill:#1d4f76;fill-opacity:.75}"
    ".study-whisker{stroke:#1d4f76;stroke-width:1.4}.study-fitted{stroke:#1d4f76;stroke-width:2;fill:none}"
    ".study-equal{stroke:#555;stroke-dasharray:2 3;fill:none}.study-zero{stroke:#555;stroke-dasharray:2 3}"
    ".study-mean{stroke:#1d4f76;stroke-width:1.8}"
    ".study-limit{stroke:#a3541a;stroke-dasharray:6 3;stroke-width:1.4;fill:none}"
    ".study-bar{fill:#1d4f76}.study-scale{font-size:11px;fill:#555}"
)

Said = Callable[[str], str]
Shown = Callable[[float], str]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places along one axis."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value."""
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)


def draw(picture: Mapping[str, Any], put: Said, show: Shown, *, on_paper: bool = False) -> str:
    """The SVG of a kept picture; `put` translates its words, `show` writes a number.

    On paper it brings its own colours; on a page the style sheet does.
    """
    is_plot = picture["form"] == "plot"
    content, height = _plot(picture, put, show) if is_plot else _bars(picture, put, show)
    title = put(picture["title"])
    style = f"<style>{PAPER}</style>" if on_paper else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart study-picture" role="img" '
        f'aria-label="{escape(title)}" viewBox="0 0 {WIDTH:.0f} {height:.0f}">'
        f"{style}<title>{escape(title)}</title>{content}</svg>"
    )


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """Round values from low to high, about so many: steps of 1, 2 or 5."""
    rough = (high - low) / count
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(one for one in (1, 2, 5, 10) if one * size >= rough)
    first = math.ceil(low / step - 1e-9)
    found = (round((first + index) * step, 12) for index in range(2 * count + 2))
    return [one + 0.0 for one in found if one <= high + step * 1e-9]


def _plot(picture: Mapping[str, Any], put: Said, show: Shown) -> tuple[str, float]:
    x, y = _scales(picture)
    parts = [*_frame(x, y, show)]
    parts += [_band(one, x, y) for one in picture["bands"]]
    parts += [*_levels(picture["levels"], x, y, put, show)]
    parts += [_path(one["name"], one["points"], x, y) for one in picture["strokes"]]
    for at, low, high in picture["whiskers"]:
        across = x.at(at)
        parts.append(_line("study-whisker", (across, y.at(low)), (across, y.at(high))))
        parts += [
            _line("study-whisker", (across - 4, y.at(end)), (across + 4, y.at(end))) for end in (low, high)
        ]
    size = 2.2 if len(picture["points"]) > 200 else 3.2  # noqa: PLR2004 - many points are drawn small
    parts += [
        f'<circle class="study-point" cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="{size}"/>'
        for a, b in picture["points"]
    ]
    parts += [*_legend(picture["strokes"], put)]
    parts.append(_words(put(picture["across"]), (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "middle"))
    parts.append(_words(put(picture["up"]), 4, TOP - 12, "start"))
    return "".join(parts), HEIGHT


def _scales(picture: Mapping[str, Any]) -> tuple[Scale, Scale]:
    spans = [one for band in picture["bands"] for one in band] + list(picture["whiskers"])
    points = list(picture["points"]) + [one for stroke in picture["strokes"] for one in stroke["points"]]
    xs = [a for a, _ in points] + [at for at, _, _ in spans]
    ys = [b for _, b in points] + [end for _, *ends in spans for end in ends]
    ys += [level for _, level, _ in picture["levels"]]
    return Scale(*_wide(xs), LEFT, WIDTH - RIGHT), Scale(*_wide(ys), HEIGHT - BOTTOM, TOP)


def _wide(values: Sequence[float]) -> Span:
    """The ends of an axis with a little air; one value alone gets room on both sides."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = (high - low) * AIR or abs(high) * AIR or 1.0
    return low - air, high + air


def _frame(x: Scale, y: Scale, show: Shown) -> Iterator[str]:
    for one in ticks(y.low, y.high):
        yield _line("study-grid", (x.begin, y.at(one)), (x.end, y.at(one)))
        yield _words(show(one), x.begin - 6, y.at(one) + 4, "end", "study-scale")
    for one in ticks(x.low, x.high):
        yield _line("study-grid", (x.at(one), y.begin), (x.at(one), y.end))
        yield _words(show(one), x.at(one), y.begin + 16, "middle", "study-scale")
    yield (
        f'<rect class="study-frame" x="{x.begin:.1f}" y="{y.end:.1f}" width="{x.end - x.begin:.1f}" '
        f'height="{y.begin - y.end:.1f}"/>'
    )


def _levels(levels: Sequence[Sequence[Any]], x: Scale, y: Scale, put: Said, show: Shown) -> Iterator[str]:
    """Lines over the whole width, each with its value at the right; values that would touch move apart."""
    last = -math.inf
    for name, level, words in sorted(levels, key=lambda one: -float(one[1])):
        at = y.at(level)
        hover = f"<title>{escape(put(words))}</title>" if words else ""
        yield _line(f"study-{name}", (x.begin, at), (x.end, at), hover)
        last = max(at + 4, last + NEAR)
        yield _words(show(level), x.end + 6, last, "start", "study-scale")


def _band(band: Sequence[Sequence[float]], x: Scale, y: Scale) -> str:
    ends = [(at, high) for at, _, high in band] + [(at, low) for at, low, _ in reversed(band)]
    places = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in ends)
    return f'<polygon class="study-band" points="{places}"/>'


def _path(name: str, points: Sequence[Sequence[float]], x: Scale, y: Scale) -> str:
    places = " ".join(f"{x.at(a):.1f},{y.at(b):.1f}" for a, b in points)
    return f'<polyline class="study-{name}" points="{places}"/>'


def _legend(strokes: Sequence[Mapping[str, Any]], put: Said) -> Iterator[str]:
    at = LEFT + 130
    for one in strokes:
        words = put(one["words"]) if one["words"] else ""
        if words:
            yield _line(f"study-{one['name']}", (at, TOP - 16), (at + 24, TOP - 16))
            yield _words(words, at + 30, TOP - 12, "start", "study-scale")
            at += 48 + CHARACTER * len(words)


def _bars(picture: Mapping[str, Any], put: Said, show: Shown) -> tuple[str, float]:
    rows = picture["rows"]
    ends = [value for _, _, value, _ in rows] + [limit for *_, limit in rows if limit]
    scale = Scale(0.0, max(ends, default=0.0) or 1.0, BAR_LEFT, WIDTH - BAR_RIGHT)
    unit = put(picture["unit"]) if picture["unit"] else ""
    parts = [_words(unit, BAR_LEFT, TOP - 12, "start", "study-scale")]
    for place, (level, label, value, limit) in enumerate(rows):
        top = TOP + place * ROW
        name = " ".join(filter(None, (level, label and put(label))))
        parts.append(_words(name, BAR_LEFT - 8, top + 14, "end"))
        parts += [*_bar(top, value, limit, scale, show)]
    return "".join(parts), TOP + len(rows) * ROW + 6


def _bar(y: float, value: float, limit: float | None, scale: Scale, show: Shown) -> Iterator[str]:
    end = scale.at(max(value, 0.0))
    yield (
        f'<rect class="study-bar" x="{scale.begin:.1f}" y="{y + 3:.1f}" '
        f'width="{max(end - scale.begin, 0.5):.1f}" height="{ROW - 10:.0f}"/>'
    )
    if limit is not None:
        at = scale.at(limit)
        yield _line("study-limit", (at, y), (at, y + ROW - 4))
        end = max(end, at)
    yield _words(show(value), end + 6, y + 14, "start", "study-scale")


def _line(name: str, begin: Span, end: Span, inside: str = "") -> str:
    ends = f'x1="{begin[0]:.1f}" y1="{begin[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line class="{name}" {ends}>{inside}</line>' if inside else f'<line class="{name}" {ends}/>'


def _words(text: str, x: float, y: float, anchor: str, name: str = "study-words") -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
