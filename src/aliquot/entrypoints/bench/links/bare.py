"""The plain baseline: an event loop that acknowledges whatever comes and stores nothing.

Run as `python -m aliquot.entrypoints.bench.links.bare astm|mllp PORT`; says "ready" on its standard output.
"""

import asyncio
import sys
from typing import cast

import uvloop

ACK, EOT = b"\x06", b"\x04"
END = b"\x1c\r"


class BareAstm(asyncio.Protocol):
    """An ACK for every read that is no EOT."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are of no common class

    def data_received(self, data: bytes) -> None:
        if data != EOT:
            self._transport.write(ACK)


class BareMllp(asyncio.Protocol):
    """An ACK message with the number of every block that came to its end."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._gathered = cast("asyncio.Transport", transport), b""

    def data_received(self, data: bytes) -> None:
        self._gathered += data
        while END in self._gathered:
            block, _, self._gathered = self._gathered.partition(END)
            number = block.split(b"|", 10)[9]
            self._transport.write(
                b"\x0bMSH|^~\\&|||||||ACK^R22^ACK|%b|P|2.5.1\rMSA|AA|%b\r\x1c\r" % (number, number)
            )


async def serve(kind: str, port: int) -> None:
    """Serve until the process is ended."""
    protocol = {"astm": BareAstm, "mllp": BareMllp}[kind]
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], int(sys.argv[2])))
