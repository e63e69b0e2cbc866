"""The analyzers of a laboratory: how each is reached, what it does, what its codes may mean."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import Exists, OuterRef

from aliquot.flow.instruments.models import Analyzer, DriverStop, Message, Reading
from aliquot.flow.instruments.rules.driver import load
from aliquot.foundation import sql_files
from aliquot.registers.catalogue.models import Test

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class AnalyzerLine:
    """How an analyzer is reached, and how it speaks; `transport` says which of the addresses holds."""

    id: int
    code: str
    driver: str
    laboratory_id: int
    listen_port: int | None
    time_zone: str
    transport: str = "listen"
    address: str = ""
    order_address: str = ""
    query_policy: str = "answer"
    is_stopped: bool = False  # nothing of its driver is read now, nor answered


@dataclass(frozen=True, slots=True)
class AnalyzerState:
    """One analyzer as the bench sees it; counts of messages are since the moment that was asked."""

    id: int
    code: str
    name: str
    driver: str
    listen_port: int | None
    is_active: bool
    is_suspended: bool
    has_qc_plan: bool
    bench: str
    transport: str
    address: str
    last_received_at: datetime | None
    messages_since: int
    unread: int
    quarantined_messages: int
    quarantined_readings: int

    @property
    def reached_at(self) -> str:
        """Where it is reached: our port, or its address."""
        return str(self.listen_port or "") if self.transport == "listen" else self.address

    @property
    def waiting(self) -> int:
        """How many messages and readings wait for a person."""
        return self.quarantined_messages + self.quarantined_readings


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the driver proposes for a code; `test` None: no test has its LOINC code and unit."""

    code: str
    loinc: str
    unit: str
    factor: Decimal
    source: str
    test: Test | None


def analyzer_lines() -> list[AnalyzerLine]:
    """Every active analyzer that the actor may see, by code."""
    stopped = DriverStop.objects.filter(model=OuterRef("driver"), ended_at__isnull=True)
    rows = Analyzer.objects.filter(is_active=True).annotate(is_stopped=Exists(stopped)).order_by("code")
    return [AnalyzerLine(*row) for row in rows.values_list(*AnalyzerLine.__slots__)]


def analyzer_states(site_id: int, *, since: datetime) -> list[AnalyzerState]:
    """Every analyzer of a laboratory by bench; messages are counted since `since`, e.g. midnight."""
    return sql_files.fetch(AnalyzerState, SQL, "analyzer_states", laboratory=site_id, since=since)


def count_quarantined(site_id: int) -> int:
    """How many messages and readings of a laboratory wait for a person."""
    waiting = {"laboratory_id": site_id, "state": "quarantined"}
    return Message.objects.filter(**waiting).count() + Reading.objects.filter(**waiting).count()


def counts_since(analyzer_id: int, *, since: datetime) -> dict[str, int]:
    """How many readings an analyzer sent since a moment, by what became of them."""
    rows = sql_files.fetch_rows(SQL, "counts_since", analyzer=analyzer_id, since=since)
    return dict(rows)


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
