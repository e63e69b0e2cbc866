"""From the bytes of one message to readings, queries, answers and problems, as a driver's layout says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from decimal import Decimal

from aliquot.flow.instruments.rules.codes import CodeReader
from aliquot.flow.instruments.rules.grammars import ContentError, reader_of
from aliquot.flow.instruments.rules.layout import Layout, Observation, Policy
from aliquot.flow.instruments.rules.numbers import plain
from aliquot.flow.instruments.rules.questions import read_answer, read_query
from aliquot.flow.instruments.rules.reading import HostQuery, Kind, OrderAnswer, Problem, Reading, Understood
from aliquot.flow.instruments.rules.sheets import (
    Finding,
    Marks,
    Scope,
    Sheet,
    first_text,
    lookup,
    shows,
    text_at,
    texts,
)
from aliquot.flow.instruments.rules.times import offset_of, read_time, zone_named
from aliquot.flow.instruments.rules.ucum import is_ucum
from aliquot.flow.instruments.rules.values import Value, ValueReader

NOT_PERFORMED = "not_performed"


@dataclass(slots=True)
class _Context:
    """One message and what has been understood so far; the lists are those of the whole content."""

    sheet: Sheet
    number: int
    zone: tzinfo
    control: bool
    readings: list[Reading]
    queries: list[HostQuery]
    answers: list[OrderAnswer]
    problems: list[Problem]
    unknown: list[str] = field(default_factory=list)
    tubes: dict[int, tuple[str, bool]] = field(
        default_factory=dict
    )  # by group: specimen code, is it a control
    times: dict[str, datetime | None] = field(default_factory=dict)

    @property
    def marks(self) -> Marks:
        return self.sheet.marks


class Interpreter:
    """Reads messages by one layout. It keeps no message, only the texts of codes it met."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._read = reader_of(layout.grammar, layout.charset, layout.grammar_options)
        self._codes = CodeReader(layout.result)
        self._values = ValueReader(layout)
        self._of_tube = {place.record for place in layout.specimen} | {
            sign.at.record for sign in layout.controls
        }
        self._needs_order = any(place.record == "O" for place in layout.specimen)
        result = layout.result
        self._range, self._instrument, self._raw_status = (
            lookup(places, whole=True) for places in (result.range, result.instrument, result.status)
        )
        self._operator, self._raw_unit = lookup(result.operator), lookup(result.unit)
        self._zone = zone_named(layout.time.zone) if layout.time.zone else None

    def understand(self, content: bytes, zone: tzinfo) -> Understood:
        """Return everything the content says; what cannot be understood is a problem with its raw text."""
        try:
            sheets = self._read(content)
        except ContentError as fault:
            return Understood(problems=(Problem(str(fault), content.decode("latin-1")),))
        contexts: list[_Context] = []
        for number, sheet in enumerate(sheets, 1):
            first = contexts[0] if contexts else None
            contexts.append(self._context(sheet, number, zone, first))
            for finding in sheet.findings:
                self._take(finding, contexts[-1])
        return self._understood(contexts)

    def _context(self, sheet: Sheet, number: int, zone: tzinfo, first: _Context | None) -> _Context:
        head = sheet.scope.get("MSH")
        own = self._zone or (offset_of(head[0].field(7)) if head else None) or zone
        control = self._is_control(sheet.scope, sheet.marks)
        if first:
            return _Context(
                sheet, number, own, control, first.readings, first.queries, first.answers, first.problems
            )
        return _Context(sheet, number, own, control, [], [], [], [])

    def _understood(self, contexts: Sequence[_Context]) -> Understood:
        first = contexts[0]
        sender = first_text(self.layout.identity.at, first.sheet.scope, first.marks)
        return Understood(
            readings=tuple(first.readings),
            queries=tuple(first.queries),
            problems=tuple(first.problems),
            sender=sender,
            sender_expected=self.layout.identity.expects(sender),
            control=any(context.control for context in contexts),
            answers=tuple(first.answers),
            messages=len(contexts),
        )

    def _take(self, finding: Finding, context: _Context) -> None:
        if finding.what in ("result", "stray"):
            context.readings.append(self._reading(finding, context))
        elif finding.what == "query":
            self._take_query(finding, context)
        elif finding.what == "answer":
            self._take_answer(finding, context)
        else:
            self._take_unmeasured(finding, context)

    def _problem(self, reason: str, finding: Finding, context: _Context, position: int | None = None) -> None:
        context.problems.append(Problem(reason, finding.text, position, message=context.number))

    # -- one result -----------------------------------------------------------------------------------

    def _reading(self, finding: Finding, context: _Context) -> Reading:
        scope, marks = finding.scope, context.marks
        specimen, is_control = self._tube(finding, context)
        unknown = context.unknown = [] if specimen else ["specimen"]
        if finding.what == "stray" and self._needs_order:
            unknown.append("order record")
        code, aspect, dilution = self._codes.read(scope, marks)
        policy = self._policy(code, aspect)
        if policy is None:
            unknown.append(f"aspect {aspect!r}")
        if not code:
            unknown.append("test code")
        value = self._values.read(scope, marks)
        unit_raw, unit, factor = self._unit(value, finding, context)
        status, further = self._status(value, finding, context)
        flags = (*self._flags(value, finding, context), *further, *self._marks(finding, context))
        number = value.number if value.number is None or factor == 1 else plain(value.number * factor)
        index = self.layout.indices.codes.get(code, "")
        observation = None if index else self._observation(code, scope, marks)
        is_judged = observation is None and not index and policy == "report"
        if value.strange and is_judged and status != NOT_PERFORMED:
            unknown.append(f"word {value.text!r}")
        kind: Kind = "control" if is_control else "patient"
        is_twin = self._is_twin(value, status)
        if observation:
            kind = "message" if unknown or _is_raised(observation, flags, number) else "other"
        elif kind == "patient" and (policy == "drop" or is_twin):
            kind = "other"
        reading = Reading(
            position=len(context.readings) + 1,
            specimen_code=specimen,
            code=code,
            aspect=aspect,
            dilution=dilution,
            value=value.text,
            number=number,
            comparator=value.comparator,
            unit=unit,
            unit_raw=unit_raw,
            range_raw=self._range(scope, marks),
            flags=flags,
            status=status,
            measured_at=self._measured_at(finding, context),
            kind=kind,
            reported=policy == "report" and observation is None and kind != "other" and not is_twin,
            instrument=self._instrument(scope, marks),
            operator=self._operator(scope, marks),
            comments=self._comments(finding, marks),
            unknown=tuple(unknown),
            raw=finding.raw or {},
            message=context.number,
            dropped=policy == "drop",
            index=index,
            level=self.layout.indices.level(code, value.text, number) if index else None,
        )
        if unknown:
            reason = "not understood: " + ", ".join(unknown)
            self._problem(reason, finding, context, reading.position)
        return reading

    def _is_twin(self, value: Value, status: str) -> bool:
        """Whether it only repeats without a value what another result says; a failed test is no twin."""
        return self.layout.value.empty == "other" and not value.text and status != NOT_PERFORMED

    def _policy(self, code: str, aspect: str) -> Policy | None:
        """Return what is done with this aspect; a test may name the one aspect that is its result."""
        policy, proposal = self.layout.aspects.get(aspect), self.layout.tests.get(code)
        if policy == "report" and proposal and proposal.aspect and aspect != proposal.aspect:
            return "keep"
        return policy

    def _tube(self, finding: Finding, context: _Context) -> tuple[str, bool]:
        """Return the tube's number and whether it is a control: once for all results of an order."""
        shared = self._of_tube.isdisjoint(finding.own)
        tube = context.tubes.get(finding.group) if shared else None
        if tube is None:
            scope, marks = finding.scope, context.marks
            tube = self.specimen_code(scope, marks), context.control or self._is_control(scope, marks)
            if shared:
                context.tubes[finding.group] = tube
        return tube

    def specimen_code(self, scope: Scope, marks: Marks) -> str:
        """Return the tube's number in this scope, padding stripped; empty when no place holds one."""
        pattern = self.layout.specimen_pattern
        for place in self.layout.specimen:
            code = text_at(place, scope, marks).strip()
            if code and pattern:
                found = pattern.fullmatch(code)
                code = found["code"].strip() if found else ""
            if code:
                return code
        return ""

    def _is_control(self, scope: Scope, marks: Marks) -> bool:
        return any(shows(sign, scope, marks) for sign in self.layout.controls)

    def _unit(self, value: Value, finding: Finding, context: _Context) -> tuple[str, str, Decimal]:
        """Return (unit as sent, UCUM, factor to it)."""
        layout = self.layout
        raw = value.unit or self._raw_unit(finding.scope, context.marks)
        if not raw:
            return "", "", Decimal(1)
        if raw in layout.units:
            return raw, layout.units[raw], layout.unit_factors.get(raw, Decimal(1))
        if layout.ucum and is_ucum(raw):
            return raw, raw, Decimal(1)
        context.unknown.append(f"unit {raw!r}")
        return raw, "", Decimal(1)

    def _status(self, value: Value, finding: Finding, context: _Context) -> tuple[str, tuple[str, ...]]:
        """Return the status and the flags its further parts stand for."""
        layout, mark = self.layout, context.marks.repeat
        text = self._raw_status(finding.scope, context.marks)
        status, flags = self._known_status(text, mark, context.unknown)
        empty = not value.text.strip() and layout.value.empty == NOT_PERFORMED
        return (NOT_PERFORMED if value.failed or empty else status), flags

    def _known_status(self, text: str, mark: str, unknown: list[str]) -> tuple[str, tuple[str, ...]]:
        status = self.layout.statuses.get(text)
        if status is not None:
            return status, ()
        first, *further = (one.strip() for one in text.split(mark))
        flags = [(one, self.layout.status_flags.get(one)) for one in further]
        unknown.extend(f"status {one!r}" for one, flag in flags if flag is None)
        status = self.layout.statuses.get(first)
        if status is None:
            unknown.append(f"status {first!r}")
        return status or "unknown", tuple(flag for _, flag in flags if flag)

    def _flags(self, value: Value, finding: Finding, context: _Context) -> tuple[str, ...]:
        """Return the mapped flags, and the alarms of the comments."""
        names: list[str] = []
        separator = self.layout.result.flag_separator
        sent = [
            one for place in self.layout.result.flags for one in texts(place, finding.scope, context.marks)
        ]
        for text in (*sent, value.flag):
            for one in text.split(separator) if separator else [text]:
                self._add_flag(one.strip(), names, context.unknown)
        return (*names, *self._alarms(finding, context)) if self.layout.alarm else tuple(names)

    def _add_flag(self, text: str, names: list[str], unknown: list[str]) -> None:
        if not text:
            return
        name = self.layout.flags.get(text)
        if name is None:
            unknown.append(f"flag {text!r}")
        elif name and name not in names:
            names.append(name)

    def _alarms(self, finding: Finding, context: _Context) -> list[str]:
        layout, alarm = self.layout, self.layout.alarm
        assert alarm is not None
        names: list[str] = []
        for comment in (*finding.comments, *(finding.order_comments if alarm.of_order else ())):
            scope = {place.record: (comment,) for place in alarm.at}
            if alarm.when and not shows(alarm.when, {alarm.when.at.record: (comment,)}, context.marks):
                continue
            text = first_text(alarm.at, scope, context.marks)
            name = layout.alarms.get(text)
            if name is None:
                context.unknown.append(f"alarm {text!r}")
                name = "instrument_alarm"
            if name:
                names.append(name)
        return names

    def _marks(self, finding: Finding, context: _Context) -> tuple[str, ...]:
        if not self.layout.marks:
            return ()
        return tuple(
            mark.flag for mark in self.layout.marks if shows(mark.sign, finding.scope, context.marks)
        )

    def _observation(self, code: str, scope: Scope, marks: Marks) -> Observation | None:
        for one in self.layout.observations:
            if one.code is not None and not one.code.fullmatch(code):
                continue
            if one.sign is None or shows(one.sign, scope, marks):
                return one
        return None

    def _measured_at(self, finding: Finding, context: _Context) -> datetime | None:
        for place in self.layout.result.measured_at:
            text = text_at(place, finding.scope, context.marks)
            if text and text not in context.times:
                context.times[text] = read_time(text, context.zone, self.layout.time.formats)
            if text and (time := context.times[text]):
                return time
        return None

    def _comments(self, finding: Finding, marks: Marks) -> tuple[str, ...]:
        if not finding.comments:
            return ()
        number = 3 if self.layout.grammar == "hl7" else 4
        texts_sent = (comment.field(number) for comment in finding.comments)
        return tuple(marks.unescape(text) if self.layout.grammar == "hl7" else text for text in texts_sent)

    # -- what is no result ----------------------------------------------------------------------------

    def _take_query(self, finding: Finding, context: _Context) -> None:
        query = read_query(self.layout, finding, context.sheet, context.number)
        if isinstance(query, str):
            self._problem(query, finding, context)
        else:
            context.queries.append(query)

    def _take_answer(self, finding: Finding, context: _Context) -> None:
        answer = read_answer(
            self.layout,
            finding,
            context.marks,
            self.specimen_code(finding.scope, context.marks),
            context.number,
        )
        if answer is None:
            return
        context.answers.append(answer)
        if not answer.accepted:
            reason = f"the analyzer refuses the order: {answer.reason}".rstrip(": ")
            context.problems.append(
                Problem(
                    reason,
                    finding.text,
                    specimen_code=answer.specimen_code,
                    codes=self._ordered(finding, context),
                    message=context.number,
                )
            )

    def _take_unmeasured(self, finding: Finding, context: _Context) -> None:
        """An order that came back without results and says that it failed: explicitly not performed."""
        scope, marks = finding.scope, context.marks
        if not any(shows(sign, scope, marks) for sign in self.layout.failures):
            return
        context.problems.append(
            Problem(
                "the analyzer did not perform this order",
                finding.text,
                specimen_code=self.specimen_code(scope, marks),
                codes=self._ordered(finding, context),
                message=context.number,
            )
        )

    def _ordered(self, finding: Finding, context: _Context) -> tuple[str, ...]:
        """The codes of the tests an order names (O-5, OBR-4)."""
        place, number = ("OBR", 4) if self.layout.grammar == "hl7" else ("O", 5)
        return self._codes.ordered(finding.scope.get(place, ()), number, context.marks)


def _is_raised(observation: Observation, flags: tuple[str, ...], number: Decimal | None) -> bool:
    if not observation.raised_flags.isdisjoint(flags):
        return True
    limit = observation.raised_from
    return limit is not None and number is not None and number >= limit
