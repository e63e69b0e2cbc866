"""Many results: robust estimates, material, a whole round; what is asked of each and answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from decimal import Decimal
from typing import Any

import numpy as np

from aliquot.oversight.proficiency.rules.entries import Line
from aliquot.oversight.proficiency.rules.items import (
    CONSENSUS_AT_LEAST,
    Assigned,
    Basis,
    Entry,
    Estimator,
    Target,
)
from aliquot.oversight.proficiency.rules.material import check_homogeneity, check_stability, widened_sigma
from aliquot.oversight.proficiency.rules.requests.fields import Fields, QuestionError, finite, numbers_of
from aliquot.oversight.proficiency.rules.robust import (
    FACTOR_MAD,
    FACTOR_SD,
    THIRD_SIGNIFICANT_FIGURE,
    Stop,
    algorithm_a,
    algorithm_s,
    hampel_mean,
    median_absolute_deviation,
    q_method,
    uncertainty_of_mean,
)
from aliquot.oversight.proficiency.rules.rounds import Judged, percent_by_participant, score_lines

Answer = dict[str, Any]

SPELLINGS = {
    "values": "x", "data": "x", "results": "x",
    "sd": "sigma_pt", "sigma": "sigma_pt", "sdpa": "sigma_pt",
    "algorithm": "method", "estimator": "method",
    "stop_rule": "stop", "tolerance": "stop", "tol": "stop",
    "homogeneity": "samples", "first": "before", "second": "after",
    "sds": "deviations", "ranges": "deviations", "w": "deviations",
    "nu": "degrees_of_freedom", "df": "degrees_of_freedom",
    "entries": "participants", "lines": "participants", "rows": "participants",
    "x_pt": "assigned", "assigned_value": "assigned", "target": "assigned", "u_xpt": "u_assigned",
    "limit": "limit_abs", "limit_percent": "limit_pct", "tea_pct": "limit_pct", "tea": "limit_abs",
    "min_participants": "at_least", "minimum": "at_least", "by_group": "by_method", "grouped": "by_method",
    "scale": "grades",
}  # fmt: skip
ENTRY_SPELLINGS = {
    "laboratory": "participant", "lab": "participant", "id": "participant", "code": "participant",
    "x": "value", "result": "value", "uncertainty": "u", "u_x": "u", "u_lab": "u",
    "group": "method", "analyte": "test",
}  # fmt: skip
METHODS = {"a": "a", "algorithm_a": "a", "q": "q", "q_hampel": "q", "q/hampel": "q", "hampel": "q"}
ESTIMATORS = {
    name: Estimator.Q_HAMPEL if one == "q" else Estimator.ALGORITHM_A for name, one in METHODS.items()
}
BASES = {one.value: one for one in Basis}
_FIGURES = re.compile(r"signific|figure|third|iso", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
_SHOWN_STEPS = 6


def robust(fields: Fields) -> Answer:
    """Robust mean and SD of values, by Algorithm A with its trace, or by Q and Hampel."""
    values = fields.numbers("x")
    try:
        answering = _q_and_hampel if fields.choice("method", METHODS, "a") == "q" else _algorithm_a
        return answering(fields, values)
    except ValueError as fault:
        if isinstance(fault, QuestionError):
            raise
        raise QuestionError(f"{fields.written('x')}: {fault}.") from fault


def _algorithm_a(fields: Fields, values: list[float]) -> Answer:
    found = algorithm_a(
        values,
        k=_factor(fields, "k", 1.5),
        sd_factor=_factor(fields, "sd_factor", FACTOR_SD),
        mad_factor=_factor(fields, "mad_factor", FACTOR_MAD),
        stop=_stop(fields),
    )
    return {
        "x_star": found.x_star,
        "s_star": found.s_star,
        "trace_first_5": [[round(x, 6), round(s, 6)] for x, s in found.trace[:_SHOWN_STEPS]],
        **_plain_spread(values),
        "u_x": uncertainty_of_mean(found.s_star, found.count),
        "n": found.count,
        "iterations": len(found.trace) - 1,
        "converged": found.has_converged,
        "start": found.start,
    }


def _q_and_hampel(_fields: Fields, values: list[float]) -> Answer:
    spread = q_method(values)
    return {
        "x_star": hampel_mean(values, spread),
        "s_star": spread,
        **_plain_spread(values),
        "u_x": uncertainty_of_mean(spread, len(values)),
        "n": len(values),
    }


def _plain_spread(values: list[float]) -> Answer:
    return {
        "median": float(np.median(values)),
        "mad_scaled_1483": FACTOR_MAD * median_absolute_deviation(values),
    }


def _factor(fields: Fields, name: str, otherwise: float) -> float:
    return float(fields.positive(name) or otherwise)


def _stop(fields: Fields) -> Stop:
    """A tolerance such as 1e-10, or the third significant figure in words; full convergence unless said."""
    said = fields.text("stop", "1e-10")
    if _FIGURES.search(said):
        return THIRD_SIGNIFICANT_FIGURE
    if (written := _NUMBER.search(said.rsplit("<", 1)[-1])) is None:
        raise QuestionError(f'stop: {said!r} is neither a tolerance (1e-10) nor "third significant figure".')
    return Stop(tolerance=float(written[0]))


def pooled(fields: Fields) -> Answer:
    """The robust pooled SD of standard deviations or ranges, by Algorithm S."""
    values, freedom = fields.numbers("deviations"), fields.whole("degrees_of_freedom", 1, least=1)
    if negative := [one for one in values if one < 0]:
        raise QuestionError(f"{fields.written('deviations')}: {negative[0]:g} is negative.")
    try:
        return {"w_star": algorithm_s(values, freedom, stop=_stop(fields)), "n": len(values)}
    except ValueError as fault:
        raise QuestionError(f"{fields.written('deviations')}: {fault}.") from fault


def homogeneity(fields: Fields) -> Answer:
    """Whether samples measured twice or more differ too much from each other."""
    sigma, name = _sigma(fields), fields.written("samples")
    samples = []
    for place, one in enumerate(fields.listed("samples"), start=1):
        if not isinstance(one, list):
            raise QuestionError(f"{name}, value {place}: {one!r} is no list of measurements of a sample.")
        samples.append(numbers_of(f"{name}, sample {place}", one))
    try:
        found = check_homogeneity(samples, sigma)
    except ValueError as fault:
        raise QuestionError(f"{name}: {fault}.") from fault
    shown = {one.name: getattr(found, one.name) for one in fields_of(found)}
    suspect = None if found.suspect is None else found.suspect + 1
    return {**shown, "suspect": suspect, "sigma_widened": widened_sigma(sigma, found.s_between)}


def stability(fields: Fields) -> Answer:
    """Whether a material moved between two dates."""
    sigma = _sigma(fields)
    try:
        found = check_stability(fields.numbers("before"), fields.numbers("after"), sigma)
    except ValueError as fault:
        if isinstance(fault, QuestionError):
            raise
        raise QuestionError(f"before, after: {fault}.") from fault
    return {one.name: getattr(found, one.name) for one in fields_of(found)}


def _sigma(fields: Fields) -> float:
    found = fields.positive("sigma_pt")
    if found is None:
        raise QuestionError("sigma_pt lacks: the standard deviation for the assessment.")
    return float(found)


def whole_round(fields: Fields) -> Answer:
    """Every participant's scores of the items of a round."""
    lines = [_line(place, one) for place, one in enumerate(fields.listed("participants"), start=1)]
    return judged_answer(lines, target_of(fields))


def judged_answer(lines: Sequence[Line], target: Target) -> Answer:
    """The lines of a round as they are judged; QuestionError where they cannot be."""
    try:
        return round_answer(score_lines(lines, target))
    except ArithmeticError as fault:
        raise QuestionError(
            f"A value cannot be computed with: {fault!r}. Check the numbers and units."
        ) from fault
    except ValueError as fault:
        raise QuestionError(f"The round cannot be judged: {fault}.") from fault


def target_of(fields: Fields) -> Target:
    """How all items of a round are judged, unless their lines say so themselves."""
    return Target(
        basis=fields.choice("basis", BASES, "consensus"),
        assigned=_exact(fields, "assigned"),
        u_assigned=_exact(fields, "u_assigned"),
        sigma=_exact(fields, "sigma_pt", is_positive=True),
        limit=_exact(fields, "limit_abs", is_positive=True),
        limit_percent=_exact(fields, "limit_pct", is_positive=True),
        expected=fields.text("expected"),
        grades=tuple(str(one) for one in fields.listed("grades")) if "grades" in fields else (),
        allowed_grades=fields.whole("allowed_grades", 0),
        is_quantitative="expected" not in fields,
        is_grouped=fields.flag("by_method"),
        at_least=fields.whole("at_least", CONSENSUS_AT_LEAST, least=2),
        estimator=fields.choice("method", ESTIMATORS, "a"),
    )


def _exact(fields: Fields, name: str, *, is_positive: bool = False) -> Decimal | None:
    value = fields.positive(name) if is_positive else fields.number(name)
    return None if value is None else Decimal(str(value))


def _line(place: int, one: Any) -> Line:
    if not isinstance(one, Mapping):
        raise QuestionError(f"participants, value {place}: {one!r} is no object with participant and value.")
    fields = Fields(one, ENTRY_SPELLINGS)
    name = fields.text("participant")
    if not name:
        raise QuestionError(f"participants, value {place}: the participant lacks.")
    text = fields.text("value")
    value = _value(f"participants, value {place} ({name})", fields.raw("value"))
    u = fields.not_negative("u")
    entry = Entry(name, value, text, None if u is None else Decimal(str(u)), fields.text("method"))
    return Line(
        cell=str(place),
        sample=fields.text("sample"),
        test=fields.text("test"),
        entry=entry,
        assigned=_exact(fields, "assigned"),
        u_assigned=_exact(fields, "u_assigned"),
        sigma=_exact(fields, "sigma_pt", is_positive=True),
    )


def _value(name: str, value: Any) -> Decimal | None:
    """A number exactly as it was written; words are none."""
    try:
        return None if value is None else Decimal(str(finite(name, value)))
    except QuestionError:
        if isinstance(value, str):
            return None
        raise


def round_answer(judged: list[Judged]) -> Answer:
    """A judged round as it is printed: its items with their scores, and each participant's share."""
    return {
        "items": [_item(one) for one in judged],
        "acceptable_pct": {name: _rounded(one, 1) for name, one in percent_by_participant(judged).items()},
    }


def _item(one: Judged) -> Answer:
    outcome = one.outcome
    return {
        "sample": one.sample,
        "test": one.test,
        "assigned": _assigned(outcome.assigned),
        "expected": outcome.expected,
        "groups": {name: _assigned(group) for name, group in outcome.groups.items()},
        "reasons": [reason.value for reason in outcome.reasons],
        "scores": [
            {
                part.name: _shown(getattr(scored, part.name))
                for part in fields_of(scored)
                if getattr(scored, part.name) not in {None, ""}
            }
            for scored in outcome.scored
        ],
    }


def _assigned(found: Assigned | None) -> Answer | None:
    if found is None:
        return None
    return {part.name: _shown(getattr(found, part.name)) for part in fields_of(found)}


def _shown(value: Any) -> Any:
    return _rounded(value, 6) if isinstance(value, Decimal) else value


def _rounded(value: Decimal | None, places: int) -> Decimal | None:
    return None if value is None else round(value, places).normalize() + 0
