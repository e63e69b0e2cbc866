"""What a captured file looks like from outside, when it is odd or damaged."""

import json

import pytest

from aliquot.flow.instruments.rules.decoding import Row, decode
from aliquot.flow.instruments.rules.decoding.layers import Layer, bare_messages
from aliquot.flow.instruments.rules.decoding.whose import _worth
from aliquot.flow.instruments.rules.driver import load
from aliquot.wire.astm_link import EOT
from aliquot.wire.link_events import MessageReceived, Unintelligible
from tests.flow.instruments.captures import STX, as_records, counted, framed

RECORDS = b"\r".join([*counted(2), b""])


def values(data: bytes) -> list[str]:
    return [row["value"] for row in decode(data) if "n" in row]


def test_a_file_of_hexadecimal_digits_is_read_as_its_bytes() -> None:
    data = as_records(counted(2))
    assert values(data.hex(" ").encode()) == ["1.5", "2.5"]
    assert values(b" ".join(b"0x%02x" % one for one in data)) == ["1.5", "2.5"]
    odd = data.hex(" ").encode()[:-1]
    assert values(odd) == []


def transcript(*rows: tuple[str, bytes]) -> bytes:
    return b"\n".join(json.dumps({"dir": whose, "hex": said.hex()}).encode() for whose, said in rows)


def test_of_a_transcript_only_what_the_analyzer_said_counts() -> None:
    data = as_records(counted(2))
    said = transcript(("rx", data[:40]), ("host", b"\x06"), ("rx", data[40:]))
    assert values(said) == values(said.replace(b"\n", b"\n\n  \n")) == ["1.5", "2.5"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda said: said + b"\nnot json",
        lambda said: said + b'\n{"dir": "rx"}',
        lambda said: said + b'\n{"dir": "rx", "hex": "0"}',
        lambda said: said + b'\n{"dir": "rx", "hex": 5}',
        lambda said: said + b"\n[]",
    ],
)
def test_a_transcript_with_a_damaged_line_is_none(damage: object) -> None:
    assert values(damage(transcript(("rx", as_records(counted(2)))))) == []  # type: ignore[operator]


def said(data: bytes, layer: Layer) -> list[str]:
    return [one.reason for one in bare_messages(data, layer) if isinstance(one, Unintelligible)]


def test_text_before_the_first_header_is_told() -> None:
    message = b"MSH|^~\\&|S||||2026||OUL^R22|1|P|2.5.1\rSPM|1|77\rOBX|1|NM|T||5|mmol/L||N|||F\r"
    assert said(b"PID|1\r" + message, "hl7") == ["text before the first MSH"]
    assert said(b"\r\n" + message, "hl7") == []
    assert said(b"P|1\r" + RECORDS, "records") == ["records before the first H record"]
    assert said(b"\r\n" + RECORDS, "records") == []


def test_frames_without_enq_are_read_when_they_begin_a_message() -> None:
    frames = [framed(one + b"\r", number) for number, one in enumerate(counted(2), 1)]
    assert values(b"".join(frames) + EOT) == ["1.5", "2.5"]
    assert values(b"\r\n" + b"".join(frames) + EOT) == ["1.5", "2.5"]
    assert values(b"".join(frames[1:]) + EOT) == []


def test_a_message_that_cannot_be_parsed_is_left_to_its_reader() -> None:
    assert said(b"MSH|\rOBX|1\r", "hl7") == []
    assert values(b"MSH|\rOBX|1\r") == []


def test_messages_that_say_nothing_of_results_count_where_there_are_no_others() -> None:
    quiet = b"\r".join([b"H|\\^&|||UNHEARD OF|||||||P|1|20260310", b"C|1|I|calibrated|G", b"L|1|N", b""])
    rows: list[Row] = list(decode(quiet))
    assert not any("n" in row for row in rows)
    assert STX not in quiet


def test_a_message_without_results_counts_as_quiet() -> None:
    calibration = MessageReceived(b"H|\\^&|||S\rL|1|N\r", b"")
    results = MessageReceived(b"\r".join([*counted(2), b""]), b"")
    assert _worth(load("generic_astm"), [calibration, calibration]) == (0, 0, 2, 0)
    messages, said_in_all, *_ = _worth(load("generic_astm"), [calibration, results])
    assert (messages, said_in_all) == (1, 2)
