"""The value against the interval and the limits of release, credibility and danger; the finding in words.

Source: CLSI AUTO10-A, limit checks; CLSI GP47, critical values; Croatian working group, Biochem Med 2025
(BM.2025.010503). The absence of a limit never releases; a value equal to a limit is inside it.
"""

from decimal import Decimal
from typing import Any

from aliquot.flow.verification.rules.evidence import Evidence
from aliquot.flow.verification.rules.plan import Bound, Plan
from aliquot.flow.verification.rules.reasons import Reason, because
from aliquot.flow.verification.rules.rounding import plain
from aliquot.flow.verification.rules.signs import ABOVE, BELOW, is_surely_above, is_surely_below
from aliquot.registers.catalogue.rules.findings import Grades, is_within, read_finding

QUANTITATIVE = "Qn"
CRITICAL_FLAGS = ("LL", "HH")


def flag_and_reasons(evidence: Evidence, plan: Plan) -> tuple[str, list[Reason]]:
    """The flag (HL7 table 0078: LL L N H HH A, "" when it cannot be said) and every reason to wait."""
    reasons = [because(plan.without_rule)] if plan.without_rule else []
    if plan.contradicting:
        reasons.append(because("rules_contradict", rules=", ".join(plan.contradicting)))
    judge = _judge_number if plan.facts.scale == QUANTITATIVE else _judge_finding
    flag, found = judge(evidence, plan)
    return flag, reasons + found if reasons else found


def _limit_surely_passed(bound: Bound, evidence: Evidence, value: Decimal) -> Decimal | None:
    """The limit on whose far side the value lies, whatever its sign leaves open."""
    if bound.low is not None and is_surely_below(value, evidence.comparator, bound.low):
        return bound.low
    if bound.high is not None and is_surely_above(value, evidence.comparator, bound.high):
        return bound.high
    return None


def _judge_number(evidence: Evidence, plan: Plan) -> tuple[str, list[Reason]]:
    value, expected = evidence.value, plan.facts.unit
    if value is None or not value.is_finite():
        return "", [because("not_numeric", value=evidence.value_text)]
    if evidence.unit != expected:
        return "", [because("unit_differs", unit=evidence.unit or "-", expected=expected or "-")]
    reasons = _absurd_reasons(plan, value)
    limit = None if reasons else _limit_surely_passed(plan.critical, evidence, value)
    if limit is not None:
        words = evidence.comparator + plain(value)
        reasons.append(because("critical", rule=plan.critical.rule, value=words, limit=plain(limit)))
        return ("LL" if limit == plan.critical.low else "HH"), reasons + _without_interval(plan)
    if gap := _without_interval(plan):
        return "", reasons + gap
    side = _side(evidence, plan, value)
    return side, reasons + _release_reasons(evidence, plan, value, side)


def _release_reasons(evidence: Evidence, plan: Plan, value: Decimal, side: str) -> list[Reason]:
    """Why a value that is neither absurd nor critical must be seen: too far out, or how far is not known."""
    if evidence.comparator:
        return _signed_reasons(evidence, plan, value, side)
    if (limit := _limit_passed(plan.autoverification, value)) is not None:
        facts: dict[str, Any] = {"value": plain(value), "limit": plain(limit)}
        return [because("outside_autoverification", rule=plan.autoverification.rule, **facts)]
    if side == "N" or _has_limit_beyond(plan, side):
        return []
    return [because("no_limit_beyond")]


def _signed_reasons(evidence: Evidence, plan: Plan, value: Decimal, side: str) -> list[Reason]:
    """A value with a sign is released where it surely lies inside, or where a rule reports it as it is.

    None is reported that surely lies outside the limits of automatic release, as no plain number is, and none
    that may be critical: "more than 8" does not say that it is less than a critical 10.
    """
    if side == "N" and _is_surely_within(plan, value):
        return []
    words = evidence.comparator + plain(value)
    may_be_critical = plan.critical.low if evidence.comparator in BELOW else plan.critical.high
    if may_be_critical is not None or not _is_reported(evidence, plan, value):
        return [because("off_scale", value=words)]
    if (limit := _limit_surely_passed(plan.autoverification, evidence, value)) is None:
        return []
    rule = plan.autoverification.rule
    return [because("outside_autoverification", rule=rule, value=words, limit=plain(limit))]


def _is_surely_within(plan: Plan, value: Decimal) -> bool:
    """Whether a value below its sign lies inside the limits of automatic release, whatever it is."""
    low, high = plan.autoverification.low, plan.autoverification.high
    return not low and (high is None or value <= high)


def _is_reported(evidence: Evidence, plan: Plan, value: Decimal) -> bool:
    """Whether the measuring range's rule lets "beyond the range" be reported as it is."""
    for rule in plan.ranges:
        if evidence.comparator in BELOW and rule.below == "report" and rule.low is not None:
            return value <= rule.low
        if evidence.comparator in ABOVE and rule.above == "report" and rule.high is not None:
            return value >= rule.high
    return False


def _judge_finding(evidence: Evidence, plan: Plan) -> tuple[str, list[Reason]]:
    """A finding in words is released only when it is what the interval names as the finding of health."""
    if plan.interval.is_unclear:
        return "", [because("interval_unclear")]
    texts = (plan.interval.expected_en, plan.interval.expected_ru)
    expected = {one for text in texts if (one := _finding(text))}
    if not expected:
        return "", [because("no_expected_finding")]
    said = evidence.value_text
    if said.strip().casefold() in expected or _is_as_expected(said, expected, plan.facts.grades):
        return "N", []
    return "A", [because("unexpected_finding", value=said)]


def _is_as_expected(text: str, expected: set[str], grades: Grades) -> bool:
    """Whether a finding is the grade of health by another name on the test's own scale, or its titre.

    A titre lies surely on the side that an expected one names: 1:40 where <1:80 is health.
    """
    said = read_finding(text, grades)
    if said.kind == "words":
        return False
    return any(is_within(said, read_finding(one, grades)) for one in expected)


def _finding(text: str) -> str:
    """The first clause of what is expected, without case; a choice, "positive / negative", is no finding."""
    clause = text.split(";", maxsplit=1)[0].strip().casefold()
    return "" if "/" in clause else clause


def _without_interval(plan: Plan) -> list[Reason]:
    interval = plan.interval
    if interval.is_unclear:
        return [because("interval_unclear")]
    if not interval.is_found or (interval.low is None and interval.high is None):
        return [because("no_interval")]
    return []


def _absurd_reasons(plan: Plan, value: Decimal) -> list[Reason]:
    if (limit := _limit_passed(plan.absurd, value)) is None:
        return []
    facts: dict[str, Any] = {"value": plain(value), "limit": plain(limit)}
    return [because("outside_technical", rule=plan.absurd.rule, **facts)]


def _limit_passed(bound: Bound, value: Decimal) -> Decimal | None:
    """The limit on whose far side the value lies, if it does."""
    if bound.low is not None and value < bound.low:
        return bound.low
    return bound.high if bound.high is not None and value > bound.high else None


def _side(evidence: Evidence, plan: Plan, value: Decimal) -> str:
    """L, N or H where the value surely lies, "" when its sign leaves that open; a limit itself is inside."""
    low, high = plan.interval.low, plan.interval.high
    if evidence.comparator in BELOW:
        return _side_below(value, low, high, plan.critical.low)
    if evidence.comparator in ABOVE:
        return _side_above(value, high)
    if evidence.comparator:
        return ""
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else "N"


def _side_below(
    value: Decimal, low: Decimal | None, high: Decimal | None, critical_low: Decimal | None
) -> str:
    """Where "less than value" lies: an amount is not negative, so a lower limit of 0 is always met."""
    if low:
        return "L" if value <= low else ""
    return "N" if critical_low is None and high is not None and value <= high else ""


def _side_above(value: Decimal, high: Decimal | None) -> str:
    """Where "more than value" lies: surely high, or unsure."""
    return "H" if high is not None and value >= high else ""


def _has_limit_beyond(plan: Plan, side: str) -> bool:
    """Whether anything on this side says what may still be released unseen."""
    if side == "L":
        limits = (plan.critical.low, plan.absurd.low, plan.autoverification.low)
    else:
        limits = (plan.critical.high, plan.absurd.high, plan.autoverification.high)
    return any(one is not None for one in limits)
