"""Runs one other library on captures or as a server; started with the Python of their own environment.

`decode`: reads {"captures": {name: {feed: [pieces]}}, "rate_on": [names], "seconds": s} and writes
{"rows": {feed: {name: [rows]}}, "messages_per_second": r}; bytes travel as Latin-1 text.
`serve PORT`: acknowledges as the library does, stores nothing, and says "ready" on its standard output.
"""

import asyncio
import collections
import collections.abc
import json
import logging
import re
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

PLACES = (3, 4, 5, 6, 7, 9, 13)  # test, value, unit, range, flags, status, time of an R record
SPECIMEN = 3  # of an O record
OBX_PLACES = (3, 5, 6, 7, 8, 11)


class Peer(Protocol):
    """One library: what it reads of a stream, and its server."""

    def records(self, pieces: Iterable[bytes]) -> list[Any]: ...

    def rows(self, pieces: Iterable[bytes]) -> list[list[str]]: ...

    def serve(self, port: int) -> None: ...


class PythonAstm:
    """python-astm 0.5: its request handler fed by hand, its dispatcher's records kept."""

    def __init__(self) -> None:
        for name in (
            "Iterable",
            "Mapping",
            "MutableMapping",
            "Callable",
        ):  # gone from there since Python 3.10
            setattr(collections, name, getattr(collections.abc, name))
        from astm import asynclib
        from astm.server import BaseRecordsDispatcher, RequestHandler, Server

        class Kept(BaseRecordsDispatcher):  # type: ignore[misc]
            def __init__(self, encoding: str | None = None) -> None:
                super().__init__(encoding or "latin-1")
                self.records: list[Any] = []

            def __call__(self, message: bytes) -> None:
                from astm.codec import decode_message

                self.records += decode_message(message, self.encoding)[1]

        class Fed(RequestHandler):  # type: ignore[misc]
            piece = b""
            connected = True
            addr = ("127.0.0.1", 1)
            is_closed = False

            def recv(self, _: int) -> bytes:
                return self.piece

            def push(self, data: bytes) -> None:
                self._last_sent_data = data

            def close(self) -> None:
                self.is_closed = True

        self._fed, self._kept, self._read, self._server = Fed, Kept, asynclib.read, Server

    def records(self, pieces: Iterable[bytes]) -> list[list[Any]]:
        """What the library understood of one stream."""
        handler = self._fed(None, self._kept())
        for piece in pieces:
            handler.piece = piece
            self._read(handler)
            if handler.is_closed:  # an error of its own ends the connection
                break
        return cast("list[list[Any]]", handler.dispatcher.records)

    def rows(self, pieces: Iterable[bytes]) -> list[list[str]]:
        return astm_rows(self.records(pieces))

    def serve(self, port: int) -> None:
        server = self._server("127.0.0.1", port)
        ready()
        server.serve_forever()


class SenaiteAstm:
    """senaite.astm: its asyncio protocol, and its codec on each record of what it queued."""

    def __init__(self) -> None:
        from senaite.astm.codec import decode_record
        from senaite.astm.protocol import ASTMProtocol

        self._protocol, self._decode = ASTMProtocol, decode_record
        self._loop = asyncio.new_event_loop()

    def records(self, pieces: Iterable[bytes]) -> list[list[Any]]:
        """What the library understood of one stream."""
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        protocol = self._protocol(self._loop, queue)
        protocol.connection_made(Transport())
        try:
            for piece in pieces:
                protocol.data_received(piece)
        except Exception as fault:  # noqa: BLE001 - whatever it raises ends its connection
            logging.getLogger(__name__).debug("it gave up: %s", fault)
        finally:
            protocol.timer.cancel()
            protocol.discard_env()
            protocol.connection_lost(None)
        messages = [queue.get_nowait() for _ in range(queue.qsize())]
        lines = [line for message in messages for line in re.split(rb"[\r\n]", message) if line]
        return [self._decode(line, "latin-1") for line in lines]

    def rows(self, pieces: Iterable[bytes]) -> list[list[str]]:
        return astm_rows(self.records(pieces))

    def serve(self, port: int) -> None:
        asyncio.run(self._serve(port))

    async def _serve(self, port: int) -> None:
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[bytes]()
        server = await loop.create_server(lambda: self._protocol(loop, queue), "127.0.0.1", port)
        ready()
        async with server:
            while True:
                await queue.get()


class PythonHl7:
    """python-hl7: its MLLP reader and its parser."""

    def __init__(self) -> None:
        import hl7
        import hl7.mllp

        self._hl7, self._mllp = hl7, hl7.mllp
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)

    def records(self, pieces: Iterable[bytes]) -> list[Any]:
        """What the library understood of one stream."""
        return self._loop.run_until_complete(self._read(pieces))

    async def _read(self, pieces: Iterable[bytes]) -> list[Any]:
        reader = self._mllp.HL7StreamReader(encoding="utf-8")
        messages = []
        for piece in pieces:
            reader.feed_data(piece)
        reader.feed_eof()
        while True:
            try:
                messages.append(await reader.readmessage())
            except Exception:  # noqa: BLE001 - whatever it raises ends its connection
                return messages

    def rows(self, pieces: Iterable[bytes]) -> list[list[str]]:
        return [
            [str(one[at]) if at < len(one) else "" for at in OBX_PLACES]
            for message in self.records(pieces)
            for one in message
            if str(one[0]) == "OBX"
        ]

    def serve(self, port: int) -> None:
        self._loop.run_until_complete(self._serve(port))

    async def _serve(self, port: int) -> None:
        async def answer(reader: Any, writer: Any) -> None:
            try:
                while True:
                    message = await reader.readmessage()
                    writer.writemessage(message.create_ack())
                    await writer.drain()
            except asyncio.IncompleteReadError:
                writer.close()

        server = await self._mllp.start_hl7_server(answer, "127.0.0.1", port, encoding="utf-8")
        ready()
        async with server:
            await server.serve_forever()


class Transport:
    """What a protocol needs of a transport when nobody listens."""

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return "127.0.0.1", 1

    def write(self, _: bytes) -> None:
        return

    def close(self) -> None:
        return


def ready() -> None:
    """Tell whoever started this that connections are taken."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def astm_rows(records: Iterable[list[Any]]) -> list[list[str]]:
    """The R records' fields as text again, each with the specimen of the O record in front of it."""
    rows, specimen = [], ""
    for record in records:
        kind = record[0] if record else None
        if kind == "O":
            specimen = _text(record[SPECIMEN - 1]) if len(record) >= SPECIMEN else ""
        elif kind == "R":
            fields = [_text(record[at - 1]) if at <= len(record) else "" for at in PLACES]
            rows.append([specimen, *fields])
    return rows


def _text(value: Any, mark: str = "\\") -> str:
    if not isinstance(value, list):
        return value or ""
    inner = "^" if not any(isinstance(one, list) for one in value) else mark
    return inner.join(_text(one, "^") for one in value)


def rate(decode: Callable[[list[bytes]], object], streams: list[list[bytes]], seconds: float) -> float:
    """How many of these streams a second; each round decodes all of them."""
    began, done = time.perf_counter(), 0
    while streams and time.perf_counter() - began < seconds:
        for one in streams:
            decode(one)
        done += len(streams)
    return round(done / (time.perf_counter() - began), 1)


PEERS: dict[str, Callable[[], Peer]] = {
    "python-astm": PythonAstm,
    "senaite.astm": SenaiteAstm,
    "python-hl7": PythonHl7,
}


def main() -> None:
    """`peer_program.py PEER decode` or `peer_program.py PEER serve PORT`."""
    logging.disable()
    peer = PEERS[sys.argv[1]]()
    if sys.argv[2] == "serve":
        peer.serve(int(sys.argv[3]))
        return
    given = json.load(sys.stdin)
    streams: dict[str, dict[str, list[bytes]]] = {
        name: {feed: [piece.encode("latin-1") for piece in pieces] for feed, pieces in feeds.items()}
        for name, feeds in given["captures"].items()
    }
    feeds = next(iter(streams.values()), {})
    rows = {feed: {name: peer.rows(one[feed]) for name, one in streams.items()} for feed in feeds}
    timed = [streams[name]["frames"] for name in given["rate_on"]]
    json.dump({"rows": rows, "messages_per_second": rate(peer.records, timed, given["seconds"])}, sys.stdout)


if __name__ == "__main__":
    main()
