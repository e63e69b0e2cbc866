"""The demonstration region as tests see it: its sites and an actor for each prepared person."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aliquot.foundation.actors import Actor, SystemActor, system_actor
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for, laboratory_sites

LOADER = system_actor("loader")
IN_FORCE = datetime(2020, 1, 1, tzinfo=UTC)
"""Since when the rules of the tests hold."""


@dataclass(frozen=True, slots=True)
class Region:
    """Sites by code, an actor by username, and the program's own actor that works for all laboratories."""

    sites: dict[str, Site]
    people: dict[str, Actor]
    worker: SystemActor
    hub: Site
    clinic: Site
    other_clinic: Site


def one_with(region: Region, role: str, site: Site | None = None) -> Actor:
    """The first prepared person with this role, at this site when one is named."""
    return next(
        person
        for person in region.people.values()
        if role in person.roles and (site is None or site.pk in person.sites)
    )


def load_registers(*, at: datetime) -> None:
    """Load the catalogue and the demonstration region through the same actions that a new region uses."""
    from aliquot.registers.catalogue.actions import load_catalogue
    from aliquot.registers.people.actions import load_region

    with acting(LOADER, reason="set up"):
        load_catalogue(by=LOADER, at=at)
        load_region(by=LOADER, at=at)
    put_rules_in_force()


def put_rules_in_force(text: str = "") -> None:
    """The shipped rules, or these, by the steps that people take, long before any test."""
    from aliquot.flow.results.actions.validating import adopt_as_prepared

    adopt_as_prepared(at=IN_FORCE, text=text)


def read_region() -> Region:
    """The loaded region."""
    with acting(LOADER):
        sites = {site.code: site for site in Site.objects.select_related("laboratory").order_by("id")}
        people = {person.username: actor_for(person) for person in Person.objects.order_by("id")}
        worker = system_actor("worker", laboratory_sites())
    nursed = {site for person in people.values() if "nurse" in person.roles for site in person.sites}
    points = [s for s in sites.values() if s.kind == Site.Kind.COLLECTION_POINT and s.pk in nursed]
    hub = next(s for s in sites.values() if s.kind == Site.Kind.HUB)
    return Region(sites, people, worker, hub, points[0], points[1])
