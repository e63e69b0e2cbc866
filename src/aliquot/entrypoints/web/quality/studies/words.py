"""What a study found and how it stands, as its pages say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from aliquot.oversight.studies.documents.drawing import draw
from aliquot.oversight.studies.documents.wording import (
    DECISIONS,
    MEANINGS,
    criterion_lines,
    figure_lines,
    pictures_in,
    plan_lines,
    sentence,
    shown,
)
from aliquot.oversight.studies.models import EvaluationStudy
from aliquot.oversight.studies.rules.outline import OUTLINES

KINDS = {"accepted": "good", "rejected": "danger", "undetermined": "notice"}
STATES = {
    "planned": "neutral",
    "evaluated": "neutral",
    "unusable": "notice",
    "signed": "good",
    "abandoned": "neutral",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A badge: its kind and words."""

    kind: str
    words: object


def kind_name(kind: str) -> str:
    """A kind of study in words."""
    return gettext(OUTLINES[kind].name)


def state_said(study: EvaluationStudy) -> Said:
    """How far a study is."""
    return Said(STATES.get(study.state, "notice"), study.get_state_display())


def decision_said(study: EvaluationStudy) -> Said | None:
    """What a study decided; None before it is evaluated. Red is kept for what endangers a patient."""
    if study.record is None:
        return None
    decision = study.record["decision"]
    return Said("notice" if decision == "rejected" else KINDS[decision], DECISIONS[decision])


def found_said(record: Mapping[str, Any]) -> dict[str, Any]:
    """Decision, reasons, criteria, figures, remarks and pictures of a record."""
    return {
        "decision": DECISIONS[record["decision"]],
        "decision_name": record["decision"],
        "meaning": MEANINGS[record["decision"]],
        "reasons": [sentence(one) for one in record["reasons"]],
        "criteria": criterion_lines(record),
        "figures": figure_lines(record),
        "remarks": [sentence(one) for one in record["remarks"]],
        "pictures": [_pictured(one) for one in pictures_in(record)],
    }


def plan_said(study: EvaluationStudy) -> list[tuple[str, str]]:
    """The parts of the plan."""
    return plan_lines(study.kind, study.plan)


def _pictured(one: Mapping[str, Any]) -> tuple[str, SafeString]:
    title = one["title"]
    return gettext(title), _safe(draw(one, gettext, shown))


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - draw escapes every word
