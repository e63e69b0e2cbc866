"""The pages of indicators: figures, sites, tubes, times, in both languages; what was read is noted."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.specimens.actions import reject_tests
from aliquot.foundation.context import acting
from aliquot.oversight.insight.jobs import count_indicators, note_indicators
from aliquot.registers.patients.models import AccessEntry
from tests.factories import make_fresh, make_result
from tests.oversight.insight.counted import react
from tests.regions import Region, one_with
from tests.web import signed_in

HOME = "/quality/indicators/"


@pytest.fixture
def clotted(region: Region) -> str:
    """The number of a tube that was rejected for its clot this month, beside three that were not; counted."""
    tubes = [make_fresh(region, "WBC", site=site) for site in (region.clinic, region.other_clinic) * 2]
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist):
        reject_tests(tubes[1], ["WBC"], "CLOT", "a clot", by=technologist, at=timezone.now())
    _released(region)
    with acting(region.worker):
        note_indicators(timezone.now())
        count_indicators(10, timezone.now())
    return tubes[1].number


def _released(region: Region) -> None:
    tube = make_fresh(region, "GLUS")
    make_result(region, tube, "GLUS", "5.0", measured_at=timezone.now() - timedelta(minutes=10))
    with acting(region.worker):
        autoverify_batch(limit=100, by=region.worker, at=timezone.now())
    react(region)


@pytest.mark.usefixtures("clotted")
@pytest.mark.parametrize(
    ("language", "name", "tier", "rate"),
    [("en", "Clotted", "low", "25.000"), ("ru", "Сгусток", "низкий", "25,000")],
)
def test_the_figures_of_the_month(region: Region, language: str, name: str, tier: str, rate: str) -> None:
    page = signed_in("quality", language=language).get(HOME)
    shown = page.content.decode()
    assert page.status_code == 200
    assert name in shown
    assert f">{rate}<" in shown
    assert f'badge-notice">{tier}<' in shown
    assert 'class="chart spark"' in shown
    assert "bars stretch" in shown
    assert region.hub.code in shown


def test_a_figure_leads_to_its_tubes_and_the_reading_is_noted(region: Region, clotted: str) -> None:
    manager = signed_in("quality")
    page = manager.get(f"{HOME}Pre-Clot/").content.decode()
    assert clotted in page
    assert region.other_clinic.name_en in page
    assert page.index(region.other_clinic.name_en) < page.index(region.clinic.name_en), "the worst site first"
    with acting(region.worker):
        assert AccessEntry.objects.filter(what="indicator").count() == 1
    assert manager.get(f"/reception/tubes/{clotted}/").status_code == 200


def test_a_site_has_its_own_list(region: Region, clotted: str) -> None:
    manager = signed_in("quality")
    assert clotted in manager.get(f"{HOME}Pre-Clot/?site={region.other_clinic.pk}").content.decode()
    assert clotted not in manager.get(f"{HOME}Pre-Clot/?site={region.clinic.pk}").content.decode()


@pytest.mark.usefixtures("clotted")
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_time_has_its_slowest_tubes(region: Region, language: str) -> None:
    page = signed_in("quality", language=language).get(f"{HOME}times/accept/")
    assert page.status_code == 200
    assert "P90" in page.content.decode()
    urgent = signed_in("quality", language=language).get(f"{HOME}times/accept/?urgency=S").content.decode()
    assert "P90" in urgent
    assert region.clinic.name_en not in urgent


@pytest.mark.usefixtures("clotted")
def test_the_table_as_csv() -> None:
    answer = signed_in("quality").get(f"{HOME}indicators.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (clot,) = [line for line in lines if line["code"] == "Pre-Clot"]
    assert (clot["numerator"], clot["denominator"], clot["percent"]) == ("1", "4", "25.0000")
    assert clot["tier"] == "low"


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    "address",
    ["?month=2026-13", "?month=x", "?month=9999-01", "?month=0001-01", "?site=²", "?urgency=Z", "?lab=NONE"],
)
def test_an_address_that_says_nothing_shows_this_month_here(address: str) -> None:
    assert signed_in("quality").get(f"{HOME}{address}").status_code == 200


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize("address", ["Pre-Nothing/", "times/nothing/"])
def test_what_is_not_defined_is_not_found(address: str) -> None:
    assert signed_in("quality").get(f"{HOME}{address}").status_code == 404


@pytest.mark.usefixtures("clotted")
def test_the_month_before_has_nothing() -> None:
    manager = signed_in("quality")
    before = (timezone.now().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    assert "Nothing counted" in manager.get(f"{HOME}Pre-Clot/?month={before}").content.decode()


@pytest.mark.usefixtures("region")
def test_a_nurse_does_not_read_them() -> None:
    assert signed_in("nurse").get(HOME).status_code == 403


@pytest.mark.usefixtures("region")
@pytest.mark.parametrize(
    ("language", "why"), [("en", "training is not kept here"), ("ru", "обучение здесь не ведётся")]
)
def test_what_is_not_counted_says_why(language: str, why: str) -> None:
    page = signed_in("quality", language=language).get(HOME).content.decode()
    assert "Sup-Train" in page
    assert why in page


@pytest.mark.usefixtures("region")
def test_without_a_count_every_indicator_stands_without_a_rate() -> None:
    page = signed_in("quality").get(HOME).content.decode()
    assert "Pre-Clot" in page
    assert "—" in page
