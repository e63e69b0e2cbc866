"""A message has one form: what is signed can be read in one way only."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.oversight.federation.rules.envelopes import (
    FORMAT,
    LARGEST_BYTES,
    MESSAGE,
    RECEIPT,
    Envelope,
    UnreadableError,
    canonical,
    is_kind,
    read_envelope,
    to_sign,
    write_envelope,
)

ONE = Envelope(
    id="0a4c8f1e-8f6b-4a53-9d44-3c2f8a1b7e10",
    sender="tula",
    receiver="federation",
    stream="5f1d1f9c-6c60-4d7a-9a0e-7d7c2f3f0b11",
    sequence=17,
    kind="referral.placed",
    made_at="2026-11-22T06:00:00+00:00",
    program="0.1.0",
    body={"test": "K", "value": "4.1", "times": [1, None, True], "name": {"ru": "Калий"}},
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def changed(**parts: Any) -> bytes:
    """The bytes of a message in the one form, with some parts of it said otherwise."""
    return canonical({**orjson.loads(write_envelope(ONE)), **parts})


def fault(content: bytes) -> str:
    with pytest.raises(UnreadableError) as told:
        read_envelope(content)
    return told.value.code


def test_a_message_is_read_as_it_was_written() -> None:
    assert read_envelope(write_envelope(ONE)) == ONE


@given(st.dictionaries(st.text(), PLAIN))
def test_any_body_is_read_as_it_was_written(body: dict[str, Any]) -> None:
    try:
        content = write_envelope(replace(ONE, body=body))
    except ValueError:  # half of a surrogate pair is no text
        return
    assert read_envelope(content).body == body


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_code(content: bytes) -> None:
    assert fault(content) in {"unreadable", "not_canonical"}


@given(st.data())
def test_a_changed_byte_is_another_message_or_none(data: st.DataObject) -> None:
    content = bytearray(write_envelope(ONE))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    try:
        found = read_envelope(bytes(content))
    except UnreadableError:
        return
    assert found != ONE


def test_names_stand_in_one_order_and_without_spaces() -> None:
    assert canonical({"b": 1, "a": "ё"}) == '{"a":"ё","b":1}'.encode()


@pytest.mark.parametrize("value", [1.5, {1: "a"}, b"bytes", [{"a": 2.0}], {"a": object()}, "\ud800", 2**70])
def test_what_could_be_read_in_two_ways_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"in a message|no place"):
        canonical(value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        changed(format="1"),
        changed(format=True),
        changed(extra=1),
        changed(id="17"),
        changed(id=17),
        changed(id="0A4C8F1E-8F6B-4A53-9D44-3C2F8A1B7E10"),
        changed(stream="none"),
        changed(sequence=0),
        changed(sequence=True),
        changed(sequence="17"),
        changed(sequence=2**53),
        changed(made_at="2026-11-22T06:00:00"),
        changed(made_at="yesterday"),
        changed(kind="Referral"),
        changed(body=[]),
        changed(body=None),
        changed(program=1),
        changed(**{"from": "Тула"}),
        changed(to=""),
        write_envelope(ONE).replace(b'"4.1"', b"4.1"),
    ],
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    assert fault(content) == "unreadable"


@pytest.mark.parametrize(
    "content",
    [
        write_envelope(ONE) + b"\n",
        write_envelope(ONE).replace(b":17", b": 17"),
        write_envelope(ONE).replace(b'{"body"', b'{"program":"0.1.0","body"', 1),  # a name that stands twice
        write_envelope(ONE).replace("Калий".encode(), b"\\u041a\\u0430\\u043b\\u0438\\u0439"),
    ],
)
def test_the_same_said_in_another_form_is_refused(content: bytes) -> None:
    assert fault(content) == "not_canonical"


def test_the_form_is_named_before_anything_else_is_judged() -> None:
    assert fault(canonical({"format": 0, "whatever": 1})) == "format_too_old"
    assert fault(canonical({"format": FORMAT + 1, "whatever": 1})) == "format_too_new"


def test_what_is_too_large_is_not_looked_at() -> None:
    assert fault(b"x" * (LARGEST_BYTES + 1)) == "too_large"


def test_a_receipts_signature_is_none_of_a_message() -> None:
    assert to_sign(b"x", MESSAGE) != to_sign(b"x", RECEIPT)
    assert to_sign(b"x", MESSAGE).endswith(b"x")


def test_a_kind_is_two_words() -> None:
    assert all(map(is_kind, ("node.answer", "referral.results_changed")))
    assert not any(map(is_kind, ("referral", "a.b.c", "A.b", "a.b\n", "")))
