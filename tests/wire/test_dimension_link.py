"""The Dimension's link: polls, questions, results and orders, in both roles and under damage."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.dimension_link import DimensionLink, DimensionProfile, State
from aliquot.wire.dimension_link.link import framed
from aliquot.wire.link import Role
from aliquot.wire.link_events import (
    Event,
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)
from tests.two_ends import CUTS, check_cuts_change_nothing, talk

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "analyzers"
ACK, NAK = b"\x06", b"\x15"


def body(text: str) -> bytes:
    return text.replace("|", "\x1c").encode()


POLL, FIRST, BUSY = body("P|DIM|0|1|0|"), body("P|DIM|1|1|0|"), body("P|DIM|0|0|0|")
QUERY = body("I|26091827|")
ORDER = body("D|0|0|A|DOE,JOHN|26091827|1||1|1|**|1|2|GLU|CREA|")
RESULT = body("R|*||152|1||0|192902111125|1|1|1|ALTI|72|U/L||")
ACCEPT, REFUSE, NOTHING = body("M|A||"), body("M|R|5|"), body("N|")


def test_frames_are_those_of_the_guide() -> None:
    assert framed(NOTHING) == b"\x02N\x1c6A\x03"
    assert framed(ACCEPT) == b"\x02M\x1cA\x1c\x1cE2\x03"
    assert framed(POLL.removesuffix(b"\x1c")) == framed(POLL) == b"\x02" + POLL + b"47\x03"


@pytest.mark.parametrize("poll", [POLL, FIRST, BUSY])
def test_a_poll_without_work_is_answered_with_nothing(poll: bytes) -> None:
    link = DimensionLink()
    assert link.receive(framed(poll), 0.0) == [FrameAccepted(0, ACK)]
    assert link.outgoing(0.0) == framed(NOTHING)
    assert link.receive(ACK, 0.1) == []
    assert link.state is State.IDLE


def test_a_poll_takes_the_next_order_and_its_acceptance_delivers_it() -> None:
    link = DimensionLink()
    link.send([ORDER], "order")
    assert link.outgoing(0.0) == b""
    for poll in (FIRST, BUSY):
        link.receive(framed(poll), 0.0)
        assert link.outgoing(0.0) == framed(NOTHING)
        link.receive(ACK, 0.0)
    link.receive(framed(POLL), 1.0)
    assert link.outgoing(1.0) == framed(ORDER)
    assert link.receive(ACK, 1.1) == []
    assert link.state is State.WAITING
    assert link.receive(framed(ACCEPT), 2.0) == [MessageDelivered("order", ACK, ACCEPT)]


def test_a_refused_order_says_why() -> None:
    link = DimensionLink()
    link.send([ORDER], "order")
    link.receive(framed(POLL), 0.0)
    link.outgoing(0.0)
    events = link.receive(ACK + framed(REFUSE), 0.1)
    assert events == [
        MessageUndelivered("order", "refused by the other side: error in the test request", ACK)
    ]


def test_a_question_is_answered_by_what_is_sent_for_its_specimen() -> None:
    link = DimensionLink()
    other = ORDER.replace(b"26091827", b"11111111")
    link.send([other], "other")
    assert link.receive(framed(QUERY), 0.0) == [MessageReceived(QUERY, ACK)]
    assert link.outgoing(0.0) == b""
    assert link.receive(framed(QUERY), 1.0) == [FrameRepeated(0, ACK)]
    link.send([ORDER], "answer")
    assert link.outgoing(1.0) == framed(ORDER)
    events = link.receive(ACK + framed(ACCEPT), 1.1)
    assert events == [MessageDelivered("answer", ACK, ACCEPT)]


def test_a_question_nobody_answers_in_time_gets_nothing() -> None:
    link = DimensionLink()
    link.receive(framed(QUERY), 0.0)
    assert link.next_deadline == 14.0
    assert link.overdue(14.0) == []
    assert link.outgoing(14.0) == framed(NOTHING)


def test_a_negative_answer_is_delivered_by_its_ack() -> None:
    link = DimensionLink()
    link.receive(framed(QUERY), 0.0)
    link.send([NOTHING], "none")
    assert link.outgoing(0.0) == framed(NOTHING)
    assert link.receive(ACK, 0.1) == [MessageDelivered("none")]


def test_a_result_is_accepted_once_and_its_repetition_not_told_again() -> None:
    link = DimensionLink()
    reply = ACK + framed(ACCEPT)
    assert link.receive(framed(RESULT), 0.0) == [MessageReceived(RESULT, reply)]
    assert link.receive(framed(RESULT), 0.5) == [FrameRepeated(0, reply)]
    link.receive(ACK, 0.6)
    link.receive(framed(POLL), 15.0)
    assert link.receive(framed(RESULT), 20.0) == [FrameRepeated(0, reply)]


def test_a_refused_acceptance_is_sent_again() -> None:
    link = DimensionLink()
    link.receive(framed(RESULT), 0.0)
    link.receive(NAK, 0.1)
    assert link.outgoing(0.1) == framed(ACCEPT)


def test_a_wrong_checksum_is_refused_and_an_enquiry_hears_so_again() -> None:
    link = DimensionLink()
    damaged = framed(RESULT).replace(b"72", b"92")
    assert link.receive(damaged, 0.0) == [FrameRefused(damaged[1:-1], "wrong checksum", NAK)]
    assert link.receive(b"\x05", 0.1) == [FrameRepeated(0, NAK)]
    link.receive(framed(RESULT), 0.2)
    assert link.receive(b"\x05", 0.3) == [FrameRepeated(0, ACK)]


def test_four_naks_or_no_ack_give_the_message_back() -> None:
    link = DimensionLink("instrument", DimensionProfile(polls=False))
    link.send([RESULT], "result")
    sent = 0
    events: list[Event] = []
    while not events:
        sent += link.outgoing(0.0) == framed(RESULT)
        events = link.receive(NAK, 0.0)
    assert (sent, events) == (4, [MessageUndelivered("result", "a frame was refused 4 times")])
    link.send([RESULT], "again")
    link.outgoing(1.0)
    assert link.overdue(2.0) == [MessageUndelivered("again", "no ACK to a frame in time")]


def test_an_order_the_analyzer_passes_over_is_given_back() -> None:
    link = DimensionLink()
    link.send([ORDER], "order")
    link.receive(framed(POLL), 0.0)
    link.outgoing(0.0)
    events = link.receive(ACK + framed(POLL), 15.0)
    assert events[0] == MessageUndelivered("order", "the other side went on without answering")
    assert link.outgoing(15.0) == framed(NOTHING)


def test_a_frame_that_never_ends_is_refused_after_five_seconds() -> None:
    link = DimensionLink()
    link.receive(framed(RESULT)[:20], 0.0)
    assert link.next_deadline == 5.0
    (event,) = link.overdue(5.0)
    assert isinstance(event, FrameRefused)
    assert link.receive(framed(RESULT), 6.0)[0].reply[:1] == ACK


def test_both_ends_poll_ask_order_and_report() -> None:
    computer = DimensionLink()
    instrument = DimensionLink("instrument", DimensionProfile(poll_interval=2.0))
    computer.send([ORDER.replace(b"26091827", b"5")], "preloaded")
    instrument.send([RESULT], "result")
    heard, told = talk((computer, instrument), seconds=8.0)
    assert MessageReceived(RESULT, ACK + framed(ACCEPT)) in heard
    assert MessageDelivered("result", ACK, ACCEPT) in told
    assert MessageDelivered("preloaded", ACK, ACCEPT) in heard
    assert [one.content for one in told if isinstance(one, MessageReceived)] == [
        ORDER.replace(b"26091827", b"5")
    ]
    instrument.send([QUERY], "question")
    computer.send([ORDER], "answer")
    heard, told = talk((computer, instrument), seconds=8.0, start=8.0)
    assert MessageDelivered("answer", ACK, ACCEPT) in heard
    assert MessageDelivered("question", ACK + framed(ACCEPT), ORDER) in told


def test_a_question_without_work_is_delivered_with_nothing() -> None:
    ends = DimensionLink(), DimensionLink("instrument", DimensionProfile(polls=False))
    ends[1].send([QUERY], "question")
    _, told = talk(ends, seconds=20.0)
    assert told == [MessageDelivered("question", ACK, NOTHING)]


def test_the_end_of_the_connection_gives_back_what_is_left() -> None:
    link = DimensionLink()
    link.send([ORDER], 1)
    link.receive(b"\x02half", 0.0)
    assert link.closed() == [
        FrameRefused(b"half", "the connection ended inside the frame", b""),
        MessageUndelivered(1, "the connection ended"),
    ]


FRAMES = [framed(one) for one in (POLL, BUSY, QUERY, RESULT, ORDER, ACCEPT, REFUSE, NOTHING)]
PIECES = st.one_of(st.sampled_from([*FRAMES, ACK, NAK, b"\x05", b"\x02", b"\x03"]), st.binary(max_size=9))


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=12),
    cuts=CUTS,
    role=st.sampled_from(["computer", "instrument"]),
)
def test_no_cut_of_the_stream_changes_the_events(pieces: list[bytes], cuts: list[int], role: Role) -> None:
    def make() -> DimensionLink:
        link = DimensionLink(role)
        link.send([ORDER], "order")
        return link

    check_cuts_change_nothing(make, pieces, cuts)


@given(at=st.integers(0, len(framed(RESULT)) - 1), change=st.integers(1, 255))
def test_no_damaged_byte_yields_a_message(at: int, change: int) -> None:
    raw = bytearray(framed(RESULT))
    raw[at] ^= change
    told = DimensionLink().receive(bytes(raw), 0.0)
    assert [one for one in told if isinstance(one, MessageReceived) and one.content != RESULT] == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
@pytest.mark.parametrize("role", ["computer", "instrument"])
def test_the_transcript_is_spoken_as_it_was_recorded(role: Role) -> None:
    lines = (CORPUS / "siemens_dimension_exl" / "poll_query_order_transcript.jsonl").read_text().splitlines()
    steps = [(one["dir"], bytes.fromhex(one["hex"])) for one in map(json.loads, lines)]
    ours = "host" if role == "computer" else "analyzer"
    link = DimensionLink(role)
    expected = b"".join(data for who, data in steps if who == ours)
    link.outgoing(0.0)
    said, now = b"", 0.0
    for who, data in steps:
        now += 0.01
        if who != ours:
            said += b"".join(event.reply for event in link.receive(data, now))
            if data == framed(QUERY):
                link.send([ORDER], "answer")
        elif data == framed(QUERY):
            link.send([QUERY], "question")
        elif data[1:2] == b"P":
            now += 15.0
            link.overdue(now)
        said += link.outgoing(now)
    assert said == expected.replace(
        framed(body("M|A|||")), framed(ACCEPT)
    )  # one separator more than the guide


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
def test_no_damaged_byte_of_the_capture_yields_a_changed_result() -> None:
    raw = (CORPUS / "siemens_dimension_exl" / "rekeyed_result_3t_error6.dim").read_bytes()
    for at in range(len(raw)):
        for change in (1, 2, 0x10, 0x80, 0xFF):
            damaged = raw[:at] + bytes([raw[at] ^ change]) + raw[at + 1 :]
            told = DimensionLink().receive(damaged, 0.0)
            contents = [one.content for one in told if isinstance(one, MessageReceived)]
            assert contents in ([], [raw[1:-3]])
