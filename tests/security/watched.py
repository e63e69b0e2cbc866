"""A monitor of the hub and the trial that it comes of."""

from datetime import timedelta

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import MonitorDesign, PatientMonitor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW
from tests.regions import Region, one_with

SETTINGS = {"procedure": "ewma", "block": 20, "lam": 0.1, "limits": [3.0, 5.0]}


def make_watched(region: Region) -> dict[tuple[str, str], object]:
    """A draft over potassium at the hub; ids by address."""
    manager = one_with(region, "quality_manager")
    with acting(manager):
        own = {
            "laboratory": region.hub,
            "analyzer": Analyzer.objects.filter(laboratory=region.hub)[0],
            "test": Test.objects.get(code="K"),
        }
        monitor = PatientMonitor.objects.create(
            procedure="ewma", settings=SETTINGS, drafted_at=NOW, drafted_by="t", **own
        )
        trial = MonitorDesign.objects.create(
            since=NOW - timedelta(days=30), until=NOW, tea=0.1, alarms_per_day=0.1, monitor=monitor,
            person_id=manager.person_id or 0, asked_at=NOW, asked_by=manager.key, **own,
        )  # fmt: skip
    return {("monitors", "pk"): monitor.pk, ("trials", "pk"): trial.pk}
