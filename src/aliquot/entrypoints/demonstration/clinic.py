"""A day at a collection point: patients come, orders are placed, tubes drawn, boxes packed."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aliquot.entrypoints.demonstration.population import Person
from aliquot.flow.logistics.actions import close_box, open_box, pack_specimen
from aliquot.flow.logistics.models import Box
from aliquot.flow.orders.actions import OrderRequest
from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import collect_specimens, order_tests, print_labels, spin_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.registers.network.models import Site
from aliquot.registers.patients.actions import PatientFacts, register_patient
from aliquot.registers.patients.models import Patient

SHARE_STAT = 0.08
SHARE_LATE = 0.05  # drawn so long ago that some tests are no longer stable
SHARE_FORGOTTEN = 0.02  # packed by name, never put in
PHYSICIANS = ("Колосова Р. П.", "Ветрова А. И.", "Зимин О. Л.", "Ольхов Д. Д.")
WARDS = ("", "", "", "терапия", "хирургия")


@dataclass(slots=True)
class Clinic:
    """One collection point, its people, the box being filled; a visitor may act as its prepared nurse."""

    site: Site
    nurse: Actor
    draw: random.Random
    is_visited: bool = False
    box: Box | None = None
    left_out: set[str] = field(default_factory=set)

    def place_order(self, person: Person, codes: list[str], *, at: datetime) -> Order:
        """Order tests for a person who came; a known patient is found, a new one registered."""
        patient = self._patient(person, at)
        request = OrderRequest(
            patient_id=patient.pk,
            codes=codes,
            requester=self.draw.choice(PHYSICIANS),
            urgency="S" if self.draw.random() < SHARE_STAT else "R",
            ward=self.draw.choice(WARDS),
        )
        return order_tests(request, site=self.site, by=self.nurse, at=at)

    def draw_tubes(self, order: Order, *, at: datetime) -> list[str]:
        """Print the labels, draw the tubes, spin those that must be; entered a while after the draw."""
        tubes = list(Specimen.objects.filter(order=order, state__in=["planned", "labelled"]))
        if not tubes:
            return []
        print_labels(tubes, by=self.nurse, at=at)
        ago = self.draw.uniform(30, 40) * 60 if self.draw.random() < SHARE_LATE else self.draw.uniform(0.5, 2)
        collected_at = max(at - timedelta(minutes=ago), at - timedelta(days=3))
        numbers = [tube.number for tube in tubes]
        collect_specimens(numbers, collected_at=collected_at, identity_confirmed=True, by=self.nurse, at=at)
        if spun := [tube.number for tube in tubes if tube.is_centrifuged]:
            spin_specimens(spun, by=self.nurse, at=at)
        return numbers

    def pack(self, numbers: list[str], *, at: datetime) -> None:
        """Put tubes into the open box; now and then one stays on the table."""
        if self.box is None:
            self.box = open_box(origin=self.site, lane=Box.Lane.ROOM, by=self.nurse, at=at)
        for number in numbers:
            pack_specimen(self.box, number, by=self.nurse, at=at)
            if self.draw.random() < SHARE_FORGOTTEN:
                self.left_out.add(number)

    def close(self, *, at: datetime) -> Box | None:
        """Close the box for the courier, when anything is in it."""
        box, self.box = self.box, None
        if box is not None:
            close_box(box, by=self.nurse, at=at)
        return box

    def _patient(self, person: Person, at: datetime) -> Patient:
        known = Patient.objects.filter(snils=person.snils, merged_into=None).first()
        return known or register_patient(facts_of(person), site=self.site, by=self.nurse, at=at)


def facts_of(person: Person) -> PatientFacts:
    """What the nurse writes down."""
    return PatientFacts(
        family_name=person.family_name,
        given_name=person.given_name,
        patronymic=person.patronymic,
        birth_date=person.birth_date,
        sex=person.sex,
        snils=person.snils,
        policy_number=person.policy_number,
    )
