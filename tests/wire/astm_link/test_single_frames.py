"""A read that is one frame takes a shorter way and is judged alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire.astm_link import ENQ, EOT, AstmReceiver, FrameRefused, FramingProfile, frame_bytes
from tests.wire.astm_link.sessions import RECORDS, STANDARD

TEXTS = (
    b"H|\\^&|||X\r",
    b"P|1\r",
    b"R|1|^^^GLU|5.1\r",
    b"R|2|^^^K|",
    b"4.1\r",
    b"L|1|N\r",
    b"L\r\x00",
    b"M|\x12\r",
)
ODD = st.sampled_from([ENQ, EOT, b"\x00", b"noise", b"\x02"])
MOSTLY_RIGHT = st.sampled_from([True] * 6 + [False])


@st.composite
def reads_of_a_line(draw: st.DrawFn) -> list[bytes]:
    """What each read brings: mostly the next frame, now and then a wrong number, checksum or line end."""
    reads, number = [], 0
    for _ in range(draw(st.integers(0, 24))):
        number += draw(MOSTLY_RIGHT)
        profile = FramingProfile(trailer=b"\r\n" if draw(MOSTLY_RIGHT) else b"\n")
        end = draw(st.sampled_from([b"\x03", b"\x03", b"\x17"]))
        frame = frame_bytes(number % 8, draw(st.sampled_from(TEXTS)), end, profile)
        if not draw(MOSTLY_RIGHT):
            frame = draw(ODD) if draw(st.booleans()) else frame.replace(b"1", b"3", 1)
        reads.append(frame)
    return reads


@given(reads=reads_of_a_line())
def test_frames_that_come_one_by_one_are_judged_like_those_that_come_together(reads: list[bytes]) -> None:
    """A read that is one frame takes a shorter way: it has to end at the same place."""
    for profile in (STANDARD, FramingProfile(accepted_text_limit=5)):
        whole, single = AstmReceiver(profile), AstmReceiver(profile)
        together = whole.receive(ENQ + b"".join(reads), 0.0)
        one_by_one = [event for one in (ENQ, *reads) for event in single.receive(one, 0.0)]
        assert one_by_one + single.closed() == together + whole.closed()


@pytest.mark.parametrize(
    ("number", "change", "reason"),
    [(2, (b"5.1", b"9.1"), "wrong checksum"), (3, (b"", b""), "wrong frame number")],
)
def test_a_read_that_is_one_bad_frame_is_refused(
    number: int, change: tuple[bytes, bytes], reason: str
) -> None:
    receiver = AstmReceiver()
    receiver.receive(ENQ, 0.0)
    receiver.receive(frame_bytes(1, RECORDS[0] + b"\r"), 0.0)
    (refused,) = receiver.receive(frame_bytes(number, RECORDS[3] + b"\r").replace(*change), 0.0)[-1:]
    assert isinstance(refused, FrameRefused)
    assert refused.reason == reason
    (after,) = receiver.receive(frame_bytes(2, RECORDS[3] + b"\r"), 0.0)
    assert isinstance(after, FrameRefused) is (reason == "wrong frame number")
