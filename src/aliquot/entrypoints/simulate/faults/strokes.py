"""What a bad line does to bytes: pure transformations of one write, or None where they have no meaning."""

import re
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from aliquot.wire.astm_link import checksum

# one whole frame of a protocol; `check` is its checksum
FRAMES: Mapping[str, re.Pattern[bytes]] = MappingProxyType(
    {
        "astm": re.compile(rb"\x02(?P<text>[^\x02]*?[\x03\x17])(?P<check>[0-9A-F]{2})\r?\n"),
        "dimension": re.compile(rb"\x02(?P<text>[^\x02\x03]*)(?P<check>[^\x02\x03]{2})\x03"),
        "advia2120": re.compile(rb"\x02(?P<text>[^\x02\x03]*\n)(?P<check>.)\x03", re.DOTALL),
        "lis3": re.compile(rb"\x02(?P<text>[^\x02\x03]*\x03)(?P<check>..)\x04", re.DOTALL),
    }
)
_BLOCK = re.compile(rb"\x0b(?P<text>.*?)\x1c\r", re.DOTALL)
_PRINTABLE = bytes(range(0x21, 0x7F))
_LETTERS = b"#%&()*+-./:;<=>?@[]_{}~" + bytes(3)  # noise that no protocol takes for its own
_BLANKS = b"\x00\t\r\n "
_PIECE = (1, 40)  # bytes a slow sender writes at a time

Stroke = Callable[[bytes, Random, str], bytes | None]


def spoil_checksum(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """The same frames, one with a wrong checksum."""
    found = _frame(data, draw, protocol)
    if found is None:
        return None
    at = found.end("check") - 1
    return _with(data, at, _other(data[at], draw))


def damage_byte(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """The same frames, one byte of a text another one; every checksum in use finds a single such byte."""
    found = _frame(data, draw, protocol)
    if found is None or found.end("text") - found.start("text") < 1:
        return None
    at = draw.randrange(found.start("text"), found.end("text"))
    return _with(data, at, _other(data[at], draw))


def lose_frame(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """Nothing of a frame; bids and other single characters are left alone."""
    if protocol == "mllp":
        return b"" if _BLOCK.search(data) else None
    found = _frame(data, draw, protocol)
    return None if found is None else data[: found.start()] + data[found.end() :]


def double_frame(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """A frame twice; its sender hears two replies."""
    found = _frame(data, draw, protocol)
    return None if found is None else data[: found.end()] + found[0] + data[found.end() :]


def add_noise(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """NULs and letters in front of a frame (ignored by LIS01-A2 6.5.1.1), NULs and blanks before a block."""
    if protocol == "mllp":
        blanks = bytes(draw.choice(_BLANKS) for _ in range(draw.randint(1, 12)))
        return blanks + data if _BLOCK.search(data) else None
    found = _frame(data, draw, protocol)
    if found is None:
        return None
    noise = bytes(draw.choice(_LETTERS) for _ in range(draw.randint(1, 12)))
    return data[: found.start()] + noise + data[found.start() :]


def restart_numbers(data: bytes, draw: Random, protocol: str) -> bytes | None:
    """A frame that is not the first of its session numbered 1, with the checksum that belongs to it."""
    found = _frame(data, draw, protocol)
    if protocol != "astm" or found is None or found["text"][:1] == b"1":
        return None
    body = b"1" + found["text"][1:]
    return data[: found.start()] + b"\x02" + body + checksum(body) + b"\r\n" + data[found.end() :]


def lose_end(data: bytes, _draw: Random, protocol: str) -> bytes | None:
    """The block without its last two characters: nobody knows that it is over."""
    found = _BLOCK.search(data) if protocol == "mllp" else None
    return None if found is None else data[: found.end("text")] + data[found.end() :]


def in_lf(data: bytes, _draw: Random, protocol: str) -> bytes | None:
    """The block with LF between segments."""
    return _rewritten(data, protocol, lambda text: text.replace(b"\r", b"\n"))


def in_crlf(data: bytes, _draw: Random, protocol: str) -> bytes | None:
    """The block with CR LF between segments."""
    return _rewritten(data, protocol, lambda text: text.replace(b"\r", b"\r\n"))


def without_vt(data: bytes, _draw: Random, protocol: str) -> bytes | None:
    """The block without its first character."""
    found = _BLOCK.search(data) if protocol == "mllp" else None
    return None if found is None else data[: found.start()] + data[found.start() + 1 :]


def without_cr(data: bytes, _draw: Random, protocol: str) -> bytes | None:
    """The block without its last character."""
    found = _BLOCK.search(data) if protocol == "mllp" else None
    return None if found is None else data[: found.end() - 1] + data[found.end() :]


def in_pieces(data: bytes, draw: Random) -> list[bytes]:
    """The same bytes, a few at a time."""
    pieces, at = [], 0
    while at < len(data):
        size = draw.randint(*_PIECE) + len(data) // 64
        pieces.append(data[at : at + size])
        at += size
    return pieces


def cut_off(data: bytes, draw: Random) -> bytes:
    """The bytes up to any place before the last."""
    return data[: draw.randrange(len(data))]


def _frame(data: bytes, draw: Random, protocol: str) -> re.Match[bytes] | None:
    pattern = FRAMES.get(protocol)
    found = list(pattern.finditer(data)) if pattern else []
    return draw.choice(found) if found else None


def _rewritten(data: bytes, protocol: str, change: Callable[[bytes], bytes]) -> bytes | None:
    found = _BLOCK.search(data) if protocol == "mllp" else None
    if found is None:
        return None
    return data[: found.start("text")] + change(found["text"]) + data[found.end("text") :]


def _other(byte: int, draw: Random) -> int:
    return draw.choice([one for one in _PRINTABLE if one != byte and chr(one).upper() != chr(byte).upper()])


def _with(data: bytes, at: int, byte: int) -> bytes:
    return data[:at] + bytes([byte]) + data[at + 1 :]


STROKES: Mapping[str, Stroke] = MappingProxyType(
    {
        "bad-checksum": spoil_checksum,
        "damaged-byte": damage_byte,
        "lost-frame": lose_frame,
        "doubled-frame": double_frame,
        "noise": add_noise,
        "restarted-numbers": restart_numbers,
        "missing-end": lose_end,
    }
)
FORMS: Mapping[str, Stroke] = MappingProxyType(
    {
        "lf-segments": in_lf,
        "crlf-segments": in_crlf,
        "missing-vt": without_vt,
        "missing-cr": without_cr,
    }
)
