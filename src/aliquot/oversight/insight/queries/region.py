"""What a region looks like at this moment. Row security decides how much of it the reader sees."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Stages:
    """Tubes at each stage; results, reports and calls beside them."""

    ordered: int
    collected: int
    travelling: int
    at_reception: int
    missing: int
    on_the_bench: int
    waiting_for_a_person: int
    results_held: int
    reports_today: int
    reports_unseen: int
    critical_open: int
    critical_late: int


@dataclass(frozen=True, slots=True)
class SiteNow:
    """A site in degrees WGS 84, with how many tubes stand there."""

    code: str
    name_en: str
    name_ru: str
    kind: str
    latitude: float
    longitude: float
    hub: str
    tubes: int


@dataclass(frozen=True, slots=True)
class BoxNow:
    """A box on the road."""

    number: str
    origin: str
    destination: str
    picked_up_at: datetime
    due_at: datetime | None
    tubes: int

    def progress(self, at: datetime, pace: float = 1) -> float:
        """Share of the usual travel time that has passed, 0 to 1; the road is `pace` times as fast."""
        if self.due_at is None or self.due_at <= self.picked_up_at:
            return 0.5
        return min(1.0, max(0.0, pace * (at - self.picked_up_at) / (self.due_at - self.picked_up_at)))


def stages(*, now: datetime, since: datetime) -> Stages:
    """Tubes by stage now, reports since `since`."""
    return sql_files.fetch(Stages, SQL, "stages", now=now, since=since)[0]


def sites_now() -> list[SiteNow]:
    """All sites of the region with coordinates."""
    return sql_files.fetch(SiteNow, SQL, "sites")


def boxes_now() -> list[BoxNow]:
    """Boxes on the road, newest first, at most sixty."""
    return sql_files.fetch(BoxNow, SQL, "moving_boxes")
