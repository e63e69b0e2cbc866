"""The laboratory of a soak: analyzers of every suitable model, and tubes for all that they will say."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aliquot.entrypoints.bench.laboratory import (
    Laboratory,
    accept_tubes,
    add_patients,
    mapped_tests,
    measurable,
    write_plan,
)
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.soak.plan import Device, base_time
from aliquot.entrypoints.bench.workload import Measurable, Plan, PlannedTest
from aliquot.entrypoints.simulate.values import INVENTED, usual_for
from aliquot.flow.instruments.actions import install_analyzer, set_mapping
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import Driver, load, models
from aliquot.flow.results.actions.validating import adopt_as_prepared
from aliquot.foundation.actors import SystemActor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.actions import load_catalogue
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Bench, Site
from aliquot.registers.people.actions import load_region
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.mllp import MllpProfile

LOADER = system_actor("soak")
BENCH = "CHEM1"
TESTS_OF_A_TUBE = 4
PATIENTS = 500
A_DOZEN = 12
LOWEST_PORT, HIGHEST_PORT, PORTS_APART = 21_000, 32_000, 997


@dataclass(frozen=True, slots=True)
class _Installed:
    analyzer: Analyzer
    orders_port: int
    folder: str
    tests: tuple[Measurable, ...]


def suitable_models(wanted: Sequence[str] = ()) -> tuple[list[str], dict[str, str]]:
    """Return the models that can be played over a socket, and why each other one is not."""
    fit, unfit = [], {}
    for model in wanted or models():
        reason = _unfit(load(model))
        if reason:
            unfit[model] = reason
        else:
            fit.append(model)
    return fit, unfit


def _unfit(driver: Driver) -> str:
    simulation = driver.layout.simulation
    if simulation is None or not simulation.records.get("result"):
        return "it has no simulation"
    if not getattr(driver.framing, "acknowledges", True):
        return "nothing is acknowledged on its line, so nobody knows what arrived"
    return ""


def install(
    session: Session,
    wanted: Sequence[str],
    count: int,
    messages: int,
    seed: int,
    *,
    home: Path,
    at: datetime,
) -> tuple[Device, ...]:
    """Load the registers, connect `count` analyzers of these models in turn, accept tubes; their devices."""
    with acting(LOADER, reason="set up a soak"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)
        hub = Site.objects.get(kind=Site.Kind.HUB)
    adopt_as_prepared(at=at)
    by = system_actor(LOADER.name, frozenset({hub.pk}))
    with acting(by, reason="connect the analyzers of a soak"):
        installed = _connect(wanted, count, home, by, at)
        points = Site.objects.filter(kind=Site.Kind.COLLECTION_POINT, laboratory=hub).order_by("id")
        laboratory = Laboratory(
            hub.pk, tuple(points.values_list("pk", flat=True)), {}, _plan(installed), ZoneInfo(hub.time_zone)
        )
    write_plan(session, laboratory)
    patients = (add_patients(session, laboratory, PATIENTS), PATIENTS)
    tubes = accept_tubes(
        session, laboratory, laboratory.plan.results * messages, patients=patients, batch="SOAK-"
    )
    base = base_time()
    return tuple(
        Device(
            one.analyzer.code,
            one.analyzer.driver,
            one.analyzer.listen_port or 0,
            one.orders_port,
            one.folder,
            one.analyzer.time_zone,
            tuple(test.code for test in one.tests),
            tubes.numbers[place :: len(installed)],
            seed,
            base,
        )
        for place, one in enumerate(installed)
    )


def _connect(
    wanted: Sequence[str], count: int, home: Path, by: SystemActor, at: datetime
) -> list[_Installed]:
    bench = Bench.objects.select_related("department__site").get(code=BENCH)
    ports = iter(_free_ports(2 * count))
    installed = []
    for place in range(count):
        driver, port, orders_port = load(wanted[place % len(wanted)]), next(ports), next(ports)
        folder = str(home / f"drop-{place}") if _drops_files(driver, place) else ""
        has_two = not folder and _takes_orders_elsewhere(driver, place)
        analyzer = install_analyzer(
            code=f"S{place:03d}-{driver.model}",
            name=f"S{place:03d}",
            driver=driver.model,
            bench=bench,
            by=by,
            at=at,
            **_reach(port, orders_port if has_two else 0, folder),
        )
        if not analyzer.mappings.exists():
            _map_invented(analyzer, by, at)
        tests = _menu(analyzer, place)
        if tests:
            installed.append(_Installed(analyzer, orders_port if has_two else 0, folder, tests))
    return installed


def _reach(port: int, orders_port: int, folder: str) -> dict[str, Any]:
    if folder:
        Path(folder).mkdir()
        return {"transport": "folder", "address": f"folder://{folder}?settle=0.3"}
    return {"listen_port": port, "order_address": f"127.0.0.1:{orders_port}" if orders_port else ""}


def _drops_files(driver: Driver, place: int) -> bool:
    """Models that know nothing else, and one of a dozen whose messages are readable by themselves."""
    if isinstance(driver.framing, FileProfile):
        return True
    return driver.layout.grammar in ("astm", "hl7") and place % A_DOZEN == A_DOZEN - 1


def _takes_orders_elsewhere(driver: Driver, place: int) -> bool:
    """Every other device that speaks HL7 takes its orders on a second socket."""
    return isinstance(driver.framing, MllpProfile) and driver.layout.query is not None and place % 2 == 1


def _map_invented(analyzer: Analyzer, by: SystemActor, at: datetime) -> None:
    """What a laboratory does for a model whose driver proposes nothing: it says what each code means."""
    serum = Test.objects.filter(container__code="SST", scale="Qn").order_by("id")
    for code, test in zip(INVENTED, serum[: len(INVENTED)], strict=True):
        set_mapping(
            analyzer, code, test=test, unit="", factor=Decimal(1), reason="set up a soak", by=by, at=at
        )


def _menu(analyzer: Analyzer, place: int) -> tuple[Measurable, ...]:
    """Some of what this analyzer measures here, each test once; another part for each device of a model."""
    rows = mapped_tests(analyzer)
    start = place % max(1, len(rows))
    chosen = (rows + rows)[start : start + min(TESTS_OF_A_TUBE, len(rows))]
    driver = load(analyzer.driver)
    usual = [usual_for(driver, one.code) for one in chosen]
    return tuple(
        measurable(analyzer.driver, one, values.low, values.high)
        for one, values in zip(chosen, usual, strict=True)
    )


def _plan(installed: Sequence[_Installed]) -> Plan:
    """A cycle of orders in which each analyzer has one tube."""
    tests: list[PlannedTest] = []
    for place, one in enumerate(installed):
        for position, what in enumerate(one.tests):
            tests.append(PlannedTest(place, place, len(tests), position, what))
    return Plan(tuple(tests))


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on, below those that the system gives to whoever dials.

    Two soaks begin to look in different places: while links are killed, their ports seem to be free.
    """
    found: list[int] = []
    width = HIGHEST_PORT - LOWEST_PORT
    for step in range(width):
        port = LOWEST_PORT + (os.getpid() * PORTS_APART + step) % width
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise MeasurementError(f"there are not {count} free ports from {LOWEST_PORT} to {HIGHEST_PORT}")
