"""Setup's pages of owners and operators: a contract is kept, a change planned, shown, approved by a second person."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from aliquot.foundation.context import acting
from aliquot.oversight.succession.models import OperatorChange
from aliquot.registers.network.models import Contract, Organisation
from aliquot.registers.network.queries import operator_of
from tests.regions import LOADER, Region
from tests.registers.network.operators import employ, make_contract, make_operator, operate
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
CLOCK = ZoneInfo("Europe/Moscow")
HOME = "/setup/operators/"


def typed(at: datetime) -> str:
    """The moment as a person types it, by the clock of the hub."""
    return at.astimezone(CLOCK).strftime("%Y-%m-%dT%H:%M:%S")


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def officer(region: Region) -> Client:
    return signed_in("officer")


@pytest.fixture
def contract(region: Region) -> Contract:
    return make_contract(make_operator())


def plan(client: Client, region: Region, contract: Contract, **changes: Any) -> Any:
    on = typed(timezone.now() + timedelta(days=30))
    given = {"sites": [region.hub.pk], "contract": contract.pk, "on": on, "reason": "tender 7"}
    return client.post(HOME + "changes/", {**given, **changes})


def test_the_day_of_an_officer_begins_with_operators(officer: Client) -> None:
    assert officer.get("/", follow=True).request["PATH_INFO"] == HOME


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("username", ["officer", "director"])
def test_the_page_shows_who_owns_and_operates(
    region: Region, contract: Contract, username: str, language: str
) -> None:
    operate(region.hub, contract.contractor, timezone.now() - timedelta(days=3), contract=contract)
    employ("director", contract.contractor, timezone.now() - timedelta(days=2))
    page = signed_in(username, language=language).get(HOME)
    assert page.status_code == 200
    shown = words(page)
    named = {
        "en": ["Ministry of health", "NEW-LAB Ltd", "C-NEW-LAB", "Who operated what"],
        "ru": ["Министерство здравоохранения", "ООО NEW-LAB", "C-NEW-LAB", "Кто что эксплуатировал"],
    }
    assert [one for one in named[language] if one not in shown] == []
    assert ("Plan a change" in shown) == (username == "officer" and language == "en")


def test_who_works_for_an_operator_changes_nothing_here(region: Region, contract: Contract) -> None:
    director = signed_in("director")
    assert plan(director, region, contract).status_code == 403
    assert director.post(HOME + "organisations/", {}).status_code == 403
    assert director.post(HOME + "contracts/", {}).status_code == 403
    for username in ("reception", "nurse", "courier"):
        assert signed_in(username).get(HOME).status_code == 403


def test_an_organisation_and_a_contract_with_its_document_are_kept(region: Region, officer: Client) -> None:
    given = {"code": "OP-2", "name_en": "Second operator", "name_ru": "Второй оператор", "oid": "1.2.643.5"}
    assert officer.post(HOME + "organisations/", given).status_code == 302
    again = officer.post(HOME + "organisations/", given)
    assert again.status_code == 422
    assert "is taken here" in words(again)
    with acting(LOADER):
        new, ministry = (Organisation.objects.get(code=code) for code in ("OP-2", "TUL-MIN"))
    signed = SimpleUploadedFile("contract.pdf", b"%PDF signed by both")
    facts = {
        "number": "44-FZ/7", "kind": "operation", "customer": ministry.pk, "contractor": new.pk,
        "since": typed(timezone.now()), "covers": "the hub", "document": signed,
    }  # fmt: skip
    assert officer.post(HOME + "contracts/", facts).status_code == 302
    assert "44-FZ/7" in words(officer.get(HOME))
    with acting(LOADER):
        kept = Contract.objects.get(number="44-FZ/7")
    document = officer.get(f"{HOME}contracts/{kept.pk}/document/")
    assert document.content == b"%PDF signed by both"
    assert document.headers["Content-Disposition"].startswith("attachment")


def test_a_change_is_planned_shown_and_approved_by_another(
    region: Region, officer: Client, contract: Contract
) -> None:
    with acting(LOADER):
        made = plan(officer, region, contract)
        change = OperatorChange.objects.get()
    assert made.headers["Location"] == f"{HOME}changes/{change.pk}/"
    page = words(officer.get(made.headers["Location"]))
    assert all(
        words in page for words in ("Irina Belozyorova", "Nobody's rights begin", "waits for somebody else")
    )
    own = officer.post(f"{HOME}changes/{change.pk}/approve/")
    assert own.status_code in {403, 422}
    second = signed_in("officer.second")
    assert "waits for you" in words(second.get(f"{HOME}changes/{change.pk}/"))
    assert second.post(f"{HOME}changes/{change.pk}/approve/").status_code == 302
    assert "What it changes, as approved" in words(second.get(f"{HOME}changes/{change.pk}/"))
    with acting(LOADER):
        assert operator_of(region.hub, change.on) == contract.contractor


def test_what_is_refused_stands_on_the_page(region: Region, officer: Client, contract: Contract) -> None:
    over = plan(officer, region, contract, on=typed(timezone.now() - timedelta(days=1)))
    assert over.status_code == 422
    assert "This moment is over" in words(over)
    nowhere = plan(officer, region, contract, sites=[])
    assert "Choose the sites" in words(nowhere)


def test_a_change_is_withdrawn_with_a_reason(region: Region, officer: Client, contract: Contract) -> None:
    with acting(LOADER):
        plan(officer, region, contract)
        change = OperatorChange.objects.get()
    path = f"{HOME}changes/{change.pk}/withdraw/"
    assert officer.post(path, {"why": ""}).status_code == 422
    assert officer.post(path, {"why": "court"}).status_code == 302
    assert "court" in words(officer.get(f"{HOME}changes/{change.pk}/"))


def test_an_employer_is_recorded_and_ended_on_the_persons_page(
    region: Region, officer: Client, contract: Contract
) -> None:
    since = typed(timezone.now())
    given = {"organisation": contract.contractor.pk, "since": since, "until": ""}
    assert officer.post("/setup/people/doctor/employ/", given).status_code == 302
    assert officer.post("/setup/people/doctor/employ/", given).status_code == 422
    page = words(officer.get("/setup/people/doctor/"))
    assert "NEW-LAB Ltd" in page
    operate(region.hub, make_operator("OTHER"), timezone.now())
    assert "no rights: another operates" in words(officer.get("/setup/people/doctor/"))


def test_who_lost_the_rights_is_told_why(region: Region) -> None:
    doctor = signed_in("doctor")
    operate(region.hub, make_operator(), timezone.now())
    refused = doctor.get("/bench/verify/")
    assert refused.status_code == 403
    assert "NEW-LAB Ltd operates Tula central laboratory since" in words(refused)
    started = doctor.get("/start/")
    assert "NEW-LAB Ltd operates Tula central laboratory since" in words(started)
