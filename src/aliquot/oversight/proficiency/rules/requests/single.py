"""One result, one event, events in a row, one word: what is asked of each and answered."""

from decimal import Decimal
from typing import Any

from aliquot.oversight.proficiency.rules.events import (
    SATISFACTORY_PERCENT,
    allowed_deviation,
    event_score,
    follow_events,
    grade,
    is_satisfactory,
)
from aliquot.oversight.proficiency.rules.grades import agree
from aliquot.oversight.proficiency.rules.requests.fields import (
    Fields,
    QuestionError,
    alike,
    finite,
    shown,
)
from aliquot.oversight.proficiency.rules.scores import (
    Signal,
    d_percent,
    en_accepts,
    en_score,
    needs_z_prime,
    sdi,
    signal_of,
    z_prime,
    z_score,
    zeta_score,
)

Answer = dict[str, Any]

SPELLINGS = {
    "value": "x", "result": "x", "y": "x", "x_lab": "x", "lab": "x", "measured": "x", "lab_result": "x",
    "x_pt": "assigned", "assigned_value": "assigned", "x_assigned": "assigned", "ref": "assigned",
    "reference": "assigned", "x_ref": "assigned", "target": "assigned", "target_value": "assigned",
    "sigma": "sigma_pt", "sdpa": "sigma_pt", "sd_pt": "sigma_pt", "sd": "sigma_pt",
    "u_pt": "u_assigned", "u_xpt": "u_assigned", "u_x_pt": "u_assigned", "u_ref": "u_assigned",
    "u_lab": "u_x", "u_result": "u_x",
    "U_lab": "expanded_x", "U_lab_k2": "expanded_x", "u_lab_k2": "expanded_x", "U_x": "expanded_x",
    "U_ref": "expanded_assigned", "U_ref_k2": "expanded_assigned", "u_ref_k2": "expanded_assigned",
    "U_assigned": "expanded_assigned", "U_assigned_k2": "expanded_assigned",
    "u_assigned_k2": "expanded_assigned", "U_pt": "expanded_assigned",
    "coverage": "k", "coverage_factor": "k",
    "peer_mean": "group_mean", "peer_sd": "group_sd", "sd_group": "group_sd", "mean_group": "group_mean",
    "limit": "limit_abs", "limit_absolute": "limit_abs", "tea": "limit_abs", "tea_abs": "limit_abs",
    "delta_e": "limit_abs", "allowed": "limit_abs",
    "limit_percent": "limit_pct", "tea_pct": "limit_pct", "tea_percent": "limit_pct", "pct": "limit_pct",
    "limit_sds": "limit_sd", "sds": "limit_sd", "n_sd": "limit_sd",
    "threshold": "needed", "threshold_pct": "needed", "needed_pct": "needed", "required": "needed",
    "said": "x", "expected_value": "expected", "scale": "grades", "tolerance_grades": "allowed_grades",
    "event_scores": "events", "scores": "events",
}  # fmt: skip
_TRUE = {"true", "pass", "passed", "acceptable", "satisfactory", "yes", "1"}
_FALSE = {"false", "fail", "failed", "unacceptable", "unsatisfactory", "no", "0", "missing", "none", ""}


def scored(fields: Fields) -> Answer:
    """Every score that the inputs allow: by sigma, by uncertainties, by an allowed deviation."""
    found: Answer = {}
    for part in (_by_deviation, _by_sigma, _by_group, _by_uncertainty, _by_limit):
        found |= part(fields)
    if not found:
        raise QuestionError(
            "To score x it needs assigned with sigma_pt, U_lab_k2 and U_ref_k2, limit_abs or limit_pct;"
            " or group_mean and group_sd."
        )
    return found


def _by_deviation(fields: Fields) -> Answer:
    if "assigned" not in fields:
        return {}
    given = alike(x=_x(fields), assigned=_assigned(fields))
    return {"d_percent": d_percent(**given) if given["assigned"] else None}


def _by_group(fields: Fields) -> Answer:
    """The index of the peer group; what is not said of the group is that of the round."""
    if not ("group_mean" in fields or "group_sd" in fields):
        return {}
    mean = fields.number("group_mean" if "group_mean" in fields else "assigned")
    spread = fields.positive("group_sd" if "group_sd" in fields else "sigma_pt")
    if mean is None or spread is None:
        return {}
    given = alike(x=_x(fields), group_mean=mean, group_sd=spread)
    return {"sdi": sdi(**given)}


def _by_sigma(fields: Fields) -> Answer:
    if "sigma_pt" not in fields or "limit_sd" in fields:
        return {}
    given = alike(
        x=_x(fields), assigned=_assigned(fields), sigma=fields.positive("sigma_pt"),
        u=fields.not_negative("u_assigned"),
    )  # fmt: skip
    x, assigned, sigma, u = given["x"], given["assigned"], given["sigma"], given["u"]
    z = z_score(x, assigned, sigma)
    primed = None if u is None else z_prime(x, assigned, sigma, u)
    judge = primed if primed is not None and needs_z_prime(u, sigma) else z
    return {
        "z": z,
        "z_prime": primed,
        "use_z_prime": judge is primed,
        "signal": signal_of(judge).value,
        "sdi": z,
    }


def _by_uncertainty(fields: Fields) -> Answer:
    """Zeta and En from standard or expanded uncertainties; k is 2 unless it is given."""
    named = ("expanded_x", "u_x", "expanded_assigned", "u_assigned")
    if not (any(one in fields for one in named[:2]) and any(one in fields for one in named[2:])):
        return {}
    k = fields.positive("k") or 2
    given = alike(
        x=_x(fields), assigned=_assigned(fields), k=finite("k", k),
        expanded=fields.not_negative("expanded_x"), u=fields.not_negative("u_x"),
        expanded_pt=fields.not_negative("expanded_assigned"), u_pt=fields.not_negative("u_assigned"),
    )  # fmt: skip
    own, assigned = given["expanded"], given["expanded_pt"]
    own = given["u"] * given["k"] if own is None else own
    assigned = given["u_pt"] * given["k"] if assigned is None else assigned
    if not (own or assigned):
        raise QuestionError("U_lab and U_ref: one of the uncertainties must be greater than 0.")
    en = en_score(given["x"], given["assigned"], own, assigned)
    zeta = zeta_score(given["x"], given["assigned"], own / given["k"], assigned / given["k"])
    return {"En": en, "zeta": zeta, "acceptable": en_accepts(en)}


def _by_limit(fields: Fields) -> Answer:
    limits = ("limit_abs", "limit_pct", "limit_sd")
    if not any(one in fields for one in limits):
        return {}
    given = alike(
        x=_x(fields), target=_assigned(fields),
        **{one: fields.not_negative(one) for one in (*limits, "group_sd", "sigma_pt")},
    )  # fmt: skip
    spread = given["sigma_pt"] if given["group_sd"] is None else given["group_sd"]
    if given["limit_sd"] is not None and spread is None:
        raise QuestionError("limit_sd counts SDs of the group: give group_sd beside it.")
    sds = None if given["limit_sd"] is None else given["limit_sd"] * spread
    allowed = allowed_deviation(
        given["target"], absolute=given["limit_abs"], percent=given["limit_pct"], sds=sds
    )
    found = grade(given["x"], given["target"], allowed)
    return {"allowed": allowed, "deviation": found.deviation, "pass": _is_within(given)}


def _is_within(given: dict[str, Any]) -> bool:
    """The verdict by the digits as written: 1.1 lies within 0.1 of 1.0, its binary fraction does not."""
    exact = {name: None if one is None else Decimal(str(one)) for name, one in given.items()}
    sds, spread = exact["limit_sd"], exact["sigma_pt"] if exact["group_sd"] is None else exact["group_sd"]
    target: Decimal = exact["target"] or Decimal(0)
    allowed = allowed_deviation(
        target,
        absolute=exact["limit_abs"],
        percent=exact["limit_pct"],
        sds=None if sds is None or spread is None else sds * spread,
    )
    return grade(exact["x"] or Decimal(0), target, allowed).is_acceptable


def event(fields: Fields) -> Answer:
    """The score of one event: how many of its results are acceptable."""
    name, needed = fields.written("results"), _needed(fields)
    graded = [_graded(f"{name}, value {at}", one) for at, one in enumerate(fields.listed("results"), start=1)]
    score = event_score(graded)
    return {"score_pct": shown(score), "satisfactory": is_satisfactory(score, needed)}


def events(fields: Fields) -> Answer:
    """Whether participation is unsuccessful; an event is a score, true or false, or its results."""
    name, needed = fields.written("events"), _needed(fields)
    scores = [
        _event_score(f"{name}, value {at}", one) for at, one in enumerate(fields.listed("events"), start=1)
    ]
    found = follow_events(scores, needed)
    return {
        "scores_pct": [shown(one) for one in scores],
        "satisfactory": list(found.satisfactory),
        "unsuccessful": found.is_unsuccessful,
        "was_unsuccessful": found.was_unsuccessful,
    }


def agreement(fields: Fields) -> Answer:
    """Whether a word agrees with the expected one, on a scale where one is given."""
    grades = [str(one) for one in fields.listed("grades")] if "grades" in fields else []
    allowed = fields.whole("allowed_grades", 0)
    found = agree(fields.text("x"), fields.text("expected"), grades=grades, allowed_grades=allowed)
    is_fit = found.signal is Signal.ACCEPTABLE
    return {"signal": found.signal.value, "acceptable": is_fit, "distance": found.distance}


def _x(fields: Fields) -> float | Decimal:
    return _needed_number(fields, "x", "the participant's result")


def _assigned(fields: Fields) -> float | Decimal:
    return _needed_number(fields, "assigned", "the assigned value, reference or target")


def _needed_number(fields: Fields, name: str, meaning: str) -> float | Decimal:
    value = fields.number(name)
    if value is None:
        raise QuestionError(f"{name} lacks: {meaning}.")
    return value


def _needed(fields: Fields) -> Decimal:
    found = fields.not_negative("needed")
    return SATISFACTORY_PERCENT if found is None else Decimal(str(found))


def _graded(name: str, value: Any) -> bool:
    """True and false in their spellings; a result with target and limit is graded; null was not returned."""
    if isinstance(value, dict):
        found = scored(Fields(value, SPELLINGS))
        if "pass" not in found:
            raise QuestionError(f"{name}: give limit_abs or limit_pct beside x and target.")
        return bool(found["pass"])
    word = str("" if value is None else value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise QuestionError(f"{name}: {value!r} is neither true (acceptable) nor false.")
    return word in _TRUE


def _event_score(name: str, value: Any) -> Decimal:
    """A percentage, the results of the event, or true and false; null was not taken part in and scores 0."""
    if isinstance(value, list):
        return event_score([_graded(f"{name}, result {at}", one) for at, one in enumerate(value, start=1)])
    if isinstance(value, dict):
        return _event_score(name, value.get("score_pct", value.get("score", value.get("results"))))
    if (
        isinstance(value, bool)
        or value is None
        or str(value).strip().lower() in (_TRUE | _FALSE) - {"0", "1"}
    ):
        return Decimal(100 * _graded(name, value))
    score = Decimal(str(finite(name, value)))
    if not 0 <= score <= 100:  # noqa: PLR2004 - a share of a hundred
        raise QuestionError(f"{name}: {value!r} is no percentage from 0 to 100.")
    return score
