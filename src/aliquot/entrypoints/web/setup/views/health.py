"""The health of the installation."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from aliquot.entrypoints.web.shell.access import SignedRequest, needs
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.queries import watched_lines
from aliquot.flow.instruments.rules.alarms import describe_alarm
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
        "alarms": _alarms(request.place.pk) if request.actor.may("manage_instruments") else [],
        "analyzers": Analyzer.objects.filter(is_active=True).count(),
    }
    return render(request, "setup/home.html", context)


def _alarms(site_id: int) -> list[tuple[str, str, list[str]]]:
    """Code, name and what is wrong, of each analyzer whose results or orders do not flow."""
    language, found = get_language() or "en", []
    for one in watched_lines(at=timezone.now(), site_id=site_id):
        words = [describe_alarm(each, language) for each in one.alarms if each.severity == "danger"]
        if words:
            found.append((one.health.code, one.health.name, words))
    return found
