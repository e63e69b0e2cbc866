"""The measurements of results that release themselves, one after the other or one alone, on one database."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from aliquot.entrypoints.backtest.processes import PROCESSES, tell
from aliquot.entrypoints.bench.ground import Ground
from aliquot.entrypoints.bench.history import add_history
from aliquot.entrypoints.bench.laboratory import Laboratory, Tubes, accept_tubes, devices_for
from aliquot.entrypoints.bench.links.asking import askable
from aliquot.entrypoints.bench.machine import fsyncs_per_second, load_average, machine_facts
from aliquot.entrypoints.bench.pipeline import MeasurementError, Run, measure_pipeline
from aliquot.entrypoints.bench.results.bare import measure_bare
from aliquot.entrypoints.bench.results.meanwhile import Meanwhile
from aliquot.entrypoints.bench.results.rule_set import rule_text
from aliquot.entrypoints.bench.session import Session
from aliquot.entrypoints.bench.workload import XN, Upload
from aliquot.flow.results.queries.replaying import History
from aliquot.flow.verification.queries import version_in_force
from aliquot.foundation.context import acting
from aliquot.registers.people.sign_in import laboratories_actor

SCHEMA = 1
PHASES = ("throughput", "latency", "backtest", "memory")
HISTORY = 400_000
"""Results of the past where nothing else is said: about as many patients as bring orders."""
LONG_HISTORY = 5_000_000
"""From so many results on the past is of five years, below of one quarter: near enough to compare with."""
YEARS, QUARTER = 5.0, 0.25
BACKTEST = 1_000_000
WARM_UP = 3000
QUERIES_EACH = 5
"""Host queries to each page that is opened meanwhile."""
PAGE_REQUESTS = 40
PAGE_RESULTS = 5000
GROWTH = 3
"""The second run of the memory measurement sends so many times the results of the first."""


@dataclass(frozen=True, slots=True)
class ResultsWanted:
    """Which phases, and how much: results sent, history, rules, pace and seconds of the latency phase."""

    phases: Sequence[str] = PHASES
    results: int = 200_000
    history: int = HISTORY
    ledger: int | None = None
    rules: int = 500
    connections: int = 50
    run: Run = field(default_factory=Run)
    pace: float = 600.0
    seconds: int = 60
    backtest: int = BACKTEST
    requests: int = PAGE_REQUESTS


def require_lines(wanted: ResultsWanted) -> None:
    """Raise MeasurementError, saying how many are needed, when a phase would wait for a device for ever."""
    if "latency" not in wanted.phases or devices_for(wanted.connections)[XN] > 1:
        return
    least = next(lines for lines in count(wanted.connections) if devices_for(lines)[XN] > 1)
    raise MeasurementError(
        f"with --connections {wanted.connections} there is one {XN}: the latency phase keeps one to ask with "
        f"and needs another to send. Give at least --connections {least}"
    )


class ResultsSuite:
    """One database's measurements; `say` tells a person what goes on."""

    def __init__(self, wanted: ResultsWanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._url = os.environ["ALIQUOT_OWNER_URL"]
        self._ground = Ground(Session(self._url), say)
        self._session = self._ground.session
        self._home = Path(os.environ["ALIQUOT_HOME"])

    def measure(self) -> dict[str, Any]:
        """The figures of the wanted phases; each leaves its rows to the next."""
        wanted = self._wanted
        require_lines(wanted)
        facts = machine_facts(self._session, self._home)
        laboratory = self._ground.prepare(wanted.connections, wanted.results, rules=rule_text(wanted.rules))
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "measured_at": datetime.now(UTC).isoformat(),
            "machine": facts,
            "rules": self._rules(),
        }
        history = max(wanted.history, wanted.backtest if "backtest" in wanted.phases else 0)
        if history:
            self._say(f"making {history} results of history ...")
            years = YEARS if history >= LONG_HISTORY else QUARTER
            patients, found["history"] = add_history(
                self._session, laboratory, history, years=years, ledger=wanted.ledger
            )
            self._ground.patients = patients
        steps = {
            "throughput": self._throughput,
            "latency": self._latency,
            "backtest": self._backtest,
            "memory": self._memory,
        }
        for name in wanted.phases:
            self._say(f"{name} ...")
            found[name] = steps[name](laboratory)
        found["audit"] = self._ground.audit()
        facts["fsyncs_per_second_after"] = fsyncs_per_second(self._home)
        return found

    def _rules(self) -> dict[str, Any]:
        """How many rules are in force, how many of two kinds, how long their text is, who approved it."""
        with acting(laboratories_actor("validation")):
            version = version_in_force(None, datetime.now(UTC))
        if version is None:
            raise MeasurementError("no rules are in force")
        text = version.text
        return {
            "active": text.count("[[rule]]"),
            "delta": text.count('kind = "delta"'),
            "indices": text.count('kind = "indices"'),
            "characters": len(text),
            "approved_by": version.approved_by,
        }

    # -- phases ---------------------------------------------------------------------------------------

    def _throughput(self, laboratory: Laboratory) -> dict[str, Any]:
        """As fast as it goes, and the bare pipeline with as many messages of the same kinds beside it."""
        bare = self._bare(laboratory)
        ours = self._send(laboratory, self._wanted.results)
        busy = sum(ours["processor_us_per_result"].values()) - ours["processor_us_per_result"]["analyzers"]
        plain = sum(bare["processor_us_per_result"].values())
        return {
            "aliquot": ours,
            "bare": bare,
            "share_of_bare": round(ours["results_per_second"] / bare["results_per_second"], 3),
            "share_of_bare_by_processor_time": round(plain / busy, 3),
            "with_earlier_value": self._compared(ours["counts"]["results"]),
        }

    def _bare(self, laboratory: Laboratory) -> dict[str, Any]:
        messages = self._ground.messages(laboratory, self._wanted.results, has_indices=True)
        self._ground.checkpoint()
        self._say("a bare pipeline ...")
        parcels = [(one.model, one.content) for one in messages]
        found = measure_bare(self._session, self._url, parcels, _results(messages))
        if not found["complete"]:
            raise MeasurementError(f"the bare pipeline lost results: {found}")
        return {**found, "load_average": load_average()}

    def _latency(self, laboratory: Laboratory) -> dict[str, Any]:
        """At the pace of a nation's peak, while analyzers ask and people open pages."""
        wanted = self._wanted
        held_back = laboratory.ports[XN][-1]
        ports = {**laboratory.ports, XN: laboratory.ports[XN][:-1]}
        quieter = replace(laboratory, ports=ports)
        self._send(quieter, WARM_UP)
        arriving, asked = self._open_tubes(laboratory, "P-"), self._open_tubes(laboratory, "Q-")

        def beside() -> Callable[[], dict[str, Any]]:
            others = Meanwhile()
            if wanted.requests:
                others.ask(held_back, askable(laboratory, asked, wanted.requests * QUERIES_EACH))
                patients = sorted(set(arriving.patients))
                others.open_pages(self._url, laboratory, arriving.numbers, patients, wanted.requests)
            return others.found

        found = self._send(quieter, int(wanted.pace * wanted.seconds), pace=wanted.pace, beside=beside)
        return {"results_per_second_due": wanted.pace, **found}

    def _backtest(self, _laboratory: Laboratory) -> dict[str, Any]:
        """The rules in force on the latest results, as `aliquot rules backtest` tries a draft."""
        at = datetime.now(UTC)
        by = laboratories_actor("validation")
        with acting(by):
            version = version_in_force(None, at)
        assert version is not None
        session = self._session
        since = session.text(
            "SELECT recorded_at FROM result ORDER BY recorded_at DESC, id DESC OFFSET %s LIMIT 1",
            [self._wanted.backtest - 1],
        )
        stretch = History(since[0][0] if since else at - timedelta(days=3650), at)
        began = time.perf_counter()
        tally = tell(version.text, None, stretch, sites=by.sites, at=at, processes=PROCESSES)
        seconds = time.perf_counter() - began
        return {
            "results": tally.decided,
            "seconds": round(seconds, 2),
            "results_per_second": round(tally.decided / seconds),
            "processes": PROCESSES,
            "load_average": load_average(),
        }

    def _memory(self, laboratory: Laboratory) -> dict[str, Any]:
        """The peak of each process after some results and after several times as many: bounded or growing."""
        first = self._send(laboratory, self._wanted.results // GROWTH)
        second = self._send(laboratory, self._wanted.results)
        return {
            "first": {"results": first["results"], "peak_mb": first["memory_mb"]},
            "second": {"results": second["results"], "peak_mb": second["memory_mb"]},
            "grew_mb": {
                name: round(second["memory_mb"].get(name, 0.0) - value, 1)
                for name, value in first["memory_mb"].items()
            },
        }

    # -- steps ----------------------------------------------------------------------------------------

    def _open_tubes(self, laboratory: Laboratory, batch: str) -> Tubes:
        return accept_tubes(
            self._session, laboratory, PAGE_RESULTS, patients=self._ground.patients, batch=batch
        )

    def _send(self, laboratory: Laboratory, results: int, **how: Any) -> dict[str, Any]:
        self._say(f"accepting tubes for {results} results ...")
        messages = self._ground.messages(laboratory, results, has_indices=True)
        self._ground.checkpoint()
        self._say(f"sending {len(messages)} messages ...")
        return measure_pipeline(self._session, laboratory, messages, self._wanted.run, **how)

    def _compared(self, results: int) -> float:
        """The share of the latest results whose patient had an earlier value to be compared with."""
        found = self._session.run("compared", results=results)
        return round(float(found[0][0] or 0), 3)


def _results(messages: Sequence[Upload]) -> int:
    return sum(one.readings for one in messages)
