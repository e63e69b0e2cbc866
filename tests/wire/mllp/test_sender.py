"""One message outstanding, matched by MSA-2: every way in which it can end."""

from aliquot.wire.hl7 import parse
from aliquot.wire.link_events import Event, MessageDelivered, MessageUndelivered
from aliquot.wire.mllp.answers import answer_of
from aliquot.wire.mllp.profile import STANDARD, MllpProfile, block
from aliquot.wire.mllp.sender import SENDER, Input, MllpSender, State


def message(
    control_id: str, *, commit: str = "", application: str = "", kind: str = "OML^O33"
) -> list[bytes]:
    return [
        f"MSH|^~\\&|LIS||X||20200101||{kind}|{control_id}|P|2.5.1|||{commit}|{application}".encode(),
        b"SPM|1|S",
    ]


def answering(sender: MllpSender, *segments: str, now: float = 5.0) -> list[Event] | None:
    """What an acknowledgement brings about, or None when it is of no message outstanding."""
    content = "\r".join(["MSH|^~\\&|X||LIS||||ACK|9|P|2.5.1", *segments]).encode()
    answer = answer_of(parse(content))
    assert answer is not None
    return sender.take(answer, content, b"", now) if sender.awaits(answer.control_id) else None


def sending(*messages: list[bytes], profile: MllpProfile = STANDARD) -> MllpSender:
    sender = MllpSender(profile)
    for number, one in enumerate(messages, start=1):
        sender.send(one, number)
    return sender


def test_the_next_message_goes_out_when_the_first_is_answered() -> None:
    sender = sending(message("a"), message("b"))
    assert sender.outgoing(1.0) == block(message("a"))
    assert sender.outgoing(1.0) == b""
    [delivered] = answering(sender, "MSA|AA|a") or []
    assert isinstance(delivered, MessageDelivered)
    assert delivered.tag == 1
    assert delivered.answer.endswith(b"MSA|AA|a")
    assert sender.outgoing(5.0) == block(message("b"))


def test_an_answer_is_matched_by_its_control_id_alone() -> None:
    sender = sending(message("a"), message("b"))
    sender.outgoing(0.0)
    assert answering(sender, "MSA|AA|b") is None
    assert answering(sender, "MSA|AA|") is None
    assert answering(sender, "MSA|AE|A") is None
    [late] = sender.overdue(30.0)
    assert late == MessageUndelivered(1, "no acknowledgement in time")
    sender.outgoing(30.0)
    assert answering(sender, "MSA|AA|a") is None
    assert [
        event.tag for event in answering(sender, "MSA|AA|b") or [] if isinstance(event, MessageDelivered)
    ] == [2]


def test_an_answer_for_nothing_is_no_ones() -> None:
    sender = sending()
    assert answering(sender, "MSA|AA|a") is None
    assert answering(sender, "MSA|AA|") is None


def test_refusals_carry_the_other_sides_words() -> None:
    reasons = []
    for segments in (
        ["MSA|AE|a|no such test"],
        ["MSA|AR|a", "ERR|||207^Application internal error^HL70357|E||||queue full"],
        ["MSA|CR|a|x\\T\\y", "ERR|||101^Required field missing"],
        ["MSA|CE|a", "ERR|PID^1^11"],
        ["MSA|XX|a"],
        ["MSA|ae|a"],
    ):
        sender = sending(message("a"))
        sender.outgoing(0.0)
        [event] = answering(sender, *segments) or []
        assert isinstance(event, MessageUndelivered)
        assert (event.tag, bool(event.answer)) == (1, True)
        reasons.append(event.reason)
        assert sender.state is State.IDLE
    assert reasons == [
        "refused with an error (AE): no such test",
        "rejected (AR): queue full",
        "not accepted (CR): x&y: Required field missing",
        "not accepted because of an error (CE): PID^1^11",
        "answered with an unknown code 'XX'",
        "refused with an error (AE)",
    ]


def test_orders_the_analyzer_is_unable_to_accept_are_named() -> None:
    sender = sending(message("a"))
    sender.outgoing(0.0)
    [event] = (
        answering(sender, "MSA|AA|a", "ORC|OK|1|||SC", "ORC|UA|2|||CA", "ORC|UA|||||||||||||||why") or []
    )
    assert isinstance(event, MessageUndelivered)
    assert event.reason == "2 of 3 orders not accepted (UA): 2, why"
    sender = sending(message("a"))
    sender.outgoing(0.0)
    [event] = answering(sender, "MSA|AA|a", "ORC|OK|1|||SC", "ORC|CR|2|||CA") or []
    assert isinstance(event, MessageDelivered)


def test_ca_is_only_half_an_answer_when_the_application_is_asked_too() -> None:
    sender = sending(message("a", commit="AL", application="AL"))
    sender.outgoing(0.0)
    assert answering(sender, "MSA|CA|a", now=5.0) == []
    assert sender.deadline == 35.0
    assert answering(sender, "MSA|CA|a", now=6.0) == []
    assert sender.state is State.COMMITTED
    assert [type(one) for one in answering(sender, "MSA|AA|a") or []] == [MessageDelivered]


def test_ca_without_the_answer_that_was_asked_for_is_undelivered() -> None:
    sender = sending(message("a", application="AL"))
    sender.outgoing(0.0)
    assert answering(sender, "MSA|CA|a") == []
    assert sender.overdue(35.0) == [
        MessageUndelivered(1, "received by the other side (CA), but not answered in time")
    ]
    sender.send(message("b", commit="AL", application="AL"), 2)
    sender.outgoing(40.0)
    assert answering(sender, "MSA|CA|b") == []
    assert [type(one) for one in answering(sender, "MSA|AR|b") or []] == [MessageUndelivered]


def test_ca_settles_where_only_it_was_asked_for_or_the_model_sends_nothing_else() -> None:
    for one, profile in (
        (message("a", commit="AL", application="NE"), STANDARD),
        (message("a", application="AL"), MllpProfile(commit_settles=True)),
    ):
        sender = sending(one, profile=profile)
        sender.outgoing(0.0)
        assert [type(event) for event in answering(sender, "MSA|CA|a") or []] == [MessageDelivered]


def test_messages_that_ask_for_no_answer_are_settled_when_written() -> None:
    quiet = message("a", commit="NE", application="NE")
    response = [*message("b", kind="RSP^Z02"), b"MSA|AA|q"]
    sender = sending(quiet, response, message("c"), message("d"))
    assert sender.outgoing(0.0) == block(quiet) + block(response) + block(message("c"))
    assert sender.next_deadline == 0.0
    assert sender.overdue(0.0) == [MessageDelivered(1), MessageDelivered(2)]
    assert sender.next_deadline == 30.0


def test_silence_is_success_where_only_errors_are_answered() -> None:
    sender = sending(message("a", commit="NE", application="ER"))
    sender.outgoing(0.0)
    assert sender.overdue(30.0) == [MessageDelivered(1)]
    sender = sending(message("a", commit="AL", application="ER"))
    sender.outgoing(0.0)
    assert answering(sender, "MSA|CA|a") == []
    assert sender.overdue(35.0) == [MessageDelivered(1)]
    sender = sending(message("a", commit="AL", application="ER"))
    sender.outgoing(0.0)
    assert sender.overdue(30.0) == [MessageUndelivered(1, "no acknowledgement in time")]


def test_what_cannot_be_sent_is_told_undelivered() -> None:
    sender = sending([], [b"PID|1"], message(""), [*message("a"), b"NTE|\x0b"])
    assert sender.outgoing(0.0) == b""
    assert sender.next_deadline == 0.0
    events = sender.overdue(0.0)
    assert [event.tag for event in events if isinstance(event, MessageUndelivered)] == [1, 2, 3, 4]
    assert all(isinstance(event, MessageUndelivered) and event.reason for event in events)
    assert sender.next_deadline is None


def test_the_end_of_the_connection_leaves_everything_undelivered() -> None:
    sender = sending(message("a"), message("b"))
    sender.outgoing(0.0)
    sender.send([], 3)
    assert [event.tag for event in sender.closed() if isinstance(event, MessageUndelivered)] == [3, 1, 2]
    assert sender.outgoing(1.0) == b""
    assert sender.next_deadline is None


def test_every_state_but_the_idle_one_knows_every_answer() -> None:
    answers = (Input.ACCEPTED, Input.COMMITTED, Input.REFUSED, Input.TIMER)
    assert {
        (state, given) for state in (State.AWAITING, State.COMMITTED) for given in answers
    } <= SENDER.keys()
