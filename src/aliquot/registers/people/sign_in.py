"""Signing in: a person by name and password; then an actor with the rights of today's assignments."""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor, SystemActor, system_actor
from aliquot.foundation.context import acting, current_actor
from aliquot.foundation.errors import Forbidden
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Assignment, Person, Role
from aliquot.registers.people.queries import assignments_at
from aliquot.registers.people.rules.permissions import permissions_of

DOORKEEPER = system_actor("sign-in")
WITHOUT_ROWS: Final = frozenset({Role.COURIER.value, Role.OWNER_OFFICER.value})
"""Roles whose work names no patient."""
_NOBODY_HASH = make_password(None)


class PersonBackend(BaseBackend):
    """Checks a password; a wrong name takes as long as a wrong password."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        username: str = "",
        password: str = "",
        **_more: Any,
    ) -> Person | None:
        with acting(DOORKEEPER):
            person = Person.objects.filter(username=username, is_active=True).first()
        matches = check_password(password, person.password if person else _NOBODY_HASH)
        return person if person and matches else None

    def get_user(self, user_id: int) -> Person | None:
        with acting(current_actor() if current_actor().key else DOORKEEPER):
            return Person.objects.filter(pk=user_id, is_active=True).first()


def assignments_in_force(person: Person, *, at: datetime | None = None) -> list[Assignment]:
    """What the person is, and where, the earliest first: now, unless another moment is given.

    A role at a site that another organisation operates than the one that employs the person is none.
    """
    found = assignments_at(at or timezone.now()).filter(person=person)
    return list(found.select_related("site").order_by("id"))


def actor_for(
    person: Person,
    *,
    site_id: int | None = None,
    held: list[Assignment] | None = None,
    at: datetime | None = None,
) -> Actor:
    """The actor that a person is at one place: the rights of the assignments in force there, no others.

    The place is `site_id` when the person works there, else the first. Who needs no clinical row for the role
    (WITHOUT_ROWS) gets none: that site stays out of row security.
    """
    in_force = assignments_in_force(person, at=at) if held is None else held
    places = [one.site_id for one in in_force]
    place = site_id if site_id in places else (places[0] if places else None)
    here = [one for one in in_force if one.site_id == place]
    roles = frozenset(one.role for one in here)
    return Actor(
        key=f"person:{person.pk}:{person.username}",
        name=person.name,
        sites=frozenset(one.site_id for one in here if one.role not in WITHOUT_ROWS),
        permissions=permissions_of(roles),
        roles=roles,
        person_id=person.pk,
        site_id=place,
        language=person.language,
    )


def confirm_rights(by: Actor, *, at: datetime | None = None) -> None:
    """Raise Forbidden when a person lost rights since `by` was made: long work asks before it is kept."""
    if by.person_id is None:
        return
    person = Person.objects.get(pk=by.person_id)
    today = actor_for(person, site_id=by.site_id, at=at)
    if today.site_id != by.site_id or not by.permissions <= today.permissions:
        raise Forbidden(_("Your rights here ended while this was at work. Nothing was changed."))


def laboratory_sites() -> frozenset[int]:
    """Ids of all laboratories of the region: what a process of the program works for."""
    kinds = [Site.Kind.HUB, Site.Kind.RAPID_LABORATORY]
    return frozenset(Site.objects.filter(kind__in=kinds).values_list("pk", flat=True))


def laboratories_actor(name: str) -> SystemActor:
    """The actor of a process that works for all laboratories of the region."""
    with acting(system_actor(name)):
        return system_actor(name, laboratory_sites())
