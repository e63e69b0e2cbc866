"""What pages ask about results: what waits, what was before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from django.db.models import QuerySet
from django.utils.translation import gettext

from aliquot.flow.results.models import Result
from aliquot.flow.verification.rules.reasons import sentences
from aliquot.foundation import sql_files
from aliquot.foundation.months.queries import LOWEST
from aliquot.foundation.months.rules.calendar import Month
from aliquot.foundation.naming import is_russian
from aliquot.registers.patients.queries import PatientRow

SQL = Path(__file__).parent.parent / "sql"
Place = tuple[bool, int, int]
START: Place = (False, -1, 0)
"""Before the first row of a worklist."""


@dataclass(frozen=True, slots=True)
class WorklistRow(PatientRow):
    """A result that waits, with what a doctor looks at first; `danger` as in the table, 0 is the worst.

    `is_on_time` off: it waits longer than its test allows; `looked_at_by`: the key of who looks at it now.
    """

    result_id: int
    is_on_time: bool
    danger: int
    order_id: int
    order_number: str
    specimen_number: str
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
    looked_at_by: str | None

    @property
    def place(self) -> Place:
        """Give it as `after` to get the rows behind this one."""
        return (self.is_on_time, self.danger, self.result_id)

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
class Waiting:
    """How much waits in a laboratory; `recorded` are not decided by the rules yet."""

    held: int
    held_critical: int
    held_urgent: int
    oldest_held_at: datetime | None
    recorded: int
    open_calls: int
    overdue_calls: int


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """How many results wait of one section and one analyzer (None: typed by hand)."""

    section: str
    section_en: str
    section_ru: str
    bench_id: int | None
    bench_en: str | None
    bench_ru: str | None
    analyzer_id: int | None
    analyzer: str | None
    held: int


@dataclass(frozen=True, slots=True)
class OrderTestRow:
    """One test of an order and one of its values; without a value `result_id` is None."""

    item_id: int
    item_state: str
    test_id: int
    test_code: str
    short_en: str
    short_ru: str
    name_en: str
    name_ru: str
    decimals: int | None
    unit_ru: str
    result_id: int | None
    state: str | None
    value: Decimal | None
    value_text: str | None
    unit: str | None
    flag: str | None
    low: Decimal | None
    high: Decimal | None
    run: int | None
    version: int | None
    dilution: str | None
    reasons: list[dict[str, Any]]
    analyzer: str | None
    analyzer_flags: list[str] | None
    measured_at: datetime | None
    released_at: datetime | None
    released_by: str | None
    is_automatic: bool | None
    comment: str | None
    amend_reason: str | None
    specimen_id: int | None
    specimen_number: str | None


@dataclass(frozen=True, slots=True)
class ElsewhereRow:
    """A test of another open order of the patient, with its newest value if there is one."""

    order_number: str
    placed_at: datetime
    short_en: str
    short_ru: str
    item_state: str
    result_id: int | None
    state: str | None
    value_text: str
    value: Decimal | None
    unit: str
    unit_ru: str
    flag: str


def open_elsewhere(patient_id: int, order_id: int, *, since: datetime) -> list[ElsewhereRow]:
    """The tests of the patient's other orders that are open, placed after `since`, the newest order first."""
    return sql_files.fetch(
        ElsewhereRow, SQL, "open_elsewhere", patient=patient_id, order=order_id, since=since
    )


def worklist(
    laboratory_id: int,
    section: str | None = None,
    *,
    bench_id: int | None = None,
    analyzer_id: int | None = None,
    limit: int = 50,
    after: Place = START,
    at: datetime,
) -> list[WorklistRow]:
    """At most `limit` results that wait: overdue first, then critical, then urgent, then the oldest.

    `section` is a code, `bench_id` and `analyzer_id` say where it was measured (analyzer 0: typed by
    hand); `after` is the `place` of the last row of the page before.
    """
    rows = sql_files.fetch(
        WorklistRow,
        SQL,
        "worklist",
        laboratory=laboratory_id,
        section=section,
        bench=bench_id,
        analyzer=analyzer_id,
        after_on_time=after[0],
        after_danger=after[1],
        after_id=after[2],
        limit=limit,
        at=at,
    )
    return [replace(row, reasons=kept_reasons(row.reasons)) for row in rows]


def waiting_by_place(laboratory_id: int) -> list[WaitingPlace]:
    """How much waits by section, bench and analyzer: what a worklist can be narrowed to."""
    return sql_files.fetch(WaitingPlace, SQL, "waiting_by_place", laboratory=laboratory_id)


def result_card(result_id: int) -> Result | None:
    """A result with its test, tube, order, patient and analyzer in one statement; None when not visible."""
    found = Result.objects.select_related(
        "test",
        "analyzer",
        "specimen__container",
        "order__patient",
        "order__ordering_site",
    )
    return found.filter(pk=result_id).first()


def order_tests_now(order_id: int) -> list[OrderTestRow]:
    """Every test of an order with every value it ever had, in the order of the report, oldest value first."""
    rows = sql_files.fetch(OrderTestRow, SQL, "order_tests_now", order=order_id)
    return [replace(row, reasons=kept_reasons(row.reasons)) for row in rows]


def released_of(patient_id: int, *, since: Month | None = None, limit: int = 3000) -> QuerySet[Result]:
    """Everything released of a patient and what it replaced, newest collection first.

    With `since` only the months from that on are read, whatever lies before.
    """
    found = Result.objects.filter(patient_id=patient_id, state__in=["released", "superseded"])
    if since is not None:
        found = found.filter(pk__gte=since.low)
    return found.prefetch_related("test").order_by("-collected_at", "test_id", "-version")[:limit]


def patient_history(
    patient_id: int, test_ids: Iterable[int], *, since: Month | None = None, limit: int = 20
) -> list[HistoryRow]:
    """The newest `limit` released values of each of these tests, newest first; months from `since` on."""
    return sql_files.fetch(
        HistoryRow,
        SQL,
        "patient_history",
        patient=patient_id,
        tests=sorted(set(test_ids)),
        low=since.low if since else LOWEST,
        limit=limit,
    )


def tests_with_results(patient_id: int, *, since: Month | None) -> list[int]:
    """Ids of the tests of which this patient has a released value, in months from `since` on."""
    found = Result.objects.filter(patient_id=patient_id, state=Result.State.RELEASED)
    if since is not None:
        found = found.filter(pk__gte=since.low)
    return sorted(set(found.values_list("test_id", flat=True)))


def count_waiting(laboratory_id: int, *, at: datetime) -> Waiting:
    """How much waits in this laboratory at this moment."""
    return sql_files.fetch(Waiting, SQL, "count_waiting", laboratory=laboratory_id, at=at)[0]


def reason_sentences(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Kept reasons as sentences in the reader's language."""
    return sentences([for_reader(one) for one in reasons], gettext)


def for_reader(reason: Mapping[str, Any]) -> Mapping[str, Any]:
    """A kept reason with the name of who stated it in the reader's language."""
    name = reason.get("name_ru" if is_russian() else "name_en")
    return {**reason, "name": name} if name else reason


def kept_reasons(kept: object) -> list[dict[str, Any]]:
    """Reasons as a row brings them: Django's connection leaves jsonb as text."""
    return orjson.loads(kept) if isinstance(kept, str) else list(kept) if isinstance(kept, list) else []
