"""Everything that was released of a patient: tests by dates, and what was amended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.bench.pages import bench_page
from aliquot.entrypoints.web.bench.pictures import Flag, flag_of, interval_text, said, value_text
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.results.models import Result
from aliquot.flow.results.queries import released_of
from aliquot.foundation.months.queries import archived_months
from aliquot.foundation.months.rules.calendar import KEPT_MONTHS, Month
from aliquot.registers.catalogue.queries import sections_by_code
from aliquot.registers.patients.actions import note_access
from aliquot.registers.patients.models import Patient
from aliquot.registers.people.queries import names_of

DATES = 10
FURTHER, MOST = 24, 100
"""Months that "earlier" reads more, and from how many on it reads all there are."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One released value; `earlier` are the values that it replaced, oldest first."""

    url: str
    text: str
    flag: Flag
    earlier: list[str]


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test of the patient over time."""

    __test__ = False

    name: str
    unit: str
    section: str
    interval: str
    decimals: int | None
    low: Decimal | None
    high: Decimal | None
    points: list[tuple[datetime, Decimal]]
    cells: list[Cell | None]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A value that was replaced after its release: both values, why, who, when."""

    id: int
    test: str
    before: str
    after: str
    unit: str
    reason: str
    by: str
    at: datetime | None
    first_released_at: datetime | None


@needs("verify_result", "release_result", "enter_result")
def history(request: SignedRequest, patient_id: int) -> HttpResponse:
    """The patient's tests by dates of collection, newest first."""
    patient = Patient.objects.filter(pk=patient_id).first()
    if patient is None:
        raise Http404
    note_access([patient_id], "history", by=request.actor, at=timezone.now())
    now, back = timezone.now(), _months_back(request)
    since = Month.of(now).plus(-back)
    results = list(released_of(patient_id, since=since if back else None))
    dates = sorted({one.collected_at for one in results if one.collected_at}, reverse=True)
    context = {
        "patient": patient,
        "dates": dates[:DATES],
        "older": max(0, len(dates) - DATES),
        "lines": test_lines(results, dates[:DATES]),
        "amendments": amendments(results),
        "away": archived_months(),
        "since": since.begin if back else None,
        "further": back + FURTHER if back + FURTHER < MOST else 0,
    }
    return bench_page(request, "bench/history.html", context, tab="")


def _months_back(request: SignedRequest) -> int:
    """How many months are read; 0 for all there are."""
    given = request.GET.get("months", "")
    return int(given) if given.isdecimal() and int(given) < MOST else KEPT_MONTHS


def test_lines(results: Iterable[Result], dates: list[datetime]) -> list[TestLine]:
    """One line for each test, by section and then in the order of the catalogue."""
    by_test: dict[int, list[Result]] = {}
    for one in results:
        by_test.setdefault(one.test_id, []).append(one)
    places = {code: at for at, code in enumerate(sections_by_code())}
    ordered = sorted(
        by_test.values(), key=lambda found: (places.get(found[0].test.section, 99), found[0].test_id)
    )
    names = {code: section.name for code, section in sections_by_code().items()}
    return [_line(found, dates, names) for found in ordered]


def _line(found: list[Result], dates: list[datetime], sections: dict[str, str]) -> TestLine:
    test = found[0].test
    current = [one for one in found if one.state == Result.State.RELEASED]
    newest = current[0] if current else found[0]
    cells = {one.collected_at: _cell(one, found) for one in reversed(current)}
    points = [
        (one.collected_at, one.value)
        for one in reversed(current)
        if one.collected_at and one.value is not None
    ]
    return TestLine(
        name=test.name,
        unit=said(test.unit, test.unit_ru),
        section=sections.get(test.section, test.section),
        interval=interval_text(newest.low, newest.high, test.decimals),
        decimals=test.decimals,
        low=newest.low,
        high=newest.high,
        points=points if len(points) > 1 else [],
        cells=[cells.get(date) for date in dates],
    )


def _cell(one: Result, found: list[Result]) -> Cell:
    replaced = {other.pk: other for other in found}
    earlier, step = [], one
    while (before := replaced.get(step.supersedes_id or 0)) is not None:
        earlier.append(value_text(before.value_text, before.value))
        step = before
    return Cell(_card_of(one.pk), value_text(one.value_text, one.value), flag_of(one.flag), earlier[::-1])


def _card_of(result_id: int) -> str:
    return _card_pattern().replace("/0/", f"/{result_id}/")


@cache
def _card_pattern() -> str:
    """The address of a result's card, found once: a history has hundreds of them."""
    return reverse("bench:result", args=[0])


def amendments(results: Iterable[Result]) -> list[Amendment]:
    """Every value that replaced a released one, the newest first."""
    known = {one.pk: one for one in results}
    found = [(one, known[one.supersedes_id]) for one in known.values() if one.supersedes_id in known]
    names = names_of(new.released_by for new, _old in found)
    drawn = [
        Amendment(
            id=new.pk,
            test=new.test.name,
            before=value_text(old.value_text, old.value),
            after=value_text(new.value_text, new.value),
            unit=said(new.unit, new.test.unit_ru),
            reason=new.amend_reason or _("no reason kept"),
            by=names[new.released_by].name,
            at=new.released_at,
            first_released_at=old.released_at,
        )
        for new, old in found
    ]
    return sorted(drawn, key=lambda one: one.id, reverse=True)
