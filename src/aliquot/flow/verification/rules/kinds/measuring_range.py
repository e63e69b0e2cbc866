"""What the method can measure: beyond it a specimen is diluted, waits, or is reported with its sign.

Source: CLSI EP06 and EP34, measuring interval and its extension by dilution; CLSI AUTO10-A.
"""

from decimal import Decimal
from typing import Any

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain
from aliquot.flow.verification.rules.shapes import MeasuringRange
from aliquot.flow.verification.rules.signs import ABOVE, BELOW


def range_reasons(evidence: Evidence, plan: Plan) -> list[Reason]:
    """Why a number beyond what was measured cannot be released, and at which dilution it is measured next.

    The limits are those of the undiluted specimen: a diluted one is judged by what was in the cuvette. A
    dilution that nobody can read as a number makes it wait.
    """
    value = evidence.value
    if not plan.ranges or value is None or not value.is_finite() or evidence.unit != plan.facts.unit:
        return []
    factor = dilution_factor(evidence.dilution)
    if factor is None:
        return [because("dilution_unknown", dilution=evidence.dilution)]
    return [said for rule in plan.ranges for said in _judged(rule, evidence, value, factor)]


def dilution_factor(dilution: str) -> Decimal | None:
    """How many times the specimen was diluted: "" is 1, "5" and "1:5" are 5; None for anything else."""
    text = dilution.strip().removeprefix("1:").removeprefix("x")
    if not text:
        return Decimal(1)
    return Decimal(text) if text.isascii() and text.isdecimal() and int(text) > 0 else None


def _judged(rule: MeasuringRange, evidence: Evidence, value: Decimal, factor: Decimal) -> list[Reason]:
    if rule.high is not None and _is_above(evidence.comparator, value, rule.high * factor):
        return _above(rule, evidence, factor)
    if rule.low is not None and _is_below(evidence.comparator, value, rule.low * factor):
        return _below(rule, evidence, factor)
    return []


def _is_above(comparator: str, value: Decimal, limit: Decimal) -> bool:
    return value >= limit if comparator in ABOVE else comparator not in BELOW and value > limit


def _is_below(comparator: str, value: Decimal, limit: Decimal) -> bool:
    return value <= limit if comparator in BELOW else comparator not in ABOVE and value < limit


def _above(rule: MeasuringRange, evidence: Evidence, factor: Decimal) -> list[Reason]:
    assert rule.high is not None
    if rule.above == "report" and evidence.comparator:
        return []
    facts: dict[str, Any] = {"value": _words(evidence), "limit": plain(rule.high * factor)}
    following = _next_dilution(rule, factor) if rule.above == "dilute" else None
    if following is None:
        return [because("above_range", rule=rule.code, **facts)]
    return [because("dilute", rule=rule.code, action="rerun", dilution=following, **facts)]


def _below(rule: MeasuringRange, evidence: Evidence, factor: Decimal) -> list[Reason]:
    """Below the range: reported or seen; a diluted specimen below it was diluted too far."""
    assert rule.low is not None
    facts: dict[str, Any] = {"value": _words(evidence), "limit": plain(rule.low * factor)}
    if factor > 1:
        return [because("diluted_too_far", rule=rule.code, dilution=evidence.dilution, **facts)]
    if evidence.comparator:
        return []  # the limits judge a value that carries the sign
    return [because("below_range", rule=rule.code, **facts)]


def _next_dilution(rule: MeasuringRange, factor: Decimal) -> str | None:
    """The smallest dilution of the rule that is greater than this one."""
    greater = [one for one in rule.dilutions if (dilution_factor(one) or factor) > factor]
    return min(greater, key=lambda one: dilution_factor(one) or factor) if greater else None


def _words(evidence: Evidence) -> str:
    assert evidence.value is not None
    return evidence.comparator + plain(evidence.value)
