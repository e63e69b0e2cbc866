"""Signing in: a person by name and password; then an actor with the rights of today's assignments."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from aliquot.foundation.actors import Actor, system_actor
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


def actor_for(person: Person, *, site_id: int | None = None) -> Actor:
    """The actor that a person is now: the sites and permissions of the assignments in force.

    A courier carries boxes and sees no clinical row, so a courier's sites stay out of row security.
    """
    now = timezone.now()
    held = [
        a
        for a in Assignment.objects.filter(person=person, since__lte=now).select_related("site")
        if a.until is None or a.until > now
    ]
    roles = frozenset(a.role for a in held)
    sites = frozenset(a.site_id for a in held if a.role != "courier")
    places = [a.site_id for a in held]
    return Actor(
        key=f"person:{person.pk}:{person.username}",
        name=person.name,
        sites=sites,
        permissions=permissions_of(roles),
        roles=roles,
        person_id=person.pk,
        site_id=site_id if site_id in places else (places[0] if places else None),
        language=person.language,
    )


def laboratory_sites() -> frozenset[int]:
    """Ids of all laboratories of the region: what a process of the program works for."""
    kinds = [Site.Kind.HUB, Site.Kind.RAPID_LABORATORY]
    return frozenset(Site.objects.filter(kind__in=kinds).values_list("pk", flat=True))
