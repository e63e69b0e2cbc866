"""Group commit: whatever all connections received since the last commit goes into one transaction."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import OperationalError

from aliquot.entrypoints.links.store import Store
from aliquot.flow.instruments.actions import KeptMessage

logger = logging.getLogger(__name__)

Done = Callable[[int | None], None]  # the message's id when it is committed, None when it is not kept


class Keeper:
    """One writer for all connections; each hands over one message and reads no further until it is told."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "keeper")
        self._waiting: list[tuple[KeptMessage, Done]] = []
        self._wake = asyncio.Event()
        self._is_closing = False

    def keep(self, message: KeptMessage, done: Done) -> None:
        """Have a message kept; `done` is called once, in this thread, after the commit or its failure."""
        self._waiting.append((message, done))
        self._wake.set()

    async def run(self) -> None:
        """Keep batch after batch, until `close` is called and nothing waits."""
        while not (self._is_closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            if self._waiting:
                batch, self._waiting = self._waiting, []
                await self._keep_batch(batch)
        self._thread.shutdown()

    def close(self) -> None:
        """Keep what waits and end."""
        self._is_closing = True
        self._wake.set()

    async def _keep_batch(self, batch: list[tuple[KeptMessage, Done]]) -> None:
        ids = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._keep, [message for message, _ in batch]
        )
        for place, (_, done) in enumerate(batch):
            done(ids[place] if ids else None)
        if self._waiting or self._is_closing:
            self._wake.set()

    def _keep(self, messages: list[KeptMessage]) -> list[int]:
        try:
            return self._store.keep(messages)
        except (OperationalError, psycopg.OperationalError) as fault:
            logger.error("%d messages are not kept and not acknowledged: %s", len(messages), fault)  # noqa: TRY400 - the database is away, and says why
            self._store.forget_connection()
            return []
        except Exception:
            logger.exception("%d messages could not be kept and are not acknowledged", len(messages))
            self._store.forget_connection()
            return []
