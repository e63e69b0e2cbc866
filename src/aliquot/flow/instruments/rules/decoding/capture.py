"""A capture from bytes to rows: results with their fields as sent, questions, and what waits for a person."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from aliquot.flow.instruments.rules.decoding.layers import (
    Capture,
    bare_messages,
    capture_of,
    layer_of,
    pieces_of,
)
from aliquot.flow.instruments.rules.decoding.numbering import is_counted_on, leaves_out_zero
from aliquot.flow.instruments.rules.decoding.whose import (
    TOLERANT,
    contents_of,
    driver_of,
    events_of,
    generic_driver,
    native_driver,
)
from aliquot.flow.instruments.rules.driver import Driver
from aliquot.flow.instruments.rules.reading import HostQuery, OrderAnswer, Problem, Reading, Understood
from aliquot.wire.link_events import (
    AnswerUnmatched,
    Event,
    FrameRefused,
    MessageIncomplete,
    MessageReceived,
    Unintelligible,
)
from aliquot.wire.links import LinkProfile
from aliquot.wire.mllp import MllpProfile

Row: TypeAlias = dict[str, Any]
FEEDS: Mapping[str, int] = {"whole": 0, "1460": 1460, "64": 64, "all": -1}
KINDS = {"patient": "patient", "control": "qc", "other": "other", "message": "other"}
_BARE = ("hl7", "records")
_BROKEN = (MessageIncomplete, Unintelligible, FrameRefused)
_BLANK = b"\x00\r\n\t "
_BEFORE = b"\x00\r\n \x06\x15"  # the first frame: padding, and what the host said


def decode(data: bytes, driver: Driver | None = None, feed: str = "all") -> Iterator[Row]:
    """Yield what a capture says, in its order.

    Rows with `n` are results: fields as sent under the names of their protocol, and what the driver makes of
    them. Rows with `query` are questions, with `answer` answers to orders. Rows with `quarantined` are what
    would wait for a person, with a `reason`. `feed` cuts the bytes as a line would; it changes nothing.
    A time is UTC unless the message or the driver names another zone. Never raises on any bytes.
    """
    capture = capture_of(data)
    teller = _Teller(driver)
    for event in _events(capture, driver, FEEDS[feed], teller):
        if isinstance(event, MessageReceived):
            yield from teller.message(event)
        elif isinstance(event, AnswerUnmatched) and b"MSH" in event.raw:
            yield from teller.message(MessageReceived(event.raw, b""))
        elif isinstance(event, _BROKEN) and event.raw.strip(_BLANK):
            yield {"quarantined": type(event).__name__, "reason": event.reason, "raw": _shown(event.raw)}


def _events(capture: Capture, driver: Driver | None, size: int, teller: "_Teller") -> Sequence[Event]:
    """Return the events of the link these bytes are of; a driver found on the way is the teller's."""
    data = capture.data
    if not data.strip(_BLANK):
        return []
    layer, pieces = layer_of(data), pieces_of(capture, size)
    if layer in _BARE and (driver is None or driver.layout.grammar in ("astm", "hl7")):
        return [*bare_messages(data, layer)]
    if driver is not None:
        return events_of(driver.framing, pieces)
    if layer == "mllp":
        return _as_its_driver_says(MllpProfile(), pieces)
    events = _framed(pieces, data) if layer == "e1381" else []
    found = None if contents_of(events) else native_driver(pieces)
    if found is not None:
        if found.driver.layout.grammar not in ("astm", "hl7"):
            teller.driver = found.driver  # others say in each message whose it is
        return found.events
    return events or [Unintelligible(data, "no protocol this program knows")]


def _framed(pieces: Sequence[bytes], data: bytes) -> list[Event]:
    """Frames of E1381; a capture may begin behind the ENQ."""
    if data.lstrip(_BEFORE)[:1] == b"\x02" and _begins_message(data):
        pieces = [b"\x05", *pieces]
    habitual = contents_of(events_of(TOLERANT, pieces))
    profile = replace(TOLERANT, wraps_to_one=leaves_out_zero(data, habitual))
    events = _as_its_driver_says(profile, pieces)
    if contents_of(events):
        return events
    for habit in (replace(profile, etb_ends_record=True), replace(profile, unnumbered_records=b"M")):
        tried = events_of(habit, pieces)
        messages = contents_of(tried)
        if messages and all(map(is_counted_on, messages)):
            return tried
    return events


def _as_its_driver_says(tolerant: LinkProfile, pieces: Sequence[bytes]) -> list[Event]:
    """Read by a tolerant profile to see whose it is, and again as that driver says if it loses nothing."""
    events = events_of(tolerant, pieces)
    texts = [*contents_of(events), *(one.raw for one in events if isinstance(one, MessageIncomplete))]
    driver = next((found for one in texts if (found := driver_of(one))), None)
    if driver is None or type(driver.framing) is not type(tolerant) or driver.framing == tolerant:
        return events
    own = events_of(driver.framing, pieces)
    return own if len(contents_of(own)) >= len(contents_of(events)) else events


def _begins_message(data: bytes) -> bool:
    start = data.lstrip(b"\x02" + _BEFORE)
    return start[:2] in (b"1H", b"1h") or start[:4] == b"1MSH"


@dataclass(slots=True)
class _Teller:
    """Counts messages and results of the file, and remembers its driver."""

    named: Driver | None  # by the person
    driver: Driver | None = None  # by an earlier message
    messages: int = 0
    results: int = 0
    seen: dict[tuple[str, ...], int] = field(default_factory=dict)

    def message(self, event: MessageReceived) -> Iterator[Row]:
        """Yield the rows of one content, which may hold several messages."""
        driver = self._driver_of(event.content)
        understood = driver.read(event.content)
        numbers = {one.position: self.results + at for at, one in enumerate(understood.readings, 1)}
        rows = [*self._rows(understood, numbers, driver)]
        self.messages += understood.messages
        self.results += len(understood.readings)
        yield from rows
        if event.unterminated:
            reason = "the message has no L record"
            yield {
                "message": self.messages,
                "quarantined": "Message",
                "reason": reason,
                "raw": _shown(event.content),
            }

    def _driver_of(self, content: bytes) -> Driver:
        if self.named is not None:
            return self.named
        found = driver_of(content)
        if found is not None:
            self.driver = found
        if self.driver is None:
            return generic_driver(content)
        return self.driver

    def _rows(self, understood: Understood, numbers: Mapping[int, int], driver: Driver) -> Iterator[Row]:
        for reading in understood.readings:
            yield self._reading(reading, numbers[reading.position], driver)
        for query in understood.queries:
            yield {"message": self.messages + query.message, "driver": driver.model, "query": _query(query)}
        for answer in understood.answers:
            yield {
                "message": self.messages + answer.message,
                "driver": driver.model,
                "answer": _answer(answer),
            }
        for problem in understood.problems:
            yield self._problem(problem, numbers)

    def _problem(self, problem: Problem, numbers: Mapping[int, int]) -> Row:
        row: Row = {"message": self.messages + problem.message}
        if problem.position is not None:
            row |= {"quarantined": "Result", "result": numbers[problem.position]}
        else:
            row |= {"quarantined": "Order" if problem.specimen_code else "Message"}
        if problem.specimen_code:
            row |= {"order_of": problem.specimen_code, "codes": list(problem.codes)}
        return row | {"reason": problem.reason, "raw": problem.raw}

    def _reading(self, reading: Reading, number: int, driver: Driver) -> Row:
        """One result: the fields as sent, and what the driver makes of them."""
        row: Row = {
            "n": number,
            "message": self.messages + reading.message,
            "driver": driver.model,
            "kind": KINDS[reading.kind],
            "specimen": reading.specimen_code,
            "code": reading.code,
            "aspect": reading.aspect,
            "dilution": reading.dilution,
            "result": reading.value,
            "number": None if reading.number is None else format(reading.number, "f"),
            "comparator": reading.comparator,
            "unit_ucum": reading.unit,
            "flags_mapped": list(reading.flags),
            "status_mapped": reading.status,
            "measured_at": reading.measured_at.isoformat() if reading.measured_at else None,
            "device": reading.instrument,
            "comments": list(reading.comments),
            "reported": reading.reported,
            "raised": reading.kind == "message",
            "unknown": list(reading.unknown),
            **reading.raw,
        }
        first = self._first_told(reading, number)
        return row if first == number else row | {"repeats": first}

    def _first_told(self, reading: Reading, number: int) -> int:
        """Return the number under which the same result was told first in this file."""
        raw = reading.raw
        when = raw.get("time") or str(reading.measured_at or "")
        key = (reading.specimen_code, *(raw.get(name, "") for name in ("test", "sub", "value")), when)
        return self.seen.setdefault(key, number) if reading.specimen_code and when else number


def _query(query: HostQuery) -> Row:
    return {
        "specimens": list(query.specimen_codes),
        "tests": list(query.tests),
        "cancelled": query.cancelled,
        "everything": query.everything,
    }


def _answer(answer: OrderAnswer) -> Row:
    return {
        "accepted": answer.accepted,
        "specimen": answer.specimen_code,
        "to": answer.control_id,
        "reason": answer.reason,
    }


def _shown(raw: bytes) -> str:
    return raw.decode("latin-1")
