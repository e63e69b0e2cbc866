"""Two real ends on a bad line: bids, contention, refusals, interrupts, in virtual time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_link import (
    ACK,
    ENQ,
    EOT,
    NAK,
    AstmLink,
    Event,
    MessageDelivered,
    MessageIncomplete,
    MessageUndelivered,
    SessionClosed,
    frames_of,
)
from tests.wire.astm_link.sessions import PACKED, RECORDS, STANDARD, messages_of, replies_of


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
