"""Tubes of two patients that changed places: many values of one order change at once.

A single delta finds few of them: MCV over 3 fL alone found 3 of 6 mislabelled tubes, a composite of the blood
count 6 of 6 and flagged 2 % of all. Source: Miller, Arch Pathol Lab Med 2015;139:1042. Here the composite is
the sum of the weights of the tests that changed by more than their own limit, which a person can check. The
defaults for the blood count and for chemistry stand in the network's rules.
"""

from datetime import timedelta
from decimal import Decimal

from aliquot.flow.verification.rules.evidence import Evidence, Sibling, Siblings
from aliquot.flow.verification.rules.kinds.delta import percent_change
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain
from aliquot.flow.verification.rules.shapes import Swap


def swap_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """The reason to hold every result of the order when its values changed together as a stranger's would."""
    memo, reasons = evidence.siblings.memo, []
    for rule in plan.swaps:
        _, said = memo.get(id(rule)) or memo.setdefault(id(rule), (rule, _judged(rule, evidence.siblings)))
        if said:
            reasons.append(said)
    return reasons


def _judged(rule: Swap, siblings: Siblings) -> Reason | None:
    compared, changed = 0, []
    for code, (limit, _) in rule.limits.items():
        sibling = siblings.values.get(code)
        change = _change(sibling, rule.window) if sibling else None
        compared += change is not None
        if change is not None and abs(change) > limit:
            changed.append(code)
    score = sum((rule.limits[code][1] for code in changed), Decimal(0))
    if compared < rule.least or score < rule.threshold:
        return None
    return because("swapped", rule=rule.code, tests=", ".join(changed), score=plain(score), compared=compared)


def _change(one: Sibling, window: timedelta) -> Decimal | None:
    """The change in percent since the earlier collection; None when the two cannot be compared."""
    value, earlier = one.value, one.previous_value
    collected, before = one.collected_at, one.previous_collected_at
    if value is None or earlier is None or one.comparator or not value.is_finite():
        return None
    if collected is None or before is None or before >= collected:
        return None
    return percent_change(value, earlier) if collected - before <= window else None
