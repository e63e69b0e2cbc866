"""Keep the steps of a tube's journey, and hand tubes over: set-based, one statement each."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"


def record_steps(
    kind: str,
    specimen_ids: Iterable[int],
    *,
    site_id: int,
    by: Actor,
    at: datetime,
    recorded_at: datetime | None = None,
    details: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Keep one step for each tube: `at` is when it happened, `recorded_at` when it was typed in."""
    if ids := list(specimen_ids):
        known = details or {}
        sql_files.execute(
            SQL,
            "record_steps",
            kind=kind,
            specimens=ids,
            details=[Jsonb(known.get(one, {})) for one in ids],
            at=at,
            recorded_at=recorded_at or at,
            by=by.key,
            site=site_id,
        )


def hand_over(
    specimen_ids: Iterable[int],
    *,
    allowed: Iterable[str],
    state: str,
    site_id: int | None = None,
    lane: str | None = None,
    arrived_at: datetime | None = None,
) -> frozenset[int]:
    """Move the tubes that are in an `allowed` state to `state`; the ids that were moved.

    With `site_id` they pass into that site's custody. Whoever calls this records the step.
    """
    rows = sql_files.fetch_rows(
        SQL,
        "hand_over",
        specimens=list(specimen_ids),
        allowed=list(allowed),
        state=state,
        site=site_id,
        lane=lane,
        arrived_at=arrived_at,
    )
    return frozenset(one for (one,) in rows)
