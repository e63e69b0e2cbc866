"""The models that speak E1394: every capture explained, every simulated value read back, every order in its form."""

import csv
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.driver import FOLDER, Driver, build, load, models
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.layout import DriverError, Forms, Layout
from aliquot.flow.instruments.rules.reading import Measurement, Reading, Run, Understood, WorkOrder
from aliquot.registers import catalogue
from aliquot.wire.link_events import MessageReceived
from aliquot.wire.links import open_link

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "analyzers"
NEEDS_CORPUS = pytest.mark.skipif(not CORPUS.is_dir(), reason="the captures are not part of the repository")
AT = datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))
ASTM = [model for model in models() if load(model).layout.grammar == "astm" and load(model).layout.simulation]

CAPTURES = {
    "abbott_afinion2/result_hba1c.astm": "abbott_afinion2",
    "abbott_architect/five_messages_14r.rec": "abbott_architect",
    "arkray_spotchem_el/result_mock.astm": "arkray_spotchem_el",
    "beckman_dxh800/cbc_28r_a.astm": "beckman_dxh800",
    "beckman_dxh800/query_1.astm": "beckman_dxh800",
    "biomerieux_mini_vidas/result_mock.astm": "biomerieux_mini_vidas",
    "biorad_ih1000/bloodgroup_two_patients_5r.rec": "biorad_ih1000",
    "cepheid_genexpert/hiv_vl_french_locale_7r.astm": "cepheid_genexpert",
    "euroimmun_analyzer1/sarscov2_iga_20p.rec": "euroimmun_analyzer1",
    "horiba_yumizen_h500/qc_with_histograms.astm": "horiba_yumizen_h500",
    "immucor_galileo_echo/abod_screen_14r.rec": "immucor_galileo_echo",
    "roche_cobas8000/rekeyed_qc_2r.astm": "roche_cobas_8000",
    "roche_cobas_c111/result_albumin.astm": "roche_cobas_c111",
    "roche_cobas_c311/result_7tests.astm": "roche_cobas_c311",
    "roche_cobas_e411/rekeyed_3r_etb_inside_record.astm": "roche_cobas_e411",
    "roche_urisys1100/rekeyed_urine_10r.astm": "roche_urisys1100",
    "siemens_advia_centaur_cp/rekeyed_two_tests_4r.astm": "siemens_advia_centaur_cp",
    "siemens_advia_centaur_xpt/qc_result.astm": "siemens_advia_centaur_xpt",
    "siemens_advia_centaur_xpt/query_multi_sample.astm": "siemens_advia_centaur_xpt",
    "siemens_dca_vantage/result_acr.astm": "siemens_dca_vantage",
    "siemens_immulite2000/host_query.astm": "siemens_immulite2000",
    "siemens_immulite2000/results_6patients_9r.astm": "siemens_immulite2000",
    "snibe_maglumi_x8/rekeyed_three_messages_one_frame.astm": "snibe_maglumi",
    "sysmex_siemens_cs1600/rekeyed_pt_4r_no_cr.astm": "siemens_cs1600",
    "sysmex_siemens_cs2500/host_query.astm": "siemens_cs2500",
    "sysmex_xn550/cbc_diff_41r.astm": "sysmex_xn",
    "sysmex_xs500i/full_session_39r.astm": "sysmex_xs500i",
}
UNEXPLAINED = {  # the lists of alarms are the vendors' and were not at hand
    "cepheid_genexpert/hiv_vl_french_locale_7r.astm": {"alarm '2096'"},
    "roche_cobas_c311/result_7tests.astm": {"alarm '43'"},
}
LOGARITHM = "HIV-1^Xpert HIV-1 Viral Load XC^3^^LOG"
WITHOUT_TEST = {  # reported codes that the catalogue has no test for, or that only the vendor's list explains
    "beckman_dxh800/cbc_28r_a.astm": {"NRBC#", "UWBC"},
    "cepheid_genexpert/hiv_vl_french_locale_7r.astm": {LOGARITHM},
    "biorad_ih1000/bloodgroup_two_patients_5r.rec": {"Result"},  # ABO, D and antigens in one value
    "euroimmun_analyzer1/sarscov2_iga_20p.rec": {"SARSCOV2IGA"},
    "immucor_galileo_echo/abod_screen_14r.rec": {"ABOD Full Interp"},  # ABO and D in one value
    "roche_cobas8000/rekeyed_qc_2r.astm": {"570"},
    "roche_cobas_e411/rekeyed_3r_etb_inside_record.astm": {"11", "12"},
    "siemens_immulite2000/results_6patients_9r.astm": {"TU"},
    "sysmex_siemens_cs1600/rekeyed_pt_4r_no_cr.astm": {"045"},  # derived, not by Clauss
    "sysmex_xn550/cbc_diff_41r.astm": {"RDW-SD"},
    "sysmex_xs500i/full_session_39r.astm": {"P-LCR"},
}


def contents_of(driver: Driver, name: str, size: int = 1460) -> list[bytes]:
    """The messages of a capture, its bytes cut into pieces; .rec files hold records without a link."""
    data = (CORPUS / name).read_bytes()
    if name.endswith(".rec"):
        return [data.replace(b"\r\n", b"\r").replace(b"\n", b"\r")]
    link = open_link("computer", driver.framing)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    events = [event for piece in pieces for event in link.receive(piece, 0.0)] + link.closed()
    return [event.content for event in events if isinstance(event, MessageReceived)]


def readings_of(driver: Driver, contents: list[bytes]) -> list[tuple[int, Reading]]:
    """Every reading with the number of its message in the capture."""
    rows: list[tuple[int, Reading]] = []
    before = 0
    for content in contents:
        understood = driver.read(content, ZONE)
        assert understood.sender_expected
        rows += [(before + one.message, one) for one in understood.readings]
        before += understood.messages
    return rows


def truth_of(name: str) -> list[dict[str, Any]]:
    lines = map(json.loads, (CORPUS / "truth.jsonl").read_text("utf-8").splitlines())
    return [line for line in lines if line["file"] == name]


@NEEDS_CORPUS
@pytest.mark.parametrize("size", [1, 64, 1460, 10**6])
@pytest.mark.parametrize("name", CAPTURES)
def test_captures_equal_the_truth_however_they_are_cut(name: str, size: int) -> None:
    driver = load(CAPTURES[name])
    rows = readings_of(driver, contents_of(driver, name, size))
    told = [{"file": name, "n": at, "message": number, **one.raw} for at, (number, one) in enumerate(rows, 1)]
    assert told == truth_of(name)


@NEEDS_CORPUS
@pytest.mark.parametrize("name", CAPTURES)
def test_captures_hold_nothing_else_that_is_unexplained(name: str) -> None:
    driver = load(CAPTURES[name])
    readings = [one for _, one in readings_of(driver, contents_of(driver, name))]
    assert {what for one in readings for what in one.unknown} == UNEXPLAINED.get(name, set())
    assert {one.code for one in readings if one.reported} - set(driver.tests) == WITHOUT_TEST.get(name, set())
    assert {one.kind == "control" for one in readings} <= {"qc" in name}
    assert all(one.measured_at or not one.reported for one in readings)


@NEEDS_CORPUS
def test_captures_mean_what_their_models_say() -> None:
    def read(name: str) -> list[Reading]:
        driver = load(CAPTURES[name])
        return [one for _, one in readings_of(driver, contents_of(driver, name))]

    counts = read("beckman_dxh800/cbc_28r_a.astm")
    assert [one.reported for one in counts].count(True) == 24
    assert (counts[3].value, counts[3].flags, counts[3].status) == ("146", ("abnormal", "high"), "final")
    assert (counts[0].range_raw, counts[0].instrument) == ("3.8 to 11.8", "AY52686")
    viral = read("cepheid_genexpert/hiv_vl_french_locale_7r.astm")
    assert [(one.code, str(one.number)) for one in viral if one.reported] == [
        ("HIV-1", "60.96"),
        (LOGARITHM, "1.79"),
    ]
    assert [(one.code, one.value) for one in viral if one.kind == "message"] == [("HIV-1^^^IQS-H^", "pass")]
    immune = read("roche_cobas_e411/rekeyed_3r_etb_inside_record.astm")
    assert [(one.value, one.number) for one in immune if one.code == "12"] == [("negative", None)]
    core = [one for one in read("abbott_architect/five_messages_14r.rec") if one.code == "580"]
    assert {(one.aspect, one.value) for one in core if one.reported} == {("I", "negative")}
    assert {one.specimen_code for one in read("siemens_dca_vantage/result_acr.astm")} == {"BU24R554"}
    assert {one.specimen_code for one in read("abbott_afinion2/result_hba1c.astm")} == {"3643"}
    ratios = read("euroimmun_analyzer1/sarscov2_iga_20p.rec")
    assert (ratios[0].comparator, str(ratios[1].number)) == (">", "7.41")
    assert (ratios[0].specimen_code, ratios[0].unit) == ("TEST-27-079-5-1", "{ratio}")


@NEEDS_CORPUS
def test_queries_of_the_captures_name_their_tubes() -> None:
    def asked(name: str) -> tuple[str, ...]:
        driver = load(CAPTURES[name])
        (content,) = contents_of(driver, name)
        (query,) = driver.read(content, ZONE).queries
        assert driver.may_ask(content)
        assert (query.tests, query.cancelled) == ((), False)
        return query.specimen_codes

    assert asked("beckman_dxh800/query_1.astm") == ("000009000001",)
    assert asked("sysmex_siemens_cs2500/host_query.astm") == ("6550049261",)
    assert asked("siemens_advia_centaur_xpt/query_multi_sample.astm") == ("S032B40715", "S033B40715")
    assert asked("siemens_immulite2000/host_query.astm") == ("123ABC",)


TRANSCRIPTS = {
    "roche_cobas_e411/rekeyed_query_reply_transcript.jsonl": ("roche_cobas_e411", ("21", "9")),
    "siemens_advia_centaur_xp/query_reply_transcript.jsonl": ("siemens_advia_centaur_xp", ("TSH", "FT4")),
}


@NEEDS_CORPUS
@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_an_answer_is_the_one_that_a_host_was_seen_to_give(name: str) -> None:
    """Sides of a transcript: what the analyzer asks is read, what the host answers is written, record for record."""
    model, codes = TRANSCRIPTS[name]
    driver = load(model)
    lines = [json.loads(line) for line in (CORPUS / name).read_text("utf-8").splitlines()]
    question, answer = (
        b"".join(bytes.fromhex(line["hex"]) for line in lines if line["dir"] == side)
        for side in ("analyzer", "host")
    )
    asked, given = (received(driver, b"\x05" + bare(said) + b"\x04") for said in (question, answer))
    (query,) = driver.read(asked, ZONE).queries
    order = WorkOrder(query.specimen_codes[0], codes, place=query.place)
    (records,) = driver.order_message([order], Header(AT, ZONE))
    assert records[1:] == given.rstrip(b"\r").split(b"\r")[1:]


def bare(said: bytes) -> bytes:
    """The frames of one side, without its bids and answers."""
    return bytes(byte for byte in said if byte not in b"\x04\x05\x06")


def received(driver: Driver, data: bytes) -> bytes:
    events = open_link("computer", driver.framing).receive(data, 0.0)
    (content,) = [event.content for event in events if isinstance(event, MessageReceived)]
    return content


# -- both directions ----------------------------------------------------------------------------------------


def conversation(driver: Driver, records: list[bytes], size: int) -> Understood:
    """What the host understands of a message that the device's end of a line sends, cut into pieces."""
    device, host = open_link("instrument", driver.framing), open_link("computer", driver.framing)
    device.send(records, "message")
    contents: list[bytes] = []
    while sent := device.outgoing(0.0):
        answer = b""
        for at in range(0, len(sent), size):
            for event in host.receive(sent[at : at + size], 0.0):
                answer += event.reply
                contents += [event.content] if isinstance(event, MessageReceived) else []
        device.receive(answer, 0.0)
    (content,) = contents
    return driver.read(content, ZONE)


def simulated(layout: Layout) -> Forms:
    assert layout.simulation is not None
    return layout.simulation


def repeat_of(layout: Layout) -> str:
    return simulated(layout).records["header"][0][2]


def codes_of(driver: Driver) -> list[str]:
    return sorted(driver.tests) or ["T1"]


tubes = st.text("ABCDEFGHIJKLMNOPRSTUVWXYZ0123456789-", min_size=1, max_size=22)


def values_of(layout: Layout) -> st.SearchStrategy[str]:
    numbers = st.decimals(0, 100000, places=3).map(lambda one: str(one).replace(".", layout.decimal[0]))
    odd = [] if layout.value.words else ["a|b^c\\d&e", "!~@"]  # unlisted words would be named as unknown
    return numbers | st.sampled_from(["<0.5", ">99", "173.", *odd, *layout.value.words, *layout.value.failed])


@st.composite
def runs_of(draw: st.DrawFn, driver: Driver) -> list[Run]:
    layout = driver.layout
    records = simulated(layout).records
    result, mark = records["result"][0], repeat_of(layout)

    def sent(name: str, strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return strategy if f"{{{name}}}" in result else st.just("")

    one = st.builds(
        Measurement,
        code=st.sampled_from(codes_of(driver)),
        value=values_of(layout),
        unit=st.sampled_from(["", *layout.units]),
        range=st.sampled_from(["", "1 - 4", f"1{mark}2"]),
        flags=st.lists(st.sampled_from(sorted(layout.flags) or [""]), max_size=2, unique=True).map(mark.join),
        status=sent("status", st.sampled_from(sorted(layout.statuses))),
        aspect=sent("aspect", st.sampled_from(sorted(layout.aspects))),
        dilution=sent("dilution", st.sampled_from(["", "2", "10"])),
        alarm=st.sampled_from(["0", "43"]) if "comment" in records else st.just("0"),
    )
    many = st.lists(one, min_size=1, max_size=4).map(tuple)
    tube = tubes.map(lambda text: text[: layout.specimen_limit])
    return draw(st.lists(st.builds(Run, tube, many, st.booleans()), min_size=1, max_size=3))


@pytest.mark.parametrize("model", ASTM)
@given(data=st.data(), size=st.integers(1, 300))
@settings(max_examples=12, deadline=None)
def test_patients_and_controls_are_read_back_value_for_value(
    model: str, data: st.DataObject, size: int
) -> None:
    driver = load(model)
    layout = driver.layout
    runs = data.draw(runs_of(driver))
    understood = conversation(driver, driver.result_message(runs, Header(AT, ZONE)), size)
    sent = [(run, one) for run in runs for one in run.measurements]
    assert understood.sender_expected
    assert len(understood.readings) == len(sent)
    for (run, one), reading in zip(sent, understood.readings, strict=True):
        assert reading.specimen_code == run.specimen_code
        assert (reading.code, reading.aspect, reading.dilution) == (one.code, one.aspect, one.dilution)
        assert reading.value == layout.value.words.get(one.value, one.value)
        assert (reading.unit_raw, reading.range_raw) == (one.unit, one.range)
        assert reading.unit == (one.unit if layout.ucum else layout.units.get(one.unit, ""))
        assert reading.status == expected_status(layout, one)
        assert set(reading.flags) >= {
            layout.flags[flag] for flag in one.flags.split(repeat_of(layout)) if flag
        }
        assert reading.measured_at == AT
        assert (reading.kind == "control") == run.control
        assert reading.unknown == (("alarm '43'",) if one.alarm == "43" else ())


def expected_status(layout: Layout, one: Measurement) -> str:
    return "not_performed" if one.value in layout.value.failed else layout.statuses[one.status]


def ordered_test(forms: Forms, code: str) -> str:
    found = forms.code_pattern.fullmatch(code) if forms.code_pattern else None
    return forms.test.format(code=found["code"] if found else code)


@pytest.mark.parametrize("model", [one for one in ASTM if load(one).layout.order and load(one).layout.query])
def test_the_answer_to_a_query_names_the_tube_and_every_test(model: str) -> None:
    driver = load(model)
    forms, codes = driver.layout.order, tuple(codes_of(driver))[:3]
    assert forms is not None
    query = conversation(driver, driver.query_message("9900000101", Header(AT, ZONE)), 64).queries[0]
    assert (query.specimen_codes, query.tests) == (("9900000101",), ())
    order = WorkOrder("9900000101", codes, place=query.place)
    (records,) = driver.order_message([order], Header(AT, ZONE))
    text = b"\r".join(records).decode()
    tests = {ordered_test(forms, code) for code in codes}
    assert "9900000101" in text
    assert all(test in text for test in tests)
    assert text.count("\rO|") == (len(tests) if forms.one_order_per_test else 1)


ACTING = [one for one in ASTM if (forms := load(one).layout.order) and forms.actions]


@pytest.mark.parametrize("model", ACTING)
def test_tests_are_asked_for_added_and_cancelled_in_o_12(model: str) -> None:
    driver = load(model)
    assert driver.layout.order is not None
    for action in ("new", "add", "cancel"):
        order = WorkOrder("9900000101", (codes_of(driver)[0],), action=action)
        ((_, _, said, *_),) = driver.order_message([order], Header(AT, ZONE))
        assert said.split(b"|")[11].decode() == driver.layout.order.actions[action]


def test_the_group_of_a_coagulation_test_is_ordered_once() -> None:
    driver = load("siemens_cs2500")
    order = WorkOrder("9900000231", ("041", "044", "051"), place="000004^05^     9900000231^B")
    (records,) = driver.order_message([order], Header(AT, ZONE))
    assert records[2].split(b"|")[2:5] == [b"000004^05^     9900000231^B", b"", b"^^^040\\^^^050"]


# -- the data -----------------------------------------------------------------------------------------------


def test_proposals_name_tests_and_units_of_the_catalogue() -> None:
    with (Path(catalogue.__file__).parent / "data" / "tests.csv").open(encoding="utf-8") as file:
        known = {(row["loinc"], row["unit"]) for row in csv.DictReader(file)}
    for model in models():
        for proposal in load(model).tests.values():
            assert (proposal.loinc, proposal.unit) in known, (model, proposal.code)


def test_no_name_is_that_of_two_models() -> None:
    for model in ASTM:
        for sender in load(model).layout.senders:
            assert [one for one in ASTM if load(one).layout.identity.names(sender)] == [model], sender


def test_a_test_names_an_aspect_of_its_own_file() -> None:
    source = FOLDER / "abbott_architect" / "driver.toml"
    with pytest.raises(DriverError, match=r"x.toml: tests\.580\.aspect: 'Z' is not an aspect of this file"):
        build("x.toml", source.read_text("utf-8").replace('aspect = "I"', 'aspect = "Z"', 1))
