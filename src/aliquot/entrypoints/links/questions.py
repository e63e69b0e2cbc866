"""The host queries of one connection: one is answered at a time, and one that is taken back no more."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aliquot.entrypoints.links.session import Outgoing
from aliquot.flow.instruments.rules.reading import HostQuery

logger = logging.getLogger(__name__)

Answer = Callable[[int, Sequence[HostQuery]], Awaitable[list[Outgoing]]]


@dataclass(slots=True)
class Questions:
    """`answer` finds and keeps the messages of an answer, `send` puts one on the line.

    `drop` is told the messages of an answer that the analyzer took back before they left.
    """

    answer: Answer
    send: Callable[[Outgoing], None]
    drop: Callable[[Sequence[Outgoing]], None] = lambda _: None
    _waiting: deque[tuple[int, list[HostQuery]]] = field(default_factory=deque)
    _unsettled: set[int] = field(default_factory=set)  # messages of the answer that are on their way
    _task: "asyncio.Task[None] | None" = None
    _is_withdrawn: bool = False

    def ask(self, question_id: int, queries: list[HostQuery]) -> None:
        """Answer these when what was asked before is answered."""
        self._waiting.append((question_id, queries))
        self._next()

    def withdraw(self) -> list[int]:
        """Forget what was asked and is not answered (LIS02-A2 11.13, A); the questions nobody works on."""
        forgotten = self.abandon()
        self._is_withdrawn = self._task is not None and not self._task.done()
        return forgotten

    def abandon(self) -> list[int]:
        """Forget what waits, the connection having ended; which questions those were."""
        abandoned = [question_id for question_id, _ in self._waiting]
        self._waiting.clear()
        return abandoned

    def settle(self, message_id: int) -> None:
        """A message of the answer was taken, or given up."""
        if message_id in self._unsettled:
            self._unsettled.discard(message_id)
            self._next()

    def _next(self) -> None:
        if self._waiting and not self._unsettled and (self._task is None or self._task.done()):
            self._task = asyncio.ensure_future(self._answer(*self._waiting.popleft()))
            self._task.add_done_callback(self._ended)

    async def _answer(self, question_id: int, queries: list[HostQuery]) -> None:
        self._is_withdrawn = False
        messages = await self.answer(question_id, queries)
        if self._is_withdrawn:
            self.drop(messages)
            return
        self._unsettled.update(one.message_id for one in messages)
        for message in messages:
            self.send(message)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception():
            logger.error("a host query was not answered", exc_info=task.exception())
        self._next()
