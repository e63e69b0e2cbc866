"""What the network holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from aliquot.registers.network.models import (
    Contact,
    Contract,
    DataOwner,
    NumberRange,
    Operation,
    Organisation,
    Site,
)
from aliquot.registers.network.rules.duty import is_on_duty

REGION_DIGITS = 2


def range_prefix(site: Site, kind: str) -> str:
    """The prefix of this site's numbers of a kind, or "" when it has no such range."""
    return NumberRange.objects.filter(site=site, kind=kind).values_list("prefix", flat=True).first() or ""


def region_prefixes() -> frozenset[str]:
    """The first two digits of the region's own specimen numbers."""
    found = NumberRange.objects.filter(kind=NumberRange.Kind.SPECIMEN).values_list("prefix", flat=True)
    return frozenset(prefix[:REGION_DIGITS] for prefix in found)


def laboratory_of(site: Site) -> Site:
    """Where this site's tubes go: its laboratory, or itself when it is one without another."""
    return site.laboratory or site


def contacts_of(site_ids: Iterable[int]) -> list[Contact]:
    """Everybody who can be reached at these sites, on duty or not."""
    found = Contact.objects.filter(site_id__in=set(site_ids), is_active=True)
    return list(found.select_related("site").order_by("site_id", "function", "id"))


def is_contact_on_duty(contact: Contact, at: datetime) -> bool:
    """Whether somebody answers this telephone at that moment."""
    local = at.astimezone(ZoneInfo(contact.site.time_zone))
    return is_on_duty(contact.days, contact.on_from, contact.on_until, local)


def in_force(at: datetime) -> Q:
    """Dated rows that hold at that moment: the first moment is inside, the end is not."""
    return Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))


def operator_of(site: Site, at: datetime) -> Organisation:
    """Who operates a site at that moment: the operator under contract, else whom the site belongs to."""
    found = Operation.objects.filter(in_force(at), site=site).select_related("operator").first()
    return found.operator if found else site.organisation


def data_owner_at(at: datetime) -> DataOwner | None:
    """Whose the region's data are at that moment, or None while nobody is named."""
    return DataOwner.objects.filter(in_force(at)).select_related("organisation").first()


def contracts() -> QuerySet[Contract]:
    """Every contract without its document, those that began last first."""
    return (
        Contract.objects.defer("document").select_related("customer", "contractor").order_by("-since", "-id")
    )


@dataclass(frozen=True, slots=True)
class Spell:
    """An organisation that operates a site for a while; `contract` is None where the site is its own."""

    operator: Organisation
    contract: Contract | None
    since: datetime | None
    until: datetime | None


def spells_of(sites: Iterable[Site]) -> dict[int, list[Spell]]:
    """Who operated each of these sites when, without a gap: from before all records to after them."""
    wanted = {one.pk: one for one in sites}
    found = (
        Operation.objects.filter(site_id__in=wanted)
        .select_related("operator", "contract")
        .defer("contract__document")
    )
    by_site: dict[int, list[Operation]] = {key: [] for key in wanted}
    for one in found.order_by("since"):
        by_site[one.site_id].append(one)
    return {key: _spells(wanted[key].organisation, known) for key, known in by_site.items()}


def spell_at(known: Iterable[Spell], at: datetime) -> Spell:
    """Whose the site is at that moment, of the spells of one site."""
    return next(
        one
        for one in known
        if (one.since is None or one.since <= at) and (one.until is None or at < one.until)
    )


def _spells(own: Organisation, known: Iterable[Operation]) -> list[Spell]:
    spells, reached = [], None
    for one in known:
        if reached != one.since:
            spells.append(Spell(own, None, reached, one.since))
        spells.append(Spell(one.operator, one.contract, one.since, one.until))
        reached = one.until
    if not spells or reached is not None:
        spells.append(Spell(own, None, reached, None))
    return spells
