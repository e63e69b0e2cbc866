"""Values from the keyboard: the list, the line that was kept, the refusal beside the field."""

import pytest
from django.test import Client

from aliquot.flow.results.models import Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from tests.factories import make_accepted
from tests.regions import Region
from tests.web import signed_in

PART = {"HX-Request": "true"}


@pytest.fixture
def tube(region: Region) -> Specimen:
    return make_accepted(region, "GLUS", "K")


def item_of(region: Region, tube: Specimen, code: str) -> int:
    with acting(region.worker):
        return tube.tests.get(test__code=code).order_item_id


@pytest.mark.parametrize(("language", "words"), [("en", "Potassium"), ("ru", "Калий")])
def test_an_accepted_test_waits_with_its_clock(
    region: Region, tube: Specimen, language: str, words: str
) -> None:
    page = signed_in("technologist", language=language).get("/bench/worklist/").content.decode()
    assert tube.number in page
    assert words in page


def test_a_value_is_kept_and_waits_for_a_second_look(
    region: Region, tube: Specimen, technologist: Client
) -> None:
    item = item_of(region, tube, "K")
    answer = technologist.post(f"/bench/worklist/{item}/", {"value": "4,44"}, headers=PART)
    assert answer.status_code == 200
    assert "4.4" in answer.content.decode()
    assert "a second look is needed" in answer.content.decode()
    with acting(region.worker):
        assert Result.objects.get(order_item_id=item).state == "held"
    assert f"/bench/worklist/{item}/" not in technologist.get("/bench/worklist/").content.decode()


@pytest.mark.parametrize("value", ["", "four", "1e9", "--"])
def test_what_is_no_number_is_refused_beside_the_field(
    region: Region, tube: Specimen, technologist: Client, value: str
) -> None:
    item = item_of(region, tube, "K")
    answer = technologist.post(f"/bench/worklist/{item}/", {"value": value}, headers=PART)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert value in answer.content.decode()
    with acting(region.worker):
        assert not Result.objects.filter(order_item_id=item).exists()


def test_a_critical_value_typed_by_hand_asks_for_a_call(
    region: Region, tube: Specimen, technologist: Client
) -> None:
    answer = technologist.post(
        f"/bench/worklist/{item_of(region, tube, 'K')}/", {"value": "7.8"}, headers=PART
    )
    assert "somebody must be told" in answer["HX-Trigger"]


def test_the_list_is_narrowed_to_a_section_and_to_what_no_device_measures(
    region: Region, tube: Specimen, technologist: Client
) -> None:
    assert tube.number in technologist.get("/bench/worklist/?section=ISE&device=0").content.decode()
    assert tube.number not in technologist.get("/bench/worklist/?section=HEM").content.decode()


def test_another_laboratory_cannot_type_a_value(region: Region, tube: Specimen) -> None:
    other = signed_in("technologist.novomoskovsk")
    item = item_of(region, tube, "K")
    assert other.post(f"/bench/worklist/{item}/", {"value": "4.4"}, headers=PART).status_code == 404
