"""The process that holds the lines as a thread of the test, with limits and a clock of the test's choice."""

import asyncio
import selectors
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from aliquot.entrypoints.links.service import LinkService


class _QuickSelector(selectors.DefaultSelector):
    """Waits so many times shorter than it is told."""

    speed = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / self.speed)


class QuickLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs `speed` times as fast: every timer of a protocol rings so much earlier."""

    def __init__(self, speed: float) -> None:
        selector = _QuickSelector()
        selector.speed = self._speed = speed
        super().__init__(selector)

    def time(self) -> float:
        return super().time() * self._speed


@contextmanager
def serving(speed: float = 1.0, **given: Any) -> Iterator[LinkService]:
    """Hold the lines meanwhile."""
    made: list[tuple[LinkService, asyncio.AbstractEventLoop, asyncio.Event]] = []
    ready, faults = threading.Event(), []

    async def serve() -> None:
        stop = asyncio.Event()
        made.append((LinkService(**given), asyncio.get_running_loop(), stop))
        ready.set()
        await made[0][0].run(stop)

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: QuickLoop(speed)) as runner:
                runner.run(serve())
        except BaseException as fault:  # noqa: BLE001 - raised again in the test's own thread
            faults.append(fault)
            ready.set()

    here, elsewhere = connections["default"].settings_dict, connections.settings["default"]
    name, elsewhere["NAME"] = elsewhere["NAME"], here["NAME"]  # new threads go where the test goes
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield made[0][0]
    finally:
        _, loop, stop = made[0]
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        elsewhere["NAME"] = name
        assert not thread.is_alive()
        if faults:
            raise faults[0]
