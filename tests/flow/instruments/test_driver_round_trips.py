"""What a simulated analyzer of every driver sends, its driver reads back; damaged, never otherwise."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.driver import Driver, load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.flow.instruments.rules.simulation import measurement
from aliquot.wire.astm_link import ENQ, EOT, FramingProfile, frames_of
from tests.flow.instruments.driver_ends import ASKING, AT, MEASURING, SIMULATED, ZONE, over_the_link, received

STANDARD = [model for model in SIMULATED if load(model).layout.grammar in ("astm", "hl7")]

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


@pytest.mark.parametrize("model", MEASURING)
def test_a_simulated_value_comes_back_in_the_catalogues_unit(model: str) -> None:
    driver = load(model)
    measured = tuple(measurement(driver, code, Decimal(120)) for code in driver.tests)
    sent = Run("9900000101", measured)
    readings = over_the_link(driver, driver.result_message([sent], Header(AT))).readings
    assert {reading.code for reading in readings} == set(driver.tests)
    for reading in readings:
        assert reading.number is not None
        assert abs(reading.number * driver.tests[reading.code].factor - 120) < Decimal("0.01")
        assert reading.reported
        assert not reading.unknown
    rounded = measurement(driver, min(driver.tests), Decimal("7.126"), places=1)
    assert len(rounded.value.partition(".")[2]) == 1


unpadded = words.filter(lambda text: not text.startswith("0"))  # an ADVIA 2120 pads with zeros


@given(model=st.sampled_from(ASKING), code=unpadded)
@settings(max_examples=60, deadline=None)
def test_a_simulated_query_is_read_back(model: str, code: str) -> None:
    driver = load(model)
    understood = over_the_link(driver, driver.query_message(code, Header(AT, ZONE)))
    assert [(one.specimen_codes, one.cancelled) for one in understood.queries] == [((code,), False)]
    assert not understood.problems
