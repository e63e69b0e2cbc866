"""Read analyzer captures without a database and print what they say, one JSON object per line."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aliquot.flow.instruments.rules.driver import Driver, load, models
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.reading import Reading
from aliquot.flow.instruments.rules.recognition import raw_results, sender_of
from aliquot.wire.astm_link import (
    AstmReceiver,
    Event,
    FrameRefused,
    FramingProfile,
    MessageIncomplete,
    MessageReceived,
    Unintelligible,
)

TOLERANT = FramingProfile(wraps_to_one=True, restarts_with_header=True)
FEEDS = {"whole": 0, "1460": 1460, "64": 64, "all": -1}
_FRAMES = re.compile(rb"\x02[^\x02-\x05\x17]*[\x03\x17][^\x02\x04\x05]*|[^\x02]+|\x02", re.DOTALL)


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--driver", choices=models(), help="the model; otherwise found by the sender's name"
        )
        parser.add_argument("--feed", choices=FEEDS, default="all", help="how the bytes are cut: %(choices)s")
        parser.add_argument("--json", action="store_true", help="one JSON object per line (the only form)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the results, queries and everything that would wait for a person, file by file."""
        for path in options["files"]:
            try:
                data = path.read_bytes()
                driver = load(options["driver"]) if options["driver"] else None
            except (OSError, DriverError) as fault:
                raise CommandError(str(fault)) from fault
            for row in decode(data, driver, options["feed"]):
                self.stdout.write(json.dumps({"file": str(path), **row}, ensure_ascii=False))


def decode(data: bytes, driver: Driver | None = None, feed: str = "all") -> Iterator[dict[str, Any]]:
    """Yield what a capture says: rows with `test` are results, rows with `reason` wait for a person."""
    if data[:1].isalpha():  # bare records, as some captures are kept
        events: list[Event] = [MessageReceived(data.replace(b"\r\n", b"\r").replace(b"\n", b"\r"), b"")]
    else:
        driver = driver or _driver_of(_events(data, TOLERANT, feed))
        events = _events(data, driver.framing if driver else TOLERANT, feed)
    number = 0
    for event in events:
        if isinstance(event, MessageReceived):
            number += 1
            yield from _message(event, number, driver or _driver_of([event]))
        elif isinstance(event, MessageIncomplete | Unintelligible | FrameRefused):
            yield {"quarantined": type(event).__name__, "reason": event.reason, "raw": _shown(event.raw)}


def _events(data: bytes, framing: FramingProfile, feed: str) -> list[Event]:
    receiver = AstmReceiver(framing)
    return [event for piece in _pieces(data, FEEDS[feed]) for event in receiver.receive(piece, 0.0)] + (
        receiver.closed()
    )


def _pieces(data: bytes, size: int) -> list[bytes]:
    if size == 0:
        return _FRAMES.findall(data)
    step = size if size > 0 else max(len(data), 1)
    return [data[at : at + step] for at in range(0, len(data), step)]


def _driver_of(events: list[Event]) -> Driver | None:
    """Return the driver that expects the sender the first message names."""
    for event in events:
        if isinstance(event, MessageReceived):
            sender = sender_of(event.content)
            return next((load(one) for one in models() if sender in load(one).layout.senders), None)
    return None


def _message(event: MessageReceived, number: int, driver: Driver | None) -> Iterator[dict[str, Any]]:
    if driver is None:
        yield from _unmapped(event.content, number)
        return
    understood = driver.read(event.content)
    for reading in understood.readings:
        yield {"message": number, "driver": driver.model, **_reading(reading)}
    for query in understood.queries:
        asked = {"specimens": query.specimen_codes, "tests": query.tests, "cancelled": query.cancelled}
        yield {"message": number, "driver": driver.model, "query": asked}
    for problem in understood.problems:
        place = {} if problem.position is None else {"n": problem.position}
        yield {"message": number, **place, "reason": problem.reason, "raw": problem.raw}
    if event.unterminated:
        yield {"message": number, "reason": "the message has no L record", "raw": _shown(event.content)}


def _unmapped(content: bytes, number: int) -> Iterator[dict[str, Any]]:
    reason = f"no driver expects the sender {sender_of(content)!r}; name one with --driver"
    rows = raw_results(content)
    for position, raw in enumerate(rows, 1):
        yield {"message": number, "n": position, "kind": "quarantined", "reason": reason, **raw}
    if not rows:
        yield {"message": number, "quarantined": "Message", "reason": reason, "raw": _shown(content)}


def _reading(reading: Reading) -> dict[str, Any]:
    """One result: the fields as sent under the corpus's names, and what the driver makes of them."""
    return {
        "n": reading.position,
        "kind": reading.kind,
        "specimen": reading.specimen_code,
        "code": reading.code,
        "aspect": reading.aspect,
        "number": None if reading.number is None else str(reading.number),
        "comparator": reading.comparator,
        "unit_ucum": reading.unit,
        "flags_mapped": reading.flags,
        "status_mapped": reading.status,
        "measured_at": reading.measured_at.isoformat() if reading.measured_at else None,
        "reported": reading.reported,
        "unknown": reading.unknown,
        **reading.raw,
    }


def _shown(raw: bytes) -> str:
    return raw.decode("latin-1")
