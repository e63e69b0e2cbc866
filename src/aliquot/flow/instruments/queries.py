"""What others may ask about analyzers, what they sent, and what waits for a person."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from django.db.models import Q, QuerySet

from aliquot.flow.instruments.models import Analyzer, Message, Reading
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import WorkOrder
from aliquot.foundation import sql_files
from aliquot.registers.catalogue.models import Test

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class AnalyzerLine:
    """Where an analyzer is listened for, and how it speaks."""

    id: int
    code: str
    driver: str
    laboratory_id: int
    listen_port: int
    time_zone: str


@dataclass(frozen=True, slots=True)
class PendingTest:
    """One test that a tube still needs on an analyzer: the tube's number, R or S, the analyzer's code."""

    specimen_code: str
    urgency: str
    code: str


@dataclass(frozen=True, slots=True)
class AnalyzerState:
    """One analyzer as the bench sees it; counts of messages are since the moment that was asked."""

    id: int
    code: str
    name: str
    driver: str
    listen_port: int
    is_active: bool
    is_suspended: bool
    has_qc_plan: bool
    bench: str
    last_received_at: datetime | None
    messages_since: int
    unread: int
    quarantined_messages: int
    quarantined_readings: int

    @property
    def waiting(self) -> int:
        """How many messages and readings wait for a person."""
        return self.quarantined_messages + self.quarantined_readings


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message or a reading that waits for a person; `reasons` are rendered by rules/quarantine.py."""

    kind: str
    id: int
    message_id: int
    analyzer: str
    received_at: datetime
    specimen_code: str
    code: str
    value: str
    unit: str
    reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One message of a connection, in or out, with its bytes as text whose control characters can be seen."""

    id: int
    is_outgoing: bool
    received_at: datetime
    connection: str
    state: str
    problems: list[dict[str, Any]]
    content: bytes

    @property
    def lines(self) -> list[str]:
        """The message record by record; a byte that is no character is shown by its number."""
        return visible_text(self.content).split("\n")


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


def visible_text(content: bytes) -> str:
    """The bytes as text: CR and LF end a line; other control characters show their number."""
    text = content.decode("utf-8", "backslashreplace").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return "".join(one if one == "\n" or one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def analyzer_lines() -> list[AnalyzerLine]:
    """Every active analyzer that the actor may see, by code."""
    names = AnalyzerLine.__slots__
    rows = Analyzer.objects.filter(is_active=True).order_by("code").values_list(*names)
    return [AnalyzerLine(*row) for row in rows]


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


def analyzer_states(site_id: int, *, since: datetime) -> list[AnalyzerState]:
    """Every analyzer of a laboratory by bench; messages are counted since `since`, e.g. midnight."""
    return sql_files.fetch(AnalyzerState, SQL, "analyzer_states", laboratory=site_id, since=since)


def count_quarantined(site_id: int) -> int:
    """How many messages and readings of a laboratory wait for a person."""
    waiting = {"laboratory_id": site_id, "state": "quarantined"}
    return Message.objects.filter(**waiting).count() + Reading.objects.filter(**waiting).count()


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


def counts_since(analyzer_id: int, *, since: datetime) -> dict[str, int]:
    """How many readings an analyzer sent since a moment, by what became of them."""
    rows = sql_files.fetch_rows(SQL, "counts_since", analyzer=analyzer_id, since=since)
    return dict(rows)


def latest_messages(analyzer_id: int, *, limit: int = 100) -> QuerySet[Message]:
    """The last messages of an analyzer both ways, newest first, without their bytes."""
    found = Message.objects.filter(analyzer_id=analyzer_id).defer("content")
    return found.order_by("-received_at", "-id")[:limit]


def decided_readings(laboratory_id: int, text: str = "", *, limit: int = 200) -> QuerySet[Reading]:
    """Readings that a person decided, newest decision first; `text` is a tube's number or a code."""
    found = Reading.objects.filter(laboratory_id=laboratory_id, decided_at__isnull=False)
    if wanted := text.strip():
        found = found.filter(Q(specimen_code=wanted) | Q(specimen__number=wanted) | Q(code__iexact=wanted))
    return found.select_related("analyzer", "specimen").order_by("-decided_at", "-id")[:limit]


def decided_messages(laboratory_id: int, *, limit: int = 100) -> QuerySet[Message]:
    """Messages that a person decided, the newest decision first."""
    found = Message.objects.filter(laboratory_id=laboratory_id, decided_at__isnull=False).defer("content")
    return found.select_related("analyzer").order_by("-decided_at", "-id")[:limit]


def quarantine(site_id: int, *, limit: int = 200) -> list[Quarantined]:
    """Messages and readings of a laboratory that wait for a person, newest first."""
    rows = sql_files.fetch(Quarantined, SQL, "quarantine", laboratory=site_id, limit=limit)
    return [replace(row, reasons=_json(row.reasons)) for row in rows]


def session_of(message_id: int, *, limit: int = 500) -> list[SessionLine]:
    """What went over the connection of this message nearest to it, both ways, oldest first."""
    rows = sql_files.fetch(SessionLine, SQL, "session_of", message=message_id, limit=limit)
    return [replace(row, problems=_json(row.problems)) for row in rows]


def _json(value: object) -> list[dict[str, Any]]:
    # Django's connection brings jsonb as text
    return orjson.loads(value) if isinstance(value, str) else []


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the driver proposes for a code; `test` None: no test has its LOINC code and unit."""

    code: str
    loinc: str
    unit: str
    factor: Decimal
    source: str
    test: Test | None


def proposals_for(analyzer: Analyzer) -> list[Proposal]:
    """The driver's proposals for codes that are not mapped yet, by code."""
    known = set(analyzer.mappings.values_list("code", flat=True))
    driver = load(analyzer.driver)
    proposed = {code: one for code, one in driver.tests.items() if code not in known}
    loincs = {one.loinc for one in proposed.values()}
    tests: dict[tuple[str, str], list[Test]] = defaultdict(list)
    for test in Test.objects.select_related("container").filter(loinc__in=loincs).order_by("id"):
        tests[test.loinc, test.unit].append(test)
    return [
        Proposal(
            one.code,
            one.loinc,
            driver.layout.units.get(one.device_unit, one.device_unit),  # a reading carries its unit in UCUM
            one.factor,
            one.source,
            _of_commonest_tube(tests[one.loinc, one.unit]),
        )
        for _code, one in sorted(proposed.items())
    ]


def _of_commonest_tube(tests: list[Test]) -> Test | None:
    """Of tests that share a LOINC code, the one measured in serum: what a chemistry line is loaded with."""
    return next((test for test in tests if test.container.code == "SST"), tests[0] if tests else None)
