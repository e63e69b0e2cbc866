"""From the bytes of one message to readings, queries and problems, as a driver's layout says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

from aliquot.flow.instruments.rules.layout import Control, Layout, Observation, Place, QueryLayout
from aliquot.flow.instruments.rules.reading import HostQuery, Kind, Problem, Reading, Understood
from aliquot.wire.astm_records import Message, Record, RecordError, parse, unescape

_NUMBER = re.compile(r"([<>]=?)?\s*([+-]?(?:\d+\.?\d*|\.\d+))")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?([+-])?(?(7)(\d\d)(\d\d))")
_LONGEST_NUMBER = 24  # characters; longer ones are no measurement
_CACHED = 4096  # distinct texts of codes and flags remembered for one driver
_CANCELLED_ORDER = "X"  # O-26, LIS02-A2 9.4.26


@dataclass(slots=True)
class _Context:
    """What the records above a result say about it."""

    message: Message
    zone: tzinfo
    control: bool = False  # the whole message
    readings: list[Reading] = field(default_factory=list)
    queries: list[HostQuery] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def raw(self, record: Record) -> str:
        return self.message.delimiters.field.join(record.fields)


@dataclass(frozen=True, slots=True)
class _Tube:
    """The order and patient a result stands under."""

    order: Record | None
    patient_code: str
    code: str
    control: bool


class Interpreter:
    """Reads messages by one layout. It keeps no message, only the texts of codes and flags it met."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._codes: dict[tuple[str, str, str], tuple[str, str, str]] = {}
        self._flags: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def understand(self, content: bytes, zone: tzinfo) -> Understood:
        """Return everything the message says; what cannot be understood is a problem with its raw text."""
        try:
            messages = parse(content, self.layout.charset)
        except RecordError as fault:
            return Understood(problems=(Problem(str(fault), content.decode("latin-1")),))
        contexts: list[_Context] = []
        for message in messages:
            context = _Context(message, zone, self._is_control(message.header, (), message))
            if contexts:
                context.readings = contexts[0].readings
            contexts.append(context)
            self._read_header(context)
        sender = messages[0].component(messages[0].header.field(5), 1).strip()
        return Understood(
            readings=tuple(contexts[0].readings),
            queries=tuple(one for context in contexts for one in context.queries),
            problems=tuple(one for context in contexts for one in context.problems),
            sender=sender,
            sender_expected=not self.layout.senders or sender in self.layout.senders,
            control=any(context.control for context in contexts),
        )

    # -- the tree -------------------------------------------------------------------------------------

    def _read_header(self, context: _Context) -> None:
        for record in context.message.header.children:
            self._read_level(record, None, context)

    def _read_level(self, record: Record, patient: Record | None, context: _Context) -> None:
        kind = record.kind
        if kind == "P":
            for child in record.children:
                self._read_level(child, record, context)
        elif kind == "O":
            self._read_order(record, patient, context)
        elif kind == "Q":
            self._read_query(record, context)
        elif kind == "R":
            context.problems.append(Problem("a result without its order record", context.raw(record)))

    def _read_order(self, order: Record, patient: Record | None, context: _Context) -> None:
        code = self._specimen_code(order, context.message)
        control = context.control or self._is_control(order, order.children, context.message)
        tube = _Tube(order, patient.field(4) if patient else "", code, control)
        results = [child for child in order.children if child.kind == "R"]
        for result in results:
            context.readings.append(self._reading(result, tube, context))
        if not results and order.field(26) == _CANCELLED_ORDER:
            context.problems.append(Problem("the analyzer did not perform this order", context.raw(order)))

    def _specimen_code(self, order: Record, message: Message) -> str:
        for place in self.layout.specimen:
            code = _text(order, place, message).strip()
            if code:
                return code
        return ""

    def _is_control(self, record: Record, below: Sequence[Record], message: Message) -> bool:
        return any(
            _shows(control, one, message)
            for control in self.layout.controls
            for one in (record, *below)
            if one.kind == control.at.record
        )

    # -- one result -----------------------------------------------------------------------------------

    def _reading(self, record: Record, tube: _Tube, context: _Context) -> Reading:
        layout, message = self.layout, context.message
        unknown: list[str] = [] if tube.code else ["specimen"]
        code, aspect, dilution = self._code(record, message)
        policy = layout.aspects.get(aspect)
        if policy is None:
            unknown.append(f"aspect {aspect!r}")
        if not code:
            unknown.append("test code")
        value = unescape(record.field(4), message.delimiters)
        comparator, number = self._number(value)
        unit_raw = unescape(record.field(5), message.delimiters).strip()
        unit = layout.units.get(unit_raw, "")
        if unit_raw and unit_raw not in layout.units:
            unknown.append(f"unit {unit_raw!r}")
        status, further = self._status(record, message, unknown)
        flags = self._all_flags(record, message, unknown) + further
        observation = self._observation(code)
        kind: Kind = "control" if tube.control else "patient"
        if observation:
            kind = "message" if unknown or _is_raised(observation, flags, number) else "other"
        reading = Reading(
            position=len(context.readings) + 1,
            specimen_code=tube.code,
            code=code,
            aspect=aspect,
            dilution=dilution,
            value=value,
            number=number,
            comparator=comparator,
            unit=unit,
            unit_raw=unit_raw,
            range_raw=record.field(6),
            flags=flags,
            status=status,
            measured_at=self._measured_at(record, tube, context),
            kind=kind,
            reported=policy == "report" and observation is None,
            instrument=record.field(14),
            operator=_text(record, layout.result.operator, message),
            comments=tuple(one.field(4) for one in record.children if one.kind == "C"),
            unknown=tuple(unknown),
            raw=_raw_fields(record, tube),
        )
        if unknown:
            reason = "not understood: " + ", ".join(unknown)
            context.problems.append(Problem(reason, context.raw(record), reading.position))
        return reading

    def _code(self, record: Record, message: Message) -> tuple[str, str, str]:
        """Return (code, aspect, dilution) of a universal test id."""
        text = record.field(self.layout.result.code.field)
        key = (text, message.delimiters.component, message.delimiters.escape)
        known = self._codes.get(key)
        if known is None:
            known = self._read_code(record, message)
            if len(self._codes) < _CACHED:
                self._codes[key] = known
        return known

    def _read_code(self, record: Record, message: Message) -> tuple[str, str, str]:
        layout = self.layout.result
        code = _text(record, layout.code, message).strip()
        aspect = _text(record, layout.aspect, message).strip() if layout.aspect else ""
        dilution = _text(record, layout.dilution, message).strip() if layout.dilution else ""
        found = layout.code_pattern.fullmatch(code) if layout.code_pattern else None
        if found:
            parts = found.groupdict()
            code, dilution = parts["code"], parts.get("dilution") or dilution
        return code, aspect, dilution

    def _number(self, value: str) -> tuple[str, Decimal | None]:
        text = value.strip()
        if self.layout.decimal != ".":
            text = text.replace(self.layout.decimal, ".")
        found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
        return (found[1] or "", Decimal(found[2])) if found else ("", None)

    def _all_flags(self, record: Record, message: Message, unknown: list[str]) -> tuple[str, ...]:
        """Return the mapped flags of R-7 and the alarms of the comments below."""
        flags, strange = self._mapped_flags(record.field(7), message.delimiters.repeat)
        unknown.extend(strange)
        if self.layout.alarm is None:
            return flags
        for comment in record.children:
            if comment.kind != self.layout.alarm.record:
                continue
            alarm = _text(comment, self.layout.alarm, message)
            name = self.layout.alarms.get(alarm)
            if name is None:
                unknown.append(f"alarm {alarm!r}")
                name = "instrument_alarm"
            flags = (*flags, name) if name else flags
        return flags

    def _mapped_flags(self, text: str, repeat: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        known = self._flags.get((text, repeat))
        if known is None:
            names = [(one, self.layout.flags.get(one)) for one in text.split(repeat) if one.strip()]
            known = (
                tuple(name for _, name in names if name),
                tuple(f"flag {one!r}" for one, name in names if name is None),
            )
            if len(self._flags) < _CACHED:
                self._flags[text, repeat] = known
        return known

    def _status(self, record: Record, message: Message, unknown: list[str]) -> tuple[str, tuple[str, ...]]:
        """Return the status of R-9 and the flags its further parts stand for."""
        text = record.field(9)
        status = self.layout.statuses.get(text)
        if status is not None:
            return status, ()
        first, *further = text.split(message.delimiters.repeat)
        flags = [(one, self.layout.status_flags.get(one)) for one in further]
        unknown.extend(f"status {one!r}" for one, flag in flags if flag is None)
        status = self.layout.statuses.get(first)
        if status is None:
            unknown.append(f"status {first!r}")
        return status or "unknown", tuple(flag for _, flag in flags if flag)

    def _observation(self, code: str) -> Observation | None:
        return next((one for one in self.layout.observations if one.code.fullmatch(code)), None)

    def _measured_at(self, record: Record, tube: _Tube, context: _Context) -> datetime | None:
        for place in self.layout.result.measured_at:
            owner = record if place.record == "R" else tube.order
            text = _text(owner, place, context.message) if owner else ""
            if text:
                return read_time(text, context.zone)
        return None

    # -- one query ------------------------------------------------------------------------------------

    def _read_query(self, record: Record, context: _Context) -> None:
        layout = self.layout.query
        if layout is None:
            context.problems.append(Problem("this model is not known to send queries", context.raw(record)))
            return
        codes = _queried_codes(record, layout, context.message)
        cancelled = record.field(13) in layout.cancel
        if not codes and not cancelled:
            context.problems.append(Problem("a query that names no specimen", context.raw(record)))
            return
        place = _text(record, layout.place, context.message) if layout.place else ""
        tests = self._queried_tests(record, context.message)
        context.queries.append(HostQuery(codes, tests, cancelled, place, context.raw(record)))

    def _queried_tests(self, record: Record, message: Message) -> tuple[str, ...]:
        """Return the test codes of Q-5, or nothing for ALL (LIS02-A2 11.5)."""
        texts = [text for text in record.field(5).split(message.delimiters.repeat) if text]
        codes = [message.component(text, self.layout.result.code.component).strip() for text in texts]
        return () if record.field(5).upper().startswith("ALL") else tuple(code for code in codes if code)


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """Return a LIS02-A2 time (YYYYMMDDHHMM[SS][+HHMM]) in UTC, or None for a bare date or nonsense.

    A time without an offset is the device's local time in `zone`.
    """
    found = _TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        zone = timezone(-offset if sign == "-" else offset)
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=zone
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _text(record: Record, place: Place, message: Message) -> str:
    text = record.field(place.field)
    if not place.component or not text:
        return text
    if place.onwards:
        mark = message.delimiters.component
        return mark.join(text.split(mark)[place.component - 1 :])
    return message.component(text, place.component)


def _shows(control: Control, record: Record, message: Message) -> bool:
    text = _text(record, control.at, message).strip()
    return text in control.equals or bool(control.prefixes and text.startswith(control.prefixes))


def _is_raised(observation: Observation, flags: tuple[str, ...], number: Decimal | None) -> bool:
    if not observation.raised_flags.isdisjoint(flags):
        return True
    limit = observation.raised_from
    return limit is not None and number is not None and number >= limit


def _queried_codes(record: Record, layout: QueryLayout, message: Message) -> tuple[str, ...]:
    text, marks = record.field(layout.specimen.field), message.delimiters
    if layout.components_first:
        parts = text.split(marks.component)
        number = layout.specimen.component
        codes = parts[number - 1].split(marks.repeat) if number <= len(parts) else []
        codes = [unescape(code, marks) for code in codes]
    else:
        codes = [message.component(one, layout.specimen.component) for one in text.split(marks.repeat)]
    return tuple(code.strip() for code in codes if code.strip())


def sender_of(content: bytes) -> str:
    """Return the name the H record gives its sender (H-5), or nothing when there is no usable header."""
    try:
        message = _parse_any(content)[0]
    except RecordError:
        return ""
    return message.component(message.header.field(5), 1).strip()


def raw_results(content: bytes) -> list[dict[str, str]]:
    """Return the fields of every result as sent, for a message of an analyzer without a driver."""
    try:
        messages = _parse_any(content)
    except RecordError:
        return []
    rows: list[dict[str, str]] = []
    for message in messages:
        patient, order = "", None
        for record in message.walk():
            if record.kind == "P":
                patient, order = record.field(4), None
            elif record.kind == "O":
                order = record
            elif record.kind == "R":
                rows.append(_raw_fields(record, _Tube(order, patient, "", control=False)))
    return rows


def _parse_any(content: bytes) -> list[Message]:
    """Return the messages in UTF-8 or, where they are not, in Latin-1, which takes every byte."""
    try:
        return parse(content, "utf-8")
    except RecordError:
        return parse(content)


def _raw_fields(record: Record, tube: _Tube) -> dict[str, str]:
    """Return the fields as sent; the patient's number only where it stands in for a missing tube number."""
    o3, o4 = (tube.order.field(3), tube.order.field(4)) if tube.order else ("", "")
    return {
        "specimen_o3": o3,
        "specimen_o4": o4,
        "patient": "" if o3 or o4 else tube.patient_code.strip(),
        "test": record.field(3),
        "value": record.field(4),
        "unit": record.field(5),
        "range": record.field(6),
        "flags": record.field(7),
        "status": record.field(9),
        "time": record.field(13),
        "instrument": record.field(14),
    }
