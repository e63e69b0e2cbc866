"""Holds the line to every active analyzer, and follows the register of analyzers while it runs."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any, TypeVar

from aliquot.entrypoints.links.faults import CloggedError, is_database_away, named
from aliquot.entrypoints.links.health import TALK
from aliquot.entrypoints.links.keeper import Keeper
from aliquot.entrypoints.links.line import Line, Settled
from aliquot.entrypoints.links.parcel import Parcel
from aliquot.entrypoints.links.session import Outgoing
from aliquot.entrypoints.links.store import Store
from aliquot.flow.instruments.actions import LineFacts
from aliquot.flow.instruments.queries import AnalyzerLine
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.reading import HostQuery
from aliquot.wire.link_events import MessageUndelivered

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ANSWERERS = 2  # threads, each with its database connection
REFRESH_SECONDS = 1.0
GRACE_SECONDS = 5.0
ALIVE_SECONDS = 5.0  # a line whose state is older than fifteen seconds is taken for unserved
ANSWER_PAUSES = (0.1, 0.3, 1.0, 2.0, 3.0)  # seconds between tries; an analyzer waits for about 15
LOST_LIMIT = 64 * 1024 * 1024  # bytes that wait for a database that is away; then no line is opened
LOST_AT_ONCE = 1000  # parcels that are tried again within a second; only one while nothing can be kept
QUESTION_PATIENCE = 60.0  # seconds after which no analyzer waits for the answer to its question
LEDGER = "ledger"  # the part of every line that keeps what it brings


class LinkService:
    """All lines of one node. `run` returns when `stop` is set and everything received has been kept."""

    def __init__(
        self, host: str = "127.0.0.1", store: Store | None = None, lost_limit: int = LOST_LIMIT
    ) -> None:
        self.host, self._lost_limit = host, lost_limit
        self._store = store or Store()
        self.keeper = Keeper(self._store)
        self._threads = ThreadPoolExecutor(ANSWERERS, "answers")
        self._lines: dict[int, Line] = {}
        self._lost: deque[Parcel] = deque()
        self._lost_size = 0
        self._all_closed = asyncio.Event()
        self._began = datetime.now(UTC)
        self._broken: dict[int, LineFacts] = {}  # analyzers without a driver
        self._written: dict[int, object] = {}  # the gist of what was written last, by analyzer
        self._written_at = 0.0
        self._look_back_at: float | None = 0.0  # when questions of the process before are looked for

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the lines until `stop`; what is added, changed or removed is followed within seconds."""
        keeping = asyncio.create_task(self.keeper.run())
        try:
            while not stop.is_set():
                await self._refresh()
                await self._look_after()
                await _first(stop, REFRESH_SECONDS)
        finally:
            await self._finish()
            self._keep_lost(len(self._lost))
            self.keeper.close()
            await asyncio.wait_for(keeping, GRACE_SECONDS)
            self._end_threads()

    async def _finish(self) -> None:
        """End every connection once what it waits for is acknowledged, within the grace."""
        self._all_closed.clear()
        lines = list(self._lines.values())
        for line in lines:
            line.finish()
        if any(line.sessions for line in lines):
            await _first(self._all_closed, GRACE_SECONDS)
        await asyncio.gather(*(line.stop() for line in lines))

    def _end_threads(self) -> None:
        """Let the threads do what is left, and each close its database connection."""
        together = Barrier(ANSWERERS)
        for _ in range(ANSWERERS):
            self._threads.submit(self._let_go, together)
        self._threads.shutdown()

    def _let_go(self, together: Barrier) -> None:
        self._store.forget_connection()
        with suppress(BrokenBarrierError):
            together.wait(GRACE_SECONDS)  # so that no thread does it twice, and another not at all

    # -- the register ---------------------------------------------------------------------------------

    async def _refresh(self) -> None:
        facts = await self._in_thread(self._store.lines)
        if facts is None:
            return
        wanted = {one.id: one for one in facts}
        self._broken = {key: one for key, one in self._broken.items() if key in wanted}
        for line in self._lines.values():  # the connection stands while a driver is stopped
            now = wanted.get(line.facts.id)
            if now and replace(line.facts, is_stopped=now.is_stopped) == now:
                line.facts = now
        lines = self._lines.items()
        changed = [line for key, line in lines if line.is_broken or wanted.get(key) != line.facts]
        for line in changed:
            del self._lines[line.facts.id]
        await asyncio.gather(*(line.stop() for line in changed))
        for one in facts:
            if one.id not in self._lines:
                self._open(one)

    def _open(self, facts: AnalyzerLine) -> None:
        try:
            driver = load(facts.driver)
        except ValueError as fault:
            self._refuse(facts, named(fault))
            return
        self._broken.pop(facts.id, None)
        line = self._lines[facts.id] = Line(facts, driver, self)
        line.start()

    def _refuse(self, facts: AnalyzerLine, fault: str) -> None:
        """Say that an analyzer cannot be spoken with at all; it is tried again every second."""
        if facts.id not in self._broken:
            logger.error("%s: %s", facts.code, fault)
            self._broken[facts.id] = LineFacts(
                facts.id,
                facts.laboratory_id,
                "failed",
                self._began,
                last_error=fault,
                last_error_at=datetime.now(UTC),
            )

    # -- once a second --------------------------------------------------------------------------------

    async def _look_after(self) -> None:
        now = asyncio.get_running_loop().time()
        for line in self._lines.values():
            line.look_after(now)
            if self.is_clogged:
                line.failed(LEDGER, named(CloggedError()))
            elif self.keeper.fault:
                line.failed(LEDGER, self.keeper.fault)
            else:
                line.works(LEDGER)
        self._keep_lost(1 if self.keeper.fault else LOST_AT_ONCE)
        await self._write_states(now)
        await self._send_outbox()
        await self._look_back(now)

    def _keep_lost(self, count: int) -> None:
        """Try again what could not be kept."""
        for _ in range(min(count, len(self._lost))):
            parcel = self._lost.popleft()
            self._lost_size -= parcel.size
            self.keeper.keep(parcel, partial(self._found, parcel))

    async def _look_back(self, now: float) -> None:
        """Show what was asked before this process began: at once, and when nobody waits for an answer."""
        if self._look_back_at is None or now < self._look_back_at:
            return
        is_first = self._look_back_at == 0.0
        before = self._began - timedelta(seconds=QUESTION_PATIENCE) if is_first else self._began
        if await self._in_thread(self._store.show_unanswered, list(self._lines), before) is not None:
            self._look_back_at = now + QUESTION_PATIENCE if is_first else None

    async def _send_outbox(self) -> None:
        """Hand what waits to every line that is free to take it."""
        if not any(self._takes_orders(line) for line in self._lines.values()):
            return
        for key in await self._in_thread(self._store.waiting_lines) or ():
            line = self._lines.get(key)
            if line is None or not self._takes_orders(line) or line.speaker is None:
                continue
            taken = await self._in_thread(self._store.take_outbox, line.facts, line.speaker.name, self._began)
            for message_id, records in taken or ():
                line.send(Outgoing(message_id, records))

    def _takes_orders(self, line: Line) -> bool:
        free = line.speaker is not None and line.speaker.is_free
        return free and not line.facts.is_stopped and line.facts.transport != "folder"

    async def _write_states(self, now: float) -> None:
        """Write how the lines fare that have something new to say, and all now and then: we are alive."""
        states = [line.state(now, self._began) for line in self._lines.values()]
        states += self._broken.values()
        if now - self._written_at > ALIVE_SECONDS:
            self._written, self._written_at = {}, now
        news = [one for one in states if self._written.get(one.analyzer_id) != _gist(one)]
        if news and await self._in_thread(self._store.note_states, news) is not None:
            self._written |= {one.analyzer_id: _gist(one) for one in news}

    def _found(self, parcel: Parcel, kept: int | None) -> None:
        if kept is None:
            self.lost(parcel)

    # -- what a line asks -----------------------------------------------------------------------------

    @property
    def is_clogged(self) -> bool:
        """Whether so much waits for the database that no more may be read."""
        return self._lost_size + self.keeper.size > self._lost_limit

    async def answer(self, line: Line, question_id: int, queries: Sequence[HostQuery]) -> list[Outgoing]:
        """Find and keep the answer in a thread; nothing when it cannot be given."""
        name = line.speaker.name if line.speaker else line.facts.code
        for pause in ANSWER_PAUSES:
            messages = await self._in_thread(
                self._store.answer, line.facts, line.driver, question_id, queries, name
            )
            if messages is not None:
                return [Outgoing(message_id, records, is_answer=True) for message_id, records in messages]
            await asyncio.sleep(pause)
        line.failed(TALK, "no_answer: a question could not be answered")
        await self._in_thread(self._store.note_undelivered, question_id, "no answer could be given")
        return []

    async def is_kept(self, line: Line, connection: str, since: float) -> bool:
        """Whether something came under this name; without a database nobody knows, and nothing is taken."""
        if self.is_clogged:
            raise CloggedError
        found = await self._in_thread(
            self._store.is_kept, line.facts, connection, datetime.fromtimestamp(since, UTC)
        )
        if found is None:
            raise OSError(self.keeper.fault or "the database does not answer")
        return found

    def settled(self, line: Line, message: Outgoing, event: Settled) -> None:
        """Note in a thread what became of a message; a failure is only logged, for it is kept either way."""
        if isinstance(event, MessageUndelivered) and event.answer:
            self._soon(self._store.note_refused, message.message_id, event.reason)
        elif isinstance(event, MessageUndelivered):
            self._soon(self._store.note_undelivered, message.message_id, event.reason)
        elif event.answer or not message.is_answer:
            facts = (line.facts, line.driver, message.message_id, event.answer)
            self._soon(self._store.note_delivered, *facts)

    def withdrawn(self, messages: Sequence[Outgoing]) -> None:
        """Note that the analyzer took back its question before the answer left."""
        for one in messages:
            self._soon(self._store.note_undelivered, one.message_id, "the analyzer took back its question")

    def forgotten(self, question_id: int) -> None:
        """Note that the analyzer took back a question that nobody worked on."""
        self._soon(self._store.close_question, question_id)

    def unanswered(self, question_ids: Sequence[int]) -> None:
        """Show a person the questions whose connection ended before anybody worked on them."""
        for question_id in question_ids:
            self._soon(self._store.note_undelivered, question_id, "the connection ended before the answer")

    def lost(self, parcel: Parcel) -> None:
        """Keep these bytes when the database is there again."""
        if parcel.stretches:
            self._lost.append(parcel)
            self._lost_size += parcel.size

    def closed(self) -> None:
        """See whether that was the last session."""
        if not any(line.sessions for line in self._lines.values()):
            self._all_closed.set()

    # -- threads --------------------------------------------------------------------------------------

    def _soon(self, call: Callable[..., Any], *arguments: Any) -> None:
        asyncio.ensure_future(self._in_thread(call, *arguments))  # noqa: RUF006 - it logs its own failure

    async def _in_thread(self, call: Callable[..., Result], *arguments: Any) -> Result | None:
        """What `call` returns, or None when it failed; the failure is logged."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(self._guarded, call, *arguments)
        )

    def _guarded(self, call: Callable[..., Result], *arguments: Any) -> Result | None:
        try:
            return call(*arguments)
        except Exception as fault:
            details = None if is_database_away(fault) else fault
            logger.error("%s failed: %s", call.__name__, named(fault), exc_info=details)  # noqa: TRY400 - a database that is away says why
            self._store.forget_connection()
            return None


def _gist(facts: LineFacts) -> object:
    """What has to be different before a line's state is written again."""
    sizes = (facts.bytes_in, facts.bytes_out, facts.messages, facts.frames_refused, facts.sessions)
    return (facts.state, facts.connected_since, facts.reconnects, facts.last_error_at, *sizes)


async def _first(stop: asyncio.Event, seconds: float) -> None:
    """Wait for `stop`, or so many seconds."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
