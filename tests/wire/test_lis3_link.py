"""The LIS3 link: announcements, requests, results and questions, in both roles and under damage."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.wire.link import Role
from aliquot.wire.link_events import (
    FrameAccepted,
    FrameRefused,
    FrameRepeated,
    MessageDelivered,
    MessageReceived,
    MessageUndelivered,
)
from aliquot.wire.lis3_link import Lis3Link, Lis3Profile, State, framed
from aliquot.wire.lis3_link.link import grouped
from tests.two_ends import CUTS, check_cuts_change_nothing, talk

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "analyzers"
DEVICE = ((b"aMOD", b"0500"), (b"iIID", b"64204"))
SEQUENCE = (*DEVICE, (b"rSEQ", b"83"))
AVAILABLE, REQUEST = grouped(b"SMP_NEW_AV", SEQUENCE), grouped(b"SMP_REQ", SEQUENCE)
RESULT = grouped(b"SMP_NEW_DATA", (*SEQUENCE, (b"mpH", b"7.434")))
QUESTION = grouped(b"PAT_DEMOG_REQ", (*DEVICE, (b"iPID", b"9000001")))
ANSWER = grouped(b"PAT_DEMOG_DATA", (*DEVICE, (b"iPID", b"9000001"), (b"iLNAME", b"Doe")))
ACK = b"\x02\x06\x030B\x04"
NAK = framed(b"\x15")


def test_the_frames_are_those_of_the_captures() -> None:
    assert framed(b"\x06") == ACK
    assert framed(AVAILABLE)[-3:] == b"%02X\x04" % (sum(framed(AVAILABLE)[:-3]) % 256)


def test_an_announced_result_is_asked_for_and_told_with_its_receipt() -> None:
    link = Lis3Link()
    assert link.receive(framed(AVAILABLE), 0.0) == [FrameAccepted(0, ACK)]
    assert link.outgoing(0.0) == framed(REQUEST)
    assert link.receive(ACK, 0.1) == []
    assert link.receive(framed(RESULT), 0.2) == [MessageReceived(RESULT, ACK)]
    assert link.receive(framed(RESULT), 5.2) == [FrameRepeated(0, ACK)]


def test_a_result_answers_the_request_whose_ack_was_lost() -> None:
    link = Lis3Link()
    link.receive(framed(AVAILABLE), 0.0)
    link.outgoing(0.0)
    assert link.receive(framed(RESULT), 0.2) == [MessageReceived(RESULT, ACK)]
    assert (link.state, link.next_deadline, link.outgoing(9.0)) == (State.IDLE, None, b"")


def test_a_request_without_ack_is_repeated_three_times() -> None:
    link = Lis3Link()
    link.receive(framed(AVAILABLE), 0.0)
    sent, now = link.outgoing(0.0), 0.0
    while link.next_deadline is not None:
        now = link.next_deadline
        assert link.overdue(now) == []
        sent += link.outgoing(now)
    assert sent == framed(REQUEST) * 3


def test_the_device_hears_who_we_are() -> None:
    link = Lis3Link(profile=Lis3Profile(identity="7"))
    assert link.receive(framed(grouped(b"ID_REQ", ())), 0.0) == [FrameAccepted(0, ACK)]
    assert link.outgoing(0.0) == framed(grouped(b"ID_DATA", ((b"aMOD", b"LIS"), (b"iIID", b"7"))))


@pytest.mark.parametrize("name", [b"SMP_START", b"SYS_READY", b"SMP_ABORT", b"TIME_DATA", b"TIME_REQ", b"X"])
def test_what_says_nothing_about_a_result_is_acknowledged(name: bytes) -> None:
    assert Lis3Link().receive(framed(grouped(name, DEVICE)), 0.0) == [FrameAccepted(0, ACK)]


def test_a_question_is_told_once_until_it_was_answered() -> None:
    link = Lis3Link()
    assert link.receive(framed(QUESTION), 0.0) == [MessageReceived(QUESTION, ACK)]
    assert link.receive(framed(QUESTION), 1.0) == [FrameRepeated(0, ACK)]
    link.send([ANSWER], "answer")
    assert link.outgoing(1.0) == framed(ANSWER)
    assert link.receive(ACK, 1.1) == [MessageDelivered("answer")]
    assert link.receive(framed(QUESTION), 2.0) == [MessageReceived(QUESTION, ACK)]


def test_a_wrong_checksum_is_refused_and_a_lower_case_one_accepted() -> None:
    damaged = framed(RESULT).replace(b"7.434", b"9.434")
    assert Lis3Link().receive(damaged, 0.0) == [FrameRefused(damaged[1:-1], "wrong checksum", NAK)]
    lower = framed(RESULT)[:-3] + framed(RESULT)[-3:].lower()
    assert Lis3Link().receive(lower, 0.0) == [MessageReceived(RESULT, ACK)]


def test_naks_and_silence_give_the_message_back() -> None:
    link = Lis3Link()
    link.send([ANSWER], "tag")
    link.outgoing(0.0)
    for _ in range(2):
        assert link.receive(NAK + NAK, 0.0) == []
        assert link.outgoing(0.0) == framed(ANSWER)
    assert link.receive(NAK, 0.0) == [MessageUndelivered("tag", "a frame was refused 3 times")]


def test_a_frame_that_never_ends_is_refused_after_thirty_seconds() -> None:
    link = Lis3Link()
    link.receive(framed(RESULT)[:9], 0.0)
    (event,) = link.overdue(30.0)
    assert isinstance(event, FrameRefused)
    assert link.next_deadline is None


def test_a_flood_of_announcements_stays_small() -> None:
    link = Lis3Link()
    for number in range(500):
        link.receive(framed(grouped(b"SMP_NEW_AV", ((b"rSEQ", b"%d" % number),))), 0.0)
    assert len(link._queue) <= 64


@pytest.mark.parametrize("announces", [True, False])
def test_both_ends_report_ask_and_answer(announces: bool) -> None:  # noqa: FBT001 - a case of the test
    computer, instrument = Lis3Link(), Lis3Link("instrument", Lis3Profile(announces=announces))
    instrument.send([RESULT], "result")
    instrument.send([QUESTION], "question")
    computer.send([ANSWER], "answer")
    heard, told = talk((computer, instrument), seconds=8.0)
    assert [one.content for one in heard if isinstance(one, MessageReceived)] == [RESULT, QUESTION]
    assert MessageDelivered("answer") in heard
    assert MessageDelivered("result") in told
    computer.send([ANSWER], "second")
    heard, later = talk((computer, instrument), seconds=8.0, start=8.0)
    tags = [one.tag for one in (*told, *later) if isinstance(one, MessageDelivered)]
    assert tags == ["result", "question"]


def test_a_result_nobody_asks_for_is_given_back() -> None:
    link = Lis3Link("instrument")
    link.send([RESULT], "result")
    assert link.outgoing(0.0) == framed(AVAILABLE)
    link.receive(ACK, 0.1)
    assert link.overdue(15.1) == [MessageUndelivered("result", "no answer to a frame in time")]
    assert link.outgoing(15.2) == b""


def test_the_end_of_the_connection_gives_back_what_is_left() -> None:
    link = Lis3Link()
    link.send([ANSWER, ANSWER], 1)
    link.send([ANSWER], 2)
    link.receive(b"\x02half", 0.0)
    assert link.closed() == [
        FrameRefused(b"half", "the connection ended inside the frame", b""),
        MessageUndelivered(1, "the connection ended"),
        MessageUndelivered(2, "the connection ended"),
    ]


FRAMES = [framed(one) for one in (AVAILABLE, REQUEST, RESULT, QUESTION, ANSWER, b"\x06", b"\x15")]
PIECES = st.one_of(st.sampled_from([*FRAMES, b"\x02", b"\x03", b"\x04"]), st.binary(max_size=9))


@settings(max_examples=300, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=12),
    cuts=CUTS,
    role=st.sampled_from(["computer", "instrument"]),
)
def test_no_cut_of_the_stream_changes_the_events(pieces: list[bytes], cuts: list[int], role: Role) -> None:
    def make() -> Lis3Link:
        link = Lis3Link(role)
        link.send([ANSWER if role == "computer" else RESULT], "tag")
        link.outgoing(0.0)
        return link

    check_cuts_change_nothing(make, pieces, cuts)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of captures is not here")
@pytest.mark.parametrize(
    "file", ["siemens_rapidlab850/qc_new_data.lis3", "siemens_rapidpoint500/smp_new_data.lis3"]
)
def test_the_captures_are_one_message_and_no_damaged_byte_changes_it(file: str) -> None:
    raw = (CORPUS / file).read_bytes()
    assert Lis3Link().receive(raw, 0.0) == [MessageReceived(raw[1:-4], ACK)]
    for at in range(len(raw)):
        for change in (1, 0x10, 0x80):
            damaged = raw[:at] + bytes([raw[at] ^ change]) + raw[at + 1 :]
            told = [
                one.content for one in Lis3Link().receive(damaged, 0.0) if isinstance(one, MessageReceived)
            ]
            assert told in ([], [raw[1:-4]])
