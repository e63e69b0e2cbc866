"""What the network holds."""

from aliquot.registers.network.models import NumberRange, Site

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
