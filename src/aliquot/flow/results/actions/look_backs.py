"""Look back: hold or recall what a failure may concern, in one action; afterwards settle it, set by set."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aliquot.flow.orders.actions import give_up_items, reopen_items
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions.deciding import follow_change
from aliquot.flow.results.actions.locking import require_reason, stated
from aliquot.flow.results.actions.rerunning import send_back
from aliquot.flow.results.actions.withdrawing import Then, take_back
from aliquot.flow.results.models import Decision, LookBack, LookBackMember, LookBackStep, Result
from aliquot.flow.results.queries.look_backs import MOST, matches_of, matches_within
from aliquot.flow.results.rules.look_back import LONGEST, Criteria, fault_of, kept_spans, parted, read_spans
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.network.models import Site

SQL = Path(__file__).parent.parent / "sql"
Kind = LookBackStep.Kind
FEW = 1000
"""Rows of a statement up to which any plan of it is good."""
MEMBER = ("result_id", "order_id", "was")
PART = 2000
"""Results changed between two words of how far it is; all of one order go together."""
Beat = Callable[[int], object]
"""Hears how many results are done, and answers nothing."""


def unheard(_done: int) -> None:
    """Nobody listens to how far it is."""


def open_look_back(
    criteria: Criteria, laboratory: Site, *, reason: str, by: Actor, at: datetime, beat: Beat = unheard
) -> LookBack:
    """Hold what is not released of what the criteria name, recall what is; all or nothing, with one reason.

    A recalled value is under investigation and not to be used until a step settles it. Records
    "result_amended" for the orders and "look_back_stepped": each site that was told before gets one notice
    with all its patients. What was measured in its windows and comes later joins it (`join_look_backs`); with
    "look_back_opened" what was being decided meanwhile follows. `beat` hears how far it is. Refused without a
    reason, when nothing or more than MOST results are named. Source: ISO 15189:2022, 7.5.
    """
    by.require("recall_result")
    if laboratory.pk not in by.sites:
        raise Forbidden(_("This laboratory is not yours."))
    require_findable(criteria)
    with transaction.atomic():
        words = require_reason(reason)
        matches = matches_of(criteria, laboratory.pk, at=at)
        if matches.is_cut:
            raise Refused(
                _("More than %(most)d results: narrow it, and look back in parts.") % {"most": MOST}
            )
        if not matches.found:
            raise Refused(_("No result that could be held or recalled matches this."))
        look_back = LookBack.objects.create(
            laboratory=laboratory,
            criteria=criteria.as_json(),
            spans=kept_spans(matches.spans),
            reason=words,
            opened_at=at,
            opened_by=by.key,
        )
        record_events("look_back_opened", [look_back.pk], at=at)
        _hold({one.order_id for one in matches.found}, len(matches.found))
        found = [(one.id, one.order_id, one.state) for one in matches.found]
        _recall(look_back, found, words, beat, by=by, at=at)
        return look_back


def follow_opened(look_back_ids: Iterable[int], *, by: Actor, at: datetime) -> int:
    """Hold or recall what was decided while these look-backs opened, and could not see them; how many."""
    sql_files.execute(SQL, "await_batches")
    found = LookBack.objects.filter(pk__in=list(look_back_ids), state=LookBack.State.OPEN)
    return sum(_follow(one, by=by, at=at) for one in found.order_by("pk"))


def release_again(
    look_back: LookBack,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    ids: Collection[int] | None = None,
    beat: Beat = unheard,
) -> int:
    """Give free what was looked at (`ids`, or all that is open): recalled values hold again; how many.

    What was held before its release goes back to the worklist, or to the rules if they had not decided. A
    critical value that nobody was told of is called again. Records "result_amended", "look_back_stepped".
    """

    def give_free(recalled: list[int], held: list[int]) -> list[int]:
        said = stated("released_again", words, look_back=look_back.pk, by=by, at=at)
        rows = sql_files.fetch_rows(SQL, "release_again", ids=recalled, reason=said, at=at)
        sql_files.execute(SQL, "call_again", ids=[row[0] for row in rows], by=by.key, at=at)
        follow_change({row[1] for row in rows}, at=at)
        record_events("result_amended", sorted({row[1] for row in rows}), at=at)
        freed = stated("held_no_more", words, look_back=look_back.pk, by=by, at=at)
        return [row[0] for row in rows] + [
            row[0] for row in sql_files.fetch_rows(SQL, "note_free", ids=held, reason=freed)
        ]

    words = require_reason(reason)
    try:
        return _settle(look_back, Kind.RELEASED_AGAIN, words, give_free, ids, beat=beat, by=by, at=at)
    except IntegrityError as fault:
        raise Refused(
            _("A test of these orders has a newer released value. Withdraw the old one instead.")
        ) from fault


def withdraw_members(
    look_back: LookBack,
    *,
    reason: str,
    then: Then,
    by: Actor,
    at: datetime,
    ids: Collection[int] | None = None,
    beat: Beat = unheard,
) -> int:
    """Withdraw what was looked at (`ids`, or all that is open); how many. `then` as for `withdraw_results`.

    What was held before its release is refused, and its test of the order goes the same way.
    """

    def withdraw(recalled: list[int], held: list[int]) -> list[int]:
        taken = take_back(recalled, reason=words, then=then, look_back=look_back.pk, by=by, at=at)
        return taken + _refuse(look_back, held, words, then, by=by, at=at)

    words = require_reason(reason)
    kind = Kind.REPEATED if then is Then.REPEAT else Kind.WITHDRAWN
    return _settle(look_back, kind, words, withdraw, ids, beat=beat, by=by, at=at)


def close_look_back(look_back: LookBack, conclusion: str, *, by: Actor, at: datetime) -> None:
    """Finish a look-back of which every member is settled, with what was found."""
    by.require("recall_result")
    words = require_reason(conclusion)
    with transaction.atomic():
        _locked(look_back, by)
        if LookBackMember.objects.filter(look_back=look_back, settled=None).exists():
            raise Refused(_("Some results are still under investigation. Settle them first."))
        LookBack.objects.filter(pk=look_back.pk).update(
            state=LookBack.State.CLOSED, closed_at=at, closed_by=by.key, conclusion=words
        )
        look_back.refresh_from_db()


def require_findable(criteria: Criteria) -> None:
    """Refused, in words, when the criteria are too wide or contradict themselves."""
    words = {
        "nothing": _("Name an analyzer, a test, a lot, a tube, an order or a failed control."),
        "interval": _("Say since when."),
        "backwards": _("The interval ends before it begins."),
        "too_long": _("An interval of at most %(days)d days; look back in parts.") % {"days": LONGEST.days},
    }
    if fault := fault_of(criteria):
        raise Refused(words[fault], fields={"since": words[fault]} if fault != "nothing" else {})


def _recall(
    look_back: LookBack,
    found: Sequence[tuple[int, int, str]],
    reason: str,
    beat: Beat,
    *,
    by: Actor,
    at: datetime,
) -> None:
    count = passed = 0
    for part in parted(found, PART):
        count += _recall_part(look_back, [one[0] for one in part], reason, by=by, at=at)
        passed += len(part)
        beat(passed)
    if not count:
        raise Refused(_("A colleague decided these results, or another look-back holds them. Look again."))
    _step(look_back, Kind.RECALLED, reason, count, by=by, at=at)


def _follow(look_back: LookBack, *, by: Actor, at: datetime) -> int:
    members = LookBackMember.objects.filter(look_back=look_back).values_list("result_id", flat=True)
    known = set(members)
    late = [
        (one.id, one.order_id, one.state)
        for one in matches_within(read_spans(look_back.spans), look_back.laboratory_id)
        if one.id not in known
    ]
    if not late:
        return 0
    with transaction.atomic():
        _hold({order for _result, order, _state in late}, len(late))
        count = _recall_part(look_back, [one[0] for one in late], look_back.reason, by=by, at=at)
        if count:
            _step(look_back, Kind.RECALLED, look_back.reason, count, by=by, at=at)
        return count


def _recall_part(look_back: LookBack, ids: list[int], reason: str, *, by: Actor, at: datetime) -> int:
    rows = sql_files.fetch_rows(
        SQL,
        "recall_results",
        ids=ids,
        look_back=look_back.pk,
        recalled=stated("recalled", reason, look_back=look_back.pk, by=by, at=at),
        held=stated("held_back", reason, look_back=look_back.pk, by=by, at=at),
        at=at,
    )
    _end_decisions([row[0] for row in rows], at=at)
    released = [row for row in rows if row[2] == "released"]
    sql_files.execute(SQL, "withdraw_calls", ids=[row[0] for row in released], by=by.key, at=at)
    follow_change({row[1] for row in released}, at=at)
    record_events("result_amended", sorted({row[1] for row in released}), at=at)
    return len(rows)


def _end_decisions(ids: list[int], *, at: datetime) -> None:
    """What a person decided a moment ago is not taken back any more: that would let it go past the look-back.

    The test of a value whose release had not left the house is open again.
    """
    kept = Decision.objects.filter(result_id__in=ids, ended_at=None, kind=Decision.Kind.RELEASED)
    released = Result.objects.filter(pk__in=list(kept.values_list("result_id", flat=True)))
    reopen_items(released.values_list("order_item_id", flat=True))
    sql_files.execute(SQL, "end_decisions", ids=ids, at=at)


def _refuse(
    look_back: LookBack, held: list[int], reason: str, then: Then, *, by: Actor, at: datetime
) -> list[int]:
    said = stated("refused", reason, look_back=look_back.pk, by=by, at=at)
    rows = sql_files.fetch_rows(SQL, "refuse_members", ids=held, reason=said, at=at)
    refused, orders, items = ([row[place] for row in rows] for place in range(3))
    sql_files.execute(SQL, "withdraw_calls", ids=refused, by=by.key, at=at)
    if then is Then.REPEAT:
        send_back([(one, "") for one in refused], by=by, at=at)
    if then is Then.NOT_PERFORMED:
        open_items = OrderItem.objects.filter(pk__in=items, state=OrderItem.State.OPEN, result_id=None)
        give_up_items(open_items.values_list("pk", flat=True), orders, reason=reason, at=at)
        follow_change(orders, at=at)
    return refused


def _settle(
    look_back: LookBack,
    kind: LookBackStep.Kind,
    reason: str,
    change: Callable[[list[int], list[int]], list[int]],
    ids: Collection[int] | None,
    *,
    beat: Beat,
    by: Actor,
    at: datetime,
) -> int:
    by.require("recall_result")
    with transaction.atomic():
        _locked(look_back, by)
        members = LookBackMember.objects.filter(look_back=look_back, settled=None)
        if ids is not None:
            members = members.filter(result_id__in=list(ids))
        rows = [(int(one[0]), int(one[1]), str(one[2])) for one in members.values_list(*MEMBER)]
        if not rows:
            raise Refused(_("Nothing of this look-back is open any more. Reload the page."))
        _hold({row[1] for row in rows}, len(rows))
        sql_files.execute(SQL, "end_decisions", ids=[row[0] for row in rows], at=at)
        count = _changed(rows, change, beat)
        step = _step(look_back, kind, reason, count, by=by, at=at)
        # what somebody settled one by one meanwhile is settled with them
        sql_files.execute(
            SQL, "settle_members", look_back=look_back.pk, step=step.pk, ids=[row[0] for row in rows]
        )
        return count


def _changed(
    rows: Sequence[tuple[int, int, str]], change: Callable[[list[int], list[int]], list[int]], beat: Beat
) -> int:
    """Change recalled and held members, part by part; how many were changed."""
    count = passed = 0
    for part in parted(rows, PART):
        recalled = [row[0] for row in part if row[2] == "released"]
        held = [row[0] for row in part if row[2] != "released"]
        count += len(change(recalled, held))
        passed += len(part)
        beat(passed)
    return count


def _step(
    look_back: LookBack, kind: LookBackStep.Kind, reason: str, count: int, *, by: Actor, at: datetime
) -> LookBackStep:
    step = LookBackStep.objects.create(
        look_back=look_back,
        laboratory_id=look_back.laboratory_id,
        kind=kind,
        reason=reason,
        at=at,
        by=by.key,
        count=count,
    )
    record_events("look_back_stepped", [step.pk], at=at)
    return step


def _locked(look_back: LookBack, by: Actor) -> None:
    held = LookBack.objects.select_for_update().filter(pk=look_back.pk).first()
    if held is None or held.laboratory_id not in by.sites:
        raise Forbidden(_("This look-back is not visible here."))
    if held.state != LookBack.State.OPEN:
        raise Refused(_("This look-back is finished."))


def _hold(orders: Collection[int], results: int) -> None:
    """Hold the orders, as everywhere before their results."""
    if results > FEW:
        sql_files.execute(SQL, "forget_plans")
    sql_files.fetch_rows(SQL, "lock_orders", orders=sorted(orders))
