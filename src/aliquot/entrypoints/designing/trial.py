"""The candidates tried on own results: NumPy and SciPy live in this process only."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from aliquot.flow.quality.models import MonitorDesign
from aliquot.flow.quality.rules.moving.choice import Choice, candidates, choose, procedures_for
from aliquot.flow.quality.rules.moving.design import Days
from aliquot.flow.quality.rules.moving.detection import Error
from aliquot.flow.quality.rules.moving.record import record_as_json, verification
from aliquot.foundation.errors import Refused

Beat = Callable[[int, int], object]
TRIALS = 500
LONGEST, SHORTEST = 1000, 20
"""Results that are watched after an error begins, at most and at least."""
LAST_THIRD, PART_OF_IT = 3, 4


def tried(
    design: MonitorDesign, history: Mapping[date, Sequence[float]], *, beat: Beat
) -> tuple[list[dict[str, Any]], list[str]]:
    """The record of each candidate, fit ones first, the soonest first; why others could not be tried.

    `beat` hears how many of how many are tried. Refused when the results are too few for any.
    """
    days = [np.asarray(one, dtype=np.float64) for one in history.values()]
    count = sum(len(one) for one in days)
    if not count:
        raise Refused(
            _("There is no result of this test on this analyzer in this time that a monitor would count.")
        )
    try:
        choice = _chosen(design, days, beat)
    except ValueError as fault:
        raise Refused(
            _(
                "%(results)d results of %(days)d days are too few to try a monitor. Take a longer time, or"
                " permit more false alarms: 0.1 a day needs a month."
            )
            % {"results": count, "days": len(days)}
        ) from fault
    ranked = sorted(choice.assessed, key=lambda one: not one.is_fit)
    about: dict[str, Any] = {
        "test": design.test.code,
        "analyzer": design.analyzer.code,
        "unit": design.test.unit,
        "first_day": min(history),
        "last_day": max(history),
    }
    records = [record_as_json(verification(days, choice, one, **about)) for one in ranked]
    return records, [f"{one.procedure} {one.block}: {words}" for one, words in choice.failed]


def _chosen(design: MonitorDesign, days: Days, beat: Beat) -> Choice:
    error = Error(design.error)
    monitors = candidates(days, procedures=procedures_for(error))
    held_out = sum(len(one) for one in days[-max(1, round(len(days) / LAST_THIRD)) :])
    return choose(
        days,
        monitors,
        np.random.default_rng(design.pk),
        tea=design.tea,
        alarms_per_day=design.alarms_per_day,
        error=error,
        trials=TRIALS,
        most=min(LONGEST, max(SHORTEST, held_out // PART_OF_IT)),
        beat=lambda done: beat(done, len(monitors)),
    )
