"""The health of the installation."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from aliquot.entrypoints.web.setup.lines import LineWords, lines_of
from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.instruments.models import Analyzer
from aliquot.oversight.health.queries import findings, health
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person


@needs("manage_registers", "manage_people", "manage_instruments", "read_audit")
def home(request: SignedRequest) -> HttpResponse:
    """What is wrong and how to mend it, and what the registers hold."""
    found = list(findings())
    context = {
        "findings": found,
        "health": None if any(one.is_database for one in found) else health(),
        "sites": Site.objects.filter(is_active=True).count(),
        "people": Person.objects.filter(is_active=True).count(),
        "tests": Test.objects.count(),
        "alarms": _in_trouble(request),
        "analyzers": Analyzer.objects.filter(is_active=True).count(),
    }
    return render(request, "setup/home.html", context)


def _in_trouble(request: SignedRequest) -> list[LineWords]:
    """The analyzers whose results or orders do not flow, for those who can mend it."""
    if not request.actor.may("manage_instruments"):
        return []
    return [one for one in lines_of(request.place.pk, at=timezone.now()).values() if one.grave]
