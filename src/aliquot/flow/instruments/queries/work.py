"""What tubes still need: asked by an analyzer, shown at the bench."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries.analyzers import AnalyzerLine
from aliquot.flow.instruments.queries.drivers import driver_of
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.flow.instruments.rules.work import Told
from aliquot.foundation import sql_files
from aliquot.registers.patients.queries import PatientRow

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class PendingTest:
    """One test that a tube still needs on an analyzer: the tube's number, R or S, the analyzer's code.

    `dilution`: of a repeat that was asked for with one; `specimen_type` is the catalogue's code.
    """

    specimen_code: str
    urgency: str
    code: str
    dilution: str = ""
    specimen_type: str = ""
    collected_at: datetime | None = None
    order_number: str = ""


@dataclass(frozen=True, slots=True)
class GatheredWork:
    """What one tube needs of one analyzer now, what it had, and what the analyzer was told, oldest first."""

    specimen_id: int
    analyzer_id: int
    laboratory_id: int
    pending: list[str]
    measured: list[str]
    told: list[Told]


@dataclass(frozen=True, slots=True)
class ToMeasure(PatientRow):
    """A test that an accepted tube still needs; `target_minutes` is the promised time from acceptance."""

    id: int
    item_id: int
    is_urgent: bool
    order_number: str
    specimen_number: str
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
    """An order for every tube asked about, in that order; one without codes means there is nothing to do.

    A tube with tests that are to be diluted differently has an order for each dilution.
    """
    wanted = list(dict.fromkeys(specimen_codes))
    tests: dict[str, list[PendingTest]] = {number: [] for number in wanted}
    for one in pending_tests(analyzer, wanted):
        tests[one.specimen_code].append(one)
    zone = ZoneInfo(analyzer.time_zone)
    return [order for number in wanted for order in _orders_of(number, tests[number], place, zone)]


def rerun_obstacles(asked: Sequence[tuple[int, int, int, str]]) -> list[str]:
    """Why each (analyzer, test of an order, test, dilution) cannot be measured again; "" where it can.

    One statement; the codes are words of `verification.rules.reasons`.
    """
    rows = sql_files.fetch_rows(
        SQL,
        "rerun_obstacles",
        analyzers=[analyzer for analyzer, _, _, _ in asked],
        items=[item for _, item, _, _ in asked],
        tests=[test for _, _, test, _ in asked],
        dilutions=[dilution for _, _, _, dilution in asked],
    )
    return [
        why or _unsayable(analyzer, model, dilution)
        for (analyzer, model, why), (_, _, _, dilution) in zip(rows, asked, strict=True)
    ]


def _unsayable(analyzer: int | None, model: str | None, dilution: str) -> str:
    """Why this analyzer cannot be told so; "" when it can."""
    if analyzer is None or model is None:
        return "no_code_of_test"
    driver = driver_of(analyzer, model)
    if not driver.takes_orders:
        return "takes_no_orders"
    return "no_place_for_dilution" if dilution and not driver.takes_dilution else ""


def _orders_of(number: str, tests: list[PendingTest], place: str, zone: tzinfo) -> list[WorkOrder]:
    if not tests:
        return [WorkOrder(number, (), place=place)]
    first = tests[0]
    collected = first.collected_at.astimezone(zone).strftime("%Y%m%d%H%M%S") if first.collected_at else ""
    return [
        WorkOrder(
            number,
            tuple(one.code for one in tests if one.dilution == dilution),
            first.urgency,
            place,
            dilution=dilution,
            collected=collected,
            specimen_type=first.specimen_type,
            order_id=first.order_number,
        )
        for dilution in dict.fromkeys(one.dilution for one in tests)
    ]


def waiting_tubes(analyzer: AnalyzerLine | Analyzer, *, limit: int = 50) -> list[str]:
    """Numbers of tubes that need something of this analyzer which it was not told, urgent first.

    For an analyzer that asks for everything that is open (Q-13 "all", WOS_ALL, a poll).
    """
    rows = sql_files.fetch_rows(
        SQL, "waiting_tubes", analyzer=analyzer.id, laboratory=analyzer.laboratory_id, limit=limit
    )
    return [number for (number,) in rows]


def gathered_work(specimen_ids: Collection[int], analyzer_id: int | None = None) -> list[GatheredWork]:
    """What these tubes need of each analyzer that is told unasked, or of the one named, by one statement."""
    rows = sql_files.fetch_rows(SQL, "gather_work", specimens=list(specimen_ids), analyzer=analyzer_id)
    return [
        GatheredWork(specimen, analyzer, laboratory, pending, measured, _told(requests))
        for specimen, analyzer, laboratory, pending, measured, requests in rows
    ]


def _told(requests: str) -> list[Told]:
    return [Told(one["kind"], one["state"], tuple(one["codes"])) for one in orjson.loads(requests)]


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
