"""Computed tests: values in the catalogue's unit, bounds that hold, refusals with a name."""

import csv
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aliquot.registers.catalogue.actions import DATA
from aliquot.registers.catalogue.models import DerivedTest, Test
from aliquot.registers.catalogue.queries import derivations
from aliquot.registers.catalogue.rules.calculators.book import formulas
from aliquot.registers.catalogue.rules.calculators.lipids import martin_hopkins
from aliquot.registers.catalogue.rules.derivation import (
    Derivation,
    Derived,
    Measured,
    NotDerived,
    derive,
    faults,
)
from tests.regions import Region

MMOL = "mmol/L"
ACR = Derivation("ACR", "mg/mmol", 1, "albumin_creatinine", {"ualb": "UALB", "ucr": "UCRE"})
LDLC = Derivation("LDLC", MMOL, 2, "friedewald_mmol", {"tc": "CHOL", "hdl": "HDL", "tg": "TRIG"})
NHDL = Derivation("NHDL", MMOL, 2, "non_hdl", {"tc": "CHOL", "hdl": "HDL"})
EGFR = Derivation("EGFR", "mL/min/{1.73_m2}", 0, "ckd_epi_2021", {"scr": "CREA"})
PSAR = Derivation("PSAR", "%", 0, "free_psa", {"psa_free": "PSAF", "psa": "PSA"})


def measured(text: str, unit: str) -> Measured:
    number = text.lstrip("<>=")
    return Measured(Decimal(number), unit, text.removesuffix(number))


def acr(albumin: str, creatinine: str) -> Derived | NotDerived:
    results = {"UALB": measured(albumin, "mg/L"), "UCRE": measured(creatinine, MMOL)}
    return derive(ACR, results, age=None, sex="")


def ldl(chol: str, hdl: str, tg: str) -> Derived | NotDerived:
    results = {"CHOL": measured(chol, MMOL), "HDL": measured(hdl, MMOL), "TRIG": measured(tg, MMOL)}
    return derive(LDLC, results, age=None, sex="")


def refused(found: Derived | NotDerived) -> str:
    assert isinstance(found, NotDerived)
    assert found.sentence
    return found.code


@pytest.mark.parametrize(
    ("albumin", "creatinine", "expected"),
    [
        ("30", "10", Derived(Decimal("3.0"))),
        ("<3", "7", Derived(Decimal("0.5"), "<")),  # 0.4286 rounded up: below 0.5 is sure
        ("<=3", "7", Derived(Decimal("0.5"), "<=")),
        (">500", "7", Derived(Decimal("71.4"), ">")),  # 71.43 rounded down
        ("30", "<2", Derived(Decimal("15.0"), ">")),
        ("<3", ">20", Derived(Decimal("0.2"), "<")),
    ],
)
def test_a_ratio_carries_signs_that_agree(albumin: str, creatinine: str, expected: Derived) -> None:
    assert acr(albumin, creatinine) == expected


def test_signs_that_pull_apart_leave_it_open() -> None:
    assert refused(acr("<3", "<2")) == "open_bound"
    assert refused(acr(">300", ">20")) == "open_bound"


def non_hdl(chol: str, hdl: str) -> Derived | NotDerived:
    results = {"CHOL": measured(chol, MMOL), "HDL": measured(hdl, MMOL)}
    return derive(NHDL, results, age=None, sex="")


@pytest.mark.parametrize(
    ("chol", "hdl", "expected"),
    [
        ("5.005", "1.5", Derived(Decimal("3.51"))),  # a half goes up, 3.505 and 3.515 alike
        ("5.015", "1.5", Derived(Decimal("3.52"))),
        ("5.0049", "1.5", Derived(Decimal("3.50"))),
        (">5.019", "1.5", Derived(Decimal("3.51"), ">")),
        (">=5.019", "1.5", Derived(Decimal("3.51"), ">=")),
        ("<5.011", ">=1.5", Derived(Decimal("3.52"), "<")),
        (">=5.019", "<1.5", Derived(Decimal("3.51"), ">")),
    ],
)
def test_a_half_goes_up_and_a_bound_away_from_what_it_bounds(chol: str, hdl: str, expected: Derived) -> None:
    assert non_hdl(chol, hdl) == expected


def test_a_refusal_names_the_test_and_what_was_given() -> None:
    assert non_hdl("<5", "<1") == NotDerived("open_bound", {"inputs": "CHOL <, HDL <", "test": "NHDL"})
    lacking = derive(NHDL, {"CHOL": measured("5", MMOL)}, age=None, sex="")
    assert lacking == NotDerived("input_missing", {"test": "NHDL", "input": "HDL"})


def test_ldl_in_the_catalogue_s_unit() -> None:
    assert ldl("5.00", "1.00", "2.20") == Derived(Decimal("3.00"))
    assert refused(ldl("5.00", "1.00", "4.53")) == "triglycerides_high"
    assert refused(ldl("5.00", "1.00", ">2.2")) == "open_bound"
    assert refused(ldl("1.00", "1.20", "1.0")) == "hdl_above_total"
    assert ldl("5.00", "1.00", "<0.22") == Derived(Decimal("3.90"), ">")


def test_egfr_takes_age_and_sex_of_the_patient() -> None:
    results = {"CREA": Measured(Decimal("88.4"), "umol/L")}
    assert derive(EGFR, results, age=Decimal(60), sex="F") == Derived(Decimal(64))
    assert refused(derive(EGFR, results, age=Decimal(12), sex="F")) == "age_under_18"
    assert refused(derive(EGFR, results, age=None, sex="F")) == "age_unknown"
    assert refused(derive(EGFR, results, age=Decimal(60), sex="")) == "sex_unknown"
    bound = derive(EGFR, {"CREA": Measured(Decimal(1000), "umol/L", ">")}, age=Decimal(60), sex="F")
    assert isinstance(bound, Derived)
    assert (bound.comparator, bound.value < 5) == ("<", True)


def test_what_lacks_or_has_another_unit_is_named() -> None:
    psa = {"PSA": Measured(Decimal(4), "ug/L")}
    assert refused(derive(PSAR, psa, age=None, sex="M")) == "input_missing"
    strange = {**psa, "PSAF": Measured(Decimal(1), "[IU]/L")}
    assert refused(derive(PSAR, strange, age=None, sex="M")) == "unit"
    assert derive(PSAR, {**psa, "PSAF": Measured(Decimal(1000), "ng/L")}, age=None, sex="M") == Derived(
        Decimal(25)
    )
    lost = {**psa, "PSAF": Measured(Decimal("NaN"), "ug/L")}
    assert refused(derive(PSAR, lost, age=None, sex="M")) == "input_missing"
    unknown = Derivation("X", "1", 0, "alchemy", {})
    assert refused(derive(unknown, {}, age=None, sex="")) == "unknown_calculator"


POSITIVE = st.decimals("0.01", "500", places=2)
SIGNED = st.sampled_from(["", "<", ">"])


def moved(value: Decimal, sign: str, share: Decimal) -> Decimal:
    """Some value that the sign allows."""
    return value * share if sign == "<" else value / share if sign == ">" else value


@given(
    POSITIVE, POSITIVE, SIGNED, SIGNED, st.decimals("0.01", "1", places=2), st.decimals("0.01", "1", places=2)
)
def test_every_value_behind_the_signs_keeps_the_bound(  # noqa: PLR0917 - what Hypothesis draws
    albumin: Decimal, creatinine: Decimal, one: str, other: str, by: Decimal, also: Decimal
) -> None:
    found = derive(
        ACR,
        {"UALB": Measured(albumin, "mg/L", one), "UCRE": Measured(creatinine, MMOL, other)},
        age=None,
        sex="",
    )
    assume(isinstance(found, Derived))
    assert isinstance(found, Derived)
    exact = moved(albumin, one, by) / moved(creatinine, other, also)
    if found.comparator == "<":
        assert exact <= found.value
    elif found.comparator == ">":
        assert exact >= found.value
    else:
        assert abs(exact - found.value) <= Decimal("0.05")


def test_faults_of_a_line_are_named() -> None:
    assert faults(ACR) == []
    wrong = Derivation("ACR", "1", 0, "albumin_creatinine", {"ualb": "UALB", "tg": "TRIG"})
    assert faults(wrong) == [
        "ACR: albumin_creatinine lacks ucr.",
        "ACR: albumin_creatinine does not take tg.",
    ]
    assert faults(Derivation("X", "1", 0, "alchemy", {})) == ["X: alchemy is no formula."]


def test_each_formula_has_one_unit_for_each_input() -> None:
    for name, (output, units) in formulas().items():
        assert output.takes - {"sex", "black", "dialysis"} <= units.keys() | {"ethanol"}, name
        assert output.rises | output.falls | output.capped <= output.takes, name


def test_every_calculated_test_without_a_tube_is_derived() -> None:
    with (DATA / "tests.csv").open(encoding="utf-8", newline="") as file:
        computed = {line["code"] for line in csv.DictReader(file) if line["container"] == "NONE"}
    with (DATA / "derived.csv").open(encoding="utf-8", newline="") as file:
        assert {line["test"] for line in csv.DictReader(file)} == computed


def test_the_region_holds_every_derivation(region: Region) -> None:
    found = derivations()
    assert found["ACR"] == ACR
    assert len(found) == DerivedTest.objects.count() == 6
    assert {code for one in found.values() for code in one.inputs.values()} <= set(
        Test.objects.values_list("code", flat=True)
    )
    units = dict(Test.objects.values_list("code", "unit"))
    for one in found.values():
        results = {
            code: Measured(Decimal(n), units[code])
            for n, code in enumerate(reversed(list(one.inputs.values())), 2)
        }
        made = derive(one, results, age=Decimal(50), sex="F")
        assert isinstance(made, Derived) or made.code not in {"unit", "input_missing"}, one


@pytest.mark.parametrize(
    ("calculator", "unit", "inputs"),
    [
        ("meld", "1", {"bilirubin": "<0.5 mg/dL", "inr": "1.5 1", "scr": "1 mg/dL"}),  # as 1: not below
        ("meld", "1", {"bilirubin": "2 mg/dL", "inr": "1.5 1", "scr": ">15 mg/dL"}),  # as 4: not above
        ("corrected_sodium", "mmol/L", {"na": "140 mmol/L", "glucose": "<90 mg/dL"}),  # as 100
        ("martin_hopkins", "mg/dL", {"tc": "<150 mg/dL", "hdl": "50 mg/dL", "tg": "300 mg/dL"}),
    ],
)
def test_a_sign_on_a_step_or_beyond_what_counts_leaves_it_open(
    calculator: str, unit: str, inputs: dict[str, str]
) -> None:
    results = {name: measured(*text.split()) for name, text in inputs.items()}
    test = Derivation("X", unit, 1, calculator, {name: name for name in inputs})
    assert refused(derive(test, results, age=None, sex="")) == "open_bound"


def test_the_stratum_of_martin_and_hopkins_falls_as_cholesterol_rises() -> None:
    below, above = (martin_hopkins(Decimal(tc), Decimal(50), Decimal(300)) for tc in ("149.9", "150"))
    assert below > above


def test_a_sign_of_an_input_that_moves_either_way_leaves_it_open() -> None:
    sampson = Derivation("LDLC", MMOL, 2, "sampson_mmol", {"tc": "CHOL", "hdl": "HDL", "tg": "TRIG"})
    results = {"CHOL": measured("<5", MMOL), "HDL": measured("1", MMOL), "TRIG": measured("1", MMOL)}
    found = derive(sampson, results, age=None, sex="")
    assert refused(found) == "open_bound"
    exact = derive(sampson, {**results, "CHOL": measured("5", MMOL)}, age=None, sex="")
    assert isinstance(exact, Derived)
