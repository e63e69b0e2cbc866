"""Find, register, claim, correct and merge patients; place, show and cancel orders."""

import re
from datetime import date, timedelta

import pytest

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.foundation.context import acting
from aliquot.registers.patients.actions import merge_patients
from aliquot.registers.patients.models import AccessEntry, Patient, PatientMerge
from tests.factories import NOW, make_order, make_patient
from tests.regions import Region, one_with
from tests.web import signed_in

SNILS = "112-233-445 95"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_opens_in_both_languages(region: Region, language: str) -> None:
    order = make_order(region, "CBC", "GLUS")
    client = signed_in("nurse", language=language)
    for address in (
        "/ordering/",
        "/ordering/?show=all",
        "/ordering/search/?q=Берёзкина",
        "/ordering/search/?q=никого",
        "/ordering/patients/new/",
        "/ordering/patients/claim/",
        f"/ordering/patients/{order.patient_id}/",
        f"/ordering/patients/{order.patient_id}/edit/",
        f"/ordering/patients/{order.patient_id}/order/",
        "/ordering/catalogue/?find=глюк",
        f"/ordering/orders/{order.number}/",
    ):
        response = client.get(address)
        assert response.status_code == 200, address


@pytest.mark.parametrize("text", ["order", "lower", "tube", "layout"])
def test_a_number_leads_straight_to_the_order(region: Region, text: str) -> None:
    order = make_order(region)
    typed = {
        "order": order.number,
        "lower": order.number.lower(),
        "tube": order.specimens.all()[0].number,
        "layout": order.number.replace("L", "Д"),
    }[text]
    response = signed_in("nurse").get("/ordering/", {"q": typed})
    assert response.headers["Location"] == f"/ordering/orders/{order.number}/"


def test_one_patient_is_opened_and_two_are_listed(region: Region) -> None:
    one = make_patient(region, family_name="Ветлугина", given_name="Зоя")
    client = signed_in("nurse")
    assert client.get("/ordering/", {"q": "ветлуг"}).headers["Location"] == f"/ordering/patients/{one.pk}/"
    make_patient(region, family_name="Ветлугина", given_name="Ирина")
    listed = client.get("/ordering/", {"q": "ветлуг"}).content.decode()
    assert "Зоя" in listed
    assert "Ирина" in listed


def known(region: Region, **about: object) -> list[Patient]:
    """The patients that the clinic's nurse sees."""
    with acting(one_with(region, "nurse", region.clinic)):
        return list(Patient.objects.filter(**about))


def facts(**changes: str) -> dict[str, str]:
    return {
        "family_name": "Одинцова",
        "given_name": "Вера",
        "birth_date": "14.03.1986",
        "sex": "F",
        **changes,
    }


def test_register_leads_to_the_order(region: Region) -> None:
    response = signed_in("nurse").post("/ordering/patients/new/", facts(snils=SNILS))
    (patient,) = known(region, family_name="Одинцова")
    assert response.headers["Location"] == f"/ordering/patients/{patient.pk}/order/"
    assert (patient.snils, patient.birth_date) == ("11223344595", date(1986, 3, 14))


@pytest.mark.parametrize("typed", ["14031986", "1986-03-14", "14/03/1986"])
def test_a_birth_date_as_it_is_typed(region: Region, typed: str) -> None:
    signed_in("nurse").post("/ordering/patients/new/", facts(birth_date=typed))
    assert [one.birth_date for one in known(region, family_name="Одинцова")] == [date(1986, 3, 14)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"snils": "112-233-445 96"}, "check"),
        ({"birth_date": "31.13.1980"}, "Type the date as 31.12.1980."),
        ({"birth_date": "01.01.2990"}, "future"),
        ({"family_name": ""}, "mark the patient as unidentified"),
    ],
)
def test_a_wrong_field_says_why_and_nothing_is_saved(
    region: Region, changes: dict[str, str], words: str
) -> None:
    before = known(region)
    response = signed_in("nurse").post("/ordering/patients/new/", facts(**changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert known(region) == before


def test_an_unidentified_patient_needs_no_name(region: Region) -> None:
    signed_in("nurse").post("/ordering/patients/new/", {"sex": "U", "is_unidentified": "on"})
    assert len(known(region, is_unidentified=True, family_name="")) == 1


def test_a_number_is_checked_while_the_field_is_left(region: Region) -> None:
    client = signed_in("nurse", language="ru")
    wrong = client.get("/ordering/patients/number/", {"snils": "112-233-445 96"}).content.decode()
    assert 'aria-invalid="true"' in wrong
    right = client.get("/ordering/patients/number/", {"snils": SNILS}).content.decode()
    assert 'aria-invalid="true"' not in right


def test_likely_duplicates_are_shown_before_saving(region: Region) -> None:
    first = make_patient(region, family_name="Одинцова", given_name="Вера", patronymic="")
    client = signed_in("nurse")
    asked = client.post("/ordering/patients/new/", facts())
    assert f"/ordering/patients/{first.pk}/" in asked.content.decode()
    assert len(known(region, family_name="Одинцова")) == 1
    assert client.post("/ordering/patients/new/", facts(confirmed="1")).status_code == 302
    assert len(known(region, family_name="Одинцова")) == 2


def test_claim_a_patient_of_another_clinic(region: Region) -> None:
    there = make_patient(region, site=region.other_clinic, snils=SNILS)
    client = signed_in("nurse")
    assert client.get(f"/ordering/patients/{there.pk}/").status_code == 404
    wrong = client.post("/ordering/patients/claim/", {"snils": SNILS, "birth_date": "15.03.1986"})
    assert wrong.status_code == 422
    assert "No single patient" in wrong.content.decode()
    right = client.post("/ordering/patients/claim/", {"snils": SNILS, "birth_date": "14.03.1986"})
    assert right.headers["Location"] == f"/ordering/patients/{there.pk}/"
    assert client.get(f"/ordering/patients/{there.pk}/").status_code == 200


def test_merge_needs_a_reason_and_the_right(region: Region) -> None:
    hub = region.hub
    reception = one_with(region, "receptionist", hub)
    one, other = (make_patient(region, patronymic="") for _ in range(2))
    for patient in (one, other):
        make_order(region, patient=patient)
    client = signed_in("reception")
    address = f"/ordering/patients/{one.pk}/merge/{other.pk}/"
    assert signed_in("nurse").get(address).status_code == 403
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "typed twice"}).status_code == 302
    with acting(reception):
        merge = PatientMerge.objects.get(kept=one, merged=other)
    assert client.post(f"/ordering/merges/{merge.pk}/undo/", {"reason": ""}).status_code == 302
    client.post(f"/ordering/merges/{merge.pk}/undo/", {"reason": "two people"})
    with acting(reception):
        merge.refresh_from_db()
    assert merge.undone_at is not None


def test_a_merged_record_leads_to_the_kept_one(region: Region) -> None:
    one, other = (make_patient(region) for _ in range(2))
    for patient in (one, other):
        make_order(region, patient=patient)
    reception = one_with(region, "receptionist", region.hub)
    with acting(reception):
        merge_patients(one, other, reason="typed twice", by=reception, at=NOW)
    response = signed_in("nurse").get(f"/ordering/patients/{other.pk}/")
    assert response.headers["Location"] == f"/ordering/patients/{one.pk}/"


def test_the_basket_shows_tubes_in_the_order_of_draw(region: Region) -> None:
    client = signed_in("nurse")
    page = client.post("/ordering/basket/", {"codes": ["CBC", "GLUS"], "add": "APTT"}).content.decode()
    caps = re.findall(r"<li><svg.*?<strong>(.*?)</strong>", page, re.DOTALL)
    assert caps == ["light blue", "gold", "lavender"]
    assert re.findall(r'name="codes" value="(\w+)"', page) == ["CBC", "GLUS", "APTT"]
    without = client.post("/ordering/basket/", {"codes": ["CBC", "GLUS"], "remove": "CBC"}).content.decode()
    assert re.findall(r'name="codes" value="(\w+)"', without) == ["GLUS"]


def test_what_two_panels_share_is_measured_once(region: Region) -> None:
    page = signed_in("nurse").post("/ordering/basket/", {"codes": ["ELEC", "BMP"]}).content.decode()
    assert "measured once" in page


def test_a_placed_order_goes_to_the_draw_with_everything_that_was_typed(region: Region) -> None:
    patient = make_patient(region)
    given = {
        "codes": ["CBC", "GLUS"], "urgency": "S", "requester": "Lugova", "ward": "12",
        "diagnosis": "E11.9", "is_pregnant": "yes", "note": "fasting",
    }  # fmt: skip
    response = signed_in("nurse").post(f"/ordering/patients/{patient.pk}/order/", given)
    order = Order.objects.get(patient=patient)
    assert response.headers["Location"] == f"/collection/orders/{order.number}/"
    assert (order.urgency, order.requester, order.ward) == ("S", "Lugova", "12")
    assert (order.diagnosis, order.is_pregnant, order.note) == ("E11.9", True, "fasting")
    assert order.specimens.count() == 2


def test_pregnancy_may_stay_unsaid(region: Region) -> None:
    patient = make_patient(region)
    given = {"codes": ["GLUS"], "urgency": "R", "requester": "Lugova"}
    signed_in("physician").post(f"/ordering/patients/{patient.pk}/order/", given)
    assert Order.objects.get(patient=patient).is_pregnant is None


def test_every_missing_fact_is_said_at_once_and_the_choice_is_kept(region: Region) -> None:
    patient = make_patient(region)
    address = f"/ordering/patients/{patient.pk}/order/"
    response = signed_in("nurse").post(address, {"urgency": "R", "codes": ["GLUS"], "requester": ""})
    assert response.status_code == 422
    assert 'name="codes" value="GLUS"' in response.content.decode()
    empty = signed_in("nurse").post(address, {"urgency": "R", "requester": ""})
    assert empty.content.decode().count("field-error") + empty.content.decode().count("refusal") >= 2
    assert not Order.objects.filter(patient=patient).exists()


def test_an_order_is_cancelled_with_a_reason_only(region: Region) -> None:
    order = make_order(region)
    client = signed_in("nurse")
    refused = client.post(f"/ordering/orders/{order.number}/cancel/", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why." in refused.content.decode()
    assert (
        client.post(f"/ordering/orders/{order.number}/cancel/", {"reason": "wrong patient"}).status_code
        == 302
    )
    order.refresh_from_db()
    assert (order.state, order.cancel_reason) == ("cancelled", "wrong patient")


def test_one_test_is_cancelled(region: Region) -> None:
    order = make_order(region, "GLUS", "K")
    client = signed_in("nurse")
    address = f"/ordering/orders/{order.number}/tests/K/cancel/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "not needed"}).status_code == 302
    states = dict(OrderItem.objects.filter(order=order).values_list("test__code", "state"))
    assert states == {"GLUS": "open", "K": "cancelled"}
    assert (
        client.post(f"/ordering/orders/{order.number}/tests/NA/cancel/", {"reason": "x"}).status_code == 404
    )


def test_the_list_goes_on_where_it_ended(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aliquot.entrypoints.web.shell.paging.page_of.__kwdefaults__", {"size": 2})
    orders = [make_order(region, at=NOW - timedelta(minutes=one)) for one in range(5)]
    client, address, seen = signed_in("nurse"), "/ordering/", []
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r'<tr data-item="(\w+)"', page)
        older = re.search(r'class="button" href="\?([^"]*before=[^"]*)"', page)
        address = f"/ordering/?{older[1].replace('&amp;', '&')}" if older else ""
    assert seen == [order.number for order in orders]


@pytest.mark.parametrize(
    ("username", "address", "status"),
    [
        ("courier", "/ordering/", 403),
        ("courier", "/ordering/orders/L1/", 403),
        ("technologist", "/ordering/patients/new/", 403),
        ("nurse", "/ordering/orders/L1/", 404),
        ("nurse", "/ordering/patients/999999/", 404),
    ],
)
def test_who_may_not(region: Region, username: str, address: str, status: int) -> None:
    assert signed_in(username).get(address).status_code == status


def test_another_clinic_sees_neither_order_nor_patient(region: Region) -> None:
    order = make_order(region)
    client = signed_in("nurse.yefremov")
    assert client.get(f"/ordering/orders/{order.number}/").status_code == 404
    assert client.get(f"/ordering/patients/{order.patient_id}/").status_code == 404
    assert order.number not in client.get("/ordering/?show=all").content.decode()


def test_nobody_is_sent_to_the_door(region: Region, client: object) -> None:
    response = client.get("/ordering/")  # type: ignore[attr-defined]
    assert response.headers["Location"].startswith("/sign-in/")


def test_who_looked_at_a_patient_is_kept(region: Region) -> None:
    order = make_order(region)
    signed_in("nurse").get(f"/ordering/orders/{order.number}/")
    with acting(region.people["director"]):
        kept = AccessEntry.objects.filter(patient_id=order.patient_id, what="order")
        assert [one.actor for one in kept] == [region.people["nurse"].key]
