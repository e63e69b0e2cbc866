"""Messages of HL7 version 2 as sheets: the groups of OUL, ORU, OML, ORL, QBP and their kin, loosely held.

Groups follow HL7 v2.5.1 chapters 4, 5, 7 and 13 and IHE LAW; segments that a device puts elsewhere are taken
where they stand: what comes after an OBX belongs to it, what comes before belongs to its group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aliquot.flow.instruments.rules.sheets import Finding, Line, Marks, Sheet
from aliquot.wire.hl7 import Hl7Message, Segment

_PATIENT = frozenset({"PID", "PV1", "PD1", "NK1"})
_SPECIMEN = frozenset({"SPM", "SAC"})
_RESULT = frozenset({"OBX"})
_QUERIES = frozenset({"QPD", "QRD"})


def hl7_sheet(message: Hl7Message) -> Sheet:
    """Return one message: a result's scope is its OBX and what follows, then OBR, ORC, SAC, SPM, PID, MSH."""
    marks = message.delimiters
    reader = _Reader(message)
    for segment in message.segments[1:]:
        reader.take(segment)
    reader.finish()
    return Sheet(
        Marks(marks.field, marks.repeat, marks.component, marks.subcomponent, marks.escape, message.unescape),
        reader.head,
        reader.findings,
        message.control_id,
    )


@dataclass(slots=True)
class _Result:
    """An OBX and its group as far as it is known when it comes."""

    segment: Segment
    scope: dict[str, list[Line]]
    raw: dict[str, str]
    group: int
    own: list[Segment] = field(default_factory=list)


class _Reader:
    """Goes through the segments once and keeps what is open: patient, specimen, order, result."""

    def __init__(self, message: Hl7Message) -> None:
        self.message = message
        self.findings: list[Finding] = []
        self.head: dict[str, list[Line]] = {"MSH": [message.header]}
        trails, self.inside = _place_of_specimen(message.segments)
        self.trailing = trails and not message.kind.startswith("OUL")  # there it is the next specimen
        self.only = sum(segment.name == "SPM" for segment in message.segments) <= 1  # holds for all orders
        self.patient: dict[str, list[Line]] = {}
        self.specimen: dict[str, list[Line]] = {}
        self.order: dict[str, list[Line]] = {}
        self.open: list[_Result] = []  # results whose group may still get a specimen
        self.group = 0
        self.has_results = False  # in the open order group

    def take(self, segment: Segment) -> None:
        """Put one segment into its group."""
        name = segment.name
        if name == "OBX":
            self._take_result(segment)
        elif name in _PATIENT:
            self._take_patient(segment, name)
        elif name in _SPECIMEN:
            self._take_specimen(segment, name)
        elif name in ("ORC", "OBR"):
            self._take_order(segment, name)
        elif name in _QUERIES:
            self.head[name] = [*self.head.get(name, ()), segment]
        else:
            self._take_other(segment, name)

    def finish(self) -> None:
        """Close what is open at the message's end."""
        self._close_order()
        self._settle()
        if any(name in self.head for name in _QUERIES):
            line = next(self.head[name][0] for name in ("QPD", "QRD") if name in self.head)
            self.findings.append(Finding("query", line, self.head, text=_text(line)))

        if "MSA" in self.head and not any(one.what == "answer" for one in self.findings):
            line = self.head["MSA"][0]
            self.findings.append(Finding("answer", line, self.head, text=_text(line)))

    def _take_patient(self, segment: Segment, name: str) -> None:
        if name == "PID":
            self._close_order()
            self._settle()
            self.patient, self.specimen, self.order = {}, {}, {}
            self.group += 1  # what follows is of another tube, even without an order of its own
        self.patient.setdefault(name, []).append(segment)

    def _take_specimen(self, segment: Segment, name: str) -> None:
        if self.trailing and self.open and not self.specimen:
            self._attach_specimen(segment, name)
            return
        if not (self.inside and self.order and not self.has_results) and (name == "SPM" or self.order):
            self._close_order()
            self.order = {}
        self.group += 1
        if name == "SPM":
            self._settle()
            self.specimen = {}
        elif "SAC" in self.specimen:
            self.specimen = {key: one for key, one in self.specimen.items() if key == "SPM"}
        self.specimen[name] = [segment]

    def _attach_specimen(self, segment: Segment, name: str) -> None:
        """Give the results before it the specimen that ORU messages name last (HL7 v2.5.1 7.3.1, 7.3.2)."""
        last = self.open[-1].group
        for result in self.open:
            if self.only or result.group == last:
                result.scope.setdefault(name, [segment])

    def _take_order(self, segment: Segment, name: str) -> None:
        begins = self.has_results or name in self.order or (name == "ORC" and "ORC" in self.order)
        if begins:
            self._close_order()
            self.order = {}
            if self.inside and not self.only:
                self.specimen = {}
        if not self.order:
            self.group += 1
        self.order[name] = [segment]

    def _take_result(self, segment: Segment) -> None:
        self.has_results = True
        scope: dict[str, list[Line]] = {**self.head, **self.patient, **self.specimen, **self.order}
        scope["OBX"] = [segment]
        self.open.append(_Result(segment, scope, self._raw(segment), self.group))

    def _take_other(self, segment: Segment, name: str) -> None:
        """NTE, TCD, INV, TQ1 and the like: of the result before them, or of the group they open."""
        if self.has_results and self.open and name != "TQ1":
            self.open[-1].own.append(segment)
        elif self.order:
            self.order.setdefault(name, []).append(segment)
        elif self.specimen:
            self.specimen.setdefault(name, []).append(segment)
        else:
            self.head.setdefault(name, []).append(segment)

    def _close_order(self) -> None:
        """Tell an order group that came without results: of an answer, or not performed."""
        if self.order and not self.has_results:
            scope = {**self.head, **self.patient, **self.specimen, **self.order}
            line = next(iter(self.order.values()))[0]
            text = "\n".join(_text(one) for lines in self.order.values() for one in lines)
            self.findings.append(Finding("answer" if "MSA" in self.head else "order", line, scope, text=text))
        self.has_results = False

    def _settle(self) -> None:
        """Tell the results whose group is complete."""
        self.findings += [_settled(result) for result in self.open]
        self.open = []

    def _raw(self, segment: Segment) -> dict[str, str]:
        """The fields as sent, of the segments that stand before the result."""
        before = {**self.specimen, **self.order}
        return {
            "specimen_spm2": _field(before, "SPM", 2),
            "specimen_sac3": _field(before, "SAC", 3),
            "specimen_obr3": _field(before, "OBR", 3),
            "role": self._first(before, "SPM", 11),
            "order": _field(before, "OBR", 4),
            "type": segment.field(2),
            "test": segment.field(3),
            "sub": segment.field(4),
            "value": segment.field(5),
            "unit": segment.field(6),
            "range": segment.field(7),
            "flags": segment.field(8),
            "status": segment.field(11),
            "time": segment.field(19),
        }

    def _first(self, scope: dict[str, list[Line]], name: str, number: int) -> str:
        return self.message.component(_field(scope, name, number), 1)


def _settled(result: _Result) -> Finding:
    """Return the finding, what stands behind the result in front of what stands before it."""
    scope, before = result.scope, tuple(result.scope.get("NTE", ()))
    own: dict[str, list[Line]] = {}
    for segment in result.own:
        own.setdefault(segment.name, []).append(segment)
    for name, lines in own.items():
        scope[name] = [*lines, *scope.get(name, ())]
    comments = tuple(own.get("NTE", ()))
    names = frozenset(own) | _RESULT
    return Finding(
        "result",
        result.segment,
        scope,
        comments,
        before,
        result.raw,
        result.segment.text,
        result.group,
        names,
    )


def _field(scope: dict[str, list[Line]], name: str, number: int) -> str:
    lines = scope.get(name)
    return lines[0].field(number) if lines else ""


def _text(line: Line) -> str:
    return line.text if isinstance(line, Segment) else ""


def _place_of_specimen(segments: Sequence[Segment]) -> tuple[bool, bool]:
    """Return whether SPM stands behind the results (ORU^R01), and whether inside an order (OUL^R24)."""
    before: set[str] = set()
    for segment in segments:
        if segment.name == "SPM":
            return "OBX" in before, "OBR" in before and "OBX" not in before
        before.add(segment.name)
    return "OBX" in before, False
