"""Set up people and what they are where; load a whole region from its file."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password

from aliquot.foundation.actors import Actor
from aliquot.registers.network.actions import load_network
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Assignment, Person

DEMO_REGION = Path(__file__).parent.parent / "network" / "data" / "demo_region.toml"
DEMO_PASSWORD = "aliquot-demo"  # noqa: S105 - of invented people in a demonstration region, printed on its front page


def load_region(*, by: Actor, at: datetime, path: Path | None = None) -> None:
    """Bring the network and its people to the region's file; the demonstration region when no path is given.

    Idempotent. People of the demonstration region get the demonstration password; those of any other file
    cannot sign in until an administrator gives them one.
    """
    by.require("manage_registers")
    by.require("manage_people")
    plan = tomllib.loads((path or DEMO_REGION).read_text(encoding="utf-8"))
    load_network(plan, by=by, at=at)
    sites = {site.code: site for site in Site.objects.all()}
    password = make_password(DEMO_PASSWORD if path is None else None)
    for one in plan.get("people", ()):
        person = _person(one, password)
        for held in one.get("assignments", ()):
            _assign(person, sites[held["site"]], held["role"], at)


def _person(one: Mapping[str, Any], password: str) -> Person:
    facts = {name: one[name] for name in ("name_en", "name_ru", "language") if name in one}
    person, is_new = Person.objects.get_or_create(
        username=one["username"], defaults={**facts, "password": password}
    )
    if not is_new:
        Person.objects.filter(pk=person.pk).update(**facts)
    return person


def _assign(person: Person, site: Site, role: str, at: datetime) -> None:
    held = Assignment.objects.filter(person=person, site=site, role=role, until=None)
    if not held.exists():
        Assignment.objects.create(person=person, site=site, role=role, since=at)
