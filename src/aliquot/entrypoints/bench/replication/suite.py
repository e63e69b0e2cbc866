"""Results at a pace in a region: when each batch is seen in the federation; a cut, and how it is made up."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event
from time import perf_counter, sleep
from typing import Any

from psycopg import OperationalError

from aliquot.entrypoints.bench.figures import percentiles, rate
from aliquot.entrypoints.bench.ground import Ground
from aliquot.entrypoints.bench.history import add_history
from aliquot.entrypoints.bench.machine import fsyncs_per_second, load_average, machine_facts
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import Processes
from aliquot.entrypoints.bench.replication.nodes import (
    CODE,
    Node,
    join,
    make_federation,
    make_region,
    superuser_url,
)
from aliquot.entrypoints.bench.session import Session
from aliquot.foundation.postgres import ensure_running, stop

SCHEMA = 1
BATCHES_A_SECOND = 10
PATIENCE = 600.0
LOOK_SECONDS = 0.01
EXPORT = "aliquot_export"
PLAIN_TABLE = "CREATE TABLE plain_result (id bigint PRIMARY KEY, made_at timestamptz, words text)"
PLAIN_ROWS = (
    "INSERT INTO plain_result SELECT one, clock_timestamp(), repeat('x', 200)"
    " FROM generate_series(%s::bigint, %s::bigint) AS one"
)
SEEN = f"SELECT coalesce(max(id), 0) FROM facts_{CODE}.result_fact"  # noqa: S608 - a constant
PLAIN_SEEN = "SELECT coalesce(max(id), 0) FROM plain_result"


@dataclass(frozen=True, slots=True)
class ReplicationWanted:
    """Results a second, for how long, how long the federation is away, results that are there beforehand."""

    pace: int = 2000
    seconds: int = 30
    cut: int = 30
    history: int = 20_000


class ReplicationSuite:
    """One region's and one federation's measurement; `say` tells a person what goes on."""

    def __init__(self, wanted: ReplicationWanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._region = Session(os.environ["ALIQUOT_OWNER_URL"])
        self._ids: list[int] = []

    def measure(self) -> dict[str, Any]:
        """Lag of each batch from commit to sight, beside a plain table of the same pace; the cut; counts."""
        facts = machine_facts(self._region, Path(os.environ["ALIQUOT_HOME"]))
        if not self._region.value("SELECT to_regclass('public.result') IS NOT NULL"):
            laboratory = Ground(self._region, self._say).prepare(10, self._wanted.history)
            add_history(self._region, laboratory, self._wanted.history, years=1)
        size = self._wanted.pace // BATCHES_A_SECOND
        newest = self._region.text("SELECT id FROM result ORDER BY id DESC LIMIT %s", [size])
        self._ids = [one for (one,) in newest]
        homes = Path(mkdtemp(prefix="aliquot-replication-"))
        homes.chmod(0o755)
        processes = Processes()
        try:
            found = self._joined(homes, processes)
        finally:
            processes.stop()
            for home in (homes / "federation", homes / "region" / "export"):
                if home.is_dir():
                    stop(home, "immediate")
            rmtree(homes, ignore_errors=True)
        return {
            "schema": SCHEMA,
            "measured_at": datetime.now(UTC).isoformat(),
            "machine": {
                **facts,
                "fsyncs_per_second_after": fsyncs_per_second(Path(os.environ["ALIQUOT_HOME"])),
            },
            "wanted": {"pace": self._wanted.pace, "seconds": self._wanted.seconds, "cut": self._wanted.cut},
            **found,
        }

    def _joined(self, homes: Path, processes: Processes) -> dict[str, Any]:
        self._say("a region with its export, a federation; the first copy ...")
        for name in ("region", "federation"):
            (homes / name).mkdir(mode=0o755)
        region, federation = make_region(homes / "region"), make_federation(homes / "federation")
        join(region, federation)
        began = perf_counter()
        processes.start("publish", "publish", **region.environ)
        self._until(federation, SEEN, self._highest())
        copied = perf_counter() - began
        return {
            "first_copy": {"results": self._results(), "seconds": round(copied, 1)},
            "plain": self._plain(region, federation),
            "steady": self._steady(federation),
            "cut": self._cut(federation),
            "processor_seconds": processes.seconds(),
            "load_average": load_average(),
        }

    def _steady(self, federation: Node) -> dict[str, Any]:
        self._say(f"{self._wanted.pace} results/s for {self._wanted.seconds} s ...")
        return self._paced(federation.environ["ALIQUOT_OWNER_URL"], SEEN, self._add_results)

    def _plain(self, region: Node, federation: Node) -> dict[str, Any]:
        """The same pace into a table that PostgreSQL replicates as it is: nothing of ours is in between."""
        export = Session(superuser_url(region.home / "export", EXPORT))
        name = federation.environ["ALIQUOT_OWNER_URL"].rpartition("/")[2]
        receiver = superuser_url(federation.home, name)
        there = Session(receiver)
        export.text(PLAIN_TABLE)
        there.text(PLAIN_TABLE)
        export.text("CREATE PUBLICATION plain FOR TABLE plain_result")
        source = superuser_url(region.home / "export", EXPORT)
        there.text(f"CREATE SUBSCRIPTION plain CONNECTION '{source}' PUBLICATION plain")
        size, last = self._wanted.pace // BATCHES_A_SECOND, 0

        def add() -> int:
            nonlocal last
            export.text(PLAIN_ROWS, [last + 1, last + size])
            last += size
            return last

        try:
            return self._paced(receiver, PLAIN_SEEN, add)
        finally:
            there.text("DROP SUBSCRIPTION plain")
            there.close()
            export.close()

    def _cut(self, federation: Node) -> dict[str, Any]:
        """The federation's server ends as in a crash; the region goes on; then it is started again."""
        self._say(f"the federation is away for {self._wanted.cut} s ...")
        before = self._results()
        stop(federation.home, "immediate")
        self._write(self._wanted.cut, self._add_results, {})
        last, missed = self._highest(), self._results() - before
        began = perf_counter()
        ensure_running(federation.home)
        started = perf_counter()
        self._until(federation, SEEN, last)
        seen = Session(federation.environ["ALIQUOT_OWNER_URL"])
        counted = seen.value(f"SELECT count(*) FROM facts_{CODE}.result_fact")  # noqa: S608 - a constant
        seen.close()
        if counted != self._results():
            raise MeasurementError(f"the region has {self._results()} results, the federation {counted}")
        return {
            "results_meanwhile": missed,
            "server_up_s": round(started - began, 1),
            "made_up_s": round(perf_counter() - started, 1),
            "results_on_both_sides": counted,
        }

    def _paced(self, url: str, seen: str, add: Callable[[], int]) -> dict[str, Any]:
        """Batches at the pace; for each the time from its commit to its sight, so that a late look counts."""
        committed: dict[int, float] = {}
        done = Event()
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(_watch, url, seen, committed, done)
            began = perf_counter()
            count = self._write(self._wanted.seconds, add, committed)
            seconds = perf_counter() - began
            done.set()
            lags = looking.result()
        return {"rows": count, "rows_per_second": rate(count, seconds), "lag": percentiles(lags)}

    def _write(self, seconds: int, add: Callable[[], int], committed: dict[int, float]) -> int:
        """Add a batch every tenth of a second, late ones at once; how many rows."""
        began, batches = perf_counter(), seconds * BATCHES_A_SECOND
        for number in range(batches):
            sleep(max(0.0, began + number / BATCHES_A_SECOND - perf_counter()))
            last = add()
            committed[last] = perf_counter()
        return batches * (self._wanted.pace // BATCHES_A_SECOND)

    def _add_results(self) -> int:
        return int(self._region.run("copy_results", ids=self._ids)[0][0])

    def _highest(self) -> int:
        return int(self._region.value("SELECT coalesce(max(id), 0) FROM result"))

    def _results(self) -> int:
        return int(self._region.value("SELECT count(*) FROM result"))

    def _until(self, federation: Node, asked: str, last: int) -> None:
        deadline = perf_counter() + PATIENCE
        while _value(federation.environ["ALIQUOT_OWNER_URL"], asked) < last:
            if perf_counter() > deadline:
                raise MeasurementError(f"the federation has not caught up in {PATIENCE:.0f} s")
            sleep(LOOK_SECONDS * BATCHES_A_SECOND)


def _watch(url: str, asked: str, committed: dict[int, float], done: Event) -> list[float]:
    """Look at the highest id until every batch was seen; seconds from commit to sight of each, in order."""
    session, lags, waiting = Session(url), list[float](), 0
    deadline = None
    while True:
        highest, now = session.value(asked), perf_counter()
        known = list(committed.items())
        while waiting < len(known) and known[waiting][0] <= highest:
            lags.append(max(0.0, now - known[waiting][1]))
            waiting += 1
        if done.is_set():
            deadline = deadline or now + PATIENCE
            if waiting == len(committed):
                break
            if now > deadline:
                raise MeasurementError("not every batch was seen in the federation")
        sleep(LOOK_SECONDS)
    session.close()
    return lags


def _value(url: str, asked: str) -> int:
    try:
        session = Session(url)
    except OperationalError:
        return -1
    try:
        return int(session.value(asked))
    finally:
        session.close()
