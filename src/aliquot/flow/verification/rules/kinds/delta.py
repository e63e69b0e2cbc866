"""The delta check: a change that no body makes so fast points to another patient's tube.

Source: CLSI EP33 (absolute, percent, rate, percent rate, with a look-back window); Fraser CG, Biological
Variation, 2001, reference change value; Fokkema et al., Clin Chem Lab Med 2006;44:602, its log-normal form;
Miller, Arch Pathol Lab Med 2015;139:1042.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from aliquot.flow.verification.rules.change import reference_change
from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain, reported
from aliquot.flow.verification.rules.shapes import Delta, Mode

HUNDRED = Decimal(100)
DAY_SECONDS = Decimal(86_400)
IN_PERCENT: tuple[Mode, ...] = ("percent", "rcv", "rate_percent")
BY_DAY: tuple[Mode, ...] = ("rate", "rate_percent")


def delta_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """The reason to wait when the change from the earlier value exceeds the rule's limit, else nothing.

    Only a value collected earlier, and within the window before this collection, is compared; a change equal
    to the limit does not exceed it. A test without a limit, or a value with a sign, is not compared.
    """
    rule, value, earlier = plan.delta, evidence.value, evidence.previous_value
    if rule is None or earlier is None or value is None or not value.is_finite() or evidence.comparator:
        return []
    if evidence.unit != plan.facts.unit:
        return []
    collected, before = evidence.collected_at, evidence.previous_collected_at
    if collected is None or before is None or before >= collected or collected - before > rule.window:
        return []
    change = change_between(value, earlier, rule.mode, collected - before)
    if change is None:
        return [because("delta_from_zero", rule=rule.code)]
    return _exceeded(rule, change, earlier, collected - before) if _exceeds(change, rule) else []


def change_between(value: Decimal, earlier: Decimal, mode: Mode, passed: timedelta) -> Decimal | None:
    """The signed change in the unit or in percent of the earlier value, by day for a rate.

    None when a percentage is asked of an earlier value of 0 and this one is not 0.
    """
    change: Decimal | None = value - earlier
    if mode in IN_PERCENT:
        change = percent_change(value, earlier)
    if change is not None and mode in BY_DAY:
        return change * DAY_SECONDS / Decimal(str(passed.total_seconds()))
    return change


def percent_change(current: Decimal, earlier: Decimal) -> Decimal | None:
    """The signed change in percent of the earlier value; None when that was 0 and this is not.

    Source: CLSI EP33, percent delta.
    """
    if earlier == 0:
        return Decimal(0) if current == 0 else None
    return (current - earlier) * HUNDRED / abs(earlier)


def rcv_limits(cva: Decimal, cvi: Decimal, z: Decimal, *, is_lognormal: bool) -> tuple[Decimal, Decimal]:
    """The reference change value up and down, both as positive percent, of coefficients in percent."""
    found = reference_change(cva, cvi, z)
    return (found.up, -found.down) if is_lognormal else (found.symmetric, found.symmetric)


def _exceeds(change: Decimal, rule: Delta) -> bool:
    if change > 0:
        return rule.direction != "decrease" and change > rule.limit_up
    return rule.direction != "increase" and -change > rule.limit_down


def _exceeded(rule: Delta, change: Decimal, earlier: Decimal, passed: timedelta) -> list[Reason]:
    limit = plain(reported(rule.limit_up if change > 0 else rule.limit_down, None))
    facts: dict[str, Any] = {"previous": plain(earlier), "days": passed.days, "limit": limit}
    if rule.mode in ("percent", "rcv"):
        code = "delta" if rule.mode == "percent" else "delta_rcv"
        return [because(code, rule=rule.code, percent=plain(reported(change, 1)), **facts)]
    code = "delta_" + rule.mode
    return [because(code, rule=rule.code, change=plain(reported(change, 3)), **facts)]
