"""How people are called, for whoever reads what they did; which of their roles are in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import BooleanField, DateTimeField, F, Func, QuerySet, Value

from aliquot.foundation import sql_files
from aliquot.foundation.naming import is_russian
from aliquot.registers.network.models import Operation, Organisation, Site
from aliquot.registers.network.queries import in_force
from aliquot.registers.people.models import Assignment, Person
from aliquot.registers.people.rules.processes import words_of_process

SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called in the two languages."""

    name_en: str
    name_ru: str

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_ru if is_russian() else self.name_en


NOBODY = Name("", "")


@dataclass(frozen=True, slots=True)
class _Named:
    key: str
    name_en: str
    name_ru: str


def assignments_at(at: datetime) -> QuerySet[Assignment]:
    """Roles that carry rights at that moment: dated so, and of a person whose employer operates the site.

    Who is employed by the owner of the data keeps a role whoever operates. The database decides by the dates
    alone (`works_for_operator`), so nobody has to run anything when an operator changes.
    """
    return Assignment.objects.filter(in_force(at)).filter(_works(at))


def _works(at: datetime) -> Func:
    moment = Value(at, output_field=DateTimeField())
    return Func(
        F("person_id"), F("site_id"), moment, function="works_for_operator", output_field=BooleanField()
    )


@dataclass(frozen=True, slots=True)
class Dormant:
    """A place where a person's roles carry no rights, who operates it, since when; None: always did."""

    site: Site
    operator: Organisation
    since: datetime | None


def dormant_places(person_id: int, at: datetime) -> list[Dormant]:
    """Where this person holds roles that carry no rights, because somebody else operates the place."""
    held = Assignment.objects.filter(in_force(at), person_id=person_id).exclude(_works(at))
    sites = {one.site_id: one.site for one in held.select_related("site__organisation").order_by("id")}
    found = Operation.objects.filter(in_force(at), site_id__in=sites).select_related("operator")
    operated = {one.site_id: one for one in found}
    return [
        Dormant(site, operated[key].operator, operated[key].since)
        if key in operated
        else Dormant(site, site.organisation, None)
        for key, site in sites.items()
    ]


def employers_at(person: Person, at: datetime) -> list[Organisation]:
    """Who employs a person at that moment."""
    found = person.employments.filter(in_force(at)).select_related("organisation").order_by("id")
    return [one.organisation for one in found]


def names_of(keys: Iterable[str]) -> dict[str, Name]:
    """The name behind each key (`person:12:doctor`, `system:worker`), in one statement for them all.

    A key that nobody has now is called by its last part, so that every key asked for is in the answer.
    """
    asked = dict.fromkeys(keys)
    people = [key for key in asked if key.startswith("person:")]
    found = sql_files.fetch(_Named, SQL, "names_of", keys=people) if people else []
    named = {one.key: Name(one.name_en, one.name_ru) for one in found}
    return {key: named.get(key) or _otherwise(key) for key in asked}


def name_of(key: str) -> str:
    """The name behind one key, in the reader's language; for a single sentence, not for a list."""
    return names_of([key])[key].name


def _otherwise(key: str) -> Name:
    words = words_of_process(key)
    if words:
        return Name(*words)
    last = key.rpartition(":")[2]
    return Name(last, last) if last else NOBODY
