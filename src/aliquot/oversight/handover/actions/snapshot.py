"""One state of the database for many readers, and the ids up to which tables are settled."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from django.db import connections, transaction
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, LockNotAvailable

from aliquot.foundation import sql_files
from aliquot.foundation.errors import Refused
from aliquot.oversight.handover.queries.database import OWNER, SQL

READERS = 2
TRIES = 30
PATIENCE = 1.0
"""Seconds that writers may have to wait for us, and that they have for themselves between two tries."""
Found = TypeVar("Found")
_STILL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


@contextmanager
def exported_snapshot() -> Iterator[str]:
    """A transaction that sees one state, and the name by which others see the same."""
    with transaction.atomic(using=OWNER):
        sql_files.run_text(_STILL, using=OWNER)
        yield str(sql_files.fetch_value(SQL, "export_snapshot", using=OWNER))


def read_together(snapshot: str, tasks: Sequence[Callable[[], list[Found]]]) -> list[Found]:
    """What the tasks found, shared out to readers that see the snapshot; the first fault ends all."""
    waiting = deque(tasks)
    with ThreadPoolExecutor(READERS, thread_name_prefix="handover") as pool:
        futures = [pool.submit(_inside, snapshot, waiting) for _reader in range(READERS)]
        return [one for future in futures for one in future.result()]


def settle(table: str, key: str) -> int:
    """The greatest key of a table that is only added to, taken when nobody was in the middle of adding.

    All rows up to it are in every later snapshot. Writers wait for a second at most, again and again with
    as much time between for themselves.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(using=OWNER):
                sql_files.run_text("SET LOCAL lock_timeout = '1s'", using=OWNER)
                sql_files.run_text(f'LOCK TABLE "{table}" IN SHARE MODE', using=OWNER)
                found = sql_files.fetch_text(f'SELECT coalesce(max("{key}"), 0) FROM "{table}"', using=OWNER)  # noqa: S608 - names of our tables
                return int(found[0][0])
        except (LockNotAvailable, DeadlockDetected) as fault:
            if not left:
                words = _("Somebody writes to %(table)s without a pause. Try again at a quieter hour.")
                raise Refused(words % {"table": table}) from fault
            time.sleep(PATIENCE)
    raise AssertionError("the last try returns or refuses")


def _inside(snapshot: str, waiting: deque[Callable[[], list[Found]]]) -> list[Found]:
    """Work off tasks in one session of its own; a fault leaves none to the others."""
    found: list[Found] = []
    try:
        with transaction.atomic(using=OWNER):
            sql_files.run_text(_STILL, using=OWNER)
            sql_files.run_text(f"SET TRANSACTION SNAPSHOT '{snapshot}'", using=OWNER)
            while waiting:
                found += _next(waiting)()
    except BaseException:
        waiting.clear()
        raise
    finally:
        connections[OWNER].close()
    return found


def _next(waiting: deque[Callable[[], list[Found]]]) -> Callable[[], list[Found]]:
    try:
        return waiting.popleft()
    except IndexError:  # the other reader took the last
        return list
