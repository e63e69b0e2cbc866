"""The figures and entries of a review in words, for page and paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

WORDS: Mapping[str, Promise] = {
    "review_actions_open": pgettext_lazy("review", "actions of earlier reviews still to be done"),
    "review_actions_overdue": pgettext_lazy("review", "of these overdue"),
    "tubes": pgettext_lazy("review", "tubes taken in"),
    "reports": pgettext_lazy("review", "reports released"),
    "analyzers": pgettext_lazy("review", "analyzers in use"),
    "indicators_low": pgettext_lazy("review", "indicators of low performance, of those with published tiers"),
    "late_reports": pgettext_lazy("review", "reports later than their tests promise"),
    "nonconformities": pgettext_lazy("review", "nonconformities raised"),
    "nonconformities_overdue": pgettext_lazy("review", "open nonconformities with something overdue"),
    "harmed": pgettext_lazy("review", "nonconformities that harmed a patient"),
    "actions_in_time": pgettext_lazy("review", "corrective actions done by their day"),
    "audits": pgettext_lazy("review", "planned internal audits that were reported"),
    "findings": pgettext_lazy("review", "audit questions with a minor or major finding"),
    "complaints_justified": pgettext_lazy("review", "complaints found justified"),
    "complaints_open": pgettext_lazy("review", "complaints without an answer"),
    "control_rejected": pgettext_lazy("review", "control runs rejected"),
    "violations_open": pgettext_lazy("review", "broken control rules without an answer"),
    "without_control": pgettext_lazy("review", "days on which a test was measured without its control"),
    "wide_controls": pgettext_lazy("review", "control lots with a CV above its target"),
    "monitor_alarms": pgettext_lazy("review", "alarms of patient-based control"),
    "tests_apart": pgettext_lazy("review", "tests on which analyzers disagree, last month"),
    "inaccurate": pgettext_lazy("review", "reported values corrected or withdrawn"),
    "effective": pgettext_lazy("review", "corrective actions found effective when checked"),
    "risks_high": pgettext_lazy("review", "risks above low that nobody has accepted"),
    "risks_late": pgettext_lazy("review", "risks with an overdue review"),
    "supplies": pgettext_lazy("review", "supply records entered"),
    "localised": pgettext_lazy("review", "equivalence studies of suppliers accepted"),
    "unacceptable": pgettext_lazy("review", "unacceptable results of external assessment"),
    "without_assessment": pgettext_lazy(
        "review", "days on which a test was measured without assessment in a year"
    ),
    "eqa_open": pgettext_lazy("review", "failures in external assessment still worked on"),
    "critical_late": pgettext_lazy("review", "critical values told late"),
    "corrected": pgettext_lazy("review", "corrected reports"),
    "redrawn": pgettext_lazy("review", "tubes drawn again"),
    "look_backs": pgettext_lazy("review", "look-backs begun"),
    "studies": pgettext_lazy("review", "evaluation studies accepted"),
}
TROUBLES = frozenset(
    {
        "review_actions_overdue", "nonconformities_overdue", "harmed", "complaints_open", "violations_open",
        "tests_apart", "risks_high", "risks_late", "eqa_open", "indicators_low",
    }
)  # fmt: skip
"""Figures that management has to say something about when they are not zero."""


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure in words: now and in the span before ("" where it only stands now)."""

    words: str
    now: str
    before: str
    is_trouble: bool


def figure_lines(figures: Sequence[Mapping[str, Any]]) -> list[FigureLine]:
    """The figures of an input as they are kept, in words."""
    return [
        FigureLine(
            str(WORDS[one["kind"]]),
            counted_text(one["now"]),
            counted_text(one["before"]) if one["before"] else "",
            one["kind"] in TROUBLES and one["now"][0] > 0,
        )
        for one in figures
    ]


def counted_text(counted: Sequence[int | None]) -> str:
    """A count, or a count of how many with its share in per cent; a dash of none."""
    count, of = counted
    if of is None:
        return _number(count or 0)
    if not of:
        return "—"
    share = number_format((count or 0) / of * 100, 2)
    return f"{_number(count or 0)} / {_number(of)} ({share} %)"


def _number(count: int) -> str:
    return number_format(count, 0, force_grouping=True)
