"""Tests that wait for a value, as lines of a list one types down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from aliquot.entrypoints.web.bench.pictures import Clock, clock, said, short_name
from aliquot.entrypoints.web.bench.waiting import Choice
from aliquot.flow.instruments.queries import MeasuringPlace, ToMeasure, to_measure
from aliquot.registers.catalogue.models import Test

PAGE = 60


@dataclass(frozen=True, slots=True)
class MeasuringFilter:
    """A section and a device; "0": what no device here measures."""

    section: str = ""
    device: str = ""

    @property
    def query(self) -> str:
        """As an address carries it, with its question mark."""
        return "?" + urlencode({"section": self.section, "device": self.device})

    def rows(self, laboratory_id: int, *, after: str = "") -> list[ToMeasure]:
        """A page of what waits for a value, after the row whose place this is."""
        return to_measure(
            laboratory_id,
            section=self.section or None,
            analyzer_id=int(self.device) if self.device.isdecimal() else None,
            after=place_of(after),
            limit=PAGE,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One test that waits for a value."""

    item_id: int
    is_urgent: bool
    name: str
    birth_date: date | None
    patient_id: int
    specimen: str
    order: str
    test: str
    unit: str
    is_words: bool
    clock: Clock
    accepted_at: datetime
    collected_at: datetime | None
    devices: str
    site: str
    place: str


def filter_of(given: Mapping[str, Any]) -> MeasuringFilter:
    """What the address asks for."""
    return MeasuringFilter(str(given.get("section", ""))[:20], str(given.get("device", ""))[:20])


def lines(rows: Iterable[ToMeasure], *, at: datetime) -> list[Line]:
    """The rows as they are drawn."""
    return [_line(row, at=at) for row in rows]


def _line(row: ToMeasure, *, at: datetime) -> Line:
    return Line(
        item_id=row.item_id,
        is_urgent=row.is_urgent,
        name=short_name(row),
        birth_date=row.birth_date,
        patient_id=row.patient_id,
        specimen=row.specimen_number,
        order=row.order_number,
        test=said(row.name_en, row.name_ru),
        unit=said(row.unit, row.unit_ru),
        is_words=row.scale != Test.Scale.QUANTITATIVE,
        clock=clock(row.due_at, at=at),
        accepted_at=row.accepted_at,
        collected_at=row.collected_at,
        devices=", ".join(row.analyzers),
        site=said(row.site_en, row.site_ru),
        place=f"{int(row.is_urgent)}.{row.accepted_at.isoformat()}.{row.id}",
    )


def place_of(text: str) -> tuple[bool, datetime, int] | None:
    """Where a page begins: "urgent.accepted.id" of the row before it; None for nonsense."""
    urgent, _first, rest = text.partition(".")
    accepted, _last, number = rest.rpartition(".")
    try:
        return urgent == "1", datetime.fromisoformat(accepted), int(number)
    except ValueError:
        return None


def section_choices(places: Iterable[MeasuringPlace]) -> list[Choice]:
    """Every section in which a test waits."""
    names = {one.section: said(one.section_en, one.section_ru) for one in places}
    return [Choice(code, name) for code, name in names.items()]


def device_choices(places: Iterable[MeasuringPlace]) -> list[Choice]:
    """Every device that can measure something that waits, with how much; last what none can."""
    counts: dict[int, int] = {}
    names: dict[int, str] = {}
    for one in places:
        key = one.analyzer_id or 0
        counts[key] = counts.get(key, 0) + one.waiting
        names[key] = one.analyzer or _("By hand")
    return [
        Choice(str(key), f"{names[key]} · {counts[key]}") for key in sorted(counts, key=lambda k: (k == 0, k))
    ]
