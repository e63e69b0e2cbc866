"""Cholesterol of lipoproteins, computed. Each formula in mg/dL or mmol/L, as its name says."""

from decimal import Decimal

from aliquot.registers.catalogue.rules.calculators.ldl_factors import TRIGLYCERIDES_FROM, factor
from aliquot.registers.catalogue.rules.calculators.refusals import (
    NotDerivable,
    need_not_negative,
    need_positive,
)

CHOLESTEROL_G = Decimal("386.65")
TRIGLYCERIDE_G = Decimal("885.4")
"""Molar masses in g/mol; triolein for the mixture of triglycerides, as in molar_masses.csv."""

_LIMIT = Decimal(400)
_LIMIT_MMOL = Decimal("4.52")
_SAMPSON_LIMIT = Decimal(800)
_SAMPSON_LIMIT_MMOL = Decimal("9.04")


def non_hdl(tc: Decimal, hdl: Decimal) -> Decimal:
    """Total minus HDL cholesterol, in their unit. Source: EAS/EFLM consensus, Eur Heart J 2016;37:1944."""
    need_positive(cholesterol=tc, hdl=hdl)
    if hdl > tc:
        raise NotDerivable("hdl_above_total")
    return tc - hdl


def vldl(tg: Decimal) -> Decimal:
    """VLDL cholesterol in mg/dL after Friedewald: triglycerides by 5, up to 400 mg/dL.

    Source: Friedewald et al., Clin Chem 1972;18:499.
    """
    _need_triglycerides(tg, _LIMIT, "mg/dL")
    return tg / 5


def vldl_mmol(tg: Decimal) -> Decimal:
    """The same in mmol/L: triglycerides by 2.2, up to 4.52 mmol/L. Source: as `vldl`."""
    _need_triglycerides(tg, _LIMIT_MMOL, "mmol/L")
    return tg / Decimal("2.2")


def friedewald(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mg/dL; triglycerides up to 400. Source: Friedewald et al., Clin Chem 1972;18:499."""
    return _need_left(non_hdl(tc, hdl) - vldl(tg))


def friedewald_mmol(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mmol/L; triglycerides up to 4.52. Source: as `friedewald`, divisor 2.2."""
    return _need_left(non_hdl(tc, hdl) - vldl_mmol(tg))


def martin_hopkins_factor(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """The divisor of triglycerides that belongs to the patient's stratum; inputs in mg/dL.

    Source: Martin et al., JAMA 2013;310:2061; valid for triglycerides under 400 mg/dL, as it was validated.
    """
    rest = non_hdl(tc, hdl)
    _need_triglycerides(tg, _LIMIT, "mg/dL")
    if tg < TRIGLYCERIDES_FROM[0]:
        raise NotDerivable("triglycerides_low", value=tg)
    return factor(tg, rest)


def martin_hopkins(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mg/dL with the factor of the stratum. Source: as `martin_hopkins_factor`."""
    return _need_left(non_hdl(tc, hdl) - tg / martin_hopkins_factor(tc, hdl, tg))


def martin_hopkins_mmol(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mmol/L: the table is in mg/dL, so there and back. Source: as `martin_hopkins`."""
    return martin_hopkins(*in_mg_dl(tc, hdl, tg)) * 10 / CHOLESTEROL_G


def in_mg_dl(tc: Decimal, hdl: Decimal, tg: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Cholesterols and triglycerides from mmol/L to mg/dL."""
    return tc * CHOLESTEROL_G / 10, hdl * CHOLESTEROL_G / 10, tg * TRIGLYCERIDE_G / 10


def sampson(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mg/dL by NIH equation 2; triglycerides up to 800.

    Source: Sampson et al., JAMA Cardiol 2020;5:540.
    """
    rest = non_hdl(tc, hdl)
    _need_triglycerides(tg, _SAMPSON_LIMIT, "mg/dL")
    very_low = tg / Decimal("8.56") + tg * rest / 2140 - tg * tg / 16100
    return _need_left(tc / Decimal("0.948") - hdl / Decimal("0.971") - very_low - Decimal("9.44"))


def sampson_mmol(tc: Decimal, hdl: Decimal, tg: Decimal) -> Decimal:
    """LDL cholesterol in mmol/L; triglycerides up to 9.04. Source: as `sampson`, its mmol/L form."""
    rest = non_hdl(tc, hdl)
    _need_triglycerides(tg, _SAMPSON_LIMIT_MMOL, "mmol/L")
    very_low = tg / Decimal("3.74") + tg * rest / Decimal("24.16") - tg * tg / Decimal("79.36")
    return _need_left(tc / Decimal("0.948") - hdl / Decimal("0.971") - very_low - Decimal("0.244"))


def atherogenic_coefficient(tc: Decimal, hdl: Decimal) -> Decimal:
    """Non-HDL by HDL cholesterol. Source: Klimov and Nikulcheva, lipid metabolism, 1999."""
    return non_hdl(tc, hdl) / hdl


def atherogenic_index(tg: Decimal, hdl: Decimal) -> Decimal:
    """Atherogenic index of plasma: log10 of triglycerides by HDL, both in mmol/L.

    Source: Dobiasova and Frohlich, Clin Biochem 2001;34:583.
    """
    need_positive(triglycerides=tg, hdl=hdl)
    return (tg / hdl).log10()


def _need_triglycerides(tg: Decimal, limit: Decimal, unit: str) -> None:
    need_not_negative(triglycerides=tg)
    if tg > limit:
        raise NotDerivable("triglycerides_high", value=tg, unit=unit, limit=limit)


def _need_left(ldl: Decimal) -> Decimal:
    if ldl <= 0:
        raise NotDerivable("ldl_not_positive")
    return ldl
