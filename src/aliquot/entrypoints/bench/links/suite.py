"""All measurements of the lines in one run, and the same figures as lines of text."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aliquot.entrypoints.bench.laboratory import add_patients, write_plan
from aliquot.entrypoints.bench.links.asking import measure_queries, open_orders
from aliquot.entrypoints.bench.links.captures import CORPUS, load_captures
from aliquot.entrypoints.bench.links.decoding import measure_decoding
from aliquot.entrypoints.bench.links.lines import Lines, install_lines
from aliquot.entrypoints.bench.links.messages import astm_template, mllp_template
from aliquot.entrypoints.bench.links.peers import Peers
from aliquot.entrypoints.bench.links.receiving import Bench, measure_durable, measure_unstored
from aliquot.entrypoints.bench.machine import machine_facts
from aliquot.entrypoints.bench.processes import run_command
from aliquot.entrypoints.bench.session import Session

SCHEMA = 1
DECODE_SECONDS = 2.0
PATIENTS_PER_ORDER = 1 / 5


@dataclass(frozen=True, slots=True)
class LinksWanted:
    """What to measure: lines, seconds of each load, open orders and queries; peers beside or not."""

    connections: int = 50
    seconds: float = 10.0
    orders: int = 100_000
    queries: int = 2000
    peers: bool = True


class LinksSuite:
    """One database's measurements; `say` tells a person what goes on."""

    def __init__(self, wanted: LinksWanted, peers_home: Path, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._peers = Peers(peers_home)
        home = Path(os.environ["ALIQUOT_HOME"])
        self._bench = Bench(Session(os.environ["ALIQUOT_OWNER_URL"]), home, wanted.seconds)

    def measure(self) -> dict[str, Any]:
        """Decoding first, without a database; then receiving; then queries with many orders open."""
        facts = machine_facts(self._bench.session, self._bench.home)
        self._prepare_peers()
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "measured_at": datetime.now(UTC).isoformat(),
            "machine": facts,
            "peers": self._peers.versions(),
            "decoding": self._decoding(),
        }
        self._say("schema, protection, catalogue, region ...")
        run_command("migrate", "--skip-checks")
        lines = install_lines(self._wanted.connections, at=datetime.now(UTC))
        found["receiving"] = {
            "connections": self._wanted.connections,
            **{kind: self._receiving(lines, kind) for kind in ("astm", "mllp")},
        }
        if self._wanted.queries:
            found["queries"] = self._queries(lines)
        return found

    def _prepare_peers(self) -> None:
        if self._wanted.peers:
            self._peers.prepare(self._say)
        else:
            self._peers.leave_out("not asked for")

    def _decoding(self) -> dict[str, Any]:
        self._say("decoding ...")
        captures = load_captures()
        seconds = min(DECODE_SECONDS, self._wanted.seconds)
        source = "corpus" if captures and (CORPUS / captures[0].name).exists() else "own transcripts"
        return {"captures": source, **measure_decoding(captures, self._peers, seconds)}

    def _receiving(self, lines: Lines, kind: str) -> dict[str, Any]:
        if kind not in lines.ports:
            return {"absent": "no driver speaks it"}
        at = datetime.now(UTC)
        template = astm_template(at, ZoneInfo("UTC")) if kind == "astm" else mllp_template(at)
        self._say(f"receiving {kind} ...")
        durable = measure_durable(self._bench, lines, template)
        self._say(f"receiving {kind}, storing nothing ...")
        unstored = measure_unstored(self._bench, template, self._wanted.connections, self._peers)
        bare = unstored["bare_loop"]["messages_per_second"]
        share = round(durable["messages_per_second"] / bare, 3) if bare else None
        return {"durable": durable, "storing_nothing": unstored, "share_of_bare_loop": share}

    def _queries(self, lines: Lines) -> dict[str, Any]:
        wanted, session = self._wanted, self._bench.session
        self._say(f"opening {wanted.orders} orders ...")
        write_plan(session, lines.laboratory)
        patients = max(10, round(wanted.orders * PATIENTS_PER_ORDER))
        first = add_patients(session, lines.laboratory, patients)
        tubes, facts = open_orders(self._bench, lines, wanted.orders, (first, patients))
        self._say(f"{wanted.queries} host queries ...")
        return {**facts, **measure_queries(self._bench, lines, tubes, wanted.queries)}


def as_text(found: dict[str, Any]) -> Iterator[str]:
    """The figures a person looks for first, line by line."""
    machine = found["machine"]
    yield f"{machine['cores']} cores; the disk forces {machine['fsyncs_per_second']} pages/s"
    for family in ("astm", "hl7"):
        if family in found["decoding"]:
            yield from _decoding_text(family, found["decoding"][family])
    for kind in ("astm", "mllp"):
        yield from _receiving_text(kind, found["receiving"][kind])
    if "queries" in found:
        one = found["queries"]
        yield (
            f"host query with {one['open_orders']} orders open: p50 {one['answer_complete']['p50_ms']} ms, "
            f"p99 {one['answer_complete']['p99_ms']} ms ({one['queries']} queries)"
        )


def _decoding_text(family: str, found: dict[str, Any]) -> Iterator[str]:
    sizes = (found["files"], found["results"], found["rate_on_files"])
    yield "decoding {}: {} files, {} results; rates on {} files".format(family, *sizes)
    for who, one in ((name, part) for name, part in found.items() if isinstance(part, dict)):
        marks = ", ".join(
            f"{feed} {mark['files_exact']}/{found['files']} files {mark['results_right']} right"
            f" {mark['results_wrong']} wrong"
            for feed, mark in one["feeds"].items()
        )
        yield f"  {who}: {one.get('records_per_second', '-')} streams/s; {marks}"


def _receiving_text(kind: str, found: dict[str, Any]) -> Iterator[str]:
    if "durable" not in found:
        yield f"receiving {kind}: {found['absent']}"
        return
    one = found["durable"]
    receipt, stored = one["receipt"], one["counts"]["stored"]
    yield f"receiving {kind}, stored before each acknowledgement: {one['messages_per_second']} messages/s"
    yield f"  receipt p50 {receipt['p50_ms']}, p99 {receipt['p99_ms']} ms; stored = acknowledged = {stored}"
    for who, part in found["storing_nothing"].items():
        words = [part["absent"]] if "absent" in part else [f"{part['messages_per_second']} messages/s"]
        words += [part["fault"]] if "fault" in part else []
        yield f"  {who}, storing nothing: {'; '.join(words)}"
