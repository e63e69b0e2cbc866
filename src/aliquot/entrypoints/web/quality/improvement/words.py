"""Nonconformities and risks as a person reads them: badges, pages that they came from, days."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.foundation.naming import is_russian
from aliquot.oversight.improvement.models import AuditItem, Nonconformity, Risk
from aliquot.oversight.improvement.queries import Question, Subject
from aliquot.oversight.improvement.rules.nonconformities import Urgency
from aliquot.oversight.improvement.rules.risks import Level
from aliquot.registers.catalogue.models import Test

Source = Nonconformity.Source
LEVELS: Mapping[Level, tuple[str, Promise]] = {
    Level.LOW: ("neutral", pgettext_lazy("risk", "low")),
    Level.MEDIUM: ("notice", pgettext_lazy("risk", "medium")),
    Level.HIGH: ("danger", pgettext_lazy("risk", "high")),
}
URGENCIES: Mapping[Urgency, tuple[str, Promise]] = {
    Urgency.OVERDUE: ("notice", _("past its day")),
    Urgency.HIGH: ("danger", _("high risk")),
    Urgency.DUE: ("accent", _("due")),
}
PAGES: Mapping[str, str] = {
    Source.REJECTED_TUBE: "reception:tube",
    Source.MONITOR_ALARM: "quality:monitor",
    Source.COMPLAINT: "reports:report",
    Source.LATE_RESULT: "reports:report",
    Source.WRONG_RESULT: "corrections:look-back",
    Source.EQA_FAILURE: "quality:eqa-case",
    Source.AUDIT_FINDING: "quality:audit",
}
"""Where what a nonconformity came from is shown; a page that is not served is left out."""


@dataclass(frozen=True, slots=True)
class Said:
    """A badge: its kind and words."""

    kind: str
    words: object


def level_said(level: Level) -> Said:
    """A level of risk as a badge."""
    return Said(*LEVELS[level])


def urgency_said(one: Urgency) -> Said | None:
    """How urgent it is as a badge; None where nothing presses."""
    return Said(*URGENCIES[one]) if one in URGENCIES else None


def page_of_subject(subject: Subject) -> str:
    """The address of what a nonconformity came from, "" where no page shows it."""
    if subject.source == Source.CONTROL_VIOLATION:
        analyzer, test = subject.key.split("/")
        codes = Analyzer.objects.get(pk=analyzer).code, Test.objects.get(pk=test).code
        return _address("quality:chart", *codes)
    return _address(PAGES[subject.source], subject.key)


def happened(subject: Subject) -> str:
    """What a form about this row begins with."""
    return ", ".join(subject.facts) if subject.source != Source.COMPLAINT else ""


def asked(one: Question | AuditItem) -> str:
    """A question of an audit in the reader's language, after its clause."""
    if isinstance(one, Question):
        return f"{one.clause} · {one.ru if is_russian() else one.en}"
    return f"{one.clause} · {one.question_ru if is_russian() else one.question_en}"


def choices_of_risks(risks: Iterable[Risk]) -> list[tuple[int, str]]:
    """The risks to choose from, by step."""
    return [(one.pk, f"{one.get_step_display()}: {one.hazard}") for one in risks]


def cause_words(cause: str) -> str:
    """A kind of cause, the short word before its examples."""
    if not cause:
        return gettext("not found yet")
    return str(Nonconformity.Cause(cause).label).partition(":")[0]


def _address(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
