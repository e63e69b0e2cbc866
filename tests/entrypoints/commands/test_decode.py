"""`aliquot decode`: what a capture says, without a database."""

import json
from collections import defaultdict
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.decode import Command
from aliquot.flow.instruments.rules.decoding import FEEDS, decode
from aliquot.flow.instruments.rules.driver import FOLDER, load
from aliquot.wire.astm_link import ENQ, EOT, FramingProfile, frames_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not part of the repository")
CAPTURES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


def capture(model: str, transcript: str) -> bytes:
    driver = load(model)
    assert isinstance(driver.framing, FramingProfile)
    text = (FOLDER / model / "transcripts" / f"{transcript}.txt").read_text("utf-8").rstrip("\n")
    records = [record.encode(driver.layout.charset) for record in text.split("\n")]
    return ENQ + b"".join(frames_of(records, driver.framing)) + EOT


def printed(*arguments: str) -> str:
    output = StringIO()
    command = Command(stdout=output)
    options = vars(command.create_parser("aliquot", "decode").parse_args(arguments))
    command.handle(**options)
    return output.getvalue()


def objects(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(*arguments, "--json").splitlines()]


@pytest.mark.parametrize("feed", FEEDS)
def test_results_and_what_waits_for_a_person_are_printed(tmp_path: Path, feed: str) -> None:
    path = tmp_path / "two_tubes.astm"
    path.write_bytes(capture("siemens_immulite2000", "two_tubes"))
    rows = objects(str(path), "--feed", feed)
    assert [(row["n"], row["code"], row["specimen"], row["value"]) for row in rows if "n" in row] == [
        (1, "TSH", "9900000101", "2.41"),
        (2, "TT4", "9900000101", "24."),
        (3, "FER", "9900000102", "<.5"),
    ]
    (waiting,) = [row for row in rows if "quarantined" in row]
    assert waiting == {
        "file": str(path),
        "message": 1,
        "quarantined": "Result",
        "result": 3,
        "reason": "not understood: unit 'furlong', flag 'ZZ'",
        "raw": waiting["raw"],
    }
    assert {(row["file"], row["message"]) for row in rows} == {(str(path), 1)}


def test_a_table_is_for_people(tmp_path: Path) -> None:
    path = tmp_path / "two_tubes.astm"
    path.write_bytes(capture("siemens_immulite2000", "two_tubes"))
    lines = printed(str(path)).splitlines()
    assert lines[:2] == [str(path), "  driver: siemens_immulite2000"]
    assert lines[2].split() == [
        *("n", "msg", "kind", "specimen", "test", "value", "unit", "flags", "status", "measured", "at"),
    ]
    assert lines[3].split()[:7] == ["1", "1", "patient", "9900000101", "TSH", "2.41", "u[IU]/mL"]
    assert lines[5].endswith("unit 'furlong', flag 'ZZ'")
    assert lines[-1] == "  3 results, 1 waiting for a person"


def test_queries_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "query.astm"
    path.write_bytes(capture("roche_cobas_c311", "host_query"))
    (row,) = objects(str(path))
    assert row["query"] == {
        "specimens": ["9900000401"],
        "tests": [],
        "cancelled": False,
        "everything": False,
    }
    assert "message 1: asks about 9900000401" in printed(str(path))


def test_a_broken_session_is_quarantined_with_its_reason() -> None:
    data = capture("siemens_immulite2000", "two_tubes")
    (row,) = decode(data[80:])
    assert row["reason"] == "frames without the ENQ that opens a session"
    rows = list(decode(data[: data.index(b"L|1")]))
    assert [row["quarantined"] for row in rows] == ["MessageIncomplete", "FrameRefused"]


def test_a_capture_that_begins_behind_the_enq_is_whole() -> None:
    data = capture("siemens_immulite2000", "two_tubes")
    for before in (b"", b"\x06", b"\r\n\x15\x06", b"\x00\x00"):
        assert list(decode(before + data[1:])) == list(decode(data))


def test_an_answer_to_an_order_says_what_was_not_accepted() -> None:
    head = b"\x0bMSH|^~\\&|X800 DM||HOST||20210915103324+0200||%b|1|P|2.5.1\rMSA|AA|o1\r"
    refused = head % b"ORL^O34^ORL_O42" + b"SPM|1|sample123\rORC|UA|1|||CA\r\x1c\r"
    (answer, problem) = decode(head % b"ACK^R22^ACK" + b"\x1c\r" + refused)
    assert answer["answer"] == {"accepted": False, "specimen": "sample123", "to": "o1", "reason": ""}
    assert problem["quarantined"] == "Order"


def test_an_unknown_sender_is_read_by_the_standard_alone() -> None:
    data = capture("siemens_immulite2000", "two_tubes").replace(b"DPC", b"PDC")  # the sum stays the same
    rows = [row for row in decode(data) if "n" in row]
    assert [(row["driver"], row["value"]) for row in rows] == [
        ("generic_astm", "2.41"),
        ("generic_astm", "24."),
        ("generic_astm", "<.5"),
    ]
    assert {row["driver"] for row in decode(data, load("siemens_immulite2000")) if "n" in row} == {
        "siemens_immulite2000"
    }


def test_a_missing_file_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    output = StringIO()
    command = Command(stdout=output)
    there = tmp_path / "there.rec"
    there.write_bytes(b"H|\\^&|||X\rP|1\rO|1|7||^^^GLU\rR|1|^^^GLU|5.1|mmol/L||N||F\rL|1|N\r")
    with pytest.raises(CommandError, match=r"nowhere\.astm"):
        command.handle(files=[tmp_path / "nowhere.astm", there], driver=None, feed="all", json=True)
    assert json.loads(output.getvalue().splitlines()[0])["value"] == "5.1"


def truth() -> dict[str, list[dict[str, Any]]]:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in map(json.loads, (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()):
        rows[line.pop("file")].append(line)
    return rows


@NEEDS_CORPUS
@pytest.mark.parametrize("feed", FEEDS)
def test_every_capture_of_the_corpus_is_exact(feed: str) -> None:
    wanted_of = truth()
    inexact: list[str] = []
    for path in CAPTURES:
        name = f"{path.parent.name}/{path.name}"
        wanted = wanted_of.get(name, [])
        rows = [row for row in decode(path.read_bytes(), feed=feed) if "n" in row]
        got = [{key: row.get(key) for key in one} for row, one in zip(rows, wanted, strict=False)]
        if name not in WITHOUT_TRUTH and (len(rows) != len(wanted) or got != wanted):
            inexact.append(name)
    assert inexact == []


# native texts and a table whose results the corpus does not list
WITHOUT_TRUTH = {
    "arkray_spotchem_el/result_native.txt",
    "biomerieux_mini_vidas/result_native.txt",
    "sysmex_xt2000i/export.csv",
}


@NEEDS_CORPUS
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_capture_means_the_same_however_it_is_cut(path: Path) -> None:
    data = path.read_bytes()
    told = [list(decode(data, feed=feed)) for feed in FEEDS]
    assert told[1:] == told[:-1]


@NEEDS_CORPUS
def test_controls_and_orders_are_no_results_of_patients() -> None:
    def kinds(name: str) -> set[str]:
        return {row["kind"] for row in decode((CORPUS / name).read_bytes()) if "kind" in row}

    assert kinds("siemens_advia_centaur_xpt/qc_result.astm") == {"qc"}
    assert kinds("horiba_yumizen_h500/qc_with_histograms.astm") == {"qc"}
    assert kinds("biosystems_ba400/rekeyed_qc_1obx.mllp") == {"qc"}
    assert kinds("roche_cobas8000/rekeyed_qc_2r.astm") == {"qc"}
    for order in (
        "immucor_galileo_echo/crossmatch_order.rec",
        "roche_cobas6800/oml_order_and_negative_answer.mllp",
        "siemens_atellica_solution/oml_o33_order.mllp",
    ):
        assert not [row for row in decode((CORPUS / order).read_bytes()) if "n" in row or "query" in row]
