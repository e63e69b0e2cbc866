"""Control of one test on one analyzer, with a row in each of its tables."""

from datetime import timedelta
from typing import Any

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import (
    ControlCount,
    ControlLot,
    ControlMaterial,
    ControlPlan,
    ControlResult,
    ControlRun,
    ControlTarget,
    ControlViolation,
    MonitorAlarm,
    MonitorDesign,
    MonitorPoint,
    MonitorState,
    PatientMonitor,
)
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person
from tests.factories import NOW


def controlled(hub: Site, analyzer: Analyzer, test: Test) -> ControlViolation:
    """The broken rule of its run; a monitor over its patients has alarmed, too."""
    here: dict[str, Any] = {"laboratory": hub}
    own: dict[str, Any] = {**here, "analyzer": analyzer, "test": test}
    material = ControlMaterial.objects.create(name="Control", **here)
    lot = ControlLot.objects.create(material=material, number="1", level=1, begun_at=NOW, **here)
    target = ControlTarget.objects.create(lot=lot, mean=5, sd=1, origin="fixed", since=NOW, by="t", **own)
    plan = ControlPlan.objects.create(rules=["1-3s"], since=NOW, by="t", **own)
    ControlCount.objects.create(plan=plan, **here)
    run = ControlRun.objects.create(number=1, began_at=NOW, verdict="rejected", **own)
    ControlResult.objects.create(
        run=run, lot=lot, target=target, value=9, z=4, measured_at=NOW, recorded_at=NOW, by="t", **own
    )
    monitor = PatientMonitor.objects.create(
        procedure="ewma", settings={}, drafted_at=NOW, drafted_by="t", **own
    )
    MonitorState.objects.create(monitor=monitor, changed_at=NOW, **here)
    MonitorPoint.objects.create(monitor=monitor, at=NOW, statistic=5, counted=1, **here)
    MonitorAlarm.objects.create(monitor=monitor, found_at=NOW, statistic=9, is_high=True, blocks=True, **own)
    MonitorDesign.objects.create(
        since=NOW - timedelta(days=30),
        until=NOW,
        tea=0.1,
        alarms_per_day=0.1,
        person=Person.objects.earliest("id"),
        asked_at=NOW,
        asked_by="t",
        **own,
    )
    return ControlViolation.objects.create(
        run=run, rule="1-3s", error="random", is_rejection=True, points=[], found_at=NOW, **own
    )
