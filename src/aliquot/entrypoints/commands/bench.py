"""Measure the way from an analyzer's bytes to released results, and the lines, beside plain baselines."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError, CommandParser

from aliquot.entrypoints.bench.handover.suite import HandoverSuite, HandoverWanted
from aliquot.entrypoints.bench.links.suite import LinksSuite, LinksWanted, as_text
from aliquot.entrypoints.bench.pages import PageError
from aliquot.entrypoints.bench.pipeline import MeasurementError, Run
from aliquot.entrypoints.bench.processes import MAIN
from aliquot.entrypoints.bench.quality.suite import PHASES as QUALITY_PHASES
from aliquot.entrypoints.bench.quality.suite import QualitySuite, QualityWanted
from aliquot.entrypoints.bench.quality.year import YearWanted
from aliquot.entrypoints.bench.replication.suite import ReplicationSuite, ReplicationWanted
from aliquot.entrypoints.bench.results.suite import (
    BACKTEST,
    HISTORY,
    PAGE_REQUESTS,
    PHASES,
    ResultsSuite,
    ResultsWanted,
)
from aliquot.entrypoints.bench.soak.apart import run_apart
from aliquot.entrypoints.bench.soak.words import in_words
from aliquot.entrypoints.bench.suite import Suite, Wanted
from aliquot.foundation.postgres import connect_urls, ensure_running

FEDERATION = ("handover", "replication")


class Command(BaseCommand):
    """`aliquot bench pipeline|results|...`: JSON or text; the database it works in is then removed."""

    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="what", required=True)
        for name, add, words in (
            ("pipeline", _add_pipeline, "bytes to released results, beside a plain baseline"),
            (
                "results",
                _add_results,
                "results decided by many rules, latencies, back-test, memory; beside a bare pipeline",
            ),
            ("quality", _add_quality, "what control costs in the path; pages over a year of it"),
            ("links", _add_links, "decoding, durable receipts and host queries, beside other libraries"),
            ("federation", _add_federation, "a region handed over; how far a federation is behind"),
        ):
            part = parts.add_parser(name, help=words)
            add(part)
            part.add_argument("--keep", action="store_true", help="keep the database and say its name")
            part.add_argument("--out", type=Path, help="also write the JSON here")
            part.add_argument(
                "--here", action="store_true", help="measure in the empty database of the environment"
            )
        _add_soak(parts.add_parser("soak", help="bad lines and kills: is every record accounted for?"))

    def handle(self, *_: Any, **options: Any) -> None:
        if options["what"] == "soak":
            self._soak(options)
            return
        if not options["here"] and not _is_given():
            _measure_apart(options["keep"])
            return
        _refuse_used_database()
        try:
            found = self._measure(options)
        except (MeasurementError, PageError, ConnectionError) as fault:
            raise CommandError(str(fault)) from fault
        text = json.dumps(found, indent=2, ensure_ascii=False)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        is_json = options["what"] in {"pipeline", "results", "quality", "federation"} or options["json"]
        self.stdout.write(text if is_json else "\n".join(as_text(found)))

    def _federation(self, options: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "handover" in options["only"]:
            handover = HandoverWanted(options["results"], options["years"])
            found["handover"] = HandoverSuite(handover, self.stderr.write).measure()
        if "replication" in options["only"]:
            replication = ReplicationWanted(options["pace"], options["seconds"], options["cut"])
            found["replication"] = ReplicationSuite(replication, self.stderr.write).measure()
        return found

    def _soak(self, options: dict[str, Any]) -> None:
        """Play it on a server of its own; fails and names every difference unless the books agree."""
        found = run_apart(_soak_wanted(options), keep=options["keep"], say=self.stderr.write)
        text = json.dumps(found, indent=2, ensure_ascii=False)
        if options["out"]:
            options["out"].write_text(text + "\n", encoding="utf-8")
        self.stdout.write(text if options["json"] else "\n".join(in_words(found)))
        if found["differences"]:
            raise CommandError("the books do not agree: " + "; ".join(found["differences"]))

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["what"] == "pipeline":
            return Suite(_wanted(options), self.stderr.write).measure()
        if options["what"] == "results":
            return ResultsSuite(_results_wanted(options), self.stderr.write).measure()
        if options["what"] == "quality":
            return QualitySuite(_quality_wanted(options), self.stderr.write).measure()
        if options["what"] == "federation":
            return self._federation(options)
        home = options["peers"] or Path(os.environ["ALIQUOT_HOME"]) / "bench" / "peers"
        return LinksSuite(_links_wanted(options), home, self.stderr.write).measure()


def _add_pipeline(parser: CommandParser) -> None:
    parser.add_argument("--results", type=int, default=200_000, help="results that analyzers send")
    parser.add_argument("--history", type=int, default=0, help="results of past years made beforehand")
    parser.add_argument("--sample", type=int, default=1500, help="results filed row by row to compare")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1000, help="as of `aliquot work`")
    parser.add_argument("--senders", type=int, default=1, help="processes that play analyzers")
    parser.add_argument(
        "--steady", type=int, default=20, help="seconds at half the rate, for latencies; 0: none"
    )
    parser.add_argument("--requests", type=int, default=200, help="of each page; 0: no pages")


def _add_results(parser: CommandParser) -> None:
    parser.add_argument("--only", nargs="+", choices=PHASES, default=list(PHASES), help="these phases")
    parser.add_argument("--results", type=int, default=200_000, help="results that analyzers send")
    parser.add_argument("--history", type=int, default=HISTORY, help="results of past years made beforehand")
    parser.add_argument(
        "--ledger", type=int, help="messages and readings beside so many of them only: less disk"
    )
    parser.add_argument("--rules", type=int, default=500, help="active rules")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1000, help="as of `aliquot work`")
    parser.add_argument("--senders", type=int, default=1, help="processes that play analyzers")
    parser.add_argument("--pace", type=float, default=600.0, help="results a second of the latency phase")
    parser.add_argument("--seconds", type=int, default=60, help="of the latency phase")
    parser.add_argument("--backtest", type=int, default=BACKTEST, help="results of the back-test")
    parser.add_argument(
        "--requests", type=int, default=PAGE_REQUESTS, help="of each page meanwhile; 0: nobody asks anything"
    )


def _add_quality(parser: CommandParser) -> None:
    parser.add_argument(
        "--only", nargs="+", choices=QUALITY_PHASES, default=list(QUALITY_PHASES), help="these phases"
    )
    parser.add_argument("--results", type=int, default=40_000, help="results of each run through the path")
    parser.add_argument("--rounds", type=int, default=1, help="of four runs: without, with, with, without")
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1000, help="as of `aliquot work`")
    parser.add_argument("--senders", type=int, default=1, help="processes that play analyzers")
    parser.add_argument("--controls", type=int, default=200_000, help="control results of the year")
    parser.add_argument("--year", type=int, default=10_000_000, help="patient results of the year")
    parser.add_argument("--rows", type=int, default=0, help="patient results of the year that are kept whole")
    parser.add_argument("--requests", type=int, default=60, help="of each page")


def _add_links(parser: CommandParser) -> None:
    parser.add_argument("--connections", type=int, default=50, help="lines that send at the same time")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--orders", type=int, default=100_000, help="open while host queries are asked")
    parser.add_argument("--queries", type=int, default=2000, help="host queries; 0: none")
    parser.add_argument("--json", action="store_true", help="print the JSON document")
    parser.add_argument(
        "--peers", type=Path, help="an environment for the other libraries; made where absent"
    )
    parser.add_argument("--no-peers", action="store_true", help="without the other libraries")


def _add_federation(parser: CommandParser) -> None:
    parser.add_argument(
        "--only", nargs="+", choices=FEDERATION, default=list(FEDERATION), help="these phases"
    )
    parser.add_argument("--results", type=int, default=1_000_000, help="results of the region handed over")
    parser.add_argument("--years", type=float, default=1.0, help="in so many years")
    parser.add_argument("--pace", type=int, default=2000, help="results a second that are replicated")
    parser.add_argument("--seconds", type=int, default=30, help="for so long")
    parser.add_argument("--cut", type=int, default=30, help="seconds that the federation is away")


def _add_soak(parser: CommandParser) -> None:
    parser.add_argument("--analyzers", type=int, default=200, help="of all models in turn")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--messages", type=int, help="of each analyzer, instead of a time")
    parser.add_argument("--kill", action="store_true", help="kill -9 links, workers, database and analyzers")
    parser.add_argument("--kills", type=int, help="so many; otherwise one in six seconds")
    parser.add_argument("--pause", type=float, default=2.5, help="seconds between messages of an analyzer")
    parser.add_argument("--models", nargs="+", default=[], help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the JSON document")
    parser.add_argument("--keep", action="store_true", help="keep the server and its folder, and say where")
    parser.add_argument("--out", type=Path, help="also write the JSON here")


def _soak_wanted(options: dict[str, Any]) -> dict[str, Any]:
    names = ("analyzers", "minutes", "messages", "seed", "models", "pause")
    kills = options["kills"] if options["kill"] or options["kills"] else 0
    return {**{name: options[name] for name in names}, "kills": kills}


def _links_wanted(options: dict[str, Any]) -> LinksWanted:
    return LinksWanted(
        connections=options["connections"],
        seconds=options["seconds"],
        orders=options["orders"],
        queries=options["queries"],
        peers=not options["no_peers"],
    )


def _quality_wanted(options: dict[str, Any]) -> QualityWanted:
    return QualityWanted(
        phases=[name for name in QUALITY_PHASES if name in options["only"]],
        results=options["results"],
        rounds=options["rounds"],
        connections=options["connections"],
        run=Run(options["workers"], options["batch"], options["senders"]),
        year=YearWanted(options["controls"], options["year"], options["rows"], options["requests"]),
    )


def _results_wanted(options: dict[str, Any]) -> ResultsWanted:
    return ResultsWanted(
        phases=[name for name in PHASES if name in options["only"]],
        results=options["results"],
        history=options["history"],
        ledger=options["ledger"],
        rules=options["rules"],
        connections=options["connections"],
        run=Run(options["workers"], options["batch"], options["senders"]),
        pace=options["pace"],
        seconds=options["seconds"],
        backtest=options["backtest"],
        requests=options["requests"],
    )


def _wanted(options: dict[str, Any]) -> Wanted:
    return Wanted(
        results=options["results"],
        history=options["history"],
        sample=options["sample"],
        connections=options["connections"],
        run=Run(options["workers"], options["batch"], options["senders"]),
        steady_seconds=options["steady"],
        requests=options["requests"],
    )


def _is_given() -> bool:
    return bool(os.environ.get("ALIQUOT_DATABASE_URL") or os.environ.get("ALIQUOT_DATABASE_URL_FILE"))


def _measure_apart(keep: bool) -> None:  # noqa: FBT001 - the command line's switch
    """Run the same command in a process whose environment names a new database; remove it afterwards."""
    home, name = Path(os.environ["ALIQUOT_HOME"]), f"bench_{os.getpid()}"
    urls = connect_urls(home, {**os.environ, "ALIQUOT_DATABASE": name})
    environ = {
        "ALIQUOT_DATABASE": name,
        "ALIQUOT_OWNER_URL": urls.owner_url,
        "ALIQUOT_APP_URL": urls.app_url,
    }
    try:
        call = [sys.executable, "-c", MAIN, *sys.argv[1:], "--here"]
        ended = subprocess.run(call, env={**os.environ, **environ}, check=False)  # noqa: S603 - our own program
    finally:
        if keep:
            sys.stderr.write(f"kept: the database {name}\n")
        else:
            _remove(home, name)
    if ended.returncode:
        raise CommandError("the measurement failed", returncode=ended.returncode)


def _remove(home: Path, name: str) -> None:
    server = ensure_running(home)
    with psycopg.connect(server.superuser_url, autocommit=True) as session:
        session.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        for role in (f"{name}_service", f"{name}_owner"):
            session.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())
            (home / "secrets" / role).unlink(missing_ok=True)


def _refuse_used_database() -> None:
    """A measurement fills a database with invented patients: never one that somebody uses."""
    with psycopg.connect(os.environ["ALIQUOT_OWNER_URL"]) as session:
        found = session.execute("SELECT to_regclass('lab_order') IS NOT NULL").fetchone()
    if found and found[0]:
        raise CommandError("this database holds tables already; name an empty one for the measurement")
