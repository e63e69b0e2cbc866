"""The map of comparability and what is behind its fields, in both languages."""

import pytest

from aliquot.foundation.context import acting
from aliquot.oversight.comparability.actions import compare_month
from aliquot.oversight.comparability.models import LotMean, PatientMedian
from aliquot.registers.catalogue.models import Test
from aliquot.registers.patients.models import AccessEntry
from tests.factories import NOW, make_accepted, make_decided
from tests.oversight.comparability.months import FIRST, MONTH, SECOND, THIRD, analyzers, medians
from tests.regions import Region
from tests.web import signed_in

HOME = "/quality/comparability/"


@pytest.fixture
def compared(region: Region) -> Region:
    """A month with one analyzer apart, a tube of two analyzers, and a control lot of three."""
    found = analyzers(region)
    tube = make_accepted(region, "K")
    make_decided(region, tube, "K", "4.0", analyzer_id=found[FIRST].pk)
    make_decided(region, tube, "K", "4.4", analyzer_id=found[SECOND].pk)
    with acting(region.worker):
        compare_month(MONTH, by=region.worker, at=NOW)
        PatientMedian.objects.all().delete()
        medians(region, MONTH, a=(found[FIRST], "4.30"), b=(found[SECOND], "4.31"), c=(found[THIRD], "4.60"))
        for code, mean in ((FIRST, "5.0"), (SECOND, "5.0"), (THIRD, "5.6")):
            LotMean.objects.create(
                month=MONTH, laboratory=region.hub, test=Test.objects.get(code="K"), analyzer=found[code],
                material="Serum control", lot="77", level=1, unit="mmol/L", n=30, mean=mean, sd="0.1",
            )  # fmt: skip
    return region


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize(
    ("language", "apart", "agrees", "figure"),
    [("en", "apart", "agrees", "+6.7 %"), ("ru", "расходится", "совпадает", "+6,7 %")],
)
def test_the_map_says_it_in_words(language: str, apart: str, agrees: str, figure: str) -> None:
    page = signed_in("quality", language=language).get(f"{HOME}?month=2026-11").content.decode()
    assert figure in page
    assert page.count(f">{apart}<") == 1
    assert page.count(f">{agrees}<") >= 2
    assert "Serum control, 77, 1" in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_test_shows_its_months_and_the_difference_plot(compared: Region, language: str) -> None:
    page = signed_in("quality", language=language).get(f"{HOME}K/?month=2026-11").content.decode()
    assert 'class="chart diff"' in page
    assert page.count("diff-point") == 1
    assert THIRD in page
    with acting(compared.worker):
        assert AccessEntry.objects.filter(what="comparability").count() == 1


@pytest.mark.usefixtures("region")
def test_an_empty_month_says_what_to_do() -> None:
    manager = signed_in("quality")
    assert "Nothing was compared" in manager.get(f"{HOME}?month=2026-10").content.decode()
    assert "Measure 20 tubes" in manager.get(f"{HOME}K/?month=2026-10").content.decode()
    assert manager.get(f"{HOME}NOTHING/").status_code == 404


@pytest.mark.usefixtures("region")
def test_a_nurse_does_not_read_it() -> None:
    assert signed_in("nurse").get(HOME).status_code == 403


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Not one laboratory in 1 of 1 tests"), ("ru", "Не одна лаборатория: 1 из 1 исследований")],
)
def test_one_glance_says_where_the_network_is_not_one_laboratory(language: str, said: str) -> None:
    page = signed_in("quality", language=language).get(f"{HOME}?month=2026-11").content.decode()
    assert said in page
    assert 'class="chart net"' in page
    assert page.count('class="net-apart"') == 3, "median, lower and upper quarter of the one analyzer"
    assert page.count('class="net-point"') == 2
    assert f"TUL-HUB {THIRD}" in page
    assert 'class="heat-place"' in page


def test_a_network_that_agrees_says_so(region: Region) -> None:
    found = analyzers(region)
    with acting(region.worker):
        medians(region, MONTH, a=(found[FIRST], "4.30"), b=(found[SECOND], "4.31"))
    page = signed_in("quality").get(f"{HOME}?month=2026-11").content.decode()
    assert "One laboratory: 1 test was judged, none is apart" in page
    assert "net-apart" not in page
