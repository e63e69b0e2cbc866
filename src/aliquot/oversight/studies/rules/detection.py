"""Limits of blank, detection and quantitation.

Source: CLSI EP17-A2, sections 5.3 (LoB and LoD, classical, parametric and by ranks), 5.3.3.3 (several lots)
and 6 (LoQ).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aliquot.oversight.studies.rules.findings import (
    Criterion,
    Reason,
    Study,
    Unusable,
    at_most,
    decided,
    reason,
)
from aliquot.oversight.studies.rules.given import LACKS, TOO_FEW, Given, complete, significance

PROCEDURES = {
    **dict.fromkeys(("parametric", "classical", "normal", "gauss"), "parametric"),
    **dict.fromkeys(("rank", "ranks", "nonparametric", "non_parametric"), "rank"),
    "auto": "",
}  # fmt: skip
BLANKS = ("blank", "zero", "бланк", "холост")
LEAST, GOOD = 5, 60
SEVERAL_LOTS = 4
NORMAL = 0.05

OF_LOB = "Limit of blank"
OF_LOD = "Limit of detection"
OF_LOQ = "Limit of quantitation"
NO_BLANK = "sample: no row is named blank; name the rows of blank specimens so."
ONLY_BLANK = "sample: there are blanks alone; add specimens of low content for LoD and LoQ."
FEW = "%(count)s measurements of %(what)s; EP17 asks for at least 60."
NOT_NORMAL = (
    "The values of the blanks are not normally distributed (Shapiro-Wilk p = %(p)s), so ranks were taken."
)
UNEQUAL_SD = (
    "The SDs of the low specimens differ (Cochran's share %(share)s above %(limit)s); look at the "
    "precision profile."
)
NO_LOQ = "No measured level meets the goal for quantitation; measure specimens of higher content."
NO_DETECTION = (
    "No low specimen has at most 5 %% of its values below the limit of blank; measure specimens of "
    "higher content."
)


@dataclass(frozen=True, slots=True)
class DetectionPlan:
    """How LoB is found ("" lets the distribution decide), claims to verify, the goals for LoQ in percent."""

    alpha: float = 0.05
    beta: float = 0.05
    procedure: str = ""
    claim_lob: float | None = None
    claim_lod: float | None = None
    claim_loq: float | None = None
    goal_cv: float | None = None
    goal_total_error: float | None = None


@dataclass(frozen=True, slots=True)
class DetectionData:
    """Per lot the blanks, and the values of each low specimen; assigned values where they are known."""

    blanks: Mapping[str, tuple[float, ...]]
    specimens: Mapping[str, Mapping[str, tuple[float, ...]]]
    assigned: Mapping[str, float]
    remarks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Low:
    """One low specimen: its mean, SD, CV, and total error against the assigned value (or the mean)."""

    sample: str
    n: int
    mean: float
    sd: float
    cv: float | None
    bias: float
    total_error_percent: float | None
    share_at_least_lob: float


@dataclass(frozen=True, slots=True)
class Detection:
    """The three limits, the means by which each was found, and the precision profile."""

    lob: float
    lod: float | None
    loq: float | None
    lob_procedure: str
    lod_procedure: str
    n_blank: int
    n_low: int
    sd_blank: float
    mean_blank: float
    sd_low: float | None
    lots: Mapping[str, Mapping[str, float | None]]
    profile: tuple[Low, ...]
    blanks_within_claim: float | None
    lows_reach_claim: float | None


def read_detection(given: Given) -> tuple[DetectionPlan, DetectionData]:
    """Rows of value and sample ("blank" or a name), or lists `blank` and `low`.

    A column `lot` keeps lots apart.
    """
    if given.has("blank", "blanks") and not given.has("sample", "specimen"):
        data = _of_lists(given)
    else:
        data = _of_rows(given)
    plan = DetectionPlan(
        significance(given),
        given.number("beta", default=0.05, above=0, below=1) or 0.05,
        given.choice("procedure", "method", known=PROCEDURES, default=""),
        given.number("claim_lob", "claimed_lob"),
        given.number("claim_lod", "claimed_lod"),
        given.number("claim_loq", "claimed_loq"),
        given.number("goal_cv", "loq_cv", "allowable_cv", above=0),
        given.number("goal_total_error", "loq_total_error", "tea_percent", above=0),
    )
    return plan, data


def _of_lists(given: Given) -> DetectionData:
    blank = given.column("blank", "blanks", wanted="the values of blank specimens")
    kept, remarks = complete({"blank": blank}, least=LEAST)
    name, low = given.take("low", "lows", "low_specimens")
    if low is None:
        return DetectionData({"": kept["blank"]}, {"": {}}, {}, remarks)
    named = low if isinstance(low, dict) else {"low": low}
    specimens = {str(key): _values(name, one) for key, one in named.items()}
    return DetectionData({"": kept["blank"]}, {"": specimens}, {}, remarks)


def _values(name: str, values: Any) -> tuple[float, ...]:
    column = Given({name: values}).column(name, wanted="the values of low specimens")
    kept, _ = complete({name: column}, least=LEAST)
    return kept[name]


def _of_rows(given: Given) -> DetectionData:
    value = given.column("value", "y", "result", "measured", "значение", wanted="the measured values")
    sample = given.labels("sample", "specimen", "образец")
    if sample is None:
        raise Unusable(
            LACKS, field="sample", wanted=reason("blank, or the name of the low specimen, in each row")
        )
    columns: dict[str, Sequence[Any]] = {"value": value, "sample": sample}
    columns["lot"] = given.labels("lot", "reagent_lot", "лот") or [""] * len(value)
    assigned = given.maybe("assigned", "expected", "true_value")
    kept, remarks = complete(columns, least=LEAST)
    blanks: dict[str, tuple[float, ...]] = {}
    specimens: dict[str, dict[str, tuple[float, ...]]] = {}
    for lot, name, one in zip(kept["lot"], kept["sample"], kept["value"], strict=True):
        if name.casefold().startswith(BLANKS):
            blanks[lot] = (*blanks.get(lot, ()), one)
        else:
            group = specimens.setdefault(lot, {})
            group[name] = (*group.get(name, ()), one)
    if not blanks:
        raise Unusable(NO_BLANK)
    for values in blanks.values():
        if len(values) < LEAST:
            raise Unusable(TOO_FEW, field="blank", count=len(values), least=LEAST)
    truth = {name: one for name, one in zip(sample, assigned or (), strict=False) if one is not None}
    return DetectionData(blanks, {lot: specimens.get(lot, {}) for lot in blanks}, truth, remarks)


def detection(plan: DetectionPlan, data: DetectionData) -> Study:
    """LoB, LoD and LoQ.

    With fewer than four lots each has its own and the greatest counts, else all are pooled.
    """
    blanks, specimens = data.blanks, data.specimens
    if len(blanks) >= SEVERAL_LOTS:
        blanks = {"": tuple(one for values in blanks.values() for one in values)}
        specimens = {"": _merged(data.specimens)}
    remarks = list(data.remarks)
    merged = _merged(specimens)
    everything = tuple(one for values in blanks.values() for one in values)
    by_rank = _is_by_rank(plan, everything, remarks)
    lobs = {lot: limit_of_blank(values, plan.alpha, by_rank=by_rank) for lot, values in blanks.items()}
    lob = max(lobs.values())
    lods = {lot: _lod(lob, specimens[lot], plan.beta, by_rank=by_rank) for lot in blanks if specimens[lot]}
    found = [one for one in lods.values() if one is not None]
    lod = max(found) if len(found) == len(lods) and found else None
    profile = tuple(_low(name, values, lob, data.assigned) for name, values in merged.items())
    loq = _loq(plan, profile, lod)
    remarks += _remarks(plan, everything, merged, lod, loq)
    lows = [one for values in merged.values() for one in values]
    figures = Detection(
        lob, lod, loq, "rank" if by_rank else "parametric", "rank" if by_rank else "parametric",
        len(everything),
        len(lows), float(np.std(everything, ddof=1)), float(np.mean(everything)), pooled_sd(merged),
        {lot: {"lob": lobs[lot], "lod": lods.get(lot)} for lot in blanks}, profile,
        _share(everything, plan.claim_lob, is_at_most=True), _share(lows, plan.claim_lob, is_at_most=False),
    )  # fmt: skip
    criteria = _criteria(plan, figures)
    return decided("detection", figures, criteria, fields="claim_lob, claim_lod, claim_loq", remarks=remarks)


def _merged(specimens: Mapping[str, Mapping[str, tuple[float, ...]]]) -> dict[str, tuple[float, ...]]:
    found: dict[str, tuple[float, ...]] = {}
    for group in specimens.values():
        for name, values in group.items():
            found[name] = (*found.get(name, ()), *values)
    return found


def _is_by_rank(plan: DetectionPlan, blanks: Sequence[float], remarks: list[Reason]) -> bool:
    if plan.procedure:
        return plan.procedure == "rank"
    if len(set(blanks)) == 1:
        return True
    p = float(stats.shapiro(blanks).pvalue)
    if p < NORMAL:
        remarks.append(reason(NOT_NORMAL, p=p))
    return p < NORMAL


def limit_of_blank(blanks: Sequence[float], alpha: float, *, by_rank: bool) -> float:
    """The value that a blank exceeds in a share of alpha.

    By ranks 0.5 + B (1 - alpha), or mean + c SD (5.3.3.1).
    """
    values = np.sort(np.asarray(blanks))
    if by_rank:
        rank = min(max(0.5 + len(values) * (1 - alpha), 1.0), float(len(values)))
        return float(np.interp(rank, np.arange(1, len(values) + 1), values))
    return float(values.mean()) + corrected(1 - alpha, len(values) - 1) * float(values.std(ddof=1))


def corrected(share: float, df: int) -> float:
    """The normal deviate, corrected for the bias of a standard deviation with few degrees of freedom."""
    return float(stats.norm.ppf(share)) / (1 - 1 / (4 * df))


def pooled_sd(specimens: Mapping[str, Sequence[float]]) -> float | None:
    """The SD within specimens; None without a degree of freedom."""
    df = sum(len(one) - 1 for one in specimens.values())
    squares = sum(float(np.var(one, ddof=1)) * (len(one) - 1) for one in specimens.values() if len(one) > 1)
    return math.sqrt(squares / df) if df else None


def _lod(lob: float, specimens: Mapping[str, Sequence[float]], beta: float, *, by_rank: bool) -> float | None:
    """LoB + c SD.

    By ranks the least median of a specimen whose values below LoB are at most a share of beta.
    """
    if by_rank:
        enough = [one for one in specimens.values() if np.mean(np.asarray(one) < lob) <= beta]
        return min((float(np.median(one)) for one in enough), default=None)
    sd = pooled_sd(specimens)
    return (
        None
        if sd is None
        else lob + corrected(1 - beta, sum(len(one) - 1 for one in specimens.values())) * sd
    )


def _low(name: str, values: Sequence[float], lob: float, assigned: Mapping[str, float]) -> Low:
    mean = float(np.mean(values))
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    truth = assigned.get(name, mean)
    total = 100 * (abs(mean - truth) + 2 * sd) / abs(truth) if truth else None
    return Low(name, len(values), mean, sd, 100 * sd / abs(mean) if mean else None, mean - truth, total,
               float(np.mean(np.asarray(values) >= lob)))  # fmt: skip


def _loq(plan: DetectionPlan, profile: Sequence[Low], lod: float | None) -> float | None:
    """The least mean from which on every level meets the goal, and not below LoD.

    CVs are met between two levels.
    """
    if plan.goal_cv is None and plan.goal_total_error is None:
        return None
    found: float | None = None
    above: Low | None = None
    for one in sorted(profile, key=lambda low: low.mean, reverse=True):
        if not _meets(plan, one):
            found = _between(plan, one, above) if above is not None else None
            break
        found, above = one.mean, one
    return None if found is None else max(found, lod if lod is not None else found)


def _meets(plan: DetectionPlan, one: Low) -> bool:
    pairs = ((one.cv, plan.goal_cv), (one.total_error_percent, plan.goal_total_error))
    return all(goal is None or (value is not None and value <= goal) for value, goal in pairs)


def _between(plan: DetectionPlan, below: Low, above: Low) -> float:
    """Where the CV profile crosses the goal between two levels; the upper level for a goal of total error."""
    if plan.goal_total_error is not None or plan.goal_cv is None or below.cv is None or above.cv is None:
        return above.mean
    return above.mean + (plan.goal_cv - above.cv) / (below.cv - above.cv) * (below.mean - above.mean)


def _share(values: Sequence[float], claim: float | None, *, is_at_most: bool) -> float | None:
    if claim is None or not values:
        return None
    found = np.asarray(values)
    return float(np.mean(found <= claim if is_at_most else found >= claim))


def _criteria(plan: DetectionPlan, figures: Detection) -> list[Criterion]:
    triples = (
        (OF_LOB, figures.lob, plan.claim_lob),
        (OF_LOD, figures.lod, plan.claim_lod),
        (OF_LOQ, figures.loq, plan.claim_loq),
    )
    return [
        at_most(reason(what), math.inf if value is None else value, claim)
        for what, value, claim in triples
        if claim is not None
    ]


def _remarks(
    plan: DetectionPlan,
    blanks: Sequence[float],
    lows: Mapping[str, Sequence[float]],
    lod: float | None,
    loq: float | None,
) -> list[Reason]:
    found = []
    count = sum(map(len, lows.values()))
    if len(blanks) < GOOD:
        found.append(reason(FEW, count=len(blanks), what=reason("blanks")))
    if not lows:
        return [*found, reason(ONLY_BLANK)]
    if count < GOOD:
        found.append(reason(FEW, count=count, what=reason("low specimens")))
    if lod is None:
        found.append(reason(NO_DETECTION))
    if loq is None and (plan.goal_cv is not None or plan.goal_total_error is not None):
        found.append(reason(NO_LOQ))
    return [*found, *_unequal(lows)]


def _unequal(lows: Mapping[str, Sequence[float]]) -> list[Reason]:
    """Cochran's test of the greatest variance, 5 %, for groups of about one size."""
    variances = [float(np.var(one, ddof=1)) for one in lows.values() if len(one) > 1]
    if len(variances) < 2 or not sum(variances):  # noqa: PLR2004 - one variance differs from none
        return []
    share, k = max(variances) / sum(variances), len(variances)
    df = round(sum(map(len, lows.values())) / len(lows)) - 1
    quantile = float(stats.f.ppf(1 - NORMAL / k, df, (k - 1) * df))
    limit = 1 / (1 + (k - 1) / quantile)
    return [reason(UNEQUAL_SD, share=share, limit=limit)] if share > limit else []
