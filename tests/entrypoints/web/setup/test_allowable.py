"""What is allowed of a test, on the pages of the catalogue: stated, taken over from a table, given back as one."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from aliquot.registers.catalogue.models import AllowableError
from tests.regions import Region
from tests.web import signed_in

GIVEN = {
    "since": "2026-11-01",
    "kind": "own",
    "total_percent": "7,5",
    "source": "decision 12",
    "reason": "minutes",
}


@pytest.fixture
def director(region: Region) -> Client:
    return signed_in("director")


def body(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_a_test_shows_what_is_allowed_with_its_source(director: Client) -> None:
    page = body(director, "/setup/catalogue/GLUS/")
    assert "biological variation, desirable" in page
    assert "approximation" in page
    assert "biologicalvariation.eu" in page


def test_the_director_states_a_limit_and_a_fault_stands_at_its_field(director: Client) -> None:
    answer = director.post("/setup/catalogue/K/allowable/", {**GIVEN, "total_percent": "much"})
    assert answer.status_code == 422
    assert "much is no number" in answer.content.decode()
    assert director.post("/setup/catalogue/K/allowable/", GIVEN).status_code == 302
    kept = AllowableError.objects.get(test__code="K", is_shipped=False)
    assert (kept.total_percent, kept.source) == (Decimal("7.5"), "decision 12")
    assert "the laboratory&#x27;s own decision" in body(director, "/setup/catalogue/K/")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_table_that_is_given_out_is_taken_back_as_it_is(region: Region, language: str) -> None:
    director = signed_in("director", language=language)
    given = director.get("/setup/catalogue/allowable.csv").content
    file = SimpleUploadedFile("allowable.csv", given)
    answer = director.post("/setup/catalogue/allowable/", {"file": file, "reason": "approved"})
    assert answer.status_code == 302
    own, shipped = (AllowableError.objects.filter(is_shipped=one) for one in (False, True))
    names = ("test_id", "since", "kind", "total_percent", "bias_percent", "cv_percent", "is_approximate")
    assert set(own.values_list(*names)) == set(shipped.values_list(*names))


def test_a_faulty_table_is_refused_by_line(director: Client) -> None:
    file = SimpleUploadedFile("ours.csv", b"test,since,kind,total_percent,source\nXYZ,2026-01-01,own,3,x\n")
    answer = director.post("/setup/catalogue/allowable/", {"file": file, "reason": "x"})
    assert answer.status_code == 422
    assert "line 2: The catalogue has no test XYZ" in answer.content.decode()


def test_others_look_and_do_not_state(region: Region) -> None:
    admin = signed_in("admin")
    assert "State what is allowed" not in body(admin, "/setup/catalogue/K/")
    assert "Take over a table" not in body(admin, "/setup/catalogue/allowable/")
    assert admin.post("/setup/catalogue/K/allowable/", GIVEN).status_code == 403
