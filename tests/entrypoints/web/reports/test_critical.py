"""Critical values at the clinic: seen before the result is released, read, acknowledged; contacts in setup."""

import pytest
from django.test import Client

from aliquot.flow.results.actions import (
    escalate_calls,
    open_look_back,
    release_again,
    release_results,
    tell_critical,
)
from aliquot.flow.results.models import CriticalCall
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.context import acting
from aliquot.registers.network.models import Contact
from tests.factories import NOW
from tests.regions import Region, one_with
from tests.web import signed_in


@pytest.fixture
def physician(region: Region) -> Client:
    return signed_in(_username(region, "physician"))


def _username(region: Region, role: str) -> str:
    wanted = one_with(region, role, region.clinic)
    return next(name for name, person in region.people.items() if person.key == wanted.key)


def now(region: Region, call: CriticalCall) -> CriticalCall:
    with acting(region.worker):
        return CriticalCall.objects.get(pk=call.pk)


@pytest.mark.parametrize(("language", "value"), [("en", "7.8"), ("ru", "7,8")])
def test_a_physician_sees_what_waits_before_it_is_released(
    region: Region, call: CriticalCall, language: str, value: str
) -> None:
    client = signed_in(_username(region, "physician"), language=language)
    assert "/reports/critical/" in client.get("/reports/").content.decode()
    page = client.get("/reports/critical/").content.decode()
    assert value in page
    assert f"/reports/critical/{call.pk}/" in page


def test_opening_is_kept_and_is_no_receipt(region: Region, call: CriticalCall, physician: Client) -> None:
    assert physician.get(f"/reports/critical/{call.pk}/").status_code == 200
    kept = now(region, call)
    assert kept.state == "open"
    assert kept.read_at is not None
    assert "opened, not acknowledged" in physician.get("/reports/critical/").content.decode()
    assert "opened, not acknowledged" in signed_in("doctor").get("/bench/calls/").content.decode()


def test_the_value_is_acknowledged_with_its_digits(
    region: Region, call: CriticalCall, physician: Client
) -> None:
    address = f"/reports/critical/{call.pk}/"
    unread = physician.post(address + "acknowledge/", {"read_back": "7.8"})
    assert unread.status_code == 422
    assert "read it first" in unread.content.decode()
    physician.get(address)
    wrong = physician.post(address + "acknowledge/", {"read_back": "8.7"})
    assert wrong.status_code == 422
    assert "does not hold the value 7.8" in wrong.content.decode()
    assert physician.post(address + "acknowledge/", {"read_back": ""}).status_code == 422
    done = physician.post(address + "acknowledge/", {"read_back": "7,8"})
    assert (done.status_code, done["Location"]) == (302, "/reports/critical/")
    kept = now(region, call)
    assert (kept.state, kept.how) == ("closed", "app")
    page = physician.get("/reports/critical/").content.decode()
    assert "No critical value waits" in page
    assert "read in the application" in page


def test_who_is_too_late_is_told_who_was_told(region: Region, call: CriticalCall, physician: Client) -> None:
    physician.get(f"/reports/critical/{call.pk}/")
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        tell_critical(call, "Dr. Lugovoy", "7.8", by=doctor, at=NOW)
    answer = physician.post(f"/reports/critical/{call.pk}/acknowledge/", {"read_back": "7.8"})
    assert answer.status_code == 422
    assert "already closed by" in answer.content.decode()


def test_it_is_for_physicians_of_the_place_alone(region: Region, call: CriticalCall) -> None:
    assert signed_in("nurse").get("/reports/critical/").status_code == 403
    assert signed_in("doctor").get(f"/reports/critical/{call.pk}/").status_code == 403
    elsewhere = [one for one in region.people if "physician" in region.people[one].roles]
    others = [one for one in elsewhere if region.clinic.pk not in region.people[one].sites]
    for username in others:
        assert signed_in(username).get(f"/reports/critical/{call.pk}/").status_code == 404


def test_contacts_are_named_in_setup_and_shown_to_who_calls(region: Region, call: CriticalCall) -> None:
    setup, address = signed_in("director"), f"/setup/sites/{region.clinic.code}/contacts/"
    given = {"function": "requester", "name_en": "Desk 3", "name_ru": "Пост 3", "phone": "+7 487 311-22-33"}
    half = setup.post(address, {**given, "days": list("12345"), "on_from": "08:00"})
    assert half.status_code == 422
    assert "Give both hours" in half.content.decode()
    assert setup.post(address, {**given, "days": list("1234567")}).status_code == 302
    with acting(region.worker):
        escalate_calls(limit=10, by=region.worker, at=NOW.replace(hour=7))
        kept = Contact.objects.get()
    page = signed_in("doctor").get(f"/bench/calls/?call={call.pk}").content.decode()
    assert "tel:+7487311-22-33" in page
    assert "Desk 3" in page
    ended = setup.post(f"{address}{kept.pk}/end/")
    assert ended.status_code == 302
    with acting(region.worker):
        kept.refresh_from_db()
    assert not kept.is_active


def test_a_value_that_stands_again_is_said_in_words_at_the_clinic_and_at_the_bench(
    region: Region, call: CriticalCall, physician: Client
) -> None:
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        release_results([call.result_id], by=doctor, at=NOW)
        tell_critical(call, "Dr. Lugovoy", "7.8", by=doctor, at=NOW)
        what = Criteria(order=call.order.number)
        look_back = open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=NOW)
        withdrawal = CriticalCall.objects.get(state="open")
        tell_critical(withdrawal, "Dr. Berg", "7.8", by=doctor, at=NOW)
        release_again(look_back, reason="lamp was fine", by=doctor, at=NOW)
        again = CriticalCall.objects.get(state="open")
    assert "stands again" in physician.get("/reports/critical/").content.decode()
    page = physician.get(f"/reports/critical/{again.pk}/").content.decode()
    assert "looked at it again: it stands" in page
    assert "Told that it was withdrawn</dt><dd>Dr. Berg" in page
    laboratory = signed_in("doctor").get(f"/bench/calls/?call={again.pk}").content.decode()
    assert "stands again: tell it" in laboratory
    assert "This value was withdrawn and stands again." in laboratory
    assert 'value="Dr. Berg"' in laboratory
