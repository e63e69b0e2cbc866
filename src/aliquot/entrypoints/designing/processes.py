"""A trial of monitors in a process of its own, that tells the page how far it is."""

import logging
import subprocess
import sys
from datetime import datetime
from time import monotonic

from django.utils import timezone, translation

from aliquot.flow.quality.actions import fail_design, finish_design, note_design, start_design
from aliquot.flow.quality.models import MonitorDesign
from aliquot.flow.results.queries.numbers import numbers_of
from aliquot.foundation.actors import Actor, system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.people.models import Person
from aliquot.registers.people.sign_in import actor_for, laboratory_sites

logger = logging.getLogger(__name__)
PAUSE = 0.5
"""Seconds between two kept signs of life."""
MAIN = "from aliquot.entrypoints.commands import main; main()"
_started: "list[subprocess.Popen[bytes]]" = []


def begin_designs(keys: list[int], at: datetime) -> None:  # noqa: ARG001 - every job takes when
    """A process of its own for each trial that was asked for: the worker stays small and goes on deciding."""
    waiting = MonitorDesign.objects.filter(pk__in=keys, state=MonitorDesign.State.QUEUED)
    _started[:] = [one for one in _started if one.poll() is None]
    for key in waiting.values_list("pk", flat=True):
        command = [sys.executable, "-c", MAIN, "design-monitor", str(key)]
        _started.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603 - our own command


def run_design(key: int) -> bool:
    """Do a trial that was asked for, as the person who asked; whether it was free to be done."""
    program = _program()
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
        finish_design(design, candidates, failed, by=by, at=timezone.now())


def _program() -> Actor:
    with acting(system_actor("design")):
        return system_actor("design", laboratory_sites())
