"""A dropped file is one message, whatever pieces it is read in."""

from hypothesis import given
from hypothesis import strategies as st

from aliquot.wire.file_drop import FileLink, FileProfile
from aliquot.wire.link_events import MessageDelivered, MessageIncomplete, MessageReceived, MessageUndelivered


@given(pieces=st.lists(st.binary(max_size=20), max_size=8))
def test_the_pieces_of_a_file_are_one_message(pieces: list[bytes]) -> None:
    link, whole = FileLink(), b"".join(pieces)
    assert [event for piece in pieces for event in link.receive(piece, 0.0)] == []
    assert link.closed() == ([MessageReceived(whole, b"")] if whole.strip() else [])
    assert link.closed() == []


@given(pieces=st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8))
def test_a_file_larger_than_the_limit_is_shown_and_not_read(pieces: list[bytes]) -> None:
    link, whole = FileLink(profile=FileProfile(message_limit=10)), b"".join(pieces)
    events = [event for piece in pieces for event in link.receive(piece, 0.0)]
    assert len(link._content) <= 10
    if len(whole) > 10:
        assert events == [MessageIncomplete(whole[:10], "the file is larger than the limit")]
        assert link.closed() == []


def test_a_folder_takes_no_orders() -> None:
    link = FileLink()
    link.send([b"order"], "tag")
    assert link.outgoing(0.0) == b""
    assert link.next_deadline == 0.0
    assert link.overdue(0.0) == [MessageUndelivered("tag", "a folder takes no messages")]


def test_a_simulated_device_drops_its_lines() -> None:
    link = FileLink("instrument")
    link.send([b"a,b", b"1,2"], "tag")
    assert link.outgoing(0.0) == b"a,b\r\n1,2\r\n"
    assert link.outgoing(0.0) == b""
    assert link.next_deadline == 0.0
    assert link.overdue(0.0) == [MessageDelivered("tag")]
