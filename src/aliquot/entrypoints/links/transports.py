"""How the bytes come: a TCP server, a TCP client, a serial port. Each runs until it is cancelled."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Protocol

import serialx

from aliquot.entrypoints.links.faults import named
from aliquot.entrypoints.links.session import LinkSession
from aliquot.flow.instruments.rules.addresses import SerialAddress

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0  # seconds between tries to connect
LASTING = 30.0  # seconds after which a connection that ended was a good one
CONNECT_SECONDS = 10.0
RETRY_SECONDS = 1.0
# a peer that is gone without a word is noticed within two minutes, by the system's probes
KEEPALIVE_IDLE, KEEPALIVE_EVERY, KEEPALIVE_COUNT = 30, 10, 3
UNANSWERED = 60_000  # ms that written bytes may stay unacknowledged by the peer's system


class Line(Protocol):
    """What a transport needs of its line; `part` names which of a line's connections is meant."""

    def new_session(self, part: str) -> LinkSession:
        """A session for a connection that is being made."""

    def failed(self, part: str, fault: str) -> None:
        """This part cannot be opened, or was lost."""

    def works(self, part: str) -> None:
        """This part listens, or is connected."""


Connect = Callable[[LinkSession], Awaitable[object]]


async def listen(line: Line, part: str, host: str, port: int) -> None:
    """Accept connections; while the port is not to be had, say so and try again."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            server = await loop.create_server(lambda: line.new_session(part), host, port)
        except OSError as fault:
            line.failed(part, named(fault))
            await asyncio.sleep(RETRY_SECONDS)
            continue
        line.works(part)
        try:
            await asyncio.Event().wait()
        finally:
            server.close()


async def stay_connected(line: Line, part: str, connect: Connect) -> None:
    """Connect, and again whenever the connection ends: soon at first, then less often."""
    loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
    while True:
        session = line.new_session(part)
        try:
            await asyncio.wait_for(connect(session), CONNECT_SECONDS)
        except (OSError, ValueError) as fault:
            session.ended.set()
            line.failed(part, named(fault))
        else:
            line.works(part)
            began = loop.time()
            await session.ended.wait()
            line.failed(part, named(session.fault) if session.fault else "closed: the connection ended")
            if loop.time() - began > LASTING:
                pause = FIRST_PAUSE
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def dial(host: str, port: int) -> Connect:
    """Return how to call an analyzer that listens."""

    async def connect(session: LinkSession) -> object:
        return await asyncio.get_running_loop().create_connection(lambda: session, host, port)

    return connect


def open_port(address: SerialAddress) -> Connect:
    """Return how to open a serial port, for this process alone."""

    async def connect(session: LinkSession) -> object:
        return await serialx.create_serial_connection(
            asyncio.get_running_loop(),
            lambda: session,
            address.port,
            baudrate=address.baud,
            byte_size=address.bits,
            parity=serialx.Parity(address.parity),
            stopbits=serialx.StopBits(address.stop_bits),
            xonxoff=address.xonxoff,
            rtscts=address.rtscts,
        )

    return connect


def tune(transport: asyncio.BaseTransport) -> str:
    """Set what a line over TCP needs; the peer's address, or "" for what is no TCP connection."""
    link = transport.get_extra_info("socket")
    peer = transport.get_extra_info("peername")
    if link is None or not isinstance(peer, tuple):
        return ""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_EVERY),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
        ("TCP_USER_TIMEOUT", UNANSWERED),
    ):
        if option := getattr(socket, name, None):  # not every system has each
            link.setsockopt(socket.IPPROTO_TCP, option, value)
    return f"{peer[0]}:{peer[1]}"
