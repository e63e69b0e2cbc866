"""Invitations: what is read is what was signed, and nothing else is an invitation."""

import base64
import json
from typing import Any

import pytest

from aliquot.oversight.federation.rules.invitations import Invitation, invitation_bytes, read_invitation
from aliquot.oversight.federation.rules.nodes import Card, Unusable

KEY = base64.b64encode(bytes(range(32))).decode()
TULA = Card("tula", "region", "Tula Region", "Тульская область", KEY, "age1tula")
GIVEN = Invitation(TULA, "federation", "10.0.0.7", 5433, "aliquot_export", "aliquot_federation", "secret")


def values(**changes: Any) -> dict[str, Any]:
    return {**json.loads(invitation_bytes(GIVEN)), **changes}


def test_an_invitation_comes_back_as_it_was_signed() -> None:
    assert read_invitation(values()) == GIVEN


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        values(what="aliquot invitation 2"),
        values(more="x"),
        values(port="0"),
        values(port="65536"),
        values(port="5433x"),
        values(host=""),
        values(password=7),
        values(card={"code": "tula"}),
    ],
)
def test_what_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(Unusable):
        read_invitation(wrong)
