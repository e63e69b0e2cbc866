"""The page of work between regions: agree, send a tube, read what became of it; in both languages."""

import pytest
from django.test import Client

from aliquot.foundation.context import acting
from aliquot.oversight.referrals.models import Partner, Referral
from tests.factories import make_accepted
from tests.regions import Region
from tests.web import signed_in

PAGE = "/network/regions/"
AGREED = {"node": "moscow", "name_en": "Moscow hub", "name_ru": "Москва, лаборатория", "numbers": "77"}


def text(client: Client) -> str:
    return client.get(PAGE).content.decode()


@pytest.fixture
def agreed(region: Region) -> Client:
    """The director's browser, after the agreement was kept."""
    director = signed_in("director")
    assert director.post(f"{PAGE}agree/", AGREED).status_code == 302
    return director


def test_a_tube_is_sent_out_and_listed(region: Region, agreed: Client) -> None:
    tube = make_accepted(region, "K", "NA")
    technologist = signed_in("technologist")
    with acting(region.worker):
        partner = Partner.objects.get()
    form = {"number": tube.number, "tests": "k", "partner": partner.pk}
    assert technologist.post(f"{PAGE}send/", form).status_code == 302
    page = text(technologist)
    assert tube.number in page
    assert "Moscow hub" in page
    russian = text(signed_in("technologist", language="ru"))
    assert "Москва, лаборатория" in russian
    assert "запрошено" in russian
    with acting(region.worker):
        assert Referral.objects.get().tests == ["K"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "7101000000"}, "No tube has this number here."),
        ({"tests": "GLUS"}, "Choose tests that this tube still waits for."),
        ({"partner": "999999"}, "999999"),
    ],
)
def test_what_cannot_be_sent_is_refused_beside_its_field(
    region: Region, agreed: Client, changes: dict[str, str], words: str
) -> None:
    tube = make_accepted(region, "K")
    with acting(region.worker):
        partner = Partner.objects.get()
    form = {"number": tube.number, "tests": "K", "partner": str(partner.pk)} | changes
    answer = signed_in("technologist").post(f"{PAGE}send/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with acting(region.worker):
        assert not Referral.objects.exists()


def test_a_taken_prefix_is_refused_beside_its_field(agreed: Client) -> None:
    answer = agreed.post(f"{PAGE}agree/", AGREED | {"node": "kurgan"})
    assert answer.status_code == 422
    assert "is taken. Choose another." in answer.content.decode()


def test_an_agreement_that_would_end_before_it_began_is_refused(agreed: Client) -> None:
    answer = agreed.post(f"{PAGE}agree/", AGREED | {"until": "2020-01-01T08:00"})
    assert answer.status_code == 422
    assert "would end before it began" in answer.content.decode()


def test_a_nurse_has_no_business_here(region: Region) -> None:
    assert signed_in("nurse").get(PAGE).status_code == 403
