"""What the bytes of a file are: frames, blocks, bare messages, a transcript of both sides."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from aliquot.wire import hl7
from aliquot.wire.link_events import Event, MessageIncomplete, MessageReceived, Unintelligible

Layer: TypeAlias = Literal["e1381", "mllp", "hl7", "records", "native"]

_BOM = b"\xef\xbb\xbf"
_BLANK = b"\x00 \t\r\n"
_NUMBERED = re.compile(rb"\x02\x00{0,8}[0-7](?:[A-Za-z][^A-Za-z0-9]|MSH)")
_HEADER = re.compile(rb"(?:\A|(?<=[\x00\x05\r\n]))[Hh][^A-Za-z0-9\s\x00-\x1f]")
_LAST = re.compile(rb"\r[Ll](?:[^A-Za-z0-9\r][^\r]*)?[\x00-\x20]*\Z")  # the L record, and nothing behind it
_ENDS = (b"\r", b"\n", b"\x03", b"\x04", b"\x1c")  # of a line, a frame, a session, a block
_STATUS = 11  # OBX-11
_CONTROLS = b"\x00\x04\x05\x06"  # of a session whose frames nobody kept
_NAMES = [
    *["NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI"],
    *[
        "DLE",
        "DC1",
        "DC2",
        "DC3",
        "DC4",
        "NAK",
        "SYN",
        "ETB",
        "CAN",
        "EM",
        "SUB",
        "ESC",
        "FS",
        "GS",
        "RS",
        "US",
    ],
]
_SPELLED = re.compile(rb"<(%b)>" % b"|".join(name.encode() for name in _NAMES))
_CODES = {name.encode(): bytes([code]) for code, name in enumerate(_NAMES)}
_HOSTS = ("host", "lis", "computer", "out")
_HEX = re.compile(rb"(?:0x|[0-9A-Fa-f\s,:;-])+")
_HEX_HEAD = 400
_NO_DIGIT = re.compile(rb"[^0-9A-Fa-f]")
# a frame with what stands behind it; a block; or whatever stands between
_WHOLES = re.compile(
    rb"\x0b[^\x1c]*\x1c\r?|\x02[^\x02-\x05\x17]*[\x03\x17][^\x02\x04\x05\x0b]*|[^\x02\x0b]+|[\x02\x0b]",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Capture:
    """What the analyzer sent, in the pieces in which the file keeps it."""

    pieces: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)


def capture_of(data: bytes) -> Capture:
    """Return the analyzer's bytes of a file: a transcript's side, spelled control characters resolved."""
    said = _transcript(data)
    if said is not None:
        return Capture(said)
    data = _from_hex(data)
    if b"<STX>" in data and b"\x02" not in data:
        data = _SPELLED.sub(lambda found: _CODES[found[1]], data)
        data = re.sub(rb"(?<=[\x03-\x06\x15])[\r\n]+", b"", data)
    return Capture((data,))


def _from_hex(data: bytes) -> bytes:
    """Return the bytes of a file that holds nothing but their hexadecimal digits; other files as they are."""
    if not _HEX.fullmatch(data[:_HEX_HEAD]) or not _HEX.fullmatch(data):
        return data
    try:
        found = bytes.fromhex(_NO_DIGIT.sub(b"", data.replace(b"0x", b"")).decode("ascii"))
    except ValueError:
        return data
    return found if found[:1] in (b"\x02", b"\x05", b"\x0b") or _HEADER.match(found) else data


def _transcript(data: bytes) -> tuple[bytes, ...] | None:
    """Return what the analyzer said in a file of JSON lines with `dir` and `hex`; None for other files."""
    if data[:1] != b"{" or b'"hex"' not in data[:1000]:
        return None
    said: list[bytes] = []
    for line in data.splitlines():
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if str(row["dir"]).lower() not in _HOSTS:
                said.append(bytes.fromhex(row["hex"]))
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
    return tuple(said)


def layer_of(data: bytes) -> Layer:
    """Return what the bytes look like from outside."""
    start = data.removeprefix(_BOM).lstrip(_BLANK)
    if b"\x0b" in data[:4096] and b"MSH" in data:
        return "mllp"
    if start[:3] in (b"MSH", b"BHS", b"FHS") and not start[3:4].isalnum():
        return "mllp" if b"\x1c\r" in data or data.endswith(b"\x1c") else "hl7"
    if _NUMBERED.search(data):
        return "e1381"
    if b"\x02" not in data and _HEADER.search(data.removeprefix(_BOM)):
        return "records"
    return "native"


def bare_messages(data: bytes, layer: Layer) -> Iterator[Event]:
    """Yield the messages of a file without a link, and what of it is none or breaks off."""
    data = data.removeprefix(_BOM)
    torn = not data.endswith(_ENDS)
    if layer == "hl7":
        pieces = hl7.split_messages(data)
        for number, piece in enumerate(pieces, 1):
            if piece.lstrip(_BLANK)[:3] != b"MSH":
                yield Unintelligible(piece, "text before the first MSH")
            elif torn and number == len(pieces) and _breaks_off(piece):
                yield MessageIncomplete(piece, "the file ends inside a segment")
            elif fault := _damage(piece):
                yield Unintelligible(piece, fault)
            else:
                yield MessageReceived(piece, b"")
        return
    cuts = [*(found.start() for found in _HEADER.finditer(data)), len(data)]
    before = data[: cuts[0]]
    if before.strip(_BLANK + _CONTROLS):
        yield Unintelligible(before, "records before the first H record")
    for start, end in pairwise(cuts):
        content = data[start:end].rstrip(_CONTROLS).replace(b"\r\n", b"\r").replace(b"\n", b"\r")
        ended = _LAST.search(content) is not None
        if torn and end == len(data) and not ended:
            yield MessageIncomplete(content, "the file ends inside a record")
        else:
            yield MessageReceived(content, b"", unterminated=not ended)


def _damage(message: bytes) -> str:
    try:
        return hl7.damage_of(hl7.parse(message))
    except hl7.Hl7Error:
        return ""  # its reader says what is wrong


def _breaks_off(message: bytes) -> bool:
    """Whether the last segment is an OBX without its status, which every OBX has (HL7 v2.5.1 7.4.2.11)."""
    last = re.split(rb"[\r\n]+", message)[-1]
    return last[:3] == b"OBX" and last.count(last[3:4]) < _STATUS


def pieces_of(capture: Capture, size: int) -> Sequence[bytes]:
    """Return the bytes as a line brings them: 0 frame by frame, -1 all at once, else so many at a time."""
    if size == 0:
        return [part for piece in capture.pieces for part in _WHOLES.findall(piece)]
    data = capture.data
    step = size if size > 0 else max(len(data), 1)
    return [data[at : at + step] for at in range(0, len(data), step)]
