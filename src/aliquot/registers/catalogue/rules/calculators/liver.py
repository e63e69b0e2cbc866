"""Liver scores and proteins. Bilirubin and creatinine in mg/dL, enzymes in U/L, platelets in 10*9/L."""

from decimal import ROUND_HALF_UP, Decimal

from aliquot.registers.catalogue.rules.calculators.refusals import (
    NotDerivable,
    need_adult,
    need_not_negative,
    need_positive,
    need_sex,
)

_ONE = Decimal(1)
_MOST = Decimal(40)


def meld(bilirubin: Decimal, inr: Decimal, scr: Decimal, *, dialysis: bool = False) -> Decimal:
    """MELD, unrounded but at most 40; values below 1 count as 1, creatinine as 4 from 4 or with dialysis.

    Source: Kamath et al., Hepatology 2001;33:464; bounds: OPTN policy 9.
    """
    need_positive(bilirubin=bilirubin, inr=inr, creatinine=scr)
    creatinine = Decimal(4) if dialysis else min(max(scr, _ONE), Decimal(4))
    score = (
        Decimal("9.57") * creatinine.ln()
        + Decimal("3.78") * max(bilirubin, _ONE).ln()
        + Decimal("11.20") * max(inr, _ONE).ln()
        + Decimal("6.43")
    )
    return min(score, _MOST)


def meld_na(
    bilirubin: Decimal, inr: Decimal, scr: Decimal, na: Decimal, *, dialysis: bool = False
) -> Decimal:
    """MELD-Na as it allocates livers since 2016: MELD as a whole number, above 11 with sodium (125 to 137).

    Source: OPTN policy 9.1.D; Kim et al., N Engl J Med 2008;359:1018.
    """
    need_positive(na=na)
    initial = _whole(meld(bilirubin, inr, scr, dialysis=dialysis))
    if initial <= 11:  # noqa: PLR2004 - the policy's own threshold
        return initial
    lack = 137 - min(max(na, Decimal(125)), Decimal(137))
    return min(_whole(initial + Decimal("1.32") * lack - Decimal("0.033") * initial * lack), _MOST)


def meld_3(  # noqa: PLR0917 - the score takes six quantities
    bilirubin: Decimal,
    inr: Decimal,
    scr: Decimal,
    na: Decimal,
    albumin: Decimal,
    sex: str,
    *,
    dialysis: bool = False,
) -> Decimal:
    """MELD 3.0 to a whole number. Source: Kim et al., Gastroenterology 2021;161:1887."""
    need_positive(bilirubin=bilirubin, inr=inr, creatinine=scr, na=na, albumin=albumin)
    bili, coag = max(bilirubin, _ONE).ln(), max(inr, _ONE).ln()
    creatinine = (Decimal(3) if dialysis else min(max(scr, _ONE), Decimal(3))).ln()
    lack = 137 - min(max(na, Decimal(125)), Decimal(137))
    thin = Decimal("3.5") - min(max(albumin, Decimal("1.5")), Decimal("3.5"))
    score = Decimal("4.56") * bili + Decimal("9.09") * coag + Decimal("11.14") * creatinine + 6
    score += Decimal("0.82") * lack - Decimal("0.24") * lack * bili
    score += Decimal("1.85") * thin - Decimal("1.83") * thin * creatinine
    return min(_whole(score + (Decimal("1.33") if need_sex(sex) else 0)), _MOST)


def fib_4(age: Decimal, ast: Decimal, alt: Decimal, platelets: Decimal) -> Decimal:
    """FIB-4: age times AST by platelets times the root of ALT; adults.

    Source: Sterling et al., Hepatology 2006;43:1317.
    """
    need_adult(age)
    need_positive(ast=ast, alt=alt, platelets=platelets)
    return age * ast / (platelets * alt.sqrt())


def apri(ast: Decimal, ast_limit: Decimal, platelets: Decimal) -> Decimal:
    """AST in upper limits of normal by platelets, times 100. Source: Wai et al., Hepatology 2003;38:518."""
    need_positive(ast=ast, ast_limit=ast_limit, platelets=platelets)
    return ast / ast_limit / platelets * 100


def de_ritis(ast: Decimal, alt: Decimal) -> Decimal:
    """AST by ALT. Source: De Ritis et al., Clin Chim Acta 1957;2:70."""
    need_not_negative(ast=ast)
    need_positive(alt=alt)
    return ast / alt


def indirect_bilirubin(bilirubin: Decimal, direct: Decimal) -> Decimal:
    """Total minus direct bilirubin, in their unit. Source: Tietz textbook, bilirubin fractions."""
    need_not_negative(bilirubin=bilirubin, direct=direct)
    if direct > bilirubin:
        raise NotDerivable("direct_above_total")
    return bilirubin - direct


def globulin(protein: Decimal, albumin: Decimal) -> Decimal:
    """Total protein minus albumin, in their unit. Source: Tietz textbook, plasma proteins."""
    need_positive(protein=protein, albumin=albumin)
    if albumin >= protein:
        raise NotDerivable("albumin_above_total")
    return protein - albumin


def albumin_globulin(protein: Decimal, albumin: Decimal) -> Decimal:
    """Albumin by globulin. Source: as `globulin`."""
    return albumin / globulin(protein, albumin)


def _whole(score: Decimal) -> Decimal:
    return score.quantize(_ONE, rounding=ROUND_HALF_UP)
