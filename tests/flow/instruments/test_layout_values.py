"""What a driver file can say of values: numbers, words, codes, aspects, flags, alarms, marks, times."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aliquot.flow.instruments.rules.numbers import read_number
from aliquot.flow.instruments.rules.times import read_time
from tests.flow.instruments.driver_texts import AT, HL7, astm, driver, hl7, only


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
