"""Characters and framing of CLSI LIS01-A2 section 6.3, and the tolerances real devices need."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from aliquot.wire.sums import checksum

STX, ETX, ETB = b"\x02", b"\x03", b"\x17"
EOT, ENQ, ACK, NAK = b"\x04", b"\x05", b"\x06", b"\x15"
CR, LF, CRLF, NUL = b"\r", b"\n", b"\r\n", b"\x00"

TEXT_LIMIT_E1381 = 240  # E1381-95 6.3.1
TEXT_LIMIT_LIS01 = 63_993  # LIS01-A2 6.3.1, TCP only
OVERHEAD = 7  # STX FN ETX C1 C2 CR LF

# LIS01-A2 6.6, without ETX, ETB, EOT, ENQ, which end the search for the frame's end themselves, and without
# LF, which devices write between records
FORBIDDEN = re.compile(rb"[\x01\x02\x06\x10-\x16]")


@dataclass(frozen=True, slots=True)
class FramingProfile:
    """How one model frames its messages: the standard's rules, and named tolerances where it breaks them."""

    text_limit: int = TEXT_LIMIT_E1381  # of the frames we send
    one_record_per_frame: bool = True  # False packs records and cuts them anywhere
    ends_records: bool = True  # False: a device leaves out the CR before ETX (Sysmex CS); we never do
    wraps_to_one: bool = False  # frame number 1 may follow 7 (IMMULITE leaves out 0)
    restarts_with_header: bool = False  # frame number 1 with an H record may come at any point of a session
    unnumbered_records: bytes = b""  # letters of records whose frames carry any number (M: Yumizen)
    has_checksum: bool = True  # False: nothing but the line's end stands behind ETX and ETB
    trailer: bytes = CRLF  # what we write after the checksum; CR LF, LF or nothing are all taken
    etb_ends_record: bool = False  # a record that ends with ETB has no CR, and is complete
    message_ends: Literal["record", "frame", "session"] = "record"  # with its L record, with ETX, or with EOT
    accepted_text_limit: int = TEXT_LIMIT_LIS01
    message_limit: int = 4 * 1024 * 1024  # bytes of one message kept in memory


STANDARD = FramingProfile()


def frame_bytes(number: int, text: bytes, end: bytes = ETX, profile: FramingProfile = STANDARD) -> bytes:
    """Return one frame ready for the line (LIS01-A2 6.3.1.2)."""
    body = b"%d%b%b" % (number, text, end)
    return STX + body + (checksum(body) if profile.has_checksum else b"") + profile.trailer


def texts_of(records: Sequence[bytes], profile: FramingProfile) -> Iterator[tuple[bytes, bytes]]:
    """Yield (text, ETB or ETX) of each frame of a message; records come without their CR."""
    end = CR if profile.ends_records or not profile.one_record_per_frame else b""
    wholes = [record + end for record in records]
    for whole in wholes if profile.one_record_per_frame else [b"".join(wholes)]:
        last = (len(whole) - 1) // profile.text_limit * profile.text_limit
        for at in range(0, len(whole), profile.text_limit):
            yield whole[at : at + profile.text_limit], ETX if at == last else ETB


def frames_of(records: Sequence[bytes], profile: FramingProfile = STANDARD, after: int = 0) -> list[bytes]:
    """Return a message's frames, numbered on from the last number used in the session (LIS01-A2 6.3.2.1)."""
    pieces = enumerate(texts_of(records, profile), start=after + 1)
    return [frame_bytes(number % 8, text, end, profile) for number, (text, end) in pieces]
