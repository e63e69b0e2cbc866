"""Results that waited for an index of their specimen are decided again when it comes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from aliquot.flow.instruments.actions import FiledIndex, claim_pending, note_pending
from aliquot.flow.results.actions.deciding import decide_results
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor

SQL = Path(__file__).parent.parent / "sql"


def follow_indices(indices: Sequence[FiledIndex], held: Collection[int], *, by: Actor, at: datetime) -> int:
    """Decide again what waited for these indices only because they were missing; how many results.

    Only where the order is one of `held` by this transaction; the others are left to `follow_pending`. A
    result that a person let wait, or that is measured again, stays as it is.
    """
    note_pending([one.id for one in indices if one.order_id not in held])
    return _decide_again({one.specimen_id for one in indices if one.order_id in held}, by=by, at=at)


def follow_pending(*, limit: int, by: Actor, at: datetime) -> int:
    """The same for at most `limit` indices that were left because somebody else held the order."""
    by.require("release_result")
    with transaction.atomic():
        return _decide_again(claim_pending(limit), by=by, at=at)


def _decide_again(specimens: Collection[int], *, by: Actor, at: datetime) -> int:
    if not specimens:
        return 0
    rows = sql_files.fetch_rows(SQL, "reopen_waiting", specimens=sorted(set(specimens)))
    return decide_results([row[0] for row in rows], by=by, at=at)
