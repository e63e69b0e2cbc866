"""What physicians of the demonstration order: tests that the hub's analyzers do, and a few by hand."""

import random
from collections.abc import Collection

SETS = (
    (6, ("HGB", "HCT", "RBC", "MCV", "MCH", "MCHC", "PLT", "WBC", "NEUP", "LYMP", "MONP", "EOSP", "BASP")),
    (5, ("GLUS", "CREA", "UREA", "K", "NA", "CL")),
    (4, ("ALT", "AST", "GGT", "ALP", "BILT", "TP", "ALB")),
    (3, ("CHOL", "TRIG", "HDL", "LDL")),
    (3, ("TSH", "FT4")),
    (5, ("TSH",)),  # outside its interval a rule proposes FT4
    (2, ("FERR", "B12", "FOL")),
    (2, ("CRP", "UA")),
    (1, ("FSH", "LH", "E2")),
    (1, ("PSA", "CEA")),
    (1, ("ESRW",)),
)
LARGEST_ORDER = 3


def choose(
    draw: random.Random, measurable: Collection[str], by_hand: Collection[str] = ("ESRW",)
) -> list[str]:
    """Codes of one order: one to three sets, only tests that the hub can do."""
    weights = [weight for weight, _codes in SETS]
    chosen = draw.choices(SETS, weights, k=draw.randint(1, LARGEST_ORDER))
    codes = dict.fromkeys(code for _weight, codes in chosen for code in codes)
    return [code for code in codes if code in measurable or code in by_hand]
