"""UCUM: validity by the specification's grammar, conversion by its own table of units."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.foundation.units import UnitError, are_commensurable, convert, is_valid, unit

ORACLE = Path(__file__).parents[3] / "shared" / "oracles" / "ucum.json"
VALID = """
m mm2 10* 10*3 10*-3 10*+3 10^ 10^3 10*12/L 103 1 % [ppth] [pptr] mmol/L /L /(m) ((m)) m/(s) 4.s/m 2.5 m4
mm[Hg] cm[H2O] [in_i'Hg] [in_i'H2O] [arb'U] [APL'U] [IU] [iU] m[iU]/mL {rbc} {} {a}/{b} g{wet_tis} 1{a}
100{cells} g/(8.h){shift} mL/min/{1.73_m2} Cel mCel [degF] [pH] B[V] dB[10.nV] Np dar KiBy 1/[ly] g% cal_[15]
[m/s2/Hz^(1/2)] kat U/L osm mosm/kg dyn.s/cm5 [pi].rad2/deg %2 '' [car_Au] [CFU]/mL m+2 m-2
"""
INVALID = """
10+3/ul 10-3 2+2 g/12h 4m kkm k[in_i] kmin m[degF] kbit_s CEL [Iu] [iIU]/d [M'U] molv mmHg IU/L Torr lb °C µg Ω
{|}1 {a}rad2{b} {a}2 m{a}2 {a {{a}} {a{b}c} {ä} m/ .m m. m//s //m (m (m)2 m- m+ m^2 m*s m**2 10**3 1e3 -1 [] Ki k
"""


@pytest.mark.parametrize("code", VALID.split())
def test_what_the_specification_builds_is_valid(code: str) -> None:
    assert is_valid(code)


@pytest.mark.parametrize("code", INVALID.split())
def test_anything_else_is_not(code: str) -> None:
    assert not is_valid(code)


@pytest.mark.parametrize("code", ["", " ", "m s", "{a b}", " m", "m\n"])
def test_nothing_and_blanks_are_no_units(code: str) -> None:
    assert not is_valid(code)


def test_a_fault_names_the_character() -> None:
    with pytest.raises(UnitError, match=r"'g/12h' is not a valid UCUM unit: unexpected character 'h'"):
        unit("g/12h")


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        ("37", "Cel", "[degF]", "98.6"),
        ("98.6", "[degF]", "Cel", "37"),
        ("310.15", "K", "Cel", "37.00"),
        ("80", "[degRe]", "Cel", "100"),
        ("7", "[pH]", "nmol/L", "100"),
        ("0.0001", "mmol/L", "[pH]", "7"),
        ("20", "dB[V]", "V", "10"),
        ("30", "dB[W]", "kW", "1"),
        ("10", "bit_s", "1", "1024"),
        ("3", "[hp'_C]", "1", "0.000001"),
        ("1", "[lb_av]", "g", "453.59237"),
        ("1", "atm", "Pa", "101325"),
        ("120", "mm[Hg]", "kPa", "15.99864"),
        ("1", "kat", "U", "60000000"),
        ("1", "[ly]", "m", "9460730472580800"),
        ("103", "1", "103", "1"),
        ("1", "10*3/uL", "10*9/L", "1"),
        ("1", "a", "d", "365.25"),
        ("1", "[acr_us]", "[srd_us]", "160"),
        ("5", "[IU]", "[iU]", "5"),
        ("1", "%", "[ppth]", "10"),
        ("1", "g%", "g/L", "10"),
        ("1", "mmol/L{a}", "umol/mL", "1"),
    ],
)
def test_values_convert(value: str, source: str, target: str, expected: str) -> None:
    assert convert(Decimal(value), source, target) == Decimal(expected)


@pytest.mark.parametrize(
    ("value", "source", "target", "words"),
    [
        ("1", "[IU]/L", "U/L", "different kinds"),
        ("1", "[arb'U]", "1", "different kinds"),
        ("1", "[USP'U]", "[CFU]", "different kinds"),
        ("1", "m", "g", "different kinds"),
        ("1", "Cel", "m", "different kinds"),
        ("1", "J/Cel", "J/K", "no part in products"),
        ("1", "Cel2", "K2", "no part in products"),
        ("1", "2.Cel", "K", "no part in products"),
        ("-1", "V", "B[V]", "logarithm"),
        ("0", "mol/L", "[pH]", "logarithm"),
        ("NaN", "m", "m", "no amount"),
        ("1", "mmol/L", "mg/dL", "molar mass"),
        ("1", "mmol/L", "mmHg", "not a valid UCUM unit"),
    ],
)
def test_what_does_not_convert_is_refused_in_words(value: str, source: str, target: str, words: str) -> None:
    with pytest.raises(UnitError, match=words):
        convert(Decimal(value), source, target)


def test_the_molar_mass_joins_amount_and_mass() -> None:
    glucose = Decimal("180.156")
    assert convert(Decimal(100), "mg/dL", "mmol/L", molar_mass=glucose).quantize(
        Decimal("0.0001")
    ) == Decimal("5.5507")
    assert convert(Decimal("5.5"), "mmol/L", "mg/dL", molar_mass=glucose) == Decimal("99.0858")
    assert convert(Decimal(1), "mg/mmol", "mg/g", molar_mass=Decimal("113.12")).quantize(
        Decimal("0.01")
    ) == Decimal("8.84")
    with pytest.raises(UnitError, match="g/mol is none"):
        convert(Decimal(1), "mmol/L", "mg/dL", molar_mass=Decimal(0))


def test_units_of_one_kind_are_commensurable() -> None:
    assert are_commensurable("mg/dL", "g/L")
    assert not are_commensurable("mg/dL", "mmol/L")


LINEAR = ["m", "[in_i]", "km", "[ft_us]", "[ly]", "nm", "[smoot]", "pc"]
SCALES = ["Cel", "[degF]", "K", "[degRe]", "mK"]


@given(
    st.decimals(min_value="-1e6", max_value="1e6", places=4),
    st.one_of(*(st.tuples(st.sampled_from(kind), st.sampled_from(kind)) for kind in (LINEAR, SCALES))),
)
def test_there_and_back_is_the_same(value: Decimal, pair: tuple[str, str]) -> None:
    there = convert(value, *pair)
    back = convert(there, pair[1], pair[0])
    assert abs(back - value) <= abs(value) * Decimal("1e-24") + Decimal("1e-18")


@given(
    st.sampled_from(LINEAR),
    st.sampled_from(LINEAR),
    st.decimals("-1e6", "1e6", places=3),
    st.decimals("0.001", "9"),
)
def test_more_stays_more(source: str, target: str, value: Decimal, more: Decimal) -> None:
    assert convert(value + more, source, target) > convert(value, source, target)


@given(st.text(alphabet="mgLs10*2/.(){}[]'-+kd%", max_size=12))
def test_any_text_is_judged_and_what_is_valid_has_a_meaning(code: str) -> None:
    if is_valid(code):
        assert unit(code).factor > 0
        assert is_valid(f"({code})")
        assert is_valid(f"{code}/L")


def test_nothing_is_loaded_before_a_unit_is_asked_for() -> None:
    program = "import sys, aliquot.foundation.units; print([m for m in ('pint', 'lark', 'ucumvert') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_unit_of_the_table_and_its_printed_examples_are_known() -> None:
    from ucumvert import xml_util

    codes = [*xml_util.get_base_units(), *xml_util.get_units()]
    assert len(codes) > 300
    assert all(unit(code).code == code for code in codes)


@pytest.mark.skipif(not ORACLE.exists(), reason="the shared oracle is not at hand")
def test_oracle_cases() -> None:
    cases = json.loads(ORACLE.read_text(encoding="utf-8"))["cases"]
    wrong = [
        one["id"]
        for one in cases
        if "unit" in one["inputs"] and is_valid(one["inputs"]["unit"]) is not one["expected"]["valid"]
    ]
    assert cases
    assert wrong == []
