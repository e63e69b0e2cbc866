"""Climbing the ladders of calls that nobody has closed: each step once, kept and shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction

from aliquot.flow.results.queries.calls import as_kept, who_is_there
from aliquot.flow.results.rules.critical import Climb, climb
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.registers.network.models import Contact
from aliquot.registers.network.queries import contacts_of

SQL = Path(__file__).parent.parent / "sql"


@dataclass(frozen=True, slots=True)
class _Due:
    """A call whose ladder brings a step now; `has_reader`: somebody there may acknowledge on a page."""

    id: int
    ordering_site_id: int
    laboratory_id: int
    ward: str
    ladder: Any
    step: int
    opened_at: datetime
    has_reader: bool


def escalate_calls(*, limit: int, by: Actor, at: datetime) -> int:
    """Take every step that is due of at most `limit` open calls; how many steps.

    In one transaction: killed on the way it leaves nothing, and run again it takes no step twice.
    """
    by.require("call_critical")
    with transaction.atomic():
        due = sql_files.fetch(_Due, SQL, "claim_calls", at=at, limit=limit)
        if not due:
            return 0
        contacts = contacts_of(site for one in due for site in (one.ordering_site_id, one.laboratory_id))
        climbed = [(one, _climb(one, contacts, at)) for one in due]
        rows = [row for one, done in climbed for row in _rows(one, done, contacts, at)]
        sql_files.execute(SQL, "keep_steps", rows=orjson.dumps(rows).decode(), at=at)
        sql_files.execute(
            SQL,
            "climb_calls",
            ids=[one.id for one, _ in climbed],
            steps=[done.taken[-1].step if done.taken else one.step for one, done in climbed],
            next=[done.next_at for _, done in climbed],
        )
        return len(rows)


def _climb(call: _Due, contacts: Sequence[Contact], at: datetime) -> Climb:
    kept = orjson.loads(call.ladder) if isinstance(call.ladder, str) else call.ladder
    ladder = [(str(whom), int(minutes)) for whom, minutes in kept]

    def is_there(whom: str) -> bool:
        return who_is_there(whom, contacts, call, has_reader=call.has_reader, at=at) is not None

    return climb(ladder, step=call.step, opened_at=call.opened_at, at=at, is_there=is_there)


def _rows(call: _Due, done: Climb, contacts: Sequence[Contact], at: datetime) -> Iterable[dict[str, Any]]:
    for one in done.taken:
        there = who_is_there(one.whom, contacts, call, has_reader=call.has_reader, at=at)
        yield {
            "ordering_site_id": call.ordering_site_id,
            "laboratory_id": call.laboratory_id,
            "call_id": call.id,
            "step": one.step,
            "whom": one.whom,
            "was_passed_over": one.was_passed_over,
            "contacts": as_kept(there or ()),
        }


def mark_overdue(*, limit: int, by: Actor, at: datetime) -> int:
    """Put at most `limit` results that wait too long before all others; how many.

    Too long: past the turnaround that the catalogue demands of the test, counted from the tube's acceptance,
    or a critical call about it is overdue.
    """
    by.require("release_result")
    return sql_files.execute(SQL, "mark_overdue", limit=limit, at=at)
