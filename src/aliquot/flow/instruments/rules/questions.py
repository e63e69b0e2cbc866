"""Host queries of both grammars, and the analyzer's answers to orders."""

import re

from aliquot.flow.instruments.rules.layout import Layout, Place, QueryLayout
from aliquot.flow.instruments.rules.reading import HostQuery, OrderAnswer
from aliquot.flow.instruments.rules.sheets import (
    Finding,
    Marks,
    Scope,
    Sheet,
    cut,
    first_text,
    shows,
    text_at,
    texts,
)

_ALL = "ALL"  # Q-5, LIS02-A2 11.5


def read_query(layout: Layout, finding: Finding, sheet: Sheet, message: int) -> HostQuery | str:
    """Return the question, or in words why it is none that this driver can read.

    ASTM: Q records (LIS02-A2 11). HL7: QPD of IHE LAW LAB-27, INISEQ, Z03, and QRD (HL7 v2.5.1 5.5).
    """
    query, scope, marks = layout.query, finding.scope, sheet.marks
    if query is None:
        return "this model is not known to send queries"
    codes = tuple(
        _bare(code, query.pattern or layout.specimen_pattern) for code in _specimens(query, finding, marks)
    )
    cancelled = any(shows(sign, scope, marks) for sign in query.cancel)
    everything = not codes and any(shows(sign, scope, marks) for sign in query.all)
    if not codes and not cancelled and not everything:
        return "a query that names no specimen"
    return HostQuery(
        specimen_codes=codes,
        tests=_tests(layout, query, finding, marks),
        cancelled=cancelled,
        place=_place(query, scope, marks),
        raw=finding.text,
        everything=everything,
        tag=_tag(finding),
        control_id=sheet.control_id,
        message=message,
    )


def read_answer(
    layout: Layout, finding: Finding, marks: Marks, specimen: str, message: int
) -> OrderAnswer | None:
    """Return what the analyzer says to an order (ORL^O34, ORR, an acknowledgement that refuses), or None."""
    answer, scope = layout.answer, finding.scope
    refused = any(shows(sign, scope, marks) for sign in answer.refused)
    accepted = any(shows(sign, scope, marks) for sign in answer.accepted)
    if not refused and not accepted:
        return None
    return OrderAnswer(
        accepted=not refused,
        control_id=first_text(answer.control_id, scope, marks),
        specimen_code=first_text(answer.specimen, scope, marks) or specimen,
        reason=first_text(answer.reason, scope, marks) if refused else "",
        message=message,
    )


def _tag(finding: Finding) -> str:
    """Return the query tag as sent (HL7 v2.5.1 5.5.4, QPD-2); empty where the question has none."""
    lines = finding.scope.get("QPD", ())
    return lines[0].field(2) if lines else ""


def _specimens(query: QueryLayout, finding: Finding, marks: Marks) -> tuple[str, ...]:
    if query.components_first:
        return _repeats_in_component(query, finding, marks)
    for at in query.specimen:
        codes = tuple(code for text in texts(at, finding.scope, marks) if (code := text.strip()))
        if codes:
            return codes
    return ()


def _bare(code: str, pattern: re.Pattern[str] | None) -> str:
    """Return the tube's number without what the device pads it with."""
    found = pattern.fullmatch(code) if pattern else None
    return (found["code"].strip() or code) if found else code


def _repeats_in_component(query: QueryLayout, finding: Finding, marks: Marks) -> tuple[str, ...]:
    """Repeats that stand inside the component, as ADVIA Centaur writes them."""
    place = query.specimen[0]
    parts = finding.line.field(place.field).split(marks.component)
    inside = parts[place.component - 1].split(marks.repeat) if place.component <= len(parts) else []
    return tuple(code for one in inside if (code := marks.unescape(one).strip()))


def _tests(layout: Layout, query: QueryLayout, finding: Finding, marks: Marks) -> tuple[str, ...]:
    """Return the codes the query names, or nothing for ALL."""
    if query.tests is None:
        return ()
    lines = finding.scope.get(query.tests.record, ())
    sent = lines[0].field(query.tests.field) if lines else ""
    if sent.upper().startswith(_ALL):
        return ()
    at = query.tests
    if not at.component:
        usual = layout.result.code[0]
        at = Place(at.record, at.field, usual.component, part=usual.part)
    pieces = sent.split(marks.repeat) if marks.repeat else [sent]
    codes = tuple(code for piece in pieces if (code := cut(piece, at, marks).strip()))
    return () if _ALL in codes else codes  # Abbott writes ^^^ALL


def _place(query: QueryLayout, scope: Scope, marks: Marks) -> str:
    if query.place is None:
        return ""
    return text_at(query.place, scope, marks)
