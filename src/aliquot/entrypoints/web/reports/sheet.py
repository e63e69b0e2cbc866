"""A report as a page: the words of the printed one, with what a screen adds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import ngettext

from aliquot.flow.reports.documents.rendering import lay_out_in
from aliquot.flow.reports.models import Report
from aliquot.flow.reports.rules.layout import figure, interval_text
from aliquot.flow.reports.rules.units import printable_unit
from aliquot.flow.results.queries import HistoryRow, patient_history, tests_with_results
from aliquot.foundation.months.rules.calendar import Month
from aliquot.foundation.naming import is_russian
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import sections_by_code

CRITICAL: Final = frozenset({"LL", "HH"})
ABNORMAL: Final = frozenset({"L", "H", "A"})


@dataclass(frozen=True, slots=True)
class Line:
    """One report in a list: how many results endanger, lie outside, changed, or are still open."""

    report: Report
    critical: int
    abnormal: int
    pending: int
    not_performed: int
    tests: str

    @property
    def critical_words(self) -> str:
        return ngettext("%(n)d critical", "%(n)d critical", self.critical) % {"n": self.critical}

    @property
    def abnormal_words(self) -> str:
        return ngettext("%(n)d outside limits", "%(n)d outside limits", self.abnormal) % {"n": self.abnormal}

    @property
    def pending_words(self) -> str:
        return ngettext("%(n)d not ready yet", "%(n)d not ready yet", self.pending) % {"n": self.pending}

    @property
    def not_performed_words(self) -> str:
        count = self.not_performed
        return ngettext("%(n)d not performed", "%(n)d not performed", count) % {"n": count}


@dataclass(frozen=True, slots=True)
class History:
    """One test of a patient: the newest values first, and the points of the trend."""

    test: Test
    rows: tuple[HistoryRow, ...]
    points: tuple[tuple[datetime, Decimal], ...]

    @property
    def latest(self) -> HistoryRow:
        return self.rows[0]

    @property
    def value(self) -> str:
        """The latest value with the decimal sign of the reader's language."""
        return figure(self.latest.value_text, _language())

    @property
    def earlier(self) -> list[tuple[str, datetime | None]]:
        """The three values before the latest, each with its time of collection."""
        return [(figure(one.value_text, _language()), one.collected_at) for one in self.rows[1:4]]

    @property
    def unit(self) -> str:
        """As the report prints it."""
        is_the_tests = self.latest.unit == self.test.unit and self.test.unit_ru and is_russian()
        return printable_unit(self.test.unit_ru if is_the_tests else self.latest.unit)

    @property
    def interval(self) -> str:
        low, high = (_limit(one, _language()) for one in (self.latest.low, self.latest.high))
        return interval_text(low, high, "")

    @property
    def is_critical(self) -> bool:
        return self.latest.flag in CRITICAL

    @property
    def is_abnormal(self) -> bool:
        return self.latest.flag in ABNORMAL


def line_of(report: Report, language: str) -> Line:
    """What a list says of a report before it is opened."""
    results = list(_results(report.content))
    flags = [one.get("flag") for one in results]
    statuses = [one["status"] for one in results]
    names = dict.fromkeys(one.get(f"panel_{language}") or one[f"name_{language}"] for one in results)
    return Line(
        report,
        critical=sum(flag in CRITICAL for flag in flags),
        abnormal=sum(flag in ABNORMAL for flag in flags),
        pending=statuses.count("pending"),
        not_performed=statuses.count("not_performed"),
        tests=", ".join(names),
    )


def page_for(report: Report, language: str) -> dict[str, Any]:
    """The report's texts in one language; each result also says whether it endangers (`is_critical`)."""
    page = lay_out_in(report.content, language)
    rows = (row for section in page["sections"] for row in section["results"])
    for row, result in zip(rows, _results(report.content), strict=True):
        row["is_critical"] = result.get("flag") in CRITICAL
        row["earlier"] = [
            f"{figure(old['value'], language)} {old[f'unit_{language}']}".strip()
            for old in result.get("earlier", ())
        ]
    page["changed"] = [row for section in page["sections"] for row in section["results"] if row["earlier"]]
    return page


def history_of(patient_id: int, *, since: Month | None = None) -> list[tuple[str, list[History]]]:
    """Released values of a patient by section and test, in months from `since` on."""
    rows = patient_history(patient_id, tests_with_results(patient_id, since=since), since=since)
    tests = Test.objects.in_bulk({one.test_id for one in rows})
    by_test: dict[int, list[HistoryRow]] = {}
    for row in rows:
        by_test.setdefault(row.test_id, []).append(row)
    names = {code: section.name for code, section in sections_by_code().items()}
    sections: dict[str, list[History]] = {code: [] for code in names}
    for key, found in by_test.items():
        sections.setdefault(tests[key].section, []).append(_history(tests[key], found))
    return [(names.get(code, code), found) for code, found in sections.items() if found]


def _limit(value: Decimal | None, language: str) -> str | None:
    return None if value is None else figure(f"{value.normalize():f}", language)


def _language() -> str:
    return "ru" if is_russian() else "en"


def _history(test: Test, rows: list[HistoryRow]) -> History:
    latest = rows[0]
    # only values of one unit and without a sign belong on one line
    points = [
        (row.collected_at, row.value)
        for row in rows
        if row.value is not None and row.collected_at and row.unit == latest.unit and not row.comparator
    ]
    return History(test, tuple(rows), tuple(points))


def _results(content: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    return (one for section in content["sections"] for one in section["results"])
