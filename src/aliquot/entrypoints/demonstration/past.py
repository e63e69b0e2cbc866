"""The weeks before the demonstration begins, lived by the real actions at their own times.

A day is one transaction: its results are decided and reported at their own time, and whoever ends the program
in between goes on with the days that are missing. Nothing else may run meanwhile.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aliquot.entrypoints.demonstration.analyzers import (
    DIGITS,
    OFF,
    Device,
    contents_of,
    installed_devices,
)
from aliquot.entrypoints.demonstration.clinic import Clinic
from aliquot.entrypoints.demonstration.controls import MEASURED, PANELS
from aliquot.entrypoints.demonstration.laboratory import DutyDoctor
from aliquot.entrypoints.demonstration.life import Life
from aliquot.entrypoints.demonstration.population import Person
from aliquot.entrypoints.demonstration.population import people as persons_of
from aliquot.entrypoints.demonstration.reception import Door
from aliquot.entrypoints.demonstration.showing import (
    answer_alarms,
    count_figures,
    drifted,
    enter_risks,
    finish_study,
    switch_monitor_on,
    work_nonconformity,
)
from aliquot.entrypoints.simulate.values import indices_of_tube
from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.simulation import index_measurements, measurement
from aliquot.flow.orders.models import Order
from aliquot.flow.quality.models import ControlPlan
from aliquot.flow.reports.jobs import report_orders
from aliquot.flow.results.actions import autoverify_batch, file_readings
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import claim_events
from aliquot.oversight.improvement.models import Risk
from aliquot.registers.people.models import Person as User
from aliquot.registers.people.sign_in import actor_for, laboratory_sites

SHARE_FURTHER = 1 / 3
CONTROLS, OPENING = timedelta(hours=4), timedelta(hours=5)
"""From midnight UTC: seven and eight in the morning of the region."""
BETWEEN_PATIENTS, TO_THE_DRAW, ON_THE_ROAD, AT_THE_DOOR, TO_THE_LINE = (
    timedelta(minutes=one) for one in (4, 3, 40, 10, 25)
)
BATCH = 1000

ANSWERED_DAYS_AGO = 2
DAYS, TRIED = 21, 15
"""How many days are lived, and after how many of them a monitor is designed."""
CLINICS, PATIENTS = 2, 6
POOL, SEED = 300, 1861


@dataclass(slots=True)
class Past:
    """The people, the places and the analyzers of these weeks; `analyzers` are their ids by code."""

    clinics: Sequence[Clinic]
    door: Door
    doctor: DutyDoctor
    worker: Actor
    analyzers: dict[str, int]
    devices: Sequence[Device]
    patients: Sequence[Person]
    draw: random.Random
    days_ago: int = 0

    def live_day(self, midnight: datetime, days_ago: int) -> None:
        """Controls in the morning, then patients at some points, from order to report."""
        self.days_ago = days_ago
        with acting(self.worker, reason="set up the demonstration"):
            self._file(list(self._controls(midnight + CONTROLS)), at=midnight + CONTROLS)
            for place, clinic in enumerate(self.draw.sample(list(self.clinics), CLINICS)):
                begins = midnight + OPENING + place * timedelta(hours=2)
                numbers, at = self._collect(clinic, begins)
                self._file(list(self._measured(numbers, at + TO_THE_LINE)), at=at + 2 * TO_THE_LINE)
                self._finish(at + 3 * TO_THE_LINE)

    def _collect(self, clinic: Clinic, at: datetime) -> tuple[list[str], datetime]:
        """The tubes of a box that the hub has accepted, and when."""
        with acting(clinic.nurse):
            for person in self.draw.sample(list(self.patients), PATIENTS):
                order = clinic.place_order(person, self._codes(), at=at)
                clinic.pack(clinic.draw_tubes(order, at=at + TO_THE_DRAW), at=at + TO_THE_DRAW)
                at += BETWEEN_PATIENTS
            box = clinic.close(at=at)
        assert box is not None, "somebody came"
        with acting(self.door.courier):
            self.door.pick_up(box, at=at)
        at += ON_THE_ROAD
        with acting(self.door.receptionist):
            box.refresh_from_db()
            numbers = self.door.take_in(box, clinic.left_out, at=at)
            self.door.accept(numbers, at=at + AT_THE_DOOR)
        return numbers, at + AT_THE_DOOR

    def _codes(self) -> list[str]:
        further = [panel for panel in PANELS[1:] if self.draw.random() < SHARE_FURTHER]
        return [code for panel in (PANELS[0], *further) for code in panel]

    def _controls(self, at: datetime) -> Iterator[KeptMessage]:
        """A run of every level on each analyzer."""
        for device in self.devices:
            for control in device.controls:
                known = [code for code in control.targets if device.tests.get(code) in MEASURED]
                found = tuple(
                    measurement(load(device.driver), code, control.value(code, self.draw), digits=DIGITS)
                    for code in known
                )
                if found:
                    yield self._sent(device, Run(control.tube, found, control=True), at)

    def _measured(self, numbers: Sequence[str], at: datetime) -> Iterator[KeptMessage]:
        """Each tube on the analyzers that measure its tests; who is first is a matter of chance."""
        for number, values in contents_of(list(numbers), self.draw).items():
            levels, left = indices_of_tube(self.draw), dict(values)
            for device in self.draw.sample(list(self.devices), len(self.devices)):
                found = self._of_tube(device, left)
                if found:
                    indices = index_measurements(load(device.driver), levels)
                    yield self._sent(device, Run(number, (*indices, *found)), at)
            at += timedelta(seconds=40)

    def _of_tube(self, device: Device, left: dict[str, Decimal]) -> tuple[Measurement, ...]:
        """What a device measures of what is left; it is taken out."""
        known = {test: code for code, test in device.tests.items() if test in left}
        return tuple(
            measurement(
                load(device.driver),
                code,
                left.pop(test) * OFF.get((device.code, test), 1) * drifted(device.code, test, self.days_ago),
                places=3,
            )
            for test, code in known.items()
        )

    def _sent(self, device: Device, run: Run, at: datetime) -> KeptMessage:
        records = load(device.driver).result_message([run], Header(at, device.zone))
        content = b"".join(record + b"\r" for record in records)
        return KeptMessage(self.door.hub.pk, self.analyzers[device.code], "past", content, at)

    def _file(self, messages: list[KeptMessage], *, at: datetime) -> None:
        """Keep what analyzers sent, and decide it."""
        keep_messages(messages, by=self.worker)
        while file_readings(limit=BATCH, by=self.worker, at=at):
            pass
        while autoverify_batch(limit=BATCH, by=self.worker, at=at):
            pass

    def _finish(self, at: datetime) -> None:
        """A doctor releases and tells what waits; what is complete is reported."""
        with acting(self.doctor.doctor):
            self.doctor.help_out(at=at)
        if completed := claim_events("order_completed", limit=BATCH):
            report_orders(completed, at)


def live_past(people: Life, worker: Actor, *, at: datetime) -> None:
    """Live the days that are missing, then leave what a visitor of quality finds."""
    hub, today = people.door.hub, _midnight(at)
    technologist, doctor, quality = people.technologist.technologist, people.doctor.doctor, _quality()
    past = _past(people, worker, at)
    for days_ago in range(DAYS, 0, -1):
        midnight = today - timedelta(days=days_ago)
        if _is_missing(worker, midnight):
            if days_ago == DAYS - TRIED:
                switch_monitor_on(TRIED, worker, quality, at=midnight)
            past.live_day(midnight, days_ago)
        if days_ago == ANSWERED_DAYS_AGO:
            answer_alarms(technologist, at=midnight + timedelta(hours=20))
    work_nonconformity(hub, technologist, quality, at=today - timedelta(hours=18))
    finish_study(today - timedelta(days=DAYS), technologist, doctor, at=at)
    count_figures(hub, worker, at=at)
    enter_risks(hub, quality, at=at)


def is_lived(at: datetime) -> bool:
    """Whether these weeks are over: their last step is done, or the region lives already or without them."""
    with acting(_reader()):
        watched = ControlPlan.objects.filter(until=None, test__code__in=MEASURED)
        is_prepared = watched.filter(since__lt=_midnight(at) - timedelta(days=DAYS)).exists()
        lives = Order.objects.filter(placed_at__gte=_midnight(at)).exists()
        return Risk.objects.exists() or lives or not is_prepared


def _is_missing(worker: Actor, midnight: datetime) -> bool:
    with acting(worker):
        of_day = Order.objects.filter(placed_at__gte=midnight, placed_at__lt=midnight + timedelta(days=1))
        return not of_day.exists()


def _past(people: Life, worker: Actor, at: datetime) -> Past:
    with acting(worker):
        devices = installed_devices()
        analyzers = dict(Analyzer.objects.values_list("code", "pk"))
    doctor = DutyDoctor(
        people.doctor.doctor, longest_queue=0, most_calls=0, most_proposals=0, leaves_critical=False
    )
    persons = persons_of(POOL, seed=SEED, today=at.date())
    draw = random.Random(SEED)  # noqa: S311 - a demonstration, not a secret
    return Past(people.clinics, people.door, doctor, worker, analyzers, devices, persons, draw)


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _reader() -> Actor:
    with acting(system_actor("demonstration")):
        return system_actor("demonstration", laboratory_sites())


def _quality() -> Actor:
    with acting(system_actor("demonstration")):
        return actor_for(User.objects.get(username="quality"))
