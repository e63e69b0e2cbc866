"""What a host keeps of a message: found by letting the two ends of its link talk to each other in memory."""

from collections.abc import Sequence
from hashlib import sha256

from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.link import Link
from aliquot.wire.link_events import MessageDelivered, MessageReceived
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.mllp import MllpProfile

ROUNDS = 10_000  # of a conversation that does not end
STEP = 0.01  # seconds


def kept_digests(profile: LinkProfile, records: Sequence[bytes]) -> list[str]:
    """Digests of the contents that a host keeps when a device sends these records."""
    return [digest(content) for content in kept_contents(profile, records)]


def kept_contents(profile: LinkProfile, records: Sequence[bytes]) -> list[bytes]:
    """What a host keeps when a device sends these records, message by message."""
    if isinstance(profile, FramingProfile | MllpProfile | FileProfile):
        return [b"".join(record + b"\r" for record in records)]
    return _talked(profile, records)


def digest(content: bytes) -> str:
    """Name a content, whatever ends its lines."""
    plain = content.replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip(b"\r")
    return sha256(plain).hexdigest()


def _talked(profile: LinkProfile, records: Sequence[bytes]) -> list[bytes]:
    """Let both ends talk, and wait when they have to, until the device knows that its message has arrived."""
    device, host = open_link("instrument", profile), open_link("computer", profile)
    device.send(records, 0)
    contents: list[bytes] = []
    said, now = device.outgoing(0.0), 0.0
    for _ in range(ROUNDS):
        heard = host.receive(said, now) if said else host.overdue(now)
        contents += [event.content for event in heard if isinstance(event, MessageReceived)]
        answer = b"".join(event.reply for event in heard) + host.outgoing(now)
        told = device.receive(answer, now) if answer else device.overdue(now)
        if any(isinstance(event, MessageDelivered) for event in told):
            return contents
        quiet = not said and not answer
        said = b"".join(event.reply for event in told) + device.outgoing(now)
        if quiet and not said:
            now = _next(device, host, now)
    return contents


def _next(device: Link, host: Link, now: float) -> float:
    deadlines = [one for one in (device.next_deadline, host.next_deadline) if one is not None]
    return max(now + STEP, min(deadlines, default=now))
