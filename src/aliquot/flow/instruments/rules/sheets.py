"""What a message says, cut into findings with their scope of records, whatever its grammar.

A finding is one result, query, order without result, or answer. Its scope holds the records that say
something about it, nearest first, so that "SPM-2.1.1" and "H-12" are resolved in the same way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol, TypeAlias

from aliquot.flow.instruments.rules.layout import Place, Sign
from aliquot.foundation.quick import quickly_made

NULL = '""'  # says "empty" outright: LIS02-A2 5.4.9, HL7 v2.5.1 2.5.3
What: TypeAlias = Literal["result", "query", "order", "answer", "stray"]


class Line(Protocol):
    """A record or a segment."""

    def field(self, number: int) -> str:
        """Return field `number` as sent."""
        ...


Scope: TypeAlias = Mapping[str, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class Marks:
    """The delimiters of one message and its way to resolve escapes."""

    field: str
    repeat: str
    component: str
    part: str
    escape: str
    unescape: Callable[[str], str]


@quickly_made
@dataclass(frozen=True, slots=True)
class Finding:
    """One result, query, order without result or answer, with the records that say something about it."""

    what: What
    line: Line
    scope: Scope
    comments: tuple[Line, ...] = ()  # of the result itself
    order_comments: tuple[Line, ...] = ()
    raw: dict[str, str] | None = None  # the fields as sent, of results
    text: str = ""  # the record as sent
    group: int = 0  # results of one order and tube share their scope but for `own`
    own: frozenset[str] = frozenset()  # names of the records that are the result's own


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message."""

    marks: Marks
    scope: Scope  # of the message: H or MSH and what hangs on it
    findings: Sequence[Finding]
    control_id: str = ""


def texts(place: Place, scope: Scope, marks: Marks) -> Iterator[str]:
    """Yield what stands at a place, record by record and repeat by repeat, unescaped; never empty texts."""
    for line in scope.get(place.record, ()):
        sent = line.field(place.field)
        if not sent or sent == NULL:
            continue
        if place.repeat or not marks.repeat or marks.repeat not in sent:
            pieces = [sent]
        else:
            pieces = sent.split(marks.repeat)
        for piece in pieces:
            found = cut(piece, place, marks)
            if found:
                yield found


def text_at(place: Place, scope: Scope, marks: Marks) -> str:
    """Return the first text at a place, or nothing."""
    for line in scope.get(place.record, ()):
        sent = line.field(place.field)
        if sent and sent != NULL:
            found = cut(sent, place, marks)
            if found:
                return found
    return ""


def first_text(places: Sequence[Place], scope: Scope, marks: Marks) -> str:
    """Return, stripped, the text of the first of these places that holds something."""
    for place in places:
        text = text_at(place, scope, marks).strip()
        if text:
            return text
    return ""


def sent_text(places: Sequence[Place], scope: Scope, marks: Marks) -> str:
    """Return the first of these places that holds something: a whole field as sent, else its component."""
    for place in places:
        if place.component or place.repeat:
            text = text_at(place, scope, marks).strip()
        else:
            text = next((one for line in scope.get(place.record, ()) if (one := line.field(place.field))), "")
        if text and text != NULL:
            return text
    return ""


Lookup: TypeAlias = Callable[[Scope, Marks], str]


def lookup(places: Sequence[Place], *, whole: bool = False) -> Lookup:
    """Return `first_text`, or with `whole` `sent_text`, of these places; quick for one whole field."""
    if not places:
        return lambda _scope, _marks: ""
    if whole and len(places) == 1 and not (places[0].component or places[0].repeat):
        return partial(_field_at, places[0].record, places[0].field)
    return partial(sent_text if whole else first_text, tuple(places))


def _field_at(record: str, number: int, scope: Scope, _marks: Marks) -> str:
    for line in scope.get(record, ()):
        text = line.field(number)
        if text and text != NULL:
            return text
    return ""


def shows(sign: Sign, scope: Scope, marks: Marks) -> bool:
    """Whether a sign is to be seen in this scope."""
    return any(sign.shows(text.strip()) for text in texts(sign.at, scope, marks))


def cut(sent: str, place: Place, marks: Marks) -> str:
    """Return what of a field a place means, escapes resolved; the HL7 null is empty."""
    if place.repeat or (place.component and marks.part):
        sent = _nth(sent, marks.repeat, place.repeat or 1)
    if place.onwards:
        return marks.component.join(sent.split(marks.component)[place.component - 1 :])
    if place.component:
        sent = _nth(sent, marks.component, place.component)
    if place.part:
        sent = _nth(sent, marks.part, place.part)
    if sent == NULL:
        return ""
    return marks.unescape(sent) if marks.escape and marks.escape in sent else sent


def _nth(text: str, mark: str, number: int) -> str:
    if not mark or mark not in text:
        return text if number == 1 else ""
    parts = text.split(mark)
    return parts[number - 1] if number <= len(parts) else ""
