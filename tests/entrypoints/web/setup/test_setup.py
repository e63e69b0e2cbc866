"""Setup's pages: what is changed says why, what is refused says what to do, and the audit shows both."""

from typing import Any

import pytest
from django.test import Client

from aliquot.flow.instruments.actions import install_analyzer
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.driver import models
from aliquot.foundation.audit.queries import changes
from aliquot.foundation.context import acting
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Bench, Site
from aliquot.registers.people.models import Assignment, Person
from tests.factories import NOW
from tests.regions import Region
from tests.web import signed_in

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

PAGES = (
    "/setup/",
    "/setup/sites/",
    "/setup/sites/TUL-HUB/",
    "/setup/people/",
    "/setup/people/nurse/",
    "/setup/catalogue/",
    "/setup/catalogue/?q=кал&section=",
    "/setup/catalogue/K/",
    "/setup/analyzers/",
    "/setup/analyzers/XN-T/",
    "/setup/audit/",
    "/setup/audit/?table=test&actor=system",
)


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    director = region.people["director"]
    with acting(director):
        bench = Bench.objects.filter(department__site=region.hub).order_by("code")[0]
        return install_analyzer(
            code="XN-T", name="XN", driver="sysmex_xn", bench=bench, listen_port=15999, by=director, at=NOW
        )


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_both_languages(
    region: Region, analyzer: Analyzer, page: str, language: str
) -> None:
    assert signed_in("director", language=language).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_enters(region: Region, page: str) -> None:
    assert signed_in("reception").get(page).status_code == 403


def site_facts(site: Site, **changed: Any) -> dict[str, Any]:
    names = ("name_en", "name_ru", "address_en", "address_ru", "travel_minutes")
    return {name: getattr(site, name) for name in names} | {"is_active": "on"} | changed


def test_a_site_is_changed_and_a_laboratory_in_use_stays(region: Region) -> None:
    client = signed_in("admin")
    given = site_facts(region.clinic, travel_minutes=33)
    assert client.post(f"/setup/sites/{region.clinic.code}/", given).status_code == 302
    with acting(region.worker):
        assert Site.objects.get(pk=region.clinic.pk).travel_minutes == 33
    closed = site_facts(region.hub)
    closed.pop("is_active")
    page = client.post(f"/setup/sites/{region.hub.code}/", closed)
    assert page.status_code == 422
    assert "Give them another laboratory first" in page.content.decode()


def test_a_department_has_a_code_of_its_own(region: Region) -> None:
    client = signed_in("admin")
    given = {"code": "NEW", "name_en": "New", "name_ru": "Новое"}
    address = f"/setup/sites/{region.hub.code}/departments/"
    assert [client.post(address, given).status_code for _ in range(2)] == [302, 422]


def new_person(client: Client) -> None:
    given = {"username": "new.nurse", "name_en": "New", "name_ru": "Новая", "language": "ru"}
    assert client.post("/setup/people/new/", given).status_code == 302
    assert client.post("/setup/people/new/", given).status_code == 422


def test_a_new_person_signs_in_after_a_password_and_works_after_a_role(region: Region) -> None:
    admin, own = signed_in("admin"), Client()
    new_person(admin)
    entry = {"username": "new.nurse", "password": "a-long-secret-7"}
    assert own.post("/sign-in/", entry).status_code == 422
    weak = admin.post("/setup/people/new.nurse/password/", {"password": "short"})
    assert weak.status_code == 422
    assert admin.post("/setup/people/new.nurse/password/", {"password": "a-long-secret-7"}).status_code == 302
    assert own.post("/sign-in/", entry).status_code == 302
    assert own.get("/transport/").status_code == 403
    role = {"role": "nurse", "site": region.clinic.pk, "since": "2026-01-01T08:00"}
    assert admin.post("/setup/people/new.nurse/assign/", role).status_code == 302
    assert own.get("/transport/").status_code == 200
    assert admin.post("/setup/people/new.nurse/assign/", role).status_code == 422
    assert admin.post("/setup/people/new.nurse/active/").status_code == 302
    assert own.get("/transport/").status_code == 302


def test_a_time_is_typed_by_the_clock_of_the_site(region: Region) -> None:
    client = signed_in("admin")
    new_person(client)
    role = {"role": "courier", "site": region.hub.pk, "since": "2026-01-01T03:00"}
    client.post("/setup/people/new.nurse/assign/", role)
    with acting(region.people["admin"]):
        held = Assignment.objects.get(person__username="new.nurse")
    assert held.since.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_role_ends_but_never_ones_own(region: Region) -> None:
    client = signed_in("admin")
    with acting(region.people["admin"]):
        roles = {a.person.username: a.pk for a in Assignment.objects.select_related("person")}
    assert client.post(f"/setup/people/nurse/end/{roles['nurse']}/").status_code == 302
    assert client.post(f"/setup/people/admin/end/{roles['admin']}/").status_code == 422
    assert client.post("/setup/people/admin/active/").status_code == 422
    assert client.post(f"/setup/people/nurse/end/{roles['admin']}/").status_code == 404
    with acting(region.people["admin"]):
        assert Person.objects.get(username="admin").is_active


LIMITS = {
    "critical_low": "2.6",
    "critical_high": "6.4",
    "delta_percent": "20",
    "delta_days": "3",
    "autorelease": "on",
}


def test_limits_are_changed_by_the_director_and_the_audit_knows_why(region: Region) -> None:
    director = signed_in("director")
    assert director.post("/setup/catalogue/K/", LIMITS).status_code == 422
    assert director.post("/setup/catalogue/K/", LIMITS | {"reason": "consensus of May"}).status_code == 302
    with acting(region.people["director"]):
        test = Test.objects.get(code="K")
        latest = changes(table="test", row_id=test.pk)[0]
    assert (latest.reason, {name: new for name, _, new in latest.fields}["critical_high"]) == (
        "consensus of May",
        6.4,
    )
    page = director.get("/setup/catalogue/K/").content.decode()
    assert "consensus of May" in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"critical_high": "1"}, "The upper limit lies below the lower one."),
        ({"delta_days": ""}, "A delta check needs both"),
    ],
)
def test_contradicting_limits_are_refused(region: Region, changed: dict[str, str], words: str) -> None:
    page = signed_in("director").post("/setup/catalogue/K/", LIMITS | {"reason": "why"} | changed)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_an_administrator_may_not_change_limits(region: Region) -> None:
    client = signed_in("admin")
    assert client.get("/setup/catalogue/K/").status_code == 200
    assert client.post("/setup/catalogue/K/", LIMITS | {"reason": "why"}).status_code == 403


LISTENS = {"transport": "listen", "query_policy": "answer"}


def test_an_analyzer_is_connected_switched_and_its_codes_are_mapped(
    region: Region, analyzer: Analyzer
) -> None:
    client = signed_in("director")
    facts = {"name": "XN", "listen_port": "15998", "is_active": "on", "has_qc_plan": "on"} | LISTENS
    assert client.post("/setup/analyzers/XN-T/", facts).status_code == 422
    assert client.post("/setup/analyzers/XN-T/", facts | {"reason": "control failed"}).status_code == 302
    assert client.get("/setup/analyzers/XN-T/").context["analyzer"].has_qc_plan
    mapping = {"code": "WBC", "test": "wbc", "unit": "10*3/uL", "factor": "0", "reason": "by hand"}
    assert client.post("/setup/analyzers/XN-T/map/", mapping).status_code == 422
    assert client.post("/setup/analyzers/XN-T/map/", mapping | {"factor": "1"}).status_code == 302
    assert client.post("/setup/analyzers/XN-T/unmap/", {"code": "WBC", "reason": "wrong"}).status_code == 302
    assert [p.code for p in client.get("/setup/analyzers/XN-T/").context["proposals"] if p.test] == ["WBC"]
    client.post("/setup/analyzers/XN-T/proposals/", {"codes": ["WBC"]})
    assert "WBC" in [m.code for m in client.get("/setup/analyzers/XN-T/").context["mappings"]]


def test_a_port_serves_one_analyzer(region: Region, analyzer: Analyzer) -> None:
    client = signed_in("director")
    bench = Bench.objects.filter(department__site=region.hub).order_by("code")[0].pk
    given = {
        "driver": "sysmex_xn",
        "code": "XN-U",
        "name": "XN 2",
        "bench": bench,
        "listen_port": "15999",
    } | LISTENS
    page = client.post("/setup/analyzers/", given)
    assert page.status_code == 422
    assert "The port belongs to XN" in page.content.decode()
    assert client.post("/setup/analyzers/", given | {"listen_port": "15997"}).status_code == 302


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        ({"transport": "dial", "address": "nowhere"}, "host:port, for example"),
        ({"transport": "serial", "address": "x y"}, "Give the serial port"),
        ({"transport": "folder", "address": "drop"}, "Give the whole path of the folder"),
        ({"transport": "listen", "listen_port": "80"}, "Give a port between"),
        ({"transport": "carrier pigeon"}, "carrier pigeon"),
    ],
)
def test_an_analyzer_that_cannot_be_reached_is_refused_at_the_field(
    region: Region, analyzer: Analyzer, reach: dict[str, str], words: str
) -> None:
    facts = {"name": "XN", "is_active": "on", "query_policy": "answer", "reason": "moved"} | reach
    page = signed_in("director").post("/setup/analyzers/XN-T/", facts)
    assert page.status_code == 422
    assert words in page.content.decode()


def test_an_analyzer_moves_to_a_serial_port(region: Region, analyzer: Analyzer) -> None:
    facts = {"name": "XN", "is_active": "on", "transport": "serial", "query_policy": "both"}
    client = signed_in("director")
    moved = client.post(
        "/setup/analyzers/XN-T/", facts | {"address": "/dev/ttyS0?baud=9600", "reason": "no network"}
    )
    assert moved.status_code == 302
    assert "/dev/ttyS0?baud=9600" in client.get("/setup/analyzers/").content.decode()


def test_every_driver_has_a_page_in_both_languages(region: Region) -> None:
    for language in ("en", "ru"):
        client = signed_in("director", language=language)
        listed = client.get("/setup/drivers/").content.decode()
        for model in models():
            assert f"/setup/drivers/{model}/" in listed
            assert client.get(f"/setup/drivers/{model}/").status_code == 200
    assert client.get("/setup/drivers/nobody/").status_code == 404


def test_a_driver_is_stopped_with_a_reason_and_starts_again(region: Region, analyzer: Analyzer) -> None:
    client, page = signed_in("director"), "/setup/drivers/sysmex_xn/"
    assert client.post(f"{page}stop/", {"reason": ""}).status_code == 422
    assert client.post(f"{page}stop/", {"reason": "wrong factor"}).status_code == 302
    assert "wrong factor" in client.get(page).content.decode()
    again = client.post(f"{page}stop/", {"reason": "wrong factor"})
    assert (again.status_code, "stopped already" in again.content.decode()) == (422, True)
    assert "wrong factor" in client.get("/bench/analyzers/").content.decode()
    assert client.post(f"{page}start/", {"reason": "factor corrected"}).status_code == 302
    assert "wrong factor" not in client.get(page).content.decode()
    assert client.post(f"{page}start/", {"reason": "again"}).status_code == 422


def test_a_nurse_stops_no_driver(region: Region) -> None:
    assert signed_in("nurse").post("/setup/drivers/sysmex_xn/stop/", {"reason": "why"}).status_code == 403


def test_an_analyzer_of_another_laboratory_is_not_there(region: Region, analyzer: Analyzer) -> None:
    assert signed_in("director").get("/setup/analyzers/NONE/").status_code == 404


def test_the_audit_is_verified_on_request(region: Region) -> None:
    page = signed_in("director").post("/setup/audit/verify/")
    assert page.status_code == 200
    assert "every chain is as it was written" in page.content.decode()
