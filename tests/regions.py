"""The demonstration region as tests see it: its sites and an actor for each prepared person."""

from dataclasses import dataclass
from datetime import datetime

from aliquot.foundation.actors import Actor, SystemActor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for, laboratory_sites

LOADER = system_actor("loader")


@dataclass(frozen=True, slots=True)
class Region:
    """Sites by code, an actor by username, and the program's own actor that works for all laboratories."""

    sites: dict[str, Site]
    people: dict[str, Actor]
    worker: SystemActor
    hub: Site
    clinic: Site
    other_clinic: Site


def load_registers(*, at: datetime) -> None:
    """Load the catalogue and the demonstration region through the same actions that a new region uses."""
    from aliquot.registers.catalogue.actions import load_catalogue
    from aliquot.registers.people.actions import load_region

    with acting(LOADER, reason="set up"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)


def read_region() -> Region:
    """The loaded region."""
    with acting(LOADER):
        sites = {site.code: site for site in Site.objects.all()}
        people = {person.username: actor_for(person) for person in Person.objects.all()}
        worker = system_actor("worker", laboratory_sites())
    points = [s for s in sites.values() if s.kind == Site.Kind.COLLECTION_POINT]
    hub = next(s for s in sites.values() if s.kind == Site.Kind.HUB)
    return Region(sites, people, worker, hub, points[0], points[1])
