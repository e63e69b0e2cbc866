"""The few figures of a study that a person reads first, with their intervals, from its kept record.

Source: CLSI EP05-A3, EP06, EP09c, EP17-A2, EP26-A, EP28-A3c: what each asks a report to state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in words: of which level (or ""), its value, and its interval where one is known."""

    what: str
    value: float | None
    low: float | None = None
    high: float | None = None
    level: str = ""


NAMES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "comparison": (("n", "Pairs", ""), ("pearson_r", "Correlation r", "r_ci")),
    "bland-altman": (
        ("n", "Pairs", ""),
        ("mean", "Mean difference", "mean_ci"),
        ("sd", "SD of the differences", ""),
        ("lower", "Lower limit of agreement", "lower_ci"),
        ("upper", "Upper limit of agreement", "upper_ci"),
        ("outside", "Pairs outside the limits of agreement", ""),
    ),
    "precision": (
        ("n", "Measurements", ""),
        ("mean", "Mean", ""),
        ("sd_repeatability", "SD of repeatability", "sd_repeatability_ci"),
        ("cv_repeatability", "CV of repeatability, %", "cv_repeatability_ci"),
        ("sd_within_lab", "SD within the laboratory", "sd_within_lab_ci"),
        ("cv_within_lab", "CV within the laboratory, %", "cv_within_lab_ci"),
    ),
    "linearity": (
        ("n", "Measurements", ""),
        ("slope", "Slope", ""),
        ("intercept", "Intercept", ""),
        ("greatest_deviation", "Greatest deviation from the line", ""),
        ("best_degree", "Degree of the best curve", ""),
    ),
    "detection": (
        ("lob", "Limit of blank", ""),
        ("lod", "Limit of detection", ""),
        ("loq", "Limit of quantitation", ""),
        ("n_blank", "Blanks measured", ""),
        ("n_low", "Low specimens measured", ""),
    ),
    "interval": (
        ("n", "People", ""),
        ("outside", "Values outside", ""),
        ("lower", "Lower limit", "lower_ci"),
        ("upper", "Upper limit", "upper_ci"),
    ),
    "lot": (
        ("n", "Pairs", ""),
        ("difference", "Mean difference of the lots", ""),
        ("difference_percent", "Mean difference, %", ""),
        ("critical", "Critical difference", ""),
        ("rejection_limit", "Rejection limit", ""),
    ),
    "carry-over": (
        ("n", "Measurements", ""),
        ("carry_over_percent", "Carry-over, %", ""),
        ("difference", "Low after high less low after low", ""),
    ),
    "uncertainty": (("k", "Coverage factor", ""),),
    "interference": (
        ("effect", "Effect", ""),
        ("effect_percent", "Effect, %", ""),
        ("base", "Without the substance", ""),
    ),
}
OF_LEVEL: Mapping[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "uncertainty": (
        "levels",
        (
            ("n", "Control results", ""),
            ("u_percent", "Standard uncertainty, %", ""),
            ("expanded_percent", "Expanded uncertainty, %", ""),
        ),
    ),
    "lot": (
        "levels",
        (("difference", "Mean difference of the lots", ""), ("critical", "Critical difference", "")),
    ),
}


def highlights(record: Mapping[str, Any]) -> list[Figure]:
    """What to read first; of a study with levels level by level, of one with parts part by part."""
    kind, figures = record["kind"], record["figures"]
    found = list(dict.fromkeys(figure for part in record["parts"] for figure in highlights(part)))
    names = NAMES.get(kind, ())
    if kind == "precision" and "levels" in figures:
        return [one for level, own in figures["levels"].items() for one in _named(own, names, level)]
    found += _named(figures, names)
    if kind == "comparison":
        found += _line(figures)
    key, of_level = OF_LEVEL.get(kind, ("", ()))
    return found + [
        one for level, own in (figures.get(key) or {}).items() for one in _named(own, of_level, level)
    ]


def _named(figures: Figures, names: Iterable[tuple[str, str, str]], level: str = "") -> list[Figure]:
    found = []
    for name, words, span in names:
        if figures.get(name) is not None:
            low, high = figures.get(span) or (None, None)
            found.append(Figure(words, figures[name], low, high, level))
    return found


def _line(figures: Figures) -> list[Figure]:
    """Slope and intercept of the line that decides, and the bias at each decision level."""
    line = figures[figures["method"]]
    found = _named(line, (("slope", "Slope", "slope_ci"), ("intercept", "Intercept", "intercept_ci")))
    for one in figures["bias"]:
        level = f"{one['level']:.6g}"
        found.append(Figure("Bias", one["bias"], one["low"], one["high"], level))
        if one["percent"] is not None:
            found.append(Figure("Bias, %", one["percent"], one["percent_low"], one["percent_high"], level))
    return found
