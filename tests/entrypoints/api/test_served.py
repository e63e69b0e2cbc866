"""The interface served by real processes: the same order sent by many at once, and a server that fails."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.entrypoints.api.clients import basic, make_account
from tests.flow.exchange.bundles import as_bytes, make_bundle, make_request
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region

pytestmark = pytest.mark.journey


def served(live: LiveRegion) -> int:
    make_account("mis-live", read_region().clinic)
    port = free_port()
    live.start("serve", "--port", str(port))
    wait_for(lambda: listens(port), "the server listens")
    return port


def post(port: int, content: bytes) -> tuple[int, Any]:
    headers = {"Authorization": basic("mis-live"), "Content-Type": "application/fhir+json"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", "/fhir/", content, headers)
        with connection.getresponse() as response:
            return response.status, json.loads(response.read())


def test_one_order_sent_by_many_at_once_is_one_order_of_one_patient(live_region: LiveRegion) -> None:
    port = served(live_region)
    content = as_bytes(make_bundle())
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: post(port, content), range(16)))
    assert [status for status, _ in answers] == [200] * 16
    assert len({answer["entry"][2]["response"]["location"] for _, answer in answers}) == 1
    made = [answer["entry"][2]["response"]["status"] for _, answer in answers]
    assert sorted(made) == ["200 OK"] * 15 + ["201 Created"]
    counted = "SELECT (SELECT count(*) FROM lab_order), (SELECT count(*) FROM patient), (SELECT count(*) FROM inbound_document WHERE state = 'applied')"
    assert live_region.look(counted) == [(1, 1, 16)]


def test_a_document_is_kept_though_the_server_fails_on_it(live_region: LiveRegion) -> None:
    port = served(live_region)
    live_region.look("REVOKE INSERT ON specimen FROM aliquot_app")
    status, answer = post(port, as_bytes(make_bundle(make_request("K"))))
    assert (status, answer["issue"][0]["code"]) == (500, "exception")
    assert "specimen" not in json.dumps(answer)
    left = "SELECT (SELECT count(*) FROM lab_order), (SELECT count(*) FROM patient), (SELECT count(*) FROM inbound_document WHERE state = 'kept')"
    assert live_region.look(left) == [(0, 0, 1)]
    live_region.look("GRANT INSERT ON specimen TO aliquot_app")
    assert post(port, as_bytes(make_bundle(make_request("K"))))[0] == 200
