"""The bytes of a line as they went over it, packed for the ledger and unpacked for a person: nothing is lost.

Layout: one version byte, then for each piece the milliseconds since the piece before, twice its length plus
one when we wrote it, and its bytes; both numbers as in LEB128, seven bits a byte, the lowest first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Heard: TypeAlias = tuple[float, bool, bytes]
"""Seconds of a clock that only goes forward, whether we wrote them, and the bytes of one read or write."""

VERSION = 1
LOW_BITS, MORE = 0x7F, 0x80


class TrafficError(ValueError):
    """Packed bytes that no version of this program has written."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one read or write carried, so many milliseconds after the stretch began."""

    milliseconds: int
    is_outgoing: bool
    data: bytes


def pack(stretch: Iterable[Heard]) -> bytes:
    """Return the stretch as the ledger keeps it; times are to the millisecond, from its first piece on."""
    packed = bytearray((VERSION,))
    first = last = None
    for moment, is_outgoing, data in stretch:
        if first is None or last is None:
            first, last = moment, 0
        now = max(round((moment - first) * 1000), last)
        _write(packed, now - last)
        _write(packed, len(data) << 1 | is_outgoing)
        packed += data
        last = now
    return bytes(packed)


def unpack(packed: bytes) -> tuple[Piece, ...]:
    """Return every piece in order. Raises TrafficError on bytes that `pack` did not write."""
    return tuple(_pieces(packed))


def _pieces(packed: bytes) -> Iterator[Piece]:
    if not packed or packed[0] != VERSION:
        raise TrafficError("this is no stretch of traffic")
    at, milliseconds = 1, 0
    while at < len(packed):
        passed, at = _read(packed, at)
        length, at = _read(packed, at)
        end = at + (length >> 1)
        if end > len(packed):
            raise TrafficError("a stretch of traffic ends within a piece")
        milliseconds += passed
        yield Piece(milliseconds, bool(length & 1), bytes(packed[at:end]))
        at = end


def _write(packed: bytearray, number: int) -> None:
    while number > LOW_BITS:
        packed.append(number & LOW_BITS | MORE)
        number >>= 7
    packed.append(number)


def _read(packed: bytes, at: int) -> tuple[int, int]:
    """The number that begins here, and where what follows it begins."""
    number = shift = 0
    for place in range(at, len(packed)):
        number |= (packed[place] & LOW_BITS) << shift
        if packed[place] < MORE:
            return number, place + 1
        shift += 7
    raise TrafficError("a stretch of traffic ends within a number")
