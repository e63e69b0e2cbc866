"""Telling critical values: whom, until when, and the read-back that must match."""

import pytest
from django.test import Client

from aliquot.flow.results.models import CriticalCall
from aliquot.foundation.context import acting
from tests.regions import Region
from tests.web import signed_in

PART = {"HX-Request": "true"}


@pytest.mark.parametrize(("language", "value"), [("en", "7.8"), ("ru", "7,8")])
def test_the_list_says_whom_to_call(region: Region, call: CriticalCall, language: str, value: str) -> None:
    page = signed_in("doctor", language=language).get("/bench/calls/").content.decode()
    assert value in page
    assert call.order.requester in page


def test_a_read_back_with_other_digits_is_refused(region: Region, call: CriticalCall, doctor: Client) -> None:
    given = {"told_to": "Dr. Lugovoy", "read_back": "8.7"}
    answer = doctor.post(f"/bench/calls/{call.pk}/told/", given, headers=PART)
    assert answer.status_code == 422
    assert "does not hold the value 7.8" in answer.content.decode()
    with acting(region.worker):
        call.refresh_from_db()
    assert call.state == "open"


def test_told_and_read_back_closes_the_call_and_keeps_it_findable(
    region: Region, call: CriticalCall, doctor: Client
) -> None:
    given = {"told_to": "Dr. Lugovoy", "read_back": "7,8"}
    answer = doctor.post(f"/bench/calls/{call.pk}/told/", given, headers=PART)
    assert answer.status_code == 200
    assert f'<li id="call-{call.pk}" hx-swap-oob="delete">' in answer.content.decode()
    page = doctor.get("/bench/calls/").content.decode()
    assert "Dr. Lugovoy" in page
    assert "Nobody has to be called" in page
    again = doctor.post(f"/bench/calls/{call.pk}/told/", given, headers=PART)
    assert again.status_code == 422
    assert "already closed by Irina Belozyorova" in again.content.decode()


def test_a_try_is_kept_and_the_call_stays_open(region: Region, call: CriticalCall, doctor: Client) -> None:
    assert doctor.post(f"/bench/calls/{call.pk}/tried/", {"note": ""}, headers=PART).status_code == 422
    answer = doctor.post(f"/bench/calls/{call.pk}/tried/", {"note": "nobody at the desk"}, headers=PART)
    assert "nobody at the desk" in answer.content.decode()
    with acting(region.worker):
        call.refresh_from_db()
    assert call.state == "open"


def test_a_call_that_one_may_not_see_is_not_there(region: Region, call: CriticalCall) -> None:
    other = signed_in("technologist.novomoskovsk")
    assert other.get(f"/bench/calls/{call.pk}/", headers=PART).status_code == 404
    assert other.post(f"/bench/calls/{call.pk}/tried/", {"note": "x"}, headers=PART).status_code in {403, 404}
