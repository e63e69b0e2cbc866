"""The plainest pipeline that keeps its word: parse, COPY, match, update, audit, release; without rules.

Two processes take the messages from memory, no line and no row security between; each batch is kept by one
commit and turned into released results by a second, as durable as ours. Each table has a key.
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from aliquot.entrypoints.bench.figures import rate
from aliquot.entrypoints.bench.processes import cpu_seconds
from aliquot.entrypoints.bench.session import SQL, Session

BATCH = 200  # messages, as a worker takes them
STEPS = ("bare_record", "bare_release_lines", "bare_report", "bare_audit")
PROCESSES = 2
Parcel = tuple[str, bytes]  # the analyzer's model, the message


def measure_bare(session: Session, url: str, parcels: Sequence[Parcel], results: int) -> dict[str, Any]:
    """Results a second from the first message to the last commit; processor time of all that worked."""
    session.run("bare_tables")
    context = multiprocessing.get_context("spawn")
    done: Any = context.Queue()
    shares = [list(parcels[part::PROCESSES]) for part in range(PROCESSES)]
    workers = [context.Process(target=_work, args=(url, share, done), daemon=True) for share in shares]
    for worker in workers:
        worker.start()
    for _ in workers:
        done.get()  # connected and ready
    began = time.perf_counter()
    session.text("NOTIFY bench_bare")
    used = [done.get() for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    released = int(session.value("SELECT count(*) FROM bare_result WHERE state = 'released'"))
    audited = int(session.value("SELECT count(*) FROM bare_audit"))
    session.run("bare_drop")
    return {
        "results": released,
        "audited": audited,
        "complete": released == audited == results,
        "seconds": round(seconds, 2),
        "results_per_second": rate(released, seconds),
        "processor_us_per_result": {
            "processes": round(sum(one[0] for one in used) * 1e6 / results, 1),
            "database": round(sum(one[1] for one in used) * 1e6 / results, 1),
        },
    }


def _work(url: str, parcels: Sequence[Parcel], done: Any) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("LISTEN bench_bare")
        done.put("ready")
        next(connection.notifies())
        before = _used(connection)
        for first in range(0, len(parcels), BATCH):
            _keep_and_release(connection, parcels[first : first + BATCH])
        after = _used(connection)
        done.put([round(now - then, 2) for then, now in zip(before, after, strict=True)])


def _used(connection: "psycopg.Connection[Any]") -> tuple[float, float]:
    return time.process_time(), cpu_seconds([connection.info.backend_pid])


def _keep_and_release(connection: "psycopg.Connection[Any]", parcels: Sequence[Parcel]) -> None:
    keep = "COPY bare_message (content) FROM STDIN (FORMAT binary)"
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(keep) as copy:
        copy.set_types(["bytea"])
        for _model, content in parcels:
            copy.write_row((content,))
    before = _last(connection)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy("COPY bare_line (number, driver, code, value) FROM STDIN") as copy:
            for model, content in parcels:
                for line in _lines(content):
                    copy.write_row((line[0], model, *line[1:]))
        for step in STEPS:
            cursor.execute(_sql(step), before)  # each of the rows of this transaction


def _last(connection: "psycopg.Connection[Any]") -> dict[str, int]:
    """The ids before those of a batch: so that no statement looks at more than batches of this moment."""
    found = connection.execute(_sql("bare_last")).fetchone()
    assert found is not None
    return dict(zip(("line", "result"), found, strict=True))


def _lines(content: bytes) -> Iterator[tuple[str, str, str]]:
    """Number of the tube, code and value of each result record of an ASTM message, and nothing more."""
    number = ""
    for record in content.decode().split("\r"):
        fields = record.split("|")
        if fields[0] == "O":
            number = max(f"{fields[2]}^{fields[3]}".split("^"), key=len).strip()
        elif fields[0] == "R":
            code = fields[2].lstrip("^").partition("^")[0].partition("/")[0]
            yield number, code, fields[3].rpartition("^")[2]


def _sql(name: str) -> bytes:
    return (SQL / f"{name}.sql").read_bytes()
