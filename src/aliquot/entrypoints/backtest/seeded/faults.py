"""What goes wrong with a tube: K-EDTA in serum, dilutions forgotten or done twice, short samples, drips.

Source: EDTA: potassium +0.54 mmol/L, calcium -1 %, alkaline phosphatase -4 %, magnesium -2.4 % at 0.19
mmol/L EDTA (kEDTA sample contamination: a reappraisal, J Appl Lab Med 2019); magnesium by xylidyl blue
halves at 0.8 to 1.2 mmol/L, iron by ferrozine at 5.6 to 8.9 (Assay-dependent effects of EDTA contamination,
preprint, 2025); that calcium and alkaline phosphatase halve at 1.6 and 0.9 mmol/L is drawn through the
first point (general knowledge); direction and order as in Lima-Oliveira et al., Biochem Med 2014;24:359.
Drips: 0.9 % saline is 154 mmol/L of sodium and chloride, 5 % glucose 278 mmol/L. A probe that draws air
takes less of each test than it should.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from aliquot.entrypoints.backtest.seeded.measurands import HIDDEN
from aliquot.entrypoints.backtest.seeded.patients import Content
from aliquot.entrypoints.backtest.seeded.tubes import Tube, read

POTASSIUM_OF_EDTA = 0.54 / 0.19
"""mmol/L potassium for each mmol/L EDTA."""
HALVED_AT = {"CA": (1.6, 2.2), "MG": (0.98, 2.3), "ALP": (0.9, 2.0), "FE": (7.0, 2.0)}
"""mmol/L EDTA at which the reading is half, and the steepness."""
SALINE = {"NA": 154.0, "CL": 154.0}
GLUCOSE = {"GLUS": 278.0}
CONTAMINATIONS = (0.1, 0.2, 0.5, 1.0, 2.0)
FACTORS = (2, 5, 10)
SHORT, SALINE_SHARES, GLUCOSE_SHARES = (10, 30, 60), (10, 25, 50), (5, 10, 25)
DILUTED = frozenset({"CREA", "UREA", "GLUS", "TRIG", "ALT", "AST", "ALP", "GGT", "LDH", "CK", "BILT", "CRP"})
"""Tests that are diluted one at a time, when they are above the measuring range."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong: its form and size in words, and what the analyzer then says of a tube."""

    kind: str
    form: str
    size: str
    read: Callable[[Tube, Random], Content]


def contaminated(content: Content, edta: float) -> Content:
    """Serum with so many mmol/L of K-EDTA in it."""
    found = {**content, "K": content["K"] + POTASSIUM_OF_EDTA * edta}
    for code, (half, steepness) in HALVED_AT.items():
        found[code] = content[code] / (1 + (edta / half) ** steepness)
    return found


def dripped(content: Content, share: float, fluid: Mapping[str, float]) -> Content:
    """Blood of which this share is a fluid that holds nothing but these."""
    found = {code: value * (1 - share) + fluid.get(code, 0.0) * share for code, value in content.items()}
    # the cells are fewer, and none of them is changed
    unchanged = ("MCV", "MCHC", "MCH", "RDWCV")
    return {**found, **{code: content[code] for code in unchanged if code in content}}


def _edta(edta: float) -> Fault:
    return Fault(
        "edta",
        "in serum",
        f"{edta} mmol/L",
        lambda tube, _random: read(tube, content=contaminated(tube.content, edta)),
    )


def _drip(form: str, percent: int, fluid: Mapping[str, float]) -> Fault:
    return Fault(
        "dilution",
        form,
        f"{percent} %",
        lambda tube, _random: read(tube, content=dripped(tube.content, percent / 100, fluid)),
    )


def _short(percent: int) -> Fault:
    def said(tube: Tube, random: Random) -> Content:
        bias = {code: 1 - percent / 100 * random.uniform(0.5, 1.0) for code in _missed(tube)}
        return read(tube, bias=bias)

    return Fault("dilution", "short sample", f"{percent} %", said)


def _missed(tube: Tube) -> Sequence[str]:
    """What is less when less is drawn: of blood the cells and not their size."""
    amounts = ("HGB", "RBC", "PLT", "WBC") if tube.kind == "count" else tuple(tube.content)
    return [code for code in amounts if code not in HIDDEN]


def _factor(form: str, factor: int, *, is_whole: bool, scale: float) -> Fault:
    def said(tube: Tube, random: Random) -> Content:
        if is_whole:
            return read(tube, scale=scale)
        fit = sorted(DILUTED.intersection(tube.codes))
        return read(tube, bias={random.choice(fit): scale} if fit else {})

    where = "whole tube" if is_whole else "one test"
    return Fault("dilution", f"{form}, {where}", f"x {factor}", said)


EDTA = tuple(_edta(one) for one in CONTAMINATIONS)
DILUTIONS = (
    *(_factor("factor not applied", one, is_whole=False, scale=1 / one) for one in FACTORS),
    *(_factor("factor not applied", one, is_whole=True, scale=1 / one) for one in FACTORS),
    *(_factor("factor applied twice", one, is_whole=False, scale=one) for one in FACTORS),
    *(_factor("factor applied twice", one, is_whole=True, scale=one) for one in FACTORS),
    *(_short(one) for one in SHORT),
    *(_drip("saline drip", one, SALINE) for one in SALINE_SHARES),
    *(_drip("glucose drip", one, GLUCOSE) for one in GLUCOSE_SHARES),
)
