"""A month of the hub compared, a row in each of its tables."""

from datetime import date
from typing import Any

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.specimens.models import Specimen
from aliquot.oversight.comparability.models import ComparedMonth, LotMean, PatientMedian, SplitPair
from tests.factories import NOW


def compared(analyzer: Analyzer, tube: Specimen) -> None:
    """A median, the mean of a lot, and a tube that was measured twice."""
    own: dict[str, Any] = {
        "month": date(2026, 11, 1),
        "laboratory": tube.laboratory,
        "test": tube.tests.earliest("id").test,
        "analyzer": analyzer,
    }
    ComparedMonth.objects.create(month=own["month"])
    PatientMedian.objects.create(n=1, median=5, low_quartile=4, high_quartile=6, **own)
    LotMean.objects.create(material="m", lot="1", level=1, n=1, mean=5, sd=1, **own)
    SplitPair.objects.create(
        other=analyzer, specimen=tube, level="within", value=5, other_value=5, measured_at=NOW, **own
    )
