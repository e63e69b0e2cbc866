"""Causes as columns with what they make together; risks in their matrix, before and after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.quality.improvement.words import cause_words
from aliquot.entrypoints.web.shell.charts import svg
from aliquot.entrypoints.web.shell.wording import number_text
from aliquot.oversight.improvement.models import Risk
from aliquot.oversight.improvement.models.risks import Probability, Severity
from aliquot.oversight.improvement.rules.pareto import Column
from aliquot.oversight.improvement.rules.risks import STEPS, Rating, level_of

COLUMN, HEIGHT, TOP, FOOT = 92.0, 200.0, 24.0, 44.0
CELL_WIDTH, CELL_HEIGHT, LEFT = 118.0, 62.0, 160.0
MARKS, LINE = 4, 20
"""Marks beside each other in a cell of the matrix, letters on a line beside it."""


@dataclass(frozen=True, slots=True)
class _Mark:
    number: int
    rating: Rating
    is_after: bool


def pareto_picture(columns: Sequence[Column]) -> SafeString:
    """Columns, the most frequent cause first, and the line of their sum in per cent; empty without causes."""
    if not columns:
        return SafeString()
    top, width = columns[0].count, COLUMN * len(columns)
    drawn = "".join(_column(one, place, top) for place, one in enumerate(columns))
    points = [(COLUMN * (place + 0.5), _up(one.cumulative)) for place, one in enumerate(columns)]
    path = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in points)
    drawn += svg.tag("path", d=path, class_="pareto-line")
    for one, (x, y) in zip(columns, points, strict=True):
        drawn += svg.tag("circle", cx=x, cy=y, r=3.0, class_="pareto-point")
        percent = f"{number_text(one.cumulative * 100, 0)} %"
        drawn += svg.words(percent, x=x, y=y - 7, text_anchor="middle", class_="pareto-percent")
    said = "; ".join(f"{cause_words(one.name)}: {one.count}" for one in columns)
    title = _("Causes, the most frequent first, and what they make together")
    box = f"0 0 {width:g} {HEIGHT + FOOT:g}"
    return _safe(svg.picture(drawn, title=title, description=said, class_="pareto", viewBox=box))


def matrix_picture(risks: Iterable[Risk]) -> SafeString:
    """Each risk by its number where it is left, hollow where it was before; severity upwards."""
    known = list(risks)
    marks = defaultdict(list)
    for one in known:
        for mark in _marks(one):
            marks[mark.rating].append(mark)
    drawn = _frame() + "".join(_in_cell(rating, found) for rating, found in marks.items())
    said = "; ".join(
        f"{one.pk}: {one.hazard}, {one.severity} × {one.probability}"
        + (f" → {one.severity_after} × {one.probability_after}" if one.after else "")
        for one in known
    )
    box = f"0 0 {LEFT + 5 * CELL_WIDTH:g} {5 * CELL_HEIGHT + FOOT:g}"
    title = _("Risks by severity and probability; hollow: before they were controlled")
    return _safe(svg.picture(drawn, title=title, description=said, class_="matrix", viewBox=box))


def _column(one: Column, place: int, top: int) -> str:
    height = one.count / top * (HEIGHT - TOP)
    x = COLUMN * place + COLUMN * 0.2
    drawn = svg.tag(
        "rect", x=x, y=HEIGHT - height, width=COLUMN * 0.6, height=height, rx=2, class_="pareto-column"
    )
    middle = COLUMN * (place + 0.5)
    count = {"x": middle, "y": HEIGHT - 6.0, "text_anchor": "middle"}
    drawn += svg.words(number_text(one.count), class_="pareto-count", **count)
    return drawn + svg.words(
        cause_words(one.name), x=middle, y=HEIGHT + 18, text_anchor="middle", class_="pareto-name"
    )


def _up(share: float) -> float:
    return HEIGHT - share * (HEIGHT - TOP)


def _frame() -> str:
    """The cells of the matrix in the colour of their level, and what its edges mean."""
    drawn = ""
    for severity in STEPS:
        for probability in STEPS:
            x, y = _corner(Rating(severity, probability))
            level = level_of(severity, probability)
            drawn += svg.tag(
                "rect", x=x, y=y, width=CELL_WIDTH - 2, height=CELL_HEIGHT - 2, rx=3, class_=f"risk-{level}"
            )
        x, y = _corner(Rating(severity, 1))
        words = f"{severity} {Severity(severity).label}"
        drawn += _lines(words, x - 8, y + CELL_HEIGHT / 2 - 6, "end")
    for probability in STEPS:
        x, _y = _corner(Rating(1, probability))
        words = f"{probability} {Probability(probability).label}"
        drawn += _lines(words, x + CELL_WIDTH / 2, 5 * CELL_HEIGHT + 16, "middle")
    return drawn


def _lines(words: str, x: float, y: float, anchor: str) -> str:
    """Words beside the matrix, as many on a line as have room."""
    found = enumerate(wrap(words, LINE))
    return "".join(
        svg.words(line, x=x, y=y + 14 * place, text_anchor=anchor, class_="matrix-name")
        for place, line in found
    )


def _marks(one: Risk) -> list[_Mark]:
    if one.after is None:
        return [_Mark(one.pk, one.before, is_after=True)]
    before = [] if one.after == one.before else [_Mark(one.pk, one.before, is_after=False)]
    return [*before, _Mark(one.pk, one.after, is_after=True)]


def _in_cell(rating: Rating, marks: Sequence[_Mark]) -> str:
    x, y = _corner(rating)
    drawn = ""
    for place, one in enumerate(marks):
        across, down = x + 18 + place % MARKS * 27, y + 18 + place // MARKS * 26
        class_ = "matrix-after" if one.is_after else "matrix-before"
        drawn += svg.tag("circle", cx=across, cy=down, r=11.0, class_=class_)
        drawn += svg.words(
            str(one.number), x=across, y=down + 4, text_anchor="middle", class_=f"{class_}-number"
        )
    return drawn


def _corner(rating: Rating) -> tuple[float, float]:
    return LEFT + (rating.probability - 1) * CELL_WIDTH, (5 - rating.severity) * CELL_HEIGHT


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - charts escape every text they are given
