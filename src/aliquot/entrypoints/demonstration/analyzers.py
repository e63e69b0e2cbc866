"""The hub's simulated analyzers: tubes on racks, host queries and results over real sockets."""

import asyncio
import logging
import random
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone

from aliquot.entrypoints.demonstration.controls import Controlled, controls_of
from aliquot.entrypoints.demonstration.physiology import Span, value_of
from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Listen
from aliquot.entrypoints.simulate.values import indices_of_tube
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.rules.addresses import tcp_address
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.simulation import index_measurements, measurement
from aliquot.flow.specimens.models import SpecimenTest
from aliquot.registers.catalogue.queries import intervals_of
from aliquot.registers.catalogue.rules.intervals import Interval, interval_for
from aliquot.registers.patients.rules.names import age_on

log = logging.getLogger("aliquot.demonstration")
SHARE_TYPED = 0.01  # an operator types something that is no tube of ours
TYPED = ("IVANOVA", "TEST", "PETROV 2")
GROWN_UP = 14_000  # days
WITHOUT_INTERVAL = Span(1.0, 2.0, 2)
CONTROL, FAULTY = "control", "faulty control"  # stand on a rack where controls are to be measured
SECONDS_BETWEEN_CONTROLS = 240.0
SECONDS_TO_FAULT = 60.0  # after the start one control fails, so that a visitor sees what happens
FAULTY_ANALYZER = "C311"
FAULT = Decimal("3.8")  # SD
OFF = {("C311", "GLUS"): Decimal("1.16")}
"""By which factor an analyzer measures patients wrong, not felt by its controls: the map shows it."""
DIGITS = 5


@dataclass(slots=True)
class Device:
    """One simulated analyzer: which tests it can do, its controls, the tubes that wait on its rack."""

    code: str
    driver: str
    port: int
    orders: Listen | None  # where it takes its orders, when not on the same connection
    zone: ZoneInfo
    tests: dict[str, str]  # its code -> ours
    controls: list[Controlled] = field(default_factory=list)
    rack: "asyncio.Queue[tuple[str, tuple[Device, ...]]]" = field(default_factory=asyncio.Queue)


class Analyzers(threading.Thread):
    """All analyzers of the hub in one thread; `load` may be called from another."""

    def __init__(self, devices: Sequence[Device], draw: random.Random) -> None:
        super().__init__(name="analyzers", daemon=True)
        self._devices, self._draw = devices, draw
        self._values: dict[str, dict[str, Decimal]] = {}
        self._levels: dict[str, dict[str, Decimal]] = {}
        self._loop = asyncio.new_event_loop()

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._work())

    def load(self, numbers: Iterable[str]) -> None:
        """Put accepted tubes on the racks; what is in them is decided here, once, from their patients."""
        found = contents_of(list(numbers), self._draw)
        self._values.update(found)
        for number, values in found.items():
            able = [d for d in self._devices if set(d.tests.values()) & set(values)]
            route = tuple(self._draw.sample(able, len(able)))  # the same test is measured here and there
            if route:
                self._loop.call_soon_threadsafe(route[0].rack.put_nowait, (number, route[1:]))

    def control(self, code: str) -> None:
        """Have an analyzer measure its controls once more; may be called from another thread."""
        for device in self._devices:
            if device.code == code:
                self._loop.call_soon_threadsafe(device.rack.put_nowait, (CONTROL, ()))

    async def _work(self) -> None:
        await asyncio.gather(
            *(self._run_device(device) for device in self._devices),
            *(self._remember_controls(device) for device in self._devices),
        )

    async def _remember_controls(self, device: Device) -> None:
        """Regularly; and once, on one analyzer, with a control that fails."""
        if device.code == FAULTY_ANALYZER:
            await asyncio.sleep(SECONDS_TO_FAULT)
            device.rack.put_nowait((FAULTY, ()))
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_CONTROLS)
            device.rack.put_nowait((CONTROL, ()))

    async def _run_device(self, device: Device) -> None:
        async with SimulatedAnalyzer(
            device.driver, device.port, orders=device.orders, zone=device.zone
        ) as analyzer:
            await self._measure_controls(analyzer, device)  # before the first patient
            while True:
                number, route = await device.rack.get()
                if number in {CONTROL, FAULTY}:
                    await self._measure_controls(analyzer, device, is_faulty=number == FAULTY)
                    continue
                await asyncio.sleep(self._draw.uniform(0.1, 0.4))
                try:
                    await self._measure(analyzer, device, number)
                except Exception:
                    log.exception("%s did not measure %s", device.driver, number)
                if route:
                    route[0].rack.put_nowait((number, route[1:]))
                elif self._draw.random() < SHARE_TYPED:
                    await self._mistype(analyzer, device)

    async def _measure_controls(
        self, analyzer: SimulatedAnalyzer, device: Device, *, is_faulty: bool = False
    ) -> None:
        """Every level, a run of its own on the line; of a faulty one a single test lies far off."""
        try:
            for control in device.controls:
                values = {code: control.value(code, self._draw) for code in control.targets}
                if is_faulty and control is device.controls[-1]:
                    wrong = self._draw.choice(sorted(values))
                    mean, sd = control.targets[wrong]
                    values[wrong] = mean + sd * FAULT
                found = [measurement(analyzer.driver, *one, digits=DIGITS) for one in values.items()]
                await analyzer.upload(Run(control.tube, tuple(found), control=True))
        except Exception:
            log.exception("%s did not measure its controls", device.driver)

    async def _measure(self, analyzer: SimulatedAnalyzer, device: Device, number: str) -> None:
        codes = await analyzer.ask(number)
        found = tuple(one for code in codes if (one := self._read(analyzer, device, number, code)))
        if found:
            await analyzer.upload(Run(number, (*self._indices(analyzer, number), *found)))

    def _indices(self, analyzer: SimulatedAnalyzer, number: str) -> tuple[Measurement, ...]:
        """How the tube is, the same on every analyzer that looks at it."""
        levels = self._levels.setdefault(number, indices_of_tube(self._draw))
        return index_measurements(analyzer.driver, levels)

    def _read(
        self, analyzer: SimulatedAnalyzer, device: Device, number: str, code: str
    ) -> Measurement | None:
        test = device.tests.get(code, "")
        value = self._values.get(number, {}).get(test)
        if value is None:
            return None
        return measurement(analyzer.driver, code, value * OFF.get((device.code, test), 1), places=3)

    async def _mistype(self, analyzer: SimulatedAnalyzer, device: Device) -> None:
        code = next(iter(device.tests))
        typed = self._draw.choice(TYPED)
        await analyzer.upload(Run(typed, (measurement(analyzer.driver, code, Decimal("5.0"), places=1),)))


def installed_devices() -> list[Device]:
    """The active analyzers of the region with what their codes mean and their controls."""
    mapped: dict[int, dict[str, str]] = {}
    for one in TestMapping.objects.select_related("test"):
        mapped.setdefault(one.analyzer_id, {})[one.code] = one.test.code
    active = list(Analyzer.objects.filter(is_active=True).order_by("id"))
    controls = controls_of(one.pk for one in active)
    return [
        Device(
            one.code,
            one.driver,
            one.listen_port,
            Listen(*tcp_address(one.order_address)) if one.order_address else None,
            ZoneInfo(one.time_zone),
            mapped.get(one.pk, {}),
            controls.get(one.pk, []),
        )
        for one in active
        if one.listen_port
    ]


def contents_of(numbers: list[str], draw: random.Random) -> dict[str, dict[str, Decimal]]:
    """What is in these tubes, by number and test: only tests that are accepted."""
    wanted = SpecimenTest.objects.filter(specimen__number__in=numbers, state=SpecimenTest.State.ACCEPTED)
    rows = list(wanted.select_related("specimen__order__patient", "test"))
    intervals = intervals_of({row.test_id for row in rows})
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        patient = row.specimen.order.patient
        span = _span(intervals.get(row.test_id, ()), patient.sex, patient.birth_date, row.test.decimals)
        values = found.setdefault(row.specimen.number, {})
        values[row.test.code] = value_of(patient.pk, row.test.code, span, draw)
    return found


def _span(intervals: Sequence[Interval], sex: str, birth_date: date | None, decimals: int | None) -> Span:
    today = timezone.now().date()  # a child may be born where the day began earlier
    days = age_on(birth_date, max(today, birth_date))[1] if birth_date else GROWN_UP
    found = interval_for(intervals, sex, days)
    if found is None or found.high is None:
        return WITHOUT_INTERVAL
    low = float(found.low) if found.low else float(found.high) * 0.2
    return Span(low, float(found.high), (decimals or 0) + 1)
