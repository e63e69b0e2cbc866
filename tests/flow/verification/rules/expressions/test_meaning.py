"""What each word of the language means, for values that are there, are bounded, are missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Context, Decimal, localcontext

import pytest

from aliquot.flow.verification.rules.evidence import Sibling, Siblings
from tests.flow.verification.rules.evidences import POTASSIUM
from tests.flow.verification.rules.expressions.orders import One, Ordered, Patient, compiled, measured

EDTA = measured(K="7.4", CA="1.1", NA="140", CREA="80", HGB="140", HCT="42")
EARLIER = measured(
    K=One("6", earlier="4", days=1.5, limits=("3.5", "5.1"), flag="HH"),
    CA=One("2", earlier="0"),
    NA=One("0", earlier="0"),
    CREA=One("90", "<", "umol/L", earlier="100"),
)
FOUND = measured(
    {"H": "0.5"},
    HBSAG=One(value_text=" Positive ", unit=""),
    ABO=One(value_text="", unit=""),
    K=One("5", "<"),
)
WOMAN = Patient(sex="F", age_days=24837, ward="ICU", diagnosis="N18.3", is_pregnant=False)
NOBODY = Patient(sex="U")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("K > 6.0 and CA < 1.9", True),
        ("K > 7.4", False),
        ("K >= 7.4", True),
        ("K < 7.4", False),
        ("K <= 7.40", True),
        ("K = 7.40", True),
        ("K != 7.4", False),
        ("K ≥ 7.4 and K ≤ 7.4", True),
        ("K ≠ 7.4", False),
        ("HCT / HGB outside 0.27 .. 0.33", False),
        ("K inside 7.4 .. 8", True),
        ("K inside 7 .. 7.4", True),
        ("K inside 7.41 .. 8", False),
        ("K outside 7.4 .. 8", False),
        ("K outside 7.5 .. 8", True),
        ("K outside 1 .. 7.3", True),
        ("K + CA = 8.5", True),
        ("K - CA - 1 = 5.3", True),
        ("K - (CA - 1) = 7.3", True),
        ("K * 2 + 1 = 15.8", True),
        ("2 + K * 2 = 16.8", True),
        ("HGB / 2 / 2 = 35", True),
        ("-K = -7.4", True),
        ("- -K = 7.4", True),
        ("abs(CA - K) = 6.3", True),
        ("min(K, CA, NA) = 1.1", True),
        ("max(K, CA, NA) = 140", True),
        ("round(K) = 7", True),
        ("round(-K - 0.1) = -8", True),
        ("round(CREA / 1000, 1) = 0.1", True),
        ("not K > 6", False),
        ("not not K > 6", True),
        ("K > 6 or CA > 2", True),
        ("K < 6 or CA > 2", False),
        ("K > 6 and CA > 2 or NA = 140", True),
        ("K > 6 and (CA > 2 or NA = 141)", False),
        ("true", True),
        ("false or not false", True),
        ("present(K)", True),
        ("present(MCV)", False),
        ("K > 6.0 [mmol/L]", True),
        ("K < 7400.1 [umol/L]", True),
        ("K = -(-0.0074 [mol/L])", True),
        ("K outside 0.001 [mol/L] .. 7000 [umol/L]", True),
        ("max(K, 8000 [umol/L]) = 8", True),
        ("HGB > 13.9 [g/dL]", True),
        ("HGB > 14 [g/dL]", False),
    ],
)
def test_exact_values_decide(text: str, *, meaning: bool) -> None:
    assert compiled(text).evaluate(EDTA) is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("prev(K) = 4", True),
        ("change(K) = 50", True),
        ("change(CA) > 0", None),
        ("change(NA) = 0", True),
        ("change(CREA) < -5", True),
        ("change(CREA) < -20", None),
        ("change(CREA) > -10", False),
        ("days(K) = 1.5", True),
        ("days(K) < 0.5", False),
        ("low(K) = 3.5 and high(K) = 5.1", True),
        ("K > high(K)", True),
        ("low(CA) > 0", None),
        ("prev(MCV) > 0", None),
        ('flag(K) in ("HH", "LL")', True),
        ('flag(K) not in ("HH", "LL")', False),
        ('flag(K) = "HH"', True),
        ('flag(CA) = "HH"', None),
        ('flag(MCV) = "HH"', None),
    ],
)
def test_the_earlier_value_the_limits_and_the_flag_are_read(text: str, *, meaning: bool | None) -> None:
    assert compiled(text).evaluate(EARLIER) is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ('text(HBSAG) = "positive"', True),
        ('text(HBSAG) = "  POSITIVE"', True),
        ('text(HBSAG) != "positive"', False),
        ('text(HBSAG) in ("weak", "positive")', True),
        ('text(HBSAG) not in ("weak", "positive")', False),
        ('text(HBSAG) starts "pos"', True),
        ('text(HBSAG) starts "neg"', False),
        ('text(ABO) = "A"', None),
        ('text(ABO) in ("A", "B")', None),
        ("text(HBSAG) = text(ABO)", None),
        ("text(HBSAG) = text(HBSAG)", True),
        ("present(HBSAG) and not present(ABO) and present(K)", True),
        ("index(H) > 0.4", True),
        ("index(H) > 0.5", False),
        ("index(I) > 0", None),
    ],
)
def test_findings_and_indices_are_read(text: str, *, meaning: bool | None) -> None:
    assert compiled(text).evaluate(FOUND) is meaning


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("age = 68", True),
        ("age < 68", False),
        ('sex = "F"', True),
        ('sex = "M"', False),
        ('sex in ("M", "F")', True),
        ('ward = "icu"', True),
        ('"ICU" = ward', True),
        ('diagnosis starts "N18"', True),
        ('diagnosis starts "N19"', False),
        ("pregnant", False),
        ("not pregnant", True),
    ],
)
def test_the_patient_is_read_and_what_nobody_said_is_unknown(text: str, *, known: bool) -> None:
    assert compiled(text).evaluate(WOMAN) is known
    assert compiled(text).evaluate(NOBODY) is None


TRUE, FALSE, UNKNOWN = "K > 6", "K < 6", "CL > 0"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (f"{TRUE} and {UNKNOWN}", None),
        (f"{UNKNOWN} and {TRUE}", None),
        (f"{FALSE} and {UNKNOWN}", False),
        (f"{UNKNOWN} and {FALSE}", False),
        (f"{UNKNOWN} and {UNKNOWN}", None),
        (f"{TRUE} or {UNKNOWN}", True),
        (f"{UNKNOWN} or {TRUE}", True),
        (f"{FALSE} or {UNKNOWN}", None),
        (f"{UNKNOWN} or {FALSE}", None),
        (f"not ({UNKNOWN})", None),
        (f"{UNKNOWN} and {TRUE} and {FALSE}", False),
        (f"{UNKNOWN} or {FALSE} or {TRUE}", True),
        ("K outside CL .. 7", True),
        ("K outside 7 .. CL", None),
        ("K inside CL .. 7", False),
        ("K outside 1 .. CL", None),
        ("CL inside 1 .. 2", None),
        ("K + CL > 0", None),
        ("min(K, CL) < 1", None),
        ("round(CL) < 1", None),
        ("-CL < 1", None),
        ("K / (CA - CA) > 1", None),
        ("K / (CA - CA) > 1 or K > 6", True),
        ("0 / (CA - CA) = 1", None),
    ],
)
def test_what_is_unknown_stays_open_unless_the_rest_decides(text: str, *, meaning: bool | None) -> None:
    """Kleene's tables, and what has no result."""
    assert compiled(text).evaluate(with_a_strange_unit(EDTA)) is meaning


def with_a_strange_unit(patient: Patient) -> Patient:
    """CL came in a unit that is not the test's: as if it were missing."""
    return replace(patient, siblings=Ordered({**patient.siblings.values, "CL": One("90", unit="meq/L")}))


@pytest.mark.parametrize(
    ("sign", "text", "meaning"),
    [
        ("<", "K > 6", False),
        ("<", "K > 5", False),
        ("<", "K >= 5", False),
        ("<=", "K >= 5", None),
        ("<=", "K > 5", False),
        ("<", "K < 5", True),
        ("<=", "K < 5", None),
        ("<=", "K <= 5", True),
        ("<", "K < 4", None),
        ("<", "K = 6", False),
        ("<", "K = 5", False),
        ("<", "K = 4", None),
        ("<", "K != 6", True),
        ("<", "K != 4", None),
        (">", "K > 5", True),
        (">", "K >= 5", True),
        (">=", "K > 5", None),
        (">=", "K < 5", False),
        (">", "K < 5", False),
        (">", "K > 6", None),
        ("~", "K > 6", None),
        ("<", "K outside 5 .. 6", True),
        ("<", "K inside 5 .. 6", False),
        (">", "K outside 1 .. 5", True),
        (">", "K outside 1 .. 6", None),
        ("<", "K + CA < 7", True),
        ("<", "K - CA < 3", True),
        ("<", "CA - K > -3", True),
        ("<", "K * CA < 10", True),
        ("<", "-K > -5", True),
        ("<", "K / CA < 2.5", True),
        (">", "CA / K < 0.4", True),
        (">", "CA / K > 0", True),
        ("<", "CA / K > 0", None),
        (">", "abs(K) > 5", True),
        ("<", "abs(-K) >= 0", True),
        ("<", "abs(K) > 0", None),
        (">", "K * K > 25", True),
        ("<", "min(K, CA) <= 2", True),
        ("<", "min(K, 9) < 5", True),
        (">", "max(K, CA) > 5", True),
        ("<", "max(K, 9) = 9", True),
        ("<", "round(K) <= 5", True),
        ("<", "round(K) < 5", None),
        ("<", "K < 5 and CA = 2", True),
        ("<", "K < 4 and CA = 3", False),
        ("<", "present(K)", True),
    ],
)
def test_a_bound_decides_what_holds_for_all_values_within_it(
    sign: str, text: str, *, meaning: bool | None
) -> None:
    assert compiled(text).evaluate(measured(K=One("5", sign), CA="2")) is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("index(H) > 1000", True),
        ("not index(H) <= 1000", True),
        ("index(H) inside 0 .. 5", False),
        ("index(H) * 2 - 1 > 5", True),
        ("round(index(H)) > 5", True),
        ("index(H) - index(H) < 5", None),
        ("index(I) > 5", None),
    ],
)
def test_an_index_beyond_the_scale_is_above_every_number(text: str, meaning: bool | None) -> None:  # noqa: FBT001 - three-valued
    beyond = Patient(indices={"H": Decimal("Infinity"), "I": Decimal("NaN")})
    assert compiled(text).evaluate(beyond) is meaning


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_unknown(number: str) -> None:
    for text in (
        "K > 6",
        "K < 6",
        "not K = 6",
        "abs(K) + 1 > 0",
        "change(K) > 0",
        "prev(K) > 0",
        "high(K) > 0",
    ):
        patient = measured(K=One(number, earlier=number, limits=(number, number)))
        assert compiled(text).evaluate(patient) is None


def test_beyond_all_numbers_is_unknown_and_the_rest_still_decides() -> None:
    vast = measured(K=One("1E+999999999999999999"), CA="1")
    assert compiled("K * K > 1").evaluate(vast) is None
    assert compiled("round(K, 2) > 1").evaluate(vast) is None
    assert compiled("K * K > 1 or CA = 1").evaluate(vast) is True


def test_arithmetic_does_not_depend_on_the_context_of_the_thread() -> None:
    text = "K / 3 = 2.466666666666666667 or round(K / 3, 9) = 2.466666667 and abs(-K) + 0.001 = 7.401"
    with localcontext(Context(prec=2, traps=[])):
        assert compiled(text).evaluate(EDTA) is True
        assert compiled("-K = -7.41").evaluate(measured(K=One("7.41"))) is True
        assert compiled("-K = -7.41").evaluate(measured(K=One("7.41", "<"))) is False


@pytest.mark.parametrize("earlier_by", [timedelta(0), timedelta(days=-1)])
def test_days_count_only_forward(earlier_by: timedelta) -> None:
    patient = measured(K=One("6", earlier="4", days=earlier_by / timedelta(days=1)))
    assert compiled("days(K) < 9").evaluate(patient) is None
    assert compiled("days(K) < 9").evaluate(measured(K=One("6", earlier="4", collected_at=None))) is None


def test_it_says_what_it_reads() -> None:
    expression = compiled('prev(MCV) > 90 and index(H) < 1 and K > 6 and sex = "F" and flag(CA) = "L"')
    assert expression.codes == {"MCV", "K", "CA"}
    assert expression.earlier_codes == {"MCV"}
    assert expression.indices == {"H"}


@pytest.mark.parametrize(
    ("text", "patient", "operands"),
    [
        ("K > 6.0 and CA < 1.9 and K < 9", EDTA, "K 7.4, CA 1.10"),
        ("K > 6 or MCV > 90", EDTA, "K 7.4, MCV ?"),
        ("K > 6", measured(K=One("5.000000", "<")), "K <5.0"),
        ("K > 6", measured(K=One("5.04", ">=")), "K >=5.04"),
        ("INR > 6", measured(INR=One("10.00", unit="")), "INR 10.00"),
        (
            "days(K) > 1 and change(K) > 40 and prev(K) < 5",
            EARLIER,
            "days(K) 1.5, change(K) 50, prev(K) 4.0",
        ),
        ("change(CREA) > 40 and high(K) > 5", EARLIER, "change(CREA) <-10, high(K) 5.1"),
        ('text(HBSAG) = "positive" and present(K)', FOUND, "text(HBSAG) Positive, present(K) true"),
        ('sex = "F" and age > 50 and not pregnant', WOMAN, "sex F, age 68, pregnant false"),
        ('sex = "F" and age > 50 and not pregnant', NOBODY, "sex ?, age ?, pregnant ?"),
        ("abs(K - `17-OHP` / 2) > 0", EDTA, "K 7.4, `17-OHP` ?"),
        ("index(H) > 0", FOUND, "index(H) 0.5"),
    ],
)
def test_its_operands_are_shown_with_their_values(text: str, patient: Patient, operands: str) -> None:
    assert ", ".join(map(str, compiled(text).explain(patient))) == operands


def test_two_with_the_same_meaning_in_letters_are_the_same() -> None:
    assert compiled("K>6 and CA<2") == compiled(" K > 6  and\n(CA < 2)")
    assert compiled("K>6") != compiled("K>6.5")


def test_the_evidence_of_a_result_is_facts() -> None:
    """Seen by mypy as well: nothing has to be built for an expression to be evaluated."""
    potassium = Sibling(Decimal("7.4"), "7.4", "", "mmol/L", low=Decimal("3.5"), high=Decimal("5.1"))
    facts = replace(POTASSIUM, siblings=Siblings({"K": potassium}), indices={"H": Decimal("0.1")})
    assert compiled('K > high(K) and index(H) < 1 and age > 40 and sex = "F"').evaluate(facts) is True


@pytest.mark.parametrize(
    ("sign", "text", "meaning"),
    [
        (">=", "0 / K = 0", None),
        ("<=", "0 / K = 0", None),
        (">", "1 / K > 0", None),
        (">", "abs(K) > 0", True),
        ("<", "abs(K) > 0", True),
        ("<=", "abs(K) > 0", None),
        ("<", "0 * K = 0", True),
        (">", "K * 0 = 0", True),
        (">", "K * K > 0", True),
        (">=", "K * K > 0", None),
        (">=", "K * K >= 0", True),
        ("<", "max(K, 0) = 0", True),
        (">", "min(K, 0) = 0", True),
    ],
)
def test_bounds_at_nought_are_sure_of_what_they_touch(sign: str, text: str, *, meaning: bool | None) -> None:
    assert compiled(text).evaluate(measured(K=One("0", sign))) is meaning


def test_a_change_needs_both_values() -> None:
    assert compiled("change(K) > 0").evaluate(measured(K=One("", earlier="4"))) is None
    assert compiled("change(K) > 0").evaluate(measured(K=One("5"))) is None
