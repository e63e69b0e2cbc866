"""Sessions of frames for the tests of the ASTM link, and what a receiver makes of them."""

from collections.abc import Iterable

from aliquot.wire.astm_link import ENQ, EOT, AstmReceiver, Event, FramingProfile, MessageReceived, frames_of

RECORDS = [
    b"H|\\^&|||TEST|||||LIS||P|1|20260310",
    b"P|1",
    b"O|1|70071||^^^GLU|R",
    b"R|1|^^^GLU|5.1|mmol/L||N||F||||20260310",
    b"L|1|N",
]
CONTENT = b"".join(record + b"\r" for record in RECORDS)
STANDARD = FramingProfile()
PACKED = FramingProfile(text_limit=50, one_record_per_frame=False)


def session(*messages: list[bytes], profile: FramingProfile = STANDARD) -> bytes:
    frames: list[bytes] = []
    for message in messages:
        frames += frames_of(message, profile, after=len(frames))
    return ENQ + b"".join(frames) + EOT


def feed(data: bytes, size: int = 0, profile: FramingProfile = STANDARD) -> list[Event]:
    receiver, events = AstmReceiver(profile), []
    for at in range(0, len(data), size or len(data) or 1):
        events += receiver.receive(data[at : at + (size or len(data))], 0.0)
    return events + receiver.closed()


def messages_of(events: Iterable[Event]) -> list[bytes]:
    return [event.content for event in events if isinstance(event, MessageReceived)]


def replies_of(events: Iterable[Event]) -> bytes:
    return b"".join(event.reply for event in events)
