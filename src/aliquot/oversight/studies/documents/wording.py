"""What a study found, as a person reads it: sentences, figures, the plan, in the language that is set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aliquot.foundation.naming import is_russian
from aliquot.oversight.studies.rules.highlights import Figure, highlights
from aliquot.oversight.studies.rules.outline import OUTLINES, WORD
from aliquot.oversight.studies.rules.saying import said

MINUS = "\u2212"
DIGITS = 4
DECISIONS = {"accepted": _("Accepted"), "rejected": _("Rejected"), "undetermined": _("Not decided")}
MEANINGS = {
    "accepted": _("Every acceptance criterion of the plan is met."),
    "rejected": _("At least one acceptance criterion of the plan is not met."),
    "undetermined": _("The data do not decide yet: measure more, or plan a criterion."),
}


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure in words, with its interval."""

    what: str
    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion in words: what was judged, found, allowed, and how it was decided."""

    what: str
    value: str
    interval: str
    limit: str
    decision: str
    words: str


def shown(value: float, digits: int = DIGITS) -> str:
    """A number with so many significant digits and the decimal sign of the language."""
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e9:  # noqa: PLR2004 - written in full
        text = f"{value:.0f}"
    return text.replace("-", MINUS).replace(".", "," if is_russian() else ".")


def localised(text: str) -> str:
    """What stands in a gap of a sentence: a number with the decimal sign of the language, else as it is."""
    try:
        float(text)
    except ValueError:
        return text
    return text.replace("-", MINUS).replace(".", "," if is_russian() else ".")


def sentence(tree: Mapping[str, Any]) -> str:
    """A kept sentence."""
    return said(tree, gettext, localised)


def figure_lines(record: Mapping[str, Any]) -> list[FigureLine]:
    """The figures to read first."""
    return [_figure(one) for one in highlights(record)]


def criterion_lines(record: Mapping[str, Any]) -> list[CriterionLine]:
    """Every criterion that was judged, those of parts too."""
    own = [
        CriterionLine(
            sentence(one["what"]),
            _number(one["value"]),
            _interval(one["low"], one["high"]),
            _number(one["limit"]),
            one["decision"],
            str(DECISIONS[one["decision"]]),
        )
        for one in record["criteria"]
    ]
    return own + [line for part in record["parts"] for line in criterion_lines(part)]


def pictures_in(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The pictures of a study and of its parts; differences that a comparison draws come once."""
    yield from record["pictures"]
    for part in record["parts"]:
        for one in part["pictures"]:
            if one["title"] != "Differences over the level" or part["kind"] != "bland-altman":
                yield one


def plan_lines(kind: str, plan: Mapping[str, str]) -> list[tuple[str, str]]:
    """The parts of a plan in words, in the order of the kind."""
    found = []
    for field in OUTLINES[kind].fields:
        if field.name in plan:
            value = plan[field.name]
            words = dict(field.choices).get(value) if field.form == WORD else None
            found.append((gettext(field.label), gettext(words) if words else localised(value)))
    return found


def _figure(one: Figure) -> FigureLine:
    what = gettext(one.what)
    what = (
        gettext("%(what)s, level %(level)s") % {"what": what, "level": localised(one.level)}
        if one.level
        else what
    )
    return FigureLine(what, _number(one.value), _interval(one.low, one.high))


def _number(value: float | None) -> str:
    return "\u2014" if value is None else shown(value)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{shown(low)} … {shown(high)}"
