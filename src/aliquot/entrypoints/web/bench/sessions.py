"""Messages of analyzers as a person reads them: the bytes, and what was understood of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, ngettext

from aliquot.entrypoints.web.bench.pictures import Piece, analyzer_words, pieces
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.instruments.queries import session_of
from aliquot.flow.instruments.queries.traffic import Said, conversation_of
from aliquot.flow.instruments.rules.quarantine import describe_reason
from aliquot.registers.people.queries import Name, names_of

NEAR = 30
"""Messages of a session that are shown around the chosen one."""
GIST = 60
"""Characters of a message that tell it from its neighbours."""
TELLING_RECORDS = ("O|", "Q|", "R|", "QPD|", "MSA|", "SPM|", "OBR|", "ORC|")
"""Beginnings of the lines that name a tube or say what became of a message."""
TELLING = 6
"""Bytes from where on words are no chance."""
CONTROL = re.compile(rb"[\x00-\x1f]+")
REFUSAL = re.compile(rb"^[^\x02\x0b]*\x15|\rMSA\|[AC][ER]")
"""A NAK outside a frame; HL7: error and reject, in both modes (table 0008)."""
WAITS = Reading.State.QUARANTINED.value
KINDS = {"filed": "good", "answered": "good", "sent": "accent", "quarantined": "notice"}


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One line of what an analyzer said, with what became of it."""

    id: int
    specimen: str
    code: str
    test: str
    value: str
    unit: str
    flags: list[str]
    measured_at: datetime | None
    kind: str
    state: str
    words: str
    reasons: list[str]
    decided_by: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, in or out, without its bytes."""

    id: int
    is_outgoing: bool
    received_at: datetime
    kind: str
    words: str
    reasons: list[str]
    decided_by: str
    decided_at: datetime | None
    analyzer_id: int


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One message of a connection: its bytes by line and its readings."""

    id: int
    is_outgoing: bool
    received_at: datetime
    connection: str
    kind: str
    words: str
    reasons: list[str]
    lines: list[list[Piece]]
    readings: list[ReadingRow]

    @property
    def gist(self) -> str:
        """A few words of what it says: its tubes, or the line after its header."""
        if self.readings:
            return " ".join(dict.fromkeys(one.specimen or "—" for one in self.readings))
        said = ["".join(one.text for one in line if not one.is_control) for line in self.lines]
        telling = [one for one in said if one.startswith(TELLING_RECORDS)] or said[1:] or said
        return telling[0][:GIST] if telling else ""


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One read or write of a line; `after` is in milliseconds since the first one shown.

    `is_here`: it carries a part of the chosen message; `is_refused`: the other side did not take it.
    """

    at: datetime
    after: int
    is_outgoing: bool
    lines: list[list[Piece]]
    is_here: bool = False
    is_refused: bool = False


def reason_words(reasons: Iterable[Mapping[str, Any]]) -> list[str]:
    """Why something waits and what to do, in the reader's language."""
    return [describe_reason(one, get_language() or "en") for one in reasons]


def reading_rows(readings: Iterable[Reading]) -> list[ReadingRow]:
    """Readings as they are drawn."""
    found = list(readings)
    names = names_of(one.decided_by for one in found)
    return [_reading_row(one, names) for one in found]


def _reading_row(one: Reading, names: Mapping[str, Name]) -> ReadingRow:
    return ReadingRow(
        id=one.pk,
        specimen=one.specimen_code,
        code=one.code,
        test=one.test.short if one.test else "",
        value=one.value,
        unit=one.unit,
        flags=analyzer_words(one.flags),
        measured_at=one.measured_at,
        kind=KINDS.get(one.state, "neutral"),
        state=one.state,
        words=str(Reading.State(one.state).label),
        reasons=reason_words(one.reason),
        decided_by=names[one.decided_by].name,
        decided_at=one.decided_at,
        note=one.decision_note,
    )


def message_rows(messages: Iterable[Message]) -> list[MessageRow]:
    """Messages as they are drawn."""
    found = list(messages)
    names = names_of(one.decided_by for one in found)
    return [
        MessageRow(
            id=one.pk,
            is_outgoing=one.is_outgoing,
            received_at=one.received_at,
            kind=KINDS.get(one.state, "neutral"),
            words=str(Message.State(one.state).label),
            reasons=reason_words(one.problems),
            decided_by=names[one.decided_by].name,
            decided_at=one.decided_at,
            analyzer_id=one.analyzer_id,
        )
        for one in found
    ]


def gists_of(messages: Iterable[Message]) -> list[str]:
    """What each message holds in a few words: its tube, or how many, and how many readings."""
    ids = [one.pk for one in messages]
    held: dict[int, list[tuple[str, str]]] = {}
    kept = Reading.objects.filter(message_id__in=ids).order_by("message_id", "position")
    for message_id, tube, state in kept.values_list("message_id", "specimen_code", "state"):
        held.setdefault(message_id, []).append((tube, state))
    return [_gist(held.get(one, [])) for one in ids]


def _gist(held: Sequence[tuple[str, str]]) -> str:
    if not held:
        return ""
    first, *more = dict.fromkeys(tube or "—" for tube, _state in held)
    said = ngettext("%(count)d reading", "%(count)d readings", len(held)) % {"count": len(held)}
    if waiting := sum(state == WAITS for _tube, state in held):
        said += ", " + ngettext("%(count)d waits", "%(count)d wait", waiting) % {"count": waiting}
    return f"{first}{f' +{len(more)}' if more else ''} · {said}"


def session_lines(message_id: int, *, only: bool = False) -> list[SessionRow]:
    """What went over the connection of a message, or the message alone, oldest first."""
    lines = session_of(message_id, limit=1 if only else NEAR)
    readings: dict[int, list[ReadingRow]] = {}
    found = Reading.objects.filter(message_id__in=[one.id for one in lines]).select_related("test")
    kept = list(found.order_by("message_id", "position"))
    for one, row in zip(kept, reading_rows(kept), strict=True):
        readings.setdefault(one.message_id, []).append(row)
    waiting = {one.message_id for one in kept if one.state == WAITS}
    return [
        SessionRow(
            id=one.id,
            is_outgoing=one.is_outgoing,
            received_at=one.received_at,
            connection=one.connection,
            kind="notice" if one.id in waiting else KINDS.get(one.state, "neutral"),
            words=str((Reading.State.QUARANTINED if one.id in waiting else Message.State(one.state)).label),
            reasons=reason_words(one.problems),
            lines=pieces(bytes(one.content)),
            readings=readings.get(one.id, []),
        )
        for one in lines
    ]


def conversation_rows(line: SessionRow, content: bytes) -> list[SaidRow]:
    """Every byte that went over the line around a message, both ways, oldest first."""
    said = conversation_of(line.id)
    refused, own = _refused(said), _own(said, line, content)
    return [
        SaidRow(
            at=one.at,
            after=round((one.at - said[0].at).total_seconds() * 1000),
            is_outgoing=one.is_outgoing,
            lines=pieces(one.data),
            is_here=place in own,
            is_refused=place in refused,
        )
        for place, one in enumerate(said)
    ]


def _own(said: Sequence[Said], line: SessionRow, content: bytes) -> set[int]:
    """The places of what carries a message: from the first words of it to the last."""
    spoken = [place for place, one in enumerate(said) if one.is_outgoing == line.is_outgoing]
    telling = [place for place in spoken if _is_part(said[place].data, content)]
    return {place for place in spoken if telling and telling[0] <= place <= telling[-1]}


def _refused(said: Sequence[Said]) -> set[int]:
    """The places of what the other side did not take: all between its refusal and its word before."""
    found: set[int] = set()
    for place, one in enumerate(said):
        if not REFUSAL.search(one.data):
            continue
        before = place - 1
        while before >= 0 and said[before].is_outgoing != one.is_outgoing:
            found.add(before)
            before -= 1
    return found


def _is_part(data: bytes, content: bytes) -> bool:
    """Whether a read carries words of the message; the number of a frame does not belong to them."""
    words = [one for one in CONTROL.split(data) if len(one) >= TELLING]
    return any(one in content or one[1:] in content for one in words)
