"""What is open and how urgent it is, what was done about it, and who may be asked to do something."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db.models import Prefetch, Q, QuerySet

from aliquot.foundation import sql_files
from aliquot.oversight.improvement.models import Complaint, ImprovementAction, ImprovementStep, Nonconformity
from aliquot.oversight.improvement.rules.nonconformities import OVER, Standing, Urgency, is_overdue, urgency
from aliquot.registers.people.queries import Name

SQL = Path(__file__).parent.parent / "sql"
OPEN = ~Q(state__in=OVER)
Source = Nonconformity.Source
IN_DOUBT = frozenset({Source.CONTROL_VIOLATION, Source.MONITOR_ALARM, Source.EQA_FAILURE})
"""Failures of measurement: results of patients may be wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """A nonconformity in the list; `due_on` is the next day by which something is to be done."""

    row: Nonconformity
    urgency: Urgency
    is_overdue: bool
    due_on: date | None
    owners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Person:
    key: str
    name_en: str
    name_ru: str


def lines_of(laboratory_id: int, *, at: datetime, today: date, owner: str = "") -> list[Line]:
    """What is open at a laboratory, the most urgent first; `owner`: with open actions of hers only."""
    undone = ImprovementAction.objects.filter(done_at=None).order_by("due_on", "id")
    found = Nonconformity.objects.filter(OPEN, laboratory_id=laboratory_id).select_related("site")
    lines = [
        _line(one, at, today) for one in found.prefetch_related(Prefetch("actions", undone, to_attr="undone"))
    ]
    mine = [one for one in lines if not owner or owner in one.owners]
    return sorted(mine, key=lambda one: (one.urgency, one.row.raised_at, one.row.pk))


def over_of(laboratory_id: int, *, limit: int = 200) -> QuerySet[Nonconformity]:
    """What is closed or was found to be none, the newest first."""
    found = Nonconformity.objects.filter(laboratory_id=laboratory_id, state__in=OVER).select_related("site")
    return found.order_by("-closed_at", "-id")[:limit]


def raised_at(site_id: int | None, by: str, *, limit: int = 100) -> QuerySet[Nonconformity]:
    """What a site or this person raised, the newest first: for who does not work on nonconformities."""
    found = Nonconformity.objects.filter(Q(site_id=site_id) | Q(raised_by=by)).select_related("site")
    return found.order_by("-raised_at", "-id")[:limit]


def nonconformity_of(pk: int) -> Nonconformity | None:
    """One that the actor may see."""
    return Nonconformity.objects.select_related("site", "laboratory", "risk").filter(pk=pk).first()


def last_of_subject(source: str, subject_id: int) -> Nonconformity | None:
    """The newest one that was raised about this row and that the actor may see."""
    found = Nonconformity.objects.filter(source=source, subject_id=subject_id)
    return found.order_by("-raised_at", "-id").first()


def actions_of(nonconformity_id: int) -> list[ImprovementAction]:
    """All actions of a nonconformity, as planned."""
    return list(ImprovementAction.objects.filter(nonconformity_id=nonconformity_id).order_by("attempt", "id"))


def action_of(pk: int) -> ImprovementAction | None:
    """One action that the actor may see."""
    return ImprovementAction.objects.filter(pk=pk).first()


def steps_of(nonconformity_id: int) -> list[ImprovementStep]:
    """What happened to it, the first step first."""
    return list(ImprovementStep.objects.filter(nonconformity_id=nonconformity_id).order_by("id"))


def complaint_of(nonconformity_id: int) -> Complaint | None:
    """The complaint that it is about, if it is one."""
    return Complaint.objects.filter(nonconformity_id=nonconformity_id).first()


def in_doubt_of(laboratory_id: int, *, limit: int = 100) -> QuerySet[Nonconformity]:
    """Failures of measurement of a laboratory that nobody has contained yet, the oldest first."""
    found = Nonconformity.objects.filter(
        laboratory_id=laboratory_id, state=Nonconformity.State.RAISED, source__in=IN_DOUBT
    )
    return found.order_by("raised_at", "id")[:limit]


def open_count(laboratory_id: int) -> int:
    """How many are open at a laboratory."""
    return Nonconformity.objects.filter(OPEN, laboratory_id=laboratory_id).count()


def overdue_count(laboratory_id: int, *, at: datetime, today: date) -> int:
    """How many of the open ones have something that should have been done by now."""
    return sum(one.is_overdue for one in lines_of(laboratory_id, at=at, today=today))


def people_at(site_id: int) -> list[tuple[str, Name]]:
    """Who works at a site of the actor's, by key: whom an action may be given to."""
    found = sql_files.fetch(_Person, SQL, "people_at", site=site_id)
    return [(one.key, Name(one.name_en, one.name_ru)) for one in found]


def standing_of(row: Nonconformity, undone: Iterable[ImprovementAction]) -> Standing:
    """What the rules ask of a nonconformity; `undone` are its actions that are not done."""
    days = tuple(one.due_on for one in undone)
    return Standing(row.state, row.level, row.contain_by, row.check_on, days)


def _line(row: Nonconformity, at: datetime, today: date) -> Line:
    undone: Collection[ImprovementAction] = row.undone  # type: ignore[attr-defined]
    standing = standing_of(row, undone)
    owners = tuple(dict.fromkeys(one.owner for one in undone))
    return Line(
        row,
        urgency(standing, at=at, today=today),
        is_overdue(standing, at=at, today=today),
        _due_on(row, standing),
        owners,
    )


def _due_on(row: Nonconformity, standing: Standing) -> date | None:
    if row.state == Nonconformity.State.RAISED:
        return row.contain_by.date()
    if row.state == Nonconformity.State.ACTING:
        return min(standing.due, default=None)
    return row.check_on if row.state == Nonconformity.State.DONE else None
