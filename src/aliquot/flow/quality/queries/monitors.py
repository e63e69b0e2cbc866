"""Monitors with where they stand, their paths and alarms, the trials that they come of."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import Count, Exists, OuterRef, QuerySet

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.models import MonitorAlarm, MonitorDesign, PatientMonitor, ReleaseState
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"
DRAWN = 250
"""Parts of a picture's time: two points of each are drawn."""
BY_ALARM = timedelta(hours=1)
"""Within it a state follows from the alarm, while nobody has answered it: mostly in the same moment."""
State = PatientMonitor.State


def monitored_analyzers(laboratory_id: int) -> dict[Analyzer, int]:
    """The analyzers with monitors in use or drafted, by name, and how many each has."""
    found = PatientMonitor.objects.filter(laboratory_id=laboratory_id).exclude(state=State.RETIRED)
    counts = dict(found.values_list("analyzer_id").annotate(count=Count("id")))
    return {one: counts[one.pk] for one in Analyzer.objects.filter(pk__in=counts).order_by("name")}


def monitors_of(laboratory_id: int) -> QuerySet[PatientMonitor]:
    """Monitors in use or drafted, each with its state and `is_open`: an alarm waits for its answer.

    Without their designs, which are large.
    """
    waits = MonitorAlarm.objects.filter(monitor=OuterRef("pk"), closed_at=None)
    found = PatientMonitor.objects.filter(laboratory_id=laboratory_id).exclude(state=State.RETIRED)
    related = found.select_related("analyzer", "test", "monitorstate").defer("design", "monitorstate__values")
    return related.annotate(is_open=Exists(waits)).order_by("test__code", "analyzer__code", "procedure", "id")


def open_alarms(laboratory_id: int) -> QuerySet[MonitorAlarm]:
    """Alarms that nobody has answered, the oldest first."""
    found = MonitorAlarm.objects.filter(laboratory_id=laboratory_id, closed_at=None)
    return found.select_related("analyzer", "test", "monitor").order_by("found_at", "id")


def alarms_that_stop(analyzer_id: int, test_id: int) -> list[MonitorAlarm]:
    """Alarms that hold the results of this test on this analyzer till somebody answers, the oldest first."""
    found = MonitorAlarm.objects.filter(analyzer_id=analyzer_id, test_id=test_id, closed_at=None, blocks=True)
    return list(found.order_by("id"))


def alarms_of(monitor_id: int, *, limit: int = 50) -> QuerySet[MonitorAlarm]:
    """The alarms of a monitor, the newest first."""
    return MonitorAlarm.objects.filter(monitor_id=monitor_id).order_by("-found_at", "-id")[:limit]


def monitor_path(
    monitor_id: int, *, since: datetime, until: datetime, parts: int = DRAWN
) -> list[tuple[datetime, float]]:
    """Where the statistic stood, in order of time: of each part of the interval its lowest and highest."""
    rows = sql_files.fetch_rows(
        SQL, "monitor_path", monitor=monitor_id, since=since, until=until, parts=parts
    )
    return [(row[0], row[1]) for row in rows]


def failure_by(alarm: MonitorAlarm) -> ReleaseState | None:
    """The state that this alarm stopped its test with; None for one that only tells."""
    late = alarm.found_at + BY_ALARM
    found = ReleaseState.objects.filter(
        analyzer_id=alarm.analyzer_id,
        test_id=alarm.test_id,
        qc_state=ReleaseState.Control.OUT_OF_CONTROL,
        since__range=(alarm.found_at, min(late, alarm.closed_at or late)),
    )
    return found.order_by("id").first() if alarm.blocks else None


def designs_of(laboratory_id: int, *, limit: int = 20) -> QuerySet[MonitorDesign]:
    """The newest trials of a laboratory, without their candidates."""
    found = MonitorDesign.objects.filter(laboratory_id=laboratory_id).defer("candidates")
    return found.select_related("analyzer", "test").order_by("-asked_at", "-id")[:limit]
