"""What of a finished study is drawn: points, lines, bands, limits and bars, without any drawing.

Source: CLSI EP09c, section 6 (scatter and difference plots); EP05-A3 (components); EP06 (deviations).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aliquot.oversight.studies.rules.agreement import Agreement
from aliquot.oversight.studies.rules.carry_over import CarryOver
from aliquot.oversight.studies.rules.comparison import Comparison
from aliquot.oversight.studies.rules.detection import Detection
from aliquot.oversight.studies.rules.findings import Study, as_mapping
from aliquot.oversight.studies.rules.interference import Effect
from aliquot.oversight.studies.rules.interval import Established, Verified
from aliquot.oversight.studies.rules.linearity import Linearity
from aliquot.oversight.studies.rules.lot import LotFigures
from aliquot.oversight.studies.rules.precision import WORDS, LevelFigures, PrecisionFigures
from aliquot.oversight.studies.rules.uncertainty import UncertaintyFigures

MOST_POINTS = 3_000
STEPS = 40

DIFFERENCES = "Differences over the level"
IN_PERCENT, AS_RATIOS = "Differences in percent over the level", "Ratios over the level"
REGRESSION, DEVIATIONS = "Regression", "Deviation from the line by level"
MEASURED_LINE, COMPONENTS, PROFILE = (
    "Measured against expected",
    "Components of imprecision",
    "Precision profile",
)
LOTS, RATIOS, UNCERTAINTIES = (
    "Difference of the lots by level",
    "Carry-over by run",
    "Expanded uncertainty by level",
)
EFFECT, LIMITS = "Effect of the substance", "The limits and how well they are known"
MEAN_OF_BOTH, DIFFERENCE, OF_PERCENT, RATIO = "mean of both methods", "difference", "difference, %", "ratio"
X, Y, EXPECTED, MEASURED, LEVEL, CV, U = (
    "in use",
    "on trial",
    "expected value",
    "measured value",
    "level",
    "CV, %",
    "U, %",
)
EQUAL, LINE, ZERO, MEAN, LOA, ALLOWED = (
    "no difference",
    "line",
    "zero",
    "mean",
    "limit of agreement",
    "allowed",
)
LOB, LOD, LOQ, SD, VALUE = "LoB", "LoD", "LoQ", "SD", "value"
BY_MODE = {
    "percent": (IN_PERCENT, OF_PERCENT, 0.0),
    "ratio": (AS_RATIOS, RATIO, 1.0),
}

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points; `name` is fitted, equal, zero, mean or limit; `words` stand beside it."""

    name: str
    points: tuple[Pair, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """Points in a frame; a whisker is where, its lowest, its highest; a band is the same along a line.

    A level is None where a line runs over the whole width.
    """

    title: str
    across: str
    up: str
    points: tuple[Pair, ...] = ()
    whiskers: tuple[tuple[float, float, float], ...] = ()
    strokes: tuple[Stroke, ...] = ()
    bands: tuple[tuple[tuple[float, float, float], ...], ...] = ()
    levels: tuple[tuple[str, float, str], ...] = ()
    form: str = field(default="plot", init=False)


@dataclass(frozen=True, slots=True)
class Bars:
    """Named values side by side, each with what is allowed where that is known."""

    title: str
    unit: str
    rows: tuple[tuple[str, str, float, float | None], ...]
    form: str = field(default="bars", init=False)


Picture = Plot | Bars


def pictures(study: Study) -> list[dict[str, Any]]:
    """The pictures of a study as plain values; those of its parts are theirs."""
    drawn = _DRAWN.get(type(study.figures))
    found: list[dict[str, Any]] = as_mapping([*drawn(study.figures, study)] if drawn else [])
    return found


def _comparison(found: Comparison, _study: Study) -> Iterable[Picture]:
    pairs = found.pairs[:MOST_POINTS]
    line = found.lines[found.method]
    assert line is not None
    low, high = min(x for x, _ in pairs), max(x for x, _ in pairs)
    strokes = [
        Stroke("equal", ((low, low), (high, high)), EQUAL),
        Stroke("fitted", ((low, line.at(low)), (high, line.at(high))), LINE),
    ]
    limits = [(one.level, one.limit) for one in found.bias if one.limit is not None]
    for place, (at, limit) in enumerate(limits):
        words = "" if place else ALLOWED
        strokes.append(Stroke("limit", ((at, at - limit), (at, at + limit)), words))
    steps = [low + (high - low) * step / STEPS for step in range(STEPS + 1)]
    spans = [(at, *line.interval_at(at)) for at in steps]
    band = tuple((at, a, b) for at, a, b in spans if a is not None and b is not None)
    yield Plot(REGRESSION, X, Y, pairs, strokes=tuple(strokes), bands=(band,) if band else ())
    yield _differences(found.agreement)


def _agreement(found: Agreement, _study: Study) -> Iterable[Picture]:
    if found.mode != "log":  # its points are logarithms, its figures are not
        yield _differences(found)


def _differences(found: Agreement) -> Plot:
    title, up, nothing = BY_MODE.get(found.mode, (DIFFERENCES, DIFFERENCE, 0.0))
    levels = (
        ("zero", nothing, EQUAL),
        ("mean", found.mean, MEAN),
        ("limit", found.upper, LOA),
        ("limit", found.lower, ""),
    )
    ends = (min(x for x, _ in found.points), max(x for x, _ in found.points))
    bands = tuple(
        tuple((at, low, high) for at in ends) for low, high in (found.mean_ci, found.upper_ci, found.lower_ci)
    )
    return Plot(title, MEAN_OF_BOTH, up, found.points[:MOST_POINTS], bands=bands, levels=levels)


def _linearity(found: Linearity, study: Study) -> Iterable[Picture]:
    levels = found.levels
    ends = (levels[0].expected, levels[-1].expected)
    fitted = Stroke("fitted", tuple((at, found.line.at(at)) for at in ends), LINE)
    means = tuple((one.expected, one.mean) for one in levels)
    yield Plot(MEASURED_LINE, EXPECTED, MEASURED, means, strokes=(fitted,))
    off = tuple((one.expected, one.deviation) for one in levels)
    spans = tuple(
        (one.expected, one.low, one.high) for one in levels if one.low is not None and one.high is not None
    )
    allowed = tuple((one.expected, one.limit) for one in levels if one.limit is not None)
    edges = (
        (Stroke("limit", allowed, ALLOWED), Stroke("limit", tuple((at, -limit) for at, limit in allowed)))
        if study.criteria
        else ()
    )
    yield Plot(DEVIATIONS, EXPECTED, DIFFERENCE, off, spans, edges, levels=(("zero", 0.0, ""),))


def _precision(found: PrecisionFigures, _study: Study) -> Iterable[Picture]:
    yield Bars(COMPONENTS, SD, tuple(_components("", found)))


def _levels(found: LevelFigures, _study: Study) -> Iterable[Picture]:
    yield Bars(
        COMPONENTS, SD, tuple(row for level, one in found.levels.items() for row in _components(level, one))
    )


def _components(level: str, found: PrecisionFigures) -> Iterable[tuple[str, str, float, float | None]]:
    for one in found.anova.components:
        if one.name in WORDS:  # what lies within a run is the repeatability below
            yield level, WORDS[one.name], one.variance**0.5, None
    limits = found.limits
    yield level, "repeatability", found.repeatability.sd, limits.get("uvl_repeatability")
    yield level, "within the laboratory", found.within_lab.sd, limits.get("uvl_within_lab")


def _lot(found: LotFigures, _study: Study) -> Iterable[Picture]:
    shown = list(found.levels.values()) or [found.overall]
    points = tuple((one.mean_current, one.difference) for one in shown)
    spans = tuple((one.mean_current, one.low, one.high) for one in shown)
    allowed = tuple(sorted((one.mean_current, one.critical) for one in shown if one.critical is not None))
    edges = (
        (Stroke("limit", allowed, ALLOWED), Stroke("limit", tuple((at, -limit) for at, limit in allowed)))
        if allowed
        else ()
    )
    yield Plot(LOTS, X, DIFFERENCE, points, spans, edges, levels=(("zero", 0.0, ""),))


def _detection(found: Detection, _study: Study) -> Iterable[Picture]:
    points = tuple((one.mean, one.cv) for one in found.profile if one.cv is not None)
    limits = ((LOB, found.lob), (LOD, found.lod), (LOQ, found.loq))
    top = max((cv for _, cv in points), default=1.0)
    strokes = tuple(Stroke("limit", ((at, 0.0), (at, top)), name) for name, at in limits if at is not None)
    yield Plot(PROFILE, LEVEL, CV, points, strokes=strokes)


def _interval(found: Established, _study: Study) -> Iterable[Picture]:
    spans = ((1.0, *found.lower_ci), (2.0, *found.upper_ci))
    yield Plot(LIMITS, "", VALUE, ((1.0, found.lower), (2.0, found.upper)), spans)


def _verified(found: Verified, _study: Study) -> Iterable[Picture]:
    rows = (("", "below", found.below), ("", "above", found.above), ("", "together", found.outside))
    yield Bars("Values outside the stated interval", "", tuple((*one, None) for one in rows))


def _carry_over(found: CarryOver, _study: Study) -> Iterable[Picture]:
    if found.carry_over_percent_each:
        rows = (
            (str(run), "", value, None) for run, value in enumerate(found.carry_over_percent_each, start=1)
        )
        yield Bars(RATIOS, "%", tuple(rows))


def _uncertainty(found: UncertaintyFigures, study: Study) -> Iterable[Picture]:
    limit = next((one.limit for one in study.criteria), None)
    shown: Sequence[tuple[str, float]] = [
        (f"{one.level:.6g}", one.expanded_percent) for one in found.decision_levels
    ]
    shown = shown or [(name, one.expanded_percent) for name, one in found.controls.items()]
    yield Bars(UNCERTAINTIES, U, tuple((name, "", value, limit) for name, value in shown))


def _interference(found: Effect, _study: Study) -> Iterable[Picture]:
    at = found.dose or 0.0
    edges = (("limit", found.limit, ALLOWED), ("limit", -found.limit, "")) if found.limit is not None else ()
    yield Plot(
        EFFECT,
        "",
        DIFFERENCE,
        ((at, found.effect),),
        ((at, found.low, found.high),),
        levels=(("zero", 0.0, ""), *edges),
    )


_DRAWN: Mapping[type, Callable[[Any, Study], Iterable[Picture]]] = {
    Comparison: _comparison,
    Agreement: _agreement,
    Linearity: _linearity,
    PrecisionFigures: _precision,
    LevelFigures: _levels,
    LotFigures: _lot,
    Detection: _detection,
    Established: _interval,
    Verified: _verified,
    CarryOver: _carry_over,
    UncertaintyFigures: _uncertainty,
    Effect: _interference,
}
