"""The next lot of a control: its target by an overlap study, both lots measured in the same runs.

Source: CLSI C24-Ed4 (2016), 7: a new lot is measured beside the old one, in at least 10 runs; its mean is its
own, its SD follows from the CV that the old lot showed over a long time, because ten days show too little of
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.targets.own import TOO_FEW
from aliquot.flow.quality.rules.targets.proposals import (
    Origin,
    Proposal,
    Summary,
    Target,
    summary_of,
)

LEAST_RUNS = 10
LEAST_OVERLAP = 3
CONFIDENCE = 0.975
DEVIATE = Decimal("1.96")

OLD_OFF_TARGET = gettext_noop(
    "The old lot lay at %(ratio)s of its target in these runs, outside %(low)s to %(high)s: the new target"
    " would carry the error on; find its cause and repeat the overlap."
)
NEW_TOO_WIDE = gettext_noop(
    "The new lot scatters %(ratio)s times as much as the old one lets expect, more than %(most)s: look at its"
    " preparation and at runs that failed, and measure more."
)
NEGATIVE = gettext_noop("A mean at or below zero has no CV: establish the target from 20 runs instead.")


@dataclass(frozen=True, slots=True)
class Overlap:
    """What the overlap shows: old mean over its target with bounds, new SD over the expected, its most."""

    old: Summary
    new: Summary
    ratio: Decimal
    ratio_low: Decimal
    ratio_high: Decimal
    spread: Decimal
    most_spread: Decimal


def transferred(
    target: Target, old: Sequence[Decimal], new: Sequence[Decimal], *, least: int = LEAST_RUNS
) -> tuple[Proposal, Overlap | None]:
    """The target of the new lot, and what the overlap shows: values of both lots in the same runs.

    Mean: of the new values; SD: CV of the old target times this mean. Accepted when the old lot was on its
    target (mean within 1.96 SD / sqrt(n)), and the new one scatters no more than chance allows (F test, 97.5
    %).
    """
    count = min(len(old), len(new))
    if count < LEAST_OVERLAP:
        few = reason(TOO_FEW, count=count, least=least, more=least - count)
        return Proposal(None, is_accepted=False, reasons=(few,)), None
    figures = summary_of(new)
    cv = target.figures.cv
    if cv is None or figures.mean <= 0:
        return Proposal(None, is_accepted=False, reasons=(Reason(NEGATIVE),)), None
    expected = cv / 100 * figures.mean
    found = Target(Summary(figures.n, figures.mean, expected), Origin.TRANSFERRED)
    overlap = _compared(target, summary_of(old), figures, expected)
    reasons = _reasons(overlap, count, least)
    return Proposal(found, is_accepted=not reasons, reasons=reasons), overlap


def _compared(target: Target, old: Summary, new: Summary, expected: Decimal) -> Overlap:
    margin = DEVIATE * target.sd / Decimal(old.n).sqrt() / target.mean
    return Overlap(
        old=old,
        new=new,
        ratio=old.mean / target.mean,
        ratio_low=1 - margin,
        ratio_high=1 + margin,
        spread=new.sd / expected,
        most_spread=_most_spread(new.n, target.figures.n),
    )


def _most_spread(new: int, old: int) -> Decimal:
    """The ratio of two SD that chance exceeds once in forty times; an SD of no count is taken as known."""
    from scipy.stats import chi2, f  # slow to load, and asked for seldom

    ratio = f.ppf(CONFIDENCE, new - 1, old - 1) if old > 1 else chi2.ppf(CONFIDENCE, new - 1) / (new - 1)
    return Decimal(float(ratio) ** 0.5)


def _reasons(overlap: Overlap, count: int, least: int) -> tuple[Reason, ...]:
    """Why the new target may not be used; nothing where it may."""
    found = []
    if count < least:
        found.append(reason(TOO_FEW, count=count, least=least, more=least - count))
    if not overlap.ratio_low <= overlap.ratio <= overlap.ratio_high:
        low, high = overlap.ratio_low, overlap.ratio_high
        found.append(reason(OLD_OFF_TARGET, ratio=overlap.ratio, low=low, high=high))
    if overlap.spread > overlap.most_spread:
        found.append(reason(NEW_TOO_WIDE, ratio=overlap.spread, most=overlap.most_spread))
    return tuple(found)
