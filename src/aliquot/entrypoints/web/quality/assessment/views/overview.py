"""What is due, how each test stands, and its course over rounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from aliquot.entrypoints.web.quality.assessment.pictures import picture_of_trend
from aliquot.entrypoints.web.quality.assessment.words import (
    further_scores,
    round_said,
    signal_said,
    standing_said,
)
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.quality.words import Said
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.entrypoints.web.shell.wording import left_text
from aliquot.oversight.proficiency.models import FailureCase, ProficiencyRound
from aliquot.oversight.proficiency.queries import (
    RoundLine,
    TestStanding,
    TrendPoint,
    arranged_by,
    cases_of,
    participation_in,
    rounds_of,
    standing_by_test,
)
from aliquot.oversight.proficiency.queries import (
    trend as scores_over_time,
)
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

READERS = ("run_control", "manage_quality", "read_indicators")
MOST_POINTS = 80


@dataclass(frozen=True, slots=True)
class Due:
    """A round that this laboratory works on, and the time it has left."""

    line: RoundLine
    said: Said
    left: str
    is_late: bool


@needs(*READERS)
def home(request: SignedRequest) -> HttpResponse:
    """What is due first, then cases, own rounds, every test with its last round and its next."""
    now, place = timezone.now(), request.place
    lines = rounds_of(place.pk)
    context = {
        "due": [_due(one, now) for one in _waiting(lines)],
        "past": [(one, round_said(one, now)) for one in lines if one not in _waiting(lines)],
        "tests": _standing(place),
        "cases": cases_seen(request),
        "arranged": _arranged(request),
        "may": request.actor.permissions,
        "now": now,
    }
    return quality_page(request, "quality/assessment/home.html", context, tab="eqa")


@needs(*READERS)
def trend(request: SignedRequest, code: str) -> HttpResponse:
    """One test of this laboratory over its rounds, and whether too many in a row failed.

    Of what was returned, or with ?analyzer= of a further analyzer beside it.
    """
    test = get_object_or_404(Test, code=code)
    every = scores_over_time(request.place.pk, test.pk, limit=MOST_POINTS)
    several = sorted({one.series for one in every} | {""})
    asked = request.GET.get("analyzer", "")
    series = asked if asked in several else ""
    points = [one for one in every if one.series == series]
    heads, further = further_scores(points)
    context = {
        "test": test,
        "heads": heads,
        "points": [
            (one, signal_said(one.signal), own)
            for one, own in zip(reversed(points), reversed(further), strict=True)
        ],
        "drawing": picture_of_trend(points),
        "followed": participation_in(points, series) if _scored(points) else None,
        "several": several if len(several) > 1 else [],
        "series": series,
    }
    return quality_page(request, "quality/assessment/trend.html", context, tab="eqa")


def cases_seen(request: SignedRequest, *, is_open: bool = True) -> list[FailureCase]:
    """Cases of one's laboratory; who manages quality sees those of all that take part in own rounds."""
    sites = {request.place.pk, *request.actor.sites}
    if request.actor.may("manage_quality"):
        sites |= set(Site.objects.exclude(kind=Site.Kind.COLLECTION_POINT).values_list("pk", flat=True))
    return list(cases_of(sites, is_open=is_open))


def _waiting(lines: Sequence[RoundLine]) -> list[RoundLine]:
    """Rounds that run and were not submitted, the nearest deadline first."""
    found = [one for one in lines if one.state == ProficiencyRound.State.OPEN and one.submitted_at is None]
    return sorted(found, key=lambda one: one.submit_by)


def _due(line: RoundLine, at: datetime) -> Due:
    return Due(line, round_said(line, at), left_text(line.submit_by, at=at), is_late=at > line.submit_by)


def _standing(place: Site) -> list[tuple[TestStanding, Said]]:
    return [(one, standing_said(one)) for one in standing_by_test(place.pk)]


def _arranged(request: SignedRequest) -> list[tuple[ProficiencyRound, int, int]]:
    """The rounds that this laboratory organises, with how many submitted of how many."""
    if not request.actor.may("manage_quality"):
        return []
    found = [(one, list(one.participations.all())) for one in arranged_by(request.place.pk)]
    return [(one, sum(p.submitted_at is not None for p in those), len(those)) for one, those in found]


def _scored(points: Sequence[TrendPoint]) -> bool:
    return any(one.signal != "not_scored" for one in points)
