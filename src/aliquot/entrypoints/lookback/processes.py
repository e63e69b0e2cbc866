"""One step of a look-back in a process of its own, that tells the page how far it is."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from time import monotonic

from django.db import connections
from django.utils import timezone, translation

from aliquot.flow.results.actions import do_task, fail_task, note_task, start_task
from aliquot.flow.results.models import LookBackTask
from aliquot.foundation.actors import Actor
from aliquot.foundation.beside import begin_beside
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for, confirm_rights, laboratories_actor

logger = logging.getLogger(__name__)
PAUSE = 0.5
"""Seconds between two kept signs of life."""


def begin_tasks(keys: list[int], at: datetime) -> None:  # noqa: ARG001 - every job takes when
    """A process of its own for each step that was asked for: the worker goes on deciding meanwhile."""
    waiting = LookBackTask.objects.filter(pk__in=keys, state=LookBackTask.State.QUEUED)
    for key in waiting.values_list("pk", flat=True):
        begin_beside("look-back", str(key))


def run_task(key: int) -> bool:
    """Do a step that was asked for, as the person who asked; whether it was free to be done."""
    program = laboratories_actor("look-back")
    with acting(program, reason="look-back"):
        task = LookBackTask.objects.select_related("laboratory", "look_back").get(pk=key)
        by = actor_for(Person.objects.get(pk=task.person_id), site_id=task.laboratory_id)
        if not start_task(task, by=program, at=timezone.now()):
            return False
    with translation.override(by.language or "en"):
        fault = _fault(task, by, program)
        if fault is not None:
            with acting(program, reason="look-back"):
                fail_task(task, fault, by=program, at=timezone.now())
    return True


def _fault(task: LookBackTask, by: Actor, program: Actor) -> Exception | None:
    """Do it; why it could not be done, or nothing."""
    voice = Voice(task, program)
    try:
        with acting(by, reason=task.reason):
            do_task(task, by=by, at=timezone.now(), beat=voice.say)
            confirm_rights(by)
    except Refused as refusal:
        return refusal
    except Exception as fault:
        logger.exception("step %d of a look-back failed", task.pk)
        return fault
    finally:
        voice.end()
    return None


class Voice:
    """Tells the page how far a step is, over a connection beside the step's transaction."""

    def __init__(self, task: LookBackTask, by: Actor) -> None:
        self.task, self.by = task, by
        self.spoke = monotonic()
        self.thread = ThreadPoolExecutor(1)
        self.word: Future[None] | None = None

    def say(self, done: int) -> None:
        """Note how many results are done, unless the word before is not yet kept or just was."""
        if (self.word is None or self.word.done()) and monotonic() - self.spoke > PAUSE:
            self.spoke = monotonic()
            self.word = self.thread.submit(self._keep, done)

    def end(self) -> None:
        """Let the last word be kept, and close the connection."""
        self.thread.submit(connections.close_all)
        self.thread.shutdown()

    def _keep(self, done: int) -> None:
        with acting(self.by, reason="look-back"):
            note_task(self.task, done=done, by=self.by, at=timezone.now())
