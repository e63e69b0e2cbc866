"""What a person decided may be taken back for some seconds: until then nothing of it leaves the house."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import reopen_items
from aliquot.flow.results.actions.deciding import close_items
from aliquot.flow.results.actions.locking import LockedResult, lock_results
from aliquot.flow.results.models import Decision, Result
from aliquot.flow.results.queries.handling import kept_back
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events

SQL = Path(__file__).parent.parent / "sql"
DECIDED = (Result.State.RELEASED, Result.State.REFUSED, Result.State.HELD)


def keep_decisions(
    found: Sequence[LockedResult], kind: Decision.Kind, *, by: Actor, at: datetime
) -> datetime | None:
    """Keep what these results are before they are decided; until when that may be taken back, None: never.

    Call it before the change, in its transaction. With it a step follows then: `settle_decisions`.
    """
    end_decisions(found, at=at)
    if settings.UNDO_SECONDS <= 0:
        return None
    ids = [one.id for one in found]
    until = at + timedelta(seconds=settings.UNDO_SECONDS)
    sql_files.execute(SQL, "keep_decisions", ids=ids, kind=kind.value, by=by.key, at=at, until=until)
    record_events("decision_due", {one.order_id for one in found}, at=at, not_before=until)
    return until


def end_decisions(found: Iterable[LockedResult], *, at: datetime) -> None:
    """Say that what was decided about these results before is not taken back: something else comes now."""
    sql_files.execute(SQL, "end_decisions", ids=[one.id for one in found], at=at)


def withdraw_calls(found: Iterable[LockedResult], *, by: Actor, at: datetime) -> None:
    """Say that nobody has to be called about these results any more; who was told is told of that."""
    sql_files.execute(SQL, "withdraw_calls", ids=[one.id for one in found], by=by.key, at=at)


def undo_decisions(result_ids: Iterable[int], *, by: Actor, at: datetime) -> int:
    """Make these results again what they were before this person decided; how many. All or none.

    Refused when the time is over, a colleague decided, or something else came of them since. The audit keeps
    the decision and that it was taken back.
    """
    by.require("verify_result")
    ids = sorted(set(result_ids))
    with transaction.atomic():
        lock_results(ids, states=DECIDED, by=by)
        state_reason("taken back")
        rows = sql_files.fetch_rows(SQL, "take_back", ids=ids, by=by.key, at=at)
        if not ids or len(rows) != len(ids):
            raise Refused(
                _("This can no longer be taken back. A released result is amended or withdrawn instead.")
            )
        reopen_items(item for _result, _order, item, kind in rows if kind == Decision.Kind.RELEASED)
        return len(rows)


def settle_decisions(order_ids: Iterable[int], *, by: Actor, at: datetime) -> dict[int, datetime]:
    """Let what can no longer be taken back go its way; the orders of which a release still may, until when.

    Holds the orders. Computed tests follow now, the last test completes its order, calls about refused values
    are withdrawn: nothing came of a decision before. Records "result_released" and "order_completed".
    """
    ids = sorted(set(order_ids))
    if not ids:
        return {}
    sql_files.fetch_rows(SQL, "lock_orders", orders=ids)
    rows = sql_files.fetch_rows(SQL, "settle_decisions", orders=ids, at=at)
    refused = [result for result, _order, _item, kind in rows if kind == Decision.Kind.REFUSED]
    if refused:
        sql_files.execute(SQL, "withdraw_calls", ids=refused, by=by.key, at=at)
    released = [(item, order) for _result, order, item, kind in rows if kind == Decision.Kind.RELEASED]
    close_items([item for item, _order in released], [order for _item, order in released], at=at)
    return kept_back(ids)
