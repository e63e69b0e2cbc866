"""The ADVIA 2120's link: opening, token, results, questions and orders, in both roles and under damage."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.advia2120_link import Advia2120Link, Advia2120Profile, State, framed, lrc
from aliquot.wire.advia2120_link.link import CORRECT, OPENING, TOKEN, VALIDATED
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
RESULT = b"R 00000000700123                  03/10/26 09:15:30   \r\n  1 6.35 \r\n"
QUERY = b"Q 00000000700123\r\n"
ORDER = b"Y   A 00000000700123 \r\n001002\r\n"
NOTHING = b"N W 00000000700123\r\n"


def opened() -> Advia2120Link:
    """A host whose I was acknowledged and who gave the token away."""
    link = Advia2120Link()
    assert link.outgoing(0.0) == framed(0x30, OPENING)
    link.receive(b"0", 0.0)
    link.overdue(2.0)
    assert link.outgoing(2.0) == framed(0x31, TOKEN)
    assert link.receive(b"1", 2.0) == []
    assert link.state is State.THEIRS
    return link


def test_the_checksum_is_never_the_character_that_ends_a_message() -> None:
    assert lrc(b"\x01\x02") == b"\x7f"
    assert framed(0x30, OPENING)[-2:-1] == lrc(b"0I \r\n")


def test_a_result_is_echoed_and_validated_and_then_the_instrument_goes_on() -> None:
    link = opened()
    reply = b"2" + framed(0x33, VALIDATED)
    assert link.receive(framed(0x32, RESULT), 2.1) == [MessageReceived(RESULT, reply)]
    assert link.receive(b"3", 2.2) == []
    assert link.state is State.THEIRS
    assert link.receive(framed(0x34, TOKEN), 2.3) == [FrameAccepted(0x34, b"4")]
    link.overdue(4.3)
    assert link.outgoing(4.3) == framed(0x35, TOKEN)


def test_a_result_whose_echo_was_lost_is_not_told_twice() -> None:
    link = opened()
    link.receive(framed(0x32, RESULT), 2.1)
    again = link.receive(framed(0x32, RESULT), 7.1)
    assert again == [FrameRepeated(0x32, b"2" + framed(0x33, VALIDATED))]
    assert link.receive(framed(0x36, RESULT), 30.0)[0] == FrameRepeated(0x36, b"6" + framed(0x37, VALIDATED))


def test_a_token_that_comes_again_is_only_echoed() -> None:
    link = opened()
    link.receive(framed(0x32, TOKEN), 2.1)
    assert link.receive(framed(0x32, TOKEN), 2.2) == [FrameRepeated(0x32, b"2")]


def test_orders_go_out_when_the_host_holds_the_token() -> None:
    link = opened()
    link.send([ORDER.removesuffix(b"\r\n")], "order")
    assert link.outgoing(2.0) == b""
    link.receive(framed(0x32, TOKEN), 3.0)
    assert link.outgoing(3.0) == framed(0x33, ORDER)
    assert link.receive(b"3", 3.1) == []
    assert link.receive(framed(0x34, CORRECT), 3.2) == [MessageDelivered("order", b"4", CORRECT)]


@pytest.mark.parametrize(("code", "is_good"), [(b" 0", True), (b"10", True), (b" 4", False)])
def test_the_instrument_says_whether_an_order_is_correct(code: bytes, is_good: bool) -> None:  # noqa: FBT001 - a case
    link = opened()
    link.send([ORDER], "order")
    link.receive(framed(0x32, TOKEN), 3.0)
    link.outgoing(3.0)
    verdict = CORRECT[:9] + code + b"\r\n"
    (event,) = link.receive(b"3" + framed(0x34, verdict), 3.2)
    words = "refused by the other side: error 4"
    good, bad = MessageDelivered("order", b"4", verdict), MessageUndelivered("order", words, b"4")
    assert event == (good if is_good else bad)


def test_a_question_is_answered_by_what_is_sent_for_its_specimen() -> None:
    link = opened()
    assert link.receive(framed(0x32, QUERY), 3.0) == [MessageReceived(QUERY, b"2")]
    assert link.outgoing(3.0) == b""
    assert link.receive(framed(0x32, QUERY), 3.1) == [FrameRepeated(0x32, b"2")]
    link.send([ORDER.replace(b"700123", b"000009")], "other")
    assert link.outgoing(3.2) == b""
    link.send([ORDER], "answer")
    assert link.outgoing(3.2) == framed(0x33, ORDER)


def test_a_question_nobody_answers_in_time_gets_nothing() -> None:
    link = opened()
    link.receive(framed(0x32, QUERY), 3.0)
    assert link.next_deadline == 17.0
    link.overdue(17.0)
    assert link.outgoing(17.0) == framed(0x33, NOTHING)


def test_a_negative_answer_is_delivered_even_without_a_verdict() -> None:
    link = opened()
    link.receive(framed(0x32, QUERY), 3.0)
    link.send([NOTHING], "none")
    link.outgoing(3.0)
    events = link.receive(b"3" + framed(0x34, TOKEN), 3.1)
    assert events == [MessageDelivered("none"), FrameAccepted(0x34, b"4")]


def test_silence_makes_the_host_open_again() -> None:
    link = opened()
    assert link.next_deadline == 22.0
    assert link.overdue(22.0) == []
    assert link.outgoing(22.0) == framed(0x30, OPENING)


def test_an_opening_nobody_hears_is_tried_three_times_and_again_after_twenty_seconds() -> None:
    link, now, times = Advia2120Link(), 0.0, []
    while now < 50.0:
        if link.outgoing(now) == framed(0x30, OPENING):
            times.append(now)
        assert link.next_deadline is not None
        now = link.next_deadline
        link.overdue(now)
    assert times == [0.0, 5.0, 10.0, 35.0, 40.0, 45.0]


def test_three_refusals_give_an_order_back() -> None:
    link = opened()
    link.send([ORDER], "order")
    link.receive(framed(0x32, TOKEN), 3.0)
    sent = b""
    events: list[Event] = []
    while not events:
        sent += link.outgoing(3.0)
        events = link.receive(b"\x15", 3.0)
    assert sent == framed(0x33, ORDER) * 3
    assert events == [MessageUndelivered("order", "a message was refused 3 times")]


def test_a_wrong_checksum_or_number_is_refused() -> None:
    damaged = framed(0x32, RESULT).replace(b"6.35", b"9.35")
    assert opened().receive(damaged, 3.0) == [FrameRefused(damaged[1:-1], "wrong checksum", b"\x15")]
    strange = framed(0x5B, RESULT)
    assert opened().receive(strange, 3.0) == [FrameRefused(strange[1:-1], "no message number", b"\x15")]


def test_a_checksum_that_looks_like_a_start_is_one() -> None:
    body = b"R E\r\n"
    assert framed(0x32, body)[-2:-1] == b"\x02"
    (event,) = opened().receive(framed(0x32, body), 3.0)
    assert isinstance(event, MessageReceived)


def test_a_message_that_never_ends_is_refused_after_thirty_seconds() -> None:
    link = Advia2120Link(profile=Advia2120Profile(opens=False))
    link.receive(framed(0x32, RESULT)[:9], 0.0)
    (event,) = link.overdue(30.0)
    assert isinstance(event, FrameRefused)


def test_both_ends_open_report_ask_and_order() -> None:
    computer, instrument = Advia2120Link(), Advia2120Link("instrument")
    computer.send([ORDER.replace(b"700123", b"000009")], "preloaded")
    instrument.send([RESULT], "result")
    instrument.send([QUERY], "question")
    computer.send([ORDER], "answer")
    heard, told = talk((computer, instrument), seconds=60.0)
    assert [one.content for one in heard if isinstance(one, MessageReceived)] == [RESULT, QUERY]
    delivered = {one.tag for one in (*heard, *told) if isinstance(one, MessageDelivered)}
    assert delivered == {"preloaded", "result", "question", "answer"}


def test_a_question_without_work_is_delivered_with_nothing() -> None:
    ends = Advia2120Link(), Advia2120Link("instrument")
    ends[1].send([QUERY], "question")
    heard, told = talk(ends, seconds=40.0)
    assert [one.content for one in heard if isinstance(one, MessageReceived)] == [QUERY]
    assert [one.answer for one in told if isinstance(one, MessageDelivered)] == [NOTHING]


def test_a_question_is_answered_with_its_order() -> None:
    ends = Advia2120Link(), Advia2120Link("instrument")
    ends[1].send([QUERY], "question")
    talk(ends, seconds=6.0)
    ends[0].send([ORDER], "answer")
    heard, told = talk(ends, seconds=6.0, start=6.0)
    assert [one.answer for one in told if isinstance(one, MessageDelivered)] == [ORDER]
    assert [one.tag for one in heard if isinstance(one, MessageDelivered)] == ["answer"]


def test_the_end_of_the_connection_gives_back_what_is_left() -> None:
    link = opened()
    link.send([ORDER], 1)
    link.receive(b"\x02half", 3.0)
    assert link.closed() == [
        FrameRefused(b"half", "the connection ended inside the message", b""),
        MessageUndelivered(1, "the connection ended"),
    ]


BODIES = (OPENING, TOKEN, RESULT, QUERY, ORDER, NOTHING, VALIDATED, CORRECT, b"X \r\n")
FRAMES = [framed(number, body) for body in BODIES for number in (0x30, 0x32, 0x5A)]
PIECES = st.one_of(
    st.sampled_from([*FRAMES, b"0", b"1", b"3", b"\x15", b"\x02", b"\x03"]), st.binary(max_size=9)
)


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=12),
    cuts=CUTS,
    role=st.sampled_from(["computer", "instrument"]),
)
def test_no_cut_of_the_stream_changes_the_events(pieces: list[bytes], cuts: list[int], role: Role) -> None:
    def make() -> Advia2120Link:
        link = Advia2120Link(role)
        link.send([ORDER if role == "computer" else RESULT], "tag")
        link.outgoing(0.0)
        return link

    check_cuts_change_nothing(make, pieces, cuts)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
def test_the_capture_is_one_message_and_no_damaged_byte_changes_it() -> None:
    raw = (CORPUS / "siemens_advia2120" / "rekeyed_results_12p.bin").read_bytes()
    (whole,) = (one.content for one in Advia2120Link().receive(raw, 0.0) if isinstance(one, MessageReceived))
    assert whole == raw[2:-2]
    for at in range(len(raw)):
        for change in range(1, 256):
            damaged = raw[:at] + bytes([raw[at] ^ change]) + raw[at + 1 :]
            told = Advia2120Link().receive(damaged, 0.0)
            assert [one for one in told if isinstance(one, MessageReceived) and one.content != whole] == []
