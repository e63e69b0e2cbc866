"""The board: everything under control at this laboratory."""

from django.http import HttpResponse
from django.utils import timezone

from aliquot.entrypoints.web.quality.board import acts_of, acts_of_assessment, lines_of
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.quality.queries import control_board, expiring_lots, unfiled_controls
from aliquot.oversight.proficiency.queries import pressing


@needs("run_control", "manage_quality", "read_indicators")
def home(request: SignedRequest) -> HttpResponse:
    """What to act on first, then each test on each analyzer: how it stands, its last run, the next one."""
    now, place = timezone.now(), request.place.pk
    rows = control_board(place)
    may_set_up = request.actor.may("manage_quality")
    acts = acts_of(rows, len(unfiled_controls(place)), expiring_lots(place, now), now, may_set_up=may_set_up)
    waiting = pressing(request.place, now)
    acts += acts_of_assessment(waiting, request.place.code, now, may_arrange=may_set_up)
    analyzers, lines = lines_of(rows, now)
    context = {"acts": acts, "analyzers": analyzers, "lines": lines, "may": request.actor.permissions}
    return quality_page(request, "quality/board.html", context, tab="home")
