"""How a device reaches its host: it dials, it is dialled, it has a serial cable, or it writes files."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

import serialx

from aliquot.wire.file_drop import FileProfile
from aliquot.wire.links import LinkProfile

Maker = Callable[[], asyncio.Protocol]


class Endpoint(Protocol):
    """One way to a host; `attach` makes one connection and raises OSError when there is none to be had."""

    async def attach(self, make: Maker) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Dial:
    """The device is the client, as LIS01-A2 8.2.1.1 has it."""

    host: str
    port: int

    async def attach(self, make: Maker) -> None:
        """Connect."""
        await asyncio.get_running_loop().create_connection(make, self.host, self.port)

    def close(self) -> None:
        """Nothing stays open."""


@dataclass(slots=True)
class Listen:
    """The device is the server and waits for its host; port 0 takes a free one, `port` says which."""

    host: str
    port: int
    _server: asyncio.Server | None = None
    _made: asyncio.Event = field(default_factory=asyncio.Event)

    async def attach(self, make: Maker) -> None:
        """Wait until the host has connected."""
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: self._met(make), self.host, self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        self._made.clear()
        await self._made.wait()

    def _met(self, make: Maker) -> asyncio.Protocol:
        self._made.set()
        return make()

    def close(self) -> None:
        """Stop listening."""
        if self._server:
            self._server.close()


@dataclass(frozen=True, slots=True)
class Cable:
    """A serial port: a device path or any address that serialx knows."""

    device: str
    baud: int = 9600

    async def attach(self, make: Maker) -> None:
        """Open the port."""
        loop = asyncio.get_running_loop()
        await serialx.create_serial_connection(loop, make, self.device, baudrate=self.baud)

    def close(self) -> None:
        """The transport closes the port."""


@dataclass(slots=True)
class Folder:
    """A folder that the host looks into; each write becomes one file, named when it is whole.

    No name comes twice, also not of a device that is started again.
    """

    path: Path
    pattern: str = "*.txt"
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def attach(self, make: Maker) -> None:
        """Begin to write files."""
        self.path.mkdir(parents=True, exist_ok=True)
        protocol = make()
        protocol.connection_made(_FileTransport(self, protocol))

    def drop(self, data: bytes) -> Path:
        """Write one file under a hidden name and rename it, so that nobody reads half of it."""
        stem = f"{time.time_ns()}-{next(self._numbers):06d}"
        name = self.pattern.replace("*", stem, 1).replace("*", "").replace("?", "0")
        draft = self.path / f".{name}.part"
        draft.write_bytes(data)
        return draft.rename(self.path / name)

    def close(self) -> None:
        """Nothing stays open."""


def folder_for(path: Path, framing: LinkProfile) -> Folder:
    """The folder of a device that names its files as its host expects them."""
    first = framing.patterns[0] if isinstance(framing, FileProfile) else "*"
    return Folder(path, "*.txt" if first == "*" else first)


class _FileTransport(asyncio.Transport):
    """What a protocol writes goes into files; nothing ever comes back."""

    def __init__(self, folder: Folder, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._folder, self._protocol, self._is_closed = folder, protocol, False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._folder.drop(bytes(data))

    def is_closing(self) -> bool:
        return self._is_closed

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return

    def abort(self) -> None:
        self.close()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)
