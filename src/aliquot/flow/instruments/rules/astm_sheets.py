"""Messages of LIS02-A2, and of the native grammars that are translated into its records, as sheets."""

from dataclasses import dataclass, field
from functools import partial

from aliquot.flow.instruments.rules.sheets import Finding, Line, Marks, Sheet, What
from aliquot.wire.astm_records import Delimiters, Message, Record, unescape

_RESULT = frozenset("R")
_FIELDS = 14  # of an R record, LIS02-A2 10
_EMPTY = ("",) * _FIELDS
_PLACED = frozenset("HPORQSL")  # all other records float


def astm_sheet(message: Message) -> Sheet:
    """Return one message: a result's scope is its R, what floats below, then O, P, H (LIS02-A2 5.2)."""
    header = message.header
    above = _Above(message, _scope_of(header, {}), header)
    findings: list[Finding] = []
    for record in header.children:
        _read(record, above, findings)
    return Sheet(_marks(message.delimiters), above.scope, findings, header.field(3))


@dataclass(frozen=True, slots=True)
class _Above:
    """The records above one: their scope, and the patient and order among them."""

    message: Message
    scope: dict[str, list[Line]]
    header: Record
    patient: Record | None = None
    order: Record | None = None
    comments: tuple[Line, ...] = field(default=())


def _read(record: Record, above: _Above, findings: list[Finding]) -> None:
    kind = record.kind
    if kind == "P":
        below = _Above(above.message, _scope_of(record, above.scope), above.header, record)
        for child in record.children:
            _read(child, below, findings)
    elif kind == "O":
        _read_order(record, above, findings)
    elif kind == "R":
        findings.append(_finding("stray", record, above, len(findings)))  # of no order's tube
    else:
        if kind == "Q":
            findings.append(_finding("query", record, above))
        for child in record.children:  # a result where none belongs is told all the same
            _read(child, above, findings)


def _read_order(order: Record, above: _Above, findings: list[Finding]) -> None:
    comments = tuple(child for child in order.children if child.kind == "C")
    below = _Above(above.message, _scope_of(order, above.scope), above.header, above.patient, order, comments)
    results = [child for child in order.children if child.kind == "R"]
    group = len(findings)
    findings.extend(_finding("result", result, below, group) for result in results)
    if not results:
        findings.append(_finding("order", order, above))


def _finding(what: What, record: Record, above: _Above, group: int = 0) -> Finding:
    scope = _scope_of(record, above.scope)
    return Finding(
        what,
        record,
        scope,
        tuple(child for child in record.children if child.kind == "C") if record.children else (),
        above.comments,
        raw_fields(record, above.order, above.patient) if what in ("result", "stray") else None,
        above.message.delimiters.field.join(record.fields),
        group,
        frozenset(child.kind for child in record.children) | _RESULT if record.children else _RESULT,
    )


def _scope_of(record: Record, above: dict[str, list[Line]]) -> dict[str, list[Line]]:
    """Return the scope with a record and what floats on it in front of what stands above."""
    if not record.children:
        return {**above, record.kind: [record]}
    scope = dict(above)
    floating: dict[str, list[Line]] = {}
    for child in record.children:
        if child.kind not in _PLACED:
            floating.setdefault(child.kind, []).append(child)
    for kind, lines in floating.items():
        scope[kind] = [*lines, *above.get(kind, ())]
    scope[record.kind] = [record]
    return scope


def _marks(delimiters: Delimiters) -> Marks:
    resolve = partial(unescape, delimiters=delimiters)
    return Marks(delimiters.field, delimiters.repeat, delimiters.component, "", delimiters.escape, resolve)


def raw_fields(record: Record, order: Record | None, patient: Record | None) -> dict[str, str]:
    """Return the fields as sent; the patient's number only where it stands in for a missing tube number."""
    o3, o4 = (order.field(3), order.field(4)) if order else ("", "")
    sent = record.fields if len(record.fields) >= _FIELDS else [*record.fields, *_EMPTY]
    return {
        "specimen_o3": o3,
        "specimen_o4": o4,
        "patient": "" if o3 or o4 or not patient else patient.field(4).strip(),
        "test": sent[2],
        "value": sent[3],
        "unit": sent[4],
        "range": sent[5],
        "flags": sent[6],
        "status": sent[8],
        "time": sent[12],
        "instrument": sent[13],
    }
