"""A released value taken back without a new one; it stays in sight, marked."""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import Enum
from pathlib import Path

from django.db import transaction

from aliquot.flow.orders.actions import give_up_items, reopen_items
from aliquot.flow.results.actions.deciding import follow_change
from aliquot.flow.results.actions.locking import lock_results, require_reason, stated
from aliquot.flow.results.actions.rerunning import send_back
from aliquot.flow.results.models import LookBackMember, LookBackStep, Result
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.events.actions import record_events

SQL = Path(__file__).parent.parent / "sql"


class Then(Enum):
    """What becomes of the test of the order when its value is withdrawn."""

    REPEAT = "repeat"
    """open, and the tube is measured again"""
    OPEN = "open"
    """open: another tube or value will follow"""
    NOT_PERFORMED = "not_performed"
    """it will have no value"""


def withdraw_results(ids: Iterable[int], *, reason: str, then: Then, by: Actor, at: datetime) -> int:
    """Withdraw released values without new ones; how many. All or none; `then` is for the orders' tests.

    They stay in sight as "withdrawn, do not use" with the reason. Calls about them are withdrawn, a look-back
    that recalled them is told. Records "result_amended". Refused without a reason, or when somebody was
    faster. Source: ISO 15189:2022, 7.4.1.8.
    """
    by.require("amend_result")
    with transaction.atomic():
        found = lock_results(ids, states=(Result.State.RELEASED, Result.State.RECALLED), by=by)
        words = require_reason(reason)
        recalled = [one.id for one in found if one.state == Result.State.RECALLED]
        taken = take_back([one.id for one in found], reason=words, then=then, by=by, at=at)
        settle_elsewhere(recalled, LookBackStep.Kind.WITHDRAWN, reason=words, by=by, at=at)
        return len(taken)


def take_back(
    ids: Collection[int], *, reason: str, then: Then, by: Actor, at: datetime, look_back: int | None = None
) -> list[int]:
    """Withdraw those of these results that are released or recalled; their ids. Their orders are held."""
    said = stated("withdrawn", reason, then=then.value, look_back=look_back, by=by, at=at)
    rows = sql_files.fetch_rows(SQL, "withdraw_results", ids=list(ids), reason=said, at=at)
    taken, orders, items = ([row[place] for row in rows] for place in range(3))
    sql_files.execute(SQL, "withdraw_calls", ids=taken, by=by.key, at=at)
    if then is Then.NOT_PERFORMED:
        give_up_items(items, orders, reason=reason, at=at)
    else:
        reopen_items(items)
    if then is Then.REPEAT:
        send_back([(one, "") for one in taken], by=by, at=at)
    follow_change(orders, at=at)
    record_events("result_amended", sorted(set(orders)), at=at)
    return taken


def settle_elsewhere(
    ids: Collection[int], kind: LookBackStep.Kind, *, reason: str, by: Actor, at: datetime
) -> None:
    """Tell the look-backs to which these results belong that they were settled one by one."""
    if not ids:
        return
    open_members = LookBackMember.objects.filter(result_id__in=list(ids), settled=None)
    for look_back_id in sorted(set(open_members.values_list("look_back_id", flat=True))):
        members = open_members.filter(look_back_id=look_back_id)
        step = LookBackStep.objects.create(
            look_back_id=look_back_id,
            laboratory_id=members.values_list("laboratory_id", flat=True)[0],
            kind=kind,
            reason=reason,
            at=at,
            by=by.key,
            count=members.count(),
        )
        members.update(settled=step)
