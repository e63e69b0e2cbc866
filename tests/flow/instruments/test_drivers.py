"""Every driver folder: its sources, its transcripts, its proposals, and the captures of the four models."""

import csv
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.driver import FOLDER, build, load, models
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.reading import Reading, Understood
from aliquot.wire.astm_link import AstmReceiver, FramingProfile, MessageReceived
from tests.flow.instruments.driver_ends import ZONE, over_the_link, received, records_of

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not part of the repository")
CAPTURES = {
    "siemens_immulite2000": "siemens_immulite2000",
    "siemens_advia_centaur_xpt": "siemens_advia_centaur_xpt",
    "sysmex_xn550": "sysmex_xn",
    "roche_cobas_c311": "roche_cobas_c311",
    "synthetic_link": "siemens_immulite2000",
}

USUAL: dict[str, Any] = {"message": 1, "dropped": False, "everything": False}


def plain(understood: Understood) -> dict[str, Any]:
    """Everything understood in the form of the expected files: empty facts left out."""
    whole: dict[str, Any] = json.loads(json.dumps(asdict(understood), default=str))
    for row in (one for rows in whole.values() if isinstance(rows, list) for one in rows):
        usual = {name: one for name, one in USUAL.items() if row.get(name) == one}
        for name in [*usual, *(["raw"] if "position" in row and "value" in row else [])]:
            del row[name]
    whole = {
        name: one for name, one in whole.items() if (name, one) not in (("answers", []), ("messages", 1))
    }
    return {
        name: [{key: one for key, one in row.items() if one not in ("", [], None)} for row in rows]
        if isinstance(rows, list)
        else rows
        for name, rows in whole.items()
    }


TRANSCRIPTS = sorted(FOLDER.glob("*/transcripts/*.txt"))


def test_every_driver_loads_cites_its_sources_and_has_transcripts() -> None:
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders == set(models())
    for model in models():
        layout = load(model).layout
        assert all(source.strip() for source in layout.sources.values())
        assert [path for path in TRANSCRIPTS if path.parent.parent.name == model], model


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_transcripts_are_understood_as_expected(path: Path) -> None:
    driver = load(path.parent.parent.name)
    understood = over_the_link(driver, records_of(path, driver))
    assert plain(understood) == json.loads(path.with_suffix(".json").read_text("utf-8"))


def truth_of(name: str) -> list[dict[str, Any]]:
    lines = map(json.loads, (CORPUS / "truth.jsonl").read_text("utf-8").splitlines())
    return [line for line in lines if line["file"] == name]


def told(name: str, message: int, reading: Reading) -> dict[str, Any]:
    return {"file": name, "n": reading.position, "message": message, **reading.raw}


@NEEDS_CORPUS
@pytest.mark.parametrize("size", ["frames", 1460, 64, 10**6])
@pytest.mark.parametrize("folder", CAPTURES)
def test_captures_equal_the_truth_in_every_feeding_mode(folder: str, size: int | str) -> None:
    driver = load(CAPTURES[folder])
    for path in sorted((CORPUS / folder).glob("*.astm")):
        name, data = f"{folder}/{path.name}", path.read_bytes()
        if size == "frames":
            assert isinstance(driver.framing, FramingProfile)
            receiver, contents = AstmReceiver(driver.framing), []
            for frame in data.splitlines(keepends=True):
                contents += [
                    e.content for e in receiver.receive(frame, 0.0) if isinstance(e, MessageReceived)
                ]
        else:
            contents = received(driver, data, int(size))
        results = [
            told(name, number, reading)
            for number, content in enumerate(contents, 1)
            for reading in driver.read(content).readings
        ]
        assert results == truth_of(name)
        assert len(contents) == 1


@NEEDS_CORPUS
def test_captures_mean_what_the_drivers_say() -> None:
    def read(model: str, name: str) -> Understood:
        driver = load(model)
        return driver.read(received(driver, (CORPUS / name).read_bytes(), 1460)[0], ZONE)

    immulite = read("siemens_immulite2000", "siemens_immulite2000/results_6patients_9r.astm")
    assert [str(one.number) for one in immulite.readings[2:4]] == ["173", "490"]
    assert not immulite.problems
    assert immulite.readings[0].measured_at == datetime(1995, 1, 19, 6, 28, 26, tzinfo=UTC)
    cobas = read("roche_cobas_c311", "roche_cobas_c311/result_7tests.astm")
    assert {one.specimen_code for one in cobas.readings} == {"CL-PL-24-0370"}
    assert [one.code for one in cobas.readings] == ["685", "687", "712", "158", "735", "717", "690"]
    assert [one.unknown for one in cobas.readings if one.unknown] == [("alarm '43'",)] * 2
    sysmex = read("sysmex_xn", "sysmex_xn550/cbc_diff_41r.astm")
    assert {one.specimen_code for one in sysmex.readings} == {"27"}
    assert [one.code for one in sysmex.readings if one.kind == "message"] == [
        "Eosinophilia",
        "Anemia",
        "Positive_Diff",
        "Positive_Count",
    ]
    assert [one.kind for one in sysmex.readings].count("patient") == 23
    assert not sysmex.problems
    control = read("siemens_advia_centaur_xpt", "siemens_advia_centaur_xpt/qc_result.astm")
    assert [(one.kind, one.aspect, one.reported) for one in control.readings] == [
        ("control", "DOSE", True),
        ("control", "RLU", False),
    ]
    query = read("siemens_advia_centaur_xpt", "siemens_advia_centaur_xpt/query_multi_sample.astm")
    assert query.queries[0].specimen_codes == ("S032B40715", "S033B40715")
    query = read("siemens_immulite2000", "siemens_immulite2000/host_query.astm")
    assert [(one.specimen_codes, one.tests) for one in query.queries] == [(("123ABC",), ())]


# the models of the demonstration region; others also propose tests its catalogue does not have
DEMONSTRATED = ("siemens_immulite2000", "siemens_advia_centaur_xpt", "sysmex_xn", "roche_cobas_c311")
CATALOGUE = Path(__file__).parents[4] / "shared" / "data" / "catalogue.csv"


@pytest.mark.skipif(
    not CATALOGUE.is_file(), reason="the demonstration catalogue is not part of the repository"
)
def test_proposals_name_tests_and_units_of_the_catalogue() -> None:
    with CATALOGUE.open(encoding="utf-8") as file:
        known = {(row["loinc"], row["unit_ucum"]) for row in csv.DictReader(file)}
    for model in DEMONSTRATED:
        for proposal in load(model).tests.values():
            assert (proposal.loinc, proposal.unit) in known, (model, proposal.code)


def test_proposals_use_units_the_driver_knows() -> None:
    for model in models():
        driver = load(model)
        assert {one.device_unit for one in driver.tests.values()} <= set(driver.layout.units), model


@given(
    model=st.sampled_from(models()),
    content=st.binary(max_size=200),
    fields=st.text("|\\^&\rHPORCLMQ019X", max_size=200),
)
@settings(max_examples=300, deadline=None)
def test_no_content_makes_a_driver_fail(model: str, content: bytes, fields: str) -> None:
    driver = load(model)
    driver.read(content)
    driver.read(b"H|\\^&\r" + fields.encode())


def read_lines(model: str, *lines: str) -> Understood:
    return load(model).read("\r".join(["H|\\^&", *lines]).encode("latin-1"))


def test_what_is_not_understood_is_named_and_never_guessed() -> None:
    result = "R|1|^^^TSH^^^^FOO|x|stone||ZZ||Y"
    understood = read_lines("siemens_advia_centaur_xpt", "P|1", "O|1|", result, "L|1")
    (reading,) = understood.readings
    assert reading.unknown == ("specimen", "aspect 'FOO'", "unit 'stone'", "status 'Y'", "flag 'ZZ'")
    assert (reading.flags, reading.unit, reading.status, reading.reported) == ((), "", "unknown", False)
    assert [problem.raw for problem in understood.problems] == [result]


def test_a_result_without_order_and_a_refused_order_are_shown() -> None:
    understood = read_lines(
        "siemens_immulite2000", "P|1", "R|1|^^^TSH|1|||||F", "O|1|5||^^^TSH" + "|" * 21 + "X", "L|1"
    )
    assert [one.unknown for one in understood.readings] == [("specimen", "order record")]
    assert [problem.reason for problem in understood.problems] == [
        "not understood: specimen, order record",
        "the analyzer did not perform this order",
    ]


def test_content_that_is_no_message_is_a_problem() -> None:
    understood = load("sysmex_xn").read(b"\xff\x00garbage")
    assert [problem.raw for problem in understood.problems] == ["\xff\x00garbage"]


def test_two_messages_in_one_content_number_their_readings_on() -> None:
    lines = ["O|1|5||^^^TSH", "R|1|^^^TSH|1|||N||F", "L|1"]
    understood = read_lines("siemens_immulite2000", *lines, "H|\\^&", *lines)
    assert [one.position for one in understood.readings] == [1, 2]


IMMULITE = (FOLDER / "siemens_immulite2000" / "driver.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('charset = "latin-1"', "", "x.toml: text.charset: is missing"),
        ('charset = "latin-1"', 'charset = "klingon"', "x.toml: text.charset: 'klingon' is no known charset"),
        ('code = "R-3.4"', 'code = "R3"', "x.toml: result.code: 'R3' is no place"),
        ("limit = 20", 'limit = "20"', "x.toml: specimen.limit: must be a whole number"),
        ("wraps_to_one", "warps_to_one", "x.toml: link.warps_to_one: is not a key this program knows"),
        ('factor = "12.87"', 'factor = "a lot"', "x.toml: tests.TT4.factor: 'a lot' is no number"),
        ('"" = "report"', '"" = "perhaps"', "x.toml: aspects.map.: must be 'report', 'keep' or 'drop'"),
        ('test = "^^^{code}"', 'test = "^^^{codde}"', "x.toml: order.test: is no usable template"),
        ('terminator = "L|1|F"', 'terminator = "L|{one}"', "x.toml: order.terminator: is no usable template"),
        ('source = "lis.feature, R records"', 'source = " "', "x.toml: result.source: is empty"),
        ("[driver]", "[driver", "x.toml: "),
        ('equals = ["Q"]', "equals = []", r"x.toml: controls\[0\].equals: is missing"),
    ],
)
def test_errors_of_a_driver_file_name_file_and_key(old: str, new: str, words: str) -> None:
    assert old in IMMULITE
    with pytest.raises(DriverError, match=words.replace("[driver", r"\[driver")):
        build("x.toml", IMMULITE.replace(old, new, 1))


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(DriverError, match="no driver for 'abacus'"):
        load("abacus")


def test_a_tolerance_of_frames_is_named_where_it_is_needed() -> None:
    assert load("siemens_immulite2000").framing == FramingProfile(
        wraps_to_one=True, restarts_with_header=True
    )
    assert FramingProfile().wraps_to_one is False
