"""What did not come: boxes late, tubes missing."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.logistics.queries import boxes_under_way
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import numbers_at, tube_rows


@needs("accept_specimen")
def missing(request: SignedRequest) -> HttpResponse:
    """Late boxes, missing tubes, and tubes drawn a day ago that never set out."""
    now = timezone.now()
    late = [one for one in boxes_under_way(since=now) if one.is_late(now)]
    gone = tube_rows(numbers_at(request.place, Specimen.State.MISSING, limit=300))
    drawn = tube_rows(numbers_at(request.place, Specimen.State.COLLECTED, limit=300))
    stuck = [row for row in drawn if row.collected_at and row.collected_at < now - timedelta(hours=24)]
    return render(request, "reception/missing.html", {"late": late, "gone": gone, "stuck": stuck, "now": now})
