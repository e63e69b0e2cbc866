"""A day of the hub, counted: what its indicators, their cases and its times come to."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from aliquot.config.reactions import REACTIONS
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import claim_events
from aliquot.oversight.insight.actions import count_day
from aliquot.oversight.insight.jobs import count_indicators, note_indicators
from aliquot.oversight.insight.models import (
    IndicatorCase,
    IndicatorDay,
    IndicatorMonth,
    LegDay,
    LegMonth,
)
from tests.factories import NOW
from tests.regions import Region

DAY = date(2026, 11, 22)
MONTH, NEXT = date(2026, 11, 1), date(2026, 12, 1)


def count(
    region: Region, *, day: date = DAY, at: datetime = NOW + timedelta(hours=3)
) -> dict[str, tuple[int, int]]:
    """Numerator and denominator of each indicator of a day, all sites together."""
    with acting(region.worker):
        count_day(region.hub, day, by=region.worker, at=at)
        found: dict[str, tuple[int, int]] = {}
        for one in IndicatorDay.objects.filter(laboratory=region.hub, day=day):
            numerator, denominator = found.get(one.code, (0, 0))
            found[one.code] = (numerator + one.numerator, denominator + one.denominator)
    return found


def work(region: Region, at: datetime) -> int:
    """How many days a round of the worker counted."""
    with acting(region.worker):
        note_indicators(at)
        return count_indicators(100, at)


def react(region: Region) -> None:
    """The worker works off what happened."""
    with acting(region.worker):
        for kind, job in REACTIONS.items():
            if found := claim_events(kind, limit=1000):
                job(found, timezone.now())


def facts(region: Region) -> list[list[tuple[object, ...]]]:
    """Every fact that is kept, without its id."""
    with acting(region.worker):
        return [
            sorted(
                (
                    tuple(
                        getattr(row, field.attname)
                        for field in kind._meta.concrete_fields
                        if field.name != "id"
                    )
                    for row in kind.objects.all()
                ),
                key=str,
            )
            for kind in (IndicatorDay, IndicatorCase, LegDay, IndicatorMonth, LegMonth)
        ]
