"""Filtration and excretion. Creatinine and urea nitrogen in mg/dL, cystatin C in mg/L."""

from decimal import Decimal
from typing import NamedTuple

from aliquot.registers.catalogue.rules.calculators.refusals import (
    need_adult,
    need_child,
    need_not_negative,
    need_positive,
    need_sex,
)

_ONE = Decimal(1)
_PERCENT = Decimal(100)
_MG_G = 1000 / Decimal("113.12")
"""mg/g in one mg/mmol, by the molar mass of creatinine."""


class _Creatinine(NamedTuple):
    """The two-slope creatinine term of a CKD-EPI equation: knot and lower slope by sex, upper slope."""

    low_female: str
    low_male: str
    high: str


_2021 = _Creatinine("-0.241", "-0.302", "-1.200")
_2009 = _Creatinine("-0.329", "-0.411", "-1.209")
_2021_BOTH = _Creatinine("-0.219", "-0.144", "-0.544")
_2012_BOTH = _Creatinine("-0.248", "-0.207", "-0.601")


def _of_creatinine(scr: Decimal, term: _Creatinine, *, is_female: bool) -> Decimal:
    ratio = scr / Decimal("0.7" if is_female else "0.9")
    low = Decimal(term.low_female if is_female else term.low_male)
    return min(ratio, _ONE) ** low * max(ratio, _ONE) ** Decimal(term.high)


def _of_cystatin(scys: Decimal, low: str, high: str) -> Decimal:
    ratio = scys / Decimal("0.8")
    return min(ratio, _ONE) ** Decimal(low) * max(ratio, _ONE) ** Decimal(high)


def ckd_epi_2021(scr: Decimal, age: Decimal, sex: str) -> Decimal:
    """Estimated GFR by CKD-EPI 2021 creatinine, without race, mL/min/1.73 m2; adults.

    Source: Inker et al., N Engl J Med 2021;385:1737, table S10.
    """
    need_adult(age)
    need_positive(creatinine=scr)
    is_female = need_sex(sex)
    egfr = 142 * _of_creatinine(scr, _2021, is_female=is_female) * Decimal("0.9938") ** age
    return egfr * Decimal("1.012") if is_female else egfr


def ckd_epi_2009(scr: Decimal, age: Decimal, sex: str, *, black: bool = False) -> Decimal:
    """Estimated GFR by CKD-EPI 2009 creatinine, mL/min/1.73 m2; adults. Superseded by 2021.

    Source: Levey et al., Ann Intern Med 2009;150:604.
    """
    need_adult(age)
    need_positive(creatinine=scr)
    is_female = need_sex(sex)
    egfr = 141 * _of_creatinine(scr, _2009, is_female=is_female) * Decimal("0.993") ** age
    egfr *= Decimal("1.018") if is_female else _ONE
    return egfr * Decimal("1.159") if black else egfr


def ckd_epi_2012_cystatin(scys: Decimal, age: Decimal, sex: str) -> Decimal:
    """Estimated GFR by CKD-EPI 2012 cystatin C, mL/min/1.73 m2; adults.

    Source: Inker et al., N Engl J Med 2012;367:20, table 2.
    """
    need_adult(age)
    need_positive(cystatin=scys)
    is_female = need_sex(sex)
    egfr = 133 * _of_cystatin(scys, "-0.499", "-1.328") * Decimal("0.996") ** age
    return egfr * Decimal("0.932") if is_female else egfr


def ckd_epi_2021_both(scr: Decimal, scys: Decimal, age: Decimal, sex: str) -> Decimal:
    """Estimated GFR by CKD-EPI 2021 creatinine-cystatin C, mL/min/1.73 m2; adults.

    Source: Inker et al., N Engl J Med 2021;385:1737, table S10.
    """
    need_adult(age)
    need_positive(creatinine=scr, cystatin=scys)
    is_female = need_sex(sex)
    terms = _of_creatinine(scr, _2021_BOTH, is_female=is_female) * _of_cystatin(scys, "-0.323", "-0.778")
    egfr = 135 * terms * Decimal("0.9961") ** age
    return egfr * Decimal("0.963") if is_female else egfr


def ckd_epi_2012_both(scr: Decimal, scys: Decimal, age: Decimal, sex: str, *, black: bool = False) -> Decimal:
    """Estimated GFR by CKD-EPI 2012 creatinine-cystatin C, mL/min/1.73 m2; adults.

    Source: Inker et al., N Engl J Med 2012;367:20, table 2.
    """
    need_adult(age)
    need_positive(creatinine=scr, cystatin=scys)
    is_female = need_sex(sex)
    terms = _of_creatinine(scr, _2012_BOTH, is_female=is_female) * _of_cystatin(scys, "-0.375", "-0.711")
    egfr = 135 * terms * Decimal("0.995") ** age * (Decimal("0.969") if is_female else _ONE)
    return egfr * Decimal("1.08") if black else egfr


def mdrd_175(scr: Decimal, age: Decimal, sex: str, *, black: bool = False) -> Decimal:
    """Estimated GFR by the IDMS-traceable MDRD equation, mL/min/1.73 m2; adults.

    Source: Levey et al., Clin Chem 2007;53:766.
    """
    need_adult(age)
    need_positive(creatinine=scr)
    egfr = 175 * scr ** Decimal("-1.154") * age ** Decimal("-0.203")
    egfr *= Decimal("0.742") if need_sex(sex) else _ONE
    return egfr * Decimal("1.212") if black else egfr


def schwartz_bedside(scr: Decimal, height: Decimal, age: Decimal | None = None) -> Decimal:
    """Estimated GFR of a child by height in cm, mL/min/1.73 m2; 1 to 17 years where the age is known.

    Source: Schwartz et al., J Am Soc Nephrol 2009;20:629.
    """
    if age is not None:
        need_child(age)
    need_positive(creatinine=scr, height=height)
    return Decimal("0.413") * height / scr


def cockcroft_gault(scr: Decimal, age: Decimal, sex: str, weight: Decimal) -> Decimal:
    """Creatinine clearance in mL/min by weight in kg; adults.

    Source: Cockcroft and Gault, Nephron 1976;16:31.
    """
    need_adult(age)
    need_positive(creatinine=scr, weight=weight)
    clearance = (140 - age) * weight / (72 * scr)
    return clearance * Decimal("0.85") if need_sex(sex) else clearance


def fena(na: Decimal, scr: Decimal, una: Decimal, ucr: Decimal) -> Decimal:
    """The excreted share of filtered sodium, in percent; sodium in one unit, creatinine in one unit.

    Source: Espinel, JAMA 1976;236:579.
    """
    return _excreted(na, scr, una, ucr)


def feurea(bun: Decimal, scr: Decimal, uun: Decimal, ucr: Decimal) -> Decimal:
    """The excreted share of filtered urea, in percent. Source: Carvounis et al., Kidney Int 2002;62:2223."""
    return _excreted(bun, scr, uun, ucr)


def _excreted(plasma: Decimal, scr: Decimal, urine: Decimal, ucr: Decimal) -> Decimal:
    need_positive(plasma=plasma, creatinine=scr, urine_creatinine=ucr)
    need_not_negative(urine=urine)
    return urine * scr / (plasma * ucr) * _PERCENT


def albumin_creatinine(ualb: Decimal, ucr: Decimal) -> Decimal:
    """Urine albumin in mg/L by creatinine in mmol/L, mg/mmol. Source: KDIGO 2024 CKD guideline, 1.3."""
    return _by_creatinine(ualb, ucr)


def albumin_creatinine_mg_g(ualb: Decimal, ucr: Decimal) -> Decimal:
    """The same in mg/g. Source: as `albumin_creatinine`."""
    return _by_creatinine(ualb, ucr) * _MG_G


def protein_creatinine(uprot: Decimal, ucr: Decimal) -> Decimal:
    """Urine protein in mg/L by creatinine in mmol/L, mg/mmol. Source: KDIGO 2024 CKD guideline, 1.3."""
    return _by_creatinine(uprot, ucr)


def protein_creatinine_mg_g(uprot: Decimal, ucr: Decimal) -> Decimal:
    """The same in mg/g. Source: as `protein_creatinine`."""
    return _by_creatinine(uprot, ucr) * _MG_G


def _by_creatinine(amount: Decimal, ucr: Decimal) -> Decimal:
    need_not_negative(amount=amount)
    need_positive(urine_creatinine=ucr)
    return amount / ucr
