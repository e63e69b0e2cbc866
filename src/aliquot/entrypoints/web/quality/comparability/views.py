"""The pages of comparability."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from aliquot.entrypoints.web.quality.comparability.rows import (
    BiasRow,
    bias_row,
    glance_of,
    map_of,
    peer_row,
    places_of,
    split_row,
)
from aliquot.entrypoints.web.quality.indicators.asked import asked_for
from aliquot.entrypoints.web.quality.pages import quality_page
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.oversight.comparability.models import ComparedMonth
from aliquot.oversight.comparability.queries import Field, lines_of, medians_of, peers_of, splits_of
from aliquot.oversight.comparability.rules.agreement import Quartiles
from aliquot.registers.catalogue.models import Test
from aliquot.registers.patients.actions import note_access

PEERS_SHOWN = 60


@needs("manage_quality", "read_indicators")
def comparability(request: SignedRequest) -> HttpResponse:
    """One map of tests by analyzers: where the network is not one laboratory; controls among peers."""
    asked = asked_for(request)
    lines = lines_of(asked.month)
    across, rows = map_of(lines)
    context = {
        "asked": asked,
        "across": across,
        "places": places_of(across),
        "glance": glance_of(lines),
        "rows": rows,
        "peers": [peer_row(one) for one in peers_of(asked.month)[:PEERS_SHOWN]],
        "counted": ComparedMonth.objects.filter(month=asked.month).first(),
    }
    return quality_page(request, "quality/comparability.html", context, tab="comparability")


@needs("manage_quality", "read_indicators")
def test(request: SignedRequest, code: str) -> HttpResponse:
    """A test: its analyzers by month, and tubes that two analyzers measured."""
    asked = asked_for(request)
    found = get_object_or_404(Test, code=code)
    months = medians_of(found, since=asked.since, until=asked.until)
    splits = splits_of(found, asked.month)
    read = {one.specimen.order.patient_id for split in splits for one, _percent in split.pairs}
    note_access(read, "comparability", by=request.actor, at=timezone.now())
    context = {
        "asked": asked,
        "test": found,
        "months": [
            (month, line, [_levels(one) for one in line.fields.values()]) for month, line in months.items()
        ],
        "splits": [split_row(one) for one in splits],
    }
    return quality_page(request, "quality/comparability_test.html", context, tab="comparability")


def _levels(one: Field) -> tuple[BiasRow, Quartiles, list[BiasRow]]:
    """The bias of the median, then of the lower and the upper quarter of patients."""
    name = one.analyzer.name
    return bias_row(name, one.bias), one.own, [bias_row(name, one.low), bias_row(name, one.high)]
