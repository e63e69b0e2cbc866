"""What single models do otherwise, each by a named switch of the profile."""

from typing import Literal

import pytest

from aliquot.wire.astm_link import (
    ENQ,
    EOT,
    AstmLink,
    AstmReceiver,
    FramingProfile,
    MessageIncomplete,
    SessionOpened,
    checksum,
    frame_bytes,
    frames_of,
)
from tests.wire.astm_link.sessions import CONTENT, RECORDS, feed, messages_of


def test_number_one_after_seven_needs_the_named_tolerance() -> None:
    records = [*RECORDS[:4], RECORDS[3], RECORDS[3], RECORDS[3], RECORDS[4]]
    frames = [frame_bytes(n, r + b"\r") for n, r in zip([1, 2, 3, 4, 5, 6, 7, 1], records, strict=True)]
    data = ENQ + b"".join(frames) + EOT
    assert len(messages_of(feed(data, profile=FramingProfile(wraps_to_one=True)))) == 1
    strict = feed(data)
    assert messages_of(strict) == []
    lost = [event.reason for event in strict if isinstance(event, MessageIncomplete)]
    assert lost == ["frames are missing from the message"]


def test_the_tolerance_after_seven_does_not_hide_a_lost_frame() -> None:
    profile = FramingProfile(wraps_to_one=True)
    middle = [b"C|%d" % number for number in range(6)]
    frames = frames_of([RECORDS[0], *middle, RECORDS[2], RECORDS[3], RECORDS[4]], profile)
    assert frames[7][1:2] == b"0"
    for lost in (frames[7].replace(b"70071", b"70072"), b"noise"):
        events = feed(ENQ + b"".join([*frames[:7], lost, *frames[8:]]) + EOT, profile=profile)
        assert messages_of(events) == []
    skipping = [
        frame_bytes(n, r + b"\r") for n, r in zip([1, 2, 3, 4, 5, 6, 7, 1], frames_text(8), strict=True)
    ]
    twice = [*skipping[:-1], skipping[-1].replace(b"L|1", b"L|9"), skipping[-1]]
    receiver = AstmReceiver(profile)
    told = receiver.receive(ENQ + b"".join(skipping) + EOT + ENQ + b"".join(twice) + EOT, 0.0)
    assert len(messages_of(told)) == 2  # the habit was seen before, so a damaged frame may come again


def frames_text(count: int) -> list[bytes]:
    return [RECORDS[0], *[RECORDS[3]] * (count - 2), RECORDS[4]]


def test_number_one_with_a_new_header_needs_the_named_tolerance() -> None:
    data = ENQ + b"".join(frames_of(RECORDS) * 2) + EOT
    assert len(messages_of(feed(data, profile=FramingProfile(restarts_with_header=True)))) == 2
    assert len(messages_of(feed(data))) == 1


def test_a_header_that_begins_again_at_1_never_continues_an_open_record() -> None:
    cut = frame_bytes(1, b"H|\\^&\rO|1|7\rR|1|^^^A|5.", b"\x17")
    whole = frame_bytes(1, b"H|\\^&\rO|1|8\rR|1|^^^A|6.0\rL|1|N\r")
    for wraps in (False, True):
        profile = FramingProfile(wraps_to_one=wraps, restarts_with_header=True)
        events = feed(ENQ + cut + whole + EOT, profile=profile)
        (message,) = messages_of(events)
        assert message == whole[2:-5]
        assert [one.raw for one in events if isinstance(one, MessageIncomplete)] == [cut[2:-5]]


def test_a_model_may_number_the_frames_of_some_records_as_it_likes() -> None:
    numbers = [(1, RECORDS[0]), (2, RECORDS[1]), (3, RECORDS[2]), (1, b"M|1|A"), (1, b"M|2|B"), (4, b"M|3|C")]
    numbers += [(5, RECORDS[3]), (6, RECORDS[4])]
    stream = ENQ + b"".join(frame_bytes(number, record + b"\r") for number, record in numbers) + EOT
    assert not messages_of(feed(stream))
    (message,) = messages_of(feed(stream, profile=FramingProfile(unnumbered_records=b"M")))
    assert message == b"".join(record + b"\r" for _, record in numbers)
    lost = stream.replace(frame_bytes(5, RECORDS[3] + b"\r"), b"")
    assert not messages_of(feed(lost, profile=FramingProfile(unnumbered_records=b"M")))


def test_what_a_model_writes_behind_the_checksum_is_written_to_it() -> None:
    profile = FramingProfile(trailer=b"\n")
    stream = ENQ + b"".join(frames_of(RECORDS, profile)) + EOT
    assert stream.endswith(b"\x03" + checksum(b"5L|1|N\r\x03") + b"\n" + EOT)
    assert len(messages_of(feed(stream, profile=profile))) == 1


def test_a_device_may_leave_out_the_end_of_a_record_but_we_never_do() -> None:
    profile = FramingProfile(ends_records=False)
    ends = AstmLink("instrument", profile), AstmLink("computer", profile)
    others = AstmLink("computer", profile), AstmLink("instrument", profile)
    for (sender, receiver), first in ((ends, RECORDS[0]), (others, RECORDS[0] + b"\r")):
        sender.send(RECORDS)
        (opened,) = receiver.receive(sender.outgoing(0.0), 0.0)
        assert isinstance(opened, SessionOpened)
        sender.receive(opened.reply, 0.0)
        assert sender.outgoing(0.0) == frame_bytes(1, first)
    stream = ENQ + b"".join(frames_of(RECORDS, profile)) + EOT
    assert messages_of(feed(stream, 7, profile)) == [CONTENT.removesuffix(b"\r")]


@pytest.mark.parametrize(
    "profile",
    [
        FramingProfile(),
        FramingProfile(trailer=b""),
        FramingProfile(trailer=b"\n"),
        FramingProfile(has_checksum=False),
        FramingProfile(has_checksum=False, trailer=b""),
    ],
)
def test_every_line_end_is_taken_whatever_the_cut(profile: FramingProfile) -> None:
    frames = frames_of(RECORDS, profile)
    for end in (b"\r\n", b"\n", b"\r", b""):
        bodies = [frame.rstrip(b"\r\n") + end for frame in frames]
        data = ENQ + b"".join(bodies) + EOT
        whole = feed(data, len(data), profile)
        assert messages_of(whole) == [b"\r".join(RECORDS) + b"\r"]
        for size in (1, 2, 3, 7):
            assert feed(data, size, profile) == whole


def test_no_line_end_stands_where_no_checksum_does() -> None:
    data = ENQ + frames_of(RECORDS)[0] + b"\x022P|1\r\x17\x02x\x02" + b"".join(frames_of(RECORDS)[1:]) + EOT
    assert feed(data, 1) == feed(data, 5) == feed(data, len(data))


@pytest.mark.parametrize("ends", ["record", "frame", "session"])
def test_a_message_ends_as_the_model_says(ends: Literal["record", "frame", "session"]) -> None:
    profile = FramingProfile(message_ends=ends)
    data = ENQ + frame_bytes(1, b"R 001 GLU 5.1 ") + frame_bytes(2, b"R 002 GLU 5.2 ") + EOT
    contents = messages_of(feed(data, 3, profile))
    assert (
        contents
        == {
            "record": [],
            "frame": [b"R 001 GLU 5.1 ", b"R 002 GLU 5.2 "],
            "session": [b"R 001 GLU 5.1 \rR 002 GLU 5.2 "],
        }[ends]
    )


def test_a_message_without_l_is_whole_at_the_end_of_the_session() -> None:
    data = ENQ + b"".join(frames_of(RECORDS[:-1])) + EOT
    assert messages_of(feed(data, 5)) == []
    (message,) = messages_of(feed(data, 5, FramingProfile(message_ends="session")))
    assert message == b"\r".join(RECORDS[:-1]) + b"\r"


def test_etb_may_end_a_record_that_has_no_cr() -> None:
    profile = FramingProfile(etb_ends_record=True)
    frames = [frame_bytes(n, record, b"\x17") for n, record in enumerate(RECORDS[:-1], 1)]
    data = ENQ + b"".join(frames) + frame_bytes(len(RECORDS), RECORDS[-1]) + EOT
    (message,) = messages_of(feed(data, 4, profile))
    assert message == b"\r".join(RECORDS)


def test_hl7_in_frames_ends_with_etx() -> None:
    text = b"MSH|^~\\&|X||||20260310||OUL^R22|1|P|2.5.1\rSPM|1|77\rOBX|1|NM|T||5\r"
    frames = [frame_bytes(1, text[:50], b"\x17"), frame_bytes(2, text[50:]), frame_bytes(3, text)]
    events = feed(ENQ + b"".join(frames) + EOT, 9)
    assert messages_of(events) == [text, text]
