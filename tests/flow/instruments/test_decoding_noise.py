"""Captures with nothing in them, noise and damage: decode neither fails nor makes a value."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.decoding import FEEDS, Page, decode
from aliquot.wire.astm_link import ACK, ENQ, EOT
from tests.flow.instruments.captures import ETX, HL7, SAMPLES, STX, as_records, records_of, results


@pytest.mark.parametrize(
    "data", [b"", b"\x00\r\n", ENQ + EOT, ENQ, ACK, b"\x0b\x1c\r", b"{}", b"[]", b"\xff" * 9, b"%PDF-1.7"]
)
def test_nothing_is_read_from_nothing(data: bytes) -> None:
    assert results(data) == []
    assert [*Page(decode(data)).lines()][-1].startswith("  0 results, ")


seeds = st.sampled_from(
    [
        *(as_records(records_of(model)) for model in SAMPLES),
        *(b"\r".join(records_of(model)) for model in SAMPLES),
        b"\x0b" + ("\r".join(HL7) + "\r").encode() + b"\x1c\r",
        ("\r".join(HL7) + "\r").encode(),
        b'{"dir": "analyzer", "hex": "05"}\n{"dir": "analyzer", "hex": "0"}',
        STX + b"R\x1c77\x1c" + ETX,
        STX + b"D1210101U260310" + ETX,
        STX + b"SMP_NEW_DATA\x1c\x1eaMOD\x1d0500" + ETX + b"EA" + EOT,
    ]
)


@given(
    seed=seeds,
    changes=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=6), st.integers(0, 5)), max_size=6),
)
@settings(max_examples=400, deadline=None)
def test_no_bytes_make_decode_fail_or_depend_on_the_cut(
    seed: bytes, changes: list[tuple[int, bytes, int]]
) -> None:
    data = seed
    for place, text, gone in changes:
        at = place % (len(data) + 1)
        data = data[:at] + text + data[at + gone :]
    told = {feed: list(decode(data, feed=feed)) for feed in FEEDS}
    assert told["64"] == told["1460"] == told["all"] == told["whole"]
    assert all("reason" in row for row in told["all"] if "quarantined" in row)
    list(Page(told["all"]).lines())
    json.dumps(told["all"])


@given(data=st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_noise_makes_decode_fail(data: bytes) -> None:
    list(decode(data))


@given(at=st.integers(0, 10_000), char=st.integers(0, 255), model=st.sampled_from(sorted(SAMPLES)))
@settings(max_examples=400, deadline=None)
def test_no_damaged_byte_in_a_frame_gives_another_value(at: int, char: int, model: str) -> None:
    whole = as_records(records_of(model))
    at %= len(whole)
    damaged = whole[:at] + bytes([char]) + whole[at + 1 :]

    def said(data: bytes) -> set[tuple[str, str, str]]:
        return {(row["specimen"], row["code"], row["value"]) for row in results(data)}

    assert said(damaged) <= said(whole)
