"""The process that holds the lines is killed in mid-stream, on every transport: nothing is lost, nothing doubled."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.entrypoints.simulate.endpoints import Cable, Folder, Listen
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run
from tests.entrypoints.links.lines import Stage, crossed_ports, found, in_thread, place
from tests.processes import LiveRegion, free_port, wait_for
from tests.regions import read_region
from tests.tubes import NOW

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.journey

KILLS, SHARE = 6, 10  # kills, and messages between two of them


@dataclass(slots=True)
class Stream:
    """What is sent on a line, and the process that is killed meanwhile."""

    stage: Stage
    numbers: list[str]
    chance: random.Random = field(default_factory=lambda: random.Random(20260302))
    taken: set[bytes] = field(default_factory=set)
    links: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self.links = self.stage.live.start("links", ALIQUOT_LOG="CRITICAL")

    def kill(self) -> None:
        assert self.links
        self.links.kill()
        self.links.wait()

    def reaches(self, mark: int) -> bool:
        return len(self.taken) >= mark

    async def send(self, device: SimulatedAnalyzer) -> None:
        """Send each tube's results until they are acknowledged."""
        for number in self.numbers:
            runs = [Run(number, (found(number, "WBC"),))]
            records = device.driver.result_message(runs, device.header())
            await device.line.send(records)
            self.taken.add(sha256(b"".join(one + b"\r" for one in records)).digest())

    async def interrupt(self, kills: int) -> None:
        """Kill the process somewhere within each share of the stream, and start it again."""
        share = len(self.numbers) // (kills + 1)
        for turn in range(kills):
            mark = turn * share + self.chance.randint(1, share)
            await in_thread(partial(self.reaches, mark), f"the stream reaches {mark}")
            await asyncio.sleep(self.chance.random() / 50)  # at any moment of a message
            await asyncio.to_thread(self.kill)
            self.start()

    def is_whole(self) -> None:
        """Everything acknowledged is kept, and every result is filed once."""
        kept = self.stage.live.look("SELECT digest FROM message WHERE NOT is_outgoing")
        assert self.taken <= {bytes(row[0]) for row in kept}
        assert len(self.stage.read()) == len(self.numbers)
        filed = self.stage.live.look("SELECT specimen_id, test_id FROM reading WHERE state = 'filed'")
        assert (len(filed), len(set(filed))) == (len(self.numbers), len(self.numbers))


def run(stream: Stream, device: SimulatedAnalyzer, kills: int = KILLS) -> None:
    async def work() -> None:
        async with device:
            await asyncio.gather(stream.send(device), stream.interrupt(kills))

    stream.start()
    if kills < KILLS:  # a device on a cable does not notice that nobody is there yet
        stream.stage.shows("connected")
    asyncio.run(work())
    stream.is_whole()


def stream_on(live: LiveRegion, model: str, count: int = (KILLS + 1) * SHARE, **reach: object) -> Stream:
    stage = place(live, read_region(), model, **reach)
    return Stream(stage, stage.tubes(count))


def test_an_analyzer_that_is_called(live_region: LiveRegion) -> None:
    port = free_port()
    stream = stream_on(live_region, "sysmex_xn", transport="dial", address=f"127.0.0.1:{port}")
    run(stream, SimulatedAnalyzer("sysmex_xn", endpoint=Listen("127.0.0.1", port), clock=lambda: NOW))


def test_a_serial_port(live_region: LiveRegion) -> None:
    with crossed_ports() as (here, there):
        stream = stream_on(live_region, "sysmex_xn", 12, transport="serial", address=here)
        # nobody sees that the other end of a cable is gone: the device waits 15 s for each answer it misses
        run(stream, SimulatedAnalyzer("sysmex_xn", endpoint=Cable(there), clock=lambda: NOW), kills=1)
        stream.stage.live.end_processes()


def test_hl7_over_mllp(live_region: LiveRegion) -> None:
    port = free_port()
    stream = stream_on(live_region, "generic_law", listen_port=port)
    run(stream, SimulatedAnalyzer("generic_law", port))


def test_files(live_region: LiveRegion, tmp_path: Path) -> None:
    stream = stream_on(live_region, "sysmex_xn", transport="folder", address=f"{tmp_path}?settle=0.05")
    folder, kept = Folder(tmp_path), tmp_path / "kept"
    stream.start()
    for turn in range(KILLS):
        for number in share(stream.numbers, turn):
            folder.drop(file_of(number))
        wait_for(partial(is_put_away, kept, turn * SHARE + 1), "the first file of the share is put away")
        stream.kill()
        stream.start()
    for number in share(stream.numbers, KILLS):
        folder.drop(file_of(number))
    wait_for(partial(is_put_away, kept, len(stream.numbers)), "every file is put away")
    assert len(stream.stage.messages()) == len(stream.numbers)
    stream.is_whole()


def share(numbers: Sequence[str], turn: int) -> Sequence[str]:
    return numbers[turn * SHARE : (turn + 1) * SHARE]


def is_put_away(kept: Path, count: int) -> bool:
    return len(list(kept.glob("*"))) >= count


def file_of(number: str) -> bytes:
    records = load("sysmex_xn").result_message([Run(number, (found(number, "WBC"),))], Header(NOW))
    return b"".join(one + b"\r" for one in records)
