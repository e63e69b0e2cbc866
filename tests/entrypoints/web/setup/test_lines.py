"""Setup says how a line fares, not how it was meant to."""

import pytest
from django.utils import timezone

from aliquot.flow.instruments.actions import LineFacts, note_line_states
from aliquot.flow.instruments.models import Analyzer
from aliquot.foundation.context import acting
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PAGES = ("/setup/", "/setup/analyzers/", "/setup/analyzers/XN-L/")


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "sysmex_xn", "XN-L")


def test_a_line_that_nobody_holds_is_said_with_the_remedy(region: Region, analyzer: Analyzer) -> None:
    director = signed_in("director")
    first, listed, page = (director.get(address).content.decode() for address in PAGES)
    assert "Start aliquot links." in first
    assert "Start aliquot links." in page
    assert "not opened yet" in listed


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_line_that_is_well_has_no_warning(region: Region, analyzer: Analyzer, language: str) -> None:
    now = timezone.now()
    facts = LineFacts(
        analyzer.pk,
        region.hub.pk,
        "connected",
        now,
        connected_since=now,
        last_byte_at=now,
        last_message_at=now,
    )
    with acting(region.worker):
        note_line_states([facts], by=region.worker, at=now)
    page = signed_in("director", language=language).get(PAGES[2])
    line = page.context["line"]
    assert (line.kind, line.alarms) == ("good", [])


def test_a_line_that_is_switched_off_is_nobodys_concern(region: Region, analyzer: Analyzer) -> None:
    Analyzer.objects.filter(pk=analyzer.pk).update(is_active=False)
    line = signed_in("director").get(PAGES[2]).context["line"]
    assert (line.kind, line.words, line.alarms) == ("neutral", "not connected", [])
