"""Insulin resistance, glycated haemoglobin, iron. Glucose in mg/dL or mmol/L, insulin in u[IU]/mL."""

from decimal import Decimal

from aliquot.registers.catalogue.rules.calculators.refusals import (
    NotDerivable,
    need_not_negative,
    need_positive,
)


def homa_ir(insulin: Decimal, glucose: Decimal) -> Decimal:
    """Insulin times fasting glucose in mg/dL by 405. Source: Matthews et al., Diabetologia 1985;28:412."""
    need_positive(insulin=insulin, glucose=glucose)
    return insulin * glucose / 405


def homa_ir_mmol(insulin: Decimal, glucose: Decimal) -> Decimal:
    """The same with glucose in mmol/L, by 22.5. Source: as `homa_ir`."""
    need_positive(insulin=insulin, glucose=glucose)
    return insulin * glucose / Decimal("22.5")


def quicki(insulin: Decimal, glucose: Decimal) -> Decimal:
    """1 by the sum of log10 of insulin and of glucose in mg/dL.

    Source: Katz et al., J Clin Endocrinol Metab 2000;85:2402.
    """
    need_positive(insulin=insulin, glucose=glucose)
    total = (insulin * glucose).log10()
    if total <= 0:
        raise NotDerivable("logarithm")
    return 1 / total


def ngsp_of_ifcc(hba1c_ifcc: Decimal) -> Decimal:
    """HbA1c in NGSP percent from IFCC mmol/mol. Source: Hoelzel et al., Clin Chem 2004;50:166."""
    need_positive(hba1c=hba1c_ifcc)
    return Decimal("0.09148") * hba1c_ifcc + Decimal("2.152")


def ifcc_of_ngsp(hba1c: Decimal) -> Decimal:
    """HbA1c in IFCC mmol/mol from NGSP percent. Source: as `ngsp_of_ifcc`, solved for the other."""
    if hba1c <= Decimal("2.152"):
        raise NotDerivable("below_equation")
    return (hba1c - Decimal("2.152")) / Decimal("0.09148")


def average_glucose(hba1c: Decimal) -> Decimal:
    """Average glucose in mg/dL from NGSP percent. Source: Nathan et al., Diabetes Care 2008;31:1473."""
    need_positive(hba1c=hba1c)
    return Decimal("28.7") * hba1c - Decimal("46.7")


def transferrin_saturation(iron: Decimal, tibc: Decimal) -> Decimal:
    """Iron by total iron-binding capacity in percent, both in one unit.

    Source: Beilby et al., Ann Clin Biochem 1992;29:196.
    """
    need_not_negative(iron=iron)
    need_positive(tibc=tibc)
    return iron / tibc * 100


def saturation_of_transferrin(iron: Decimal, transferrin: Decimal) -> Decimal:
    """Iron in umol/L by transferrin in g/L times 25.1, which it binds, in percent.

    Source: Beilby et al., Ann Clin Biochem 1992;29:196: two iron atoms to a transferrin of 79.7 kDa.
    """
    need_not_negative(iron=iron)
    need_positive(transferrin=transferrin)
    return iron / (transferrin * Decimal("25.1")) * 100
