"""Group commit: whatever all connections received since the last commit goes into one transaction."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from aliquot.entrypoints.links.faults import is_database_away, named
from aliquot.entrypoints.links.parcel import Parcel

logger = logging.getLogger(__name__)

Done = Callable[
    [int | None], None
]  # the message's id (0: only bytes) when it is committed, None: it is not kept


class Ledger(Protocol):
    """What keeps parcels; it blocks."""

    def keep(self, parcels: Sequence[Parcel]) -> list[int]:
        """Commit all by one transaction; one id each, 0 where there was no message."""

    def forget_connection(self) -> None:
        """Drop this thread's connection, after a failure."""


class Keeper:
    """One writer for all connections; `fault` says why it keeps nothing at present."""

    def __init__(self, ledger: Ledger) -> None:
        self.fault = ""
        self.size = 0  # bytes that wait for their commit
        self._ledger = ledger
        self._thread = ThreadPoolExecutor(1, "keeper")
        self._waiting: list[tuple[Parcel, Done]] = []
        self._wake = asyncio.Event()
        self._is_closing = False

    def keep(self, parcel: Parcel, done: Done) -> None:
        """Have a parcel kept; `done` is called once, in this thread, in the order given, after the commit."""
        self._waiting.append((parcel, done))
        self.size += parcel.size
        self._wake.set()

    async def run(self) -> None:
        """Keep batch after batch, until `close` is called and nothing waits."""
        while not (self._is_closing and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            if self._waiting:
                batch, self._waiting = self._waiting, []
                await self._keep_batch(batch)
        self._thread.submit(self._ledger.forget_connection)
        self._thread.shutdown()

    def close(self) -> None:
        """Keep what waits and end."""
        self._is_closing = True
        self._wake.set()

    async def _keep_batch(self, batch: list[tuple[Parcel, Done]]) -> None:
        ids = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._keep, [parcel for parcel, _ in batch]
        )
        for message_id, (parcel, done) in zip(ids, batch, strict=True):
            self.size -= parcel.size
            done(message_id)
        if self._waiting or self._is_closing:
            self._wake.set()

    def _keep(self, parcels: list[Parcel]) -> Sequence[int | None]:
        try:
            ids = self._ledger.keep(parcels)
        except Exception as fault:  # noqa: BLE001 - whatever it is, nothing may be acknowledged
            return self._failed(parcels, fault)
        if self.fault:
            logger.warning("messages are kept again")
        self.fault = ""
        return ids

    def _failed(self, parcels: list[Parcel], fault: Exception) -> Sequence[int | None]:
        """Nothing is kept; where one parcel may be the cause, the others are kept without it."""
        self._ledger.forget_connection()
        if not is_database_away(fault) and len(parcels) > 1:
            return [self._keep([one])[0] for one in parcels]
        self.fault = named(fault)
        details = None if is_database_away(fault) else fault
        logger.error(
            "%d parcels are not kept, not acknowledged: %s", len(parcels), self.fault, exc_info=details
        )
        return [None] * len(parcels)
