"""Blocks cut from a stream: every deviation that was seen, state by state, and no cut changes anything."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire.mllp.profile import STANDARD, MllpProfile, block
from aliquot.wire.mllp.reader import READER, BlockReader, Input, Piece, State

MESSAGE = b"MSH|^~\\&|A|||||||ORU^R01|1|P|2.5\rOBX|1|NM|GLU||5.1|mmol/L\r"
OTHER = MESSAGE.replace(b"|1|P|", b"|2|P|")
WHOLE = b"\x0b" + MESSAGE + b"\x1c\r"
SMALL = MllpProfile(message_limit=1000)
BARE = MllpProfile(bare=True)


def feed(
    data: bytes, profile: MllpProfile = STANDARD, size: int = 0, *, closing: bool = False
) -> list[Piece]:
    reader, pieces = BlockReader(profile), []
    for at in range(0, len(data), size or len(data) or 1):
        pieces += reader.receive(data[at : at + (size or len(data))], 1.0)
    return pieces + (reader.closed() if closing else [])


def faults(pieces: list[Piece]) -> list[tuple[str, bool]]:
    return [(piece.fault, piece.broken_off) for piece in pieces]


def test_a_block_is_a_message() -> None:
    assert feed(WHOLE) == [Piece(MESSAGE)]


def test_a_block_goes_out_as_the_standard_says() -> None:
    assert block([b"MSH|^~\\&", b"PID|1"]) == b"\x0bMSH|^~\\&\rPID|1\r\x1c\r"
    for mark in (b"\x0b", b"\x1c", b"\r"):
        with pytest.raises(ValueError, match="break the block"):
            block([b"MSH|^~\\&", b"PID|" + mark])


def test_blocks_back_to_back_and_noise_between_them() -> None:
    noise = b"\x00\x00\r\n\n\x00  "
    assert feed(noise + WHOLE + WHOLE + noise + WHOLE + noise) == [Piece(MESSAGE)] * 3


@pytest.mark.parametrize("behind", [b"\r", b"\n", b"\r\n", b"\x00", b"\x1c\r", b""])
def test_what_may_stand_behind_the_end_mark(behind: bytes) -> None:
    one = b"\x0b" + MESSAGE + b"\x1c" + behind
    assert feed(one + one + WHOLE) == [Piece(MESSAGE)] * 3


def test_an_end_mark_without_its_return_is_believed_after_silence() -> None:
    reader = BlockReader()
    assert reader.receive(WHOLE[:-1], 1.0) == []
    assert reader.deadline == 1.5
    assert reader.overdue(1.4) == []
    assert reader.overdue(1.5) == [Piece(MESSAGE)]
    assert not reader.deadline
    assert reader.receive(b"\r" + WHOLE, 2.0) == [Piece(MESSAGE)]


def test_an_end_mark_inside_the_message_shortens_nothing() -> None:
    damaged = WHOLE.replace(b"5.1", b"5\x1c1")
    assert feed(damaged + WHOLE) == [
        Piece(damaged[1:-2], "an end mark stands inside the block", broken_off=True, refuse=True),
        Piece(MESSAGE),
    ]


def test_an_end_mark_behind_half_a_segment_is_believed_when_no_text_follows() -> None:
    torn = WHOLE[:-3] + b"\x1c\r"
    reader = BlockReader()
    assert reader.receive(torn, 1.0) == []
    assert reader.overdue(1.5) == [Piece(MESSAGE[:-1])]
    assert reader.receive(torn, 2.0) == [Piece(MESSAGE[:-1])]  # it is the model's habit
    assert feed(torn + WHOLE) == [Piece(MESSAGE[:-1]), Piece(MESSAGE)]
    assert feed(torn, closing=True) == [Piece(MESSAGE[:-1])]
    assert feed(torn + b"\x00" * 100) == [Piece(MESSAGE[:-1])]
    for damaged in (WHOLE.replace(b"2.5\rOBX", b"2.\x1c\rOBX"), WHOLE.replace(b"L\r\x1c", b"\x1c\r\x1c")):
        assert faults(feed(damaged + WHOLE)) == [("an end mark stands inside the block", True), ("", False)]


def test_the_start_mark_may_be_missing() -> None:
    assert feed(WHOLE[1:]) == [Piece(MESSAGE)]
    assert feed(b"\n" + WHOLE[1:] + WHOLE[1:]) == [Piece(MESSAGE)] * 2


def test_messages_with_end_marks_alone() -> None:
    assert feed(MESSAGE + b"\x1c" + OTHER + b"\x1c\r") == [Piece(MESSAGE.strip()), Piece(OTHER.strip())]


def test_a_start_mark_may_be_doubled_and_a_block_empty() -> None:
    assert feed(b"\x0b" + WHOLE + b"\x0b\x1c\r\x0b\r\x1c\r" + WHOLE) == [Piece(MESSAGE)] * 2


def test_a_new_block_before_the_end_of_the_first() -> None:
    pieces = feed(WHOLE[:30] + WHOLE)
    assert faults(pieces) == [("a new block began before its end", True), ("", False)]
    assert pieces[0].raw == WHOLE[1:30]
    assert not pieces[0].refuse


def test_bytes_that_are_in_no_block_are_shown() -> None:
    assert faults(feed(b"hello" + WHOLE)) == [("bytes outside any block", False), ("", False)]
    assert faults(feed(b"hello\x1c\r" + WHOLE)) == [
        ("an end mark, and no message in front of it", False),
        ("", False),
    ]
    assert faults(feed(MESSAGE + WHOLE)) == [("a message without the marks of a block", True), ("", False)]


def test_a_block_that_never_ends_is_given_up() -> None:
    reader = BlockReader()
    assert reader.receive(WHOLE[:20], 1.0) == []
    assert reader.receive(WHOLE[20:30], 9.0) == []
    assert reader.deadline == 39.0
    assert reader.overdue(39.0) == [Piece(WHOLE[1:30], "its end did not come in time", broken_off=True)]
    assert faults(reader.receive(WHOLE[30:], 40.0)) == [("an end mark, and no message in front of it", False)]
    assert reader.receive(WHOLE, 41.0) == [Piece(MESSAGE)]


def test_noise_that_nothing_follows_is_shown_after_a_while() -> None:
    reader = BlockReader()
    assert reader.receive(b"\r\n\x00", 1.0) == []
    assert reader.deadline is None
    assert reader.receive(b"hello", 1.0) == []
    assert reader.overdue(31.0) == [Piece(b"hello", "bytes outside any block")]
    assert reader.deadline is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (WHOLE[:-1], [Piece(MESSAGE)]),
        (WHOLE[:30], [Piece(WHOLE[1:30], "the connection ended inside the block", broken_off=True)]),
        (b"hello", [Piece(b"hello", "bytes outside any block")]),
        (b"\x0b\r", []),
        (b"", []),
    ],
)
def test_the_end_of_the_connection(data: bytes, told: list[Piece]) -> None:
    assert feed(data, closing=True) == told


def test_large_blocks_are_taken_up_to_the_limit() -> None:
    large = MESSAGE + b"OBX|2|ED|X||" + b"A" * 300_000 + b"\r"
    assert feed(b"\x0b" + large + b"\x1c\r", size=65_536) == [Piece(large)]


def test_an_overlong_block_is_shown_in_parts_and_refused() -> None:
    rest = b"A" * 1700
    for profile_size in (0, 1, 64):
        pieces = feed(b"\x0b" + MESSAGE + rest + b"\x1c\r" + WHOLE, SMALL, profile_size)
        assert [piece.fault.split(" larger")[0] for piece in pieces] == [
            "the message is",
            "the rest of a message",
            "",
        ]
        assert [piece.refuse for piece in pieces] == [True, False, False]
        assert b"".join(piece.raw for piece in pieces) == MESSAGE + rest + MESSAGE


@pytest.mark.parametrize("opening", [b"\x0b", b"x", b"MSH|"])
def test_memory_is_bounded_whatever_comes(opening: bytes) -> None:
    reader, shown = BlockReader(SMALL), 0
    reader.receive(opening, 0.0)
    for _ in range(100):
        shown += sum(len(piece.raw) for piece in reader.receive(b"y" * 500, 0.0))
        assert len(reader._buffer) <= 1500
    assert shown >= 48_000


def test_bare_text_is_a_message_when_the_profile_says_so() -> None:
    reader = BlockReader(BARE)
    assert reader.receive(MESSAGE + OTHER, 1.0) == []
    assert reader.deadline == 2.0
    assert reader.overdue(2.0) == [Piece(MESSAGE, bare=True), Piece(OTHER, bare=True)]
    assert reader.receive(WHOLE, 3.0) == [Piece(MESSAGE)]
    assert feed(MESSAGE, BARE, closing=True) == [Piece(MESSAGE, bare=True)]
    assert faults(feed(b"hello", BARE, closing=True)) == [("bytes outside any block", False)]


def test_every_state_knows_every_input_it_can_meet() -> None:
    behind = {(state, given) for state in (State.ENDING, State.DOUBTING) for given in Input}
    before = {(state, given) for state in State for given in Input} - behind
    assert before - READER.keys() == {
        one for one in before if one[1] in (Input.AFTER, Input.AFTER_TORN, Input.TEXT)
    }
    assert behind - READER.keys() == {
        (State.ENDING, Input.LIMIT),
        (State.DOUBTING, Input.AFTER_TORN),
    }


# -- properties -------------------------------------------------------------------------------------------

PARTS = [
    WHOLE,
    MESSAGE,
    b"\x0b",
    b"\x1c",
    b"\x1c\r",
    b"\r",
    b"\n",
    b"\x00",
    b"MSH|",
    b"x",
    b"MSH|^~\\&|" + b"z" * 90,
]


@given(
    st.lists(st.sampled_from(PARTS) | st.binary(max_size=12), max_size=8),
    st.data(),
    st.booleans(),
    st.sampled_from([60, 150, 10_000]),
)
def test_no_cut_changes_what_is_told(parts: list[bytes], data: st.DataObject, bare: bool, limit: int) -> None:  # noqa: FBT001 - drawn
    stream, profile = b"".join(parts), replace(STANDARD, bare=bare, message_limit=limit)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    reader, pieces = BlockReader(profile), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        pieces += reader.receive(stream[start:end], 1.0)
    pieces += reader.closed()
    assert pieces == feed(stream, profile, closing=True)
    assert pieces == feed(stream, profile, 1, closing=True)


@given(st.lists(st.sampled_from(PARTS) | st.binary(max_size=40), max_size=8), st.booleans())
def test_nothing_but_marks_and_blanks_is_swallowed(parts: list[bytes], bare: bool) -> None:  # noqa: FBT001 - drawn
    stream = b"".join(parts)
    told = b"".join(piece.raw for piece in feed(stream, replace(STANDARD, bare=bare), closing=True))
    dull = b"\x00\t\r\n \x0b\x1c"
    batch = [b"BHS", b"FHS", b"BTS", b"FTS"]
    assert any(one in stream for one in batch) or told.translate(None, dull) == stream.translate(None, dull)
