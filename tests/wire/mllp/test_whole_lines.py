"""Whole HL7 lines: any interleaving, any cut, any damage, endless rubbish, and the captures of real devices."""

import csv
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.hl7 import Hl7Error, parse
from aliquot.wire.link_events import Event, MessageDelivered, MessageReceived, MessageUndelivered
from aliquot.wire.mllp import MllpLink, MllpProfile
from tests.wire.mllp.ends import CONTENT, RESULT, WHOLE, ack, contents, feed, order

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"


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


def queued(*tags: list[int]) -> list[End]:
    """The computer with its orders, and the instrument with its results."""
    ends = [End(MllpLink("computer")), End(MllpLink("instrument"))]
    for own, end in enumerate(ends):
        for tag in tags[own]:
            records = [order(f"o{tag}"), [RESULT[0].replace(b"|r1|", b"|r%d|" % tag), *RESULT[1:]]][own]
            end.link.send(records, tag)
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
    ends = queued(orders, results)
    for to, size in steps:
        move(ends, to, size, 0.0)
    for step in range(400):
        move(ends, step % 2, 1_000_000, 0.0)
    for own, tags in enumerate((orders, results)):
        kinds = Counter(type(event) for event in ends[own].events)
        assert kinds.keys() <= {MessageDelivered, MessageReceived}
        assert [event.tag for event in ends[own].events if isinstance(event, MessageDelivered)] == tags
        received = [parse(one).control_id for one in contents(ends[1 - own].events)]
        assert received == [f"{'or'[own]}{tag}" for tag in tags]


@given(
    st.lists(st.integers(1, 9), unique=True, min_size=1, max_size=4),
    st.lists(st.integers(1, 9), unique=True, max_size=4),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 300), st.integers(0, 40)), max_size=40),
)
def test_on_a_line_that_loses_bytes_every_message_is_settled_and_none_wrongly(
    orders: list[int], results: list[int], steps: list[tuple[int, int, int]]
) -> None:
    ends = queued(orders, results)
    for at, (to, size, lost) in enumerate(steps):
        move(ends, to, size, float(at))
        del ends[to].line[:lost]
    for step in range(60):
        move(ends, step % 2, 1_000_000, 100.0 + 20.0 * step)
    for own, tags in enumerate((orders, results)):
        delivered = [event.tag for event in ends[own].events if isinstance(event, MessageDelivered)]
        undelivered = [event.tag for event in ends[own].events if isinstance(event, MessageUndelivered)]
        assert Counter(delivered + undelivered) == Counter(tags)
        received = {parse(one).control_id for one in contents(ends[1 - own].events)}
        assert {f"{'or'[own]}{tag}" for tag in delivered} <= received


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


TELLING = "\x00\x01\t\n\x0b\r\x1b\x1c |^~\\&!.-_0159ABFMOPRSXZacz\x7f\x80\xb5\xff"  # marks, and what stands for the rest


def test_no_damaged_byte_makes_a_shorter_or_a_different_structure_pass_for_whole() -> None:
    """Any byte lost, or changed to another: what is still accepted has every segment."""
    names = {segment[:3].decode() for segment in RESULT}
    accepted = 0
    for at in range(len(WHOLE)):
        for byte in ("", *TELLING):
            damaged = WHOLE[:at] + byte.encode("latin-1") + WHOLE[at + 1 :]
            for content in contents(MllpLink().receive(damaged + WHOLE, 0.0))[:-1]:
                accepted += 1
                found = [segment.name for segment in parse(content).segments]
                assert len(content) >= len(CONTENT) - 1
                assert names <= set(found) or byte == "Z", (at, byte)  # a name of the site's own
    assert accepted > 2_000  # nothing tells a value from a value


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
        expected = [MessageReceived] * int(row["expected_messages"])
        assert [type(event) for event in events] == expected, row["file"]
        results = sum(len(parse(content).every("OBX")) for content in contents(events))
        assert results == int(row["expected_results"]), row["file"]
        cut = [one.strip(b"\x0b\r") + b"\r" for one in data.split(b"\x1c") if one.strip()]
        blocks = [data] if bare else cut
        assert contents(events) == blocks, row["file"]
        assert all(event.reply for event in events) is (row["file"] != "cepheid_genexpert/hl7_qbp_z03.hl7")
