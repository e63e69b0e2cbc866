"""Targets that others say: a peer group's, or a fixed one of the manufacturer.

Source: CLSI C24-Ed4 (2016), 7: a laboratory's own SD is to be used, since a peer group's holds differences
between laboratories and a manufacturer's range those between lots of reagent; both hide errors when they are
taken as they are.
"""

from decimal import Decimal

from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.targets.proposals import (
    Origin,
    Proposal,
    Summary,
    Target,
)

LEAST_LABORATORIES = 10
MOST_SDI = Decimal(2)

FEW_PEERS = gettext_noop("%(count)s laboratories are too few for a peer group; %(least)s are needed.")
NO_SPREAD = gettext_noop("The SD is not above zero: such a target rejects everything; correct it.")
PEER_SD = gettext_noop(
    "The SD is that of the peer group, which is wider than the laboratory's own: give the own CV."
)
FAR_FROM_PEERS = gettext_noop(
    "The own mean lies %(sdi)s SD of the group from the peers, more than %(most)s: find the bias first; a"
    " target of the peers would reject every run."
)
NEGATIVE = gettext_noop("A mean at or below zero has no CV: the SD of the peer group is taken.")
RANGE_IS_EMPTY = gettext_noop("The range is empty: its upper bound must lie above its lower one.")
MANUFACTURER = gettext_noop(
    "The range of the manufacturer is wide: use it only till own runs establish a target."
)


def of_peers(
    group: Summary,
    *,
    own_cv: Decimal | None = None,
    own_mean: Decimal | None = None,
    least: int = LEAST_LABORATORIES,
) -> Proposal:
    """The mean of a peer group; the SD by the own CV in per cent, or the group's where none is known.

    `group.n`: how many laboratories. Refused for too few of them, or where the own mean lies beyond 2 SD of
    theirs.
    """
    if group.sd <= 0:
        return Proposal(None, is_accepted=False, reasons=(Reason(NO_SPREAD),))
    sd, remarks = _sd(group, own_cv)
    target = Target(Summary(group.n, group.mean, sd), Origin.PEER)
    refusals = []
    if group.n < least:
        refusals.append(reason(FEW_PEERS, count=group.n, least=least))
    if own_mean is not None and abs(sdi := (own_mean - group.mean) / group.sd) > MOST_SDI:
        refusals.append(reason(FAR_FROM_PEERS, sdi=sdi, most=MOST_SDI))
    return Proposal(target, is_accepted=not refusals, reasons=(*refusals, *remarks))


def _sd(group: Summary, own_cv: Decimal | None) -> tuple[Decimal, list[Reason]]:
    if own_cv is None or own_cv <= 0:
        return group.sd, [Reason(PEER_SD)]
    if group.mean <= 0:
        return group.sd, [Reason(NEGATIVE)]
    return own_cv / 100 * group.mean, []


def fixed(mean: Decimal, sd: Decimal) -> Proposal:
    """A mean and an SD that a person sets; refused for an SD that is not above zero."""
    if sd <= 0:
        return Proposal(None, is_accepted=False, reasons=(Reason(NO_SPREAD),))
    return Proposal(Target(Summary(0, mean, sd), Origin.FIXED), is_accepted=True, reasons=())


def of_range(low: Decimal, high: Decimal, *, widths: Decimal = Decimal(2)) -> Proposal:
    """The middle of a manufacturer's range, and an SD of which the range holds `widths` on each side."""
    if high <= low:
        return Proposal(None, is_accepted=False, reasons=(Reason(RANGE_IS_EMPTY),))
    target = Target(Summary(0, (low + high) / 2, (high - low) / (2 * widths)), Origin.FIXED)
    return Proposal(target, is_accepted=True, reasons=(Reason(MANUFACTURER),))
