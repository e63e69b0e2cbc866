"""Steps of a look-back over many results: a person asks, a process of its own does it, all or nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.locking import require_reason
from aliquot.flow.results.actions.look_backs import (
    Beat,
    open_look_back,
    release_again,
    require_findable,
    unheard,
    withdraw_members,
)
from aliquot.flow.results.actions.withdrawing import Then
from aliquot.flow.results.models import LookBack, LookBackStep, LookBackTask
from aliquot.flow.results.queries.look_backs import is_silent
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.network.models import Site

State, What = LookBackTask.State, LookBackTask.What
UNDONE = (State.QUEUED, State.RUNNING)
EVENT = "look_back_asked"


def ask_recall(
    criteria: Criteria, laboratory: Site, *, reason: str, total: int, by: Actor, at: datetime
) -> LookBackTask:
    """Have a process hold and recall what the criteria name; `total` is how many results that is now.

    Records "look_back_asked". Refused as `open_look_back`, and while another step of this laboratory runs.
    """
    require_findable(criteria)
    criteria = criteria.until_now(at)
    return _asked(laboratory.pk, None, What.RECALL, reason, total, by=by, at=at, criteria=criteria.as_json())


def ask_settling(
    look_back: LookBack,
    what: LookBackTask.What,
    *,
    reason: str,
    total: int,
    ids: Collection[int] | None = None,
    by: Actor,
    at: datetime,
) -> LookBackTask:
    """Have a process settle what a look-back holds (`ids`, or all that is open); `total` is how many."""
    chosen = sorted(ids) if ids is not None else None
    return _asked(look_back.laboratory_id, look_back, what, reason, total, by=by, at=at, results=chosen)


def start_task(task: LookBackTask, *, by: Actor, at: datetime) -> bool:  # noqa: ARG001 - every action says who
    """Take the step for this process; whether it was free."""
    free = LookBackTask.objects.filter(pk=task.pk, state=State.QUEUED)
    return bool(free.update(state=State.RUNNING, done=0, beat_at=at))


def note_task(task: LookBackTask, *, done: int, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Say how far the step is, and that it is alive; call it beside the step's own transaction."""
    LookBackTask.objects.filter(pk=task.pk, state=State.RUNNING).update(done=done, beat_at=at)


def do_task(task: LookBackTask, *, by: Actor, at: datetime, beat: Beat = unheard) -> int:
    """Do the step in one transaction that also says it is finished; how many results were changed.

    `by` is the person who asked, with the rights of this moment. Refused as the step itself, or when the
    task was ended meanwhile; then nothing was changed.
    """
    with transaction.atomic():
        look_back, count = _done(task, by=by, at=at, beat=beat)
        finished = LookBackTask.objects.filter(pk=task.pk, state=State.RUNNING).update(
            state=State.FINISHED, look_back=look_back, done=count, finished_at=at, beat_at=at
        )
        if not finished:
            raise Refused(_("This was ended meanwhile."))
    return count


def fail_task(task: LookBackTask, why: Exception, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Keep why nothing was changed, in the language that is set."""
    fault = _("The program failed: %(fault)s") % {"fault": f"{type(why).__name__}: {why}"}
    if isinstance(why, Refused):
        fault = why.reason
    LookBackTask.objects.filter(pk=task.pk, state__in=UNDONE).update(
        state=State.FAILED, fault=fault, finished_at=at
    )


def begin_again(task: LookBackTask, *, by: Actor, at: datetime) -> None:
    """Have a step done whose process says nothing any more; it changed nothing, for it did not finish."""
    by.require("recall_result")
    if task.laboratory_id not in by.sites:
        raise Forbidden(_("This look-back is not visible here."))
    if not is_silent(task, at):
        raise Refused(_("This step is at work. Wait for it."))
    again = LookBackTask.objects.filter(pk=task.pk, state__in=UNDONE, beat_at=task.beat_at)
    if not again.update(state=State.QUEUED, done=0, beat_at=at):
        raise Refused(_("This step is at work. Wait for it."))
    record_events(EVENT, [task.pk], at=at)


def _asked(
    laboratory_id: int,
    look_back: LookBack | None,
    what: LookBackTask.What,
    reason: str,
    total: int,
    *,
    by: Actor,
    at: datetime,
    **said: Any,
) -> LookBackTask:
    by.require("recall_result")
    if laboratory_id not in by.sites or by.person_id is None:
        raise Forbidden(_("This laboratory is not yours."))
    words = require_reason(reason)
    undone = LookBackTask.objects.filter(laboratory_id=laboratory_id, state__in=UNDONE)
    if any(not is_silent(one, at) for one in undone):
        raise Refused(_("Another step of a look-back is at work here. Wait until it is done."))
    task = LookBackTask.objects.create(
        laboratory_id=laboratory_id,
        look_back=look_back,
        what=what,
        reason=words,
        total=total,
        person_id=by.person_id,
        asked_at=at,
        asked_by=by.key,
        beat_at=at,
        **said,
    )
    record_events(EVENT, [task.pk], at=at)
    return task


def _done(task: LookBackTask, *, by: Actor, at: datetime, beat: Beat) -> tuple[LookBack, int]:
    said: dict[str, Any] = {"reason": task.reason, "by": by, "at": at, "beat": beat}
    if task.what == What.RECALL:
        made = open_look_back(Criteria.from_json(task.criteria), task.laboratory, **said)
        return made, LookBackStep.objects.get(look_back=made).count
    look_back = task.look_back
    assert look_back is not None, "only a recall begins without a look-back"
    said["ids"] = task.results
    if task.what == What.RELEASE:
        return look_back, release_again(look_back, **said)
    return look_back, withdraw_members(look_back, then=Then(task.what), **said)
