"""Receiving: the real `aliquot links` process with a real database, beside servers that store nothing."""

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aliquot.entrypoints.bench.figures import percentiles, rate
from aliquot.entrypoints.bench.laboratory import free_ports, last_id
from aliquot.entrypoints.bench.links.lines import Lines
from aliquot.entrypoints.bench.links.load import Load, Sent, start_load
from aliquot.entrypoints.bench.links.messages import Template
from aliquot.entrypoints.bench.links.peers import PEERS, Peers
from aliquot.entrypoints.bench.machine import fsyncs_per_second, load_average
from aliquot.entrypoints.bench.pipeline import MeasurementError
from aliquot.entrypoints.bench.processes import Processes, cpu_seconds
from aliquot.entrypoints.bench.session import Session

FAMILIES = {"astm": "astm", "mllp": "hl7"}


@dataclass(frozen=True, slots=True)
class Bench:
    """What every part needs: the owner's session, the home for the disk probe, seconds of each load."""

    session: Session
    home: Path
    seconds: float


def measure_durable(bench: Bench, lines: Lines, template: Template) -> dict[str, Any]:
    """Messages a second that were committed before each acknowledgement; raises unless all are there."""
    before, probe = last_id(bench.session, "message"), fsyncs_per_second(bench.home)
    processes = Processes()
    processes.start("links", "links")
    try:
        load = start_load(template, lines.ports[template.kind], bench.seconds)
        used = _used(bench.session, processes, load)
        load.begin()
        while not load.is_over():
            if died := processes.died():
                raise MeasurementError(f"ended: {', '.join(died)}")
        cpu = {
            name: round(value - used[name], 2)
            for name, value in _used(bench.session, processes, load).items()
        }
        sent = load.finish()
    finally:
        processes.stop()
    if sent.fault:
        raise MeasurementError(sent.fault)
    return {
        **_figures(template, sent),
        "processor_seconds": cpu,
        "processor_us_per_message": {name: round(value / sent.total * 1e6) for name, value in cpu.items()},
        "counts": reconciled(bench.session, lines, template, sent, before),
        "fsyncs_per_second": probe,
        "fsyncs_per_second_after": fsyncs_per_second(bench.home),
        "load_average": load_average(),
    }


def measure_unstored(bench: Bench, template: Template, connections: int, peers: Peers) -> dict[str, Any]:
    """The same load on servers that store nothing: a bare loop, and those of the other libraries."""
    kind = template.kind
    bare: list[str | Path] = [sys.executable, "-m", "aliquot.entrypoints.bench.links.bare", kind]
    found = {"bare_loop": _beside(bench, template, connections, bare)}
    for peer in (one for one in PEERS if PEERS[one] == FAMILIES[kind]):
        found[peer] = (
            _beside(bench, template, connections, peers.serve_call(peer))
            if peers.has(peer)
            else {"absent": peers.absent[peer]}
        )
    return found


def _used(session: Session, processes: Processes, load: Load) -> dict[str, float]:
    backends = [row[0] for row in session.text("SELECT pid FROM pg_stat_activity")]
    return {**processes.seconds(), "load": load.seconds(), "database": cpu_seconds(backends)}


def _figures(template: Template, sent: Sent) -> dict[str, Any]:
    return {
        "messages": sent.total,
        "seconds": round(sent.seconds, 2),
        "messages_per_second": rate(sent.total, sent.seconds),
        "writes_each": len(template.writes),
        "bytes_each": template.bytes,
        "results_each": template.results,
        "receipt": percentiles(sent.receipts),
        "message": percentiles(sent.messages),
        "written_again": sent.refused,
    }


def reconciled(session: Session, lines: Lines, template: Template, sent: Sent, before: int) -> dict[str, int]:
    """Acknowledged against stored, by line and byte for byte; raises MeasurementError where they differ."""
    analyzers = lines.analyzers[template.kind]
    wanted = {
        (analyzers[line], hashlib.sha256(template.content_of(line, place)).digest())
        for line, count in sent.acknowledged.items()
        for place in range(count)
    }
    rows = session.text("SELECT analyzer_id, digest FROM message WHERE id > %s AND NOT is_outgoing", [before])
    held = {(analyzer, bytes(digest)) for analyzer, digest in rows}
    counts = {
        "acknowledged": sent.total,
        "stored": len(rows),
        "lost": len(wanted - held),
        "stored_unacknowledged": len(held - wanted),
        "twice": len(rows) - len(held),
    }
    if any(counts[name] for name in ("lost", "stored_unacknowledged", "twice")):
        raise MeasurementError(f"counts do not agree: {counts}")
    return counts


def _beside(bench: Bench, template: Template, connections: int, call: Sequence[str | Path]) -> dict[str, Any]:
    (port,) = free_ports(1)
    with running([*call, str(port)]) as server:
        load = start_load(template, [port] * connections, bench.seconds)
        began = cpu_seconds([server.pid])
        load.begin()
        while not load.is_over():
            continue
        used = round(cpu_seconds([server.pid]) - began, 2)
        sent = load.finish()
    return {
        **_figures(template, sent),
        "processor_seconds": used,
        **({"fault": sent.fault} if sent.fault else {}),
    }


@contextmanager
def running(call: Sequence[str | Path]) -> Iterator["subprocess.Popen[bytes]"]:
    """A server that runs while this does, from the moment it says that it is ready."""
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:  # noqa: S603 - our own program
        try:
            assert server.stdout is not None
            if server.stdout.readline() != b"ready\n":
                raise MeasurementError(f"{call[0]} does not serve")
            yield server
        finally:
            server.kill()  # it holds nothing
