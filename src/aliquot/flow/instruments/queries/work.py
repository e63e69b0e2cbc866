"""What tubes still need: asked by an analyzer, shown at the bench."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries.analyzers import AnalyzerLine
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class PendingTest:
    """One test that a tube still needs on an analyzer: the tube's number, R or S, the analyzer's code."""

    specimen_code: str
    urgency: str
    code: str


@dataclass(frozen=True, slots=True)
class ToMeasure:
    """A test that an accepted tube still needs; `target_minutes` is the promised time from acceptance."""

    id: int
    item_id: int
    is_urgent: bool
    order_number: str
    specimen_number: str
    patient_id: int
    family_name: str
    given_name: str
    patronymic: str
    birth_date: date | None
    test_code: str
    short_en: str
    short_ru: str
    name_en: str
    name_ru: str
    section: str
    scale: str
    unit: str
    unit_ru: str
    decimals: int | None
    accepted_at: datetime
    collected_at: datetime | None
    target_minutes: int | None
    ward: str
    analyzers: list[str]
    site_en: str
    site_ru: str

    @property
    def due_at(self) -> datetime | None:
        """When the promised time is over; None when nobody promised one."""
        return self.accepted_at + timedelta(minutes=self.target_minutes) if self.target_minutes else None


@dataclass(frozen=True, slots=True)
class MeasuringPlace:
    """How many tests of accepted tubes wait for a value in a section, on one device or by hand."""

    section: str
    section_en: str
    section_ru: str
    analyzer_id: int | None
    analyzer: str | None
    waiting: int


def pending_tests(analyzer: AnalyzerLine | Analyzer, specimen_codes: Iterable[str]) -> list[PendingTest]:
    """What these tubes still need on this analyzer, in its codes: accepted tubes, open tests."""
    return sql_files.fetch(
        PendingTest,
        SQL,
        "pending_tests",
        analyzer=analyzer.id,
        laboratory=analyzer.laboratory_id,
        numbers=list(specimen_codes),
    )


def work_orders(
    analyzer: AnalyzerLine | Analyzer, specimen_codes: Iterable[str], *, place: str = ""
) -> list[WorkOrder]:
    """An order for every tube asked about, in that order; one without codes means there is nothing to do."""
    wanted = list(dict.fromkeys(specimen_codes))
    codes: dict[str, list[str]] = {number: [] for number in wanted}
    urgency = dict.fromkeys(wanted, "R")
    for one in pending_tests(analyzer, wanted):
        codes[one.specimen_code].append(one.code)
        urgency[one.specimen_code] = one.urgency
    return [WorkOrder(number, tuple(codes[number]), urgency[number], place) for number in wanted]


def to_measure(
    laboratory_id: int,
    *,
    section: str | None = None,
    analyzer_id: int | None = None,
    limit: int = 100,
    after: tuple[bool, datetime, int] | None = None,
) -> list[ToMeasure]:
    """Tests of accepted tubes without a value: urgent first, then the longest accepted.

    `analyzer_id` names a device that can measure them, 0 those that no device here can; `after` is
    (is_urgent, accepted_at, id) of the last row of the page before.
    """
    urgent, accepted, last = after or (None, None, None)
    return sql_files.fetch(
        ToMeasure,
        SQL,
        "to_measure",
        laboratory=laboratory_id,
        section=section,
        analyzer=analyzer_id,
        after_routine=None if urgent is None else not urgent,
        after_accepted=accepted,
        after_id=last,
        limit=limit,
    )


def measuring_places(laboratory_id: int) -> list[MeasuringPlace]:
    """How much waits to be measured by section and by the device that can; None: by hand."""
    return sql_files.fetch(MeasuringPlace, SQL, "measuring_places", laboratory=laboratory_id)
