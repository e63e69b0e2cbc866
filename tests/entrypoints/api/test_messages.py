"""The door for messages of other nodes: every answer is signed, nothing large or strange is read."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from aliquot.foundation.context import acting
from aliquot.foundation.seals import is_signed, public_half, sign, signing_key_of
from aliquot.oversight.federation.actions import name_node
from aliquot.oversight.federation.models import MessageIn
from aliquot.oversight.federation.rules.arrivals import read_receipt
from aliquot.oversight.federation.rules.envelopes import LARGEST_BYTES, MESSAGE, RECEIPT, to_sign
from tests.factories import NOW
from tests.oversight.federation.peers import HERE, PEERS_KEY, know_peer
from tests.oversight.federation.test_messages import content
from tests.regions import Region

TYPE = "application/vnd.aliquot.message+json"


@pytest.fixture
def door(region: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client at the door of the node `tula`, which knows the federation."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    with acting(region.worker):
        name_node(
            HERE, kind="region", name_en="Tula", name_ru="Тула", home=tmp_path, by=region.worker, at=NOW
        )
        know_peer()
    return Client()


def post(door: Client, message: bytes, **named: Any) -> Any:
    headers = {
        "Aliquot-Key": public_half(PEERS_KEY),
        "Aliquot-Signature": sign(to_sign(message, MESSAGE), PEERS_KEY),
    }
    return door.post("/node/messages", message, **({"content_type": TYPE, "headers": headers} | named))


def test_what_is_kept_is_answered_by_this_nodes_signature(door: Client, tmp_path: Path) -> None:
    answer = post(door, content())
    assert answer.status_code == 200
    ours = public_half(signing_key_of(tmp_path))
    assert answer["Aliquot-Key"] == ours
    assert is_signed(to_sign(answer.content, RECEIPT), answer["Aliquot-Signature"], ours)
    assert MessageIn.objects.count() == 1


def test_a_refusal_is_signed_too(door: Client, tmp_path: Path) -> None:
    answer = post(door, content(), headers={})
    receipt = read_receipt(answer.content)
    assert (answer.status_code, receipt and receipt.code) == (422, "unknown_key")
    ours = public_half(signing_key_of(tmp_path))
    assert is_signed(to_sign(answer.content, RECEIPT), answer["Aliquot-Signature"], ours)


def test_what_is_too_large_is_not_read(door: Client) -> None:
    receipt = read_receipt(post(door, b"x" * (LARGEST_BYTES + 1)).content)
    assert receipt is not None
    assert receipt.code == "too_large"


def test_a_form_of_a_browser_is_refused(door: Client) -> None:
    assert post(door, content(), content_type="text/plain").status_code == 415
    assert door.get("/node/messages").status_code == 405


def test_a_node_without_a_name_takes_nothing(region: Region) -> None:
    answer = post(Client(), content())
    assert answer.status_code == 503
