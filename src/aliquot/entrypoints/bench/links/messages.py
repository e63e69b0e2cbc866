"""The messages of the load: shaped as real ones, each different by its number, cheap to make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Run
from aliquot.flow.instruments.rules.simulation import measurement
from aliquot.wire.astm_link import ENQ, FramingProfile, checksum, frames_of

Kind: TypeAlias = Literal["astm", "mllp"]

XN = "sysmex_xn"
ASTM_TESTS = 11  # with H, P, O and L: 15 records, each in a frame
MLLP_TESTS = 11
PLACE = b"@@@@@@@@@@"
VT, END = b"\x0b", b"\x1c\r"


@dataclass(frozen=True, slots=True)
class Template:
    """One message with a place for its number: what goes over the line, write by write, and its content."""

    kind: Kind
    writes: tuple[bytes, ...]  # each waits for its reply
    content: bytes  # as the receiver joins it
    results: int

    def numbered(self, line: int, place: int) -> tuple[bytes, ...]:
        """The writes of the message with this number."""
        number = _number(line, place)
        return tuple(_filled(one, number) if PLACE in one else one for one in self.writes)

    def content_of(self, line: int, place: int) -> bytes:
        """What has to be kept of it, byte for byte."""
        return self.content.replace(PLACE, _number(line, place))

    @property
    def bytes(self) -> int:
        """On the line, of one message."""
        return sum(map(len, self.writes))


def _number(line: int, place: int) -> bytes:
    return b"%03d%07d" % (line, place)


def _filled(write: bytes, number: bytes) -> bytes:
    """The write with this number in it; a frame gets its checksum again."""
    filled = write.replace(PLACE, number)
    if filled[:1] != b"\x02":
        return filled
    body = filled[1:-4]
    return b"\x02" + body + checksum(body) + b"\r\n"


def astm_template(at: datetime, zone: ZoneInfo) -> Template:
    """A blood count of a Sysmex XN: fifteen records, fifteen frames, sixteen round trips with the ENQ."""
    driver = load(XN)
    codes = list(driver.tests)[:ASTM_TESTS]
    values = tuple(measurement(driver, code, Decimal("12.3")) for code in codes)
    assert isinstance(driver.framing, FramingProfile)
    records = driver.result_message([Run(PLACE.decode(), values)], Header(at, zone))
    content = b"".join(record + b"\r" for record in records)
    return Template("astm", (ENQ, *frames_of(records, driver.framing)), content, len(codes))


def mllp_template(at: datetime) -> Template:
    """An OUL^R22 of IHE LAW: one specimen, an order and a result for each test."""
    content = b"\r".join([*_head(at), *_results(at)]) + b"\r"
    return Template("mllp", (VT + content + END,), content, MLLP_TESTS)


def _head(at: datetime) -> Sequence[bytes]:
    number, moment = PLACE.decode(), f"{at:%Y%m%d%H%M%S}+0000"
    trailer = "|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-29^IHE"
    lines = [
        f"MSH|^~\\&|Analyzer|Laboratory|LIS|LIS|{moment}||OUL^R22^OUL_R22|{number}{trailer}",
        "PID|1||^^^^PI||^^^^^^U",
        f"SPM|1|{number}&LIS||SER^Serum^HL70487|||||||P^Patient^HL70369",
        f"SAC|||{number}",
    ]
    return [line.encode() for line in lines]


def _results(at: datetime) -> Sequence[bytes]:
    lines = []
    for place in range(1, MLLP_TESTS + 1):
        test = f"T{place:02d}^T{place:02d}^99LAB"
        moment = f"{at + timedelta(minutes=place):%Y%m%d%H%M%S}"
        lines += [
            f"OBR|{place}|{PLACE.decode()}_{place}||{test}",
            "ORC|OK||||CM",
            f"OBX|1|NM|{test}|1|{place + 3}.25|mmol/L^^UCUM|3.9 - 6.1|N|||F|||||ann||Analyzer^99LAB|{moment}",
        ]
    return [line.encode() for line in lines]
