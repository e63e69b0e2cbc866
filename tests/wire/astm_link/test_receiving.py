"""What a receiver makes of a session: messages, refusals, repeats, silence, the tables themselves."""

from aliquot.wire.astm_link import (
    ACK,
    ENQ,
    EOT,
    NAK,
    AstmLink,
    AstmReceiver,
    FrameRefused,
    FrameRepeated,
    FramingProfile,
    MessageIncomplete,
    MessageReceived,
    SessionClosed,
    SessionOpened,
    Unintelligible,
    frame_bytes,
    frames_of,
)
from aliquot.wire.astm_link.sender import SENDER
from aliquot.wire.astm_link.sender import State as Sending
from aliquot.wire.astm_link.session import RECEIVER
from aliquot.wire.astm_link.session import State as Receiving
from tests.wire.astm_link.sessions import CONTENT, PACKED, RECORDS, feed, messages_of, replies_of, session


def test_the_message_is_told_with_the_frame_that_ends_its_l_record() -> None:
    events = feed(session(RECORDS))
    assert events[0] == SessionOpened(ACK)
    assert events[-2:] == [MessageReceived(CONTENT, ACK), SessionClosed("EOT")]
    assert replies_of(events) == ACK * 6


def test_the_same_message_packed_and_cut_inside_its_records() -> None:
    assert messages_of(feed(session(RECORDS, profile=PACKED))) == [CONTENT]


def test_several_messages_of_one_session_keep_numbering() -> None:
    assert messages_of(feed(session(RECORDS, RECORDS, RECORDS))) == [CONTENT] * 3


def test_a_wrong_checksum_is_refused_and_its_retransmission_taken() -> None:
    frames = frames_of(RECORDS)
    bad = frames[3].replace(b"5.1", b"5.2")
    events = feed(ENQ + b"".join([*frames[:3], bad, *frames[3:]]) + EOT)
    assert [event.reason for event in events if isinstance(event, FrameRefused)] == ["wrong checksum"]
    assert replies_of(events) == ACK * 4 + NAK + ACK * 2
    assert messages_of(events) == [CONTENT]


def test_a_repeated_frame_is_acknowledged_and_not_stored_twice() -> None:
    frames = frames_of(RECORDS)
    events = feed(ENQ + b"".join(frame * 2 for frame in frames) + EOT)
    assert sum(isinstance(event, FrameRepeated) for event in events) == 5
    assert replies_of(events) == ACK * 11
    assert messages_of(events) == [CONTENT]


def test_an_equal_number_with_another_text_is_no_retransmission() -> None:
    other = frame_bytes(1, b"H|\\^&|||OTHER\r")
    events = feed(ENQ + frames_of(RECORDS)[0] + other + EOT)
    assert [event.reason for event in events if isinstance(event, FrameRefused)] == ["wrong frame number"]


def test_noise_nulls_doubled_stx_and_empty_sessions_are_tolerated() -> None:
    frames = [b"\x00zz\x02" + frame + b"\x00~" for frame in frames_of(RECORDS)]
    data = b"\x00" + ENQ + EOT + b"abc" + ENQ + b"".join(frames) + EOT
    assert messages_of(feed(data)) == [CONTENT]
    assert not [e for e in feed(data) if isinstance(e, (FrameRefused, MessageIncomplete, Unintelligible))]


def test_a_second_header_closes_the_message_before_it() -> None:
    events = [e for e in feed(session(RECORDS[:-1], RECORDS)) if isinstance(e, MessageReceived)]
    assert [event.unterminated for event in events] == [True, False]
    assert [event.reply for event in events] == [b"", ACK]
    assert events[0].content == b"".join(record + b"\r" for record in RECORDS[:-1])


def test_a_record_without_cr_before_etx_ends_with_its_frame() -> None:
    frames = [frame_bytes(number, record) for number, record in enumerate(RECORDS, 1)]
    assert messages_of(feed(ENQ + b"".join(frames) + EOT)) == [CONTENT[:-1]]


def test_a_sender_that_goes_on_after_a_refusal_is_not_followed() -> None:
    """Frame numbers come round after eight: without this, a result would stand under another tube."""
    results = [b"R|%d|^^^GLU|%d" % (number, number) for number in range(20)]
    frames = frames_of([*RECORDS[:2], b"O|1|A", *results[:6], b"O|2|B", *results[6:], RECORDS[4]])
    frames[9] = frames[9].replace(b"O|2|B", b"O|2|C")
    events = feed(ENQ + b"".join(frames) + EOT)
    assert messages_of(events) == []
    (incomplete,) = [event for event in events if isinstance(event, MessageIncomplete)]
    assert incomplete.raw.endswith(b"|5\r")
    assert replies_of(events) == ACK * 10 + NAK * (len(frames) - 9)


def test_a_session_without_its_start_is_shown_and_not_acknowledged() -> None:
    data = b"".join(frames_of(RECORDS)[2:]) + EOT
    events = feed(data)
    assert [e.raw for e in events if isinstance(e, Unintelligible)] == [data[:-1]]
    assert replies_of(events) == b""


def test_a_message_without_header_is_kept_but_never_a_message() -> None:
    events = feed(session(RECORDS[2:]))
    assert messages_of(events) == []
    assert [(e.raw[:1], e.reply) for e in events if isinstance(e, Unintelligible)] == [(b"O", ACK)]


def test_the_receiver_gives_up_after_thirty_seconds() -> None:
    receiver = AstmReceiver()
    receiver.receive(ENQ + frames_of(RECORDS)[0] + b"\x022P|", 100.0)
    assert receiver.deadline == 130.0
    assert receiver.overdue(129.9) == []
    told = receiver.overdue(130.0)
    assert [type(event) for event in told] == [MessageIncomplete, FrameRefused, SessionClosed]
    assert receiver.state is Receiving.NEUTRAL
    assert receiver.deadline is None


def test_memory_stays_bounded() -> None:
    profile = FramingProfile(message_limit=1000, accepted_text_limit=300)
    receiver = AstmReceiver(profile)
    receiver.receive(ENQ, 0.0)
    told = receiver.receive(b"\x021H|" + b"x" * 5000, 0.0)
    assert replies_of(told) == NAK
    assert len(receiver._buffer) == 0
    frames = frames_of([RECORDS[0], *[b"C|1|" + b"y" * 200] * 9, RECORDS[4]], profile)
    events = feed(ENQ + b"".join(frames) + EOT, profile=profile)
    assert messages_of(events) == []
    incomplete = [event for event in events if isinstance(event, MessageIncomplete)]
    assert [(event.reason, event.reply) for event in incomplete] == [
        ("the message is larger than the limit", NAK)
    ]
    stray = feed(b"\x02" + b"z" * 2500, profile=profile)
    assert [len(event.raw) for event in stray if isinstance(event, Unintelligible)] == [1000, 1000, 501]


def test_every_input_of_a_table_leads_to_an_action_that_exists() -> None:
    link = AstmLink()
    for table, half in ((RECEIVER, link.receiver), (SENDER, link.sender)):
        assert all(hasattr(half, f"_{action}") for action, _ in table.values())
    assert {state for state, _ in SENDER} == set(Sending)
    assert {state for state, _ in RECEIVER} == set(Receiving)
