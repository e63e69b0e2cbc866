"""Gaps, osmolality and calcium. Electrolytes in mmol/L; the others as each formula says."""

from decimal import Decimal

from aliquot.registers.catalogue.rules.calculators.refusals import (
    NotDerivable,
    need_not_negative,
    need_positive,
)

NORMAL_GAP = Decimal(12)
NORMAL_BICARBONATE = Decimal(24)
_NORMAL_ALBUMIN = Decimal(4)


def anion_gap(na: Decimal, cl: Decimal, hco3: Decimal, k: Decimal | None = None) -> Decimal:
    """Sodium (and potassium, when given) minus chloride and bicarbonate, mmol/L.

    Source: Emmett and Narins, Medicine 1977;56:38.
    """
    need_positive(na=na, cl=cl, hco3=hco3)
    if k is not None:
        need_positive(k=k)
    return na + (k or Decimal(0)) - cl - hco3


def corrected_gap(
    na: Decimal, cl: Decimal, hco3: Decimal, albumin: Decimal, k: Decimal | None = None
) -> Decimal:
    """The anion gap plus 2.5 for each g/dL that albumin lacks to 4.

    Source: Figge et al., Crit Care Med 1998;26:1807.
    """
    need_positive(albumin=albumin)
    return anion_gap(na, cl, hco3, k) + Decimal("2.5") * (_NORMAL_ALBUMIN - albumin)


def delta_gap(na: Decimal, cl: Decimal, hco3: Decimal, albumin: Decimal | None = None) -> Decimal:
    """The excess over 12 mmol/L of the gap, of the corrected one where albumin (g/dL) is known.

    Source: Wrenn, Ann Emerg Med 1990;19:1310.
    """
    gap = anion_gap(na, cl, hco3) if albumin is None else corrected_gap(na, cl, hco3, albumin)
    return gap - NORMAL_GAP


def delta_ratio(na: Decimal, cl: Decimal, hco3: Decimal, albumin: Decimal | None = None) -> Decimal:
    """The delta gap by the bicarbonate missing to 24. Source: Rastegar, J Am Soc Nephrol 2007;18:2429."""
    excess = delta_gap(na, cl, hco3, albumin)
    if hco3 == NORMAL_BICARBONATE:
        raise NotDerivable("bicarbonate_normal")
    return excess / (NORMAL_BICARBONATE - hco3)


def osmolality(na: Decimal, bun: Decimal, glucose: Decimal, ethanol: Decimal | None = None) -> Decimal:
    """Serum osmolality, mosm/kg; BUN, glucose and ethanol in mg/dL.

    Source: Dorwart and Chalmers, Clin Chem 1975;21:190 (2 Na + BUN/2.8 + glucose/18); ethanol by its molar
    mass: 4.6.
    """
    need_positive(na=na)
    need_not_negative(bun=bun, glucose=glucose, ethanol=ethanol or Decimal(0))
    return 2 * na + bun / Decimal("2.8") + glucose / 18 + (ethanol or Decimal(0)) / Decimal("4.6")


def osmolality_mmol(na: Decimal, urea: Decimal, glucose: Decimal, ethanol: Decimal | None = None) -> Decimal:
    """The same with urea, glucose and ethanol in mmol/L: 2 Na + urea + glucose. Source: as `osmolality`."""
    need_positive(na=na)
    need_not_negative(urea=urea, glucose=glucose, ethanol=ethanol or Decimal(0))
    return 2 * na + urea + glucose + (ethanol or Decimal(0))


def osmolal_gap(
    osm: Decimal, na: Decimal, bun: Decimal, glucose: Decimal, ethanol: Decimal | None = None
) -> Decimal:
    """Measured minus computed osmolality; BUN, glucose, ethanol in mg/dL. Source: as `osmolality`."""
    need_positive(osmolality=osm)
    return osm - osmolality(na, bun, glucose, ethanol)


def osmolal_gap_mmol(
    osm: Decimal, na: Decimal, urea: Decimal, glucose: Decimal, ethanol: Decimal | None = None
) -> Decimal:
    """The same with urea, glucose, ethanol in mmol/L. Source: as `osmolality`."""
    need_positive(osmolality=osm)
    return osm - osmolality_mmol(na, urea, glucose, ethanol)


def corrected_calcium(ca: Decimal, albumin: Decimal) -> Decimal:
    """Total calcium in mg/dL as at an albumin of 4 g/dL. Source: Payne et al., BMJ 1973;4:643."""
    need_positive(calcium=ca, albumin=albumin)
    return ca + Decimal("0.8") * (_NORMAL_ALBUMIN - albumin)


def corrected_calcium_mmol(ca: Decimal, albumin: Decimal) -> Decimal:
    """Total calcium in mmol/L as at an albumin of 40 g/L, 0.02 a g/L. Source: as `corrected_calcium`."""
    need_positive(calcium=ca, albumin=albumin)
    return ca + Decimal("0.02") * (10 * _NORMAL_ALBUMIN - albumin)


def corrected_sodium(na: Decimal, glucose: Decimal) -> Decimal:
    """Sodium as without hyperglycaemia: plus 2.4 for each 100 mg/dL of glucose above 100.

    Source: Hillier et al., Am J Med 1999;106:399.
    """
    need_positive(na=na, glucose=glucose)
    return na + Decimal("0.024") * max(glucose - 100, Decimal(0))
