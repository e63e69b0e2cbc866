"""Blocks without number and checksum: state by state, both ends, every cut, every kind of damage."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_records import parse
from aliquot.wire.link_events import (
    Event,
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    SessionClosed,
    SessionOpened,
    Unintelligible,
)
from aliquot.wire.plain_frames import PlainLink, PlainProfile, State
from tests.two_ends import CUTS, check_cuts_change_nothing, talk

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "analyzers"
MESSAGE = b"H|\\^&|||Maglumi\rP|1\rO|1|7||^^^T3\rR|1|^^^T3|5.1\rL|1|N\r"
SESSION = PlainProfile()
SYSMEX = PlainProfile(has_session=False, joins_records=False)
PRINTER = PlainProfile(has_session=False, acknowledges=False, joins_records=False)
VIDAS = PlainProfile(needs_session=False, end=b"\x1d", has_sum=True, joins_records=False)
LINES = PlainProfile(has_session=False, acknowledges=False, start=b"", end=b"\x03", joins_records=False)


def feed(link: PlainLink, data: bytes, now: float = 0.0) -> list[Event]:
    return link.receive(data, now)


def framed(text: bytes) -> bytes:
    return b"\x02" + text + b"\x03"


def contents(events: list[Event]) -> list[bytes]:
    return [one.content for one in events if isinstance(one, MessageReceived)]


def test_a_session_with_several_messages_in_one_block_is_acknowledged_once() -> None:
    events = feed(PlainLink(), b"\x05" + framed(MESSAGE * 3) + b"\x04")
    assert events == [
        SessionOpened(b"\x06"),
        MessageReceived(MESSAGE, b""),
        MessageReceived(MESSAGE, b""),
        MessageReceived(MESSAGE, b"\x06"),
        SessionClosed("EOT"),
    ]


def test_records_in_blocks_of_their_own_are_one_message() -> None:
    blocks = b"".join(framed(record) for record in MESSAGE.split(b"\r")[:-1])
    events = feed(PlainLink(), b"\x05" + blocks + b"\x04")
    assert contents(events) == [MESSAGE.removesuffix(b"\r")]
    assert events.count(FrameAccepted(0, b"\x06")) == 4


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_feeds_end_records_too(end: bytes) -> None:
    block = framed(end + MESSAGE.replace(b"\r", end))
    assert contents(feed(PlainLink(), b"\x05" + block + b"\x04")) == [MESSAGE]


def test_a_second_header_ends_the_message_before_it() -> None:
    cut = MESSAGE.removesuffix(b"L|1|N\r")
    events = feed(PlainLink(), b"\x05" + framed(cut + MESSAGE))
    assert events[1:] == [MessageReceived(cut, b"", unterminated=True), MessageReceived(MESSAGE, b"\x06")]
    events = feed(PlainLink(), b"\x05" + framed(cut) + framed(MESSAGE))
    assert events[2:] == [MessageReceived(cut, b"", unterminated=True), MessageReceived(MESSAGE, b"\x06")]


@pytest.mark.parametrize("ending", [b"\x04", b"\x05"])
def test_a_message_that_breaks_off_is_shown_and_never_filed(ending: bytes) -> None:
    events = feed(PlainLink(), b"\x05" + framed(b"H|\\^&\rP|1\r") + ending)
    assert contents(events) == []
    assert isinstance(events[2], MessageIncomplete)


def test_a_block_without_a_session_is_shown_where_the_model_always_has_one() -> None:
    link = PlainLink()
    assert feed(link, framed(MESSAGE)) == [
        Unintelligible(MESSAGE, "a block without the ENQ that opens a session")
    ]
    assert feed(PlainLink(profile=PlainProfile(needs_session=False)), framed(MESSAGE)) == [
        MessageReceived(MESSAGE, b"\x06")
    ]


def test_a_repeated_block_is_told_once_until_something_else_was_said() -> None:
    link = PlainLink(profile=SYSMEX)
    assert contents(feed(link, framed(b"R1"))) == [b"R1"]
    assert feed(link, framed(b"R1"), 5.0) == [FrameRepeated(0, b"\x06")]
    link.send([b"S1"], "answer")
    assert link.outgoing(6.0) == framed(b"S1")
    assert feed(link, b"\x06", 6.1) == [MessageDelivered("answer")]
    assert contents(feed(link, framed(b"R1"), 7.0)) == [b"R1"]
    assert contents(feed(link, framed(b"R1"), 100.0)) == [b"R1"]


def test_a_printer_is_never_answered_and_its_lines_are_all_told() -> None:
    link = PlainLink(profile=PRINTER)
    assert feed(link, framed(b"line") * 2 + b"\n") == [MessageReceived(b"line", b"")] * 2
    assert link.outgoing(0.0) == b""


def test_what_a_printer_breaks_off_is_shown_because_it_does_not_come_again() -> None:
    link = PlainLink(profile=PRINTER)
    events = feed(link, b"\x02GLU 5." + framed(b"UREA 7.1"))
    assert events == [
        Unintelligible(b"GLU 5.", "broken off before its end"),
        MessageReceived(b"UREA 7.1", b""),
    ]
    assert feed(link, b"\x02GLU") == []
    assert link.closed() == [Unintelligible(b"GLU", "the connection ended before the message did")]


def test_lines_without_a_start_are_blocks_of_their_own() -> None:
    link = PlainLink(profile=LINES)
    assert contents(feed(link, b"\r\nGLU NEG\r\npH 6\x03\r\nGLU POS\x03")) == [b"GLU NEG\r\npH 6", b"GLU POS"]


def test_the_sum_of_a_mini_vidas_is_checked() -> None:
    good = b"\x02\x1emtrsl|\x1d"
    total = b"%02x" % (sum(good[1:]) % 256)
    assert contents(feed(PlainLink(profile=VIDAS), good + total + b"\n")) == [b"\x1emtrsl|"]
    wrong = feed(PlainLink(profile=VIDAS), good + b"00")
    assert wrong == [FrameRefused(b"\x1emtrsl|", "wrong checksum", b"\x15")]


def test_nothing_hangs_when_a_block_never_ends() -> None:
    link = PlainLink()
    feed(link, b"\x05\x02H|\\^&\rP", 1.0)
    assert link.next_deadline == 31.0
    events = link.overdue(31.0)
    assert [type(one) for one in events] == [FrameRefused, SessionClosed]
    assert link.state is State.IDLE
    link.send([b"H"], 1)
    assert link.outgoing(32.0) == b"\x05"


def test_a_block_longer_than_its_limit_is_refused_and_the_next_is_read() -> None:
    link = PlainLink(profile=PlainProfile(has_session=False, joins_records=False, block_limit=8))
    events = feed(link, framed(b"0123456789abc") + framed(b"R1"))
    assert events[0] == FrameRefused(b"01234567", "longer than a block may be", b"\x15")
    assert contents(events) == [b"R1"]


def test_a_message_larger_than_the_limit_is_shown_and_refused() -> None:
    link = PlainLink(profile=PlainProfile(message_limit=40))
    events = feed(link, b"\x05" + framed(MESSAGE[:30]) + framed(b"C|1|" + b"x" * 30))
    assert [type(one) for one in events[2:]] == [MessageIncomplete, FrameRefused]


@pytest.mark.parametrize("profile", [SESSION, SYSMEX, PRINTER, VIDAS, PlainProfile(has_session=False)])
def test_both_ends_deliver_to_each_other(profile: PlainProfile) -> None:
    computer, instrument = PlainLink("computer", profile), PlainLink("instrument", profile)
    records = MESSAGE.split(b"\r")[:-1] if profile.joins_records else [b"D one"]
    instrument.send(records, "result")
    computer.send(records, "order")
    heard = talk((computer, instrument))
    for events, tag in zip(heard, ("order", "result"), strict=True):
        assert [one for one in events if isinstance(one, MessageDelivered)] == [MessageDelivered(tag)]
        assert contents(events) == [MESSAGE if profile.joins_records else b"D one"]


def test_a_refused_block_is_repeated_six_times() -> None:
    link = PlainLink("instrument", SYSMEX)
    link.send([b"D"], "tag")
    sent = 0
    for _ in range(10):
        sent += link.outgoing(0.0) == framed(b"D")
        events = feed(link, b"\x15")
        if events:
            break
    assert sent == 6
    assert events == [MessageUndelivered("tag", "a block was refused 6 times")]


def test_no_answer_to_bids_is_told() -> None:
    link = PlainLink("instrument")
    link.send([b"H"], "tag")
    now, events = 0.0, list[Event]()
    while not events and now < 500:
        link.outgoing(now)
        assert link.next_deadline is not None
        now = link.next_deadline
        events = link.overdue(now)
    assert events == [MessageUndelivered("tag", "no answer to any bid")]


def test_no_reply_to_a_block_is_told() -> None:
    link = PlainLink("instrument", SYSMEX)
    link.send([b"D"], "tag")
    link.outgoing(0.0)
    assert link.overdue(14.9) == []
    assert link.overdue(15.0) == [MessageUndelivered("tag", "no reply to a block within 15 s")]


def test_the_computer_gives_way_to_the_instrument() -> None:
    computer = PlainLink("computer")
    computer.send([b"H"], "tag")
    assert computer.outgoing(0.0) == b"\x05"
    assert feed(computer, b"\x05", 0.1) == []
    events = feed(computer, b"\x05" + framed(MESSAGE) + b"\x04", 1.2)
    assert contents(events) == [MESSAGE]
    assert computer.outgoing(1.3) == b"\x05"


@pytest.mark.parametrize("profile", [SESSION, VIDAS])
def test_a_block_that_comes_while_we_give_way_does_not_end_the_wait(profile: PlainProfile) -> None:
    computer = PlainLink("computer", profile)
    computer.send([b"H"], "tag")
    computer.outgoing(0.0)
    feed(computer, b"\x05", 0.1)
    feed(computer, framed(b"D") if not profile.has_sum else b"\x02D\x1d61", 0.2)
    assert computer.next_deadline == 20.1
    computer.overdue(20.1)
    assert computer.outgoing(20.1) == b"\x05"


def test_the_end_of_the_connection_tells_what_is_left() -> None:
    link = PlainLink()
    feed(link, b"\x05" + framed(b"H|\\^&\r") + b"\x02half")
    link.send([b"H"], "tag")
    assert [type(one) for one in link.closed()] == [
        MessageIncomplete,
        FrameRefused,
        SessionClosed,
        MessageUndelivered,
    ]


PROFILES = [SESSION, SYSMEX, PRINTER, VIDAS, LINES, PlainProfile(has_session=False, block_limit=12)]
PIECES = [
    b"\x05",
    b"\x04",
    b"\x02",
    b"\x03",
    b"\x1d",
    b"\x06",
    b"\x15",
    MESSAGE,
    b"H|\\^&\r",
    b"L|1\r",
    b"b0",
    b"\r",
]


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=9)), max_size=14),
    cuts=CUTS,
    profile=st.sampled_from(PROFILES),
)
def test_no_cut_of_the_stream_changes_the_events(
    pieces: list[bytes], cuts: list[int], profile: PlainProfile
) -> None:
    def make() -> PlainLink:
        return PlainLink(profile=profile)

    check_cuts_change_nothing(make, pieces, cuts)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
def test_the_captures_are_cut_into_their_messages() -> None:
    maglumi = (CORPUS / "snibe_maglumi_x8" / "rekeyed_three_messages_one_frame.astm").read_bytes()
    told = contents(feed(PlainLink(), maglumi))
    assert [parse(one)[0].header.kind for one in told] == ["H"] * 3
    sysmex = (CORPUS / "sysmex_ca660" / "result_6p.bin").read_bytes()
    assert contents(feed(PlainLink(profile=SYSMEX), sysmex)) == [sysmex[1:-1]]
    spotchem = (CORPUS / "arkray_spotchem_el" / "result_native.txt").read_bytes()
    assert contents(feed(PlainLink(profile=PRINTER), spotchem)) == [spotchem[1:-2]]


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
def test_no_damaged_byte_of_the_mini_vidas_yields_a_message() -> None:
    raw = (CORPUS / "biomerieux_mini_vidas" / "result_native.txt").read_bytes()
    (whole,) = contents(feed(PlainLink(profile=VIDAS), raw))
    for at in range(len(raw)):
        for change in (1, 0x20, 0x80):
            damaged = raw[:at] + bytes([raw[at] ^ change]) + raw[at + 1 :]
            assert contents(feed(PlainLink(profile=VIDAS), damaged)) in ([], [whole])
