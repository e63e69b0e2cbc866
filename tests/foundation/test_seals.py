"""Signing and sealing: published vectors, every altered byte, the wrong key."""

import stat
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.foundation.errors import Refused
from aliquot.foundation.seals import (
    is_signed,
    make_seal_key,
    make_signing_key,
    public_half,
    receiver_of,
    seal,
    seal_key_of,
    sign,
    signing_key_of,
    unseal,
)


def of_hex(digits: str) -> str:
    return b64encode(bytes.fromhex(digits)).decode()


# RFC 8032, 7.1, TEST 3
PRIVATE = of_hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
PUBLIC = of_hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
SIGNATURE = of_hex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def sealed(content: bytes, *receivers: str) -> bytes:
    target = BytesIO()
    seal(BytesIO(content), target, receivers)
    return target.getvalue()


def opened(content: bytes, key: str) -> bytes:
    target = BytesIO()
    unseal(BytesIO(content), target, key)
    return target.getvalue()


def test_the_published_vector() -> None:
    assert public_half(PRIVATE) == PUBLIC
    assert sign(bytes.fromhex("af82"), PRIVATE) == SIGNATURE
    assert is_signed(bytes.fromhex("af82"), SIGNATURE, PUBLIC)


@given(message=st.binary(min_size=1, max_size=200), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_message_altered_in_one_bit_is_not_signed(message: bytes, at: int, bit: int) -> None:
    signature = sign(message, PRIVATE)
    altered = bytearray(message)
    altered[at % len(message)] ^= 1 << bit
    assert is_signed(message, signature, PUBLIC)
    assert not is_signed(bytes(altered), signature, PUBLIC)


@pytest.mark.parametrize("signature", ["", "not base64 at all", "AAAA", SIGNATURE[:-4], "подпись"])
def test_what_is_malformed_is_no_signature(signature: str) -> None:
    assert not is_signed(b"\xaf\x82", signature, PUBLIC)
    assert not is_signed(b"\xaf\x82", SIGNATURE, signature)


def test_another_key_did_not_sign() -> None:
    assert not is_signed(b"\xaf\x82", SIGNATURE, public_half(make_signing_key()))


@settings(max_examples=25)
@given(content=st.binary(max_size=200_000), at=st.integers(0, 10_000_000))
def test_what_is_sealed_opens_for_its_receivers_alone_and_shows_every_change(content: bytes, at: int) -> None:
    first, second, other = make_seal_key(), make_seal_key(), make_seal_key()
    box = sealed(content, receiver_of(first), receiver_of(second))
    assert opened(box, first) == opened(box, second) == content
    with pytest.raises(Refused, match="cannot be opened"):
        opened(box, other)
    altered = bytearray(box)
    altered[at % len(box)] ^= 1
    with pytest.raises(Refused, match="cannot be opened"):
        opened(bytes(altered), first)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: sign(b"", "short"), "32 bytes"),
        (lambda: public_half("ключ"), "32 bytes"),
        (lambda: receiver_of("key"), "AGE-SECRET-KEY-1"),
        (lambda: sealed(b"", "age2what"), "age2what"),
    ],
)
def test_what_is_no_key_is_refused_in_words(use: Callable[[], object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        use()


def test_keys_of_a_home_are_made_once_and_are_its_owners_alone(tmp_path: Path) -> None:
    assert signing_key_of(tmp_path) == signing_key_of(tmp_path)
    assert seal_key_of(tmp_path) == seal_key_of(tmp_path)
    kept = sorted((tmp_path / "secrets").iterdir())
    assert [one.name for one in kept] == ["node_seal", "node_signing"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in kept} == {0o600}
