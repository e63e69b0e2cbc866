"""Set up a region that lives, and serve it: what `make run` shows."""

import fcntl
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from aliquot.entrypoints.commands.migrate import Command as Migrate
from aliquot.entrypoints.commands.work import worker
from aliquot.entrypoints.demonstration.analyzers import Analyzers, installed_devices
from aliquot.entrypoints.demonstration.installation import install
from aliquot.entrypoints.demonstration.life import ROAD_SECONDS_PER_MINUTE, live, stop_on_signals
from aliquot.entrypoints.demonstration.past import is_lived, live_past
from aliquot.entrypoints.demonstration.processes import Supervisor
from aliquot.foundation import sql_files
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.people.sign_in import laboratory_sites

SQL = Path(__file__).parent.parent / "demonstration" / "sql"
PROCESSES: dict[str, Sequence[str]] = {
    "links": ["links"],
    "work": ["work"],
    "serve": ["serve"],
    "life": ["demo", "--life"],
}


class Command(BaseCommand):
    """`aliquot demo [--reset] [--seed N]`: everything is real but the patients and the analyzers."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="begin anew: the data of this home is removed"
        )
        parser.add_argument("--seed", type=int, default=1917)
        parser.add_argument(
            "--past", action="store_true", help="only the weeks before, if they are not lived"
        )
        parser.add_argument(
            "--life", action="store_true", help="only the life of the region, not its processes"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["life"]:
            _live(options["seed"])
            return
        if options["past"]:
            _live_past(options["seed"])
            return
        with _only_one(settings.HOME):
            self._run(reset=options["reset"])

    def _run(self, *, reset: bool) -> None:
        began = time.monotonic()
        if reset:
            _begin_anew()
        self.stdout.write("Setting up the region ...")
        call_command(Migrate(), verbosity=0)
        install(at=timezone.now())
        has_past = is_lived(timezone.now())
        connections.close_all()
        supervisor = Supervisor(
            PROCESSES, {"ALIQUOT_DEMO": "1", "ALIQUOT_DEMO_ROAD": str(60 / ROAD_SECONDS_PER_MINUTE)}
        )
        supervisor.listen()
        supervisor.start("serve")
        self.stdout.write(
            f"Ready after {time.monotonic() - began:.1f} s: {_address()}  (Ctrl-C ends it; the data stays)"
        )
        try:
            if not has_past:
                supervisor.finish("past", ["demo", "--past"])
            supervisor.start()
            supervisor.watch(self.stderr.write)
        finally:
            supervisor.stop()


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    """Hold this home's demonstration; a second one would drive the same analyzers."""
    with (home / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError("the demonstration of this home is running already; end it first") from None
        yield


def _begin_anew() -> None:
    """Remove everything of the demonstration's own database; refuse to touch a database that was given."""
    if os.environ.get("ALIQUOT_DATABASE_URL") or os.environ.get("ALIQUOT_DATABASE_URL_FILE"):
        raise CommandError("the database is not the demonstration's own; empty it yourself")
    sql_files.run_text(sql_files.statement(SQL, "empty_schema"), using="owner")


def _live_past(seed: int) -> None:
    people = live(_address(), seed, rack=lambda _numbers: None, control=lambda _code: None)
    live_past(people, worker(), at=timezone.now())


def _live(seed: int) -> None:
    with acting(system_actor("demonstration")):
        laboratories = laboratory_sites()
    with acting(system_actor("demonstration", laboratories)):
        devices = installed_devices()
    # each start of the region is another day: the seed makes a first day repeatable
    analyzers = Analyzers(devices, random.Random(seed))  # noqa: S311 - a demonstration, not a secret
    analyzers.start()
    life = live(_address(), seed, analyzers.load, analyzers.control)
    stop_on_signals(life)
    life.begin()
    life.run()


def _address() -> str:
    return f"http://127.0.0.1:{os.environ.get('ALIQUOT_PORT', '8000')}"
