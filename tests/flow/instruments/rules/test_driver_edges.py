"""The rarer sides of a driver file: its mistakes, what its model cannot do, and questions that say little."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aliquot.flow.instruments.rules import driver as drivers
from aliquot.flow.instruments.rules.codes import _CACHED, DILUTION_LIMIT, spoken_dilution
from aliquot.flow.instruments.rules.driver import build, load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.layout import DriverError, Place
from aliquot.flow.instruments.rules.reading import Measurement, Run, WorkOrder
from aliquot.flow.instruments.rules.sheets import lookup
from aliquot.flow.instruments.rules.simulation import finding, measurement
from aliquot.flow.instruments.rules.times import read_time
from tests.flow.instruments.driver_texts import AT, HL7, TEXT_ORDER, astm, driver, hl7, only, toml

SIMULATION = (
    'header = "H"\nterminator = "L"\norder = "O|{tests}"\ntest = "{code}"\nresult = "R|{code}|{value}"\n'
)
MLLP = 'protocol = "mllp"\n'


@pytest.mark.parametrize(
    ("sections", "extra", "words"),
    [
        ({"link": 'trailer = "\u20ac"'}, "", "x.toml: link.trailer: must be a text of single-byte characters"),
        ({"link": MLLP + 'silent_kinds = ["A", 5]'}, "", "x.toml: link.silent_kinds: must be a list of texts"),
        ({"value": "empty_words = [1]"}, "", "x.toml: value.empty_words: "),
        ({"flags": "map = {N = 1}"}, "", "x.toml: flags.map.N: must be a text"),
        ({"order": TEXT_ORDER.replace('nothing = ["L|1|I"]', "nothing = [1]")}, "", "x.toml: order.nothing: must be a text or"),
        ({}, "controls = [1]", "x.toml: controls: must be a list of tables"),
        ({"value": "pattern = '('"}, "", "x.toml: value.pattern: is no regular expression"),
        ({"units": 'map = {x = {unit = "L", factor = "much"}}'}, "", "x.toml: units.map.x.factor: 'much' is no"),
        ({"units": 'map = {x = {unit = "L", factor = "Infinity"}}'}, "", "x.toml: units.map.x.factor: 'Infinity'"),
    ],
)  # fmt: skip
def test_mistakes_name_file_and_key(sections: dict[str, str], extra: str, words: str) -> None:
    text = toml(**sections)
    with pytest.raises(DriverError) as caught:
        build("x.toml", f"{extra}\n{text}")
    assert str(caught.value).startswith(words)


def test_text_that_is_no_toml_names_the_file() -> None:
    with pytest.raises(DriverError, match=r"^x\.toml: "):
        build("x.toml", "[driver")


def test_a_model_without_a_driver_names_those_that_have_one() -> None:
    with pytest.raises(DriverError, match="there is no driver for 'abacus'; known: abbott_afinion2, "):
        load("abacus")
    assert list(models()) == sorted(models())


def test_a_driver_is_called_as_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "driver.toml").write_text(toml(), "utf-8")
    monkeypatch.setattr(drivers, "FOLDER", tmp_path)
    monkeypatch.setattr(drivers, "models", lambda: ("y",))
    with pytest.raises(DriverError, match=r"^y/driver\.toml: driver\.model: must be 'y', the folder's name$"):
        drivers.load.__wrapped__("y")


def test_a_model_is_called_by_vendor_and_name_and_speaks_its_protocol() -> None:
    assert (driver().title, driver().protocol) == ("V X", "astm")
    assert driver(**HL7).protocol == "mllp"


def test_only_a_model_with_forms_takes_orders_and_only_some_dilutions() -> None:
    assert not driver().takes_orders
    assert not driver().takes_dilution
    plain = driver(order=TEXT_ORDER)
    assert plain.takes_orders
    assert not plain.takes_dilution
    assert driver(order=TEXT_ORDER.replace("^^^{code}", "^^^{code}^{dilution}")).takes_dilution
    assert driver(order=TEXT_ORDER + 'diluted = "^^^{code}^{dilution}"').takes_dilution
    assert driver(order=TEXT_ORDER.replace("|{specimen}|", "|{specimen}^{dilution}|")).takes_dilution


def test_only_what_can_be_a_question_may_ask() -> None:
    query = 'specimen = "Q-3"'
    assert not driver().may_ask(b"H|\rQ|1|77\r")
    assert driver(query=query).may_ask(b"H|\rQ|1|77\r")
    assert not driver(query=query).may_ask(b"H|\rR|1|Q\r")
    asking = driver(query='specimen = "QPD-3"', **HL7)
    assert asking.may_ask(b"MSH|\rQPD|")
    assert asking.may_ask(b"MSH|\rQRD|")
    assert not asking.may_ask(b"MSH|\rOBX|")


def test_a_model_with_a_grammar_of_its_own_may_ask_with_any_message() -> None:
    asking = [
        one for one in map(load, models()) if one.layout.query and one.layout.grammar not in ("astm", "hl7")
    ]
    assert asking
    assert all(one.may_ask(b"anything") for one in asking)


def test_a_question_to_a_model_that_asks_none_is_told() -> None:
    content = b"H|\\^&|||S\rQ|1|^77\rL|1\r"
    (problem,) = driver().read(content).problems
    assert problem.reason == "this model is not known to send queries"
    (nameless,) = driver(query='specimen = "Q-3.2"').read(content.replace(b"^77", b"")).problems
    assert nameless.reason == "a query that names no specimen"


@pytest.mark.parametrize(
    ("at", "said", "tests"),
    [
        ("Q-5", "^^^A\\^^^B", ("A", "B")),
        ("Q-5.2", "x^A\\x^B", ("A", "B")),
        ("Q-5", "ALL", ()),
        ("Q-5", "all^x", ()),
        ("Q-5", "^^^ALL", ()),
        ("Q-5", "", ()),
    ],
)
def test_the_tests_of_a_question(at: str, said: str, tests: tuple[str, ...]) -> None:
    one = driver(query=f'specimen = "Q-3"\ntests = "{at}"')
    (found,) = one.read(f"H|\\^&|||S\rQ|1|77||{said}\rL|1\r".encode()).queries
    assert found.tests == tests


@pytest.mark.parametrize(
    ("said", "dilution"),
    [
        ("", ""),
        (" 1 ", ""),
        ("1:1", ""),
        ("X1", ""),
        ("Undiluted", ""),
        (" 1:5 ", "1:5"),
        ("9" * 41, "9" * DILUTION_LIMIT),
    ],
)
def test_a_dilution_is_what_is_not_the_specimen_as_it_is(said: str, dilution: str) -> None:
    assert spoken_dilution(said) == dilution


def test_codes_are_read_alike_however_many_there_were() -> None:
    one = driver()
    for number in range(_CACHED + 2):
        assert only(astm(one, f"R|1|^^^T{number}|5|mmol/L")).code == f"T{number}"
    assert only(astm(one, "R|1|^^^T1|5|mmol/L")).code == "T1"


def test_a_code_that_stands_in_two_records_is_read_from_the_first() -> None:
    one = driver(**HL7 | {"result": 'code = "NTE-3.1"'})
    found = hl7(one, "SPM|1|77", "OBR|1||", "OBX|1|NM|T||5|mmol/L||N|||F", "NTE|1||A", "NTE|2||B")
    assert [reading.code for reading in found] == ["A"]


def test_a_result_without_a_code_says_so() -> None:
    assert "test code" in only(astm(driver(), "R|1||5|mmol/L")).unknown


def test_a_place_is_written_as_in_a_driver_file() -> None:
    assert str(Place("R", 3)) == "R-3"
    assert str(Place("OBX", 3, 2, repeat=1, part=4, onwards=True)) == "OBX-3(1).2.4+"


def test_no_place_says_nothing() -> None:
    assert lookup(())({}, load("generic_astm").read(b"").readings) == ""  # type: ignore[arg-type]


def test_times_longer_than_any_time_are_none() -> None:
    long = "20260310055511.123456+0000"
    assert read_time(long, UTC) == datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)
    assert read_time("2026-03-10" + "x" * 31, UTC, ["%Y-%m-%d" + "x" * 31]) is None
    assert read_time("2026-03-10" + "x" * 30, UTC, ["%Y-%m-%d" + "x" * 30]) is not None
    assert read_time("10.03.2026", UTC, ["%Y/%m/%d", "%d.%m.%Y"]) == datetime(2026, 3, 10, tzinfo=UTC)
    assert read_time("10.03.2026", UTC, ["%Y/%m/%d"]) is None


def simulated(extra: str = "") -> drivers.Driver:
    return driver(simulation=SIMULATION + extra)


def test_a_model_without_a_simulation_or_a_question_refuses_to_pretend() -> None:
    with pytest.raises(UnsendableError, match=r"^X cannot be simulated: its driver has no \[simulation\]$"):
        driver().query_message("77", Header(AT))
    with pytest.raises(UnsendableError, match=r"^X cannot be simulated"):
        driver().result_message([Run("77", (Measurement("T", "5", ""),))], Header(AT))
    with pytest.raises(UnsendableError, match=r"^X asks no questions$"):
        simulated().query_message("77", Header(AT))


def test_a_question_has_a_head_of_its_own_where_the_driver_gives_one() -> None:
    one = simulated('query = "Q|{specimen}|{place}"')
    assert one.query_message("77", Header(AT), place="R1") == [b"H", b"Q|77|R1", b"L"]
    other = simulated('query = "Q|{specimen}"\nquery_header = "HQ"')
    assert other.query_message("77", Header(AT)) == [b"HQ", b"Q|77", b"L"]


def test_a_control_is_marked_where_the_driver_says_how() -> None:
    run = Run("QC1", (Measurement("T", "5", ""),), control=True)
    plain = simulated('control_record = "C|{specimen}"')
    assert plain.result_message([run], Header(AT)) == [b"H", b"O|T", b"C|QC1", b"R|T|5", b"L"]
    marked = simulated('control_order = "OQ|{tests}"')
    assert marked.result_message([run], Header(AT)) == [b"H", b"OQ|T", b"R|T|5", b"L"]
    patient = Run("77", run.measurements)
    assert marked.result_message([patient], Header(AT)) == [b"H", b"O|T", b"R|T|5", b"L"]


def orders(limits: str, *asked: WorkOrder) -> list[list[str]]:
    one = driver(order=TEXT_ORDER + f"limits = {{{limits}}}")
    return [[record.decode() for record in message] for message in one.order_message(asked, Header(AT))]


def test_so_many_tubes_stand_in_one_message_as_the_device_takes() -> None:
    tubes = [WorkOrder(str(number), ("A",)) for number in range(5)]
    found = orders("specimens = 2", *tubes)
    assert [sum(line.startswith("O|") for line in message) for message in found] == [2, 2, 1]
    empty = [WorkOrder("7", ()), WorkOrder("8", ("A",)), WorkOrder("9", ())]
    (only_one,) = orders("specimens = 2", *empty)
    assert [line for line in only_one if line.startswith("O|")] == ["O|1|8||^^^A|R||||||N"]
    (nothing,) = orders("specimens = 2", WorkOrder("7", ()), WorkOrder("9", ()))
    assert nothing[-1] == "L|1|I"


def test_an_order_longer_than_a_record_is_parted() -> None:
    tube = WorkOrder("77", ("AAAA", "BBBB", "CCCC"))
    length = len("O|1|77||^^^AAAA\\^^^BBBB\\^^^CCCC|R||||||N")
    whole = [line for line in orders(f"record = {length + 1}", tube)[0] if line.startswith("O|")]
    assert len(whole) == 1
    parted = [line.split("|")[4] for line in orders(f"record = {length}", tube)[0] if line.startswith("O|")]
    assert parted == ["^^^AAAA", "^^^BBBB\\^^^CCCC"]
    assert len([one for one in orders("record = 1", tube)[0] if one.startswith("O|")]) == 3


def test_a_simulated_analyzer_answers_in_words_and_in_numbers() -> None:
    one = next(one for one in map(load, models()) if one.tests)
    code = min(one.tests)
    words = finding(one, code, "Positive")
    assert (words.code, words.value, words.unit) == (code, "Positive", one.tests[code].device_unit)
    number = measurement(one, code, Decimal(7) * one.tests[code].factor)
    assert (number.value.replace(",", "."), words.aspect) == ("7.000", number.aspect)
