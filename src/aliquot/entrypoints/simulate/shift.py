"""One simulated device at work for a while: tubes asked about, measured, sent; and what came of it."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from aliquot.entrypoints.simulate.analyzer import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Endpoint
from aliquot.entrypoints.simulate.faults import Chaos
from aliquot.entrypoints.simulate.faults.drift import Drift, Drifts
from aliquot.entrypoints.simulate.faults.meaning import changed, padded
from aliquot.entrypoints.simulate.line import NotTakenError
from aliquot.entrypoints.simulate.values import measured_run
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Run

TRIES = 8  # of one message, before the device gives it up
SHARE_CONTROL = 0.1  # of the tubes, when control material is measured too
LONGEST_SKEW = 16 * 30  # days; seen on a real device
LOT = "QC-L"


class NobodyThereError(Exception):
    """No connection came about, or the host says nothing any more."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the device does: its tubes, results of each, messages a second, and what goes wrong."""

    model: str
    specimens: Sequence[str]
    results: int | None = None
    rate: float | None = None
    asks: bool = False
    has_controls: bool = False
    has_indices: bool = False
    faults: dict[str, float] = field(default_factory=dict)
    drifts: Sequence[Drift] = ()
    seed: int = 0
    skew: float = 0.0
    patience: float = 60.0  # seconds in which one message has to be acknowledged


@dataclass(slots=True)
class Outcome:
    """What was said and what the host made of it, in messages; results by code."""

    messages: int = 0
    acknowledged: int = 0
    refused: int = 0
    asked: int = 0
    answered: int = 0
    results: int = 0
    codes: Counter[str] = field(default_factory=Counter)


class Shift:
    """The device's day; `run` returns one summary. The same seed says the same things."""

    def __init__(self, work: Work, endpoint: Endpoint, orders: Endpoint | None = None) -> None:
        self._work = work
        driver = load(work.model)
        self.chaos = Chaos(work.faults, Random(work.seed), driver.protocol)  # noqa: S311 - a simulation
        self._draw = Random(f"{work.seed}:values")  # noqa: S311 - same
        self.outcome = Outcome()
        self.drifts = Drifts(work.drifts)
        self.analyzer = SimulatedAnalyzer(
            work.model, endpoint=endpoint, orders=orders, skew=work.skew, chaos=self.chaos, tries=TRIES
        )

    async def run(self) -> dict[str, Any]:
        """Measure every tube; raises NobodyThereError when the host is not to be reached."""
        began = time.monotonic()
        async with self.analyzer:
            for place, number in enumerate(self._work.specimens):
                await self._wait_for_turn(place, began)
                await self._within(self._measure(number))
            await self._within(self.analyzer.line.settled())
        return self._summary(time.monotonic() - began)

    async def _wait_for_turn(self, place: int, began: float) -> None:
        if self._work.rate:
            await asyncio.sleep(max(0.0, began + place / self._work.rate - time.monotonic()))

    async def _within(self, work: Any) -> None:
        try:
            await asyncio.wait_for(work, self._work.patience)
        except TimeoutError:
            was = "says nothing any more" if self.analyzer.totals.connections else "is not to be reached"
            raise NobodyThereError(f"the host {was} (waited {self._work.patience:.0f} s)") from None

    async def _measure(self, number: str) -> None:
        codes = await self._ask(number) if self._work.asks else None
        if codes == ():
            return
        is_control = self._work.has_controls and self._draw.random() < SHARE_CONTROL
        name = f"{LOT}{self._draw.randint(1, 3)}" if is_control else number
        run = measured_run(
            self.analyzer.driver,
            name,
            self._draw,
            codes=codes,
            count=self._work.results,
            control=is_control,
            has_indices=self._work.has_indices,
        )
        run = self.drifts.run(run)
        if meaning := self.chaos.meaning():
            run = changed(run, meaning, self._draw)
        await self._send(run)

    async def _ask(self, number: str) -> tuple[str, ...]:
        self.outcome.asked += 1
        codes = await self.analyzer.ask(number)
        self.outcome.answered += 1
        return codes

    async def _send(self, run: Run) -> None:
        header = self.analyzer.header()
        if self.chaos.happens("clock-skew"):
            header = replace(header, at=header.at - timedelta(days=self._draw.randint(1, LONGEST_SKEW)))
        records = self.analyzer.driver.result_message([run], header)
        if self.chaos.happens("big-frame"):
            records = padded(records)
        times = 2 if self.chaos.happens("repeated-message") else 1
        for _ in range(times):
            self.outcome.messages += 1
            try:
                await self.analyzer.line.send(records)
            except NotTakenError:
                self.outcome.refused += 1
            else:
                self.outcome.acknowledged += 1
        self.outcome.results += len(run.measurements)
        self.outcome.codes.update(one.code for one in run.measurements)

    def _summary(self, seconds: float) -> dict[str, Any]:
        totals, outcome = self.analyzer.totals, self.outcome
        return {
            "model": self._work.model,
            "seed": self._work.seed,
            "specimens": len(self._work.specimens),
            "sent": outcome.messages,
            "acknowledged": outcome.acknowledged,
            "refused": outcome.refused,
            "results": outcome.results,
            "asked": outcome.asked,
            "answered": outcome.answered,
            "sent_again": totals.sent_again,
            "reconnects": max(0, totals.connections - 1),
            "faults": dict(sorted(self.chaos.injected.items())),
            "drifted": dict(sorted(self.drifts.changed.items())),
            "by_code": dict(sorted(outcome.codes.items())),
            "seconds": round(seconds, 2),
        }
