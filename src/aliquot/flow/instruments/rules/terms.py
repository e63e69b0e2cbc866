"""The words an analyzer used: what a laboratory maps when it adapts a driver to what has arrived."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from aliquot.flow.instruments.rules.reading import Reading

_UNKNOWN = re.compile(r"(unit|flag|aspect|status|alarm) (?P<quote>['\"])(.*)(?P=quote)\Z", re.DOTALL)
_LISTED_AS = {"alarm": "flag"}  # one meaning serves both


@dataclass(frozen=True, slots=True)
class SeenTerm:
    """One word: how often it came, with which value and when last; whether it has a meaning here.

    Kinds as in rules/adaptation.py, "code" among them. `meaning` is what it stands for, "" unknown;
    `unit` is the UCUM unit that a code came with last.
    """

    kind: str
    term: str
    count: int
    last_value: str
    last_at: datetime
    is_known: bool
    meaning: str = ""
    unit: str = ""


def collect_terms(readings: Iterable[tuple[datetime, Reading]], codes: Mapping[str, str]) -> list[SeenTerm]:
    """Return every word of these readings, unknown first, then by kind and how often; `codes` have a meaning.

    Flags and statuses that the driver knows are listed by its own names for them.
    """
    seen: dict[tuple[str, str], SeenTerm] = {}
    for at, reading in readings:
        for kind, term, meaning, is_known in _terms(reading, codes):
            before = seen.get((kind, term))
            unit = reading.unit if kind == "code" else ""
            now = SeenTerm(kind, term, 1, reading.value, at, is_known, meaning, unit)
            if before is not None:
                latest = now if at >= before.last_at else before
                now = replace(latest, count=before.count + 1, is_known=before.is_known and is_known)
            seen[kind, term] = now
    return sorted(seen.values(), key=lambda one: (one.is_known, one.kind, -one.count, one.term))


def _terms(reading: Reading, codes: Mapping[str, str]) -> Iterator[tuple[str, str, str, bool]]:
    """Each word of one reading: kind, term, meaning, whether it is known."""
    unknown = set(_unknown(reading))
    if reading.code:
        meaning = f"HIL: {reading.index}" if reading.index else codes.get(reading.code, "")
        yield "code", reading.code, meaning, bool(reading.index) or reading.code in codes
    if reading.unit_raw:
        yield "unit", reading.unit_raw, reading.unit, bool(reading.unit)
    if reading.aspect:
        policy = "report" if reading.reported else "keep"
        is_known = ("aspect", reading.aspect) not in unknown
        yield "aspect", reading.aspect, policy if is_known else "", is_known
    for kind, names in (("flag", reading.flags), ("status", (reading.status,))):
        for name in names:
            if name and name != "unknown":
                yield kind, name, name, True
    for kind, term in unknown:
        if kind in {"flag", "status"}:
            yield kind, term, "", False


def _unknown(reading: Reading) -> Iterator[tuple[str, str]]:
    for said in reading.unknown:
        if found := _UNKNOWN.match(said):
            yield _LISTED_AS.get(found[1], found[1]), found[3]
