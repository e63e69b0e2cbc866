"""The measurements one after the other on one database, and what stands between them."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aliquot.entrypoints.bench.bare import bare_rate
from aliquot.entrypoints.bench.figures import rate
from aliquot.entrypoints.bench.ground import Ground
from aliquot.entrypoints.bench.history import add_history
from aliquot.entrypoints.bench.laboratory import Laboratory, accept_tubes
from aliquot.entrypoints.bench.machine import fsyncs_per_second, machine_facts
from aliquot.entrypoints.bench.pages import measure_pages
from aliquot.entrypoints.bench.pipeline import Run, measure_pipeline
from aliquot.entrypoints.bench.row_by_row import file_messages
from aliquot.entrypoints.bench.session import Session

STEADY_SHARE = 0.5  # of the rate measured, for latencies that do not wait in a queue of our own making
STEADY_SECONDS = 20
PAGE_RESULTS = 5000  # tests in the tubes that reception scans and accepts
PAGE_PATIENTS = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure: results to send, results of history beforehand, results of the row-by-row sample."""

    results: int = 200_000
    history: int = 0
    sample: int = 1500
    connections: int = 50
    run: Run = field(default_factory=Run)
    steady_seconds: int = STEADY_SECONDS
    requests: int = 200


class Suite:
    """One database's measurements; `say` tells a person what goes on."""

    def __init__(self, wanted: Wanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._ground = Ground(Session(os.environ["ALIQUOT_OWNER_URL"]), say)
        self._session = self._ground.session
        self._home = Path(os.environ["ALIQUOT_HOME"])

    def measure(self) -> dict[str, Any]:
        """All figures; the order matters, because each part leaves its rows."""
        wanted, session = self._wanted, self._session
        facts = machine_facts(session, self._home)
        laboratory = self._ground.prepare(wanted.connections, wanted.results)
        found: dict[str, Any] = {"measured_at": datetime.now(UTC).isoformat(), "machine": facts}
        if wanted.history:
            self._say(f"making {wanted.history} results of history ...")
            patients, found["history"] = add_history(session, laboratory, wanted.history)
            if wanted.history >= wanted.results:
                self._ground.patients = patients
        found["row_by_row"] = self._row_by_row(laboratory)
        found["pipeline"] = self._pipeline(laboratory, wanted.results)
        per_second = found["pipeline"]["results_per_second"]
        if wanted.steady_seconds:
            pace = per_second * STEADY_SHARE
            found["steady"] = {
                "results_per_second_due": round(pace),
                **self._pipeline(laboratory, int(pace * wanted.steady_seconds), pace),
            }
        found["bare_sets_results_per_second"] = bare_rate(session, min(wanted.results, 100_000))
        found["times_row_by_row"] = round(per_second / found["row_by_row"]["results_per_second"], 1)
        found["share_of_bare_sets"] = round(per_second / found["bare_sets_results_per_second"], 3)
        if wanted.requests:
            found["pages"] = self._pages(laboratory)
        self._say("verifying the audit ...")
        found["audit"] = self._ground.audit()
        facts["fsyncs_per_second_after"] = fsyncs_per_second(self._home)
        return found

    def _pipeline(self, laboratory: Laboratory, results: int, pace: float | None = None) -> dict[str, Any]:
        self._say(f"accepting tubes for {results} results ...")
        messages = self._ground.messages(laboratory, results)
        self._ground.checkpoint()
        self._say(f"sending {len(messages)} messages ...")
        return measure_pipeline(self._session, laboratory, messages, self._wanted.run, pace=pace)

    def _row_by_row(self, laboratory: Laboratory) -> dict[str, Any]:
        self._say("the same row by row ...")
        messages = self._ground.messages(laboratory, self._wanted.sample)
        began = time.perf_counter()
        results = file_messages(messages)
        seconds = time.perf_counter() - began
        self._session.text("DELETE FROM event")  # its orders need no report
        return {
            "results": results,
            "seconds": round(seconds, 2),
            "results_per_second": rate(results, seconds),
        }

    def _pages(self, laboratory: Laboratory) -> dict[str, Any]:
        self._say("pages ...")
        tubes = accept_tubes(
            self._session, laboratory, PAGE_RESULTS, patients=self._ground.patients, batch="P-"
        )
        return measure_pages(
            self._session,
            laboratory,
            tubes.numbers,
            sorted(set(tubes.patients))[:PAGE_PATIENTS],
            requests=self._wanted.requests,
        )
