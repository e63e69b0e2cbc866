"""Figures of the hub about its first clinic, a row in each of their tables."""

from datetime import date
from typing import Any

from aliquot.flow.specimens.models import Specimen
from aliquot.oversight.insight.models import (
    IndicatorCase,
    IndicatorDay,
    IndicatorDue,
    IndicatorMonth,
    IndicatorProgress,
    LegDay,
    LegMonth,
)
from tests.factories import NOW

DAY = date(2026, 11, 22)


def figures(tube: Specimen) -> None:
    """One day: a clotted tube, a time, and another day that waits to be counted."""
    parties: dict[str, Any] = {"laboratory": tube.laboratory, "ordering_site": tube.ordering_site}
    own, month = {**parties, "day": DAY}, {**parties, "month": DAY.replace(day=1)}
    IndicatorDay.objects.create(code="Pre-Clot", numerator=1, denominator=1, **own)
    IndicatorCase.objects.create(code="Pre-Clot", specimen=tube, order=tube.order, at=NOW, **own)
    LegDay.objects.create(leg="accept", urgency="R", bucket=4, tubes=1, **own)
    IndicatorMonth.objects.create(code="Pre-Clot", numerator=1, denominator=1, **month)
    LegMonth.objects.create(leg="accept", urgency="R", bucket=4, tubes=1, **month)
    IndicatorDue.objects.create(laboratory=tube.laboratory, day=DAY)
    IndicatorProgress.objects.create(laboratory=tube.laboratory, looked_at=NOW)


def figure_addresses() -> dict[tuple[str, str], object]:
    """What addresses of figures name: an indicator, a time, a test."""
    return {("indicators", "code"): "Pre-Clot", ("times", "leg"): "accept", ("comparability", "code"): "K"}
