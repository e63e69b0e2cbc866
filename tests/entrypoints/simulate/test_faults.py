"""What a bad line does to bytes: what each fault changes, what it leaves alone, and what the host makes of it."""

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.entrypoints.simulate.faults import FAULTS, Chaos, FaultError, chosen
from aliquot.entrypoints.simulate.faults.meaning import padded
from aliquot.entrypoints.simulate.faults.strokes import (
    FORMS,
    STROKES,
    add_noise,
    cut_off,
    damage_byte,
    double_frame,
    in_crlf,
    in_lf,
    in_pieces,
    lose_end,
    lose_frame,
    restart_numbers,
    spoil_checksum,
    without_cr,
    without_vt,
)
from aliquot.wire.astm_link import ENQ, EOT, AstmLink, FrameRefused, MessageReceived, frames_of

RECORDS = [b"H|\\^&|||XN", b"P|1", b"O|1|710100000011", b"R|1|^^^WBC|6.1|10*3/uL||N||F", b"L|1|N"]
FRAMES = frames_of(RECORDS)
BLOCK = b"\x0bMSH|^~\\&|A\rPID|1\rOBX|1\r\x1c\r"
SEEDS = st.integers(0, 10_000).map(Random)


def heard(*pieces: bytes) -> tuple[list[bytes], list[str]]:
    """Messages and reasons of refusal, when a host hears these bytes."""
    link = AstmLink("computer")
    events = [event for piece in pieces for event in link.receive(piece, 0.0)]
    return (
        [one.content for one in events if isinstance(one, MessageReceived)],
        [one.reason for one in events if isinstance(one, FrameRefused)],
    )


@given(SEEDS, st.sampled_from(range(len(FRAMES))))
def test_a_spoilt_checksum_is_refused_and_the_text_is_whole(draw: Random, at: int) -> None:
    spoilt = spoil_checksum(FRAMES[at], draw, "astm")
    assert spoilt is not None
    assert spoilt[:-4] == FRAMES[at][:-4]
    assert heard(ENQ, *FRAMES[:at], spoilt)[1] == ["wrong checksum"]


@given(SEEDS, st.sampled_from(range(len(FRAMES))))
def test_a_damaged_byte_never_passes(draw: Random, at: int) -> None:
    damaged = damage_byte(FRAMES[at], draw, "astm")
    assert damaged is not None
    assert sum(one != other for one, other in zip(damaged, FRAMES[at], strict=True)) == 1
    messages, _ = heard(ENQ, *FRAMES[:at], damaged, *FRAMES[at:], EOT)
    assert messages in ([], [b"".join(one + b"\r" for one in RECORDS)])


@given(SEEDS)
def test_noise_between_frames_changes_nothing(draw: Random) -> None:
    noisy = [add_noise(frame, draw, "astm") for frame in FRAMES]
    assert heard(ENQ, *(one or b"" for one in noisy), EOT) == ([b"".join(one + b"\r" for one in RECORDS)], [])


def test_a_doubled_frame_is_kept_once_and_a_lost_one_is_missed() -> None:
    doubled = double_frame(FRAMES[2], Random(1), "astm")
    assert doubled == FRAMES[2] * 2
    assert heard(ENQ, *FRAMES[:2], doubled, *FRAMES[3:]) == ([b"".join(one + b"\r" for one in RECORDS)], [])
    assert lose_frame(FRAMES[2], Random(1), "astm") == b""
    assert lose_frame(BLOCK, Random(1), "mllp") == b""


def test_a_restarted_number_has_its_own_checksum_and_is_out_of_order() -> None:
    restarted = restart_numbers(FRAMES[2], Random(1), "astm")
    assert restarted is not None
    assert restarted[1:2] == b"1"
    assert heard(ENQ, *FRAMES[:2], restarted)[1] == ["wrong frame number"]
    assert restart_numbers(FRAMES[0], Random(1), "astm") is None


def test_what_is_no_frame_is_left_alone() -> None:
    for name, stroke in STROKES.items():
        assert stroke(ENQ, Random(1), "astm") is None, name
    for name, form in FORMS.items():
        assert form(FRAMES[0], Random(1), "astm") is None, name


def test_forms_of_a_block() -> None:
    draw = Random(1)
    assert in_lf(BLOCK, draw, "mllp") == b"\x0bMSH|^~\\&|A\nPID|1\nOBX|1\n\x1c\r"
    assert in_crlf(BLOCK, draw, "mllp") == b"\x0bMSH|^~\\&|A\r\nPID|1\r\nOBX|1\r\n\x1c\r"
    assert without_vt(BLOCK, draw, "mllp") == BLOCK[1:]
    assert without_cr(BLOCK, draw, "mllp") == BLOCK[:-1]
    assert lose_end(BLOCK, draw, "mllp") == BLOCK[:-2]
    noisy = add_noise(BLOCK, draw, "mllp")
    assert noisy is not None
    assert noisy.endswith(BLOCK)
    assert noisy.strip(b"\x00\t\r\n ") == BLOCK.rstrip(b"\r")


@given(SEEDS, st.binary(min_size=1, max_size=3000))
def test_pieces_are_the_same_bytes_and_a_cut_is_a_beginning(draw: Random, data: bytes) -> None:
    assert b"".join(in_pieces(data, draw)) == data
    cut = cut_off(data, draw)
    assert data.startswith(cut)
    assert len(cut) < len(data)


def test_a_padded_message_is_longer_than_any_frame_and_ends_as_before() -> None:
    assert sum(map(len, padded(RECORDS))) > 64_000
    assert [one for one in padded(RECORDS) if not one.startswith(b"M")] == RECORDS


def test_chance_has_a_seed_and_is_counted() -> None:
    def struck(seed: int) -> list[bool]:
        chaos = Chaos({"cut": 0.3}, Random(seed))
        found = [chaos.happens("cut") for _ in range(100)]
        assert chaos.injected["cut"] == sum(found)
        return found

    assert struck(1) == struck(1) != struck(2)
    assert 15 < sum(struck(1)) < 45
    assert not Chaos({"cut": 1.0}, is_calm=True).happens("cut")
    assert not Chaos({"noise": 1.0}, protocol="dimension").happens("noise")


def test_faults_are_chosen_by_name() -> None:
    assert chosen(["cut", "noise:0.5"]) == {"cut": FAULTS["cut"].probability, "noise": 0.5}
    assert chosen(["all:0.1", "cut:0"]) == {**dict.fromkeys(FAULTS, 0.1), "cut": 0.0}
    for wrong in ("cute", "cut:2", "cut:", "cut:x"):
        with pytest.raises(FaultError, match=re.escape(repr(wrong))):
            chosen([wrong])
