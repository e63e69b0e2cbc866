"""Tests are added to tubes that are here, consent is given, lists say what was added and what is charged."""

from datetime import timedelta

import pytest
from django.utils import timezone

from aliquot.flow.results.actions import autoverify_batch
from aliquot.flow.results.models import AddOn
from aliquot.flow.specimens.actions import accept_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.context import acting
from tests.factories import make_order, make_result, make_specimen
from tests.regions import Region
from tests.web import signed_in


def taken_in(region: Region, *codes: str) -> Specimen:
    """A tube drawn half an hour ago and accepted now, by the clock of the pages."""
    now = timezone.now()
    order = make_order(region, *codes, at=now - timedelta(hours=1))
    specimen = make_specimen(region, order=order, collected_at=now - timedelta(minutes=30))
    with acting(region.worker):
        accept_specimens([specimen.number], site=region.hub, by=region.worker, at=now)
    return specimen


def test_further_tests_on_a_tube_that_is_taken_in(region: Region) -> None:
    specimen = taken_in(region, "GLUS")
    client, address = signed_in("nurse"), f"/ordering/orders/{specimen.order.number}/tests/"
    assert client.post(address, {"codes": "glus"}).status_code == 422
    unfit = client.post(address, {"codes": "HGB"})
    assert unfit.status_code == 422
    assert "Order a new tube" in unfit.content.decode()
    assert client.post(address, {"codes": "crea, k"}).status_code == 302
    assert set(specimen.tests.values_list("test__code", flat=True)) == {"GLUS", "CREA", "K"}
    assert client.post("/ordering/orders/L000000000000/tests/", {"codes": "K"}).status_code == 404
    assert client.post(address, {"codes": "HGB", "draw": "yes"}).status_code == 302
    assert specimen.order.specimens.filter(state="planned").count() == 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("until", "charged", "on request")), ("ru", ("до", "по просьбе"))]
)
def test_what_fits_is_offered_and_the_page_says_who_added_it(
    region: Region, language: str, words: tuple[str, ...]
) -> None:
    specimen = taken_in(region, "GLUS")
    client, address = signed_in("nurse", language=language), f"/ordering/orders/{specimen.order.number}/"
    offered = client.get(f"{address}addable/").content.decode()
    assert 'value="CREA"' in client.get(f"{address}addable/?find=crea").content.decode()
    assert 'value="CREA"' in client.get(f"{address}addable/?find=скуф").content.decode()
    assert 'value="HGB"' not in client.get(f"{address}addable/?find=hgb").content.decode()
    client.post(f"{address}tests/", {"codes": "EGFR", "reason": "Dr. Lugovoy"})
    page = client.get(address).content.decode() + offered
    assert [one for one in (*words, "Dr. Lugovoy", "EGFR") if one not in page] == []


def test_consent_is_given_or_refused_on_the_page_of_the_order(region: Region) -> None:
    client = signed_in("nurse")
    for ending, after in (("", "added"), ("decline/", "declined")):
        specimen = taken_in(region, "TSH")
        make_result(region, specimen, "TSH", "4.50", at=timezone.now(), measured_at=timezone.now())
        with acting(region.worker):
            autoverify_batch(limit=10, by=region.worker, at=timezone.now())
            one = AddOn.objects.get(order=specimen.order)
        address = f"/ordering/orders/{specimen.order.number}/"
        page = client.get(address).content.decode()
        assert "Waits for consent" in page
        assert "serves until" in page
        assert client.post(f"{address}add-ons/{one.pk}/decline/", {"reason": ""}).status_code == 422
        answer = client.post(f"{address}add-ons/{one.pk}/{ending}", {"reason": "known"})
        assert answer.status_code == 302
        with acting(region.worker):
            assert AddOn.objects.get(pk=one.pk).state == after
        assert client.post(f"{address}add-ons/{one.pk}/", {}).status_code == 422
        assert signed_in("nurse").post(f"/ordering/orders/L0/add-ons/{one.pk}/").status_code == 404


def proposed(region: Region) -> AddOn:
    """A TSH outside its interval, measured now: the shipped rule asks before it adds FT4."""
    specimen, now = taken_in(region, "TSH"), timezone.now()
    make_result(region, specimen, "TSH", "4.50", at=now, measured_at=now)
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=now)
        return AddOn.objects.get(order=specimen.order)


@pytest.mark.parametrize(
    ("user", "language", "words"),
    [
        ("nurse", "en", ("Waits for consent", "The tube serves until", "Agree", "FT4")),
        ("doctor", "ru", ("Ждёт согласия", "Пробирка пригодна до", "Согласиться", "FT4")),
    ],
)
def test_the_list_of_added_tests_says_what_waits_and_what_was_decided(
    region: Region, user: str, language: str, words: tuple[str, ...]
) -> None:
    one = proposed(region)
    client = signed_in(user, language=language)
    page = client.get("/ordering/added/").content.decode()
    assert [word for word in (*words, one.order.number) if word not in page] == []
    assert client.post(f"/ordering/orders/{one.order.number}/add-ons/{one.pk}/").status_code == 302
    assert one.order.number not in client.get("/ordering/added/").content.decode()
    assert one.order.number in client.get("/ordering/added/?show=decided").content.decode()
    long_ago = client.get("/ordering/added/?show=decided&since=01.01.2020&until=02.01.2020").content.decode()
    assert one.order.number not in long_ago
    assert client.get("/ordering/added/?show=decided&since=x&until=y").status_code == 200


def test_the_list_of_charges_has_every_added_test_once(region: Region) -> None:
    specimen = taken_in(region, "GLUS")
    client = signed_in("nurse")
    client.post(f"/ordering/orders/{specimen.order.number}/tests/", {"codes": "EGFR"})
    for value in ("70", "71"):
        make_result(region, specimen, "CREA", value, at=timezone.now())
        specimen.tests.update(state="accepted")
    answer = signed_in("doctor").get("/ordering/added/charges/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.content.decode().lstrip("\ufeff").splitlines()
    rows = {line.split(";")[3]: line.split(";")[6:] for line in lines[1:]}
    assert set(rows) == {"EGFR", "CREA"}
    assert rows["CREA"] == ["computed from it: EGFR", "yes", "open", "2"]
    assert rows["EGFR"][1:] == ["yes", "open", "0"]


def test_strangers_see_no_added_test(region: Region) -> None:
    one = proposed(region)
    for user in ("nurse.yefremov",):
        client = signed_in(user)
        assert one.order.number not in client.get("/ordering/added/").content.decode()
        assert one.order.number not in client.get("/ordering/added/charges/").content.decode()
