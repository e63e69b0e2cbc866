"""Signing in: a person by name and password; then an actor with the rights of today's assignments."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from aliquot.foundation.actors import Actor, SystemActor, system_actor
from aliquot.foundation.context import acting, current_actor
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Assignment, Person
from aliquot.registers.people.rules.permissions import permissions_of

DOORKEEPER = system_actor("sign-in")
_NOBODY_HASH = make_password(None)


class PersonBackend(BaseBackend):
    """Checks a password; a wrong name takes as long as a wrong password."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        username: str = "",
        password: str = "",
        **_: Any,
    ) -> Person | None:
        with acting(DOORKEEPER):
            person = Person.objects.filter(username=username, is_active=True).first()
        matches = check_password(password, person.password if person else _NOBODY_HASH)
        return person if person and matches else None

    def get_user(self, user_id: int) -> Person | None:
        with acting(current_actor() if current_actor().key else DOORKEEPER):
            return Person.objects.filter(pk=user_id, is_active=True).first()


def assignments_in_force(person: Person) -> list[Assignment]:
    """What the person is now, and where, the earliest first."""
    now = timezone.now()
    held = Assignment.objects.filter(person=person, since__lte=now).select_related("site").order_by("id")
    return [one for one in held if one.until is None or one.until > now]


def actor_for(person: Person, *, site_id: int | None = None, held: list[Assignment] | None = None) -> Actor:
    """The actor that a person is now at one place: the rights of the assignments in force there, no others.

    The place is `site_id` when the person works there, else the first. A courier carries boxes and sees no
    clinical row, so a courier's site stays out of row security.
    """
    in_force = assignments_in_force(person) if held is None else held
    places = [one.site_id for one in in_force]
    place = site_id if site_id in places else (places[0] if places else None)
    here = [one for one in in_force if one.site_id == place]
    roles = frozenset(one.role for one in here)
    return Actor(
        key=f"person:{person.pk}:{person.username}",
        name=person.name,
        sites=frozenset(one.site_id for one in here if one.role != "courier"),
        permissions=permissions_of(roles),
        roles=roles,
        person_id=person.pk,
        site_id=place,
        language=person.language,
    )


def laboratory_sites() -> frozenset[int]:
    """Ids of all laboratories of the region: what a process of the program works for."""
    kinds = [Site.Kind.HUB, Site.Kind.RAPID_LABORATORY]
    return frozenset(Site.objects.filter(kind__in=kinds).values_list("pk", flat=True))


def laboratories_actor(name: str) -> SystemActor:
    """The actor of a process that works for all laboratories of the region."""
    with acting(system_actor(name)):
        return system_actor(name, laboratory_sites())
