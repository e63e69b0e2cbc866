"""Names and keys of nodes, kept with their dates."""

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.seals import is_signed, make_seal_key, make_signing_key, public_half, receiver_of
from aliquot.oversight.federation.actions import (
    introduce_node,
    name_node,
    renew_signing_key,
    sign_as_this_node,
)
from aliquot.oversight.federation.models import Node, NodeKey
from aliquot.oversight.federation.queries import key_of, own_card, own_node
from aliquot.oversight.federation.rules.nodes import Card
from tests.factories import NOW
from tests.regions import LOADER, Region, one_with

LATER = NOW + timedelta(days=30)


def named(home: Path, code: str = "tula", **changes: str) -> Node:
    facts = {"kind": "region", "name_en": "Tula Region", "name_ru": "Тульская область", **changes}
    return name_node(code, home=home, by=LOADER, at=NOW, **facts)


def card(code: str = "federation", kind: str = "federation") -> Card:
    signing, sealing = public_half(make_signing_key()), receiver_of(make_seal_key())
    return Card(code, kind, "The federation", "Федерация", signing, sealing)


def test_a_node_has_no_name_until_it_is_given(region: Region) -> None:
    assert own_node() is None
    with pytest.raises(Refused, match="aliquot node name"):
        own_card(at=NOW)


def test_a_name_brings_keys_whose_private_halves_stay(region: Region, tmp_path: Path) -> None:
    node = named(tmp_path)
    said = own_card(at=NOW)
    assert (said.code, said.kind) == ("tula", "region")
    private = tmp_path / "secrets" / "node_signing"
    assert public_half(private.read_text()) == said.signing == key_of(node, NodeKey.Purpose.SIGNING, at=NOW)
    assert {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "secrets").iterdir()} == {0o600}
    kept = "".join(NodeKey.objects.values_list("public", flat=True))
    assert all(one.read_text().strip() not in kept for one in (tmp_path / "secrets").iterdir())


def test_a_node_keeps_its_code(region: Region, tmp_path: Path) -> None:
    named(tmp_path)
    with pytest.raises(Refused, match="tula"):
        named(tmp_path, "kaluga")
    with pytest.raises(Refused, match="tula"):
        named(tmp_path, kind="federation")
    assert named(tmp_path, name_en="Tula").name_en == "Tula"
    assert NodeKey.objects.count() == 2


def test_a_code_that_would_need_quoting_is_refused(region: Region, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no code"):
        named(tmp_path, "Tula-1")
    assert not (tmp_path / "secrets").exists()


def test_the_database_refuses_a_second_self_and_a_wrong_code(region: Region, tmp_path: Path) -> None:
    named(tmp_path)
    facts = {"kind": "region", "name_en": "x", "name_ru": "x", "known_at": NOW}
    for wrong in ({"code": "kaluga", "is_self": True}, {"code": "Kaluga"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Node.objects.create(**{**facts, **wrong})


def test_who_may_not_manage_registers_names_nothing(region: Region, tmp_path: Path) -> None:
    nurse = one_with(region, "nurse")
    with acting(nurse), pytest.raises(Forbidden):
        name_node("tula", kind="region", name_en="x", name_ru="x", home=tmp_path, by=nurse, at=NOW)
    with acting(nurse), pytest.raises(Forbidden):
        introduce_node(card(), by=nurse, at=NOW)


def test_a_new_signing_key_holds_from_its_moment(region: Region, tmp_path: Path) -> None:
    node, before = named(tmp_path), own_card(at=NOW).signing
    renewed = renew_signing_key(home=tmp_path, by=LOADER, at=LATER)
    assert renewed != before
    assert key_of(node, NodeKey.Purpose.SIGNING, at=LATER - timedelta(seconds=1)) == before
    assert key_of(node, NodeKey.Purpose.SIGNING, at=LATER) == renewed
    assert key_of(node, NodeKey.Purpose.SIGNING, at=NOW - timedelta(seconds=1)) is None
    signature = sign_as_this_node(b"said", home=tmp_path, at=LATER)
    assert is_signed(b"said", signature, renewed)
    assert not is_signed(b"said", signature, before)


def test_a_key_that_others_do_not_know_signs_nothing(region: Region, tmp_path: Path) -> None:
    named(tmp_path)
    (tmp_path / "secrets" / "node_signing").unlink()
    with pytest.raises(Refused, match="--renew"):
        sign_as_this_node(b"said", home=tmp_path, at=NOW)


def test_another_node_is_known_by_its_card(region: Region, tmp_path: Path) -> None:
    named(tmp_path)
    said = card()
    node = introduce_node(said, by=LOADER, at=NOW)
    assert introduce_node(replace(said, name_en="Federal centre"), by=LOADER, at=LATER).pk == node.pk
    assert key_of(node, NodeKey.Purpose.SIGNING, at=LATER) == said.signing
    assert NodeKey.objects.filter(node=node).count() == 2


def test_a_new_card_ends_the_key_before(region: Region, tmp_path: Path) -> None:
    said = card()
    node = introduce_node(said, by=LOADER, at=NOW)
    renewed = replace(said, signing=public_half(make_signing_key()))
    introduce_node(renewed, by=LOADER, at=LATER)
    assert key_of(node, NodeKey.Purpose.SIGNING, at=NOW) == said.signing
    assert key_of(node, NodeKey.Purpose.SIGNING, at=LATER) == renewed.signing
    with pytest.raises(Refused, match="in use before"):
        introduce_node(said, by=LOADER, at=LATER + timedelta(days=1))


def test_a_key_of_another_node_is_refused(region: Region) -> None:
    said = card()
    introduce_node(said, by=LOADER, at=NOW)
    with pytest.raises(Refused, match="in use before"):
        introduce_node(replace(said, code="kaluga"), by=LOADER, at=NOW)


def test_a_node_does_not_introduce_itself_nor_change_its_kind(region: Region, tmp_path: Path) -> None:
    named(tmp_path)
    with pytest.raises(Refused, match="this node itself"):
        introduce_node(own_card(at=NOW), by=LOADER, at=NOW)
    introduce_node(card("kaluga", "region"), by=LOADER, at=NOW)
    with pytest.raises(Refused, match="known as"):
        introduce_node(card("kaluga", "federation"), by=LOADER, at=NOW)
