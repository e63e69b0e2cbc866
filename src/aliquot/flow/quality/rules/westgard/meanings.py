"""What a broken rule says to the person at the bench: the rule in words, and where to look first.

Source: Westgard, Basic QC Practices, "QC: the out-of-control problem": random error comes and goes,
systematic error stays; each has causes of its own.
"""

from aliquot.flow.quality.rules.reasons import Reason, gettext_noop, reason
from aliquot.flow.quality.rules.westgard.definitions import Check, Error, Kind, Variant

_WORDS: dict[tuple[Kind, Variant], str] = {
    (Kind.SINGLE, Variant.PLAIN): gettext_noop("One value lies more than %(limit)s SD from its mean."),
    (Kind.STREAK, Variant.WITHIN_LEVEL): gettext_noop(
        "%(count)s values of one level in a row lie more than %(limit)s SD from the mean, on one side."
    ),
    (Kind.STREAK, Variant.ACROSS_LEVELS): gettext_noop(
        "%(count)s values in a row, all levels together, lie more than %(limit)s SD from their means, on one"
        " side."
    ),
    (Kind.TOGETHER, Variant.ACROSS_LEVELS_WITHIN_RUN): gettext_noop(
        "%(count)s levels of one run lie more than %(limit)s SD from their means, on one side."
    ),
    (Kind.TOGETHER, Variant.WITHIN_RUN): gettext_noop(
        "%(count)s of %(levels)s levels of one run lie more than %(limit)s SD from their means, on one side."
    ),
    (Kind.OPPOSITE, Variant.CLASSIC): gettext_noop(
        "In one run a value lies more than %(limit)s SD above its mean and another as far below."
    ),
    (Kind.SPREAD, Variant.RANGE): gettext_noop("Two values of one run lie more than %(limit)s SD apart."),
    (Kind.TREND, Variant.PLAIN): gettext_noop(
        "%(count)s values of one level in a row rise, or fall, each beyond the one before."
    ),
}
_ONE_SIDE = {
    Variant.WITHIN_LEVEL: gettext_noop("%(count)s values of one level in a row lie on one side of the mean."),
    Variant.ACROSS_LEVELS: gettext_noop(
        "%(count)s values in a row, all levels together, lie on one side of their means."
    ),
}
_CAUSES = {
    Error.RANDOM: gettext_noop(
        "Random error: look for bubbles, fibrin, a pipette or needle that drips, an unstable lamp or"
        " temperature, a badly mixed control; then measure the control again."
    ),
    Error.SYSTEMATIC: gettext_noop(
        "Systematic error: look at the calibration, a new lot of reagent or calibrator, their age and"
        " storage, the temperature, the lamp, and whether the target belongs to this lot."
    ),
    Error.EITHER: gettext_noop("A warning: look at the other levels and at the runs before."),
}


def meaning(check: Check) -> Reason:
    """The rule in words, with its numbers."""
    if check.kind is Kind.STREAK and check.limit == 0:
        return reason(_ONE_SIDE[check.variant], count=check.count)
    return reason(
        _WORDS[check.kind, check.variant], count=check.count, limit=check.limit, levels=check.levels
    )


def where_to_look(error: Error) -> Reason:
    """The usual causes of this kind of error, the nearest first."""
    return Reason(_CAUSES[error])
