"""Fifty kills in mid-stream: link, worker and database. What was acknowledged is there, and every result once."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connections

from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.audit.queries import broken_blocks
from aliquot.foundation.postgres import ensure_running
from aliquot.foundation.postgres.processes import is_alive
from tests.processes import LiveRegion, free_port, postmaster, wait_for
from tests.regions import read_region
from tests.tubes import CBC, NOW, make_accepted_tubes, make_analyzer

if TYPE_CHECKING:
    import subprocess

pytestmark = pytest.mark.journey

KILLS = 50
ANALYZERS = 3
SHARE = 24  # tubes sent between two kills
TUBES = (KILLS + 1) * SHARE
DRIVER = load("sysmex_xn")
READINGS = "SELECT count(*) FROM reading"
VICTIMS = ["links"] * 20 + ["work"] * 18 + ["postgres"] * 12


@dataclass(slots=True)
class Stream:
    """What the analyzers sent and what was acknowledged, while somebody kills what they send it to."""

    live: LiveRegion
    chance: random.Random
    acknowledged: set[bytes] = field(default_factory=set)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)

    def start(self, name: str) -> None:
        if name == "postgres":
            ensure_running(self.live.home)
        else:
            self.running[name] = self.live.start(name, ALIQUOT_LOG=os.environ.get("ALIQUOT_LOG", "CRITICAL"))

    def kill(self, name: str) -> None:
        if name == "postgres":
            pid = postmaster(self.live.home)
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not is_alive(pid), "the postmaster is gone")
        else:
            self.running[name].kill()
            self.running[name].wait()
        self.killed[name] += 1

    def count(self, query: str) -> int:
        """One number from the database, or -1 while it is away."""
        try:
            return int(self.live.look(query)[0][0])
        except psycopg.Error:
            return -1

    def reaches(self, mark: int) -> bool:
        return len(self.acknowledged) >= mark

    def grows(self, before: int) -> bool:
        return self.count(READINGS) > before


async def until(condition: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_for, condition, what, 30)


async def upload(stream: Stream, port: int, numbers: list[str], leave: asyncio.Semaphore) -> None:
    """Send each tube's results until acknowledged, as one message of a known digest."""
    async with SimulatedAnalyzer("sysmex_xn", port, clock=lambda: NOW, patience=5) as analyzer:
        for at, number in enumerate(numbers):
            await leave.acquire()
            codes = await analyzer.ask(number) if at % 20 == 0 else CBC
            run = Run(number, tuple(measured(number, code) for code in sorted(codes)))
            await analyzer.upload(run)
            records = DRIVER.result_message([run], Header(NOW))
            stream.acknowledged.add(sha256(b"".join(one + b"\r" for one in records)).digest())


def measured(number: str, code: str) -> Measurement:
    return Measurement(code, f"{10 + int(number[4:11]) % 50}", DRIVER.tests[code].device_unit)


async def kill_in_mid_stream(stream: Stream, leave: asyncio.Semaphore) -> None:
    """Kill one process after the other, each somewhere within its share of the stream, which then goes on."""
    victims = VICTIMS[:]
    stream.chance.shuffle(victims)
    for turn, name in enumerate(victims, 1):
        mark = (turn - 1) * SHARE + stream.chance.randint(1, SHARE - ANALYZERS)
        await until(partial(stream.reaches, mark), f"the stream reaches {mark}")
        for _ in range(SHARE):
            leave.release()
        await asyncio.sleep(stream.chance.random() / 50)  # not at the moment of an acknowledgement: at any
        filed = stream.count(READINGS)
        await asyncio.to_thread(stream.kill, name)
        await asyncio.to_thread(stream.start, name)
        if name != "links":
            await until(partial(stream.grows, filed), f"work goes on after {name}")


def test_fifty_kills_lose_nothing_and_double_nothing(own_server: LiveRegion) -> None:
    region = read_region()
    ports = [free_port() for _ in range(ANALYZERS)]
    numbers = make_accepted_tubes(region.hub, region.clinic, TUBES)
    for place, port in enumerate(ports):
        make_analyzer(region.hub, "sysmex_xn", f"XN-{place}", port)
    stream = Stream(own_server, random.Random(20260302))
    stream.start("links")
    stream.start("work")

    async def run() -> None:
        leave = asyncio.Semaphore(SHARE)
        sent = [upload(stream, port, numbers[at::ANALYZERS], leave) for at, port in enumerate(ports)]
        await asyncio.gather(*sent, kill_in_mid_stream(stream, leave))

    asyncio.run(run())
    expected = len(numbers) * len(CBC)
    wait_for(lambda: stream.count("SELECT count(*) FROM result") >= expected, "every result is recorded", 60)
    wait_for(
        lambda: stream.count("SELECT count(*) FROM message WHERE state = 'received'") == 0, "all is read"
    )

    assert stream.killed == Counter(VICTIMS)
    assert stream.killed.total() == KILLS
    kept = {bytes(row[0]) for row in own_server.look("SELECT digest FROM message WHERE NOT is_outgoing")}
    assert len(stream.acknowledged) == len(numbers)
    assert stream.acknowledged <= kept
    filed = "SELECT specimen_id, test_id FROM reading WHERE state = 'filed'"
    pairs = own_server.look(filed)
    assert (len(pairs), len(set(pairs))) == (expected, expected)
    results = own_server.look("SELECT order_item_id, run FROM result WHERE reading_id IS NOT NULL")
    assert (len(results), len({item for item, _ in results})) == (expected, expected)
    assert (
        own_server.look("SELECT DISTINCT state FROM reading WHERE state NOT IN ('filed', 'duplicate')") == []
    )
    connections.close_all()  # the test's own were opened before the first kill
    assert broken_blocks() == []


def test_a_server_of_its_own_is_not_the_tests_server(own_server: LiveRegion) -> None:
    assert own_server.home != Path(".aliquot/test")
    assert own_server.look("SELECT count(*) FROM test")[0][0] > 100
