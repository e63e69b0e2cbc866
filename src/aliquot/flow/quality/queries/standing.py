"""How tests stand on analyzers, when a lot was in use, what a failed control puts in doubt."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from aliquot.flow.quality.models import ReleaseState
from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class Window:
    """A test on an analyzer from `since` (inclusive) to `until` (exclusive; None: up to now)."""

    analyzer_id: int
    test_id: int
    since: datetime
    until: datetime | None


def lot_windows(laboratory_id: int, *, reagent: str = "", calibrator: str = "") -> list[Window]:
    """When which tests ran with this lot here; nothing for a lot that nobody entered."""
    if not reagent and not calibrator:
        return []
    return sql_files.fetch(
        Window, SQL, "lot_windows", laboratory=laboratory_id, reagent=reagent, calibrator=calibrator
    )


def doubtful_windows(laboratory_id: int, failure_id: int) -> list[Window]:
    """From the last good control before this failed one to the next good one; nothing when none failed."""
    return sql_files.fetch(Window, SQL, "doubtful_windows", laboratory=laboratory_id, failure=failure_id)


def standing_of(analyzer_id: int) -> dict[int, ReleaseState]:
    """How each test of an analyzer stands now, by test; one that nobody said anything of is left out."""
    found = ReleaseState.objects.filter(analyzer_id=analyzer_id, until=None)
    return {one.test_id: one for one in found.select_related("test")}


def failures_of(laboratory_id: int, *, limit: int = 50) -> QuerySet[ReleaseState]:
    """The newest failed controls of a laboratory."""
    found = ReleaseState.objects.filter(laboratory_id=laboratory_id, qc_state="out_of_control")
    return found.select_related("analyzer", "test").order_by("-since", "-id")[:limit]


def last_failure(analyzer_id: int, test_id: int) -> ReleaseState | None:
    """When a test of an analyzer went out of control last; what was measured before is in doubt."""
    found = ReleaseState.objects.filter(
        analyzer_id=analyzer_id, test_id=test_id, qc_state=ReleaseState.Control.OUT_OF_CONTROL
    )
    return found.order_by("-since", "-id").first()


def standing_lately(analyzer_id: int, test_id: int, *, limit: int = 4) -> list[ReleaseState]:
    """How a test of an analyzer stands and stood lately, the newest first: its last controls."""
    found = ReleaseState.objects.filter(analyzer_id=analyzer_id, test_id=test_id)
    return list(found.order_by("-since", "-id")[:limit])
