"""Captures as devices and people really leave them: every deviation on models whose captures nobody has shown."""

import json
from collections.abc import Callable

import pytest

from aliquot.flow.instruments.rules.decoding import FEEDS, decode
from aliquot.flow.instruments.rules.driver import load
from aliquot.wire.astm_link import ACK, ENQ, EOT, FramingProfile, frames_of
from tests.flow.instruments.captures import (
    CRLF,
    ETB,
    ETX,
    HL7,
    SAMPLES,
    STX,
    as_records,
    counted,
    framed,
    records_of,
    results,
    session,
)


def cut_at(size: int) -> Callable[[list[bytes]], bytes]:
    """The whole message packed and cut anywhere, as a cobas e 411 or a DxH does."""

    def build(records: list[bytes]) -> bytes:
        return session(frames_of(records, FramingProfile(text_limit=size, one_record_per_frame=False)))

    return build


def one_frame(end: bytes) -> Callable[[list[bytes]], bytes]:
    return lambda records: session([framed(end.join(records) + end, 1)])


def doubled(records: list[bytes]) -> bytes:
    """Each frame again, as after a lost ACK."""
    return session([frame for n, one in enumerate(records, 1) for frame in [framed(one + b"\r", n)] * 2])


def retried(records: list[bytes]) -> bytes:
    """Each frame damaged first, then as it is."""
    frames = [framed(one + b"\r", n) for n, one in enumerate(records, 1)]
    return session([part for frame in frames for part in (frame[:4] + b"~" + frame[5:], frame)])


def numbered_anew(records: list[bytes]) -> bytes:
    """After 7 comes 1 (IMMULITE)."""
    return session([framed(one + b"\r", (n - 1) % 7 + 1) for n, one in enumerate(records, 1)])


DEVIATIONS: dict[str, Callable[[list[bytes]], bytes]] = {
    "cut inside records": cut_at(47),
    "cut at every byte": cut_at(1),
    "one long frame": one_frame(b"\r"),
    "line feeds": one_frame(b"\n"),
    "carriage returns and line feeds": one_frame(b"\r\n"),
    "no CR before ETX": lambda records: session([framed(one, n) for n, one in enumerate(records, 1)]),
    "ETB after each record": lambda records: session(
        [framed(one + b"\r", n, ETX if one[:1] == b"L" else ETB) for n, one in enumerate(records, 1)]
    ),
    "doubled STX": lambda records: as_records(records).replace(STX, STX + STX),
    "padding with NUL": lambda records: (
        b"\x00" + as_records(records).replace(STX, b"\x00" + STX) + b"\x00" * 3
    ),
    "lower-case checksum": lambda records: session(
        [framed(one + b"\r", n, lower=True) for n, one in enumerate(records, 1)]
    ),
    "LF behind the checksum": lambda records: session(
        [framed(one + b"\r", n, trailer=b"\n") for n, one in enumerate(records, 1)]
    ),
    "nothing behind the checksum": lambda records: session(
        [framed(one + b"\r", n, trailer=b"") for n, one in enumerate(records, 1)]
    ),
    "frames repeated": doubled,
    "frames damaged and retried": retried,
    "numbers from 7 to 1": numbered_anew,
    "empty sessions before": lambda records: (ENQ + EOT) * 3 + as_records(records) + ENQ + EOT,
    "acknowledgements of the host in the file": lambda records: ACK + as_records(records) + ACK,
    "bare records": lambda records: b"\r\n".join(records) + b"\r\n",
    "bare records with a mark": lambda records: b"\xef\xbb\xbf" + b"\n".join(records),
    "hexadecimal digits": lambda records: as_records(records).hex(" ").encode(),
    "spelled control characters": lambda records: (
        as_records(records)
        .replace(STX, b"<STX>")
        .replace(ETX, b"<ETX>")
        .replace(ENQ, b"<ENQ>")
        .replace(EOT, b"<EOT>")
        .replace(b"\r", b"<CR>")
        .replace(b"\n", b"<LF>")
    ),
    "a transcript of both sides": lambda records: b"\n".join(
        json.dumps({"dir": side, "hex": part.hex()}).encode()
        for frame in [ENQ, *(framed(one + b"\r", n) for n, one in enumerate(records, 1)), EOT]
        for side, part in (("analyzer", frame), ("host", ACK))
    ),
}


@pytest.mark.parametrize("model", SAMPLES)
@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_a_deviation_of_the_line_changes_no_result(model: str, deviation: str) -> None:
    records = records_of(model)
    plain = results(as_records(records))
    assert {row["driver"] for row in plain} == {model}
    assert len(plain) == sum(one[:2] == b"R|" for one in records)
    data = DEVIATIONS[deviation](records)
    for feed in FEEDS:
        assert results(data, feed) == plain, feed


@pytest.mark.parametrize("feed", FEEDS)
def test_a_second_header_without_l_is_a_second_message(feed: str) -> None:
    records = records_of("beckman_dxi")[:-1]
    texts = [*records, *records, b"L|1|F"]
    data = session([framed(one + b"\r", n) for n, one in enumerate(texts, 1)])
    rows = list(decode(data, feed=feed))
    assert [(row["n"], row["message"]) for row in rows if "n" in row] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert [row["reason"] for row in rows if "quarantined" in row] == ["the message has no L record"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_session_that_begins_in_the_middle_is_quarantined_whole(feed: str) -> None:
    whole = as_records(records_of("sysmex_xs500i"))
    tail = whole[whole.index(b"R|1") - 2 :]
    rows = list(decode(tail + whole, feed=feed))
    assert rows[0]["quarantined"] == "Unintelligible"
    assert b"R|1" in rows[0]["raw"].encode("latin-1")
    assert [{**row, "message": 1} for row in rows[1:]] == list(decode(whole, feed=feed))
    opened = list(decode(ENQ + tail, feed=feed))
    assert not [row for row in opened if "n" in row]
    assert all(row["reason"] for row in opened)


@pytest.mark.parametrize("times", [3, 20])
def test_a_result_that_comes_again_names_the_first(times: int) -> None:
    """A cobas e 411 whose host is slow to close sends its message again and again."""
    records = [one.replace(b"|||||E1", b"||||20260310093412|E1") for one in records_of("roche_cobas_e411")]
    data = as_records(records) * times
    rows = results(data)
    first = [row for row in rows if "repeats" not in row]
    assert [row["message"] for row in first] == [1] * len(first)
    assert len(rows) == times * len(first)
    assert {row["repeats"] for row in rows if "repeats" in row} == {row["n"] for row in first}


def test_a_second_different_value_is_no_repetition() -> None:
    records = [one.replace(b"|||||E1", b"||||20260310093412|E1") for one in records_of("roche_cobas_e411")]
    other = [one.replace(b"|3.05|", b"|3.06|") for one in records]
    rows = results(as_records(records) + as_records(other))
    assert [row["value"] for row in rows if "3.0" in row["value"]] == ["3.05", "3.06"]
    assert ["repeats" in row for row in rows if "3.0" in row["value"]] == [False, False]


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("ends", [b"", CRLF])
def test_several_messages_in_one_block_without_number_and_checksum(feed: str, ends: bytes) -> None:
    """MAGLUMI X3: like the X8, with records of its own."""
    one = [b"H|\\^&||PSWD|Maglumi X3|||||Lis||P|E1394-97|20260310", b"P|1", b"O|1|77||^^^TSH"]
    two = [b"R|1|^^^TSH|2.1|uIU/mL|0.3 to 4.5|N||||||20260310091200", b"L|1|N"]
    block = STX + b"".join(line + b"\r" for line in [*one, *two] * 2) + ETX + ends
    rows = results(ENQ + block + EOT, feed)
    assert [(row["n"], row["message"], row["driver"], row["specimen"]) for row in rows] == [
        (1, 1, "snibe_maglumi", "77"),
        (2, 2, "snibe_maglumi", "77"),
    ]


@pytest.mark.parametrize("feed", FEEDS)
def test_messages_without_results_are_counted(feed: str) -> None:
    def block(*segments: str) -> bytes:
        return b"\x0b" + ("\r".join(segments) + "\r").encode() + b"\x1c\r"

    heartbeat = HL7[0].replace("OUL^R22^OUL_R22", "NMD^N02")
    answer = HL7[0].replace("OUL^R22^OUL_R22", "ORL^O34")
    data = b"".join(
        (
            block(heartbeat, "NST|Y"),
            block(answer, "MSA|AA|9", "SPM|1|77", "ORC|UA", "OBR|1||T"),
            block(*HL7),
            block(answer.replace("ORL^O34", "ACK"), "MSA|AA|9"),
            block(*HL7),
        )
    )
    rows = list(decode(data, feed=feed))
    assert [row["message"] for row in rows if "n" in row] == [3, 5]
    assert [row["answer"]["accepted"] for row in rows if "answer" in row] == [False]
    assert [row["reason"] for row in rows if "quarantined" in row] == ["the analyzer refuses the order"]


def test_a_named_driver_reads_what_it_is_given() -> None:
    data = as_records(records_of("beckman_dxi"))
    rows = [row for row in decode(data, load("generic_astm")) if "n" in row]
    assert {row["driver"] for row in rows} == {"generic_astm"}
    assert next(iter(decode(data, load("generic_law"))))["quarantined"]


def test_the_senders_name_counts_more_than_a_sign_of_another_model() -> None:
    (sign,) = load("euroimmun_analyzer1").layout.identity.signs
    records = [one.replace(b"^^^TSH", b"^^^SARSCOV2IGG") for one in records_of("beckman_dxi")]
    assert any(sign.shows(one.split(b"|")[2].decode()[3:]) for one in records if one[:2] == b"R|")
    assert {row["driver"] for row in results(as_records(records))} == {"beckman_dxi"}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("size", [6, 20])
def test_a_lost_frame_0_is_no_habit_of_leaving_out_0(feed: str, size: int) -> None:
    records = counted(size)
    frames = [framed(one + b"\r", n) for n, one in enumerate(records, 1)]
    assert frames[7][1:2] == b"0"
    rows = list(decode(session(frames[:7] + frames[8:]), feed=feed))
    assert not [row for row in rows if "n" in row]
    assert "wrong frame number" in {row["reason"] for row in rows}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("size", [5, 20])
def test_a_sender_nobody_knows_may_leave_out_0(feed: str, size: int) -> None:
    rows = results(numbered_anew(counted(size)), feed)
    assert [row["value"] for row in rows] == [f"{n}.5" for n in range(1, size + 1)]


@pytest.mark.parametrize("feed", FEEDS)
def test_records_that_end_with_etb_and_no_cr_are_whole(feed: str) -> None:
    records = counted(9)
    data = session([framed(one, n, ETX if one[:1] == b"L" else ETB) for n, one in enumerate(records, 1)])
    assert len(results(data, feed)) == 9
    assert not results(data.replace(b"3.5|g/L", b"3.5|g/l"), feed)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\r\r"])
def test_a_file_of_records_that_ends_inside_one_gives_none(end: bytes) -> None:
    whole = end.join(counted(3))
    for size in range(len(whole) - 6, whole.index(b"R|1"), -1):
        (row, *more) = decode(whole[:size])
        if whole[:size].endswith((b"\r", b"\n")):
            assert more[-1]["reason"] == "the message has no L record"
        else:
            assert (row["reason"], more) == ("the file ends inside a record", [])
    assert [row["value"] for row in decode(whole)] == ["1.5", "2.5", "3.5"]


def test_records_before_a_second_header_without_l_are_flagged() -> None:
    data = b"\n".join([*counted(2)[:-1], *counted(1), b""])
    rows = list(decode(data))
    assert [(row["message"], row["value"]) for row in rows if "n" in row] == [
        (1, "1.5"),
        (1, "2.5"),
        (2, "1.5"),
    ]
    assert [(row["message"], row["reason"]) for row in rows if "n" not in row] == [
        (1, "the message has no L record")
    ]


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda end, records: ENQ + STX + end.join(records) + end + ETX + b"\r\n" + EOT,
        lambda end, records: STX + end.join(records) + end + ETX,
        lambda end, records: b"\x00" + ENQ + end.join(records) + end + EOT,
        lambda end, records: (ENQ + end.join(records) + end + EOT) * 2,
    ],
)
@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_records_without_frames_in_any_wrapping(
    end: bytes, wrapped: Callable[[bytes, list[bytes]], bytes], feed: str
) -> None:
    records = counted(3)
    data = wrapped(end, records)
    rows = list(decode(data, feed=feed))
    assert [row["value"] for row in rows if "n" in row] == ["1.5", "2.5", "3.5"] * data.count(b"L|1")
    assert not [row for row in rows if row.get("quarantined") not in (None, "Result")]


@pytest.mark.parametrize("between", [b"S|1|x", b"Q|1|^70301||ALL", b"L|1|N"])
def test_a_result_where_none_belongs_is_told_and_waits_for_a_person(between: bytes) -> None:
    records = counted(2)
    data = b"\r".join([*records[:-1], between, b"R|3|^^^T3|3.5", b"L|1|N", b""])
    rows = list(decode(data))
    assert [row["value"] for row in rows if "n" in row] == ["1.5", "2.5", "3.5"]
    assert [row["specimen"] for row in rows if "n" in row] == ["70301", "70301", ""]
    assert 3 in {row.get("result") for row in rows if "quarantined" in row}


@pytest.mark.parametrize("model", ["generic_astm", "euroimmun_analyzer1"])
def test_a_result_without_an_order_has_no_tube_of_another(model: str) -> None:
    records = [
        b"H|\\^&|||X",
        b"P|1||a",
        b"O|1|S1||^^^A",
        b"R|1|^^^A|1.5",
        b"P|2||b",
        b"R|1|^^^A|2.5",
        b"L|1|N",
    ]
    rows = [row for row in decode(b"\r".join(records), load(model)) if "n" in row]
    assert rows[0]["specimen"] != rows[1]["specimen"]


@pytest.mark.parametrize("feed", FEEDS)
def test_a_sender_nobody_knows_may_number_its_m_records_as_it_likes(feed: str) -> None:
    records = counted(3)
    images = [b"M|%d|HISTOGRAM" % n for n in range(1, 5)]
    numbers = [*(1, 2, 3), *(1, 1, 1, 4), *(5, 6, 7), 0]
    texts = [*records[:3], *images, *records[3:]]
    frames = [framed(text + b"\r", number) for text, number in zip(texts, numbers, strict=True)]
    assert [row["value"] for row in results(session(frames), feed)] == ["1.5", "2.5", "3.5"]
    for lost in (2, 7, 8):
        assert not results(session(frames[:lost] + frames[lost + 1 :]), feed)
