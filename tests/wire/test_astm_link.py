"""The ASTM link: real captures, two real ends on a bad line, damage and cuts at any byte."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_link import (
    ACK,
    ENQ,
    EOT,
    NAK,
    AstmLink,
    AstmReceiver,
    Event,
    FrameRefused,
    FrameRepeated,
    FramingProfile,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    SessionClosed,
    SessionOpened,
    Unintelligible,
    checksum,
    frame_bytes,
    frames_of,
)
from aliquot.wire.astm_link.sender import SENDER
from aliquot.wire.astm_link.sender import State as Sending
from aliquot.wire.astm_link.session import RECEIVER
from aliquot.wire.astm_link.session import State as Receiving

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "analyzers"
RECORDS = [
    b"H|\\^&|||TEST|||||LIS||P|1|20260310",
    b"P|1",
    b"O|1|70071||^^^GLU|R",
    b"R|1|^^^GLU|5.1|mmol/L||N||F||||20260310",
    b"L|1|N",
]
CONTENT = b"".join(record + b"\r" for record in RECORDS)
STANDARD = FramingProfile()
OWN_FRAMING = {
    "cepheid_genexpert/hl7_inside_astm_frames_7obx.astm": "another grammar: no H, no L",
    "horiba_yumizen_h500/qc_with_histograms.astm": "its M frames all carry the number 1",
    "snibe_maglumi_x8/rekeyed_three_messages_one_frame.astm": "neither frame number nor checksum",
    "biomerieux_mini_vidas/result_mock.astm": "LF alone after the checksum",
}
PACKED = FramingProfile(text_limit=50, one_record_per_frame=False)


def session(*messages: list[bytes], profile: FramingProfile = STANDARD) -> bytes:
    frames: list[bytes] = []
    for message in messages:
        frames += frames_of(message, profile, after=len(frames))
    return ENQ + b"".join(frames) + EOT


def feed(data: bytes, size: int = 0, profile: FramingProfile = STANDARD) -> list[Event]:
    receiver, events = AstmReceiver(profile), []
    for at in range(0, len(data), size or len(data) or 1):
        events += receiver.receive(data[at : at + (size or len(data))], 0.0)
    return events + receiver.closed()


def messages_of(events: Iterable[Event]) -> list[bytes]:
    return [event.content for event in events if isinstance(event, MessageReceived)]


def replies_of(events: Iterable[Event]) -> bytes:
    return b"".join(event.reply for event in events)


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


@given(st.binary(max_size=3000))
def test_checksum_is_the_plain_sum(body: bytes) -> None:
    assert checksum(body) == b"%02X" % (sum(body) & 255)


def test_checksum_of_the_greatest_bytes() -> None:
    assert checksum(b"\xff" * 300) == b"%02X" % (255 * 300 & 255)


def test_a_forbidden_character_is_refused_even_with_a_right_checksum() -> None:
    for char in b"\x01\x06\x10\x11\x15\x16":
        events = feed(ENQ + frame_bytes(1, RECORDS[0] + bytes([char]) + b"\r") + EOT)
        assert replies_of(events) == ACK + NAK


def test_a_damaged_byte_cannot_end_the_frame_early() -> None:
    """The value is 5.1; an ETX in the place of the point is followed by its own right checksum."""
    short = b"4R|1|^^^GLU|5"
    text = short[1:] + b"." + checksum(short + b"\x03") + b"1|mmol/L\r"
    frames = frames_of([*RECORDS[:3], text[:-1], RECORDS[4]])
    whole = ENQ + b"".join(frames) + EOT
    assert len(messages_of(feed(whole))) == 1
    assert messages_of(feed(whole.replace(b"GLU|5.", b"GLU|5\x03"))) == []


def test_the_line_end_is_part_of_the_frame() -> None:
    frame = frames_of(RECORDS)[0]
    for damaged in (frame[:-2] + b"xx", frame[:-1] + b"x", frame[:-4] + b"ZZ\r\n"):
        assert replies_of(feed(ENQ + damaged + EOT)) == ACK + NAK


PIECES = [
    session(RECORDS),
    session(RECORDS, RECORDS[:-1], RECORDS),
    session(RECORDS, profile=PACKED),
    session(RECORDS).replace(b"5.1", b"5.2"),
    session(RECORDS)[30:],
    ENQ + b"\x02\x02" + frames_of(RECORDS)[0] * 2 + b"\x022P|" + EOT,
    b"\x00noise" + ENQ + EOT,
    b"\x021" + b"q" * 700,
]
SMALL = FramingProfile(accepted_text_limit=300, message_limit=400)


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=4), st.data())
@settings(max_examples=150)
def test_no_cut_of_the_stream_changes_the_events(pieces: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    receiver, cut_events = AstmReceiver(SMALL), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        cut_events += receiver.receive(stream[start:end], 0.0)
    assert cut_events + receiver.closed() == feed(stream, profile=SMALL)
    assert feed(stream, 1, SMALL) == feed(stream, profile=SMALL)


@given(packed=st.booleans(), data=st.data())
@settings(max_examples=400)
def test_no_single_damaged_byte_yields_a_changed_message(*, packed: bool, data: st.DataObject) -> None:
    stream = session(RECORDS, profile=PACKED if packed else STANDARD)
    at = data.draw(st.integers(0, len(stream) - 1))
    damaged = stream[:at] + bytes([data.draw(st.integers(0, 255))]) + stream[at + 1 :]
    assert messages_of(feed(damaged)) in ([], [CONTENT])


class Line:
    """Two links on a line that loses and doubles what it carries, in virtual time."""

    def __init__(self, fates: list[int], *, packed: bool) -> None:
        profile = PACKED if packed else STANDARD
        self.now = 0.0
        self.ends = {"a": AstmLink("instrument", profile), "b": AstmLink("computer", profile)}
        self.events: dict[str, list[Event]] = {"a": [], "b": []}
        self.fates = iter(fates)
        self.flights: list[tuple[str, bytes]] = []

    def write(self, name: str, data: bytes) -> None:
        if data:
            copies = (1, 0, 2)[next(self.fates, 0)]
            self.flights += [("b" if name == "a" else "a", data * copies)] if copies else []

    def tell(self, name: str, events: list[Event]) -> None:
        self.events[name] += events
        self.write(name, replies_of(events))
        self.write(name, self.ends[name].outgoing(self.now))

    def run(self) -> None:
        for _ in range(3000):
            self.tell("a", [])
            self.tell("b", [])
            if self.flights:
                name, data = self.flights.pop(0)
                self.tell(name, self.ends[name].receive(data, self.now))
                continue
            deadlines = [d for end in self.ends.values() if (d := end.next_deadline) is not None]
            if not deadlines:
                return
            self.now = min(deadlines)
            for name, end in self.ends.items():
                self.tell(name, end.overdue(self.now))
        raise AssertionError("the two ends never came to rest")


def numbered(tag: str) -> list[bytes]:
    return [RECORDS[0], b"P|1|" + tag.encode(), *RECORDS[2:]]


def check_exactly_once(line: Line, sent: dict[str, list[str]]) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        told = [e for e in line.events[name] if isinstance(e, (MessageDelivered, MessageUndelivered))]
        assert [event.tag for event in told] == sent[name]
        arrived = messages_of(line.events[other])
        for event in told:
            content = b"".join(record + b"\r" for record in numbered(str(event.tag)))
            count = arrived.count(content)
            assert count == 1 if isinstance(event, MessageDelivered) else count <= 1


@given(
    fates=st.lists(st.sampled_from([0, 0, 0, 0, 0, 1, 2]), max_size=120),
    packed=st.booleans(),
    both=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_lost_and_doubled_frames_and_acks_deliver_once_or_report(
    *, fates: list[int], packed: bool, both: bool
) -> None:
    line = Line(fates, packed=packed)
    sent = {"a": ["a1", "a2"], "b": ["b1", "b2"] if both else []}
    for name, tags in sent.items():
        for tag in tags:
            line.ends[name].send(numbered(tag), tag)
    line.run()
    check_exactly_once(line, sent)


def test_contention_gives_the_line_to_the_instrument_first() -> None:
    line = Line([], packed=False)
    line.ends["a"].send(numbered("a1"), "a1")
    line.ends["b"].send(numbered("b1"), "b1")
    line.run()
    assert messages_of(line.events["b"]) == [b"".join(r + b"\r" for r in numbered("a1"))]
    assert messages_of(line.events["a"]) == [b"".join(r + b"\r" for r in numbered("b1"))]
    assert line.now == 1.0  # the instrument's pause; the computer's 20 s end with the instrument's session
    check_exactly_once(line, {"a": ["a1"], "b": ["b1"]})


def bidding(role: str = "computer") -> AstmLink:
    link = AstmLink("computer" if role == "computer" else "instrument")
    link.send(RECORDS, "m")
    assert link.outgoing(0.0) == ENQ
    return link


def test_a_busy_receiver_is_asked_again_after_ten_seconds() -> None:
    link = bidding()
    assert link.receive(NAK, 0.0) == []
    assert link.next_deadline == 10.0
    assert link.outgoing(9.0) == b""
    link.overdue(10.0)
    assert link.outgoing(10.0) == ENQ


def test_a_frame_refused_six_times_ends_the_transfer() -> None:
    link, frame = bidding(), frames_of(RECORDS)[0]
    link.receive(ACK, 0.0)
    for _ in range(5):
        assert link.outgoing(0.0) == frame
        assert link.receive(NAK, 0.0) == []
    assert link.outgoing(0.0) == frame
    assert link.receive(NAK, 0.0) == [MessageUndelivered("m", "a frame was refused six times")]
    assert link.outgoing(0.0) == EOT


def test_an_unanswered_frame_is_given_up_after_fifteen_seconds() -> None:
    link = bidding()
    link.receive(ACK, 1.0)
    assert link.next_deadline == 16.0
    assert link.overdue(16.0) == [MessageUndelivered("m", "no reply to a frame within 15 s")]


def test_a_dead_line_reports_the_message_and_the_link_rests() -> None:
    line = Line([1] * 200, packed=False)
    line.ends["b"].send(RECORDS, "m")
    line.run()
    assert line.events["b"] == [MessageUndelivered("m", "no answer to any bid")]
    assert line.now == 90.0


def test_the_receivers_interrupt_ends_the_session_after_the_message() -> None:
    link = bidding()
    link.send(RECORDS, "second")
    link.receive(ACK, 0.0)
    told: list[Event] = []
    for _ in RECORDS:
        link.outgoing(0.0)
        told += link.receive(EOT, 0.0)
    assert told == [MessageDelivered("m")]
    assert link.outgoing(0.0) == EOT
    assert link.next_deadline == 15.0
    link.overdue(15.0)
    assert link.outgoing(15.0) == ENQ


def test_the_end_of_the_connection_reports_what_was_under_way() -> None:
    link = bidding()
    assert link.closed() == [MessageUndelivered("m", "the connection ended")]
    other = AstmLink()
    other.receive(ENQ + frames_of(RECORDS)[0], 0.0)
    assert [type(event) for event in other.closed()] == [MessageIncomplete, SessionClosed]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
@pytest.mark.parametrize("size", [0, 1460, 64, 1])
def test_captures_give_one_message_of_every_result(size: int) -> None:
    truth: dict[str, int] = {}
    for line in (CORPUS / "truth.jsonl").read_text().splitlines():
        truth[json.loads(line)["file"]] = truth.get(json.loads(line)["file"], 0) + 1
    profile = FramingProfile(wraps_to_one=True, restarts_with_header=True)
    for path in sorted(CORPUS.glob("*/*.astm")):
        name = f"{path.parent.name}/{path.name}"
        if name in OWN_FRAMING or not path.read_bytes().startswith(ENQ):
            continue
        messages = messages_of(feed(path.read_bytes(), size, profile))
        count = sum(len(re.findall(rb"\rR[|!@]", message)) for message in messages)
        assert (len(messages), count) == (1, truth.get(name, 0)), path


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
def test_what_other_framings_send_is_shown_and_never_lost() -> None:
    for name in OWN_FRAMING:
        kept = (MessageReceived, MessageIncomplete, FrameRefused)
        assert [event for event in feed((CORPUS / name).read_bytes()) if isinstance(event, kept)], name
    vidas = (CORPUS / "biomerieux_mini_vidas/result_mock.astm").read_bytes()
    assert len(messages_of(feed(vidas, 7, FramingProfile(trailer=b"\n")))) == 1


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
