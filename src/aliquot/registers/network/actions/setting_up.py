"""Bring the network to what it is, and take numbers from a site's ranges."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import (
    Bench,
    Contact,
    Contract,
    DataOwner,
    Department,
    NumberRange,
    Operation,
    Organisation,
    Site,
)

SQL = Path(__file__).parent.parent / "sql"

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What may be changed of a site while it works; `travel_minutes` is the road to its laboratory."""

    name_en: str
    name_ru: str
    address_en: str
    address_ru: str
    travel_minutes: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Who is reached at a site in one function; `days` are digits, Monday 1; without hours: all day."""

    site_id: int
    function: str
    name_en: str
    name_ru: str
    phone: str
    ward: str = ""
    days: str = "1234567"
    on_from: time | None = None
    on_until: time | None = None
    is_active: bool = True


def change_site(site: Site, facts: SiteFacts, *, by: Actor, at: datetime) -> Site:  # noqa: ARG001 - every action says when
    """The site with these facts. A laboratory that others send to stays active."""
    by.require("manage_registers")
    if not facts.is_active and Site.objects.filter(laboratory=site, is_active=True).exists():
        sentence = _("Other sites send their tubes here. Give them another laboratory first.")
        raise Refused(sentence, fields={"is_active": sentence})
    Site.objects.filter(pk=site.pk).update(**asdict(facts))
    site.refresh_from_db()
    return site


def keep_contact(facts: ContactFacts, *, contact: Contact | None = None, by: Actor, at: datetime) -> Contact:  # noqa: ARG001 - every action says when
    """The contact with these facts: a new one of its site, or the given one changed.

    Refused without a telephone, and for hours of which only one is given.
    """
    by.require("manage_registers")
    if not facts.phone.strip():
        sentence = _("Write the telephone number.")
        raise Refused(sentence, fields={"phone": sentence})
    if (facts.on_from is None) != (facts.on_until is None):
        sentence = _("Give both hours of duty, or none for the whole day.")
        raise Refused(sentence, fields={"on_until": sentence})
    if contact is None:
        return Contact.objects.create(**asdict(facts))
    Contact.objects.filter(pk=contact.pk).update(**asdict(facts))
    contact.refresh_from_db()
    return contact


def add_organisation(
    *,
    code: str,
    name_en: str,
    name_ru: str,
    oid: str = "",
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Organisation:
    """A legal body that is new to the region: an operator, a supplier; its code is its own."""
    by.require("plan_operator_change")
    if Organisation.objects.filter(code=code).exists():
        sentence = _("The code %(code)s is taken here. Choose another.") % {"code": code}
        raise Refused(sentence, fields={"code": sentence})
    return Organisation.objects.create(code=code, name_en=name_en, name_ru=name_ru, oid=oid)


def add_department(
    site: Site,
    *,
    code: str,
    name_en: str,
    name_ru: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> Department:
    """A new department of a laboratory; its code is its own within the site."""
    by.require("manage_registers")
    if Department.objects.filter(site=site, code=code).exists():
        sentence = _("The code %(code)s is taken here. Choose another.") % {"code": code}
        raise Refused(sentence, fields={"code": sentence})
    return Department.objects.create(site=site, code=code, name_en=name_en, name_ru=name_ru)


def next_numbers(site: Site, kind: str, count: int) -> list[int]:
    """The next `count` numbers of this site's range, in order; refused when the range has not so many left.

    Two callers never get the same one: the range stays locked until the caller's transaction ends.
    """
    if count == 0:
        return []
    last = sql_files.fetch_value(SQL, "next_numbers", site=site.pk, kind=kind, count=count)
    if last is None:
        raise Refused(
            _(
                "The range of %(kind)s numbers of %(site)s is missing or used up."
                " Ask the administrator to extend it."
            )
            % {"kind": kind, "site": site}
        )
    return list(range(last - count + 1, last + 1))


def load_network(plan: Table, *, by: Actor, at: datetime) -> None:
    """Bring organisations, sites, departments, benches and number ranges to `plan`. Idempotent.

    `plan` lists organisations, sites, departments, benches and number_ranges; a row names others by code. It
    may name the data_owner, contracts and operations: they are only added where nothing is recorded yet.
    Numbers already given out are never given again: a range keeps how far it came.
    """
    by.require("manage_registers")
    organisations = {one["code"]: _organisation(one) for one in plan.get("organisations", ())}
    sites: dict[str, Site] = {}
    for one in _laboratories_first(plan.get("sites", ())):
        sites[one["code"]] = _site(one, organisations, sites)
    for one in plan.get("number_ranges", ()):
        _number_range(one, sites[one["site"]])
    _operating(plan, organisations, sites, at)
    departments = {
        (one["site"], one["code"]): _department(one, sites[one["site"]])
        for one in plan.get("departments", ())
    }
    for one in plan.get("benches", ()):
        _bench(one, departments[one["site"], one["department"]])


def _laboratories_first(sites: Iterable[Table]) -> list[Table]:
    # a site names the laboratory of its tubes, so those without one come first
    order = {Site.Kind.HUB.value: 0, Site.Kind.RAPID_LABORATORY.value: 1}
    return sorted(sites, key=lambda one: order.get(one["kind"], 2))


def _organisation(one: Table) -> Organisation:
    return Organisation.objects.update_or_create(code=one["code"], defaults=_without(one, "code"))[0]


def _site(one: Table, organisations: Mapping[str, Organisation], sites: Mapping[str, Site]) -> Site:
    facts = _without(one, "code", "organisation", "laboratory")
    if "time_zone" in facts and facts["time_zone"] not in available_timezones():
        sentence = _("%(zone)s is no time zone. Write it as Europe/Moscow.") % {"zone": facts["time_zone"]}
        raise Refused(sentence, fields={"time_zone": sentence})
    laboratory = sites[one["laboratory"]] if one.get("laboratory") else None
    defaults = {**facts, "organisation": organisations[one["organisation"]], "laboratory": laboratory}
    return Site.objects.update_or_create(code=one["code"], defaults=defaults)[0]


def _operating(
    plan: Table, organisations: Mapping[str, Organisation], sites: Mapping[str, Site], at: datetime
) -> None:
    """Who owns and operates, where the region does not know yet: what people decided later is theirs."""
    if (owner := plan.get("data_owner")) and not DataOwner.objects.exists():
        DataOwner.objects.create(
            organisation=organisations[owner["organisation"]],
            since=owner["since"],
            basis=owner.get("basis", ""),
        )
    contracts = {one["number"]: _contract(one, organisations, at) for one in plan.get("contracts", ())}
    for one in plan.get("operations", ()):
        site, contract = sites[one["site"]], contracts[one["contract"]]
        if not Operation.objects.filter(site=site).exists():
            Operation.objects.create(
                site=site, contract=contract, operator=contract.contractor, since=one["since"]
            )


def _contract(one: Table, organisations: Mapping[str, Organisation], at: datetime) -> Contract:
    facts = _without(one, "number", "customer", "contractor")
    defaults = {**facts, "contractor": organisations[one["contractor"]], "kept_at": at, "kept_by": "setup"}
    customer = organisations[one["customer"]]
    return Contract.objects.get_or_create(number=one["number"], customer=customer, defaults=defaults)[0]


def _department(one: Table, site: Site) -> Department:
    defaults = _without(one, "code", "site")
    return Department.objects.update_or_create(site=site, code=one["code"], defaults=defaults)[0]


def _bench(one: Table, department: Department) -> Bench:
    defaults = _without(one, "code", "site", "department")
    return Bench.objects.update_or_create(department=department, code=one["code"], defaults=defaults)[0]


def _number_range(one: Table, site: Site) -> NumberRange:
    defaults = _without(one, "site", "kind", "last")
    return NumberRange.objects.update_or_create(site=site, kind=one["kind"], defaults=defaults)[0]


def _without(one: Table, *names: str) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name not in names}
