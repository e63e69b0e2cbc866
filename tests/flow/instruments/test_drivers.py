"""Every driver folder: its transcripts, both directions, and the captures of the four models."""

import csv
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules import simulation
from aliquot.flow.instruments.rules.driver import FOLDER, Driver, build, load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.reading import Measurement, Reading, Run, Understood, WorkOrder
from aliquot.wire.astm_link import ENQ, EOT, AstmReceiver, FramingProfile, MessageReceived, frames_of
from aliquot.wire.link_events import Event, MessageDelivered, MessageUndelivered
from aliquot.wire.links import open_link

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not part of the repository")
CAPTURES = {
    "siemens_immulite2000": "siemens_immulite2000",
    "siemens_advia_centaur_xpt": "siemens_advia_centaur_xpt",
    "sysmex_xn550": "sysmex_xn",
    "roche_cobas_c311": "roche_cobas_c311",
    "synthetic_link": "siemens_immulite2000",
}
AT = datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))


def received(driver: Driver, data: bytes, size: int) -> list[bytes]:
    assert isinstance(driver.framing, FramingProfile)
    receiver = AstmReceiver(driver.framing)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    events = [event for piece in pieces for event in receiver.receive(piece, 0.0)]
    return [event.content for event in events if isinstance(event, MessageReceived)]


def over_the_link(driver: Driver, records: list[bytes], size: int = 64) -> Understood:
    """What the driver reads of these records after a device has sent them to a host: two real ends."""
    contents = delivered(driver, records, size)
    # an answer comes with what it answers, not as a message of its own
    parts = [driver.read(one, ZONE) for one in contents or [b"\r".join(records)]]
    return parts[0] if len(parts) == 1 else merged(parts)


def delivered(driver: Driver, records: list[bytes], size: int) -> list[bytes]:
    device, host = open_link("instrument", driver.framing), open_link("computer", driver.framing)
    device.send(records, "sent")
    events: list[Event] = []
    settled, now = False, 0.0
    for _ in range(10_000):
        out = device.outgoing(now)
        said = b""
        for at in range(0, len(out), size):
            came = host.receive(out[at : at + size], now)
            events += came
            said += b"".join(one.reply for one in came)
        said += host.outgoing(now)
        if said:
            came = device.receive(said, now)
            settled = settled or any(isinstance(one, MessageDelivered | MessageUndelivered) for one in came)
            answer = b"".join(one.reply for one in came)
            if answer:
                events += host.receive(answer, now)
        elif settled or not out:
            deadlines = [one for one in (device.next_deadline, host.next_deadline) if one is not None]
            if settled or not deadlines:
                break
            now = max(now, min(deadlines))
            device.overdue(now)
            events += host.overdue(now)
    events += host.closed()
    return [one.content for one in events if isinstance(one, MessageReceived)]


def merged(parts: list[Understood]) -> Understood:
    """One for all contents of a device whose messages are single frames."""
    first = parts[0]
    return replace(
        first,
        readings=tuple(one for part in parts for one in part.readings),
        queries=tuple(one for part in parts for one in part.queries),
        problems=tuple(one for part in parts for one in part.problems),
    )


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


def records_of(path: Path, driver: Driver) -> list[bytes]:
    charset = driver.layout.charset if driver.layout.charset not in ("auto", "declared") else "utf-8"
    if driver.layout.grammar == "advia2120":  # one text, whose lines end with CR LF
        return [path.read_text("utf-8").rstrip("\n").replace("\n", "\r\n").encode(charset)]
    return [line.encode(charset) for line in path.read_text("utf-8").rstrip("\n").split("\n")]


SIMULATED = [model for model in models() if load(model).layout.simulation]
MEASURING = [model for model in SIMULATED if load(model).tests]
STANDARD = [model for model in SIMULATED if load(model).layout.grammar in ("astm", "hl7")]
ASKING = [model for model in SIMULATED if "query" in load(model).layout.simulation.records]  # type: ignore[union-attr]
ORDERED = [model for model in ASKING if load(model).layout.order and load(model).tests]
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


words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", min_size=1, max_size=12).filter(
    lambda t: not t.startswith("QC")
)
values = st.decimals(0, 9999, places=2).map(str) | st.sampled_from(
    ["<0.5", ">99", "173.", "a|b^c\\d&e", "µ", ""]
)


def carries(driver: Driver, name: str) -> bool:
    """Whether the results a simulated device of this model sends hold this fact."""
    forms = driver.layout.simulation
    assert forms is not None
    templates = [forms.test, *(line for lines in forms.records.values() for line in lines)]
    return any(f"{{{name}}}" in line or f"{{{name}:" in line for line in templates)


def tube_of(driver: Driver) -> st.SearchStrategy[str]:
    layout = driver.layout
    fits = words.map(lambda word: f"7{word}"[: layout.specimen_limit])
    if layout.specimen_pattern is not None:
        fits = st.integers(10**7, 10**8 - 1).map(str)
    return fits.filter(lambda text: not any(sign.shows(text) for sign in layout.controls))


def values_of(driver: Driver) -> st.SearchStrategy[str]:
    layout = driver.layout
    plain_values = st.decimals(0, 999, places=1).map(str)
    if layout.grammar not in ("astm", "hl7") or layout.value.words or layout.value.pattern:
        plain_numbers = plain_values
    elif layout.charset in ("utf-8", "latin-1", "auto", "declared", "cp1252"):
        plain_numbers = values
    else:
        plain_numbers = plain_values
    return plain_numbers if "." in layout.decimal else plain_numbers.map(lambda text: text.replace(".", ","))


@st.composite
def runs_of(draw: st.DrawFn, driver: Driver) -> list[Run]:
    layout = driver.layout

    def sent(name: str, strategy: st.SearchStrategy[str], otherwise: str = "") -> st.SearchStrategy[str]:
        return strategy if carries(driver, name) else st.just(otherwise)

    one = st.builds(
        Measurement,
        code=st.sampled_from(sorted(layout.tests) or ["GLU", "TSH"]),
        value=values_of(driver),
        unit=sent("unit", st.sampled_from(["", *layout.units])),
        range=sent("range", st.sampled_from(["", "1-4"])),
        flags=sent("flags", st.sampled_from(["", *(flag for flag in layout.flags if flag.strip())])),
        status=sent("status", st.sampled_from(sorted(one for one in layout.statuses if one)), "F"),
        aspect=sent("aspect", st.sampled_from(sorted(layout.aspects)))
        if layout.result.aspect
        else st.just(""),
        dilution=sent("dilution", st.sampled_from(["", "2", "10"])),
        alarm=st.sampled_from(["0", "43"]) if layout.alarms.get("0") == "" else st.just(""),
    )
    many = st.lists(one, min_size=1, max_size=4).map(tuple)
    control = st.booleans() if is_controlled(driver) else st.just(value=False)
    return draw(st.lists(st.builds(Run, tube_of(driver), many, control), min_size=1, max_size=3))


def is_controlled(driver: Driver) -> bool:
    forms = driver.layout.simulation
    assert forms is not None
    return not {"control_order", "control_record"}.isdisjoint(forms.records)


@given(data=st.data(), model=st.sampled_from(STANDARD), size=st.integers(1, 300))
@settings(max_examples=200, deadline=None)
def test_what_a_simulated_analyzer_sends_its_driver_reads_back(
    data: st.DataObject, model: str, size: int
) -> None:
    driver = load(model)
    layout = driver.layout
    runs = data.draw(runs_of(driver))
    records = driver.result_message(runs, Header(AT, ZONE))
    understood = over_the_link(driver, records, size)
    sent = [(run, one) for run in runs for one in run.measurements]
    assert understood.sender_expected
    assert len(understood.readings) == len(sent)
    for (run, one), reading in zip(sent, understood.readings, strict=True):
        assert reading.specimen_code == run.specimen_code
        assert reading.code == one.code
        if carries(driver, "aspect"):
            assert reading.aspect == one.aspect
        if carries(driver, "dilution"):
            assert reading.dilution == one.dilution
        assert reading.value.strip() == one.value.strip()
        assert (reading.unit_raw, reading.range_raw) == (one.unit.strip(), one.range)
        assert reading.unit == layout.units.get(one.unit, "")
        if carries(driver, "status") and one.status not in layout.status_flags:
            assert reading.status == layout.statuses[one.status]
        assert (reading.kind == "control") == run.control
        assert not [what for what in reading.unknown if not what.startswith("alarm '43'")]


def facts(driver: Driver, data: bytes) -> set[tuple[str, str, str, str, str]]:
    readings = [one for content in received(driver, data, 1460) for one in driver.read(content).readings]
    return {(one.specimen_code, one.code, one.value, one.unit_raw, one.kind) for one in readings}


FRAMED = [one for one in MEASURING if isinstance(load(one).framing, FramingProfile)]
FRAMED = [one for one in FRAMED if load(one).layout.grammar == "astm"]


@given(model=st.sampled_from(FRAMED), data=st.data())
@settings(max_examples=400, deadline=None)
def test_no_single_damaged_byte_yields_a_changed_reading(model: str, data: st.DataObject) -> None:
    driver = load(model)
    codes = sorted(driver.tests)[:5]
    runs = [Run(f"99{tube}", tuple(Measurement(one, f"{tube}.5") for one in codes)) for tube in range(5)]
    assert isinstance(driver.framing, FramingProfile)
    stream = ENQ + b"".join(frames_of(driver.result_message(runs, Header(AT)), driver.framing)) + EOT
    whole = facts(driver, stream)
    assert len(whole) == 5 * len(codes)
    at = data.draw(st.integers(0, len(stream) - 1))
    damaged = stream[:at] + bytes([data.draw(st.integers(0, 255))]) + stream[at + 1 :]
    assert facts(driver, damaged) <= whole


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


@pytest.mark.parametrize("model", MEASURING)
def test_a_simulated_value_comes_back_in_the_catalogues_unit(model: str) -> None:
    driver = load(model)
    wanted = {code: Decimal(120) for code in driver.tests}
    sent = simulation.run(driver, "9900000101", wanted)
    readings = over_the_link(driver, driver.result_message([sent], Header(AT))).readings
    for reading in readings:
        assert reading.number is not None
        assert abs(reading.number * driver.tests[reading.code].factor - 120) < Decimal("0.01")
        assert reading.reported
        assert not reading.unknown
    rounded = simulation.measurement(driver, min(driver.tests), Decimal("7.126"), places=1)
    assert len(rounded.value.partition(".")[2]) == 1


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


unpadded = words.filter(lambda text: not text.startswith("0"))  # an ADVIA 2120 pads with zeros


@given(model=st.sampled_from(ASKING), code=unpadded)
@settings(max_examples=60, deadline=None)
def test_a_simulated_query_is_read_back(model: str, code: str) -> None:
    driver = load(model)
    understood = over_the_link(driver, driver.query_message(code, Header(AT, ZONE)))
    assert [(one.specimen_codes, one.cancelled) for one in understood.queries] == [((code,), False)]
    assert not understood.problems


@pytest.mark.parametrize("model", ORDERED)
def test_an_order_names_the_tube_and_every_test(model: str) -> None:
    driver = load(model)
    forms = driver.layout.order
    assert forms is not None
    codes = tuple(sorted(driver.tests))[:3]
    query = over_the_link(driver, driver.query_message("9900000101", Header(AT))).queries[0]
    order = WorkOrder("9900000101", codes, place=query.place)
    messages = driver.order_message([order], Header(AT))
    text = b"\r".join(record for records in messages for record in records).decode("latin-1")
    assert "9900000101" in text
    pattern = forms.code_pattern
    ordered = [found["code"] if pattern and (found := pattern.fullmatch(code)) else code for code in codes]
    assert all(code in text for code in ordered)


def test_the_centaurs_answer_is_the_one_of_the_transcript() -> None:
    driver = load("siemens_advia_centaur_xpt")
    (records,) = driver.order_message([WorkOrder("050B04005S", ("TSH", "FT4"))], Header(AT))
    assert records[1:] == [
        b"P|1",
        b"O|1|050B04005S||^^^TSH\\^^^FT4|R||||||||||||||||||||O\\Q",
        b"L|1|F",
    ]
    assert driver.order_message([WorkOrder("050B04005S", ())], Header(AT))[0][1:] == [b"L|1|I"]


@pytest.mark.parametrize("model", [one for one in models() if load(one).layout.order])
def test_no_work_is_said_in_words_without_tests(model: str) -> None:
    driver = load(model)
    for orders in ([], [WorkOrder("9900000101", (), place="^^9900000101^B")]):
        messages = driver.order_message(orders, Header(AT))
        assert not any(
            record.startswith(b"O|") and record.split(b"|")[4].strip(b"^")
            for records in messages
            for record in records
        )


def test_a_tube_number_is_never_shortened() -> None:
    driver = load("siemens_immulite2000")
    with pytest.raises(UnsendableError, match="at most 20"):
        driver.order_message([WorkOrder("9" * 21, ("TSH",))], Header(AT))
    with pytest.raises(UnsendableError, match="cannot be sent"):
        driver.order_message([WorkOrder("Ж1", ("TSH",))], Header(AT))


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
