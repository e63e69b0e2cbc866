"""A test that a rule proposes: seen beside the result, added by one key, declined with a reason."""

import pytest
from django.utils import timezone

from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import AddOn
from aliquot.foundation.context import acting
from tests.factories import make_fresh, make_result
from tests.regions import Region
from tests.web import signed_in

PART = {"HX-Request": "true"}


def proposed(region: Region) -> AddOn:
    """A TSH outside its interval: the shipped rule proposes FT4."""
    now = timezone.now()
    make_result(region, make_fresh(region, "TSH"), "TSH", "4.50", at=now, measured_at=now)
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=now)
        return AddOn.objects.get()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Tests that a rule adds"), ("ru", "Исследования, добавляемые правилом")]
)
def test_a_proposal_stands_beside_the_result(region: Region, language: str, words: str) -> None:
    kept = proposed(region)
    page = signed_in("doctor", language=language).get(f"/bench/results/{kept.result_id}/").content.decode()
    assert words in page
    assert "FT4" in page
    assert f"/bench/results/{kept.result_id}/add-ons/{kept.pk}/" in page


def test_one_key_adds_it_and_nobody_adds_it_twice(region: Region) -> None:
    kept = proposed(region)
    doctor, address = signed_in("doctor"), f"/bench/results/{kept.result_id}/add-ons/{kept.pk}/"
    answer = doctor.post(address, headers=PART)
    assert answer.status_code == 200
    assert "added to the order" in answer.content.decode()
    with acting(region.worker):
        assert AddOn.objects.get().state == "added"
    again = doctor.post(address, headers=PART)
    assert again.status_code == 422
    assert "decided already" in again.content.decode()


def test_declining_asks_for_a_reason(region: Region) -> None:
    kept = proposed(region)
    doctor, address = signed_in("doctor"), f"/bench/results/{kept.result_id}/add-ons/{kept.pk}/decline/"
    assert doctor.post(address, headers=PART).status_code == 422
    answer = doctor.post(address, {"reason": "known"}, headers=PART)
    assert "declined" in answer.content.decode()
    with acting(region.worker):
        assert (AddOn.objects.get().state, AddOn.objects.get().note) == ("declined", "known")


def test_whoever_may_not_release_is_refused(region: Region) -> None:
    kept = proposed(region)
    technologist = signed_in("technologist")
    answer = technologist.post(f"/bench/results/{kept.result_id}/add-ons/{kept.pk}/", headers=PART)
    assert answer.status_code == 403
