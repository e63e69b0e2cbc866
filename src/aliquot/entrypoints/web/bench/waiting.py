"""The queue of results that wait: what it is narrowed to, and its rows as they are drawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.bench.pictures import (
    Flag,
    flag_of,
    localised,
    reason_badges,
    said,
    short_name,
    value_text,
)
from aliquot.entrypoints.web.shell.wording import duration_text
from aliquot.flow.results import queries
from aliquot.flow.results.queries import START, Place, WaitingPlace, WorklistRow
from aliquot.registers.people.queries import Name, names_of

PAGE = 25  # three screens; what is below is fetched as one walks down


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A section, and a bench ("b3") or an analyzer ("a5"; "a0": typed by hand)."""

    section: str = ""
    place: str = ""

    @property
    def query(self) -> str:
        """As an address carries it, with its question mark; "" when nothing is narrowed."""
        given = {name: text for name, text in (("section", self.section), ("place", self.place)) if text}
        return f"?{urlencode(given)}" if given else ""

    def rows(
        self, laboratory_id: int, *, after: Place = START, limit: int = PAGE, at: datetime
    ) -> list[WorklistRow]:
        """A page of what waits."""
        return queries.worklist(
            laboratory_id,
            self.section or None,
            bench_id=self._number("b"),
            analyzer_id=self._number("a"),
            after=after,
            limit=limit,
            at=at,
        )

    def _number(self, kind: str) -> int | None:
        digits = self.place[1:]
        return int(digits) if self.place.startswith(kind) and digits.isdecimal() else None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue."""

    id: int
    test: str
    value: str
    unit: str
    flag: Flag
    is_urgent: bool
    name: str
    birth_date: date | None
    specimen: str
    ward: str
    waits: str
    address: str
    reason: str
    more_reasons: int
    previous: str
    is_overdue: bool
    looks: str
    place: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a queue can be narrowed to."""

    value: str
    words: str


def narrowing_of(given: Mapping[str, Any]) -> Narrowing:
    """What the address or a form asks for; nonsense narrows nothing."""
    return Narrowing(str(given.get("section", ""))[:20], str(given.get("place", ""))[:20])


def queue_rows(rows: Iterable[WorklistRow], *, me: str, at: datetime) -> list[QueueRow]:
    """The rows as they are drawn, with the names of colleagues who look at them now."""
    found = [replace(one, looked_at_by=None) if one.looked_at_by == me else one for one in rows]
    names = names_of(one.looked_at_by for one in found if one.looked_at_by)
    return [_queue_row(row, names, at=at) for row in found]


def _queue_row(row: WorklistRow, names: Mapping[str, Name], *, at: datetime) -> QueueRow:
    """The reason that matters most first."""
    reasons = sorted(reason_badges(row.reasons), key=lambda one: one[0] != "danger")
    return QueueRow(
        id=row.result_id,
        test=said(row.short_en, row.short_ru),
        value=value_text(row.value_text, row.value),
        unit=said(row.unit, row.unit_ru),
        flag=flag_of(row.flag),
        is_urgent=row.urgency == "S",
        name=short_name(row),
        birth_date=row.birth_date,
        specimen=row.specimen_number,
        ward=row.ward,
        waits=duration_text(at - row.recorded_at),
        address=_address().replace("/0/", f"/{row.result_id}/"),
        reason=reasons[0][1] if reasons else "",
        more_reasons=max(0, len(reasons) - 1),
        previous=localised(row.previous_text or ""),
        is_overdue=not row.is_on_time,
        looks=names[row.looked_at_by].name if row.looked_at_by else "",
        place=f"{int(row.is_on_time)}.{row.danger}.{row.result_id}",
    )


@cache
def _address() -> str:
    return reverse("bench:result", args=[0])  # a queue has many rows, and finding an address takes its time


def place_of(text: str) -> Place:
    """Where a page begins: "on time.danger.id" of the row before it; nonsense is the beginning."""
    parts = text.split(".")
    if len(parts) != len(START) or not all(one.isdecimal() for one in parts):
        return START
    return (parts[0] != "0", int(parts[1]), int(parts[2]))


def section_choices(places: Iterable[WaitingPlace]) -> list[Choice]:
    """Every section in which something waits, with how much."""
    counts: dict[tuple[str, str], int] = {}
    for one in places:
        key = (one.section, said(one.section_en, one.section_ru))
        counts[key] = counts.get(key, 0) + one.held
    return [Choice(code, f"{name} · {count}") for (code, name), count in counts.items()]


def device_choices(places: Iterable[WaitingPlace]) -> list[Choice]:
    """Every bench with its analyzers, and what was typed by hand."""
    counts: dict[tuple[str, str], int] = {}
    for one in places:
        for key in _device_keys(one):
            counts[key] = counts.get(key, 0) + one.held
    return [Choice(value, f"{name} · {count}") for (value, name), count in counts.items()]


def _device_keys(one: WaitingPlace) -> list[tuple[str, str]]:
    if one.analyzer_id is None:
        return [("a0", _("Typed by hand"))]
    bench = said(one.bench_en, one.bench_ru)
    return [(f"b{one.bench_id}", bench), (f"a{one.analyzer_id}", f"{bench}: {one.analyzer}")]
