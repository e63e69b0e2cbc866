"""Everything under control at a laboratory, as one statement finds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from aliquot.foundation import sql_files

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A test on an analyzer: how it stands, how it is controlled, its last run, what nobody has answered.

    `last_*` is of the newest run, `complete_at` of the newest with all its levels; `state`: of ReleaseState.
    """

    analyzer_id: int
    analyzer_code: str
    analyzer_name: str
    test_id: int
    test_code: str
    name_en: str
    name_ru: str
    plan_id: int | None
    planned_at: datetime | None
    every_minutes: int | None
    every_results: int | None
    results_since: int
    sigma: Decimal | None
    state: str
    is_by_rule: bool
    state_since: datetime | None
    state_note: str
    last_number: int | None
    last_at: datetime | None
    last_verdict: str
    complete_at: datetime | None
    broken_rules: Sequence[str] | None
    broken_at: datetime | None
    alarms: int
    alarm_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """When the next run is due by the clock: at once where none was ever complete; None: by no clock."""
        if self.plan_id is None:
            return None
        if self.complete_at is None:
            return self.planned_at
        return self.complete_at + timedelta(minutes=self.every_minutes) if self.every_minutes else None

    @property
    def is_due_by_count(self) -> bool:
        """Whether as many patient results as the plan allows were measured since the last good run."""
        return self.every_results is not None and self.results_since >= self.every_results

    def is_overdue(self, at: datetime) -> bool:
        """Whether a run should have come by now."""
        due = self.due_at
        return self.is_due_by_count or (due is not None and due < at)


def control_board(laboratory_id: int) -> list[BoardRow]:
    """Each test of each analyzer that has a plan here or is stopped, by test and analyzer."""
    return sql_files.fetch(BoardRow, SQL, "control_board", laboratory=laboratory_id)
