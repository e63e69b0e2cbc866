"""Damage and cuts at any byte: no changed value, and the same events."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.astm_link import (
    ACK,
    ENQ,
    EOT,
    NAK,
    AstmReceiver,
    FramingProfile,
    checksum,
    frame_bytes,
    frames_of,
)
from tests.wire.astm_link.sessions import (
    CONTENT,
    PACKED,
    RECORDS,
    STANDARD,
    feed,
    messages_of,
    replies_of,
    session,
)


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
