"""The prepared people of the demonstration, by workplace. Empty on a node that is not one."""

import os
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.people.models import Role
from aliquot.registers.people.queries import assignments_at

SHOWN = (
    Role.NURSE,
    Role.PHYSICIAN,
    Role.COURIER,
    Role.RECEPTIONIST,
    Role.TECHNOLOGIST,
    Role.LABORATORY_DOCTOR,
    Role.HUB_DIRECTOR,
    Role.ADMINISTRATOR,
    Role.OWNER_OFFICER,
)
GREETER = system_actor("sign-in")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One prepared person."""

    username: str
    name: str
    role: str
    role_code: str
    place: str


def is_demonstration() -> bool:
    """Whether this node is the demonstration, which `aliquot demo` says in the environment."""
    return os.environ.get("ALIQUOT_DEMO") == "1" and bool(settings.DATABASES)


def prepared_people() -> list[Prepared]:
    """One person for each role, in the order of a tube's way."""
    if not is_demonstration():
        return []
    with acting(GREETER):
        held = list(assignments_at(timezone.now()).select_related("person", "site").order_by("id"))
    first = {a.role: a for a in reversed(held)}
    return [
        Prepared(a.person.username, a.person.name, str(Role(a.role).label), a.role, a.site.name)
        for a in (first[role] for role in SHOWN if role in first)
    ]
