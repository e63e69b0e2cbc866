"""A result, an order and an acknowledgement as bytes, and what a link makes of them."""

from collections.abc import Iterable

from aliquot.wire.hl7 import parse
from aliquot.wire.link_events import Event, MessageReceived
from aliquot.wire.mllp import MllpLink, MllpProfile, block

RESULT = [
    b"MSH|^~\\&|X|A|LIS|B|20260310||OUL^R22^OUL_R22|r1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-29^IHE",
    b"SPM|1|S1",
    b"OBX|1|NM|GLU^Glucose^L||5.1|mmol/L||N|||F",
]
CONTENT = b"".join(segment + b"\r" for segment in RESULT)
WHOLE = block(RESULT)


def feed(data: bytes, size: int = 0, profile: MllpProfile | None = None) -> list[Event]:
    link, events = MllpLink("computer", profile or MllpProfile()), []
    for at in range(0, len(data), size or len(data) or 1):
        events += link.receive(data[at : at + (size or len(data))], 0.0)
    return events + link.closed()


def contents(events: Iterable[Event]) -> list[bytes]:
    return [event.content for event in events if isinstance(event, MessageReceived)]


def code_of(reply: bytes) -> str:
    found = parse(reply.strip(b"\x0b\x1c\r")).first("MSA") if reply else None
    return found.field(1) if found else ""


def ack(control_id: str, code: str = "AA", *more: bytes) -> bytes:
    return block([b"MSH|^~\\&|X||LIS||||ACK|9|P|2.5.1", f"MSA|{code}|{control_id}".encode(), *more])


def order(control_id: str) -> list[bytes]:
    return [f"MSH|^~\\&|LIS||X||20200101||OML^O33^OML_O33|{control_id}|P|2.5.1|||NE|AL".encode(), b"ORC|NW|1"]
