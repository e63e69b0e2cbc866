"""Targets from the laboratory's own runs: established, cumulative over months, floating with the newest runs.

Source: CLSI C24-Ed4 (2016), 7: mean and SD from at least 20 values of 20 separate runs or days, provisional
from 10, renewed as values accumulate; values of runs that failed with a known cause are not among them.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum

from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.targets.proposals import (
    LEAST_SD,
    Origin,
    Proposal,
    Summary,
    Target,
    summary_of,
)

LEAST_RUNS = 20
LEAST_PROVISIONAL = 10
MOST_LEFT_OUT = Decimal("0.1")

TOO_FEW = gettext_noop("%(count)s runs are too few: a target needs %(least)s; measure %(more)s more.")
PROVISIONAL = gettext_noop("Provisional: from %(count)s runs; it is renewed when %(least)s are there.")
NO_SPREAD = gettext_noop("All values are the same: there is no SD; record them with another digit.")
LEFT_OUT = gettext_noop("Left out as too far from the others (%(how)s): %(values)s.")
TOO_MANY_LEFT_OUT = gettext_noop(
    "%(count)s of %(all)s values would be left out: the method was not stable; find the cause and measure a"
    " new series."
)
DRIFTED = gettext_noop(
    "The newest runs lie %(drift)s SD from the mean that was established, more than %(most)s: a target must"
    " not follow a drift; find its cause."
)


class Outliers(StrEnum):
    """What becomes of values far from the others: all kept; out beyond 3 SD till none is; one by Grubbs."""

    KEPT = "kept"
    BEYOND_3SD = "beyond 3 SD"
    GRUBBS = "Grubbs' test"


def established(
    values: Sequence[Decimal], *, outliers: Outliers = Outliers.BEYOND_3SD, least: int = LEAST_RUNS
) -> Proposal:
    """A target from one value of each of `least` runs; from 10 on a provisional one, accepted as such.

    Outliers are left out as said and named; where more than a tenth would be, nothing is accepted. Fewer
    values, or no spread, give a target that is not accepted, or none.
    """
    kept = _OUTLIERS[outliers](values)
    left_out = tuple(sorted(set(range(len(values))) - set(kept)))
    reasons = _of_outliers(values, left_out, outliers)
    is_stable = len(left_out) <= MOST_LEFT_OUT * len(values)
    if not is_stable:
        reasons = [*reasons, reason(TOO_MANY_LEFT_OUT, count=len(left_out), all=len(values))]
    proposal = _proposed([values[place] for place in kept], Origin.ESTABLISHED, least)
    reasons = [*reasons, *proposal.reasons]
    return Proposal(proposal.target, proposal.is_accepted and is_stable, tuple(reasons), left_out)


def cumulative(periods: Sequence[Summary], *, least: int = LEAST_RUNS) -> Proposal:
    """A target of all periods together, exactly as if it had been computed from their values.

    Var = [sum (n_i - 1) s_i^2 + sum n_i (m_i - m)^2] / (n - 1).
    """
    count = sum(one.n for one in periods)
    if count < LEAST_SD:
        return _nothing(count, least)
    mean = sum((one.n * one.mean for one in periods), Decimal(0)) / count
    inside = sum(((one.n - 1) * one.sd**2 for one in periods), Decimal(0))
    between = sum((one.n * (one.mean - mean) ** 2 for one in periods), Decimal(0))
    figures = Summary(count, mean, ((inside + between) / (count - 1)).sqrt())
    return _judged(Target(figures, Origin.CUMULATIVE), least)


def floating(
    values: Sequence[Decimal],
    anchor: Target,
    *,
    window: int = LEAST_RUNS,
    most_drift: Decimal = Decimal(1),
) -> Proposal:
    """A target of the newest `window` accepted values, which follows slow changes of the material.

    It is refused, and the target before it stays, when its mean lies further than `most_drift` SD from the
    `anchor`, the target that was established: one that floats without end hides the drift it should show.
    """
    proposal = _proposed(values[-window:], Origin.CUMULATIVE, window)
    if proposal.target is None or not proposal.is_accepted:
        return proposal
    target = Target(proposal.target.figures, Origin.CUMULATIVE, is_floating=True)
    drift = (target.mean - anchor.mean) / anchor.sd
    if abs(drift) > most_drift:
        return Proposal(target, is_accepted=False, reasons=(reason(DRIFTED, drift=drift, most=most_drift),))
    return Proposal(target, is_accepted=True, reasons=proposal.reasons)


def _proposed(values: Sequence[Decimal], origin: Origin, least: int) -> Proposal:
    if len(values) < LEAST_SD:
        return _nothing(len(values), least)
    return _judged(Target(summary_of(values), origin), least)


def _nothing(count: int, least: int) -> Proposal:
    reasons = (reason(TOO_FEW, count=count, least=least, more=least - count),)
    return Proposal(None, is_accepted=False, reasons=reasons)


def _judged(target: Target, least: int) -> Proposal:
    count = target.figures.n
    if target.sd == 0:
        return Proposal(target, is_accepted=False, reasons=(Reason(NO_SPREAD),))
    if count >= least:
        return Proposal(target, is_accepted=True, reasons=())
    if count >= LEAST_PROVISIONAL:
        return Proposal(target, is_accepted=True, reasons=(reason(PROVISIONAL, count=count, least=least),))
    return Proposal(
        target,
        is_accepted=False,
        reasons=(reason(TOO_FEW, count=count, least=least, more=least - count),),
    )


def _of_outliers(values: Sequence[Decimal], left_out: Sequence[int], how: Outliers) -> list[Reason]:
    words = ", ".join(str(values[place]) for place in left_out)
    return [reason(LEFT_OUT, how=how.value, values=words)] if left_out else []


def _all(values: Sequence[Decimal]) -> list[int]:
    return list(range(len(values)))


def _within_3sd(values: Sequence[Decimal]) -> list[int]:
    """Places of values within 3 SD of the mean of what is left, found anew till nothing more is left out."""
    kept = _all(values)
    while len(kept) > LEAST_SD:
        figures = summary_of([values[place] for place in kept])
        inside = [place for place in kept if abs(values[place] - figures.mean) <= 3 * figures.sd]
        if inside == kept:
            break
        kept = inside
    return kept


def _without_grubbs(values: Sequence[Decimal]) -> list[int]:
    """Places without the value furthest from the mean, where Grubbs' test (two-sided, 5 %) finds it out.

    Source: Grubbs, Technometrics 1969;11:1; ISO 5725-2, 7.3.4. G = |x - mean| / s against
    (n - 1) / sqrt(n) * sqrt(t^2 / (n - 2 + t^2)), t at 1 - 0.05 / (2n) with n - 2 degrees of freedom.
    """
    kept, n = _all(values), len(values)
    if n <= LEAST_SD:
        return kept
    figures = summary_of(values)
    furthest = max(kept, key=lambda place: abs(values[place] - figures.mean))
    if figures.sd == 0 or float(abs(values[furthest] - figures.mean) / figures.sd) <= _grubbs_limit(n):
        return kept
    return [place for place in kept if place != furthest]


def _grubbs_limit(n: int) -> float:
    from scipy.stats import t  # slow to load, and asked for seldom

    square = float(t.ppf(1 - 0.05 / (2 * n), n - 2)) ** 2
    return float((n - 1) / n**0.5 * (square / (n - 2 + square)) ** 0.5)


_OUTLIERS: dict[Outliers, Callable[[Sequence[Decimal]], list[int]]] = {
    Outliers.KEPT: _all,
    Outliers.BEYOND_3SD: _within_3sd,
    Outliers.GRUBBS: _without_grubbs,
}
