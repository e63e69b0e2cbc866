"""Run a back-test in processes of its own, their counts added; and a validation from end to end."""

import logging
import multiprocessing
from collections.abc import Callable, Sequence
from datetime import datetime
from queue import Empty
from time import monotonic
from typing import Any

from django.utils import timezone

from aliquot.entrypoints.backtest.part import Task, decide_part
from aliquot.flow.results.actions.validating import outcomes_of, report_of
from aliquot.flow.results.queries.replaying import History, count_history
from aliquot.flow.results.rules.backtest.tally import Tally, total
from aliquot.flow.verification.actions import (
    fail_validation,
    finish_validation,
    note_progress,
    start_validation,
)
from aliquot.flow.verification.models import RuleSetValidation
from aliquot.flow.verification.queries import check_text
from aliquot.foundation.actors import SystemActor
from aliquot.foundation.beside import begin_beside
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Site
from aliquot.registers.people.sign_in import laboratories_actor

logger = logging.getLogger(__name__)
PROCESSES = 2
PATIENCE = 2.0
"""Seconds between two looks at whether the processes live, and between two kept signs of life."""


def tell(
    text: str,
    scope: Site | None,
    history: History,
    *,
    sites: frozenset[int],
    at: datetime,
    processes: int = PROCESSES,
    beat: Callable[[int], object] = lambda _count: None,
) -> Tally:
    """The counts of a text on history, decided by several processes; raises RuntimeError when one fails."""
    context = multiprocessing.get_context("spawn")
    said: Any = context.Queue()
    code = scope.code if scope else ""
    tasks = [
        Task(text, code, history.since, history.until, history.laboratory_id, sites, at, part, processes)
        for part in range(processes)
    ]
    workers = [context.Process(target=decide_part, args=(task, said), daemon=True) for task in tasks]
    for worker in workers:
        worker.start()
    try:
        return total(_gathered(workers, said, beat))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _gathered(workers: Sequence[Any], said: Any, beat: Callable[[int], object]) -> list[Tally]:
    found: dict[int, Tally] = {}
    counts: dict[int, int] = {}
    while len(found) < len(workers):
        try:
            part, word = said.get(timeout=PATIENCE)
        except Empty:
            ended = [one for one in workers if one.exitcode not in (None, 0)]
            if ended:
                raise RuntimeError(f"a process of the back-test ended with {ended[0].exitcode}") from None
            continue
        if isinstance(word, Exception):
            raise word
        if isinstance(word, Tally):
            found[part] = word
        counts[part] = word.decided if isinstance(word, Tally) else word
        beat(sum(counts.values()))
    return list(found.values())


def run_validation(key: int, *, processes: int = PROCESSES) -> bool:
    """Run a validation that was asked for, telling the page how far it is; whether it was free to be run."""
    by = laboratories_actor("validation")
    with acting(by, reason="validation"):
        asked = RuleSetValidation.objects.select_related("rule_set__laboratory", "laboratory").get(pk=key)
        history = History(asked.since, asked.until, asked.laboratory_id)
        if not start_validation(asked, total=count_history(history), by=by, at=timezone.now()):
            return False
    try:
        _run(asked, history, by, processes)
    except Exception as fault:
        logger.exception("validation %d failed", key)
        with acting(by, reason="validation"):
            fail_validation(asked, f"{type(fault).__name__}: {fault}", by=by, at=timezone.now())
    return True


def _run(asked: RuleSetValidation, history: History, by: SystemActor, processes: int) -> None:
    version, kept = asked.rule_set, [monotonic()]

    def beat(count: int) -> None:
        if monotonic() - kept[0] > PATIENCE:
            kept[0] = monotonic()
            with acting(by, reason="validation"):
                note_progress(asked, decided=count, by=by, at=timezone.now())

    scope, at = version.laboratory, asked.asked_at
    counts = tell(version.text, scope, history, sites=by.sites, at=at, processes=processes, beat=beat)
    with acting(by, reason="validation"):
        checked = check_text(version.text, scope, at=at)
        report = report_of(checked, outcomes_of(checked, asked.laboratory), counts, history, asked.laboratory)
        finish_validation(asked, report, by=by, at=timezone.now())


def begin_validations(keys: list[int], at: datetime) -> None:  # noqa: ARG001 - every job takes when
    """A process of its own for each validation: the worker goes on deciding meanwhile."""
    waiting = RuleSetValidation.objects.filter(pk__in=keys, state=RuleSetValidation.State.QUEUED)
    for key in waiting.values_list("pk", flat=True):
        begin_beside("rules", "validate", str(key))
