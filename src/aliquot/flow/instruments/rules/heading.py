"""What the first record of a message says of the message itself, read without its driver.

LIS02-A2 7.1.3 and 7.1.14: H-3 message control id, H-14 date and time. HL7 v2.5.1 2.15.9.7 and .10: MSH-7,
MSH-10.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from aliquot.flow.instruments.rules.times import read_time

HEADING_LIMIT = 4096  # bytes; a first record is far shorter
SHORTEST = 4  # bytes: a record type and its separator
CONTROL_ID_LIMIT = 200  # characters; HL7 allows 199
ASTM_CONTROL_ID, ASTM_TIME = 2, 13  # H-3, H-14; the field n stands at n - 1
HL7_TIME, HL7_CONTROL_ID = 6, 9  # MSH-7, MSH-10: MSH-1 is the separator itself


@dataclass(frozen=True, slots=True)
class Heading:
    """The sender's number of the message, "" without one, and when it was made by the device's clock, UTC."""

    control_id: str = ""
    device_at: datetime | None = None


NOTHING = Heading()


def heading_of(content: bytes, zone: tzinfo = UTC) -> Heading:
    """Return what an ASTM or HL7 message says of itself; a time without an offset is local to `zone`.

    Anything else, and whatever is not understood, is left empty.
    """
    first = content[:HEADING_LIMIT].replace(b"\n", b"\r").lstrip(b"\r").partition(b"\r")[0]
    if len(first) < SHORTEST:
        return NOTHING
    if first[:3] == b"MSH":
        fields, number, moment = first[3:].split(first[3:4]), HL7_CONTROL_ID, HL7_TIME
    elif first[:1] in {b"H", b"h"}:
        fields, number, moment = first[1:].split(first[1:2]), ASTM_CONTROL_ID, ASTM_TIME
    else:
        return NOTHING
    control_id = _field(fields, number).replace("\x00", "")[:CONTROL_ID_LIMIT]
    return Heading(control_id, read_time(_field(fields, moment), zone))


def _field(fields: list[bytes], place: int) -> str:
    return fields[place].decode("latin-1").strip() if place < len(fields) else ""
