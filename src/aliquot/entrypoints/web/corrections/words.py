"""Old and new of a correction, as a person reads them side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from django.utils.translation import gettext as _

from aliquot.flow.reports.models import Notice
from aliquot.flow.reports.queries import ConcernedRow, ReportedRow, corrections_of
from aliquot.flow.reports.rules.composition import INVESTIGATED, TAKEN_BACK, Facts
from aliquot.flow.reports.rules.layout import figure
from aliquot.flow.results.models import Result
from aliquot.foundation.naming import is_russian

Row = TypeVar("Row", ConcernedRow, ReportedRow)


@dataclass(frozen=True, slots=True)
class Pair:
    """One result: what was told before, what holds now, why, by whom."""

    name: str
    old: str
    new: str
    reason: str
    by: str
    is_critical: bool


def pairs_of(notice: Notice) -> list[Pair]:
    """What a correction's notice says, a result each; nothing for a look-back's."""
    language = "ru" if is_russian() else "en"
    return [
        Pair(
            name=one.new[f"name_{language}"],
            old=_said(one.old, language),
            new=_said(one.new, language),
            reason=one.reason,
            by=_by(one.new, language),
            is_critical=one.is_critical,
        )
        for one in corrections_of(notice)
    ]


def as_read(rows: Iterable[Row]) -> list[Row]:
    """Rows with values and units as the reader's language writes them."""
    if not is_russian():
        return list(rows)
    return [
        replace(
            one,
            value_text=figure(one.value_text, "ru"),
            unit=one.unit_ru or one.unit,
        )
        for one in rows
    ]


def said_value(result: Result) -> str:
    """Value and unit as the reader's language writes them."""
    text = figure(result.value_text, "ru" if is_russian() else "en")
    return f"{text} {(is_russian() and result.test.unit_ru) or result.unit}".strip()


def _said(result: Facts, language: str) -> str:
    status = result["status"]
    if status in TAKEN_BACK:
        return _("under investigation, do not use") if status == INVESTIGATED else _("withdrawn, do not use")
    if "value" not in result:
        return _("not performed") if status == "not_performed" else _("not ready yet")
    return f"{figure(result['value'], language)} {result[f'unit_{language}']}".strip()


def _by(result: Facts, language: str) -> str:
    who = result.get("retraction") or result.get("given_free") or result.get("released_by") or {}
    return str(who.get(f"name_{language}", ""))
