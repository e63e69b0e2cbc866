"""What pages ask about critical values: whom to call, who is next, who was reached, how soon."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from django.db.models import QuerySet

from aliquot.flow.results.models import CriticalCall
from aliquot.foundation import sql_files
from aliquot.registers.network.models import Contact
from aliquot.registers.network.queries import contacts_of, is_contact_on_duty
from aliquot.registers.patients.queries import PatientRow

SQL = Path(__file__).parent.parent / "sql"
IN_THE_LABORATORY = frozenset({"laboratory_doctor", "director"})
REACHED_WITHOUT_NUMBER = frozenset({"requester", *IN_THE_LABORATORY})
"""Whom the order or the house names, even when no telephone of theirs is kept."""
StepState = Literal["taken", "passed_over", "next", "later"]


class Called(Protocol):
    """Where a call comes from and goes to."""

    @property
    def ordering_site_id(self) -> int: ...
    @property
    def laboratory_id(self) -> int: ...
    @property
    def ward(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CallRow(PatientRow):
    """A critical value that somebody still has to be told, until `due_at`."""

    call_id: int
    kind: str
    result_id: int
    order_id: int
    order_number: str
    test_code: str
    short_en: str
    short_ru: str
    name_en: str
    name_ru: str
    value_text: str
    unit: str
    unit_ru: str
    flag: str
    result_state: str | None
    opened_at: datetime
    due_at: datetime
    requester: str
    ward: str
    urgency: str
    site_en: str
    site_ru: str
    attempts: int
    read_at: datetime | None
    reach: str


@dataclass(frozen=True, slots=True)
class LadderStep:
    """One step of a call's ladder: taken or passed over `at`, or to come at `due_at`; who answers."""

    step: int
    whom: str
    minutes: int
    due_at: datetime
    state: StepState
    at: datetime | None
    contacts: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class CallFigures:
    """How soon critical values of a ward were told; the row without a site is all of them.

    P50 and P95 are minutes from decision to receipt; None when nothing was told yet.
    """

    site_en: str | None
    site_ru: str | None
    ward: str | None
    calls: int
    told: int
    on_time: int
    complete: int
    p50: float | None
    p95: float | None


def open_critical_calls(laboratory_id: int, *, limit: int = 200) -> list[CallRow]:
    """Calls that this laboratory still has to make, the first due first."""
    return sql_files.fetch(CallRow, SQL, "open_critical_calls", laboratory=laboratory_id, limit=limit)


def closed_critical_calls(laboratory_id: int, *, limit: int = 50) -> QuerySet[CriticalCall]:
    """The calls that were made, noted or withdrawn, the newest first, with every try."""
    found = CriticalCall.objects.filter(laboratory_id=laboratory_id).exclude(state="open")
    related = found.select_related("test", "order__patient", "ordering_site")
    return related.prefetch_related("attempts").order_by("-opened_at", "-id")[:limit]


def calls_to_read(site_id: int, *, limit: int = 200) -> QuerySet[CriticalCall]:
    """Critical values of this site's orders that nobody there has received, the first due first."""
    found = CriticalCall.objects.filter(ordering_site_id=site_id, state="open")
    return found.select_related("test", "order__patient", "laboratory").order_by("due_at", "id")[:limit]


def calls_received(site_id: int, *, limit: int = 30) -> QuerySet[CriticalCall]:
    """What this site was told of, the newest first."""
    found = CriticalCall.objects.filter(ordering_site_id=site_id, state="closed")
    return found.select_related("test", "order__patient").order_by("-closed_at", "-id")[:limit]


def call_figures(laboratory_id: int, *, since: datetime, until: datetime) -> list[CallFigures]:
    """How soon critical values were told in a stretch of time: all first, then by ward."""
    return sql_files.fetch(
        CallFigures, SQL, "call_figures", laboratory=laboratory_id, since=since, until=until
    )


def ladder_of(call: CriticalCall, *, at: datetime) -> list[LadderStep]:
    """Every step of a call: what was done with whom, and who follows when, as on duty then."""
    kept = {one.step: one for one in call.escalations.all()}
    contacts = contacts_of([call.ordering_site_id, call.laboratory_id])
    coming = min((step for step in range(len(call.ladder)) if step > call.step), default=None)
    found = []
    for step, (whom, minutes) in enumerate(call.ladder):
        due, done = call.opened_at + timedelta(minutes=minutes), kept.get(step)
        if done is not None:
            state: StepState = "passed_over" if done.was_passed_over else "taken"
            found.append(LadderStep(step, whom, minutes, due, state, done.at, tuple(done.contacts)))
            continue
        there = who_is_there(whom, contacts, call, has_reader=True, at=max(at, due))
        state = "next" if step == coming and call.state == "open" else "later"
        found.append(LadderStep(step, whom, minutes, due, state, None, tuple(as_kept(there or ()))))
    return found


def as_kept(contacts: Iterable[Contact]) -> list[dict[str, str]]:
    """Contacts as a step of a call keeps them: names and number as they were."""
    return [{"name_en": one.name_en, "name_ru": one.name_ru, "phone": one.phone} for one in contacts]


def who_is_there(
    whom: str,
    contacts: Sequence[Contact],
    call: Called,
    *,
    has_reader: bool,
    at: datetime,
) -> list[Contact] | None:
    """Who of a step is on duty; None when nobody is, and the step is passed over.

    An empty list: somebody named by the order or the house whose telephone nobody kept.
    """
    if whom == "app":
        return [] if has_reader else None
    site = call.laboratory_id if whom in IN_THE_LABORATORY else call.ordering_site_id
    known = [one for one in contacts if one.site_id == site and one.function == whom]
    if whom == "ward":
        known = [one for one in known if call.ward and one.ward in ("", call.ward)]
    elif call.ward:
        known = [one for one in known if one.ward in ("", call.ward)]
    else:
        known = [one for one in known if not one.ward]
    if not known:
        return [] if whom in REACHED_WITHOUT_NUMBER or (whom == "ward" and call.ward) else None
    return [one for one in known if is_contact_on_duty(one, at)] or None
