"""From inputs as people write them to an answer: which calculation, in which units, and what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from aliquot.registers.catalogue.rules.calculators.book import CALCULATIONS
from aliquot.registers.catalogue.rules.calculators.quantities import (
    Given,
    InputError,
    fits,
    in_unit,
    normalised,
    split_field,
    unit_named,
)
from aliquot.registers.catalogue.rules.calculators.requests import Answer, calculate, names, number

D = Decimal
GAP = {"na": 140, "cl": 100, "hco3": 25}
CREATININE = {"scr": 1, "age": 60, "sex": "F"}


def value(key: str, **inputs: Any) -> str:
    return f"{calculate(inputs).values[key]:.2f}"


def complaint(**inputs: Any) -> str:
    with pytest.raises(InputError) as caught:
        calculate(inputs)
    return str(caught.value)


def test_the_answer_says_what_it_took_and_what_not() -> None:
    found = calculate(
        {"calculator": "MDRD", "scr_mg_dl": 1, "age": 60, "sex": "M", "weight_kg": 70, "na": 140}
    )
    assert found.calculation == "MDRD-175"
    assert found.values.keys() == {"egfr"}
    assert (found.refusals, found.assumed, found.unused) == ({}, {"age": "a"}, ("weight_kg", "na"))


def test_what_is_not_said_about_a_unit_is_shown_unless_there_is_none() -> None:
    inr = calculate({"pt": 24, "mnpt": 12, "isi": 1})
    assert (inr.calculation, inr.assumed) == ("INR", {"pt": "s", "mnpt": "s"})


def test_fifteen_digits_are_given() -> None:
    assert calculate({"ast": 10, "alt": 3}).values == {"ast_alt": D("3.33333333333333")}


def test_an_output_whose_inputs_lack_is_left_out() -> None:
    plain = calculate({"calculator": "anion gap", **GAP})
    more = calculate({"calculator": "anion gap", **GAP, "albumin_g_l": 20})
    assert plain.values["ag"] == more.values["ag"] == D(15)
    assert more.values.keys() - plain.values.keys() == {"ag_corr"}


def test_a_refusal_stands_beside_the_values() -> None:
    found = calculate({"calculator": "LDL mg/dL", "tc": 300, "hdl": 40, "tg": 500})
    assert found.values.keys() == {"sampson", "non_hdl"}
    assert {key: one.code for key, one in found.refusals.items()} == dict.fromkeys(
        ("friedewald", "martin_hopkins", "vldl", "mh_factor"), "triglycerides_high"
    )


@pytest.mark.parametrize("word", ["calculator", "formula"])
def test_it_is_asked_for_by_either_word(word: str) -> None:
    assert calculate({word: "MDRD", **CREATININE}).calculation == "MDRD-175"


def test_without_a_name_the_inputs_decide_and_nothing_superseded_is_taken() -> None:
    assert calculate(CREATININE).calculation == "CKD-EPI 2021 creatinine"
    assert calculate(CREATININE | {"scys": 1}).calculation == "CKD-EPI 2021 creatinine-cystatin C"
    assert calculate(GAP).calculation == "Anion gap"


@pytest.mark.parametrize("one", [one.name for one in CALCULATIONS])
def test_each_calculation_is_found_by_its_name(one: str) -> None:
    meant = "Transferrin saturation" if one.startswith("Transferrin") else one
    assert complaint(calculator=one).startswith(f"{meant} lacks ")


def test_of_several_that_are_meant_the_one_with_its_inputs_is_taken() -> None:
    given = {"calculator": "Transferrin saturation", "iron_umol_l": 20}
    assert calculate(given | {"tibc_umol_l": 60}).calculation == "Transferrin saturation"
    by_transferrin = calculate(given | {"transferrin_g_l": 2})
    assert by_transferrin.calculation == "Transferrin saturation by transferrin"


def test_names_are_those_of_the_book() -> None:
    assert names() == [one.name for one in CALCULATIONS]
    assert "MELD 3.0" in names()


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"calculator": 5}, "calculator: give the name of the calculation as text."),
        ({}, "calculator: no calculation takes exactly nothing; name one of CKD-EPI 2021"),
        ({"na": 1, "ca": 2}, "calculator: no calculation takes exactly ca, na; name one of"),
        ({"calculator": "Gamma", "na": 140}, "calculator: 'Gamma' is none of CKD-EPI 2021"),
        ({"calculator": "MDRD", "scr": 1}, "MDRD-175 lacks age, sex."),
        ({"na": "x", "cl": 1, "hco3": 2}, "na: 'x' is no number; write it with a decimal point"),
        ({"na": True}, "na: True is no number."),
        ({"na": 1.5}, "na: 1.5 is no number."),
        ({"na": "Infinity"}, "na: 'Infinity' is no finite number."),
        ({"zz": 1}, "zz: no calculation knows this input; check its name and the unit in it."),
        ({"na": 140, "sodium": 141, "k": 1, "potassium": 2}, "k, na: given twice; leave one of them."),
        ({"na": {"unit": "g"}}, "na: write a number, or an object with value and unit."),
        ({"na": {"value": 1, "colour": "g"}}, "na: write a number, or an object with value and unit."),
        ({"na": {"value": 1, "unit": "xyz"}}, "'xyz' is no UCUM unit: write it as mg/dL, mmol/L, 10*9/L."),
        ({"sex": "x"}, "sex: 'x' is neither M (male) nor F (female)."),
        ({"sex": 5}, "sex: 5 is neither M (male) nor F (female)."),
        ({"black": "maybe"}, "black: 'maybe' is neither true nor false."),
        ({"calculator": "osmolality", "na": 1, "bun": 1, "urea": 2, "glucose": 1}, "is given twice."),
        (
            {"calculator": "anion gap", "na_mg_l": 3219, "cl": {"value": 1, "unit": "m"}, "hco3": 24},
            "cl: m does not convert into mmol/L",
        ),
    ],
)
def test_what_is_malformed_is_named(inputs: dict[str, Any], words: str) -> None:
    assert words in complaint(**inputs)


def test_a_unit_of_another_kind_names_the_one_that_the_formula_takes() -> None:
    assert complaint(**GAP | {"na": {"value": 1, "unit": "m"}}).endswith("The formula takes mmol/L.")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(5, "5"), ("5.50", "5.50"), (" 5 ", "5"), (D("1e3"), "1E+3"), ("-1", "-1")],
)
def test_numbers_are_taken_as_written(raw: Any, expected: str) -> None:
    assert str(number("na", raw)) == expected


def test_what_is_null_was_not_given() -> None:
    assert calculate(GAP | {"k": None}).values["ag"] == 15


@pytest.mark.parametrize("said", ["m", "Male", " MAN ", "м"])
def test_a_man_is_written_in_several_ways(said: str) -> None:
    assert value("egfr", scr=1, age=60, sex=said) == value("egfr", scr=1, age=60, sex="M") == "86.16"


@pytest.mark.parametrize("said", ["f", "Female", "woman", "W", "ж"])
def test_so_is_a_woman(said: str) -> None:
    assert value("egfr", scr=1, age=60, sex=said) == "64.50"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("black", "92.38"),
        (True, "92.38"),
        ("Yes", "92.38"),
        (1, "92.38"),
        ("white", "76.22"),
        ("other", "76.22"),
        ("non-black", "76.22"),
        (False, "76.22"),
        (" no ", "76.22"),
        (0, "76.22"),
    ],
)
def test_yes_and_no_are_written_in_several_ways(said: Any, expected: str) -> None:
    assert value("egfr", calculator="MDRD", scr=1, age=60, sex="M", race=said) == expected


@pytest.mark.parametrize(
    ("inputs", "key", "expected"),
    [
        ({"creatinine_umol_l": "88.4", "age_years": 60, "gender": "female"}, "egfr", "64.50"),
        ({"scr": {"value": "88.4", "unit": "umol/L"}, "age": 60, "sex": "F"}, "egfr", "64.50"),
        ({"scr_mg_dl": {"value": 1, "unit": None}, "age": 60, "sex": "F"}, "egfr", "64.50"),
        ({"tc_mmol_l": 5, "hdl_mmol_l": 1, "tg_mmol_l": "2.2"}, "friedewald", "3.00"),
        ({"calculator": "LDL mmol/L", "tc": 5, "hdl": 1, "tg": "2.2"}, "friedewald", "3.00"),
        ({"calculator": "LDL", "tc": 200, "hdl": 50, "tg": 150}, "friedewald", "120.00"),
        ({"calculator": "LDL", "tc": 200, "hdl": 50, "tg": 150}, "mh_factor", "5.70"),
        ({"calculator": "Osmolality", "na": 140, "urea_mmol_l": 5, "glucose_mmol_l": 5}, "osm", "290.00"),
        (
            {"calculator": "Osmolality", "na_mmol_l": 140, "urea_mg_dl": "30.028", "glucose_mg_dl": 90},
            "osm",
            "290.00",
        ),
        ({"measured_osm": 310, "na": 140, "bun_mg_dl": 14, "glucose_mg_dl": 90}, "osm_gap", "20.00"),
    ],
)
def test_units_stand_in_the_name_or_beside_the_value(inputs: dict[str, Any], key: str, expected: str) -> None:
    assert value(key, **inputs) == expected


def test_urea_said_by_its_nitrogen_was_used() -> None:
    found = calculate(
        {"calculator": "Osmolality", "na": 140, "urea_mg_dl": "30.028", "glucose_mg_dl": 90, "k": 4}
    )
    assert found.unused == ("k",)


def test_an_answer_is_compared_by_what_it_says() -> None:
    assert calculate(GAP) == Answer("Anion gap", calculate(GAP).values, {}, calculate(GAP).assumed, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S-Cr (mg/dL)", "s_cr_mg_dl"),
        (" HbA1c % ", "hba1c_pct"),
        ("µmol/L", "umol_l"),
        ("μmol/L", "umol_l"),
        ("__na__", "na"),
    ],
)
def test_names_are_compared_without_signs(text: str, expected: str) -> None:
    assert normalised(text) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("scr", ("scr", "")),
        ("Serum creatinine", ("scr", "")),
        ("serum_creatinine_umol_l", ("scr", "umol/L")),
        ("hba1c_pct", ("hba1c", "%")),
        ("Platelets 10^9/L", ("platelets", "10*9/L")),
        ("hba1c_ifcc_mmol_mol", ("hba1c_ifcc", "mmol/mol")),
        ("scr_furlong", None),
        ("colour_mg_dl", None),
        ("", None),
    ],
)
def test_a_field_is_a_name_and_maybe_a_unit(field: str, expected: tuple[str, str] | None) -> None:
    assert split_field(field) == expected


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("mmol/L", "mmol/L"),
        ("[in_i]", "[in_i]"),
        ("lbs", "[lb_av]"),
        ("x10e9/L", "10*9/L"),
        ("K/uL", "10*3/uL"),
    ],
)
def test_a_unit_is_ucum_or_a_usual_spelling(text: str, unit: str) -> None:
    assert unit_named(text) == unit


def given(name: str, amount: str, unit: str, substance: str) -> Given:
    return Given("field", name, D(amount), unit, substance)


def test_a_value_is_brought_into_the_unit_of_the_formula() -> None:
    assert round(in_unit(given("scr", "88.4", "umol/L", "creatinine"), "scr", "mg/dL"), 3) == D("1.000")
    assert in_unit(given("scr", "1.1", "", "creatinine"), "scr", "mg/dL") == D("1.1")
    urea = given("urea", "5", "mmol/L", "urea")
    assert round(in_unit(urea, "bun", "mg/dL"), 1) == D("14.0")
    with pytest.raises(InputError, match=r"^field: .* The formula takes mg/dL\.$"):
        in_unit(given("scr", "1", "m", "creatinine"), "scr", "mg/dL")


def test_only_a_unit_that_was_said_fits() -> None:
    assert fits(given("scr", "1", "g/L", "creatinine"), "mg/dL")
    assert not fits(given("scr", "1", "mmol/L", "creatinine"), "mg/dL")
    assert not fits(given("scr", "1", "", "creatinine"), "mg/dL")
