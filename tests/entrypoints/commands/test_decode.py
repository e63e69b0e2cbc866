"""`aliquot decode`: what a capture says, without a database."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from aliquot.entrypoints.commands.decode import FEEDS, Command, decode
from aliquot.flow.instruments.rules.driver import FOLDER, load
from aliquot.wire.astm_link import ENQ, EOT, frames_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"


def capture(model: str, transcript: str) -> bytes:
    driver = load(model)
    text = (FOLDER / model / "transcripts" / f"{transcript}.txt").read_text("utf-8").rstrip("\n")
    records = [record.encode(driver.layout.charset) for record in text.split("\n")]
    return ENQ + b"".join(frames_of(records, driver.framing)) + EOT


def printed(*arguments: str) -> list[dict[str, object]]:
    output = StringIO()
    command = Command(stdout=output)
    options = vars(command.create_parser("aliquot", "decode").parse_args(arguments))
    command.handle(**options)
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.parametrize("feed", FEEDS)
def test_results_and_what_waits_for_a_person_are_printed(tmp_path: Path, feed: str) -> None:
    path = tmp_path / "two_tubes.astm"
    path.write_bytes(capture("siemens_immulite2000", "two_tubes"))
    rows = printed(str(path), "--feed", feed)
    assert [(row["code"], row["specimen"], row["value"]) for row in rows if "test" in row] == [
        ("TSH", "9900000101", "2.41"),
        ("TT4", "9900000101", "24."),
        ("FER", "9900000102", "<.5"),
    ]
    assert [(row["n"], row["reason"]) for row in rows if "reason" in row] == [
        (3, "not understood: unit 'furlong', flag 'ZZ'")
    ]
    assert {(row["file"], row["message"]) for row in rows} == {(str(path), 1)}


def test_queries_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "query.astm"
    path.write_bytes(capture("roche_cobas_c311", "host_query"))
    (row,) = printed(str(path), "--json")
    assert row["query"] == {"specimens": ["9900000401"], "tests": [], "cancelled": False}


def test_a_broken_session_is_quarantined_with_its_reason() -> None:
    data = capture("siemens_immulite2000", "two_tubes")
    (row,) = decode(data[80:])
    assert row["reason"] == "frames without the ENQ that opens a session"
    rows = list(decode(data[: data.index(b"L|1")]))
    assert [row["quarantined"] for row in rows] == ["MessageIncomplete", "FrameRefused"]


def test_an_unknown_sender_is_quarantined_result_by_result() -> None:
    data = capture("siemens_immulite2000", "two_tubes").replace(b"DPC", b"PDC")  # the sum stays the same
    rows = list(decode(data))
    assert [row["value"] for row in rows] == ["2.41", "24.", "<.5"]
    assert {row["kind"] for row in rows} == {"quarantined"}
    assert "no driver expects the sender 'PDC'" in rows[0]["reason"]
    assert {row["kind"] for row in decode(data, load("siemens_immulite2000")) if "test" in row} == {"patient"}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.astm"):
        printed(str(tmp_path / "nowhere.astm"))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not part of the repository")
@pytest.mark.parametrize("feed", FEEDS)
def test_every_framed_capture_keeps_the_fields_of_the_truth(feed: str) -> None:
    truth: dict[str, list[dict[str, object]]] = {}
    for line in map(json.loads, (CORPUS / "truth.jsonl").read_text("utf-8").splitlines()):
        truth.setdefault(line.pop("file"), []).append(line)
    other_framing = ("cepheid_genexpert/hl7", "horiba", "snibe_maglumi_x8/rekeyed_three", "biomerieux")
    for path in sorted(CORPUS.glob("*/*.astm")):
        name = f"{path.parent.name}/{path.name}"
        if name.startswith(other_framing) or not path.read_bytes().startswith(ENQ):
            continue
        wanted = truth.get(name, [])
        rows = [row for row in decode(path.read_bytes(), feed=feed) if "test" in row]
        assert [{key: row[key] for key in one} for row, one in zip(rows, wanted, strict=True)] == wanted, name
