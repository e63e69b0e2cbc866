"""Every formula to many digits, against the published equation written out anew, and what it refuses and takes."""

from decimal import Decimal
from math import exp, log, log10, sqrt
from typing import Any

import pytest

from aliquot.registers.catalogue.rules.calculators import (
    blood,
    electrolytes,
    kidney,
    lipids,
    liver,
    metabolism,
)
from aliquot.registers.catalogue.rules.calculators.book import formulas
from aliquot.registers.catalogue.rules.calculators.calculation import Formula
from aliquot.registers.catalogue.rules.calculators.refusals import NotDerivable

D = Decimal
LOW, HIGH = {"scr": "0.5", "age": "60"}, {"scr": "2", "age": "60"}
BOTH = {"scr": "2", "scys": "0.4", "age": "60"}
LIPIDS, MMOL = {"tc": "220", "hdl": "55", "tg": "160"}, {"tc": "5.6", "hdl": "1.4", "tg": "1.8"}
GAP = {"na": "141", "cl": "101", "hco3": "19"}
LIVER = {"bilirubin": "3", "inr": "1.7", "scr": "1.9"}
C, T = 38.665, 88.54  # mg/dL in one mmol/L of cholesterol and of triglycerides
MELD = 9.57 * log(1.9) + 3.78 * log(3) + 11.2 * log(1.7) + 6.43
MELD_3 = 4.56 * log(3) + 9.09 * log(1.7) + 11.14 * log(1.9) + 6 + 0.82 * 7 - 0.24 * 7 * log(3)
EXACT: list[tuple[Formula, dict[str, Any], float]] = [
    (kidney.ckd_epi_2021, LOW | {"sex": "F"}, 142 * (0.5 / 0.7) ** -0.241 * 0.9938**60 * 1.012),
    (kidney.ckd_epi_2021, HIGH | {"sex": "M"}, 142 * (2 / 0.9) ** -1.2 * 0.9938**60),
    (kidney.ckd_epi_2009, LOW | {"sex": "F"}, 141 * (0.5 / 0.7) ** -0.329 * 0.993**60 * 1.018),
    (kidney.ckd_epi_2009, HIGH | {"sex": "M"}, 141 * (2 / 0.9) ** -1.209 * 0.993**60),
    (kidney.ckd_epi_2009, HIGH | {"sex": "M", "black": True}, 141 * (2 / 0.9) ** -1.209 * 0.993**60 * 1.159),
    (
        kidney.ckd_epi_2012_cystatin,
        {"scys": "0.4", "age": "60", "sex": "F"},
        133 * 0.5**-0.499 * 0.996**60 * 0.932,
    ),
    (kidney.ckd_epi_2012_cystatin, {"scys": "1.6", "age": "60", "sex": "M"}, 133 * 2**-1.328 * 0.996**60),
    (
        kidney.ckd_epi_2021_both,
        BOTH | {"sex": "F"},
        135 * (2 / 0.7) ** -0.544 * 0.5**-0.323 * 0.9961**60 * 0.963,
    ),
    (kidney.ckd_epi_2021_both, BOTH | {"sex": "M"}, 135 * (2 / 0.9) ** -0.544 * 0.5**-0.323 * 0.9961**60),
    (
        kidney.ckd_epi_2012_both,
        BOTH | {"sex": "F"},
        135 * (2 / 0.7) ** -0.601 * 0.5**-0.375 * 0.995**60 * 0.969,
    ),
    (
        kidney.ckd_epi_2012_both,
        BOTH | {"sex": "M", "black": True},
        135 * (2 / 0.9) ** -0.601 * 0.5**-0.375 * 0.995**60 * 1.08,
    ),
    (kidney.mdrd_175, HIGH | {"sex": "F"}, 175 * 2**-1.154 * 60**-0.203 * 0.742),
    (kidney.mdrd_175, HIGH | {"sex": "M"}, 175 * 2**-1.154 * 60**-0.203),
    (kidney.mdrd_175, HIGH | {"sex": "M", "black": True}, 175 * 2**-1.154 * 60**-0.203 * 1.212),
    (kidney.schwartz_bedside, {"scr": "0.5", "height": "110"}, 0.413 * 110 / 0.5),
    (kidney.schwartz_bedside, {"scr": "0.5", "height": "110", "age": "5"}, 0.413 * 110 / 0.5),
    (kidney.cockcroft_gault, HIGH | {"sex": "F", "weight": "70"}, 80 * 70 / 144 * 0.85),
    (kidney.cockcroft_gault, HIGH | {"sex": "M", "weight": "70"}, 80 * 70 / 144),
    (kidney.fena, {"na": "140", "scr": "2", "una": "30", "ucr": "60"}, 100 * 30 * 2 / (140 * 60)),
    (kidney.feurea, {"bun": "40", "scr": "2", "uun": "300", "ucr": "60"}, 100 * 300 * 2 / (40 * 60)),
    (kidney.albumin_creatinine, {"ualb": "30", "ucr": "8"}, 3.75),
    (kidney.albumin_creatinine_mg_g, {"ualb": "30", "ucr": "8"}, 3.75 * 1000 / 113.12),
    (kidney.protein_creatinine, {"uprot": "500", "ucr": "8"}, 62.5),
    (kidney.protein_creatinine_mg_g, {"uprot": "500", "ucr": "8"}, 62.5 * 1000 / 113.12),
    (lipids.non_hdl, {"tc": "220", "hdl": "55"}, 165),
    (lipids.vldl, {"tg": "160"}, 32),
    (lipids.vldl_mmol, {"tg": "1.8"}, 1.8 / 2.2),
    (lipids.friedewald, LIPIDS, 220 - 55 - 160 / 5),
    (lipids.friedewald_mmol, MMOL, 5.6 - 1.4 - 1.8 / 2.2),
    (lipids.martin_hopkins_factor, LIPIDS, 5.4),
    (lipids.martin_hopkins, LIPIDS, 165 - 160 / 5.4),
    (lipids.martin_hopkins_mmol, MMOL, (4.2 * C - 1.8 * T / 5.4) / C),
    (
        lipids.sampson,
        LIPIDS,
        220 / 0.948 - 55 / 0.971 - (160 / 8.56 + 160 * 165 / 2140 - 160**2 / 16100) - 9.44,
    ),
    (
        lipids.sampson_mmol,
        MMOL,
        5.6 / 0.948 - 1.4 / 0.971 - (1.8 / 3.74 + 1.8 * 4.2 / 24.16 - 1.8**2 / 79.36) - 0.244,
    ),
    (lipids.atherogenic_coefficient, {"tc": "220", "hdl": "55"}, 3),
    (lipids.atherogenic_index, {"tg": "1.8", "hdl": "1.4"}, log10(1.8 / 1.4)),
    (electrolytes.anion_gap, GAP, 21),
    (electrolytes.anion_gap, GAP | {"k": "4.5"}, 25.5),
    (electrolytes.corrected_gap, GAP | {"albumin": "2.6"}, 21 + 2.5 * 1.4),
    (electrolytes.corrected_gap, GAP | {"albumin": "2.6", "k": "4.5"}, 25.5 + 2.5 * 1.4),
    (electrolytes.delta_gap, GAP, 9),
    (electrolytes.delta_gap, GAP | {"albumin": "2.6"}, 12.5),
    (electrolytes.delta_ratio, GAP, 9 / 5),
    (electrolytes.delta_ratio, GAP | {"albumin": "2.6"}, 12.5 / 5),
    (electrolytes.osmolality, {"na": "141", "bun": "20", "glucose": "99"}, 282 + 20 / 2.8 + 5.5),
    (
        electrolytes.osmolality,
        {"na": "141", "bun": "20", "glucose": "99", "ethanol": "80"},
        282 + 20 / 2.8 + 5.5 + 80 / 4.6,
    ),
    (electrolytes.osmolality_mmol, {"na": "141", "urea": "7", "glucose": "5.5"}, 294.5),
    (electrolytes.osmolality_mmol, {"na": "141", "urea": "7", "glucose": "5.5", "ethanol": "3"}, 297.5),
    (electrolytes.osmolal_gap, {"osm": "310", "na": "141", "bun": "28", "glucose": "99"}, 310 - 297.5),
    (
        electrolytes.osmolal_gap,
        {"osm": "310", "na": "141", "bun": "28", "glucose": "99", "ethanol": "23"},
        310 - 297.5 - 5,
    ),
    (electrolytes.osmolal_gap_mmol, {"osm": "310", "na": "141", "urea": "7", "glucose": "5.5"}, 15.5),
    (
        electrolytes.osmolal_gap_mmol,
        {"osm": "310", "na": "141", "urea": "7", "glucose": "5.5", "ethanol": "3"},
        12.5,
    ),
    (electrolytes.corrected_calcium, {"ca": "8", "albumin": "2.5"}, 9.2),
    (electrolytes.corrected_calcium_mmol, {"ca": "2.1", "albumin": "30"}, 2.3),
    (electrolytes.corrected_sodium, {"na": "130", "glucose": "350"}, 136),
    (electrolytes.corrected_sodium, {"na": "130", "glucose": "99"}, 130),
    (metabolism.homa_ir, {"insulin": "12", "glucose": "90"}, 12 * 90 / 405),
    (metabolism.homa_ir_mmol, {"insulin": "12", "glucose": "5"}, 60 / 22.5),
    (metabolism.quicki, {"insulin": "12", "glucose": "90"}, 1 / log10(1080)),
    (metabolism.ngsp_of_ifcc, {"hba1c_ifcc": "53"}, 0.09148 * 53 + 2.152),
    (metabolism.ifcc_of_ngsp, {"hba1c": "7"}, (7 - 2.152) / 0.09148),
    (metabolism.average_glucose, {"hba1c": "7"}, 28.7 * 7 - 46.7),
    (metabolism.transferrin_saturation, {"iron": "18", "tibc": "60"}, 30),
    (metabolism.saturation_of_transferrin, {"iron": "20", "transferrin": "2.5"}, 20 / (2.5 * 25.1) * 100),
    (liver.meld, LIVER, MELD),
    (liver.meld, LIVER | {"dialysis": True}, MELD + 9.57 * (log(4) - log(1.9))),
    (liver.meld, LIVER | {"scr": "5"}, MELD + 9.57 * (log(4) - log(1.9))),
    (liver.meld, {"bilirubin": "0.5", "inr": "0.9", "scr": "0.6"}, 6.43),
    (liver.meld_na, LIVER | {"na": "130"}, 27),  # 23 + 1.32 * 7 - 0.033 * 23 * 7 = 26.927 from the whole 23
    (
        liver.meld_3,
        LIVER | {"na": "130", "albumin": "2.5", "sex": "M"},
        round(MELD_3 + 1.85 - 1.83 * log(1.9)),
    ),
    (
        liver.meld_3,
        LIVER | {"na": "130", "albumin": "2.5", "sex": "F"},
        round(MELD_3 + 1.85 - 1.83 * log(1.9) + 1.33),
    ),
    (liver.fib_4, {"age": "50", "ast": "40", "alt": "30", "platelets": "210"}, 50 * 40 / (210 * sqrt(30))),
    (liver.apri, {"ast": "80", "ast_limit": "35", "platelets": "110"}, 80 / 35 / 110 * 100),
    (liver.de_ritis, {"ast": "40", "alt": "32"}, 1.25),
    (liver.indirect_bilirubin, {"bilirubin": "30", "direct": "8"}, 22),
    (liver.indirect_bilirubin, {"bilirubin": "30", "direct": "30"}, 0),
    (liver.globulin, {"protein": "72", "albumin": "42"}, 30),
    (liver.albumin_globulin, {"protein": "72", "albumin": "42"}, 1.4),
    (blood.inr, {"pt": "24", "pt_normal": "12.5", "isi": "1.1"}, exp(1.1 * log(24 / 12.5))),
    (blood.reticulocyte_index, {"reticulocytes": "3", "hct": "30"}, 2),
    (blood.reticulocyte_index, {"reticulocytes": "3", "hct": "30", "hct_normal": "40"}, 2.25),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "36"}, 2.4),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "35.9"}, 3 * 35.9 / 45 / 1.5),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "26"}, 3 * 26 / 45 / 1.5),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "25.9"}, 3 * 25.9 / 45 / 2),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "16"}, 3 * 16 / 45 / 2),
    (blood.reticulocyte_production_index, {"reticulocytes": "3", "hct": "15.9"}, 3 * 15.9 / 45 / 2.5),
    (
        blood.reticulocyte_production_index,
        {"reticulocytes": "3", "hct": "15", "hct_normal": "40"},
        3 * 15 / 40 / 2.5,
    ),
    (blood.free_psa, {"psa_free": "1", "psa": "8"}, 12.5),
    (blood.free_psa, {"psa_free": "8", "psa": "8"}, 100),
    (blood.mean_cell_volume, {"hct": "42", "rbc": "4.8"}, 87.5),
    (blood.mean_cell_haemoglobin, {"hgb": "150", "rbc": "4.8"}, 31.25),
    (blood.mean_cell_concentration, {"hgb": "140", "hct": "42"}, 140 / 42 * 100),
]
NO_NUMBERS = {"sex", "black", "dialysis"}
MAY_BE_NOTHING = {
    kidney.fena: {"una"},
    kidney.feurea: {"uun"},
    kidney.albumin_creatinine: {"ualb"},
    kidney.albumin_creatinine_mg_g: {"ualb"},
    kidney.protein_creatinine: {"uprot"},
    kidney.protein_creatinine_mg_g: {"uprot"},
    lipids.vldl: {"tg"},
    lipids.vldl_mmol: {"tg"},
    lipids.friedewald: {"tg"},
    lipids.friedewald_mmol: {"tg"},
    lipids.sampson: {"tg"},
    lipids.sampson_mmol: {"tg"},
    electrolytes.osmolality: {"bun", "glucose", "ethanol"},
    electrolytes.osmolality_mmol: {"urea", "glucose", "ethanol"},
    electrolytes.osmolal_gap: {"bun", "glucose", "ethanol"},
    electrolytes.osmolal_gap_mmol: {"urea", "glucose", "ethanol"},
    metabolism.transferrin_saturation: {"iron"},
    metabolism.saturation_of_transferrin: {"iron"},
    liver.de_ritis: {"ast"},
    liver.indirect_bilirubin: {"direct"},
    blood.reticulocyte_index: {"reticulocytes"},
    blood.reticulocyte_production_index: {"reticulocytes"},
    blood.free_psa: {"psa_free"},
}
"""Inputs of which there may be none; every other number has to be above zero."""


def read(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: one if name in NO_NUMBERS else D(one) for name, one in inputs.items()}


def refusal(formula: Formula, inputs: dict[str, Any]) -> str:
    """The code with which a formula refuses, "" when it does not."""
    try:
        formula(**read(inputs))
    except NotDerivable as refused:
        return refused.code
    return ""


def name_of(value: Any) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("formula", "inputs", "expected"), EXACT, ids=name_of)
def test_it_is_the_published_equation_to_many_digits(
    formula: Formula, inputs: dict[str, Any], expected: float
) -> None:
    assert float(formula(**read(inputs))) == pytest.approx(expected, rel=1e-9)


def test_every_formula_of_the_book_is_tried() -> None:
    assert {one.formula for one, _ in formulas().values()} <= {formula for formula, _, _ in EXACT}


@pytest.mark.parametrize(("formula", "inputs", "expected"), EXACT, ids=name_of)
def test_each_number_has_to_be_above_zero_or_at_least_not_below_it(
    formula: Formula, inputs: dict[str, Any], expected: float
) -> None:
    may_be = MAY_BE_NOTHING.get(formula, set())
    for name in inputs.keys() - NO_NUMBERS - {"age", "hba1c"}:
        if name in may_be:
            assert refusal(formula, inputs | {name: "0"}) == "", name
            assert refusal(formula, inputs | {name: "-0.001"}) == "negative", name
            assert refusal(formula, inputs | {name: "NaN"}) == "negative", name
        else:
            assert refusal(formula, inputs | {name: "0"}) in {
                "not_positive",
                "direct_above_total",
                "triglycerides_low",
            }, name


@pytest.mark.parametrize(("formula", "inputs", "expected"), EXACT, ids=name_of)
def test_equations_for_adults_begin_with_eighteen_and_end_with_a_hundred_and_twenty(
    formula: Formula, inputs: dict[str, Any], expected: float
) -> None:
    if "age" not in inputs or formula is kidney.schwartz_bedside:
        return
    asked = {age: refusal(formula, inputs | {"age": age}) for age in ("17.999", "18", "120", "120.001")}
    assert asked == {"17.999": "age_under_18", "18": "", "120": "", "120.001": "age_implausible"}


def test_the_equation_for_children_holds_from_one_to_under_eighteen() -> None:
    child = {"scr": "0.5", "height": "110"}
    ages = ("0.999", "1", "17.999", "18")
    asked = [refusal(kidney.schwartz_bedside, child | {"age": age}) for age in ages]
    assert asked == ["age_under_1", "", "", "age_over_18"]


@pytest.mark.parametrize(
    ("formula", "inputs", "most"),
    [
        (lipids.vldl, {}, "400"),
        (lipids.friedewald, {"tc": "300", "hdl": "50"}, "400"),
        (lipids.martin_hopkins_factor, {"tc": "300", "hdl": "50"}, "400"),
        (lipids.martin_hopkins, {"tc": "300", "hdl": "50"}, "400"),
        (lipids.sampson, {"tc": "300", "hdl": "50"}, "800"),
        (lipids.vldl_mmol, {}, "4.52"),
        (lipids.friedewald_mmol, {"tc": "8", "hdl": "1"}, "4.52"),
        (lipids.sampson_mmol, {"tc": "8", "hdl": "1"}, "9.04"),
    ],
)
def test_triglycerides_are_taken_up_to_the_limit_itself(
    formula: Formula, inputs: dict[str, str], most: str
) -> None:
    assert refusal(formula, inputs | {"tg": most}) == ""
    assert refusal(formula, inputs | {"tg": f"{D(most) + D('0.01')}"}) == "triglycerides_high"


@pytest.mark.parametrize(
    ("formula", "unit", "limit"),
    [
        (lipids.vldl, "mg/dL", "400"),
        (lipids.martin_hopkins_factor, "mg/dL", "400"),
        (lipids.sampson, "mg/dL", "800"),
        (lipids.vldl_mmol, "mmol/L", "4.52"),
        (lipids.sampson_mmol, "mmol/L", "9.04"),
    ],
)
def test_what_is_too_much_is_said_with_the_limit_and_its_unit(
    formula: Formula, unit: str, limit: str
) -> None:
    rest = {} if formula in {lipids.vldl, lipids.vldl_mmol} else {"tc": D(9000), "hdl": D(1)}
    with pytest.raises(NotDerivable) as found:
        formula(**rest, tg=D(900))
    assert dict(found.value.values) == {"value": "900", "unit": unit, "limit": limit}


def test_the_table_of_factors_begins_with_seven() -> None:
    cholesterol = {"tc": "200", "hdl": "50"}
    assert refusal(lipids.martin_hopkins_factor, cholesterol | {"tg": "7"}) == ""
    assert refusal(lipids.martin_hopkins_factor, cholesterol | {"tg": "6.99"}) == "triglycerides_low"


def test_what_is_equal_is_not_above() -> None:
    assert lipids.non_hdl(D(50), D(50)) == 0
    assert refusal(lipids.friedewald, {"tc": "82", "hdl": "50", "tg": "160"}) == "ldl_not_positive"
    assert refusal(lipids.friedewald, {"tc": "82.01", "hdl": "50", "tg": "160"}) == ""
    assert refusal(metabolism.quicki, {"insulin": "0.1", "glucose": "10"}) == "logarithm"
    assert refusal(metabolism.quicki, {"insulin": "0.1", "glucose": "10.1"}) == ""
    assert refusal(metabolism.ifcc_of_ngsp, {"hba1c": "2.153"}) == ""
    assert refusal(metabolism.average_glucose, {"hba1c": "0"}) == "not_positive"


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({"na": "137"}, 23),
        ({"na": "140"}, 23),
        ({"na": "136"}, 24),  # 23 + 1.32 - 0.759 = 23.561
        ({"na": "125"}, 30),  # 23 + 15.84 - 9.108 = 29.732
        ({"na": "110"}, 30),
        ({"na": "125", "dialysis": True}, 34),  # 30 + 15.84 - 11.88 = 33.96
        ({"na": "125", "bilirubin": "50", "inr": "9"}, 40),
        (
            {"na": "125", "bilirubin": "1", "scr": "1", "inr": "1.57"},
            11,
        ),  # 11.48 is 11: sodium counts from 12
        ({"na": "125", "bilirubin": "1", "scr": "1", "inr": "1.58"}, 23),  # 12 + 15.84 - 4.752 = 23.088
    ],
)
def test_sodium_counts_from_125_to_137_and_above_a_score_of_eleven(
    changes: dict[str, Any], score: int
) -> None:
    assert liver.meld_na(**read(LIVER | changes)) == score


def meld_3(**changes: Any) -> Decimal:
    usual = {"bilirubin": "3", "inr": "1.7", "scr": "1.9", "na": "137", "albumin": "3.5", "sex": "M"}
    return liver.meld_3(**read(usual | changes))


def test_meld_3_holds_its_inputs_between_their_bounds() -> None:
    assert meld_3() == round(4.56 * log(3) + 9.09 * log(1.7) + 11.14 * log(1.9) + 6)
    assert meld_3(na="150", albumin="5") == meld_3()
    assert meld_3(na="110", albumin="1") == meld_3(na="125", albumin="1.5")
    assert meld_3(na="125") == round(float(meld_3_raw()) + 0.82 * 12 - 0.24 * 12 * log(3))
    assert meld_3(albumin="1.5") == round(float(meld_3_raw()) + 1.85 * 2 - 1.83 * 2 * log(1.9))
    assert meld_3(scr="3") == meld_3(scr="9") == meld_3(dialysis=True)
    assert meld_3(scr="3") == round(float(meld_3_raw()) + 11.14 * (log(3) - log(1.9)))
    assert meld_3(bilirubin="0.2", inr="0.5", scr="0.4") == 6
    assert meld_3(bilirubin="50", inr="9", scr="9", na="120") == 40


def meld_3_raw() -> float:
    return 4.56 * log(3) + 9.09 * log(1.7) + 11.14 * log(1.9) + 6
