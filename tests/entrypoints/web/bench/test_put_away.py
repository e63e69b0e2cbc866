"""A result of a month that lies in a file: the page says where and how to bring it back; histories read few months."""

from pathlib import Path

import pytest

from tests.foundation.months.past import Past, make_march
from tests.foundation.months.test_archive import archive
from tests.processes import LiveRegion
from tests.regions import Region, read_region
from tests.web import signed_in


@pytest.fixture
def region(live_region: LiveRegion) -> Region:
    return read_region()


@pytest.fixture
def past(live_region: LiveRegion, region: Region) -> Past:
    return make_march(live_region, region)


def test_a_result_that_was_put_away_says_where_it_lies(past: Past, tmp_path: Path) -> None:
    page = f"/bench/results/{past.result}/"
    assert signed_in("doctor").get(page).status_code == 200
    archive(tmp_path)
    for language, words in (("en", "The results of March 2025"), ("ru", "Результаты за март 2025")):
        answer = signed_in("doctor", language=language).get(page)
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert "aliquot restore-month aliquot-2025-03.zip" in answer.content.decode()
    assert signed_in("doctor").get(f"/corrections/results/{past.result}/withdraw/").status_code == 200
    assert signed_in("nurse").get(page).status_code == 403
    assert signed_in("doctor").get("/bench/results/1/").status_code == 404


def test_a_history_reads_recent_months_and_earlier_ones_on_demand(
    live_region: LiveRegion, past: Past
) -> None:
    live_region.look("UPDATE result SET collected_at = '2025-03-05+00' WHERE id = %s", past.result)
    patient = past.patient
    doctor, card = signed_in("doctor"), f"/bench/results/{past.result}/"
    recent = doctor.get(f"/bench/patients/{patient}/").content.decode()
    assert card not in recent
    assert "?months=37" in recent
    assert card in doctor.get(f"/bench/patients/{patient}/?months=99").content.decode()
    everything = doctor.get(f"/bench/patients/{patient}/?months=0").content.decode()
    assert card in everything
    assert 'data-key="e"' not in everything
