"""Every byte of a line is kept as it went, with its message or without."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.flow.instruments.actions import KeptMessage, keep_messages, keep_traffic, stretch_of
from aliquot.flow.instruments.models import Analyzer, Message, Traffic
from aliquot.flow.instruments.rules.traffic import Heard, Piece, TrafficError, pack, unpack
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from tests.regions import Region, one_with
from tests.tubes import make_analyzer

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PIECES = st.lists(st.tuples(st.integers(0, 10**6), st.booleans(), st.binary(max_size=300)), max_size=20)


@given(PIECES)
def test_what_was_packed_is_unpacked(pieces: list[tuple[int, bool, bytes]]) -> None:
    moment, heard, expected = 0, [], []
    for pause, is_outgoing, data in pieces:
        moment += pause
        heard.append((7.5 + moment / 1000, is_outgoing, data))
        expected.append(Piece(moment - pieces[0][0], is_outgoing, data))
    assert unpack(pack(heard)) == tuple(expected)


def test_a_clock_that_stands_still_or_goes_back_loses_no_bytes() -> None:
    heard: list[Heard] = [(2.0, False, b"a"), (2.0, True, b""), (1.0, False, b"b" * 500)]
    assert unpack(pack(heard)) == (Piece(0, False, b"a"), Piece(0, True, b""), Piece(0, False, b"b" * 500))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_traffic_are_refused_or_read_but_never_hang(content: bytes) -> None:
    try:
        pieces = unpack(content)
    except TrafficError:
        return
    assert sum(len(one.data) for one in pieces) < len(content)


def test_a_stretch_that_is_cut_is_refused() -> None:
    whole = pack([(0.0, False, b"H|\\^&" * 40), (0.2, True, b"\x06")])
    for end in (0, 2, 30, len(whole) - 1):
        with pytest.raises(TrafficError):
            unpack(whole[:end])


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "sysmex_xn", "XN-T")


def test_a_message_is_kept_with_the_bytes_that_carried_it(region: Region, analyzer: Analyzer) -> None:
    heard = [(100.0, False, b"\x05"), (100.002, True, b"\x06"), (100.25, False, b"\x021H|\x03..\r\n")]
    offset = AT.timestamp() - 100
    stretch = stretch_of(analyzer.laboratory_id, analyzer.pk, "XN-T 10.0.0.1:99", heard, offset)
    place = (analyzer.laboratory_id, analyzer.pk, "XN-T 10.0.0.1:99")
    ids = keep_messages(
        [
            KeptMessage(*place, b"first", AT, control_id="17", device_at=AT, traffic=stretch),
            KeptMessage(*place, b"second", AT),
            KeptMessage(*place, b"third", AT, traffic=stretch),
        ],
        by=region.worker,
    )
    first, second, third = (Message.objects.get(pk=one) for one in ids)
    assert [bytes(one.content) for one in (first, second, third)] == [b"first", b"second", b"third"]
    assert (first.control_id, first.device_at, second.control_id, second.device_at) == ("17", AT, "", None)
    assert second.traffic is None
    assert first.traffic is not None
    assert third.traffic is not None
    assert first.traffic.pk != third.traffic.pk
    assert (first.traffic.bytes_in, first.traffic.bytes_out) == (10, 1)
    assert first.traffic.began_at == AT
    assert first.traffic.ended_at == AT + timedelta(milliseconds=250)
    assert [
        (one.milliseconds, one.is_outgoing, one.data) for one in unpack(bytes(first.traffic.content))
    ] == [
        (0, False, b"\x05"),
        (2, True, b"\x06"),
        (250, False, b"\x021H|\x03..\r\n"),
    ]


def test_bytes_without_a_message_are_kept_too(region: Region, analyzer: Analyzer) -> None:
    stretch = stretch_of(analyzer.laboratory_id, analyzer.pk, "t", [(1.0, False, b"noise")], AT.timestamp())
    assert stretch is not None
    assert keep_traffic([stretch, stretch], by=region.worker) == 2
    assert keep_traffic([], by=region.worker) == 0
    assert [bytes(one.content)[-5:] for one in Traffic.objects.all()] == [b"noise", b"noise"]
    assert stretch_of(1, 1, "t", [], 0) is None


def test_nobody_but_the_program_keeps_traffic(region: Region, analyzer: Analyzer) -> None:
    technologist = one_with(region, "technologist", region.hub)
    stretch = stretch_of(analyzer.laboratory_id, analyzer.pk, "t", [(1.0, False, b"noise")], 0)
    assert stretch is not None
    with acting(technologist), pytest.raises(Forbidden):
        keep_traffic([stretch], by=technologist)
