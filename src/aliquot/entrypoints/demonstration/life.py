"""The demonstration's clock: who comes, what is drawn, which box leaves, what the hub does with it."""

import logging
import os
import random
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import OperationalError, close_old_connections
from django.utils import timezone

from aliquot.entrypoints.demonstration import menu
from aliquot.entrypoints.demonstration.clinic import Clinic
from aliquot.entrypoints.demonstration.interface import ClinicSystem
from aliquot.entrypoints.demonstration.laboratory import DutyDoctor, DutyTechnologist
from aliquot.entrypoints.demonstration.physiology import is_ill
from aliquot.entrypoints.demonstration.population import Person, people
from aliquot.entrypoints.demonstration.reception import Door
from aliquot.entrypoints.demonstration.schedule import Schedule
from aliquot.flow.instruments.models import TestMapping
from aliquot.flow.logistics.models import Box
from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Assignment
from aliquot.registers.people.models import Person as User
from aliquot.registers.people.sign_in import actor_for

log = logging.getLogger("aliquot.demonstration")

ROAD_SECONDS_PER_MINUTE = 0.2  # an hour and a half on the road takes eighteen seconds
FIRST_WAVE = 30
FIRST_WAVE_SECONDS = 12.0
SECONDS_BETWEEN_ORDERS = float(os.environ.get("ALIQUOT_DEMO_PACE", "2.5"))
SECONDS_BETWEEN_BOXES = 12.0
POOL = 140
THYROID = "TSH"
MOST_SUSPICIONS = 3
LEFT_TO_DRAW = 4  # patients whom a visitor finds waiting at a point with a prepared nurse
EVERY_NTH_BOX = 5  # is left to a visitor for a while
LEFT_SECONDS = 90.0
SECONDS_BETWEEN_RACKS = 2.0
SECONDS_TO_REPEAT = 45.0  # a tube still to be measured after so long goes on a rack again


@dataclass(slots=True)
class Life:
    """Everything that happens by itself in the demonstration region."""

    clinics: list[Clinic]
    door: Door
    doctor: DutyDoctor
    technologist: DutyTechnologist
    systems: dict[str, ClinicSystem]
    patients: list[Person]
    measurable: frozenset[str]
    draw: random.Random
    rack: Callable[[Iterable[str]], None]
    control: Callable[[str], None]
    racked: dict[str, float] = field(default_factory=dict)
    schedule: Schedule = field(default_factory=Schedule)
    boxes: int = 0
    suspicions: int = 0
    is_stopping: bool = False

    def begin(self) -> None:
        """Put the first steps into the schedule."""
        for place in range(FIRST_WAVE):
            self.schedule.after(place * FIRST_WAVE_SECONDS / FIRST_WAVE, self._order_anywhere)
        self.schedule.after(FIRST_WAVE_SECONDS, self._keep_ordering)
        for place, clinic in enumerate(self.clinics):
            self.schedule.after(8.0 + place * 0.7, self._closing(clinic))
            self.schedule.after(4.0 + place * 0.5, self._redrawing(clinic))
        self.schedule.after(20.0, self._help_out)
        self.schedule.after(1.0, self._load_racks)

    def run(self) -> None:
        """Do what is due until told to stop; a step that fails is logged and the day goes on."""
        while not self.is_stopping:
            step = self.schedule.take_due()
            if step is None:
                time.sleep(self.schedule.seconds_to_next())
                continue
            try:
                step()
            except Refused as refusal:
                log.warning("refused: %s", refusal)
            except OperationalError:
                log.exception("the database was away")
                close_old_connections()
            except Exception:
                log.exception("a step of the demonstration failed")

    def _keep_ordering(self) -> None:
        self.schedule.after(self.draw.expovariate(1 / SECONDS_BETWEEN_ORDERS), self._keep_ordering)
        self._order_anywhere()

    def _order_anywhere(self) -> None:
        clinic = self.draw.choice(self.clinics)
        person = self.draw.choice(self.patients)
        codes = menu.choose(self.draw, self.measurable)
        if not codes:
            return
        order = self._order_by_system(clinic, person, codes) or self._order_at_desk(clinic, person, codes)
        if clinic.is_visited and self._waiting(clinic) <= LEFT_TO_DRAW:
            return
        self.schedule.after(self.draw.uniform(1.5, 5.0), lambda: self._draw_tubes(clinic, order))

    def _order_at_desk(self, clinic: Clinic, person: Person, codes: list[str]) -> int:
        with acting(clinic.nurse):
            order = clinic.place_order(person, codes, at=timezone.now())
        if self.suspicions < MOST_SUSPICIONS and THYROID not in codes and is_ill(order.patient_id, THYROID):
            self.suspicions += 1
            self.schedule.after(1.0, lambda: self._suspect(clinic, person))
        return order.pk

    def _suspect(self, clinic: Clinic, person: Person) -> None:
        """TSH alone for somebody whose thyroid is ill: a rule will propose FT4 for a visitor to agree to."""
        if THYROID in self.measurable:
            self._draw_tubes(clinic, self._order_at_desk(clinic, person, [THYROID]))

    def _waiting(self, clinic: Clinic) -> int:
        with acting(clinic.nurse):
            return (
                Order.objects.filter(ordering_site=clinic.site, specimens__state="planned").distinct().count()
            )

    def _order_by_system(self, clinic: Clinic, person: Person, codes: list[str]) -> int | None:
        system = self.systems.get(clinic.site.code)
        number = system.send_order(person, codes, at=timezone.now()) if system else None
        if number is None:
            return None
        with acting(clinic.nurse):
            return Order.objects.only("pk").get(number=number).pk

    def _draw_tubes(self, clinic: Clinic, order_id: int) -> None:
        with acting(clinic.nurse):
            numbers = clinic.draw_tubes(Order.objects.get(pk=order_id), at=timezone.now())
            clinic.pack(numbers, at=timezone.now())

    def _redrawing(self, clinic: Clinic) -> Callable[[], None]:
        def redraw() -> None:
            self.schedule.after(15.0, redraw)
            with acting(clinic.nurse):
                again = Specimen.objects.filter(
                    ordering_site=clinic.site, replaces__isnull=False, state__in=["planned", "labelled"]
                )
                orders = list(again.values_list("order_id", flat=True).distinct()[:5])
            for order_id in orders:
                self._draw_tubes(clinic, order_id)

        return redraw

    def _closing(self, clinic: Clinic) -> Callable[[], None]:
        def close() -> None:
            self.schedule.after(self.draw.uniform(0.8, 1.4) * SECONDS_BETWEEN_BOXES, close)
            with acting(clinic.nurse):
                box = clinic.close(at=timezone.now())
            if box is not None:
                self.boxes += 1
                is_left = self.boxes % EVERY_NTH_BOX == 1
                self.schedule.after(
                    LEFT_SECONDS if is_left else self.draw.uniform(1, 3), lambda: self._send(clinic, box)
                )

        return close

    def _send(self, clinic: Clinic, box: Box) -> None:
        with acting(self.door.courier):
            if Box.objects.filter(pk=box.pk, state=Box.State.CLOSED).exists():
                self.door.pick_up(box, at=timezone.now())
        is_left = self.boxes % EVERY_NTH_BOX == 2  # noqa: PLR2004 - another box than the one left to the courier
        road = LEFT_SECONDS if is_left else self._road(clinic)
        self.schedule.after(road, lambda: self._arrive(clinic, box))

    def _road(self, clinic: Clinic) -> float:
        return clinic.site.travel_minutes * ROAD_SECONDS_PER_MINUTE * self.draw.uniform(0.9, 1.2)

    def _arrive(self, clinic: Clinic, box: Box) -> None:
        with acting(self.door.receptionist):
            current = Box.objects.get(pk=box.pk)
            if current.state != Box.State.IN_TRANSIT:
                return  # a visitor received it
            numbers = self.door.take_in(current, clinic.left_out, at=timezone.now())
        self.schedule.after(self.draw.uniform(1, 3), lambda: self._accept(numbers))

    def _accept(self, numbers: list[str]) -> None:
        with acting(self.door.receptionist):
            self.door.accept(numbers, at=timezone.now())

    def _load_racks(self) -> None:
        """Whoever accepted a tube, the line takes it; and takes it again when somebody asked for a repeat."""
        self.schedule.after(SECONDS_BETWEEN_RACKS, self._load_racks)
        now = self.schedule.clock()
        with acting(self.door.receptionist):
            wanted = SpecimenTest.objects.filter(
                state=SpecimenTest.State.ACCEPTED, test__code__in=self.measurable
            )
            numbers = set(wanted.order_by("-id").values_list("specimen__number", flat=True)[:400])
            fresh = [
                one for one in numbers if now - self.racked.get(one, -SECONDS_TO_REPEAT) >= SECONDS_TO_REPEAT
            ]
            self.rack(fresh)
        self.racked = {one: self.racked.get(one, now) for one in numbers} | dict.fromkeys(fresh, now)

    def _help_out(self) -> None:
        self.schedule.after(10.0, self._help_out)
        with acting(self.doctor.doctor):
            self.doctor.help_out(at=timezone.now())
        with acting(self.technologist.technologist):
            again = self.technologist.help_out(at=timezone.now())
        for analyzer in again:
            self.control(analyzer)


def live(url: str, seed: int, rack: Callable[[Iterable[str]], None], control: Callable[[str], None]) -> Life:
    """The life of the installed region.

    `rack` takes the numbers of tubes that are ready to be measured, `control` the code of an analyzer whose
    controls are.
    """
    reader = system_actor("demonstration")
    draw = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    with acting(reader):
        sites = list(Site.objects.order_by("id"))
        users = {user.username: actor_for(user) for user in User.objects.all()}
        nurses = _nurses()
        measurable = frozenset(TestMapping.objects.values_list("test__code", flat=True))
        catalogue = {code: (loinc, name) for code, loinc, name in _coded(measurable)}
    hub = next(site for site in sites if site.kind == Site.Kind.HUB)
    points = [s for s in sites if s.kind == Site.Kind.COLLECTION_POINT and s.laboratory_id == hub.pk]
    return Life(
        clinics=[_clinic(site, nurses.get(site.pk), draw) for site in points],
        door=Door(hub, users["courier"], users["reception"], draw),
        doctor=DutyDoctor(users["doctor"]),
        technologist=DutyTechnologist(users["technologist"]),
        systems=_systems(url, points, catalogue, draw),
        patients=people(POOL, seed=seed, today=timezone.now().date()),
        measurable=measurable,
        draw=draw,
        rack=rack,
        control=control,
    )


def _clinic(site: Site, nurse: Actor | None, draw: random.Random) -> Clinic:
    own = random.Random(draw.random())  # noqa: S311 - a demonstration, not a secret
    return Clinic(site, nurse or _stand_in(site), own, is_visited=nurse is not None)


def _nurses() -> dict[int, Actor]:
    held = Assignment.objects.filter(role="nurse", until=None).select_related("person")
    return {one.site_id: actor_for(one.person) for one in held}


def _stand_in(site: Site) -> Actor:
    """At a point without a prepared nurse the demonstration itself acts, and the audit says so."""
    return system_actor(f"demonstration:{site.code}", frozenset({site.pk}))


def _coded(codes: frozenset[str]) -> Iterable[tuple[str, str, str]]:
    return Test.objects.filter(code__in=codes).exclude(loinc="").values_list("code", "loinc", "name_ru")


def _systems(
    url: str, points: list[Site], catalogue: dict[str, tuple[str, str]], draw: random.Random
) -> dict[str, ClinicSystem]:
    held = {one.site_id: one for one in _integrations()}
    return {
        site.code: ClinicSystem(url, held[site.pk].person.username, catalogue, draw)
        for site in points
        if site.pk in held
    }


def _integrations() -> list[Assignment]:
    with acting(system_actor("demonstration")):
        return list(Assignment.objects.filter(role="integration", until=None).select_related("person"))


def stop_on_signals(life: Life) -> None:
    """End cleanly when the supervisor asks."""

    def stop(*_: object) -> None:
        life.is_stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
