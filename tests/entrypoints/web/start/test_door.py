"""The door: who gets in, where the day begins, what the demonstration's board shows."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aliquot.entrypoints.web.start import forms
from aliquot.registers.people.actions import DEMO_PASSWORD
from aliquot.registers.people.models import Assignment, Employment, Person
from aliquot.registers.people.rules.attempts import MOST_FAILURES, Attempts
from tests.regions import Region

HOMES = {
    "nurse": "ordering:home",
    "physician": "reports:home",
    "courier": "transport:home",
    "reception": "reception:home",
    "technologist": "bench:worklist",
    "doctor": "bench:home",
    "director": "start",
    "quality": "quality:home",
    "admin": "setup:home",
}


def sign_in(client: Client, username: str, password: str = DEMO_PASSWORD, **more: str) -> str:
    answer = client.post("/sign-in/", {"username": username, "password": password, **more})
    return answer.headers.get("Location", str(answer.status_code))


@pytest.mark.parametrize(("username", "home"), HOMES.items())
def test_the_day_begins_at_the_workplace_of_the_role(
    region: Region, client: Client, username: str, home: str
) -> None:
    assert sign_in(client, username) == "/"
    assert client.get("/").headers["Location"] == reverse(home)


def test_a_wrong_password_and_a_wrong_name_are_refused_with_the_same_words(
    region: Region, client: Client
) -> None:
    wrong = [
        client.post("/sign-in/", {"username": name, "password": "something else"})
        for name in ("nurse", "nobody-here")
    ]
    assert [one.status_code for one in wrong] == [422, 422]
    assert all("Name and password do not match" in one.content.decode() for one in wrong)


def test_whoever_guesses_passwords_waits_and_nobody_else(
    region: Region, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "ATTEMPTS", Attempts())
    for _ in range(MOST_FAILURES):
        assert sign_in(client, "nurse", "a guess") == "422"
    refused = client.post("/sign-in/", {"username": "nurse", "password": DEMO_PASSWORD})
    assert refused.status_code == 422
    assert "Too many wrong passwords" in refused.content.decode()
    assert sign_in(client, "courier") == "/"


def test_the_door_leads_to_no_other_house(region: Region, client: Client) -> None:
    assert sign_in(client, "nurse", next="https://elsewhere.example/") == "/"
    assert sign_in(client, "nurse", next="/reports/") == "/reports/"


def test_prepared_people_exist_only_in_a_demonstration(
    region: Region, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALIQUOT_DEMO", raising=False)
    assert client.post("/sign-in/prepared/", {"username": "doctor"}).status_code == 404
    assert client.get("/start/board/").status_code == 404
    assert "Step into a workplace" not in client.get("/sign-in/").content.decode()
    monkeypatch.setenv("ALIQUOT_DEMO", "1")
    assert client.post("/sign-in/prepared/", {"username": "doctor"}).headers["Location"] == "/"
    assert client.get("/start/board/").status_code == 200
    assert client.post("/sign-in/prepared/", {"username": "nobody"}).status_code == 404


@pytest.mark.parametrize(("language", "word"), [("en", "Where the tubes are"), ("ru", "Где сейчас пробирки")])
def test_the_region_at_a_glance_in_both_languages(
    region: Region, client: Client, language: str, word: str
) -> None:
    client.cookies["django_language"] = language
    sign_in(client, "director")
    assert word in client.get("/start/").content.decode()
    assert word in client.get("/start/glance/").content.decode()


def test_nobody_sees_the_region_without_signing_in(region: Region, client: Client) -> None:
    assert client.get("/start/").headers["Location"].startswith("/sign-in/")


def test_signing_out_ends_it(region: Region, client: Client) -> None:
    sign_in(client, "nurse")
    client.post("/sign-out/")
    assert client.get("/start/").headers["Location"].startswith("/sign-in/")


def test_a_person_of_two_places_has_the_rights_of_the_chosen_one(region: Region, client: Client) -> None:
    nurse = Person.objects.get(username="nurse")
    now = timezone.now()
    Assignment.objects.create(person=nurse, site=region.hub, role="receptionist", since=now)
    Employment.objects.create(person=nurse, organisation=region.hub.organisation, since=now)
    client.cookies["django_language"] = "en"
    sign_in(client, "nurse")

    page = client.get("/ordering/").content.decode()
    assert "Tula central laboratory" in page
    assert client.get("/reception/").status_code == 403

    assert client.post("/place/", {"site": region.hub.pk}).headers["Location"] == "/"
    assert client.get("/reception/").status_code == 200
    assert client.get("/collection/").status_code == 403
    assert client.post("/place/", {"site": region.other_clinic.pk}).status_code == 404
