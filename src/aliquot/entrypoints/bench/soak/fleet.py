"""A process that plays some of the analyzers, and takes up where it was killed.

Started as `python -m aliquot.entrypoints.bench.soak.fleet PLAN SHARE OF JOURNAL`; SIGTERM ends the shift:
what is begun is finished on good lines.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from random import Random

from aliquot.entrypoints.bench.soak.content import kept_digests
from aliquot.entrypoints.bench.soak.journal import QUESTION, Journal, Note, What, read_notes
from aliquot.entrypoints.bench.soak.plan import Device, Plan, read_plan, shares
from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Dial, Endpoint, Listen, folder_for
from aliquot.entrypoints.simulate.faults import Chaos
from aliquot.wire.file_drop import FileProfile

PATIENCE = 20.0  # seconds a device waits for the answer to its question, before it measures as planned
WRITES = 8  # of an ASTM message for each of another: a fault strikes a write, so that all suffer alike
STARTING = 2.0  # seconds over which the devices of a process are switched on


class Player:
    """One device with its journal: message after message, each until it is acknowledged."""

    def __init__(self, device: Device, plan: Plan, journal: Journal, done: int, life: int) -> None:
        self._device, self._plan, self._journal, self._next = device, plan, journal, done
        self._draw = Random(f"{device.seed}:{device.code}:{life}")  # noqa: S311 - a simulation, not a secret
        self._profile = FileProfile() if device.folder else device.driver.framing
        often = 1 if device.driver.protocol == "astm" else WRITES
        faults = {name: min(1.0, chance * often) for name, chance in plan.faults.items()}
        self.chaos = Chaos(faults, self._draw, device.driver.protocol)
        self._ended = asyncio.Event()
        self._results: list[bytes] = []

    def end(self) -> None:
        """Finish what is begun, without faults."""
        self.chaos.is_calm = True
        self._ended.set()

    async def play(self) -> None:
        """Send until the plan's messages are done or the shift ends."""
        device = self._device
        endpoint: Endpoint = Dial("127.0.0.1", device.port)
        if device.folder:
            endpoint = folder_for(Path(device.folder), device.driver.framing)
        orders = Listen("127.0.0.1", device.orders_port) if device.orders_port else None
        await self._pause(STARTING * self._draw.random())
        async with SimulatedAnalyzer(
            device.model, endpoint=endpoint, orders=orders, chaos=self.chaos, watch=self._watch
        ) as analyzer:
            while not self._ended.is_set() and self._next < self._last:
                await self._say(analyzer, self._next)
                self._note("done", self._next)
                self._next += 1
                await self._pause(self._draw.expovariate(1 / self._plan.pause) if self._plan.pause else 0.0)
            self.chaos.is_calm = True
            await analyzer.line.settled()
            self._note("faults", detail=json.dumps(self.chaos.injected))

    @property
    def _last(self) -> int:
        tubes = len(self._device.tubes)
        return tubes if self._plan.messages is None else min(tubes, self._plan.messages)

    async def _say(self, analyzer: SimulatedAnalyzer, number: int) -> None:
        said = self._device.said(number)
        self._results = said.records
        if said.is_asked:
            await self._ask(analyzer, number)
        for _ in range(2 if said.is_repeated else 1):
            await analyzer.line.send(said.records)

    async def _ask(self, analyzer: SimulatedAnalyzer, number: int) -> None:
        try:
            codes = await asyncio.wait_for(analyzer.ask(self._device.tubes[number]), PATIENCE)
        except TimeoutError:
            return
        self._note("answered", number, json.dumps(sorted(codes)))

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

    def _watch(self, what: What, _number: int, records: list[bytes]) -> None:
        detail = "" if records == self._results else QUESTION
        for digest in kept_digests(self._profile, records):
            self._journal.write(Note(what, self._device.code, digest, self._next, detail))

    def _note(self, what: What, number: int = -1, detail: str = "") -> None:
        self._journal.write(Note(what, self._device.code, number=number, detail=detail))


async def play_share(plan: Plan, share: int, of: int, path: Path) -> None:
    """Play one share of the devices; what the journal says is done is not said again."""
    notes = list(read_notes(path))
    done = Counter(one.device for one in notes if one.what == "done")
    life = sum(one.what == "started" for one in notes)
    journal = Journal(path)
    journal.write(Note("started", "", detail=str(os.getpid())))
    players = [Player(one, plan, journal, done[one.code], life) for one in shares(plan.devices, of)[share]]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, players)
    await asyncio.gather(*(one.play() for one in players))
    journal.close()


def _end(players: list[Player]) -> None:
    for one in players:
        one.end()


def main() -> None:
    """Play the share that the command line names."""
    plan, share, of, journal = sys.argv[1:]
    asyncio.run(play_share(read_plan(Path(plan)), int(share), int(of), Path(journal)))


if __name__ == "__main__":
    main()
