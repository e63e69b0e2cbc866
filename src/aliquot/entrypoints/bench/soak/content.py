"""What a host keeps of a message: found by letting the two ends of its link talk to each other in memory."""

from collections.abc import Sequence
from hashlib import sha256

from aliquot.wire.astm_link import FramingProfile
from aliquot.wire.file_drop import FileProfile
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.links import LinkProfile, open_link
from aliquot.wire.mllp import MllpProfile

ROUNDS = 100_000  # of a conversation that does not end


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
    device, host = open_link("instrument", profile), open_link("computer", profile)
    device.send(records, 0)
    contents: list[bytes] = []
    said, now = device.outgoing(0.0), 0.0
    for _ in range(ROUNDS):
        answer = b""
        for event in host.receive(said, now):
            if isinstance(event, MessageReceived):
                contents.append(event.content)
            answer += event.reply
        answer += host.outgoing(now)
        said = b"".join(event.reply for event in device.receive(answer, now)) + device.outgoing(now)
        if not said and not answer:
            deadline = device.next_deadline
            if contents or deadline is None:
                return contents
            now = deadline
            device.overdue(now)
            said = device.outgoing(now)
    return contents
