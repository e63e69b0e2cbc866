"""A tube of a made-up patient: what is in it, what spoils it, and what an analyzer reads from it.

Source: haemolysis: a median of 0.08 g/L free haemoglobin, above 0.5 g/L in about 3 % of tubes (Lippi et al.,
Clin Chem Lab Med 2008;46:764: 3.3 %); 0.32 mmol/L potassium for each g/L (general knowledge), other tests as
makers print it (general knowledge).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp
from random import Random

from aliquot.entrypoints.backtest.seeded.measurands import (
    BY_CODE,
    COMPUTED_BY_ANALYZER,
    HIDDEN,
    MEASURANDS,
    TubeKind,
)
from aliquot.entrypoints.backtest.seeded.patients import Content

PANELS: tuple[tuple[tuple[str, ...], float, float], ...] = (
    (("NA", "K", "CL"), 0.45, 0.85),
    (("CREA", "UREA"), 0.60, 0.85),
    (("ALT", "AST", "GGT", "ALP", "BILT", "BILD"), 0.45, 0.40),
    (("TP", "ALB"), 0.30, 0.45),
    (("CHOL", "HDL", "LDL", "TRIG"), 0.40, 0.10),
    (("CA", "MG", "PHOS"), 0.12, 0.35),
    (("GLUS",), 0.60, 0.60),
    (("CRP",), 0.25, 0.60),
    (("UA",), 0.15, 0.08),
    (("FE",), 0.10, 0.06),
    (("CK", "LDH"), 0.05, 0.15),
)
"""Tests ordered together, and how often in clinics and in hospital (general knowledge)."""
COUNT = ("HGB", "HCT", "RBC", "MCV", "MCH", "MCHC", "RDWCV", "PLT", "WBC")
COUNT_SHARES = (0.70, 0.85)
CODES: Mapping[TubeKind, tuple[str, ...]] = {
    kind: tuple(one.code for one in MEASURANDS if one.tube == kind and one.code not in HIDDEN)
    for kind in ("serum", "count")
}
BY_HAEMOLYSIS = {"K": 0.07, "LDH": 0.5, "AST": 0.08, "PHOS": 0.02, "MG": 0.02, "BILD": -0.2}
"""Change as a fraction for each g/L of free haemoglobin."""


@dataclass(frozen=True, slots=True)
class Tube:
    """What is in it, how the analyzer's imprecision meets it, its times; `haemoglobin` is free, in g/L."""

    kind: TubeKind
    codes: tuple[str, ...]
    content: Content
    noise: Mapping[str, float]
    haemoglobin: float
    analyzer: int
    collected_at: datetime
    measured_at: datetime


def ordered(*, is_clinic: bool, random: Random) -> dict[TubeKind, tuple[str, ...]]:
    """The tests of one order by tube; at least one."""
    panels = [(codes, clinic if is_clinic else hospital) for codes, clinic, hospital in PANELS]
    serum = tuple(code for codes, share in panels if random.random() < share for code in codes)
    count = COUNT if random.random() < COUNT_SHARES[0 if is_clinic else 1] else ()
    if not serum and not count:
        serum = PANELS[1][0]
    return {kind: codes for kind, codes in (("serum", serum), ("count", count)) if codes}  # type: ignore[misc]


def noise_of(kind: TubeKind, random: Random) -> dict[str, float]:
    """The factor by which each reading of one tube misses the truth."""
    return {code: 1 + BY_CODE[code].analytical * random.gauss(0, 1) for code in CODES[kind]}


def free_haemoglobin(random: Random) -> float:
    """Of one serum tube, in g/L."""
    return 0.08 * exp(0.97 * random.gauss(0, 1))


def read(
    tube: Tube, *, content: Content | None = None, bias: Mapping[str, float] | None = None, scale: float = 1.0
) -> Content:
    """What the analyzer says of all tests of a tube: its own content unless another is given.

    `bias` multiplies single measurements, `scale` all of them; what the analyzer computes follows.
    """
    inside, factors = content or tube.content, bias or {}
    said = {
        code: inside[code] * tube.noise[code] * factors.get(code, 1.0) * scale
        for code in CODES[tube.kind]
        if code not in COMPUTED_BY_ANALYZER
    }
    return _with_computed(said) if tube.kind == "count" else _haemolysed(said, tube.haemoglobin)


def _haemolysed(said: Content, haemoglobin: float) -> Content:
    for code, change in BY_HAEMOLYSIS.items():
        said[code] *= max(1 + change * haemoglobin, 0.2)
    return said


def _with_computed(said: Content) -> Content:
    """As blood counters do: cells and their size are measured, the rest is computed."""
    said["HCT"] = said["RBC"] * said["MCV"] / 10
    said["MCH"] = said["HGB"] / said["RBC"]
    said["MCHC"] = said["HGB"] / said["HCT"] * 100
    return said
