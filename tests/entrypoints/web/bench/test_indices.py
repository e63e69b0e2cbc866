"""Indices and control on the screens: what a doctor sees of them, and what a technologist says."""

from datetime import timedelta

import pytest

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.quality.queries import standing_of
from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_decided, make_index, make_result
from tests.regions import Region
from tests.tubes import make_analyzer
from tests.web import signed_in


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    found = make_analyzer(region.hub, "roche_cobas_c311", "C311-W")
    with acting(region.people["director"]):
        for code in ("K", "NA"):
            found.mappings.create(code=code, test=Test.objects.get(code=code), unit="mmol/L")
    return found


def haemolysed(region: Region, analyzer: Analyzer, level: str = "3") -> Result:
    """A potassium of a haemolysed tube, as the rules decided it."""
    tube = make_accepted(region, "K")
    with acting(region.worker):
        make_index(tube, analyzer, level, grade="300", at=NOW - timedelta(minutes=9))
    return make_decided(region, tube, "K", "4.2")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("3 g/L (300)", "suppressed: this value must not be reported", "Draw again")),
        ("ru", ("3 g/L (300)", "не выдаётся: это значение нельзя сообщать", "Взять повторно")),
    ],
)
def test_a_suppressed_value_shows_its_index_and_what_to_do(
    region: Region, analyzer: Analyzer, language: str, words: tuple[str, ...]
) -> None:
    result = haemolysed(region, analyzer)
    page = signed_in("doctor", language=language).get(f"/bench/results/{result.pk}/").content.decode()
    assert [one for one in words if one not in page] == []


def test_one_key_has_the_tube_drawn_again(region: Region, analyzer: Analyzer) -> None:
    result, doctor = haemolysed(region, analyzer), signed_in("doctor")
    assert (
        f"/bench/results/{result.pk}/redraw/" in doctor.get(f"/bench/results/{result.pk}/").content.decode()
    )
    answer = doctor.post(f"/bench/results/{result.pk}/redraw/")
    assert answer.status_code == 200
    with acting(region.worker):
        assert Result.objects.get(pk=result.pk).state == "refused"
        assert Specimen.objects.filter(replaces=result.specimen).exists()
    again = doctor.post(f"/bench/results/{result.pk}/redraw/")
    assert again.status_code == 422


def test_a_result_without_index_says_that_reception_judges(region: Region) -> None:
    result = make_result(region, make_accepted(region, "K"), "K", "7.2")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
    page = signed_in("doctor").get(f"/bench/results/{result.pk}/").content.decode()
    assert "not measured" in page
    assert "/redraw/" not in page


def test_a_technologist_says_how_the_tests_of_an_analyzer_stand(region: Region, analyzer: Analyzer) -> None:
    technologist, address = signed_in("technologist"), f"/bench/analyzers/{analyzer.code}/control/"
    assert address in technologist.get(f"/bench/analyzers/{analyzer.code}/").content.decode()
    assert "nobody said anything" in technologist.get(address).content.decode()
    answer = technologist.post(
        address, {"test": "", "qc_state": "in_control", "reagent_lot": "L1", "note": "am"}
    )
    assert (answer.status_code, answer["Location"]) == (302, address)
    technologist.post(address, {"test": "K", "qc_state": "out_of_control", "note": "1-3s"})
    with acting(region.worker):
        found = {one.test.code: one for one in standing_of(analyzer.pk).values()}
    assert (found["K"].qc_state, found["K"].reagent_lot) == ("out_of_control", "L1")
    assert found["NA"].qc_state == "in_control"
    page = technologist.get(address).content.decode()
    assert "out of control" in page
    assert "1-3s" in page


def test_a_state_without_a_reason_is_refused_beside_its_field(region: Region, analyzer: Analyzer) -> None:
    assert region.hub.pk == analyzer.laboratory_id
    answer = signed_in("technologist").post(
        f"/bench/analyzers/{analyzer.code}/control/", {"qc_state": "in_control"}
    )
    assert answer.status_code == 422


def test_who_does_no_control_sees_the_state_and_no_form(region: Region, analyzer: Analyzer) -> None:
    assert region.hub.pk == analyzer.laboratory_id
    page = signed_in("director").get(f"/bench/analyzers/{analyzer.code}/control/").content.decode()
    assert "Say how it stands" not in page
