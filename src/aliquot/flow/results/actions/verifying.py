"""What a person does with a result that waits: release, hold, refuse, ask for a repeat, comment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.deciding import close_items
from aliquot.flow.results.actions.locking import LockedResult, lock_results, require_reason
from aliquot.flow.results.actions.rerunning import send_back
from aliquot.flow.results.actions.undoing import end_decisions, keep_decisions, withdraw_calls
from aliquot.flow.results.models import Decision, LookBackMember, Result
from aliquot.flow.verification.rules.kinds.order_state import CANCELLED, OPEN
from aliquot.flow.verification.rules.reasons import because
from aliquot.foundation import sql_files
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.people.queries import names_of

SQL = Path(__file__).parent.parent / "sql"
UNDECIDED = (Result.State.RECORDED, Result.State.HELD)


def release_results(ids: Iterable[int], *, by: Actor, at: datetime) -> int:
    """Release results that wait; how many. All or none.

    Refused, naming who and when, if a colleague was faster; and for a test of the order that is not open.
    Records "result_released" and "order_completed": at once, or when it can no longer be taken back.
    """
    by.require("release_result")
    with transaction.atomic():
        found = lock_results(ids, states=(Result.State.HELD,), by=by)
        _require_free(found)
        _require_open(found)
        until = keep_decisions(found, Decision.Kind.RELEASED, by=by, at=at)
        count = sql_files.execute(SQL, "release_results", ids=[one.id for one in found], by=by.key, at=at)
        if until is None:
            close_items([one.order_item_id for one in found], [one.order_id for one in found], at=at)
        return count


def hold_result(ids: Iterable[int], *, reason: str, by: Actor, at: datetime) -> int:
    """Let results wait for a stated reason, beside those the rules found; how many."""
    by.require("hold_result")
    with transaction.atomic():
        found = lock_results(ids, states=UNDECIDED, by=by)
        words = require_reason(reason)
        keep_decisions(found, Decision.Kind.HELD, by=by, at=at)
        return _set_aside(found, Result.State.HELD, "held", words, by=by, at=at)


def refuse_result(ids: Iterable[int], *, reason: str, by: Actor, at: datetime) -> int:
    """Refuse values that must not be reported; how many. The tests of the orders stay open.

    Calls about them that were not made yet are withdrawn: at once, or when it can no longer be taken back.
    """
    by.require("verify_result")
    with transaction.atomic():
        found = lock_results(ids, states=UNDECIDED, by=by)
        words = require_reason(reason)
        if keep_decisions(found, Decision.Kind.REFUSED, by=by, at=at) is None:
            withdraw_calls(found, by=by, at=at)
        return _set_aside(found, Result.State.REFUSED, "refused", words, by=by, at=at)


def repeat_result(ids: Iterable[int], *, reason: str, dilution: str = "", by: Actor, at: datetime) -> int:
    """Refuse values and have the tubes measured again; how many.

    The analyzer that measured them is told, or offered the tests when it asks next: with `dilution`, in its
    own form, when one is given. That is not taken back: the analyzer may have begun.
    """
    by.require("order_repeat")
    with transaction.atomic():
        found = lock_results(ids, states=UNDECIDED, by=by)
        _require_open(found)
        end_decisions(found, at=at)
        withdraw_calls(found, by=by, at=at)
        count = _set_aside(found, Result.State.REFUSED, "repeat", reason, by=by, at=at)
        send_back([(one.id, dilution.strip()) for one in found], by=by, at=at)
        return count


def comment_result(result_id: int, comment: str, *, by: Actor, at: datetime) -> None:
    """Put a comment beside a result; on a released one it changes the report and so is an amendment."""
    by.require("verify_result")
    with transaction.atomic():
        found = lock_results([result_id], states=(*UNDECIDED, Result.State.RELEASED), by=by)[0]
        if found.state == Result.State.RELEASED:
            by.require("amend_result")
            record_events("result_amended", [found.order_id], at=at)
        Result.objects.filter(pk=result_id, state=found.state).update(comment=comment.strip())


def _require_free(found: Sequence[LockedResult]) -> None:
    held = LookBackMember.objects.filter(result_id__in=[one.id for one in found], settled=None).first()
    if held is not None:
        raise Refused(
            _("Look-back %(number)s holds this result. It is given free there.")
            % {"number": held.look_back_id}
        )


def _require_open(found: Sequence[LockedResult]) -> None:
    for one in found:
        if one.item_state != OPEN or one.order_state == CANCELLED:
            raise Refused(
                _("%(result)s: this test of the order is cancelled or closed. Refuse the value instead.")
                % {"result": one.title}
            )
    if len({one.order_item_id for one in found}) != len(found):
        raise Refused(_("Two values of one test cannot both be released. Choose one and refuse the other."))


def _set_aside(
    found: Sequence[LockedResult], state: Result.State, code: str, reason: str, *, by: Actor, at: datetime
) -> int:
    who = names_of([by.key])[by.key]
    facts: dict[str, Any] = {"name": by.name, "name_en": who.name_en, "name_ru": who.name_ru}
    words = because(code, **facts, note=require_reason(reason)).as_json()
    ids = [one.id for one in found]
    text = orjson.dumps([words]).decode()
    return sql_files.execute(SQL, "set_aside_results", ids=ids, state=state.value, reason=text, at=at)
