"""Set up people, who employs them and what they are where; load a whole region from its file."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.actions import load_network
from aliquot.registers.network.models import Organisation, Site
from aliquot.registers.network.queries import operator_of
from aliquot.registers.network.rules.spans import overlap
from aliquot.registers.people.models import Assignment, Employment, Person, Role

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
        _employ_at_first(person, _employers(one, sites, at), since=at)


def add_person(
    *,
    username: str,
    name_en: str,
    name_ru: str,
    language: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Person:
    """A person who cannot sign in until a password is set and a role is given."""
    by.require("manage_people")
    if Person.objects.filter(username=username).exists():
        sentence = _("The name %(username)s is taken. Choose another.") % {"username": username}
        raise Refused(sentence, fields={"username": sentence})
    return Person.objects.create(
        username=username, name_en=name_en, name_ru=name_ru, language=language, password=make_password(None)
    )


def assign_role(
    person: Person,
    *,
    site: Site,
    role: str,
    since: datetime,
    until: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Assignment:
    """The role at the site from `since` on; refused when the person holds it already or the span is empty.

    Nobody gives a role to themselves: who manages people would else release results.
    """
    by.require("manage_people")
    if person.pk == by.person_id:
        raise Refused(_("You cannot give a role to yourself. Ask another administrator."))
    if role not in Role.values:
        raise Refused(_("Choose a role from the list."), fields={"role": _("Choose a role from the list.")})
    if until is not None and until <= since:
        sentence = _("The end lies before the beginning.")
        raise Refused(sentence, fields={"until": sentence})
    held = Assignment.objects.filter(person=person, site=site, role=role)
    if any(one.until is None or one.until > max(since, at) for one in held):
        raise Refused(_("%(name)s holds this role here already.") % {"name": person.name})
    _employ_at_first(person, [operator_of(site, since)], since=min(since, at))
    return Assignment.objects.create(person=person, site=site, role=role, since=since, until=until)


def employ_person(
    person: Person,
    organisation: Organisation,
    *,
    since: datetime,
    until: datetime | None = None,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Employment:
    """The organisation employs the person from `since` on: roles where it operates carry rights from then.

    Refused for oneself, for an empty span, and when it employs the person at some moment of it already.
    """
    by.require("manage_people")
    if person.pk == by.person_id:
        raise Refused(_("You cannot change your own employer. Ask another administrator."))
    if until is not None and until <= since:
        sentence = _("The end lies before the beginning.")
        raise Refused(sentence, fields={"until": sentence})
    if any(overlap(one, since, until) for one in person.employments.filter(organisation=organisation)):
        words = _("%(organisation)s employs %(name)s then already.")
        raise Refused(words % {"organisation": organisation, "name": person.name})
    return Employment.objects.create(person=person, organisation=organisation, since=since, until=until)


def end_employment(employment: Employment, *, until: datetime, by: Actor, at: datetime) -> None:
    """End an employment at `until`, now or later: what the person may by it ends at that moment.

    Refused for oneself, for a moment that is over or before it began, and when it ends earlier already.
    """
    by.require("manage_people")
    if employment.person_id == by.person_id:
        raise Refused(_("You cannot change your own employer. Ask another administrator."))
    if until < at or until <= employment.since:
        sentence = _("Choose a moment that is not over, after the beginning.")
        raise Refused(sentence, fields={"until": sentence})
    if employment.until is not None and employment.until <= until:
        raise Refused(_("This employment ends earlier already."))
    Employment.objects.filter(pk=employment.pk).update(until=until)


def end_assignment(assignment: Assignment, *, by: Actor, at: datetime) -> None:
    """End a role now. Nobody ends the role by which they do this: a region always keeps an administrator."""
    by.require("manage_people")
    if assignment.person_id == by.person_id:
        raise Refused(_("You cannot end a role of your own. Ask another administrator."))
    if not Assignment.objects.filter(pk=assignment.pk, until=None).update(until=at):
        raise Refused(_("This role has an end already."))


def set_password(person: Person, password: str, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says when
    """Give a person a password; a weak one is refused in words."""
    by.require("manage_people")
    try:
        validate_password(password, person)
    except ValidationError as fault:
        sentence = " ".join(fault.messages)
        raise Refused(sentence, fields={"password": sentence}) from fault
    Person.objects.filter(pk=person.pk).update(password=make_password(password))


def set_active(person: Person, *, is_active: bool, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says when
    """Let a person sign in, or no longer; what the person did stays. Nobody locks themselves out."""
    by.require("manage_people")
    if person.pk == by.person_id and not is_active:
        raise Refused(_("You cannot lock yourself out. Ask another administrator."))
    Person.objects.filter(pk=person.pk).update(is_active=is_active)


def _employers(one: Mapping[str, Any], sites: Mapping[str, Site], at: datetime) -> list[Organisation]:
    """Who employs a person of the file: who is named there, else who operates where the person works."""
    if "employer" in one:
        return [Organisation.objects.get(code=one["employer"])]
    return [operator_of(sites[held["site"]], at) for held in one.get("assignments", ())]


def _employ_at_first(person: Person, organisations: Iterable[Organisation], *, since: datetime) -> None:
    """Record who employs somebody of whom nothing is recorded; what people said later is never touched."""
    if person.employments.exists():
        return
    for key in dict.fromkeys(one.pk for one in organisations):
        Employment.objects.create(person=person, organisation_id=key, since=since)


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
