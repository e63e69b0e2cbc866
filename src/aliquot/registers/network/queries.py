"""What the network holds."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from aliquot.registers.network.models import Contact, NumberRange, Site
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
