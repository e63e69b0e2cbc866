"""One measurement of the whole way: bytes on sockets to results that are released, audited and reported."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aliquot.entrypoints.bench.figures import percentiles, rate
from aliquot.entrypoints.bench.laboratory import LINES_EACH, Laboratory, last_id
from aliquot.entrypoints.bench.machine import load_average
from aliquot.entrypoints.bench.memory import memory_of
from aliquot.entrypoints.bench.processes import Processes, cpu_seconds
from aliquot.entrypoints.bench.sending import Load, Sent, start_load
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.watching import LOOK_SECONDS, Watch
from aliquot.entrypoints.bench.workload import Upload

STALLED_SECONDS = 60.0

Beside = Callable[[], Callable[[], dict[str, Any]]]
"""Begins what goes on beside a measurement; what it returns waits for the end and gives the figures."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is measured with: how many workers, their batch, how many sending processes."""

    workers: int = 2
    batch: int = 1000
    senders: int = 1


class MeasurementError(Exception):
    """The measurement did not come to its end, or its counts do not agree; the words say how."""


def measure_pipeline(
    session: Session,
    laboratory: Laboratory,
    messages: Sequence[Upload],
    run: Run,
    *,
    pace: float | None = None,
    beside: Beside | None = None,
) -> dict[str, Any]:
    """Send these messages through real processes until all are decided; the figures.

    Without `pace` every line sends as fast as it is acknowledged; with it, so many results a second are due.
    What `beside` begins with the first byte is waited for before the processes end.
    """
    before = _marks(session)
    processes = Processes()
    processes.start("links", "links")
    for number in range(run.workers):
        processes.start(f"worker {number + 1}", "work", "--batch", str(run.batch))
    watch = Watch(session, after=last_id(session, "audit_block"))
    try:
        load = start_load(messages, laboratory.ports, lines_each=LINES_EACH, processes=run.senders, pace=pace)
        used = _Used(session, processes, load)
        load.begin()
        others = beside() if beside else dict
        expected = sum(one.readings for one in messages)
        _wait(lambda: watch.decided, expected, watch, processes)
        cpu = used.since()
        sent = load.finish()
        reported_after = _wait_for_reports(session, sent)
        meanwhile = others()
        memory = memory_of(session, processes)
    finally:
        processes.stop()
    rates = _rates(session, messages, sent, watch, before)
    return {
        **rates,
        "reports_done_after_s": reported_after,
        "processor_seconds": cpu,
        "processor_us_per_result": {name: round(used * 1e6 / expected, 1) for name, used in cpu.items()},
        "memory_mb": memory,
        **meanwhile,
        "load_average": load_average(),
        "workers": run.workers,
        "batch": run.batch,
        "connections": sum(len(ports) for ports in laboratory.ports.values()) * LINES_EACH,
    }


def _marks(session: Session) -> dict[str, int]:
    return {table: last_id(session, table) for table in ("message", "reading", "result")}


class _Used:
    """Processor seconds of every part since this was made."""

    def __init__(self, session: Session, processes: Processes, load: Load) -> None:
        self._session, self._processes, self._load = session, processes, load
        self._before = self._now()

    def since(self) -> dict[str, float]:
        """Seconds by part: links, each worker, the sending analyzers, the database."""
        return {name: round(value - self._before.get(name, 0.0), 2) for name, value in self._now().items()}

    def _now(self) -> dict[str, float]:
        backends = [row[0] for row in self._session.text("SELECT pid FROM pg_stat_activity")]
        return {
            **self._processes.seconds(),
            "analyzers": self._load.seconds(),
            "database": cpu_seconds(backends),
        }


def _wait(count: Callable[[], int], expected: int, watch: Watch, processes: Processes) -> None:
    """Look until so many are decided; raise when nothing happens any more."""
    known, changed = -1, time.monotonic()
    while count() < expected:
        watch.look()
        if count() != known:
            known, changed = count(), time.monotonic()
        elif time.monotonic() - changed > STALLED_SECONDS:
            raise MeasurementError(f"{known} of {expected} results were decided, then none for a minute")
        if died := processes.died():
            raise MeasurementError(f"ended: {', '.join(died)}")
        time.sleep(LOOK_SECONDS)


def _wait_for_reports(session: Session, sent: Sequence[Sent]) -> float:
    """Seconds from the first byte until no event waited for a job: every completed order has its report."""
    deadline = time.monotonic() + STALLED_SECONDS
    while session.value("SELECT EXISTS (SELECT FROM event WHERE kind = 'order_completed')"):
        if time.monotonic() > deadline:
            raise MeasurementError("reports were not composed within a minute")
        time.sleep(LOOK_SECONDS)
    return round(time.time() - min(one.began for one in sent), 2)


def _rates(
    session: Session, messages: Sequence[Upload], sent: Sequence[Sent], watch: Watch, before: dict[str, int]
) -> dict[str, Any]:
    began = min(one.began for one in sent)
    seconds = max(watch.seen.values()) - began
    session.run("make_notes")
    session.copy(
        "bench_sent", [(messages[one.place].number, one.began, one.acknowledged, one.ended) for one in sent]
    )
    session.copy("bench_seen", sorted(watch.seen.items()))
    session.text("ANALYZE bench_sent, bench_seen")
    results = sum(one.readings for one in messages)
    counts = _reconciled(session, messages, len(sent), before)
    latencies = session.run("latencies")
    return {
        "results": results,
        "messages": len(messages),
        "seconds": round(seconds, 2),
        "results_per_second": rate(results, seconds),
        "sent_within_s": round(max(one.acknowledged for one in sent) - began, 2),
        "message_acknowledged": percentiles([one.acknowledged - one.began for one in sent]),
        "first_byte_to_released": percentiles([row[0] for row in latencies]),
        "last_byte_to_released": percentiles([row[1] for row in latencies]),
        "share_released": round(counts["released"] / results, 4),
        "share_held": round(counts["held"] / results, 4),
        "held_because": dict(session.run("reasons", result=before["result"])),
        "counts": counts,
    }


def _reconciled(
    session: Session, messages: Sequence[Upload], acknowledged: int, before: dict[str, int]
) -> dict[str, int]:
    """What was sent and what is there; raises MeasurementError unless all of it agrees, byte for byte."""
    names = ("messages", "messages_filed", "readings", "filed", "results", "released", "held", "twice")
    held = dict(zip(names, session.run("counts", **before)[0], strict=True))
    sent = sum(one.readings for one in messages)
    wanted = {"messages": len(messages), "messages_filed": len(messages), "twice": 0, "results": sent}
    wanted |= dict.fromkeys(("readings", "filed"), sent + sum(one.indices for one in messages))
    wrong = {name: (held[name], value) for name, value in wanted.items() if held[name] != value}
    kept = {bytes(row[0]) for row in session.run("kept_digests", message=before["message"])}
    lost = {hashlib.sha256(one.content).digest() for one in messages} ^ kept
    if wrong or lost or held["released"] + held["held"] != sent or acknowledged != len(messages):
        raise MeasurementError(f"counts do not agree: {wrong}, {len(lost)} messages differ, {held}")
    return {"readings_sent": sent, "messages_acknowledged": acknowledged, **held}
