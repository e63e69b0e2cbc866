"""What a page of indicators was asked for: which laboratory, which month, how urgent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from aliquot.entrypoints.web.shell.access import SignedRequest
from aliquot.registers.network.models import Site

MONTHS = 13
URGENCIES = ("", "R", "S")
LONGEST_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Asked:
    """`month` is the first day of the chosen one; `since` that of the first of thirteen that end with it."""

    laboratory: Site
    laboratories: tuple[Site, ...]
    month: date
    newest: date
    urgency: str
    site_id: int | None

    @property
    def since(self) -> date:
        """The first day of the year before, with this month."""
        return shifted(self.month, 1 - MONTHS)

    @property
    def until(self) -> date:
        """The first day that is not looked at."""
        return shifted(self.month, 1)

    @property
    def months(self) -> list[date]:
        """The thirteen months, the oldest first."""
        return [shifted(self.month, count) for count in range(1 - MONTHS, 1)]

    @property
    def earlier(self) -> date:
        """The month before."""
        return shifted(self.month, -1)

    @property
    def later(self) -> date | None:
        """The month after, if it has begun."""
        found = shifted(self.month, 1)
        return found if found <= self.newest else None

    def query(self, **changes: object) -> str:
        """The words of an address that asks for the same, or for what `changes` say."""
        asked = {
            "lab": self.laboratory.code,
            "month": f"{self.month:%Y-%m}",
            "urgency": self.urgency,
            "site": self.site_id or "",
        }
        return urlencode({name: value for name, value in (asked | changes).items() if value})


def asked_for(request: SignedRequest) -> Asked:
    """What the address says; what it does not say, or wrongly: here, this month, whatever the urgency."""
    laboratories = tuple(_laboratories(request))
    named = [one for one in laboratories if one.code == request.GET.get("lab")]
    laboratory = (named or [one for one in laboratories if one.pk == request.place.pk] or [*laboratories])[0]
    newest = laboratory.day_of(timezone.now()).replace(day=1)
    site = request.GET.get("site", "")
    urgency = request.GET.get("urgency", "")
    return Asked(
        laboratory=laboratory,
        laboratories=laboratories,
        month=_month(request.GET.get("month", ""), newest),
        newest=newest,
        urgency=urgency if urgency in URGENCIES else "",
        site_id=int(site) if site.isascii() and site.isdigit() and len(site) < len(str(2**63)) else None,
    )


def shifted(month: date, count: int) -> date:
    """The first day of the month so many later, or earlier when negative."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def _laboratories(request: SignedRequest) -> Iterator[Site]:
    yield from (
        one
        for one in Site.objects.filter(pk__in={*request.actor.sites, request.place.pk}).order_by(
            "-kind", "code"
        )
        if one.is_laboratory or one.pk == request.place.pk
    )


def _month(text: str, newest: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return newest
    return min(found, newest) if found.year > _FIRST_YEAR else newest


_FIRST_YEAR = 2000
