"""Both ends of an HL7 connection: what is told, and what is answered."""

import pytest

from aliquot.wire.hl7 import parse
from aliquot.wire.link_events import (
    AnswerUnmatched,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    Unintelligible,
)
from aliquot.wire.links import open_link
from aliquot.wire.mllp import MllpLink, MllpProfile, block
from tests.wire.mllp.ends import CONTENT, RESULT, WHOLE, ack, code_of, contents, feed, order


def test_a_message_carries_the_acknowledgement_to_write_when_it_is_kept() -> None:
    [event] = feed(WHOLE)
    assert isinstance(event, MessageReceived)
    assert event.content == CONTENT
    assert event.reply.endswith(b"MSA|AA|r1\r\x1c\r")


def test_replies_have_control_ids_of_their_own() -> None:
    events = feed(WHOLE * 2 + block([b"H|\\^&"]) + WHOLE)
    ids = [parse(event.reply.strip(b"\x0b\x1c\r")).control_id for event in events]
    assert ids == ["A1-r1", "A2-r1", "A3-", "A4-r1"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"H|\\^&|||\rL|1\r", "does not begin with MSH"),
        (b"FHS|^~\\&\rFTS|0\r", "does not begin with MSH"),
        (CONTENT.replace(b"5.1", b"5\x011"), "control character"),
        (CONTENT.replace(b"5.1", b"5\x001"), "control character"),
        (CONTENT.replace(b"|OUL^R22^OUL_R22|", b"||"), "MSH-9"),
        (CONTENT.replace(b"|^~\\&|", b"|^~.&|"), "delimiters"),
        (CONTENT.replace(b"MSH|^~", b"MSH|!~"), "MSH-9"),
        (CONTENT.replace(b"OUL_R22|", b"OUL\rR22|"), "the header breaks off"),
    ],
)
def test_what_is_no_message_is_refused_and_shown(raw: bytes, reason: str) -> None:
    [event] = feed(b"\x0b" + raw + b"\x1c\r")
    assert isinstance(event, Unintelligible)
    assert (event.raw, reason in event.reason) == (raw, True)
    assert code_of(event.reply) == "AR"


def test_several_messages_in_one_block_are_answered_one_by_one() -> None:
    second = CONTENT.replace(b"|r1|", b"|r2|")
    for batch in (CONTENT + second, b"FHS|^~\\&\rBHS|^~\\&\r" + CONTENT + second + b"BTS|2\rFTS|1\r"):
        events = feed(b"\x0b" + batch + b"\x1c\r")
        assert contents(events) == [CONTENT, second]
        assert [event.reply.split(b"\r")[1] for event in events] == [b"MSA|AA|r1", b"MSA|AA|r2"]
    remark = CONTENT + b"NTE|1||MSH\r"
    assert contents(feed(b"\x0b" + remark + b"\x1c\r")) == [remark]


def test_commit_acknowledgements_of_release_2_settle_nothing_and_get_no_answer() -> None:
    link = MllpLink()
    link.send(order("o1"), 1)
    link.outgoing(0.0)
    for mark in (b"\x06", b"\x15"):
        [event] = link.receive(b"\x0b" + mark + b"\x1c\r\x0b\x0b", 1.0)
        assert isinstance(event, AnswerUnmatched)
        assert event.reply == b""
    assert [type(event) for event in link.receive(ack("o1"), 2.0)] == [MessageDelivered]


def test_control_characters_are_taken_where_the_model_sends_them() -> None:
    padded = CONTENT.replace(b"S1", b"S1\x00\x00")
    assert contents(feed(b"\x0b" + padded + b"\x1c\r", profile=MllpProfile(keeps_controls=True))) == [padded]
    assert contents(feed(b"\x0b" + CONTENT + b"\x00\x00\x1c\r")) == [CONTENT + b"\x00\x00"]
    japanese = CONTENT.replace(b"UNICODE UTF-8", b"~ISO IR87") + "NTE|1||検\r".encode("iso2022_jp")
    assert contents(feed(b"\x0b" + japanese + b"\x1c\r")) == [japanese]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_message_is_the_same_whatever_ends_its_segments(end: bytes) -> None:
    """It is kept under its SHA-256: sent again with other line ends it must be known again."""
    assert contents(feed(b"\x0b" + CONTENT.replace(b"\r", end) + b"\x1c\r")) == [CONTENT]


def test_segments_with_line_feeds_and_odd_charsets_are_answered_too() -> None:
    for raw in (
        CONTENT.replace(b"\r", b"\n"),
        CONTENT.replace(b"\r", b"\r\n"),
        CONTENT.replace(b"mmol", b"\xb5mol"),
    ):
        [event] = feed(b"\x0b" + raw + b"\x1c\r")
        assert isinstance(event, MessageReceived)
        assert code_of(event.reply) == "AA"


def test_broken_messages_are_told_and_not_acknowledged() -> None:
    first, second = feed(WHOLE[:60] + WHOLE)
    assert isinstance(first, MessageIncomplete)
    assert first.reply == b""
    assert isinstance(second, MessageReceived)
    [cut] = feed(WHOLE[:60])
    assert isinstance(cut, MessageIncomplete)


def test_an_overlong_message_is_rejected_by_name() -> None:
    events = feed(
        b"\x0b" + CONTENT + b"NTE|1||" + b"A" * 3000 + b"\r\x1c\r" + WHOLE,
        profile=MllpProfile(message_limit=1000),
    )
    assert isinstance(events[0], MessageIncomplete)
    assert b"MSA|AR|r1|the message is larger than the limit" in events[0].reply
    assert all(isinstance(event, Unintelligible) and not event.reply for event in events[1:-1])
    assert contents(events) == [CONTENT]


def test_a_model_that_sends_bare_text_is_answered_so() -> None:
    link = MllpLink("computer", MllpProfile(bare=True))
    assert link.receive(CONTENT, 0.0) == []
    assert link.next_deadline == 1.0
    [event] = link.overdue(1.0)
    assert isinstance(event, MessageReceived)
    assert event.reply.startswith(b"MSH|")
    assert event.reply.endswith(b"MSA|AA|r1\r")


# -- what we send -----------------------------------------------------------------------------------------


def test_an_order_is_delivered_when_its_own_answer_comes() -> None:
    link = MllpLink()
    link.send(order("o1"), "first")
    assert link.outgoing(0.0) == block(order("o1"))
    assert link.next_deadline == 30.0
    answer = ack("o1", "AA", b"ORC|OK|1|||SC")
    assert link.receive(answer, 1.0) == [MessageDelivered("first", answer=answer[1:-2])]
    assert link.next_deadline is None


def test_a_late_answer_is_never_the_next_messages() -> None:
    link = MllpLink()
    link.send(order("o1"), 1)
    link.send(order("o2"), 2)
    link.outgoing(0.0)
    assert [type(event) for event in link.overdue(30.0)] == [MessageUndelivered]
    assert link.outgoing(30.0) == block(order("o2"))
    [late] = link.receive(ack("o1"), 31.0)
    assert isinstance(late, AnswerUnmatched)
    assert "'o1'" in late.reason
    assert [type(event) for event in link.receive(ack("o2"), 32.0)] == [MessageDelivered]


def test_answers_for_nothing_are_kept_and_not_answered() -> None:
    [event] = MllpLink().receive(ack("zz"), 0.0)
    assert isinstance(event, AnswerUnmatched)
    assert event.reply == b""


def test_both_directions_cross_on_one_connection() -> None:
    link = MllpLink()
    link.send(order("o1"), 1)
    link.outgoing(0.0)
    events = link.receive(WHOLE[:40], 1.0) + link.receive(WHOLE[40:] + ack("o1") + WHOLE, 2.0)
    assert [type(event) for event in events] == [MessageReceived, MessageDelivered, MessageReceived]


def test_an_answer_may_come_over_the_other_socket_of_the_model() -> None:
    orders = MllpLink("computer", MllpProfile(replies_elsewhere=True))
    orders.send(order("o1"), 1)
    orders.outgoing(0.0)
    [stray] = MllpLink().receive(ack("o1"), 1.0)
    assert isinstance(stray, AnswerUnmatched)
    assert orders.is_awaiting(stray.raw)
    assert not any(orders.is_awaiting(one) for one in (b"\x06", CONTENT, ack("o2")[1:-2]))
    assert [type(event) for event in orders.take_answer(stray.raw, 1.0)] == [MessageDelivered]


def test_an_answer_that_asks_for_a_receipt_gets_it_on_the_way_and_at_the_end() -> None:
    link = MllpLink()
    link.send([order("o1")[0].replace(b"NE|AL", b"AL|AL")], 1)
    link.outgoing(0.0)
    asking = b"MSH|^~\\&|X||LIS||||%b|9|P|2.5.1|||AL"
    assert link.receive(block([asking % b"ACK^O33", b"MSA|CA|o1"])[:-2] + b"\x1c\r", 1.0)[0].reply.endswith(
        b"MSA|CA|9\r\x1c\r"
    )
    [done] = link.receive(block([asking % b"ORL^O34", b"MSA|AA|o1"]), 2.0)
    assert isinstance(done, MessageDelivered)
    assert code_of(done.reply) == "CA"


def test_results_in_an_answer_are_a_message_too() -> None:
    link = MllpLink()
    link.send([order("q1")[0].replace(b"OML^O33^OML_O33", b"QRY^R02")], 1)
    link.outgoing(0.0)
    results = block([b"MSH|^~\\&|GX||LIS||||ORF^R04|9|P|2.5|||AL|NE", b"MSA|AA|q1", RESULT[2]])
    delivered, received = link.receive(results, 1.0)
    assert isinstance(delivered, MessageDelivered)
    assert isinstance(received, MessageReceived)
    assert (delivered.reply, delivered.answer) == (b"", received.content)
    assert code_of(received.reply) == "CA"
    [late] = link.receive(results, 2.0)
    assert isinstance(late, MessageReceived)


def test_the_end_of_the_connection_tells_what_is_open() -> None:
    link = MllpLink()
    link.send(order("o1"), 1)
    link.outgoing(0.0)
    link.receive(WHOLE[:40], 1.0)
    assert [type(event) for event in link.closed()] == [MessageIncomplete, MessageUndelivered]


def test_the_engine_is_opened_by_its_profile() -> None:
    assert isinstance(open_link("instrument", MllpProfile()), MllpLink)
