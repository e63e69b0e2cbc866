"""Facts of a month as the pages of comparability show them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.results.models import Result
from aliquot.oversight.comparability.models import PatientMedian
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_decided
from tests.regions import Region
from tests.tubes import make_analyzer

MONTH = date(2026, 11, 1)
FIRST, SECOND, THIRD = "AU-1", "AU-2", "AU-3"


def analyzers(region: Region) -> dict[str, Analyzer]:
    """Three of a kind at the hub."""
    codes = enumerate((FIRST, SECOND, THIRD), 41_000)
    return {code: make_analyzer(region.hub, "roche_cobas_c311", code, port) for port, code in codes}


def measured(region: Region, analyzer: Analyzer, value: str, *, at: datetime = NOW, **changes: Any) -> Result:
    """A potassium of a new patient, released by the rules."""
    tube = make_accepted(region, "K", **changes)
    return make_decided(region, tube, "K", value, analyzer_id=analyzer.pk, measured_at=at)


def medians(region: Region, month: date, **by_analyzer: tuple[Analyzer, str]) -> None:
    """Medians of many patients, as the worker would keep them."""
    test = Test.objects.get(code="K")
    for analyzer, median in by_analyzer.values():
        PatientMedian.objects.create(
            month=month,
            laboratory=region.hub,
            test=test,
            analyzer=analyzer,
            n=900,
            median=Decimal(median),
            low_quartile=Decimal(median) - Decimal("0.2"),
            high_quartile=Decimal(median) + Decimal("0.2"),
        )
