"""Captures of HL7 as devices and people leave them: wrappings, specimens, segments that run into each other."""

from collections.abc import Callable

import pytest

from aliquot.flow.instruments.rules.decoding import FEEDS, decode
from tests.flow.instruments.captures import ETB, ETX, HL7, framed, results, session


def test_hl7_in_frames_that_are_cut_inside_a_character() -> None:
    segments = ["MSH|^~\\&|X||||20260310||OUL^R22|1|P|2.5.1", "SPM|1|77", "OBR|1", "OBX|1|ST|T||é€ü||||||F"]
    data = ("\r".join(segments) + "\r").encode()
    for size in (1, 7, 240):
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        frames = [framed(part, n, ETX if n == len(parts) else ETB) for n, part in enumerate(parts, 1)]
        (row,) = results(session(frames))
        assert (row["value"], row["specimen"], row["specimen_spm2"]) == ("é€ü", "77", "77")


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    "wrapped",
    [
        lambda text: b"\x0b" + text + b"\x1c\r",
        lambda text: b"\x0b" + text.replace(b"\r", b"\n") + b"\x1c\r",
        lambda text: b"\x0b" + text.replace(b"\r", b"\r\n") + b"\x1c\r\n",
        lambda text: b"\x0b" + text + b"\x1c",
        lambda text: text + b"\x1c\r",
        lambda text: text,
        lambda text: text.replace(b"\r", b"\n"),
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"FHS|^~\\&|X\r" + text + b"FTS|1\r",
        lambda text: b"\x0b" + text.replace(b"|5|", b"|" + b"9" * 70_000 + b"|") + b"\x1c\r",
    ],
)
def test_hl7_in_any_wrapping(feed: str, wrapped: Callable[[bytes], bytes]) -> None:
    text = ("\r".join(HL7) + "\r").encode()
    (row,) = results(wrapped(text), feed)
    assert (row["specimen"], row["code"], row["unit"], row["driver"]) == ("77", "T", "mmol/L", "generic_law")
    first, second = results(wrapped(text) + wrapped(text).removeprefix(b"\xef\xbb\xbf"), feed)
    assert (first["message"], second["message"], second["n"]) == (1, 2, 2)


def test_orders_sent_to_an_analyzer_hold_no_results() -> None:
    order = [HL7[0].replace("OUL^R22^OUL_R22", "OML^O33"), "SPM|1|77", "ORC|NW", "OBR||1||T", "TCD|T"]
    assert list(decode(b"\x0b" + "\r".join(order).encode() + b"\r\x1c\r")) == []


def test_a_file_of_hl7_that_ends_inside_an_observation_gives_none() -> None:
    text = b"MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.4\nOBR|1||70301\nOBX|1|NM|GLU||12.25|mmol/L|||||F"
    assert [row["value"] for row in decode(text)] == ["12.25"]
    for size in range(text.index(b"12.2"), len(text) - 2):
        (row,) = decode(text[:size])
        assert row["reason"] == "the file ends inside a segment"


LAW = b"MSH|^~\\&|A|B|||20260310||OUL^R22^OUL_R22|1|P|2.5.1"
OBX1, OBX2 = (b"OBX|1|NM|GLU^GLU^L||%d|mmol/L|||||F" % value for value in (5, 6))


@pytest.mark.parametrize(
    ("segments", "tubes"),
    [
        ([b"SPM|1|S1|||||||||P", b"OBR|1|||GLU", OBX1, b"SPM|2|S2|||||||||Q", OBX2], ["S1", "S2"]),
        ([b"SPM|1|S1", OBX1, b"SPM|2|S2", OBX2], ["S1", "S2"]),
        ([b"SPM|1|", b"SAC|||S1", b"OBR|1|||GLU", OBX1, b"SAC|||S2", OBX2], ["S1", "S2"]),
        ([b"PID|1", b"SPM|1|S1", b"OBR|1|||GLU", OBX1, b"PID|2", OBX2], ["S1", ""]),
        ([b"OBR|1|||GLU", b"SPM|1|S1", OBX1, b"OBR|2|||GLU", b"SPM|1|S2", OBX2], ["S1", "S2"]),
        ([b"OBR|1|||GLU", b"SPM|1|S1", OBX1, b"OBR|2|||GLU", OBX2], ["S1", "S1"]),
        (
            [*[b"OBR|1|||GLU", b"SPM|1|S1", OBX1, b"OBR|2|||GLU", OBX2], b"OBR|3|||GLU", b"SPM|1|S3", OBX2],
            ["S1", "", "S3"],
        ),
        ([b"OBR|1|||GLU", OBX1, b"SPM|1|S1", b"OBR|2|||GLU", OBX2], ["", "S1"]),
        ([b"SAC|||S0", b"OBR|1|||GLU", OBX1, b"SPM|1|S1", b"OBR|2|||GLU", OBX2], ["S0", "S1"]),
    ],
)
def test_no_result_is_of_another_specimens_tube(segments: list[bytes], tubes: list[str]) -> None:
    data = b"\x0b" + b"".join(one + b"\r" for one in [LAW, *segments]) + b"\x1c\r"
    assert [row["specimen"] for row in results(data)] == tubes


@pytest.mark.parametrize(
    ("segments", "tubes"),
    [
        ([b"OBR|1|||GLU", OBX1, b"SPM|1|S1", b"OBR|2|||GLU", OBX2, b"SPM|2|S2"], ["S1", "S2"]),
        ([b"OBR|1|||GLU", OBX1, b"OBR|2|||GLU", OBX2, b"SPM|2|S2"], ["S2", "S2"]),
        ([b"PID|1", b"OBR|1|||GLU", OBX1, b"PID|2", b"OBR|2|||GLU", OBX2, b"SPM|2|S2"], ["", "S2"]),
        ([b"SAC|||S0", b"OBR|1|||GLU", OBX1, b"SPM|1|S1", b"OBR|2|||GLU", OBX2], ["S0", "S1"]),
    ],
)
def test_a_specimen_named_last_is_of_the_results_before_it(segments: list[bytes], tubes: list[str]) -> None:
    head = LAW.replace(b"OUL^R22^OUL_R22", b"ORU^R32")
    data = b"\x0b" + b"".join(one + b"\r" for one in [head, *segments]) + b"\x1c\r"
    assert [row["specimen"] for row in results(data)] == tubes


def test_an_order_in_front_of_its_specimen_is_the_results_order() -> None:
    segments = [LAW.replace(b"R22", b"R24"), b"OBR|1||R77|VITD", b"ORC|OK", b"SPM|1|S1", OBX1]
    (row,) = decode(b"\x0b" + b"".join(one + b"\r" for one in segments) + b"\x1c\r")
    assert (row["specimen_spm2"], row["order"], row["specimen_obr3"]) == ("S1", "VITD", "R77")


def test_a_file_of_hl7_whose_segments_run_into_each_other_gives_none() -> None:
    text = b"MSH|^~\\&|A||||20260310||ORU^R01|1|P|2.4\nOBR|1||70301\nOBX|1|NM|GLU||12.25|mmol/L|||||F\n"
    (row,) = decode(text.replace(b"70301\n", b"70301"))
    assert row["reason"] == "a segment's end is missing in front of OBX"
