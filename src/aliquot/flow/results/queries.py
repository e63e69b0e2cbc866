"""What others may ask about results: what waits, what the rules saw, what was before, whom to call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from aliquot.flow.results.models import Result
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.history import Change, Point, changes
from aliquot.flow.results.rules.reasons import sentences
from aliquot.foundation import sql_files

SQL = Path(__file__).parent / "sql"
START = (-1, 0)
"""Before the first row of a worklist."""


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """A result that waits, with what a doctor looks at first; `danger` as in the table, 0 is the worst."""

    result_id: int
    danger: int
    order_id: int
    order_number: str
    specimen_number: str
    patient_id: int
    family_name: str | None
    given_name: str | None
    patronymic: str | None
    birth_date: date | None
    sex: str
    test_id: int
    test_code: str
    short_en: str
    short_ru: str
    name_en: str
    name_ru: str
    section: str
    decimals: int | None
    value: Decimal | None
    value_text: str
    unit: str
    unit_ru: str
    flag: str
    low: Decimal | None
    high: Decimal | None
    analyzer_flags: list[str]
    reasons: list[dict[str, Any]]
    urgency: str
    run: int
    measured_at: datetime | None
    collected_at: datetime | None
    recorded_at: datetime
    comment: str
    ward: str
    requester: str
    site_en: str
    site_ru: str
    analyzer: str
    previous_text: str | None
    previous_collected_at: datetime | None
    call_id: int | None
    call_state: str | None
    call_due_at: datetime | None

    @property
    def place(self) -> tuple[int, int]:
        """Give it as `after` to get the rows behind this one."""
        return (self.danger, self.result_id)

    @property
    def is_critical(self) -> bool:
        return self.flag in {"LL", "HH"}

    @property
    def reason_sentences(self) -> list[str]:
        """Why it waits, in the reader's language."""
        return reason_sentences(self.reasons)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One released value of a patient."""

    result_id: int
    test_id: int
    order_id: int
    collected_at: datetime | None
    value: Decimal | None
    value_text: str
    comparator: str
    unit: str
    flag: str
    low: Decimal | None
    high: Decimal | None
    version: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A critical value that somebody still has to be told, until `due_at`."""

    call_id: int
    result_id: int
    order_id: int
    order_number: str
    patient_id: int
    family_name: str | None
    given_name: str | None
    patronymic: str | None
    birth_date: date | None
    test_code: str
    short_en: str
    short_ru: str
    name_en: str
    name_ru: str
    value_text: str
    unit: str
    unit_ru: str
    flag: str
    result_state: str
    opened_at: datetime
    due_at: datetime
    requester: str
    ward: str
    urgency: str
    site_en: str
    site_ru: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits in a laboratory; `recorded` are not decided by the rules yet."""

    held: int
    held_critical: int
    held_urgent: int
    oldest_held_at: datetime | None
    recorded: int
    open_calls: int
    overdue_calls: int


def worklist(
    laboratory_id: int, section: str | None = None, *, limit: int = 50, after: tuple[int, int] = START
) -> list[WorklistRow]:
    """At most `limit` results that wait: critical first, then urgent, then the oldest.

    `section` is a section's code; `after` is the `place` of the last row of the page before.
    """
    return sql_files.fetch(
        WorklistRow,
        SQL,
        "worklist",
        laboratory=laboratory_id,
        section=section,
        after_danger=after[0],
        after_id=after[1],
        limit=limit,
    )


def patient_history(patient_id: int, test_ids: Iterable[int], *, limit: int = 20) -> list[HistoryRow]:
    """The newest `limit` released values of each of these tests, newest first within a test."""
    return sql_files.fetch(
        HistoryRow, SQL, "patient_history", patient=patient_id, tests=sorted(set(test_ids)), limit=limit
    )


def tests_with_results(patient_id: int) -> list[int]:
    """Ids of the tests of which this patient has a released value."""
    found = Result.objects.filter(patient_id=patient_id, state=Result.State.RELEASED)
    return sorted(set(found.values_list("test_id", flat=True)))


def trend_of(rows: Iterable[HistoryRow]) -> list[Change]:
    """The values of one test by time of collection, each with its change from the one before."""
    return changes(
        Point(one.collected_at, one.value, one.value_text, one.unit, one.flag, one.comparator)
        for one in rows
        if one.collected_at
    )


def evidence_of(result_id: int) -> Evidence | None:
    """What the rules look at for this result, now; None when it is not visible."""
    found = sql_files.fetch(Evidence, SQL, "gather_evidence", ids=[result_id])
    return found[0] if found else None


def open_critical_calls(laboratory_id: int, *, limit: int = 200) -> list[CallRow]:
    """Calls that this laboratory still has to make, the first due first."""
    return sql_files.fetch(CallRow, SQL, "open_critical_calls", laboratory=laboratory_id, limit=limit)


def count_waiting(laboratory_id: int, *, at: datetime) -> Waiting:
    """How much waits in this laboratory at this moment."""
    return sql_files.fetch(Waiting, SQL, "count_waiting", laboratory=laboratory_id, at=at)[0]


def reason_sentences(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Kept reasons as sentences in the reader's language."""
    return sentences(reasons, gettext)
