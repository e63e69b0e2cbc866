"""The page of messages: what waits and why, in both languages; what a person can do."""

import pytest
from django.test import Client

from aliquot.foundation.context import acting
from aliquot.oversight.federation.actions import note_no_line, open_line, queue_message
from aliquot.oversight.federation.models import MessageOut, NodeLine
from tests.factories import NOW
from tests.oversight.federation.peers import PEER, know_peer
from tests.regions import Region
from tests.security.messaged import messaged
from tests.web import signed_in

PAGE = "/network/messages/"


@pytest.fixture
def director(region: Region) -> Client:
    know_peer()
    return signed_in("director")


def text(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_a_line_is_opened_and_asked_and_its_question_waits(director: Client) -> None:
    assert "No line to another node was opened yet" in text(director)
    director.post(f"{PAGE}address/", {"node": PEER, "address": "https://federation.example"})
    director.post(f"/network/lines/{PEER}/probe/")
    page = text(director)
    assert "https://federation.example" in page
    assert "node.probe" in page
    assert MessageOut.objects.get().state == MessageOut.State.QUEUED


def test_an_address_that_is_none_is_refused_beside_its_field(director: Client) -> None:
    answer = director.post(f"{PAGE}address/", {"node": PEER, "address": "ftp://x"})
    assert answer.status_code == 422
    assert "The address begins with https://" in answer.content.decode()
    assert not NodeLine.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The other node cannot be reached."), ("ru", "Другой узел недоступен.")],
)
def test_a_line_in_trouble_says_why_and_what_to_do(region: Region, language: str, words: str) -> None:
    know_peer()
    with acting(region.worker):
        open_line(PEER, "http://127.0.0.1:9", by=region.worker, at=NOW)
        queue_message("node.probe", {}, to=PEER, by=region.worker, at=NOW)
        note_no_line(PEER, "ConnectionRefusedError: [Errno 111]", at=NOW)
    page = text(signed_in("director", language=language))
    assert words in page
    assert "ConnectionRefusedError" in page


def test_the_line_is_tried_at_once_and_the_count_begins_anew(director: Client, region: Region) -> None:
    with acting(region.worker):
        line = open_line(PEER, "http://127.0.0.1:9", by=region.worker, at=NOW)
        queue_message("node.probe", {}, to=PEER, by=region.worker, at=NOW)
        note_no_line(PEER, "x", at=NOW)
    director.post(f"/network/lines/{PEER}/try/")
    director.post(f"/network/lines/{PEER}/renumber/")
    with acting(region.worker):
        found = NodeLine.objects.get()
    assert (found.not_before, found.stream != line.stream) == (None, True)


def test_what_was_refused_there_is_sent_once_more(director: Client, region: Region) -> None:
    with acting(region.worker):
        refused = messaged()
    director.post(f"{PAGE}{refused.uid}/again/")
    with acting(region.worker):
        assert MessageOut.objects.count() == 2
    assert "Send once more" in text(director)


def test_a_node_that_is_not_there_is_not_found(director: Client) -> None:
    assert director.post("/network/lines/nowhere/probe/").status_code == 404
    assert director.post(f"{PAGE}0a4c8f1e-8f6b-4a53-9d44-3c2f8a1b7e10/again/").status_code == 404


def test_a_technologist_has_no_business_here(region: Region) -> None:
    assert signed_in("technologist").get(PAGE).status_code == 403
