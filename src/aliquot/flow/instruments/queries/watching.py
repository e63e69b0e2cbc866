"""How the lines fare now, and what is wrong with them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aliquot.flow.instruments.models import Analyzer, DriverStop
from aliquot.flow.instruments.rules.alarms import Alarm, LineHealth, line_alarms
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class WatchedLine:
    """One analyzer's line with everything that is wrong with it, the worst first."""

    health: LineHealth
    alarms: tuple[Alarm, ...]


def line_healths(*, site_id: int | None = None, analyzer_id: int | None = None) -> list[LineHealth]:
    """How every line fares that the actor may see, by code; of one laboratory or one analyzer when named."""
    return sql_files.fetch(LineHealth, SQL, "line_healths", laboratory=site_id, analyzer=analyzer_id)


def watched_lines(
    *,
    at: datetime,
    site_id: int | None = None,
    analyzer_id: int | None = None,
) -> list[WatchedLine]:
    """Every line with its alarms, by code; one statement."""
    found = line_healths(site_id=site_id, analyzer_id=analyzer_id)
    return [WatchedLine(one, tuple(line_alarms(one, at=at))) for one in found]


@dataclass(frozen=True, slots=True)
class StoppedLine:
    """An analyzer whose results are not read now, since when and why."""

    code: str
    name: str
    since: datetime
    reason: str


def stopped_lines(site_id: int) -> list[StoppedLine]:
    """The analyzers of a laboratory whose driver is stopped, by code."""
    stops = {one.model: one for one in stopped_drivers()}
    if not stops:
        return []
    found = Analyzer.objects.filter(laboratory=site_id, is_active=True, driver__in=stops).order_by("code")
    return [
        StoppedLine(one.code, one.name, stops[one.driver].since, stops[one.driver].reason) for one in found
    ]


def stopped_drivers() -> list[DriverStop]:
    """The stops in force, the newest first."""
    return list(DriverStop.objects.filter(ended_at__isnull=True).order_by("-since"))
