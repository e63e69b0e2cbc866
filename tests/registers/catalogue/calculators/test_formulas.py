"""The formulas against published numbers, their limits of validity, and how they move."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aliquot.registers.catalogue.rules.calculators import (
    blood,
    electrolytes,
    kidney,
    ldl_factors,
    lipids,
    liver,
    metabolism,
)
from aliquot.registers.catalogue.rules.calculators.book import formulas
from aliquot.registers.catalogue.rules.calculators.calculation import Formula
from aliquot.registers.catalogue.rules.calculators.refusals import NotDerivable

D = Decimal
TABLE = Path(__file__).parents[5] / "shared" / "data" / "martin_hopkins_180.json"


@pytest.mark.parametrize(
    ("formula", "inputs", "expected"),
    [
        # worked examples of the equations' own publications and of the NKF and OPTN calculators
        (kidney.ckd_epi_2021, {"scr": "1.0", "age": "60", "sex": "F"}, "64"),
        (kidney.ckd_epi_2021, {"scr": "0.9", "age": "50", "sex": "M"}, "104"),  # on the knot: 142 x 0.9938^50
        (kidney.ckd_epi_2009, {"scr": "0.7", "age": "50", "sex": "F"}, "101"),  # on the knot: 141 x 0.993^50 x 1.018
        (kidney.ckd_epi_2012_cystatin, {"scys": "0.8", "age": "50", "sex": "M"}, "109"),  # 133 x 0.996^50
        (kidney.ckd_epi_2021_both, {"scr": "0.9", "scys": "0.8", "age": "50", "sex": "M"}, "111"),  # 135 x 0.9961^50
        (kidney.ckd_epi_2012_both, {"scr": "0.7", "scys": "0.8", "age": "50", "sex": "F"}, "102"),  # 135 x 0.995^50 x 0.969
        (kidney.mdrd_175, {"scr": "1.36", "age": "85", "sex": "F"}, "37"),
        (kidney.schwartz_bedside, {"scr": "0.5", "height": "100", "age": "4"}, "83"),
        (kidney.cockcroft_gault, {"scr": "1", "age": "40", "sex": "F", "weight": "72"}, "85"),
        (kidney.fena, {"na": "140", "scr": "1", "una": "14", "ucr": "10"}, "1"),
        (kidney.feurea, {"bun": "20", "scr": "1", "uun": "700", "ucr": "100"}, "35"),
        (kidney.albumin_creatinine_mg_g, {"ualb": "30", "ucr": "8.84"}, "30"),
        (kidney.protein_creatinine, {"uprot": "500", "ucr": "10"}, "50"),
        (lipids.vldl, {"tg": "150"}, "30"),
        (lipids.sampson, {"tc": "200", "hdl": "50", "tg": "150"}, "123"),
        (lipids.martin_hopkins, {"tc": "200", "hdl": "50", "tg": "150"}, "124"),
        (electrolytes.osmolality, {"na": "140", "bun": "14", "glucose": "90"}, "290"),
        (electrolytes.corrected_calcium, {"ca": "8", "albumin": "2.75"}, "9"),
        (electrolytes.corrected_sodium, {"na": "130", "glucose": "600"}, "142"),
        (electrolytes.corrected_gap, {"na": "140", "cl": "100", "hco3": "24", "albumin": "2"}, "21"),
        (metabolism.homa_ir, {"insulin": "10", "glucose": "81"}, "2"),
        (metabolism.average_glucose, {"hba1c": "7"}, "154"),  # ADA: 7 % is 154 mg/dL
        (metabolism.ifcc_of_ngsp, {"hba1c": "7"}, "53"),  # IFCC: 7.0 % is 53 mmol/mol
        (metabolism.ifcc_of_ngsp, {"hba1c": "6.5"}, "48"),
        (metabolism.saturation_of_transferrin, {"iron": "20", "transferrin": "2.5"}, "32"),
        (liver.meld, {"bilirubin": "0.5", "inr": "0.9", "scr": "0.6"}, "6"),
        (liver.meld, {"bilirubin": "2", "inr": "1.5", "scr": "1"}, "14"),
        (liver.meld, {"bilirubin": "50", "inr": "9", "scr": "9"}, "40"),
        (liver.meld_na, {"bilirubin": "2", "inr": "1.5", "scr": "1", "na": "130"}, "20"),
        (liver.meld_na, {"bilirubin": "1", "inr": "1", "scr": "1", "na": "120"}, "6"),
        (liver.meld_3, {"bilirubin": "1", "inr": "1", "scr": "1", "na": "137", "albumin": "3.5", "sex": "M"}, "6"),
        (liver.fib_4, {"age": "50", "ast": "40", "alt": "25", "platelets": "200"}, "2"),
        (liver.apri, {"ast": "80", "ast_limit": "40", "platelets": "100"}, "2"),
        (blood.inr, {"pt": "24", "pt_normal": "12", "isi": "1.0"}, "2"),
        (blood.reticulocyte_production_index, {"reticulocytes": "10.8", "hct": "25"}, "3"),  # 10.8 x 25/45 / 2
        (blood.mean_cell_volume, {"hct": "45", "rbc": "5"}, "90"),
        (blood.mean_cell_haemoglobin, {"hgb": "150", "rbc": "5"}, "30"),
        (blood.mean_cell_concentration, {"hgb": "150", "hct": "45"}, "333"),
    ],
)  # fmt: skip
def test_published_numbers(formula: Formula, inputs: dict[str, str], expected: str) -> None:
    found = formula(**{name: one if name == "sex" else D(one) for name, one in inputs.items()})
    assert round(found) == int(expected)


@pytest.mark.parametrize(
    ("formula", "sex", "knot", "low", "high"),
    [
        # N Engl J Med 2021;385:1737 table S10, 2012;367:20 table 2; Ann Intern Med 2009;150:604
        (kidney.ckd_epi_2021, "F", {"scr": "0.7"}, "-0.241", "-1.200"),
        (kidney.ckd_epi_2021, "M", {"scr": "0.9"}, "-0.302", "-1.200"),
        (kidney.ckd_epi_2009, "F", {"scr": "0.7"}, "-0.329", "-1.209"),
        (kidney.ckd_epi_2009, "M", {"scr": "0.9"}, "-0.411", "-1.209"),
        (kidney.ckd_epi_2012_cystatin, "F", {"scys": "0.8"}, "-0.499", "-1.328"),
        (kidney.ckd_epi_2021_both, "F", {"scr": "0.7", "scys": "0.8"}, "-0.219", "-0.544"),
        (kidney.ckd_epi_2021_both, "M", {"scr": "0.9", "scys": "0.8"}, "-0.144", "-0.544"),
        (kidney.ckd_epi_2021_both, "M", {"scys": "0.8", "scr": "0.9"}, "-0.323", "-0.778"),
        (kidney.ckd_epi_2012_both, "F", {"scr": "0.7", "scys": "0.8"}, "-0.248", "-0.601"),
        (kidney.ckd_epi_2012_both, "M", {"scr": "0.9", "scys": "0.8"}, "-0.207", "-0.601"),
        (kidney.ckd_epi_2012_both, "M", {"scys": "0.8", "scr": "0.9"}, "-0.375", "-0.711"),
    ],
)
def test_each_equation_has_its_published_slopes_below_and_above_the_knot(
    *, formula: Formula, sex: str, knot: dict[str, str], low: str, high: str
) -> None:
    inputs: dict[str, Any] = {name: D(one) for name, one in knot.items()} | {"age": D(50), "sex": sex}
    first = next(iter(knot))
    at_knot = formula(**inputs)
    for share, slope in ((D("0.5"), low), (D(2), high)):
        moved = formula(**inputs | {first: inputs[first] * share})
        assert round(moved / at_knot, 12) == round(share ** D(slope), 12)


@pytest.mark.parametrize(
    ("formula", "factor"),
    [
        (kidney.ckd_epi_2021, "1.012"),
        (kidney.ckd_epi_2009, "1.018"),
        (kidney.mdrd_175, "0.742"),
        (kidney.cockcroft_gault, "0.85"),
        (kidney.ckd_epi_2012_cystatin, "0.932"),
    ],
)
def test_the_factor_of_women_is_the_published_one(formula: Formula, factor: str) -> None:
    given = {"scr": D(2), "scys": D(2), "age": D(50), "weight": D(70)}
    inputs = {name: given[name] for name in given if name in formulas()[formula.__name__][0].takes}
    knots = (D("0.7") / D("0.9")) ** D("1.2" if formula is kidney.ckd_epi_2021 else "1.209")
    shift = knots if formula in {kidney.ckd_epi_2021, kidney.ckd_epi_2009} else D(1)
    assert round(formula(**inputs, sex="F") / formula(**inputs, sex="M"), 12) == round(D(factor) * shift, 12)


@pytest.mark.parametrize(
    ("formula", "inputs", "code"),
    [
        (kidney.ckd_epi_2021, {"scr": "1", "age": "17.9", "sex": "F"}, "age_under_18"),
        (kidney.ckd_epi_2021, {"scr": "1", "age": "121", "sex": "F"}, "age_implausible"),
        (kidney.ckd_epi_2021, {"scr": "0", "age": "30", "sex": "F"}, "not_positive"),
        (kidney.ckd_epi_2021, {"scr": "1", "age": "30", "sex": ""}, "sex_unknown"),
        (kidney.schwartz_bedside, {"scr": "1", "height": "100", "age": "18"}, "age_over_18"),
        (kidney.schwartz_bedside, {"scr": "1", "height": "60", "age": "0.9"}, "age_under_1"),
        (kidney.albumin_creatinine, {"ualb": "-1", "ucr": "10"}, "negative"),
        (lipids.friedewald, {"tc": "200", "hdl": "50", "tg": "400.1"}, "triglycerides_high"),
        (lipids.friedewald_mmol, {"tc": "5", "hdl": "1", "tg": "4.53"}, "triglycerides_high"),
        (lipids.martin_hopkins, {"tc": "200", "hdl": "50", "tg": "401"}, "triglycerides_high"),
        (lipids.martin_hopkins, {"tc": "200", "hdl": "50", "tg": "6.9"}, "triglycerides_low"),
        (lipids.sampson, {"tc": "200", "hdl": "50", "tg": "801"}, "triglycerides_high"),
        (lipids.sampson_mmol, {"tc": "5", "hdl": "1", "tg": "9.05"}, "triglycerides_high"),
        (lipids.friedewald, {"tc": "80", "hdl": "50", "tg": "300"}, "ldl_not_positive"),
        (lipids.non_hdl, {"tc": "50", "hdl": "51"}, "hdl_above_total"),
        (electrolytes.delta_ratio, {"na": "140", "cl": "100", "hco3": "24"}, "bicarbonate_normal"),
        (metabolism.quicki, {"insulin": "0.1", "glucose": "9"}, "logarithm"),
        (metabolism.ifcc_of_ngsp, {"hba1c": "2.152"}, "below_equation"),
        (liver.indirect_bilirubin, {"bilirubin": "10", "direct": "11"}, "direct_above_total"),
        (liver.globulin, {"protein": "40", "albumin": "40"}, "albumin_above_total"),
        (blood.free_psa, {"psa_free": "5", "psa": "4"}, "free_above_total"),
        (blood.inr, {"pt": "NaN", "pt_normal": "12", "isi": "1"}, "not_positive"),
    ],
)
def test_outside_its_validity_each_formula_refuses_by_name(
    formula: Formula, inputs: dict[str, str], code: str
) -> None:
    with pytest.raises(NotDerivable) as caught:
        formula(**{name: one if name == "sex" else D(one) for name, one in inputs.items()})
    assert caught.value.code == code
    assert len(str(caught.value)) > 20


def test_the_factors_are_the_published_table() -> None:
    assert (len(ldl_factors.FACTORS), {len(row) for row in ldl_factors.FACTORS}) == (30, {6})
    assert sum(sum(row) for row in ldl_factors.FACTORS) == D("949.4")
    assert ldl_factors.factor(D(150), D(150)) == D("5.7")
    assert ldl_factors.factor(D("49.9"), D("99.9")) == ldl_factors.factor(D(7), D(0)) == D("3.5")
    assert (ldl_factors.factor(D(93), D(220)), ldl_factors.factor(D(97), D(220))) == (D("4.4"), D("4.3"))


@pytest.mark.skipif(not TABLE.exists(), reason="the shared table is not at hand")
def test_the_factors_are_those_of_the_shared_table() -> None:
    table = json.loads(TABLE.read_text("utf-8"), parse_float=D)
    assert [list(row) for row in ldl_factors.FACTORS] == [[D(one) for one in row] for row in table["factors"]]
    assert list(ldl_factors.TRIGLYCERIDES_FROM) == table["tg_lower_edges_mg_dl"]
    assert list(ldl_factors.NON_HDL_FROM) == table["nonhdl_lower_edges_mg_dl"]


LEVELS = {
    "age": ("18", "100"), "scr": ("0.3", "15"), "scys": ("0.3", "8"), "tg": ("10", "390"), "tc": ("150", "400"),
    "hdl": ("20", "60"), "na": ("110", "170"), "direct": ("0", "5"), "bilirubin": ("5", "400"), "psa_free": ("0", "4"),
    "psa": ("4", "90"), "albumin": ("10", "50"), "protein": ("51", "100"), "hba1c": ("3", "18"), "insulin": ("1", "90"),
}  # fmt: skip


def drawn(data: st.DataObject, name: str, unit: str) -> Decimal:
    if unit == "mmol/L" and name in {"tc", "hdl", "tg"}:
        ranges = {"tc": ("4", "10"), "hdl": ("0.5", "1.5"), "tg": ("0.2", "4")}
        return data.draw(st.decimals(*ranges[name], places=2))
    return data.draw(st.decimals(*LEVELS.get(name, ("1", "200")), places=2))


def outcome(formula: Formula, inputs: dict[str, Any]) -> Decimal | None:
    try:
        return formula(**inputs)
    except NotDerivable:
        return None


@pytest.mark.parametrize("name", sorted(formulas()))
@given(st.data())
def test_each_formula_moves_as_the_book_says(name: str, data: st.DataObject) -> None:
    """What `rises` and `falls` say decides the sign of a bound: it has to hold everywhere, and strictly."""
    output, units = formulas()[name]
    inputs: dict[str, Any] = {one: drawn(data, one, units[one]) for one in output.takes & units.keys()}
    if "sex" in output.takes:
        inputs["sex"] = data.draw(st.sampled_from("MF"))
    share = data.draw(st.sampled_from([D("1.0001"), D("1.05")]))
    for moved in sorted((output.rises | output.falls) & {one for one in inputs if inputs[one]}):
        before = outcome(output.formula, inputs)
        after = outcome(output.formula, {**inputs, moved: inputs[moved] * share})
        if before and after is not None:  # nothing of anything is nothing, however much that is
            assert (after > before) if moved in output.rises else (after < before), moved
