"""What is measured in made-up adults: medians of health, variation within, between people, of the analyzer.

Source: medians are those of the usual reference intervals of adults (general knowledge). Within and
between: approximations of the EFLM biological variation database and EuBIVAS; where that list has no entry
(FE, red cell indices, RDW) general knowledge. Analytical: long-term imprecision of large analyzers (general
knowledge). Body build: that urate, triglycerides, transaminases and CRP rise and HDL falls with it (general
knowledge). Water: lying down or standing up changes what cannot leave the vessels by 5 to 10 % (general
knowledge). None of these numbers is read by a rule.
"""

from dataclasses import dataclass
from math import hypot
from typing import Literal

TubeKind = Literal["serum", "count"]


@dataclass(frozen=True, slots=True)
class Measurand:
    """One quantity: medians in the catalogue's unit, coefficients of variation as fractions of one.

    `build` is the correlation of a person's own level with body build, `water` how far it follows the water
    of the plasma.
    """

    code: str
    tube: TubeKind
    men: float
    women: float
    within: float
    between: float
    analytical: float
    build: float = 0.0
    water: float = 0.0

    @property
    def allowable(self) -> float:
        """The total allowable error, desirable, as a fraction: 1.65 CVa + bias (Fraser 2001)."""
        return 1.65 * 0.5 * self.within + 0.25 * hypot(self.within, self.between)


def _of(
    tube: TubeKind, rows: tuple[tuple[str, float, float, float, float, float, float, float], ...]
) -> tuple[Measurand, ...]:
    return tuple(
        Measurand(code, tube, men, women, within / 100, between / 100, analytical / 100, build, water)
        for code, men, women, within, between, analytical, build, water in rows
    )


MEASURANDS = _of(
    "serum",
    (
        ("NA", 140.5, 140.2, 0.5, 1.0, 0.6, 0.0, 0.0),
        ("K", 4.3, 4.2, 4.1, 4.0, 1.2, 0.0, 0.0),
        ("CL", 103.0, 103.0, 1.1, 1.3, 0.8, 0.0, 0.0),
        ("CA", 2.35, 2.33, 1.8, 2.3, 1.0, 0.0, 0.3),
        ("MG", 0.85, 0.84, 2.9, 5.7, 1.6, 0.0, 0.2),
        ("PHOS", 1.08, 1.14, 7.7, 10.7, 2.0, 0.0, 0.0),
        ("CREA", 83.0, 65.0, 4.5, 14.1, 2.2, 0.1, 0.0),
        ("UREA", 5.2, 4.7, 13.9, 21.0, 2.5, 0.0, 0.0),
        ("UA", 340.0, 260.0, 8.3, 22.4, 1.8, 0.4, 0.0),
        ("GLUS", 5.1, 5.0, 5.0, 8.1, 1.6, 0.3, 0.0),
        ("HDL", 1.25, 1.5, 5.8, 24.3, 2.2, -0.4, 1.0),
        ("LDL", 3.0, 3.0, 8.3, 25.7, 2.2, 0.15, 1.0),
        ("TRIG", 1.25, 1.05, 20.0, 36.8, 2.0, 0.4, 1.0),
        ("ALT", 23.0, 17.0, 10.1, 29.3, 3.0, 0.4, 1.0),
        ("AST", 23.0, 20.0, 9.6, 20.9, 3.0, 0.2, 1.0),
        ("ALP", 72.0, 66.0, 5.3, 24.9, 2.5, 0.0, 1.0),
        ("GGT", 26.0, 17.0, 9.1, 44.5, 2.5, 0.4, 1.0),
        ("LDH", 172.0, 172.0, 5.2, 12.6, 2.2, 0.0, 1.0),
        ("CK", 120.0, 85.0, 15.0, 41.5, 2.5, 0.0, 1.0),
        ("BILT", 10.0, 8.0, 20.0, 28.6, 3.5, 0.0, 1.0),
        ("BILD", 2.4, 1.9, 20.0, 28.6, 4.5, 0.0, 1.0),
        ("ALB", 45.0, 44.0, 2.6, 4.7, 1.8, 0.0, 1.0),
        ("GLOB", 27.5, 28.0, 3.0, 9.0, 0.0, 0.0, 1.0),
        ("TP", 72.5, 72.0, 2.6, 4.7, 1.4, 0.0, 1.0),
        ("CHOL", 4.8, 5.0, 5.3, 16.2, 1.8, 0.15, 1.0),
        ("CRP", 1.3, 1.4, 34.1, 77.0, 4.0, 0.35, 0.0),
        ("FE", 18.0, 16.0, 26.5, 23.2, 2.5, 0.0, 0.0),
    ),
) + _of(
    "count",
    (
        ("HGB", 150.0, 135.0, 2.7, 6.0, 1.0, 0.1, 1.0),
        ("MCV", 90.0, 89.5, 0.8, 4.3, 0.8, 0.0, 0.0),
        ("MCHC", 338.0, 335.0, 1.1, 1.5, 1.2, 0.0, 0.0),
        ("RBC", 4.93, 4.5, 2.8, 6.3, 1.0, 0.0, 1.0),
        ("HCT", 44.4, 40.3, 2.8, 6.4, 1.4, 0.0, 1.0),
        ("MCH", 30.4, 30.0, 0.8, 4.7, 1.3, 0.0, 0.0),
        ("RDWCV", 13.0, 13.1, 1.7, 4.0, 1.2, 0.0, 0.0),
        ("PLT", 240.0, 265.0, 7.3, 20.0, 2.5, 0.0, 0.5),
        ("WBC", 6.3, 6.5, 11.0, 17.0, 2.0, 0.1, 0.5),
    ),
)
"""Also GLOB, which nobody measures: what total protein has beside albumin."""
BY_CODE = {one.code: one for one in MEASURANDS}
SUMS = frozenset({"TP", "CHOL", "RBC", "HCT", "MCH"})
"""Not drawn by themselves: they follow from their parts."""
COMPUTED_BY_ANALYZER = frozenset({"HCT", "MCH", "MCHC"})
"""Not measured: the analyzer computes them from what it counted."""
HIDDEN = frozenset({"GLOB"})
