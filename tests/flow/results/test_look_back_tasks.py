"""A step of a look-back over many results: asked for, done by its process as the person, all or nothing."""

from datetime import timedelta

import pytest

from aliquot.flow.results.actions import (
    ask_recall,
    ask_settling,
    begin_again,
    do_task,
    fail_task,
    note_task,
    start_task,
)
from aliquot.flow.results.models import LookBack, LookBackMember, LookBackTask, Result
from aliquot.flow.results.queries.look_backs import is_silent
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.models import Event
from tests.factories import NOW, make_accepted, make_decided
from tests.regions import Region, one_with

LATER = NOW + timedelta(minutes=20)
State, What = LookBackTask.State, LookBackTask.What


def measured(region: Region, *, minutes: int = 0) -> Result:
    at = NOW + timedelta(minutes=minutes)
    return make_decided(region, make_accepted(region, "GLUS"), "GLUS", "5.0", measured_at=at)


def asked(region: Region, result: Result, by: Actor, *, total: int = 1) -> LookBackTask:
    criteria = Criteria(analyzer_id=result.analyzer_id, since=NOW - timedelta(minutes=1))
    return ask_recall(criteria, region.hub, reason="lamp failed", total=total, by=by, at=LATER)


def done(task: LookBackTask, by: Actor, heard: list[int]) -> int:
    assert start_task(task, by=by, at=LATER)
    task.refresh_from_db()
    return do_task(task, by=by, at=LATER, beat=heard.append)


def state_of(result: Result) -> str:
    return Result.objects.get(pk=result.pk).state


def test_a_recall_is_asked_for_done_and_kept(region: Region, doctor: Actor) -> None:
    first, late = measured(region), measured(region, minutes=30)
    heard: list[int] = []
    with acting(doctor):
        task = asked(region, first, doctor)
        assert (state_of(first), LookBack.objects.count()) == ("released", 0)
        assert done(task, doctor, heard) == 1
        task.refresh_from_db()
        assert (task.state, task.done, task.finished_at) == (State.FINISHED, 1, LATER)
        assert heard == [1]
        # what is measured after somebody asked is not concerned
        assert state_of(first) == "recalled"
        assert not LookBackMember.objects.filter(result_id=late.pk).exists()
        made = task.look_back
        assert made is not None
        assert (made.opened_by, made.reason) == (doctor.key, "lamp failed")
        assert not start_task(task, by=doctor, at=LATER)
    assert Event.objects.filter(kind="look_back_asked", subject_id=task.pk).exists()


def test_the_members_are_settled_the_same_way(region: Region, doctor: Actor) -> None:
    first, second = measured(region), measured(region, minutes=1)
    with acting(doctor):
        task = asked(region, first, doctor, total=2)
        done(task, doctor, [])
        look_back = LookBack.objects.get()
        chosen = ask_settling(
            look_back, What.RELEASE, reason="fine", total=1, ids=[first.pk], by=doctor, at=LATER
        )
        assert done(chosen, doctor, []) == 1
        assert (state_of(first), state_of(second)) == ("released", "recalled")
        rest = ask_settling(look_back, What.REPEAT, reason="new lamp", total=1, by=doctor, at=LATER)
        assert done(rest, doctor, []) == 1
        assert state_of(second) == "withdrawn"
        assert not LookBackMember.objects.filter(settled=None).exists()


def test_what_is_refused_changes_nothing_and_says_why(region: Region, doctor: Actor) -> None:
    result = measured(region)
    with acting(doctor):
        task = asked(region, result, doctor)
        Result.objects.filter(pk=result.pk).update(state="superseded")
        with pytest.raises(Refused) as refusal:
            done(task, doctor, [])
        fail_task(task, refusal.value, by=doctor, at=LATER)
        task.refresh_from_db()
        assert (task.state, task.look_back, task.done) == (State.FAILED, None, 0)
        assert "No result that could be held or recalled" in task.fault
        again = asked(region, result, doctor)
        fail_task(again, OSError("disk full"), by=doctor, at=LATER)
        again.refresh_from_db()
        assert again.fault == "The program failed: OSError: disk full"


def test_one_step_at_a_time_and_a_silent_one_begins_again(region: Region, doctor: Actor) -> None:
    result = measured(region)
    with acting(doctor):
        task = asked(region, result, doctor, total=9)
        with pytest.raises(Refused, match="Another step"):
            asked(region, result, doctor)
        start_task(task, by=doctor, at=LATER)
        note_task(task, done=4, by=doctor, at=LATER)
        task.refresh_from_db()
        assert (task.done, is_silent(task, LATER)) == (4, False)
        with pytest.raises(Refused, match="at work"):
            begin_again(task, by=doctor, at=LATER)
        much_later = LATER + timedelta(minutes=3)
        assert is_silent(task, much_later)
        begin_again(task, by=doctor, at=much_later)
        task.refresh_from_db()
        assert (task.state, task.done, is_silent(task, much_later)) == (State.QUEUED, 0, False)
        assert done(task, doctor, []) == 1
        task.refresh_from_db()
        assert not is_silent(task, much_later + timedelta(days=1))
        with pytest.raises(Refused, match="No result"):
            do_task(task, by=doctor, at=LATER)


def test_who_may_not_recall_may_not_ask(region: Region, doctor: Actor) -> None:
    result = measured(region)
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse), pytest.raises(Forbidden):
        asked(region, result, nurse)
    with acting(region.worker), pytest.raises(Forbidden, match="not yours"):
        asked(region, result, region.worker)
    with acting(doctor):
        task = asked(region, result, doctor)
    with acting(nurse), pytest.raises(Forbidden):
        begin_again(task, by=nurse, at=LATER + timedelta(days=1))
