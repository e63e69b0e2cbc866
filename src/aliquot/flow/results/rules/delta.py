"""The delta check: a change that no body makes so fast points to another patient's tube.

Source: CLSI EP33, percent delta with a look-back window; Miller, Arch Pathol Lab Med 2015;139:1042.
"""

from datetime import timedelta

from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.history import percent_change
from aliquot.flow.results.rules.reasons import Reason, because
from aliquot.flow.results.rules.rounding import plain, reported


def delta_reasons(evidence: Evidence) -> list[Reason]:
    """The reason to wait when the change from the earlier value exceeds the test's limit, else nothing.

    Only a value collected earlier, and within `delta_days` of this collection, is compared; a change equal to
    the limit does not exceed it. A test without a limit, or a value with a sign, is not compared.
    """
    value, earlier, limit = evidence.value, evidence.previous_value, evidence.delta_percent
    if value is None or earlier is None or limit is None or not value.is_finite() or evidence.comparator:
        return []
    if evidence.unit != evidence.test_unit or (days := _days_between(evidence)) is None:
        return []
    change = percent_change(value, earlier)
    if change is None:
        return [because("delta_from_zero")]
    if abs(change) <= limit:
        return []
    percent = plain(reported(change, 1))
    return [because("delta", percent=percent, previous=plain(earlier), days=days, limit=plain(limit))]


def _days_between(evidence: Evidence) -> int | None:
    """Whole days since the earlier collection, or None when it is not earlier or outside the window."""
    collected, earlier = evidence.collected_at, evidence.previous_collected_at
    if collected is None or earlier is None or evidence.delta_days is None or earlier >= collected:
        return None
    passed = collected - earlier
    return passed.days if passed <= timedelta(days=evidence.delta_days) else None
