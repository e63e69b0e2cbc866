"""What a driver file can say: every rule of the schema on messages of its own, in both grammars."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aliquot.flow.instruments.rules.adaptation import Term
from aliquot.flow.instruments.rules.driver import Driver, build, load, models
from aliquot.flow.instruments.rules.forms import Header, UnsendableError
from aliquot.flow.instruments.rules.layout import DriverError
from aliquot.flow.instruments.rules.numbers import read_number
from aliquot.flow.instruments.rules.reading import Reading, WorkOrder
from aliquot.flow.instruments.rules.times import read_time
from aliquot.flow.instruments.rules.ucum import is_ucum
from aliquot.wire.mllp import MllpProfile

AT = datetime(2026, 3, 10, 5, 55, 11, tzinfo=UTC)

BASE = {
    "driver": 'model = "x"\nvendor = "V"\nname = "X"\nversion = "1"',
    "link": "",
    "text": 'charset = "latin-1"\ndecimal = "."',
    "identity": "senders = []",
    "specimen": 'at = "O-3"',
    "result": 'code = "R-3.4"',
    "aspects": 'map = {"" = "report"}',
    "flags": 'map = {"" = "", N = "normal", H = "high", L = "low"}',
    "statuses": 'map = {"" = "final", F = "final", X = "not_performed"}',
    "units": 'map = {"mmol/L" = "mmol/L"}',
}
HL7 = {
    "link": 'protocol = "mllp"',
    "grammar": 'kind = "hl7"',
    "text": 'decimal = "."',
    "specimen": 'at = ["SPM-2.1.1", "SAC-3.1", "OBR-3.1"]',
    "result": 'code = "OBX-3.1"',
}


def toml(*extra: str, **sections: str) -> str:
    """A driver file of these sections, the others as small as they may be, and more text below."""
    rows = [f'[{name}]\nsource = "test"\n{text}' for name, text in {**BASE, **sections}.items()]
    return "\n\n".join([*rows, *extra])


def driver(*extra: str, **sections: str) -> Driver:
    return build("x.toml", toml(*extra, **sections))


def astm(one: Driver, *results: str, order: str = "O|1|77||^^^T") -> tuple[Reading, ...]:
    lines = ["H|\\^&|||S", "P|1", order, *results, "L|1"]
    return one.read("\r".join(lines).encode(one.layout.charset), UTC).readings


def hl7(one: Driver, *segments: str, kind: str = "OUL^R22") -> tuple[Reading, ...]:
    header = f"MSH|^~\\&|S||||20260310080000+0100||{kind}|1|P|2.5.1"
    return one.read("\r".join([header, *segments]).encode()).readings


def only(readings: tuple[Reading, ...]) -> Reading:
    (reading,) = readings
    return reading


# -- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("5.1", ".", ("", "5.1")),
        ("173.", ".", ("", "173")),
        ("< 20", ".", ("<", "20")),
        (">1000.00", ".", (">", "1000.00")),
        ("=<.5", ".", ("<=", "0.5")),
        ("≥3", ".", (">=", "3")),
        ("3.26E+05", ".", ("", "326000")),
        ("1.5 x10^3", ".", ("", "1500")),
        ("2*10*2", ".", ("", "200")),
        ("2.5x10-2", ".", ("", "0.025")),
        ("7,41", ",", ("", "7.41")),
        ("-10,5", ".,", ("", "-10.5")),
        ("10.5", ".,", ("", "10.5")),
    ],
)
def test_numbers_are_read(text: str, decimal: str, expected: tuple[str, str]) -> None:
    comparator, number = read_number(text, decimal)
    assert (comparator, format(number, "f") if number is not None else None) == expected


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("7,41", "."),
        ("1.234", ","),
        ("1,234.5", ".,"),
        ("+++", "."),
        ("1E999", "."),
        ("5.1.2", "."),
        ("9" * 40, "."),
        ("1.5x100", "."),
        ("3.2*106", "."),
    ],
)
def test_what_is_no_number_is_none(text: str, decimal: str) -> None:
    assert read_number(text, decimal) == ("", None)


def test_a_unit_with_a_power_of_ten_is_multiplied() -> None:
    one = driver(units='map = {"10*2.{copies}/mL" = {unit = "{copies}/mL", factor = "100"}}')
    reading = only(astm(one, "R|1|^^^T|3.5|10*2.{copies}/mL|||"))
    assert (reading.number, reading.unit, reading.value) == (Decimal(350), "{copies}/mL", "3.5")
    assert reading.unknown == ()


def test_unit_and_flag_inside_the_value() -> None:
    one = driver(
        value="pattern = '(?P<value>[-+.0-9Ee]+) ?(?P<unit>cp/mL)?(?P<flag> *[HL])? *'",
        units='map = {"cp/mL" = "{copies}/mL", "1/mL" = "/mL"}',
    )
    reading = only(astm(one, "R|1|^^^T|3.26E+05 cp/mL|1/mL"))
    assert (reading.number, reading.unit_raw, reading.unit) == (Decimal(326000), "cp/mL", "{copies}/mL")
    reading = only(astm(one, "R|1|^^^T|146  H "))
    assert (reading.value, reading.flags, reading.raw["value"]) == ("146", ("high",), "146  H ")
    assert only(astm(one, "R|1|^^^T|none cp/mL")).value == "none cp/mL"


def test_words_are_translated_and_others_are_named() -> None:
    one = driver(
        text='charset = "utf-8"\ndecimal = ","',
        value='failed = ["ERREUR"]\nwords = {"NON DÉTECTÉ" = "not detected"}',
    )
    known, strange, failed, number = astm(
        one, "R|1|^^^T|NON DÉTECTÉ", "R|2|^^^T|PEUT-ÊTRE", "R|3|^^^T|ERREUR", "R|4|^^^T|1,79"
    )
    assert (known.value, known.unknown, known.raw["value"]) == ("not detected", (), "NON DÉTECTÉ")
    assert strange.unknown == ("word 'PEUT-ÊTRE'",)
    assert (failed.status, failed.unknown) == ("not_performed", ())
    assert number.number == Decimal("1.79")


def test_the_first_place_that_holds_a_value_counts() -> None:
    one = driver(value='at = ["R-4.2", "R-4.1"]')
    assert [reading.value for reading in astm(one, "R|1|^^^T|-1^0.300", "R|2|^^^T|2.14")] == ["0.300", "2.14"]


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ("reading", ("patient", "final")),
        ("other", ("other", "final")),
        ("not_performed", ("patient", "not_performed")),
    ],
)
def test_an_empty_value_is_what_the_driver_says(empty: str, expected: tuple[str, str]) -> None:
    reading = only(astm(driver(value=f'empty = "{empty}"'), "R|1|^^^T||mmol/L|||||F"))
    assert (reading.kind, reading.status) == expected


def test_a_comparator_beside_the_value() -> None:
    one = driver(
        value='pattern = \'(?P<comparator>>=|lower )? *(?P<value>[0-9.]+)\'\ncomparators = {"lower" = "<"}'
    )
    readings = astm(one, "R|1|^^^T|>= 5", "R|2|^^^T|lower 7", "R|3|^^^T|9")
    assert [(one.value, one.comparator, one.number) for one in readings] == [
        (">=5", ">=", Decimal(5)),
        ("<7", "<", Decimal(7)),
        ("9", "", Decimal(9)),
    ]


def test_comparators_in_words() -> None:
    reading = only(astm(driver(value='comparators = {"less than" = "<"}'), "R|1|^^^T|less than 0.5"))
    assert (reading.comparator, reading.number) == ("<", Decimal("0.5"))


# -- codes, aspects, flags ----------------------------------------------------------------------------


def test_codes_may_be_joined_of_several_places() -> None:
    one = driver(result='code = ["R-3.4", "R-3.7", "R-3.8"]\ncode_separator = "/"')
    readings = astm(one, "R|1|^^^HIV-1^^^HIV-1^Ct|36.9", "R|2|^^^HIV-1|60")
    assert [reading.code for reading in readings] == ["HIV-1/HIV-1/Ct", "HIV-1"]


def test_aspects_are_reported_kept_dropped_or_named() -> None:
    one = driver(
        result="code = 'OBX-3.1'\ncode_pattern = '(?P<code>.+)\\.(?P<aspect>[A-Z]+)'",
        aspects='map = {DOSE = "report", RLU = "keep", RAW = "drop"}',
        **{name: text for name, text in HL7.items() if name != "result"},
    )
    obx = [f"OBX|{n}|NM|TSH.{aspect}||5||||||F" for n, aspect in enumerate(("DOSE", "RLU", "RAW", "XYZ"), 1)]
    readings = hl7(one, "SPM|1|77", "OBR|1", *obx)
    assert [(one.code, one.aspect, one.kind, one.reported, one.dropped) for one in readings] == [
        ("TSH", "DOSE", "patient", True, False),
        ("TSH", "RLU", "patient", False, False),
        ("TSH", "RAW", "other", False, True),
        ("TSH", "XYZ", "patient", False, False),
    ]
    assert readings[3].unknown == ("aspect 'XYZ'",)


def test_shifted_fields_and_separated_flags() -> None:
    one = driver(
        flags='at = ["R-8", "R-4.2"]\nseparator = ","\nmap = {A = "abnormal", H = "high"}',
        statuses='at = "R-10"\nmap = {F = "final"}',
        result='code = "R-3.4"\nrange = "R-7"\nmeasured_at = "R-14"',
        value='at = "R-4.1"',
    )
    reading = only(astm(one, "R|1|^^^HGB|146^H|mmol/L||109 to 143|A,H||F||SYSTEM||20211028082826"))
    assert (reading.value, reading.range_raw, reading.status) == ("146", "109 to 143", "final")
    assert reading.flags == ("abnormal", "high")
    assert reading.measured_at == datetime(2021, 10, 28, 8, 28, 26, tzinfo=UTC)


def test_alarms_of_chosen_comments() -> None:
    one = driver(
        '[alarms]\nsource = "test"\nat = "NTE-3"\nmap = {"Carryover" = "carryover"}\n'
        'when = {at = "NTE-4.1", equals = ["FLAG"]}',
        **HL7,
    )
    readings = hl7(
        one,
        *("SPM|1|77", "OBR|1", "OBX|1|NM|A||5||||||F", "NTE|1|Z|Carryover|FLAG^^99S", "NTE|2|Z|note|REM"),
        *("OBX|2|NM|B||5||||||F", "NTE|1|Z|Clot detected|FLAG"),
    )
    assert [(one.flags, one.unknown, one.comments) for one in readings] == [
        (("carryover",), (), ("Carryover", "note")),
        (("instrument_alarm",), ("alarm 'Clot detected'",), ("Clot detected",)),
    ]


def test_alarms_of_the_order_stand_for_its_results() -> None:
    one = driver(
        '[alarms]\nsource = "test"\nat = "C-4.1"\nof_order = true\nmap = {FAILED = "control_failed"}'
    )
    assert only(astm(one, "C|1|I|FAILED^^X|I", "R|1|^^^T|5")).flags == ("control_failed",)


def test_marks_and_observations_by_signs() -> None:
    one = driver(
        '[[marks]]\nsource = "test"\nat = "OBX-4"\npattern = "[2-9].*"\nflag = "rerun"',
        '[[observations]]\nsource = "test"\nat = "OBX-3.4"\nprefixes = ["S_"]',
        **HL7,
    )
    readings = hl7(
        one, "SPM|1|77", "OBX|1|NM|A|1|5||||||F", "OBX|2|NM|A|2|6||||||F", "OBX|3|ST|R^R^9^S_RAW|1|7||||||F"
    )
    assert [(one.flags, one.kind) for one in readings] == [
        ((), "patient"),
        (("rerun",), "patient"),
        ((), "other"),
    ]


@pytest.mark.parametrize(
    ("sign", "message"),
    [
        ('at = "O-12"\nequals = ["Q"]', ("", "O|1|77||^^^T|||||||Q")),
        ('at = "O-3"\nprefixes = ["QC"]', ("", "O|1|QC7||^^^T")),
        ('at = "M-3.1"\nequals = ["CCD"]', ("M|1|CCD^X|LOT", "O|1|77||^^^T")),
        ('at = "R-15"\npattern = "CTL.*"', ("", "O|1|77||^^^T")),
    ],
)
def test_controls_are_known_by_any_place(sign: str, message: tuple[str, str]) -> None:
    one = driver(f'[[controls]]\nsource = "test"\n{sign}')
    below, order = message
    (reading,) = astm(one, *filter(None, [below]), "R|1|^^^T|5" + "|" * 11 + "CTL1", order=order)
    assert reading.kind == "control"
    (reading,) = astm(one, "R|1|^^^T|5")
    assert reading.kind == "patient"


def test_one_control_among_patients_does_not_make_all_of_them_controls() -> None:
    one = driver('[[controls]]\nsource = "test"\nat = "M-3"\nequals = ["QC"]')
    readings = astm(one, "R|1|^^^T|5", "M|1|QC", "R|2|^^^T|6", "R|3|^^^T|7", "M|1|no")
    assert [reading.kind for reading in readings] == ["control", "patient", "patient"]


def test_times_of_a_device_with_a_clock_of_its_own() -> None:
    text = "R|1|^^^T|5|||||F||||"
    one = driver('[time]\nsource = "test"\nzone = "+03:00"\nformats = ["%d.%m.%Y %H:%M"]')
    for time in ("20260310085511", "10.03.2026 08:55"):
        measured = only(astm(one, text + time)).measured_at
        assert measured is not None
        assert measured.replace(second=11) == AT
    assert read_time("20260310", UTC) is None
    assert read_time("20260310085511.123+0300", UTC) == AT


# -- HL7 groups ---------------------------------------------------------------------------------------


def test_each_specimen_of_a_run_keeps_its_results() -> None:
    one = driver('[[controls]]\nsource = "test"\nat = "INV-3"\nequals = ["CO"]', **HL7)
    readings = hl7(
        one,
        *("SPM|1|A&SITE", "SAC|||A", "OBR|1", "OBX|1|NM|T||1||||||F", "INV|R1|OK|RG"),
        *("SPM|2|", "SAC|||B", "OBR|1", "OBX|1|NM|T||2||||||F", "OBR|2", "OBX|2|NM|U||3||||||F"),
        *("SPM|3|C", "INV|QC|OK|CO", "OBR|1", "OBX|1|NM|T||4||||||F"),
    )
    assert [(one.specimen_code, one.value, one.kind) for one in readings] == [
        ("A", "1", "patient"),
        ("B", "2", "patient"),
        ("B", "3", "patient"),
        ("C", "4", "control"),
    ]
    assert [one.raw["specimen_sac3"] for one in readings] == ["A", "B", "B", ""]


def test_a_specimen_named_last_belongs_to_the_results_before_it() -> None:
    one = driver(**HL7)
    readings = hl7(
        one, "PID|1", "ORC|RE", "OBR|1||", "OBX|1|ST|T||NEG^||||||F", "SPM|1|70061^", kind="ORU^R32"
    )
    assert [(one.specimen_code, one.value) for one in readings] == [("70061", "NEG")]
    assert readings[0].raw["specimen_spm2"] == ""
    groups = [
        "OBR|1",
        "OBX|1|ST|T||1||||||F",
        "SPM|1|A",
        "ORC|RE",
        "OBR|2",
        "OBX|1|ST|T||2||||||F",
        "SPM|2|B",
    ]
    several = hl7(one, *groups, kind="ORU^R01")
    assert [one.specimen_code for one in several] == ["A", "B"]


def test_times_take_the_offset_of_the_header() -> None:
    reading = only(hl7(driver(**HL7), "SPM|1|7", "OBX|1|NM|T||1||||||F||||||||20260310065511"))
    assert reading.measured_at == AT


def test_structured_numbers_and_the_null() -> None:
    low, null = hl7(driver(**HL7), "SPM|1|7", 'OBX|1|SN|T||<^20|mmol/L||""||||F', 'OBX|2|NM|T||""|""|||||F')
    assert (low.value, low.comparator, low.number, low.flags) == ("<20", "<", Decimal(20), ())
    assert (null.value, null.unit_raw) == ("", "")


@pytest.mark.parametrize(
    ("segments", "query", "codes", "everything"),
    [
        (["QPD|WOS^Work Order Step^IHELAW|t1|77"], 'specimen = "QPD-3.1.1"', ("77",), False),
        (["QPD|WOS^W^IHELAW|t1|77&R~78&R"], 'specimen = "QPD-3.1.1"', ("77", "78"), False),
        (["QPD|INISEQ^^99ROC|t1|123|50001|1"], 'specimen = "QPD-3"\nplace = "QPD-4"', ("123",), False),
        (["QPD|Z03^HOST QUERY|t1|PID-5|SPEC-1"], 'specimen = "QPD-4"', ("SPEC-1",), False),
        (
            ["QPD|WOS_ALL^All^IHELAW|t1"],
            'specimen = "QPD-3"\nall = [{at = "QPD-1.1", equals = ["WOS_ALL"]}]',
            (),
            True,
        ),
        (["QRD|20260310|R|I|t1|||1^RD|77|OTH"], 'specimen = "QRD-8"', ("77",), False),
    ],
)
def test_hl7_queries(segments: list[str], query: str, codes: tuple[str, ...], *, everything: bool) -> None:
    one = driver(query=query, **HL7)
    content = "\r".join(["MSH|^~\\&|S||||2026||QBP^Q11|77|P|2.5.1", *segments, "RCP|I"]).encode()
    assert one.may_ask(content)
    (asked,) = one.read(content).queries
    assert (asked.specimen_codes, asked.everything, asked.control_id) == (codes, everything, "77")
    assert not driver(**HL7).may_ask(content)


def test_an_answer_that_refuses_is_a_problem_with_its_reason() -> None:
    one = driver(**HL7)
    lines = ["MSH|^~\\&|S||||2026||ACK|78|P|2.5.1", "MSA|AR|4711", "ERR|||101|E||||no such test"]
    understood = one.read("\r".join(lines).encode())
    assert [(a.accepted, a.control_id, a.reason) for a in understood.answers] == [
        (False, "4711", "no such test")
    ]
    assert [one.reason for one in understood.problems] == ["the analyzer refuses the order: no such test"]
    assert one.read("\r".join([lines[0], "MSA|AA|4711"]).encode()).problems == ()


# -- orders -------------------------------------------------------------------------------------------

LAW_ORDER = """
header = 'MSH|^~\\&|{host}||{sender}||{time}||OML^O33^OML_O33|{id}|P|2.5.1'
patient = ["PID|||{patient}||{patient_name}", "SPM|1|{specimen}", "SAC|||{specimen}"]
order = ["ORC|{action}", "OBR||{order_id}||{tests}", "TCD|{tests}|{dilution}"]
test = "{code}^^99X"
one_order_per_test = true
one_message_per_specimen = true
actions = {new = "NW", cancel = "CA"}
nothing = ["SPM|1|{specimen}|||||||||U", "ORC|DC"]
response = ['MSH|^~\\&|{host}||||{time}||RSP^K11|{id}|P|2.5.1', "MSA|AA|{query_id}", "QAK|{query_tag}|OK", "{query}"]
limits = {name = 5}
"""
TEXT_ORDER = """
header = 'H|\\^&|||{host}|||||{sender}'
patient = "P|{n}"
order = "O|{n}|{specimen}||{tests}|{priority}||||||{action}"
test = "^^^{code}"
terminator = "L|1|F"
nothing = ["L|1|I"]
actions = {new = "N", cancel = "C", add = "A"}
priorities = {R = "R", S = "A"}
"""


def sent(one: Driver, *orders: WorkOrder, header: Header | None = None) -> list[list[str]]:
    messages = one.order_message(orders, header or Header(AT, control_id="C1"))
    return [[record.decode() for record in records] for records in messages]


def test_hl7_orders_are_one_message_a_tube() -> None:
    one = driver(order=LAW_ORDER, **HL7)
    first, second, nothing = sent(
        one,
        WorkOrder("77", ("A", "B"), patient_code="P^1", patient_name="Longname", dilution="5"),
        WorkOrder("78", ("A",), action="cancel"),
        WorkOrder("79", ()),
    )
    assert first[1:] == [
        *("PID|||P\\S\\1||Longn", "SPM|1|77", "SAC|||77"),
        *("ORC|NW", "OBR||||A^^99X", "TCD|A^^99X|5", "ORC|NW", "OBR||||B^^99X", "TCD|B^^99X|5"),
    ]
    assert second[4] == "ORC|CA"
    assert nothing[1:] == ["SPM|1|79|||||||||U", "ORC|DC"]
    assert [message[0].split("|")[9] for message in (first, second, nothing)] == ["C1", "C102", "C103"]


def test_a_query_is_answered_before_its_orders() -> None:
    one = driver(order=LAW_ORDER, query='specimen = "QPD-3"', **HL7)
    asked = one.read(b"MSH|^~\\&|S||||2026||QBP^Q11|Q9|P|2.5.1\rQPD|WOS^W^IHELAW|t1|77\rRCP|I")
    response, order = sent(one, WorkOrder("77", ("A",)), header=Header(AT, query=asked.queries[0]))
    assert response[1:] == ["MSA|AA|Q9", "QAK|t1|OK", "QPD|WOS^W^IHELAW|t1|77"]
    assert order[2] == "SPM|1|77"
    assert response[0].split("|")[9] != order[0].split("|")[9]


@pytest.mark.parametrize(
    ("limits", "shape"),
    [
        ("limits = {tests = 2}", [["77", "77", "78"]]),
        ("limits = {specimens = 1}", [["77"], ["78"]]),
        ("limits = {record = 22}", [["77", "77", "77", "78"]]),
        ("limits = {message = 80}", [["77"], ["78"]]),
        ("one_order_per_test = true", [["77", "77", "77", "78"]]),
    ],
)
def test_orders_are_split_by_the_devices_limits(limits: str, shape: list[list[str]]) -> None:
    one = driver(order=TEXT_ORDER + limits)
    messages = sent(one, WorkOrder("77", ("A", "B", "C")), WorkOrder("78", ("A",)))
    tubes = [[line.split("|")[2] for line in message if line.startswith("O|")] for message in messages]
    assert tubes == shape
    tests = [line.split("|")[4] for message in messages for line in message if line.startswith("O|77"[:2])]
    assert "\\".join(tests).count("^^^") == 4


def test_actions_priorities_and_what_a_model_cannot_do() -> None:
    one = driver(order=TEXT_ORDER)
    ((_, _, order, _),) = sent(one, WorkOrder("77", ("A",), "S", action="add"))
    assert order == "O|1|77||^^^A|A||||||A"
    with pytest.raises(UnsendableError, match="takes no orders"):
        sent(driver(), WorkOrder("77", ("A",)))
    silent = driver(order=TEXT_ORDER.replace("actions", "priorities = {}\n#").replace("priorities = {R", "#"))
    with pytest.raises(UnsendableError, match="no form for 'cancel'"):
        sent(silent, WorkOrder("77", ("A",), action="cancel"))


def test_only_the_assay_of_a_code_is_ordered_and_once() -> None:
    one = driver(order=TEXT_ORDER + "code_pattern = '(?P<code>[^/]+)/.*'")
    ((_, _, order, _),) = sent(one, WorkOrder("77", ("HIV/LOG", "HIV/VL", "GLU")))
    assert order.split("|")[4] == "^^^HIV\\^^^GLU"


def test_templates_in_other_delimiters_are_escaped_with_them() -> None:
    form = TEXT_ORDER.replace("H|\\^&", "H|\\!~").replace("^^^{code}", "!!!{code}")
    ((_, _, order, _),) = sent(driver(order=form), WorkOrder("7!7", ("A",)))
    assert order.split("|")[2] == "7~S~7"


def test_fixed_width_messages_are_one_text() -> None:
    form = (
        'join = true\nheader = "O{count:0>2}"\norder = "{specimen:>13}{tests}"\ntest = "{code:>3}M"\n'
        'between = ""\nnothing = ["N"]'
    )
    ((text,),) = sent(driver(order=form), WorkOrder("77", ("1", "106")))
    assert text == "O00           77  1M106M"


# -- adaptation ---------------------------------------------------------------------------------------


def test_an_adapted_driver_knows_the_laboratorys_words() -> None:
    one = driver(
        aspects='map = {"" = "report"}', result='code = "R-3.4"\naspect = "R-3.8"', identity='senders = ["S"]'
    )
    line = "R|1|^^^T^^^^RLU|5|giga|||ZZ||".replace("|||ZZ||", "||ZZ||QQ")
    before = only(astm(one, line))
    assert before.unknown == ("aspect 'RLU'", "unit 'giga'", "status 'QQ'", "flag 'ZZ'")
    terms = (
        Term("aspect", "RLU", "keep"),
        Term("unit", "giga", "mmol/L", Decimal(1000)),
        Term("status", "QQ", "final"),
        Term("flag", "ZZ", "high"),
        Term("sender", "T"),
    )
    adapted = one.adapted(terms)
    after = only(astm(adapted, line))
    assert (after.unknown, after.number, after.unit, after.status, after.flags, after.reported) == (
        *((), Decimal(5000), "mmol/L", "final", ("high",), False),
    )
    assert adapted.layout.senders == ("S", "T")
    assert only(astm(one, line)) == before


# -- the file -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sections", "extra", "words"),
    [
        ({"link": 'protocol = "pigeon"'}, "", "x.toml: link.protocol: must be one of astm"),
        ({"link": "text_limit = true"}, "", "x.toml: link.text_limit: must be a whole number"),
        (
            {"link": 'protocol = "mllp"\nblock_timer = "long"'},
            "",
            "x.toml: link.block_timer: must be a number",
        ),
        ({"link": 'message_ends = "never"'}, "", "x.toml: link.message_ends: must be 'record' or"),
        ({"grammar": 'kind = "edifact"'}, "", "x.toml: grammar.kind: must be one of astm, hl7"),
        ({"grammar": 'kind = "astm"\nfoo = 1'}, "", "x.toml: grammar.foo: is not a key"),
        ({"text": 'charset = "latin-1"\ndecimal = ";"'}, "", "x.toml: text.decimal: must be '.'"),
        ({"specimen": 'at = "SPM2"'}, "", "x.toml: specimen.at: 'SPM2' is no place"),
        ({"units": 'map = {x = {unit = "L"}}'}, "", "x.toml: units.map.x: must be a text or"),
        ({"units": 'map = {x = {unit = "L", factor = "0"}}'}, "", "x.toml: units.map.x.factor: '0' is no"),
        ({"value": 'empty = "nothing"'}, "", "x.toml: value.empty: must be 'reading' or"),
        ({"value": 'comparators = {about = "~"}'}, "", "x.toml: value.comparators.about: must be"),
        ({"value": "pattern = '.*'"}, "", "x.toml: value.pattern: has no group named value"),
        ({"time": 'zone = "Mars"'}, "", "x.toml: time.zone: 'Mars' is no time zone"),
        ({}, "[[controls]]\nat = 'O-12'\nequals = ['Q']", r"x.toml: controls\[0\].source: is missing"),
        ({}, "[[marks]]\nsource = 'x'\nat = 'O-12'\nflag = 'q'", r"x.toml: marks\[0\].equals: is missing"),
        (
            {"order": TEXT_ORDER + "limits = {tests = -1}"},
            "",
            "x.toml: order.limits.tests: must be at least 0",
        ),
        ({"order": TEXT_ORDER.replace("add =", "more =")}, "", "x.toml: order.actions.more: must be one of"),
        ({"query": 'specimen = "Q-3"\npolicy = "maybe"'}, "", "x.toml: query.policy: must be 'answer' or"),
    ],
)
def test_errors_name_file_and_key(sections: dict[str, str], extra: str, words: str) -> None:
    with pytest.raises(DriverError, match=words):
        build("x.toml", toml(extra, **sections))


def test_the_profile_is_filled_by_the_names_of_its_fields() -> None:
    profile = driver(
        **{**HL7, "link": 'protocol = "mllp"\nreceipt_code = "CA"\nsilent_kinds = ["QBP^Z03"]'}
    ).framing
    assert profile == MllpProfile(receipt_code="CA", silent_kinds=frozenset({"QBP^Z03"}))


@pytest.mark.parametrize(
    "unit", ["mmol/L", "10*9/L", "u[IU]/mL", "{copies}/mL", "%", "10*2.{copies}/mL", "/uL", "mg/g{creat}"]
)
def test_ucum_units_are_known(unit: str) -> None:
    assert is_ucum(unit)


@pytest.mark.parametrize(
    "unit", ["", "Copies/mL", "U/l2x", "mIU/L", "10^9", "S/CO", "gramme", "{open", "mmol//L"]
)
def test_what_is_no_ucum_unit_is_not(unit: str) -> None:
    assert is_ucum(unit) == (unit == "10^9")


pieces = st.lists(
    st.sampled_from(
        [
            *(
                "MSH|^~\\&|S||||20260310||OUL^R22|1|P|2.5.1",
                "PID|1",
                "SPM|1|77&A^B",
                "SAC|||78",
                "OBR|1||9||T^T",
            ),
            *(
                "ORC|OK||||CA",
                "OBX|1|NM|T^T||5|mmol/L||H~L|||F",
                'OBX|2|ED|I||^x^y|||""',
                "NTE|1||x",
                "INV|a|b|CO",
            ),
            *(
                "QPD|WOS|t|77~78",
                "MSA|AR|1",
                "ERR|||x",
                "TCD|T",
                "ZZZ|1",
                "OBX",
                "SPM",
                "OBX|",
                "MSH|",
                "TQ1|1",
            ),
        ]
    ),
    max_size=12,
)


@given(
    model=st.sampled_from([one for one in models() if load(one).layout.grammar == "hl7"]),
    lines=pieces,
    junk=st.binary(max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_no_hl7_content_makes_a_driver_fail(model: str, lines: list[str], junk: bytes) -> None:
    text = "\r".join(["MSH|^~\\&|S||||20260310||OUL^R22|1|P|2.5.1", *lines])
    understood = load(model).read(text.encode() + junk)
    assert len(understood.readings) <= sum(line.startswith("OBX") for line in lines) + junk.count(b"OBX")
    load(model).read(junk)
