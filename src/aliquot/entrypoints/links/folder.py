"""Files of a folder as a line: each is kept, then moved to `kept/`; none is lost or taken twice."""

import asyncio
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Protocol

from aliquot.entrypoints.links import transports
from aliquot.entrypoints.links.faults import named
from aliquot.entrypoints.links.session import LinkSession
from aliquot.flow.instruments.rules.addresses import EVERYTHING, FolderAddress

logger = logging.getLogger(__name__)

KEPT = "kept"
UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload", "~")  # being written; renamed when it is whole
LARGEST = 64 * 1024 * 1024
LONGEST_PAUSE = 30.0


class Line(transports.Line, Protocol):
    """What the folder needs of its line; each session reads one file."""

    async def is_kept(self, connection: str, since: float) -> bool:
        """Whether the ledger has what came under this name, at or after `since` (seconds of the epoch)."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A file as it was seen: another size or time is another version of it."""

    path: Path
    size: int
    changed_ns: int

    @property
    def name(self) -> str:
        """What the ledger calls it: the same name is never kept twice."""
        return f"{self.path.name} {self.changed_ns}.{self.size}"


class FileTransport(asyncio.Transport):
    """Nobody listens: what the engine would say to a device is dropped."""

    def __init__(self, drop: Drop) -> None:
        super().__init__({"peername": drop.name})
        self._is_closing = False

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Say nothing."""

    def pause_reading(self) -> None:
        """All is read already."""

    def resume_reading(self) -> None:
        """All is read already."""

    def close(self) -> None:
        self._is_closing = True

    def abort(self) -> None:
        self._is_closing = True

    def is_closing(self) -> bool:
        return self._is_closing


async def watch_folder(line: Line, part: str, address: FolderAddress, patterns: Sequence[str]) -> None:
    """Look into the folder every `settle` seconds, until cancelled; longer apart while something is wrong.

    Names that match none of the patterns stay where they are: those of the address, or else of the model.
    """
    patterns = patterns if address.pattern == EVERYTHING else (address.pattern,)
    seen: dict[Path, Drop] = {}
    pause = address.settle
    while True:
        try:
            found = await asyncio.to_thread(_drops, address.path, patterns)
            faults = [
                fault
                for one in found
                if seen.get(one.path) == one and (fault := await _take(line, part, one))
            ]
        except OSError as fault:
            found, faults = [], [named(fault)]
        seen = {one.path: one for one in found}
        if faults:
            line.failed(part, faults[0])
        else:
            line.works(part)
        pause = min(max(pause, 0.1) * 2, LONGEST_PAUSE) if faults else address.settle
        await asyncio.sleep(pause)


def _drops(folder: str, patterns: Sequence[str]) -> list[Drop]:
    """The files to take, the oldest first."""
    (Path(folder) / KEPT).mkdir(exist_ok=True)
    with os.scandir(folder) as entries:
        found = [
            Drop(Path(entry.path), (facts := entry.stat()).st_size, facts.st_mtime_ns)
            for entry in entries
            if entry.is_file() and _is_wanted(entry.name, patterns)
        ]
    return sorted(found, key=lambda one: (one.changed_ns, one.path.name))


def _is_wanted(name: str, patterns: Sequence[str]) -> bool:
    if name.startswith(".") or name.lower().endswith(UNFINISHED):
        return False
    return any(fnmatch(name, pattern) for pattern in patterns)


async def _take(line: Line, part: str, drop: Drop) -> str:
    """Keep one file and move it away; what is wrong, or "". After a kill in between it is only moved."""
    try:
        if drop.size == 0:
            return f"empty: {drop.path.name}: the file has no content; export it again"
        if drop.size > LARGEST:
            return f"too_large: {drop.path.name}: {drop.size} bytes"
        session = line.new_session(part)
        if not await line.is_kept(f"{session.name} {drop.name}", drop.changed_ns / 1e9 - 86_400):
            content = await asyncio.to_thread(drop.path.read_bytes)
            if not await _keep(session, drop, content):
                return f"not_kept: {drop.path.name}"
        await asyncio.to_thread(_move, drop)
    except OSError as fault:
        return f"{named(fault)} ({drop.path.name})"
    return ""


async def _keep(session: LinkSession, drop: Drop, content: bytes) -> bool:
    """Feed a file to the engine of its line; whether everything in it was committed."""
    session.connection_made(FileTransport(drop))
    session.data_received(content)
    session.connection_lost(None)
    await session.ended.wait()
    return not session.has_failed


def _move(drop: Drop) -> None:
    """Put a kept file away under a name that is free; a newer version that came meanwhile stays."""
    facts = drop.path.stat()
    if (facts.st_size, facts.st_mtime_ns) != (drop.size, drop.changed_ns):
        return
    place = drop.path.parent / KEPT / drop.path.name
    if place.exists():
        place = place.with_name(f"{drop.changed_ns}-{drop.path.name}")
    drop.path.rename(place)
