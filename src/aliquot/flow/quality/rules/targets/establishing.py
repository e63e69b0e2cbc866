"""The establishing series of the Russian rules: 10, then 20 series of one material before a chart is drawn.

Source: GOST R 53133.2-2008; Order 45 of the Ministry of Health (7 February 2000), appendices 2 and 3: after
10 series CV and relative bias are held against CV10 and B10, after 20 against CV20 and B20; then the chart is
drawn from the mean and SD of the 20. The limits of each test (GOST R 53133.1-2008) are data with a source,
and are given here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.targets.proposals import (
    Origin,
    Proposal,
    Summary,
    Target,
    summary_of,
)

FIRST_STAGE, SECOND_STAGE = 10, 20

TOO_WIDE = gettext_noop(
    "The CV of %(count)s series is %(found)s %%, above the limit CV%(count)s of %(limit)s %%: look for causes"
    " of scatter and begin anew."
)
TOO_FAR = gettext_noop(
    "The bias of %(count)s series is %(found)s %%, beyond the limit B%(count)s of %(limit)s %%: look at the"
    " calibration and begin anew."
)
NO_LIMIT = gettext_noop("The limit %(name)s is not known: the series is not judged by it.")
NO_ASSIGNED = gettext_noop("The material has no assigned value: the bias is not judged.")
NOT_POSITIVE = gettext_noop("CV and bias in per cent need a mean and an assigned value above zero.")
GO_ON = gettext_noop("%(count)s series are measured; %(more)s more follow.")


class Stage(StrEnum):
    """Where the series stands."""

    MEASURING = "measuring"
    FAILED = "failed"
    ESTABLISHED = "established"


@dataclass(frozen=True, slots=True)
class Limits:
    """Greatest CV and relative bias in per cent over 10 and 20 series; None: not known for the test."""

    cv10: Decimal | None = None
    cv20: Decimal | None = None
    b10: Decimal | None = None
    b20: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Establishing:
    """Where the series stands, CV and bias in per cent over the stage judged last, the target if there."""

    stage: Stage
    cv: Decimal | None
    bias: Decimal | None
    proposal: Proposal


def establishing(values: Sequence[Decimal], limits: Limits, assigned: Decimal | None = None) -> Establishing:
    """One value of each series so far, oldest first, judged at 10 and at 20; later ones are not looked at.

    `assigned`: what the material is certified to hold, None where it is not (the chart then shows scatter
    alone).
    """
    if len(values) < FIRST_STAGE:
        return _measuring(len(values), FIRST_STAGE, None, None)
    first = summary_of(values[:FIRST_STAGE])
    failed = _judged(first, FIRST_STAGE, limits.cv10, limits.b10, assigned)
    if failed.stage is Stage.FAILED:
        return failed
    if len(values) < SECOND_STAGE:
        return _measuring(len(values), SECOND_STAGE, failed.cv, failed.bias)
    return _judged(summary_of(values[:SECOND_STAGE]), SECOND_STAGE, limits.cv20, limits.b20, assigned)


def _measuring(count: int, aim: int, cv: Decimal | None, bias: Decimal | None) -> Establishing:
    reasons = (reason(GO_ON, count=count, more=aim - count),)
    return Establishing(Stage.MEASURING, cv, bias, Proposal(None, is_accepted=False, reasons=reasons))


def _judged(
    figures: Summary, count: int, most_cv: Decimal | None, most_bias: Decimal | None, assigned: Decimal | None
) -> Establishing:
    cv = figures.cv
    if cv is None or (assigned is not None and assigned <= 0):
        proposal = Proposal(None, is_accepted=False, reasons=(Reason(NOT_POSITIVE),))
        return Establishing(Stage.FAILED, cv, None, proposal)
    bias = None if assigned is None else (figures.mean - assigned) / assigned * 100
    refusals, remarks = [], []
    for name, found, limit, words in (("CV", cv, most_cv, TOO_WIDE), ("B", bias, most_bias, TOO_FAR)):
        if found is None:
            remarks.append(Reason(NO_ASSIGNED))
        elif limit is None:
            remarks.append(reason(NO_LIMIT, name=f"{name}{count}"))
        elif abs(found) > limit:
            refusals.append(reason(words, count=count, found=found, limit=limit))
    stage = Stage.FAILED if refusals else Stage.ESTABLISHED
    target = Target(figures, Origin.ESTABLISHED)
    proposal = Proposal(target, is_accepted=not refusals, reasons=(*refusals, *remarks))
    return Establishing(stage, cv, bias, proposal)
