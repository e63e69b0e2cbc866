"""A trial of monitors in a process of its own, that tells the page how far it is."""

import logging
from datetime import datetime
from time import monotonic

from django.utils import timezone, translation

from aliquot.flow.quality.actions import fail_design, finish_design, note_design, start_design
from aliquot.flow.quality.models import MonitorDesign
from aliquot.flow.results.queries.numbers import numbers_of
from aliquot.foundation.actors import Actor
from aliquot.foundation.beside import begin_beside
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for, confirm_rights, laboratories_actor

logger = logging.getLogger(__name__)
PAUSE = 0.5
"""Seconds between two kept signs of life."""


def begin_designs(keys: list[int], at: datetime) -> None:  # noqa: ARG001 - every job takes when
    """A process of its own for each trial that was asked for: the worker stays small and goes on deciding."""
    waiting = MonitorDesign.objects.filter(pk__in=keys, state=MonitorDesign.State.QUEUED)
    for key in waiting.values_list("pk", flat=True):
        begin_beside("design-monitor", str(key))


def run_design(key: int) -> bool:
    """Do a trial that was asked for, as the person who asked; whether it was free to be done."""
    program = laboratories_actor("design")
    with acting(program, reason="design"):
        related = MonitorDesign.objects.select_related("laboratory", "analyzer", "test")
        design = related.get(pk=key)
        by = actor_for(Person.objects.get(pk=design.person_id), site_id=design.laboratory_id)
        if not start_design(design, by=program, at=timezone.now()):
            return False
    with translation.override(by.language or "en"):
        fault = _fault(design, by, program)
        if fault is not None:
            with acting(program, reason="design"):
                fail_design(design, fault, by=program, at=timezone.now())
    return True


def _fault(design: MonitorDesign, by: Actor, program: Actor) -> Exception | None:
    """Try the candidates and keep the draft; why that could not be done, or nothing."""
    try:
        _design(design, by, program)
    except Refused as refusal:
        return refusal
    except Exception as fault:
        logger.exception("trial %d of monitors failed", design.pk)
        return fault
    return None


def _design(design: MonitorDesign, by: Actor, program: Actor) -> None:
    from aliquot.entrypoints.designing.trial import tried  # NumPy and SciPy: never in the worker

    with acting(by, reason="design"):
        history = numbers_of(
            design.laboratory_id,
            design.analyzer_id,
            design.test_id,
            since=design.since,
            until=design.until,
            inclusion=design.inclusion,
        )
    spoke = [monotonic()]

    def beat(done: int, total: int) -> None:
        if monotonic() - spoke[0] > PAUSE:
            spoke[0] = monotonic()
            with acting(program, reason="design"):
                note_design(design, done=done, total=total, by=program, at=timezone.now())

    candidates, failed = tried(design, history, beat=beat)
    with acting(by, reason="design"):
        confirm_rights(by)
        finish_design(design, candidates, failed, by=by, at=timezone.now())
