"""Who is let in, and what everybody else is told."""

import base64
from typing import Any

import orjson
import pytest
from django.test import Client
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome

from aliquot.entrypoints.api.callers import ATTEMPTS
from aliquot.flow.exchange.rules.capability import READ
from aliquot.registers.people.rules.attempts import MOST_FAILURES, SILENCE, Attempts
from tests.entrypoints.api.clients import PASSWORD, System, basic, make_account
from tests.flow.exchange.bundles import as_bytes, make_bundle
from tests.regions import Region


def issue_of(response: Any) -> Any:
    assert response["Content-Type"].startswith("application/fhir+json")
    answer = orjson.loads(response.content)
    OperationOutcome.model_validate(answer)
    return answer["issue"][0]


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(), "Digest x", basic("nobody", "wrong"),
     "Basic " + base64.b64encode(b"a\x00:b").decode(), "Basic " + base64.b64encode(b"\xff:b").decode()],
)  # fmt: skip
def test_nobody_gets_in_without_a_name_and_the_right_password(region: Region, header: str) -> None:
    response = Client(headers={"Authorization": header} if header else {}).get("/fhir/Patient/1")
    assert (response.status_code, issue_of(response)["code"]) == (401, "login")
    assert response["WWW-Authenticate"].startswith("Basic")


def test_a_bearer_token_is_the_same_credential(region: Region) -> None:
    make_account("mis-b", region.clinic)
    token = base64.urlsafe_b64encode(f"mis-b:{PASSWORD}".encode()).decode().rstrip("=")
    response = Client(headers={"Authorization": f"Bearer {token}"}).get("/fhir/DiagnosticReport")
    assert response.status_code == 200


def test_a_persons_account_is_no_other_system(region: Region) -> None:
    make_account("sister", region.clinic, role="nurse")
    response = Client(headers={"Authorization": basic("sister")}).get("/fhir/DiagnosticReport")
    assert (response.status_code, issue_of(response)["code"]) == (403, "forbidden")


def test_a_signed_in_browser_is_not_enough(region: Region) -> None:
    client = Client()
    client.force_login(
        make_account("mis-c", region.clinic), backend="aliquot.registers.people.sign_in.PersonBackend"
    )
    assert client.get("/fhir/DiagnosticReport").status_code == 401


def test_many_wrong_passwords_are_followed_by_silence(region: Region) -> None:
    make_account("mis-d", region.clinic)
    wrong = Client(headers={"Authorization": basic("mis-d", "wrong")})
    try:
        statuses = [wrong.get("/fhir/DiagnosticReport").status_code for _ in range(MOST_FAILURES + 1)]
        right = Client(headers={"Authorization": basic("mis-d")}).get("/fhir/DiagnosticReport")
    finally:
        ATTEMPTS.forget("mis-d", "127.0.0.1")
    assert statuses == [401] * MOST_FAILURES + [429]
    assert (right.status_code, issue_of(right)["code"]) == (429, "throttled")
    assert int(right["Retry-After"]) > 0


def test_the_silence_ends() -> None:
    attempts = Attempts()
    for _ in range(MOST_FAILURES):
        attempts.note_failure("a", "here", 0.0)
    assert attempts.wait("a", "here", 1.0) > 0
    assert attempts.wait("a", "there", 1.0) == 0
    assert attempts.wait("a", "here", SILENCE + 1) == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("delete", "Patient/1", 405), ("put", "", 405), ("get", "", 405), ("post", "metadata", 405), ("get", "Nothing/1", 404),
     ("get", "Patient/0", 404), ("get", "Patient/abc", 404), ("get", "Patient/99999999999999999999", 404),
     ("get", "ServiceRequest/1", 404), ("get", "Binary/1-fr", 404), ("get", "Observation/1", 404)],
)  # fmt: skip
def test_wrong_doors_are_answered_in_fhirs_words(region: Region, method: str, path: str, status: int) -> None:
    system = System("mis-e", region.clinic)
    response = getattr(system.client, method)(f"/fhir/{path}", content_type="application/fhir+json")
    assert response.status_code == status
    issue_of(response)


def test_other_formats_and_sizes_are_refused(region: Region) -> None:
    system = System("mis-f", region.clinic)
    assert system.post(as_bytes(make_bundle()), content_type="text/xml").status_code == 415
    assert system.client.get("/fhir/Patient/1", headers={"Accept": "application/fhir+xml"}).status_code == 406
    assert system.post(b" " * 1_000_001).status_code == 413


@pytest.mark.parametrize(
    "query",
    ["name=Smith", "patient=Smith", "_lastUpdated=yesterday", "_lastUpdated=ne2026-01-01", "_count=0", "_count=x",
     "based-on=7", "status=lost", "identifier=", "_include=Patient:link", "_sort=name", "identifier=%00"],
)  # fmt: skip
def test_an_unread_search_parameter_is_refused_not_passed_over(region: Region, query: str) -> None:
    response = System("mis-g", region.clinic).client.get(f"/fhir/DiagnosticReport?{query}")
    assert response.status_code == 400
    assert query.partition("=")[0] in issue_of(response)["diagnostics"]


def test_what_the_server_says_of_itself_is_true(region: Region) -> None:
    said = Client().get("/fhir/metadata")
    statement = orjson.loads(said.content)
    CapabilityStatement.model_validate(statement)
    [rest] = statement["rest"]
    assert statement["fhirVersion"] == "4.0.1"
    assert {one["type"] for one in rest["resource"]} == {"DiagnosticReport", *READ}
    system = System("mis-h", region.clinic)
    for resource in rest["resource"]:
        assert issue_of(system.get(f"{resource['type']}/0"))["code"] == "not-found"
        for parameter in resource.get("searchParam", ()):
            value = {"date": "2026", "reference": "1-K" if parameter["name"] == "based-on" else "1"}.get(
                parameter["type"], "1"
            )
            value = "final" if parameter["name"] == "status" else value
            assert system.get(resource["type"], **{parameter["name"]: value}).status_code == 200
