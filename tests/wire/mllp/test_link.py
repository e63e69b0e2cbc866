"""Both ends of an HL7 connection: what is told, what is answered, and that nothing damaged is taken for whole."""

import csv
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.hl7 import Hl7Error, parse
from aliquot.wire.link_events import (
    AnswerUnmatched,
    Event,
    MessageDelivered,
    MessageIncomplete,
    MessageReceived,
    MessageUndelivered,
    Unintelligible,
)
from aliquot.wire.links import open_link
from aliquot.wire.mllp import MllpLink, MllpProfile, block

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
RESULT = [
    b"MSH|^~\\&|X|A|LIS|B|20260310||OUL^R22^OUL_R22|r1|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-29^IHE",
    b"SPM|1|S1",
    b"OBX|1|NM|GLU^Glucose^L||5.1|mmol/L||N|||F",
]
CONTENT = b"".join(segment + b"\r" for segment in RESULT)
WHOLE = block(RESULT)


def feed(data: bytes, size: int = 0, profile: MllpProfile | None = None) -> list[Event]:
    link, events = MllpLink("computer", profile or MllpProfile()), []
    for at in range(0, len(data), size or len(data) or 1):
        events += link.receive(data[at : at + (size or len(data))], 0.0)
    return events + link.closed()


def contents(events: Iterable[Event]) -> list[bytes]:
    return [event.content for event in events if isinstance(event, MessageReceived)]


def code_of(reply: bytes) -> str:
    found = parse(reply.strip(b"\x0b\x1c\r")).first("MSA") if reply else None
    return found.field(1) if found else ""


def ack(control_id: str, code: str = "AA", *more: bytes) -> bytes:
    return block([b"MSH|^~\\&|X||LIS||||ACK|9|P|2.5.1", f"MSA|{code}|{control_id}".encode(), *more])


def order(control_id: str) -> list[bytes]:
    return [f"MSH|^~\\&|LIS||X||20200101||OML^O33^OML_O33|{control_id}|P|2.5.1|||NE|AL".encode(), b"ORC|NW|1"]


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


def test_control_characters_are_taken_where_the_model_sends_them() -> None:
    padded = CONTENT.replace(b"S1", b"S1\x00\x00")
    assert contents(feed(b"\x0b" + padded + b"\x1c\r", profile=MllpProfile(keeps_controls=True))) == [padded]
    assert contents(feed(b"\x0b" + CONTENT + b"\x00\x00\x1c\r")) == [CONTENT + b"\x00\x00"]
    japanese = CONTENT.replace(b"UNICODE UTF-8", b"~ISO IR87") + "NTE|1||検\r".encode("iso2022_jp")
    assert contents(feed(b"\x0b" + japanese + b"\x1c\r")) == [japanese]


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


# -- properties -------------------------------------------------------------------------------------------


@dataclass
class End:
    """One real end with the bytes on their way to it."""

    link: MllpLink
    line: bytearray = field(default_factory=bytearray)
    events: list[Event] = field(default_factory=list)


def move(ends: list[End], to: int, size: int, now: float) -> None:
    """Let some bytes arrive at one end, and put what it says in answer on the way to the other."""
    here, there = ends[to], ends[1 - to]
    data = bytes(here.line[:size])
    del here.line[:size]
    told = here.link.receive(data, now)
    told += here.link.overdue(now)
    here.events += told
    there.line += b"".join(event.reply for event in told)
    there.line += here.link.outgoing(now)


def exchange(tags: list[list[int]], steps: list[tuple[int, int]]) -> list[End]:
    ends = [End(MllpLink("computer")), End(MllpLink("instrument"))]
    for own, end in enumerate(ends):
        for tag in tags[own]:
            records = [order(f"o{tag}"), [RESULT[0].replace(b"|r1|", b"|r%d|" % tag), *RESULT[1:]]][own]
            end.link.send(records, tag)
    for to, size in steps:
        move(ends, to, size, 0.0)
    for step in range(400):
        move(ends, step % 2, 1_000_000, 0.0)
    return ends


@given(
    st.lists(st.integers(1, 50), unique=True, max_size=5),
    st.lists(st.integers(1, 50), unique=True, max_size=5),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 300)), max_size=60),
)
@settings(max_examples=60)
def test_two_ends_deliver_everything_once_through_any_interleaving(
    orders: list[int], results: list[int], steps: list[tuple[int, int]]
) -> None:
    ends = exchange([orders, results], steps)
    for own, tags in enumerate((orders, results)):
        kinds = Counter(type(event) for event in ends[own].events)
        assert kinds.keys() <= {MessageDelivered, MessageReceived}
        assert [event.tag for event in ends[own].events if isinstance(event, MessageDelivered)] == tags
        received = [parse(one).control_id for one in contents(ends[1 - own].events)]
        assert received == [f"{'or'[own]}{tag}" for tag in tags]


PARTS = [
    WHOLE,
    WHOLE[1:],
    CONTENT,
    ack("o1"),
    ack("o2", "AE"),
    b"\x0b",
    b"\x1c",
    b"\x1c\r",
    b"\r",
    b"MSH|^~\\&|",
]


@given(
    st.lists(st.sampled_from(PARTS) | st.binary(max_size=12), max_size=6),
    st.lists(st.integers(0, 2000), max_size=6),
)
def test_no_cut_changes_the_events(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    told = []
    for places in ([], cuts, list(range(len(stream)))):
        link = MllpLink()
        link.send(order("o1"), 1)
        link.send(order("o2"), 2)
        link.outgoing(0.0)
        borders = [0, *sorted(at for at in places if at < len(stream)), len(stream)]
        events: list[Event] = []
        for start, end in pairwise(borders):
            events += link.receive(stream[start:end], 1.0)
        told.append(events + link.closed())
    assert told[0] == told[1] == told[2]


def test_no_damaged_byte_makes_a_shorter_or_a_different_structure_pass_for_whole() -> None:
    """Any byte lost, or changed to any other: what is still accepted has every segment."""
    names = {segment[:3].decode() for segment in RESULT}
    accepted = 0
    for at in range(len(WHOLE)):
        for byte in range(-1, 256):
            damaged = WHOLE[:at] + (bytes([byte]) if byte >= 0 else b"") + WHOLE[at + 1 :]
            for content in contents(MllpLink().receive(damaged + WHOLE, 0.0))[:-1]:
                accepted += 1
                found = [segment.name for segment in parse(content).segments]
                assert len(content) >= len(CONTENT) - 1
                assert names <= set(found) or chr(byte) == "Z", (at, byte)  # a name of the site's own
    assert accepted > 10_000  # nothing tells a value from a value


@given(st.lists(st.binary(max_size=300) | st.sampled_from(PARTS), max_size=12))
def test_no_bytes_break_the_link(parts: list[bytes]) -> None:
    link, now = MllpLink("computer", MllpProfile(message_limit=2000)), 0.0
    link.send(order("o1"), 1)
    for part in parts:
        now += 1.0
        events = link.receive(part, now)
        link.outgoing(now)
        if (deadline := link.next_deadline) is not None:
            events += link.overdue(deadline)
        assert len(link.reader._buffer) <= 2300
        for event in events:
            try:
                parse(event.reply.strip(b"\x0b\x1c\r")) if event.reply else None
            except Hl7Error:
                pytest.fail(f"an unreadable reply: {event.reply!r}")
    link.closed()
    assert link.next_deadline is None


ENDLESS = [b"\n", b" ", b"\r", b"\r\n", b"a\r", b"a\n", b"\nab|", b"\x1c", b"\x1ca", b"\x0b", b"\\", b"\\X41", b"|", b"~",
           b"MSH|", b"\rMSH|^~\\&|", b"\nOBX|", b"ORC|", b"\x00", b"\x1c\r\x1c"]  # fmt: skip


@pytest.mark.parametrize("repeated", ENDLESS, ids=repr)
@pytest.mark.parametrize(
    "opening", [b"\x0b", b"", b"\x0b" + CONTENT, b"\x0b" + RESULT[0]], ids=["VT", "none", "text", "MSH"]
)
def test_nothing_takes_more_than_its_length_in_time(repeated: bytes, opening: bytes) -> None:
    """150 kB of the same: what is quadratic would take minutes."""
    started = time.perf_counter()
    link = MllpLink("computer", MllpProfile(bare=opening == b""))
    link.receive(opening + repeated * (150_000 // len(repeated)) + b"\x1c\r", 0.0)
    link.overdue(100.0)
    link.closed()
    assert time.perf_counter() - started < 10.0


# -- captures ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of captures is not part of the repository")
@pytest.mark.parametrize("size", [0, 1460, 64, 1])
def test_captures_are_received_whole_in_any_pieces(size: int) -> None:
    with (CORPUS / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        files = [row for row in csv.DictReader(rows) if row["file"].endswith((".mllp", ".hl7"))]
    assert len(files) > 10
    for row in files:
        data = (CORPUS / row["file"]).read_bytes()
        bare = row["file"].endswith(".hl7")
        events = feed(data, size, MllpProfile(bare=bare))
        assert [type(event) for event in events] == [MessageReceived] * int(row["expected_messages"]), row[
            "file"
        ]
        results = sum(len(parse(content).every("OBX")) for content in contents(events))
        assert results == int(row["expected_results"]), row["file"]
        blocks = (
            [data] if bare else [one.strip(b"\x0b\r") + b"\r" for one in data.split(b"\x1c") if one.strip()]
        )
        assert contents(events) == blocks, row["file"]
        assert all(event.reply for event in events) is (row["file"] != "cepheid_genexpert/hl7_qbp_z03.hl7")


def test_the_engine_is_opened_by_its_profile() -> None:
    assert isinstance(open_link("instrument", MllpProfile()), MllpLink)
