"""A region to measure on: registers by their own actions, a hub full of analyzers, tubes by sets."""

import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.workload import (
    C311,
    CENTAUR,
    IMMULITE,
    STRIDE,
    XN,
    Measurable,
    Plan,
    make_plan,
    span_of,
)
from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.results.actions.validating import adopt_as_prepared
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.actions import load_catalogue
from aliquot.registers.catalogue.queries import intervals_of
from aliquot.registers.network.models import Bench, Site
from aliquot.registers.people.actions import load_region

LOADER = system_actor("bench")
BENCHES = {C311: "CHEM1", XN: "HEM1", CENTAUR: "IA1", IMMULITE: "IA1"}
SHARES = {C311: 0.4, XN: 0.36, CENTAUR: 0.16, IMMULITE: 0.08}  # of the lines
LINES_EACH = 2
PREFIX = "7199"  # a range of the region that no site has
SEQUENCED = (
    "patient",
    "patient_site",
    "lab_order",
    "order_item",
    "specimen",
    "specimen_test",
    "message",
    "reading",
    "result",
)


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The hub, the sites that order there, its analyzers' ports by model, and the cycle of orders."""

    hub: int
    sites: tuple[int, ...]
    ports: dict[str, tuple[int, ...]]
    plan: Plan
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Tubes:
    """Accepted tubes that wait to be measured: numbers, and the patient of each order."""

    numbers: tuple[str, ...]
    patients: tuple[int, ...]
    results: int


def install_laboratory(
    connections: int, *, at: datetime, rules: Callable[[Plan], str] | None = None
) -> Laboratory:
    """Load the registers by their actions and connect analyzers for so many lines, two a device.

    The shipped rules are put in force, or those that `rules` makes of the cycle of orders.
    """
    with acting(LOADER, reason="set up a measurement"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)
        ports = _connect_analyzers(connections, at)
        plan = make_plan({model: _menu(model) for model in BENCHES})
        text = rules(plan) if rules else ""
    adopt_as_prepared(at=at, text=text)
    with acting(LOADER, reason="set up a measurement"):
        hub = Site.objects.get(kind=Site.Kind.HUB)
        points = Site.objects.filter(kind=Site.Kind.COLLECTION_POINT, laboratory=hub).order_by("id")
        return Laboratory(
            hub.pk, tuple(points.values_list("pk", flat=True)), ports, plan, ZoneInfo(hub.time_zone)
        )


def _connect_analyzers(connections: int, at: datetime) -> dict[str, tuple[int, ...]]:
    benches = {bench.code: bench for bench in Bench.objects.select_related("department__site")}
    counts = devices_for(connections)
    free = iter(free_ports(sum(counts.values())))
    ports: dict[str, tuple[int, ...]] = {}
    for model, count in counts.items():
        ports[model] = tuple(next(free) for _ in range(count))
        for port in ports[model]:
            code = f"{model}-{port}"
            install_analyzer(
                code=code,
                name=code,
                driver=model,
                bench=benches[BENCHES[model]],
                listen_port=port,
                by=LOADER,
                at=at,
            )
    return ports


def devices_for(connections: int) -> dict[str, int]:
    """How many devices of each model so many lines are; at least one of each."""
    return {model: max(1, round(connections * share / LINES_EACH)) for model, share in SHARES.items()}


def free_ports(count: int) -> list[int]:
    """Return so many loopback ports that nobody listens on."""
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            one = stack.enter_context(socket.socket())
            one.bind(("127.0.0.1", 0))
            found.append(one.getsockname()[1])
        return found


def _menu(model: str) -> list[Measurable]:
    """What this model measures here, each test once."""
    rows = mapped_tests(Analyzer.objects.filter(driver=model).order_by("id")[0])
    intervals = intervals_of({row.test_id for row in rows})
    return [measurable(model, row, *span_of(intervals[row.test_id])) for row in rows]


def mapped_tests(analyzer: Analyzer) -> list[TestMapping]:
    """Return what an analyzer measures, each test once, by the first code that is mapped to it."""
    mapped = TestMapping.objects.filter(analyzer=analyzer).select_related("test").order_by("id")
    return list({one.test_id: one for one in reversed(mapped)}.values())[::-1]


def measurable(model: str, row: TestMapping, low: float, high: float) -> Measurable:
    """Return what a device of this model measures under a mapped code, from low to high in its own unit."""
    test = row.test
    return Measurable(
        model,
        row.code,
        test.pk,
        test.container_id,
        test.specimen_type_id,
        test.decimals or 0,
        test.unit,
        low,
        high,
    )


def write_plan(session: Session, laboratory: Laboratory) -> None:
    """Put the cycle of orders where the statements that make rows read it, for the session's life."""
    session.run("make_plan")
    devices = {row[1]: row[0] for row in session.text("SELECT min(id), driver FROM analyzer GROUP BY driver")}
    session.copy(
        "bench_plan",
        [
            (
                one.kind,
                one.tube,
                one.item,
                one.position,
                one.what.test_id,
                one.what.container_id,
                one.what.specimen_type_id,
                one.what.low,
                one.what.high,
                one.what.decimals,
                one.what.unit,
                one.what.code,
                devices[one.what.model],
            )
            for one in laboratory.plan.tests
        ],
    )
    session.text("ANALYZE bench_plan")


def add_patients(session: Session, laboratory: Laboratory, count: int) -> int:
    """Register so many patients, and let the hub see them; the id before the first."""
    facts = {"first": last_id(session, "patient"), "count": count}
    session.run("patients", **facts, sites=list(laboratory.sites), at=datetime.now().astimezone())
    session.run("patient_sites", **facts, hub=laboratory.hub, at=datetime.now().astimezone())
    move_sequences(session)
    return int(facts["first"])


def accept_tubes(
    session: Session, laboratory: Laboratory, results: int, *, patients: tuple[int, int], batch: str
) -> Tubes:
    """Orders of today with their tubes accepted at the hub, made by sets; `patients` is (id before, count).

    Drawn two hours ago, spun and accepted since, as reception would have left them.
    """
    plan = laboratory.plan
    count = plan.orders_for(results)
    cycles = count // plan.kinds
    already = int(session.value("SELECT count(*) FROM specimen"))
    numbers = tuple(specimen_number(PREFIX, already + place) for place in range(cycles * plan.tubes))
    facts = row_facts(session, laboratory, count, patients)
    now = datetime.now().astimezone()
    facts |= {"begin": now - timedelta(hours=2), "step": timedelta(0), "is_past": False}
    with session.transaction():
        for name in ("orders", "order_items"):
            session.run(name, **facts, prefix=batch)
        session.run("specimens", **facts, numbers=list(numbers))
        session.run("specimen_tests", **facts)
    move_sequences(session)
    session.text("ANALYZE lab_order, order_item, specimen, specimen_test, patient, patient_site")
    owners = tuple(patients[0] + 1 + g * STRIDE % patients[1] for g in range(count))
    return Tubes(numbers, owners, cycles * plan.results)


def row_facts(
    session: Session, laboratory: Laboratory, count: int, patients: tuple[int, int]
) -> dict[str, object]:
    """What every statement that makes rows needs: where the ids begin, and the measures of the cycle."""
    plan = laboratory.plan
    return {
        "count": count,
        "kinds": plan.kinds,
        "tubes": plan.tubes,
        "items": plan.results,
        "sites": list(laboratory.sites),
        "hub": laboratory.hub,
        "first_patient": patients[0],
        "patients": patients[1],
        "stride": STRIDE,
        "first_order": last_id(session, "lab_order"),
        "first_item": last_id(session, "order_item"),
        "first_specimen": last_id(session, "specimen"),
        "first_message": last_id(session, "message"),
        "first_reading": last_id(session, "reading"),
        "first_result": last_number(session, "result"),
    }


def last_id(session: Session, table: str) -> int:
    """The greatest id of a table, 0 when it is empty."""
    return int(session.value(f"SELECT coalesce(max(id), 0) FROM {table}"))  # noqa: S608 - our own table's name


def last_number(session: Session, table: str) -> int:
    """The greatest number that a sequence gave to an id of this table, whatever month the id carries."""
    return int(session.value(f"SELECT coalesce(max(id & ((1::bigint << 40) - 1)), 0) FROM {table}"))  # noqa: S608 - as above


def move_sequences(session: Session, tables: Sequence[str] = SEQUENCED) -> None:
    """Let the next ids follow those that were given by hand."""
    for table in tables:
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        session.text(f"SELECT setval({sequence}, {max(1, last_number(session, table))})")
