"""What patient-based control looks at of the results that were decided for the first time."""

from collections.abc import Iterable
from datetime import datetime

from aliquot.flow.quality.actions import Watched, watch_results
from aliquot.flow.quality.rules.moving.inclusion import Patient
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.foundation.actors import Actor


def watch_decided(decided: Iterable[Evidence], *, by: Actor, at: datetime) -> int:
    """Let monitors see the numbers that an analyzer measured first, whatever became of them; how many moved.

    To be called once for each result, last in its transaction: who measures the same tests waits for it.
    """
    return watch_results([_watched(one) for one in decided if _is_first_number(one)], by=by, at=at)


def _is_first_number(one: Evidence) -> bool:
    return one.value is not None and one.analyzer_id is not None and one.run == 1 and not one.comparator


def _watched(one: Evidence) -> Watched:
    if one.value is None or one.analyzer_id is None:
        raise AssertionError("only numbers of analyzers are watched")
    whose = Patient(one.ward, one.urgency, one.age_days, tuple(one.analyzer_flags))
    return Watched(one.analyzer_id, one.test_id, float(one.value), whose, one.measured_at)
