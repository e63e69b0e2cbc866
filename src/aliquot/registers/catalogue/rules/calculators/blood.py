"""Red cell indices, reticulocytes, coagulation, and the share of free PSA."""

from decimal import Decimal

from aliquot.registers.catalogue.rules.calculators.refusals import (
    NotDerivable,
    need_not_negative,
    need_positive,
)


def inr(pt: Decimal, pt_normal: Decimal, isi: Decimal) -> Decimal:
    """The prothrombin time by the mean normal one, to the power of the reagent's ISI.

    Source: WHO Technical Report Series 889, annex 3 (1999).
    """
    need_positive(pt=pt, pt_normal=pt_normal, isi=isi)
    return (pt / pt_normal) ** isi


def reticulocyte_index(reticulocytes: Decimal, hct: Decimal, hct_normal: Decimal = Decimal(45)) -> Decimal:
    """Reticulocytes in percent as at the normal haematocrit.

    Source: Hillman and Finch, Br J Haematol 1969;17:313.
    """
    need_not_negative(reticulocytes=reticulocytes)
    need_positive(hct=hct, hct_normal=hct_normal)
    return reticulocytes * hct / hct_normal


def reticulocyte_production_index(
    reticulocytes: Decimal, hct: Decimal, hct_normal: Decimal = Decimal(45)
) -> Decimal:
    """The reticulocyte index by days of maturation in blood: 1, 1.5, 2, 2.5 below 36, 26, 16 percent.

    Source: as `reticulocyte_index`.
    """
    days = next(
        days for least, days in ((36, "1"), (26, "1.5"), (16, "2"), (0, "2.5")) if hct >= least or least == 0
    )
    return reticulocyte_index(reticulocytes, hct, hct_normal) / Decimal(days)


def free_psa(psa_free: Decimal, psa: Decimal) -> Decimal:
    """Free by total PSA in percent, both in one unit. Source: Catalona et al., JAMA 1998;279:1542."""
    need_not_negative(psa_free=psa_free)
    need_positive(psa=psa)
    if psa_free > psa:
        raise NotDerivable("free_above_total")
    return psa_free / psa * 100


def mean_cell_volume(hct: Decimal, rbc: Decimal) -> Decimal:
    """MCV in fL from haematocrit in percent and red cells in 10*12/L. Source: Wintrobe, 1932."""
    need_positive(hct=hct, rbc=rbc)
    return hct * 10 / rbc


def mean_cell_haemoglobin(hgb: Decimal, rbc: Decimal) -> Decimal:
    """MCH in pg from haemoglobin in g/L and red cells in 10*12/L. Source: Wintrobe, 1932."""
    need_positive(hgb=hgb, rbc=rbc)
    return hgb / rbc


def mean_cell_concentration(hgb: Decimal, hct: Decimal) -> Decimal:
    """MCHC in g/L from haemoglobin in g/L and haematocrit in percent. Source: Wintrobe, 1932."""
    need_positive(hgb=hgb, hct=hct)
    return hgb / hct * 100
