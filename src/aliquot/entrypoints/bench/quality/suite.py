"""The measurements of control: its share of the hot path, and the pages over a year of a hub."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from aliquot.entrypoints.bench.ground import Ground
from aliquot.entrypoints.bench.laboratory import Laboratory
from aliquot.entrypoints.bench.machine import fsyncs_per_second, machine_facts
from aliquot.entrypoints.bench.pipeline import MeasurementError, Run, measure_pipeline
from aliquot.entrypoints.bench.quality.year import YearWanted, measure_year
from aliquot.entrypoints.bench.session import Session

SCHEMA = 1
PHASES = ("path", "year")
TURNS = (False, True, True, False)
"""Without, with, with, without: what the machine does meanwhile falls on both alike."""
WARM_UP = 5000


@dataclass(frozen=True, slots=True)
class QualityWanted:
    """Which phases, and how much: results of each run, how often the four turns, the facts of the year."""

    phases: Sequence[str] = PHASES
    results: int = 40_000
    rounds: int = 1
    connections: int = 50
    run: Run = field(default_factory=Run)
    year: YearWanted = field(default_factory=YearWanted)


class QualitySuite:
    """One database's measurements; `say` tells a person what goes on."""

    def __init__(self, wanted: QualityWanted, say: Callable[[str], None]) -> None:
        self._wanted, self._say = wanted, say
        self._ground = Ground(Session(os.environ["ALIQUOT_OWNER_URL"]), say)
        self._session = self._ground.session
        self._home = Path(os.environ["ALIQUOT_HOME"])

    def measure(self) -> dict[str, Any]:
        """The figures of the wanted phases."""
        wanted = self._wanted
        facts = machine_facts(self._session, self._home)
        laboratory = self._ground.prepare(wanted.connections, wanted.results * wanted.rounds)
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "measured_at": datetime.now(UTC).isoformat(),
            "machine": facts,
        }
        watched = self._session.run("watch_everything", hub=laboratory.hub, at=datetime.now(UTC))
        found["monitors"] = len(watched)
        if "path" in wanted.phases:
            found["path"] = self._path(laboratory)
        if "year" in wanted.phases:
            found["year"] = self._year(laboratory)
        facts["fsyncs_per_second_after"] = fsyncs_per_second(self._home)
        return found

    def _year(self, laboratory: Laboratory) -> dict[str, Any]:
        self._switch(is_on=True)
        return measure_year(self._session, laboratory, self._wanted.year, self._say)

    def _path(self, laboratory: Laboratory) -> dict[str, Any]:
        """The same messages through the same processes, with every test watched and without."""
        self._switch(is_on=False)
        self._send(laboratory, WARM_UP)
        runs: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
        for is_on in TURNS * self._wanted.rounds:
            self._switch(is_on=is_on)
            runs[is_on].append(self._send(laboratory, self._wanted.results))
        self._require_watched(runs)
        without, watched = runs[False], runs[True]
        busy = {"without": _mean(map(_busy, without)), "with": _mean(map(_busy, watched))}
        rates = {"without": _mean(map(_rate, without)), "with": _mean(map(_rate, watched))}
        return {
            "processor_us_per_result": busy,
            "results_per_second": rates,
            "share_lost_by_processor_time": round(1 - busy["without"] / busy["with"], 4),
            "share_lost_by_rate": round(1 - rates["with"] / rates["without"], 4),
            "without": without,
            "with": watched,
        }

    def _switch(self, *, is_on: bool) -> None:
        self._session.run("watch_on", is_on=is_on, at=datetime.now(UTC))
        self._session.text("VACUUM (ANALYZE) patient_monitor, control_plan, monitor_state, control_count")

    def _send(self, laboratory: Laboratory, results: int) -> dict[str, Any]:
        self._say(f"accepting tubes for {results} results ...")
        messages = self._ground.messages(laboratory, results)
        self._ground.checkpoint()
        self._say(f"sending {len(messages)} messages ...")
        return measure_pipeline(self._session, laboratory, messages, self._wanted.run)

    def _require_watched(self, runs: dict[bool, list[dict[str, Any]]]) -> None:
        """Every result of the watched runs was counted by its plan, or the comparison says nothing."""
        sent = sum(one["results"] for one in runs[True])
        [(counted, moved)] = self._session.text(
            "SELECT (SELECT sum(results) FROM control_count), (SELECT sum(counted) FROM monitor_state)"
        )
        if counted != sent or not moved:
            raise MeasurementError(f"{sent} results were sent, plans counted {counted}, monitors {moved}")


def _busy(one: dict[str, Any]) -> float:
    """Processor microseconds of a result without those who play analyzers."""
    used = one["processor_us_per_result"]
    return float(sum(used.values()) - used["analyzers"])


def _rate(one: dict[str, Any]) -> float:
    return float(one["results_per_second"])


def _mean(values: Iterable[float]) -> float:
    return round(fmean(values), 1)
