"""Analyzers on lines of every kind, for tests of the process that holds the lines."""

import asyncio
import fcntl
import os
import select
import termios
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aliquot.flow.instruments.actions import read_messages
from aliquot.flow.instruments.models import Analyzer, TestMapping
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.processes import LiveRegion, wait_for
from tests.regions import Region
from tests.tubes import CBC, NOW, make_accepted_tubes, make_analyzer


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with one analyzer, and what the tests look at in it."""

    live: LiveRegion
    region: Region
    analyzer: Analyzer

    def tubes(self, count: int, codes: Sequence[str] = CBC) -> list[str]:
        return make_accepted_tubes(self.region.hub, self.region.clinic, count, codes)

    def read(self) -> list[str]:
        """The values of everything that waits to be read."""
        with acting(self.region.worker) as by:
            return [one.value_text for one in read_messages(limit=1000, by=by, at=NOW)]

    def messages(self, condition: str = "NOT is_outgoing") -> list[tuple[Any, ...]]:
        return self.live.look(f"SELECT state, content, connection FROM message WHERE {condition} ORDER BY id")

    def states(self, condition: str = "NOT is_outgoing") -> list[str]:
        return [row[0] for row in self.messages(condition)]

    def line(self) -> dict[str, Any]:
        """The line's state as it was written last; nothing before that."""
        rows = self.live.look("SELECT to_jsonb(l) FROM line_state l WHERE analyzer_id = %s", self.analyzer.pk)
        return dict(rows[0][0]) if rows else {}

    def shows(self, state: str = "", error: str = "") -> None:
        """Wait until the line is in this state and its last error begins so."""

        def is_shown() -> bool:
            found = self.line()
            return bool(found) and state in ("", found["state"]) and found["last_error"].startswith(error)

        wait_for(is_shown, f"the line is {state or 'there'}, its error {error or 'any'}")


def place(live: LiveRegion, region: Region, model: str, **reach: Any) -> Stage:
    """An analyzer that is reached so: transport, listen_port, address, order_address, query_policy."""
    analyzer = make_analyzer(region.hub, model, "LINE-T", reach.get("listen_port") or 40_000)
    with acting(system_actor("setup", frozenset({region.hub.pk}))):
        Analyzer.objects.filter(pk=analyzer.pk).update(**{"listen_port": None, **reach})
        if not load(model).tests:  # a generic driver: the laboratory says what each code is
            tests = {one.code: one for one in Test.objects.filter(code__in=CBC)}
            proposed = load("sysmex_xn").tests
            TestMapping.objects.bulk_create(
                TestMapping(
                    analyzer=analyzer,
                    code=code,
                    test=test,
                    unit=proposed[code].device_unit,
                    factor=proposed[code].factor,
                )
                for code, test in tests.items()
            )
        analyzer.refresh_from_db()
    return Stage(live, region, analyzer)


def found(number: str, code: str) -> Measurement:
    """What a simulated analyzer measures: a value that hangs on the tube."""
    unit = load("sysmex_xn").tests[code].device_unit
    return Measurement(code, f"{10 + int(number[-3:]) % 7}", unit)


@contextmanager
def crossed_ports() -> Iterator[tuple[str, str]]:
    """Two serial ports joined by a cable: what is written into one comes out of the other."""
    masters, names, slaves = [], [], []
    for _ in range(2):
        master, slave = os.openpty()
        tty.setraw(slave, termios.TCSANOW)
        masters.append(master)
        names.append(os.ttyname(slave))
        slaves.append(slave)
        os.set_blocking(master, False)
    stop_read, stop_write = os.pipe()
    cable = threading.Thread(target=_carry, args=(masters, slaves, stop_read), daemon=True)
    cable.start()
    try:
        yield names[0], names[1]
    finally:
        os.write(stop_write, b"x")
        cable.join(10)
        for one in (*masters, *slaves, stop_read, stop_write):
            os.close(one)


def _carry(masters: list[int], slaves: list[int], stop: int) -> None:
    while True:
        ready, _, _ = select.select([*masters, stop], [], [], 0.2)
        for slave in slaves:  # a killed process lets go of a real port; this one stays open here
            fcntl.ioctl(slave, termios.TIOCNXCL)
        if stop in ready:
            return
        for master in ready:
            try:
                data = os.read(master, 65536)
                os.write(masters[1 - masters.index(master)], data)
            except BlockingIOError:
                continue


async def in_thread(condition: Any, what: str) -> None:
    """Wait in a thread, so that the simulated analyzers of this loop go on."""
    await asyncio.to_thread(wait_for, condition, what)
