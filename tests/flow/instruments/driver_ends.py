"""A driver at the end of a line: what it reads after a device has sent it over the wire."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from aliquot.flow.instruments.rules.driver import Driver, load, models
from aliquot.flow.instruments.rules.reading import Understood
from aliquot.wire.astm_link import AstmReceiver, FramingProfile, MessageReceived
from aliquot.wire.link_events import Event, MessageDelivered, MessageUndelivered
from aliquot.wire.links import open_link

AT = datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))


def records_of(path: Path, driver: Driver) -> list[bytes]:
    """The records of a transcript, as the device writes them."""
    charset = driver.layout.charset if driver.layout.charset not in ("auto", "declared") else "utf-8"
    lines = path.read_text("utf-8").rstrip("\n").split("\n")
    if driver.layout.grammar == "advia2120":  # one text, whose lines end with CR LF
        lines = ["\r\n".join(lines)]
    return [line.encode(charset) for line in lines]


def received(driver: Driver, data: bytes, size: int) -> list[bytes]:
    assert isinstance(driver.framing, FramingProfile)
    receiver = AstmReceiver(driver.framing)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    events = [event for piece in pieces for event in receiver.receive(piece, 0.0)]
    return [event.content for event in events if isinstance(event, MessageReceived)]


def over_the_link(driver: Driver, records: list[bytes], size: int = 64) -> Understood:
    """What the driver reads of these records after a device has sent them to a host: two real ends."""
    contents = delivered(driver, records, size)
    # an answer comes with what it answers, not as a message of its own
    parts = [driver.read(one, ZONE) for one in contents or [b"\r".join(records)]]
    return parts[0] if len(parts) == 1 else merged(parts)


def delivered(driver: Driver, records: list[bytes], size: int) -> list[bytes]:
    device, host = open_link("instrument", driver.framing), open_link("computer", driver.framing)
    device.send(records, "sent")
    events: list[Event] = []
    settled, now = False, 0.0
    for _ in range(10_000):
        out = device.outgoing(now)
        said = b""
        for at in range(0, len(out), size):
            came = host.receive(out[at : at + size], now)
            events += came
            said += b"".join(one.reply for one in came)
        said += host.outgoing(now)
        if said:
            came = device.receive(said, now)
            settled = settled or any(isinstance(one, MessageDelivered | MessageUndelivered) for one in came)
            answer = b"".join(one.reply for one in came)
            if answer:
                events += host.receive(answer, now)
        elif settled or not out:
            deadlines = [one for one in (device.next_deadline, host.next_deadline) if one is not None]
            if settled or not deadlines:
                break
            now = max(now, min(deadlines))
            device.overdue(now)
            events += host.overdue(now)
    events += host.closed()
    return [one.content for one in events if isinstance(one, MessageReceived)]


def merged(parts: list[Understood]) -> Understood:
    """One for all contents of a device whose messages are single frames."""
    first = parts[0]
    return replace(
        first,
        readings=tuple(one for part in parts for one in part.readings),
        queries=tuple(one for part in parts for one in part.queries),
        problems=tuple(one for part in parts for one in part.problems),
    )


SIMULATED = [model for model in models() if load(model).layout.simulation]
MEASURING = [model for model in SIMULATED if load(model).tests]
ASKING = [model for model in SIMULATED if "query" in load(model).layout.simulation.records]  # type: ignore[union-attr]
