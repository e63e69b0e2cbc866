"""Work off what happens: read messages, decide results, react to events."""

import gc
import logging
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection
from django.utils import timezone
from django.utils.module_loading import import_string

from aliquot.flow.quality.jobs import mark_controls, renew_targets
from aliquot.flow.results.jobs import climb_ladders, decide_batch, mark_waiting, record_batch
from aliquot.foundation import sql_files
from aliquot.foundation.actors import SystemActor
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import (
    claim_events,
    claim_subject,
    discard_events,
    postpone_events,
)
from aliquot.foundation.events.queries import due_subjects
from aliquot.foundation.months.actions import prepare_months
from aliquot.oversight.comparability.jobs import compare_months
from aliquot.oversight.insight.jobs import count_indicators, note_indicators
from aliquot.registers.people.sign_in import laboratories_actor

logger = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"
POLL_SECONDS = 0.5
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 2.0  # seconds between tries to reach a database that does not answer
HOUSEKEEPING_SECONDS = 3600.0
_last_kept = [-HOUSEKEEPING_SECONDS]
OVERDUE_SECONDS = 15.0
OVERDUE_AT_ONCE = 1000
_last_marked = [-OVERDUE_SECONDS]
FIGURES_SECONDS, DAYS_AT_ONCE = 300.0, 1
FIGURES_PAUSE = 1.0
"""Between two days that are counted: a year that is worked off leaves the machine to the results."""
FIGURES_END_SECONDS = 1.0
"""A worker that is asked to end waits so long for its figures; what is half counted is rolled back."""
COLLECTED_AFTER = (50_000, 20, 20)
"""Objects more than were freed, before the youngest are looked through; how often, before the older ones."""
SMALL_SHARE = 10
GATHER_SECONDS = 0.1
"""After a batch of less than a tenth of what it could be: its statements cost the same for more."""
SINGLY = 50  # subjects of a batch that failed are tried alone, so many in a round
CALLS_AT_ONCE = 200
MESSAGES_SHARE = 5  # a message brings several results: so many times fewer messages than results in a batch
# what goes through sql_files comes as it is, what goes through the ORM comes wrapped
FAULTS = (Error, psycopg.Error)

Job = Callable[[list[int], datetime], object]


@dataclass(frozen=True, slots=True)
class Counts:
    """What one round did: results recorded, results decided, events worked off, steps that failed."""

    recorded: int = 0
    decided: int = 0
    events: int = 0
    failures: int = 0

    @property
    def any_work(self) -> bool:
        return bool(self.recorded or self.decided or self.events)


def work_once(limit: int = 1000, reactions: Mapping[str, Job] | None = None) -> Counts:
    """One round: a batch of messages, of results and of each kind of event, each in its own transaction.

    A step that fails is rolled back, logged and counted; the others go on. A subject whose reaction fails
    waits, longer each time, and holds up no other. Raises one of FAULTS when the database is not there.
    """
    by = worker()
    jobs = import_string(settings.ALIQUOT_REACTIONS) if reactions is None else reactions
    messages = max(1, limit // MESSAGES_SHARE)
    recorded = _step(by, "messages", lambda at: record_batch(messages, at))
    decided = _step(by, "results", lambda at: decide_batch(limit, at))
    reacted = [_reacted(by, kind, job, limit) for kind, job in jobs.items()]
    discarded = _step(by, "events", lambda _at: discard_events(jobs, limit=limit))
    climbed = _step(by, "critical calls", lambda at: climb_ladders(CALLS_AT_ONCE, at))
    _mark_overdue(by)
    _keep_house(by)
    return Counts(
        recorded=recorded or 0,
        decided=decided or 0,
        events=sum(count for count, _ in reacted),
        failures=[recorded, decided, discarded, climbed].count(None) + sum(failed for _, failed in reacted),
    )


def _mark_overdue(by: SystemActor) -> None:
    """Every quarter of a minute: results that wait too long come first; controls that are due are missed."""
    if monotonic() - _last_marked[0] > OVERDUE_SECONDS:
        _last_marked[0] = monotonic()
        _step(by, "overdue results", lambda at: mark_waiting(OVERDUE_AT_ONCE, at))
        _step(by, "controls that are due", lambda at: mark_controls(OVERDUE_AT_ONCE, at))


def keep_figures(stop: Event) -> None:
    """Count figures every five minutes until `stop`, on a connection of its own: no result waits for them."""
    while not stop.is_set():
        try:
            count_figures(stop)
        except FAULTS as fault:
            logger.warning("the database does not answer, figures are counted later: %s", fault)
        connection.close()  # minutes go by until it is needed again
        stop.wait(FIGURES_SECONDS)


def count_figures(stop: Event) -> int:
    """Compare the month if it is due, count the days that changed one by one until `stop`; how many."""
    by, counted = worker(), 0
    _step(by, "comparability", compare_months)
    _step(by, "days to be counted", note_indicators)
    while not stop.is_set() and (days := _step(by, "figures", partial(count_indicators, DAYS_AT_ONCE))):
        counted += days
        stop.wait(FIGURES_PAUSE)
    return counted


def _keep_house(by: SystemActor) -> None:
    """Once in an hour: the months to come, floating targets; a failure is logged and tried an hour later."""
    if monotonic() - _last_kept[0] > HOUSEKEEPING_SECONDS:
        _last_kept[0] = monotonic()
        _step(by, "months", lambda _at: prepare_months())
        _step(by, "floating targets", lambda at: renew_targets(OVERDUE_AT_ONCE, at))


def worker() -> SystemActor:
    """The actor of a worker: for all laboratories of the region."""
    return laboratories_actor("worker")


def _step(by: SystemActor, name: str, step: Callable[[datetime], int]) -> int | None:
    """How much a step did in a transaction of its own, or None when it failed."""
    try:
        with acting(by, reason=f"worker: {name}"):
            return step(timezone.now())
    except FAULTS:
        if not _is_database_there():
            raise
        logger.exception("%s: this batch failed and is tried again", name)
    except Exception:
        logger.exception("%s: this batch failed and is tried again", name)
    return None


def _reacted(by: SystemActor, kind: str, job: Job, limit: int) -> tuple[int, int]:
    """How many subjects were reacted to, and how many reactions failed."""
    count = _step(by, kind, partial(_react, kind, job, limit))
    return (count, 0) if count is not None else _react_singly(by, kind, job, limit)


def _react(kind: str, job: Job, limit: int, at: datetime) -> int:
    if subjects := claim_events(kind, limit=limit):
        job(subjects, at)
    return len(subjects)


def _react_singly(by: SystemActor, kind: str, job: Job, limit: int) -> tuple[int, int]:
    """Each subject in a transaction of its own: one that fails is put off, the others are served."""
    with acting(by):
        subjects = due_subjects(kind, limit=min(limit, SINGLY))
    done = [_react_to_one(by, kind, job, subject) for subject in subjects]
    return done.count(True), done.count(False)


def _react_to_one(by: SystemActor, kind: str, job: Job, subject: int) -> bool:
    try:
        with acting(by, reason=f"worker: {kind}"):
            if claim_subject(kind, subject):
                job([subject], timezone.now())
    except Exception as fault:
        if not _is_database_there():
            raise
        logger.exception("%s: the reaction to %d failed and is put off", kind, subject)
        with acting(by):
            postpone_events(kind, subject, f"{type(fault).__name__}: {fault}")
        return False
    return True


def _is_database_there() -> bool:
    return connection.connection is not None and not connection.connection.closed and connection.is_usable()


class Command(BaseCommand):
    """`aliquot work [--batch N]`: several may run; each takes what the others do not hold."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=1000, help="results decided in one transaction")

    def handle(self, *_: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        figures = Thread(target=keep_figures, args=(stop,), name="figures", daemon=True)
        figures.start()
        work_until(stop, options["batch"])
        figures.join(FIGURES_END_SECONDS)


def work_until(stop: Event, limit: int) -> None:
    """Work round after round until `stop`; sleep when there is nothing; wait for a database that is away."""
    pause = SHORTEST_PAUSE
    _spare_collecting()
    while not stop.is_set():
        began = monotonic()
        try:
            _work_connected(stop, limit)
        except FAULTS as fault:
            pause = SHORTEST_PAUSE if monotonic() - began > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            logger.warning("the database does not answer, trying again in %.2f s: %s", pause, fault)
            connection.close()
            stop.wait(pause)


def _spare_collecting() -> None:
    """Look for cycles seldom, and not in what stays: a batch makes many objects and few cycles."""
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)


def _work_connected(stop: Event, limit: int) -> None:
    sql_files.execute(SQL, "listen")
    while not stop.is_set():
        counts = work_once(limit)
        if counts.failures:
            stop.wait(POLL_SECONDS)
        elif not counts.any_work:
            _sleep()
        elif counts.recorded + counts.decided + counts.events < limit // SMALL_SHARE:
            stop.wait(GATHER_SECONDS)


def _sleep() -> None:
    """Until somebody records something, or the poll's time is over."""
    for _ in connection.connection.notifies(timeout=POLL_SECONDS, stop_after=1):
        return
