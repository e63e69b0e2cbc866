"""What others may ask about rounds that are expected or due: of a laboratory, on a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from aliquot.oversight.proficiency.models import Participation, PlannedRound, ProficiencyRound
from aliquot.oversight.proficiency.rules.calendar import Expected, expected
from aliquot.registers.network.models import Site

NEAR = timedelta(days=3)
PAST = timedelta(days=180)
UNEVALUATED = timedelta(days=30)
OPEN = ProficiencyRound.State.OPEN


@dataclass(frozen=True, slots=True)
class Pressing:
    """What of external assessment waits for a laboratory now.

    Results to return near or past the deadline, rounds whose samples should have come, rounds to evaluate.
    """

    returns: list[Participation]
    awaited: list[PlannedRound]
    unevaluated: list[ProficiencyRound]


def calendar_of(laboratory: Site, at: datetime, *, limit: int = 300) -> list[tuple[PlannedRound, Expected]]:
    """The rounds planned from half a year ago on, by day, each with how it stands."""
    today = laboratory.day_of(at)
    found = PlannedRound.objects.filter(laboratory=laboratory, samples_on__gte=today - PAST)
    found = found.select_related("round").order_by("samples_on", "scheme", "id")[:limit]
    return [(one, expected(one.samples_on, today)) for one in found]


def pressing(laboratory: Site, at: datetime, *, limit: int = 50) -> Pressing:
    """What waits now, the nearest deadline first."""
    parts = Participation.objects.filter(
        laboratory=laboratory, submitted_at=None, round__state=OPEN, round__submit_by__lte=at + NEAR
    )
    waiting = PlannedRound.objects.filter(laboratory=laboratory, round=None, dropped_why="")
    today = laboratory.day_of(at)
    late = Q(submit_by__lt=at - UNEVALUATED)
    return Pressing(
        list(parts.select_related("round").order_by("round__submit_by", "id")[:limit]),
        [
            one
            for one in waiting.filter(samples_on__lt=today).order_by("samples_on", "id")[:limit]
            if expected(one.samples_on, today) is Expected.OVERDUE
        ],
        list(
            ProficiencyRound.objects.filter(late, organiser=laboratory, state=OPEN).order_by("submit_by")[
                :limit
            ]
        ),
    )


def planned_round(laboratory: Site, key: int) -> PlannedRound | None:
    """A round of this laboratory that is expected and not opened yet."""
    found = PlannedRound.objects.filter(pk=key, laboratory=laboratory, round=None, dropped_why="")
    return found.first()
