"""Listens for every active analyzer, and follows the register of analyzers while it runs."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError

from aliquot.entrypoints.links.connection import AnalyzerConnection
from aliquot.entrypoints.links.keeper import Keeper
from aliquot.entrypoints.links.store import Store
from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.flow.instruments.rules.reading import HostQuery

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

REFRESH_SECONDS = 1.0
GRACE_SECONDS = 5.0
ANSWER_PAUSES = (0.1, 0.3, 1.0, 2.0, 3.0)  # seconds between tries; an analyzer waits for about 15


@dataclass(slots=True)
class _Listener:
    line: AnalyzerLine
    server: asyncio.Server
    connections: set[AnalyzerConnection] = field(default_factory=set)


class LinkService:
    """All lines of one node. `run` returns when `stop` is set and everything received has been kept."""

    def __init__(self, host: str = "127.0.0.1", store: Store | None = None) -> None:
        self._host = host
        self._store = store or Store()
        self._keeper = Keeper(self._store)
        self._threads = ThreadPoolExecutor(2, "answers")
        self._listeners: dict[int, _Listener] = {}
        self._all_closed = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; analyzers that are added, changed or removed are followed within seconds."""
        keeping = asyncio.create_task(self._keeper.run())
        try:
            while not stop.is_set():
                await self._refresh()
                await _first(stop, REFRESH_SECONDS)
        finally:
            await self._finish()
            self._keeper.close()
            await asyncio.wait_for(keeping, GRACE_SECONDS)
            self._threads.shutdown(cancel_futures=True)

    async def _finish(self) -> None:
        """End every connection once the message it waits for is acknowledged, within the grace."""
        self._all_closed.clear()
        listeners = list(self._listeners.values())
        for one in listeners:
            one.server.close()
            for connection in list(one.connections):
                connection.finish()
        if any(one.connections for one in listeners):
            await _first(self._all_closed, GRACE_SECONDS)
        for one in listeners:
            self._stop_listening(one)

    # -- the register ---------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        lines = await self._in_thread(self._store.lines)
        if lines is None:
            return
        wanted = {line.id: line for line in lines}
        for analyzer_id, listener in list(self._listeners.items()):
            if wanted.get(analyzer_id) != listener.line:
                self._stop_listening(listener)
        for line in lines:
            if line.id not in self._listeners:
                await self._listen(line)

    async def _listen(self, line: AnalyzerLine) -> None:
        try:
            driver = load(line.driver)
            server = await asyncio.get_running_loop().create_server(
                partial(self._connected, line, driver), self._host, line.listen_port
            )
        except (OSError, ValueError) as fault:
            logger.error("%s: not listening on port %d: %s", line.code, line.listen_port, fault)  # noqa: TRY400 - the reason says it all
            return
        self._listeners[line.id] = _Listener(line, server)
        logger.info("%s: listening on %s:%d", line.code, self._host, line.listen_port)

    def _stop_listening(self, listener: _Listener) -> None:
        del self._listeners[listener.line.id]
        listener.server.close()
        for connection in list(listener.connections):
            connection.close()

    def _connected(self, line: AnalyzerLine, driver: Driver) -> AnalyzerConnection:
        connection = AnalyzerConnection(line, driver, self._keeper, self)
        if line.id in self._listeners:
            self._listeners[line.id].connections.add(connection)
        return connection

    # -- what a connection asks -----------------------------------------------------------------------

    def answer(self, connection: AnalyzerConnection, question_id: int, queries: list[HostQuery]) -> None:
        """Answer a host query from a thread of its own, so that no other line waits for it."""
        task = asyncio.ensure_future(self._answer(connection, question_id, queries))
        task.add_done_callback(_log_failure)

    async def _answer(
        self, connection: AnalyzerConnection, question_id: int, queries: list[HostQuery]
    ) -> None:
        answer = None
        for pause in ANSWER_PAUSES:
            answer = await self._in_thread(
                self._store.answer, connection.line, connection.driver, question_id, queries, connection.name
            )
            if answer is not None:
                break
            await asyncio.sleep(pause)
        if answer is None:
            await self._in_thread(self._store.note_undelivered, question_id, "no answer could be given")
            return
        message_id, records = answer
        connection.send(records, message_id)

    def note_undelivered(self, message_id: int, detail: str) -> None:
        """Note it from a thread; a failure is only logged, for the message is kept either way."""
        asyncio.ensure_future(self._in_thread(self._store.note_undelivered, message_id, detail))  # noqa: RUF006 - it logs its own failure

    def closed(self, connection: AnalyzerConnection) -> None:
        """Forget a connection that has ended."""
        if connection.line.id in self._listeners:
            self._listeners[connection.line.id].connections.discard(connection)
        if not any(one.connections for one in self._listeners.values()):
            self._all_closed.set()

    async def _in_thread(self, call: Callable[..., Result], *arguments: Any) -> Result | None:
        """What `call` returns, or None when it failed; the failure is logged."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(self._guarded, call, *arguments)
        )

    def _guarded(self, call: Callable[..., Result], *arguments: Any) -> Result | None:
        try:
            return call(*arguments)
        except (OperationalError, psycopg.OperationalError) as fault:
            logger.error("%s failed: %s", call.__name__, fault)  # noqa: TRY400 - the database is away, and says why
            self._store.forget_connection()
            return None
        except Exception:
            logger.exception("%s failed", call.__name__)
            self._store.forget_connection()
            return None


def _log_failure(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and task.exception():
        logger.error("a host query was not answered", exc_info=task.exception())


async def _first(stop: asyncio.Event, seconds: float) -> None:
    """Wait for `stop`, or so many seconds."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
