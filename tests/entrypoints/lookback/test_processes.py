"""A step of a look-back in its process: begun by the worker, as the person who asked, nothing left by a kill."""

import os
import signal
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from aliquot.entrypoints.lookback.processes import run_task
from aliquot.flow.results.actions import ask_recall, autoverify_batch, begin_again
from aliquot.flow.results.models import LookBackTask, Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_result
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region

WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'look_back_step'::regclass"


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@pytest.fixture
def task(region: Region) -> int:
    """A recall of three released results that a doctor asked for."""
    with acting(region.worker):
        made = [make_result(region, make_accepted(region, "GLUS"), "GLUS", "5.0") for _ in range(3)]
        autoverify_batch(limit=100, by=region.worker, at=NOW)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    criteria = Criteria(analyzer_id=made[0].analyzer_id, since=NOW - timedelta(hours=1))
    with acting(doctor):
        asked = ask_recall(criteria, region.hub, reason="lamp failed", total=3, by=doctor, at=timezone.now())
    return int(asked.pk)


def kept(live: LiveRegion, task: int) -> tuple[str, int]:
    found = live.look("SELECT state, done FROM look_back_task WHERE id = %s", task)[0]
    return str(found[0]), int(found[1])


def recalled(live: LiveRegion) -> int:
    return int(live.look("SELECT count(*) FROM result WHERE state = 'recalled'")[0][0])


def test_the_worker_begins_it_and_the_person_did_it(
    live_region: LiveRegion, region: Region, task: int
) -> None:
    live_region.start("work")
    wait_for(lambda: kept(live_region, task)[0] == "finished", "the step is done")
    doctor = one_with(region, "laboratory_doctor", region.hub)
    assert (kept(live_region, task), recalled(live_region)) == (("finished", 3), 3)
    assert live_region.look("SELECT opened_by, reason FROM look_back") == [(doctor.key, "lamp failed")]


def test_a_killed_process_changes_nothing_and_another_begins_again(
    live_region: LiveRegion, region: Region, task: int
) -> None:
    with psycopg.connect(live_region.owner_url) as hindrance:
        hindrance.execute("LOCK TABLE look_back_step IN ACCESS EXCLUSIVE MODE")
        process = live_region.start("look-back", str(task))
        wait_for(lambda: bool(live_region.look(WAITING)), "the results are recalled, the step is not noted")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        hindrance.rollback()
    assert (kept(live_region, task)[0], recalled(live_region)) == ("running", 0)
    assert not run_task(task)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        begin_again(LookBackTask.objects.get(pk=task), by=doctor, at=timezone.now() + timedelta(minutes=3))
    assert run_task(task)
    assert (kept(live_region, task), recalled(live_region)) == (("finished", 3), 3)


def test_what_is_refused_is_kept_in_words_of_who_asked(
    live_region: LiveRegion, region: Region, task: int
) -> None:
    with acting(region.worker):
        Result.objects.filter(state="released").update(state="superseded")
    assert run_task(task)
    assert kept(live_region, task) == ("failed", 0)
    words = live_region.look("SELECT fault FROM look_back_task")[0][0]
    assert words.startswith("Нет результатов") or "результат" in words
