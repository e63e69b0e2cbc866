"""The value against the interval, the method's range, the critical limits and the expected finding.

Source: CLSI AUTO10-A, limit checks; Croatian working group, Biochem Med 2025 (BM.2025.010503). The absence of
a limit never releases.
"""

from decimal import Decimal

from aliquot.flow.results.rules.critical import ABOVE, BELOW, critical_limit
from aliquot.flow.results.rules.evidence import Evidence
from aliquot.flow.results.rules.reasons import Reason, because
from aliquot.flow.results.rules.rounding import plain

QUANTITATIVE = "Qn"
CRITICAL_FLAGS = ("LL", "HH")


def flag_and_reasons(evidence: Evidence) -> tuple[str, list[Reason]]:
    """The flag (HL7 table 0078: LL L N H HH A, "" when it cannot be said) and every reason to wait."""
    if evidence.scale == QUANTITATIVE:
        return _judge_number(evidence)
    return _judge_finding(evidence)


def _judge_number(evidence: Evidence) -> tuple[str, list[Reason]]:
    value = evidence.value
    if value is None or not value.is_finite():
        return "", [because("not_numeric", value=evidence.value_text)]
    if evidence.unit != evidence.test_unit:
        return "", [because("unit_differs", unit=evidence.unit or "-", expected=evidence.test_unit or "-")]
    reasons = _technical(evidence, value)
    side = _side(evidence, value)
    if (limit := critical_limit(evidence)) is not None:
        reasons.append(because("critical", value=evidence.comparator + plain(value), limit=plain(limit)))
        return ("LL" if limit == evidence.critical_low else "HH"), reasons + _without_interval(evidence)
    if gap := _without_interval(evidence):
        return "", reasons + gap
    if side != "N" and evidence.comparator:
        reasons.append(because("off_scale", value=evidence.comparator + plain(value)))
    elif side != "N" and not _has_limit_beyond(evidence, side):
        reasons.append(because("no_limit_beyond"))
    return side, reasons


def _judge_finding(evidence: Evidence) -> tuple[str, list[Reason]]:
    """A finding in words is released only when it is what the interval names as the finding of health."""
    expected = {one for text in (evidence.expected_en, evidence.expected_ru) if (one := _finding(text))}
    if not expected:
        return "", [because("no_expected_finding")]
    if _finding(evidence.value_text) in expected:
        return "N", []
    return "A", [because("unexpected_finding", value=evidence.value_text)]


def _finding(text: str) -> str:
    """The first clause, without case; a choice such as "positive / negative" is no finding of health."""
    clause = text.split(";", maxsplit=1)[0].strip().casefold()
    return "" if "/" in clause else clause


def _without_interval(evidence: Evidence) -> list[Reason]:
    if evidence.is_interval_unclear:
        return [because("interval_unclear")]
    if not evidence.has_interval or (evidence.low is None and evidence.high is None):
        return [because("no_interval")]
    return []


def _technical(evidence: Evidence, value: Decimal) -> list[Reason]:
    low, high = evidence.technical_low, evidence.technical_high
    if low is not None and value < low:
        return [because("outside_technical", value=plain(value), limit=plain(low))]
    if high is not None and value > high:
        return [because("outside_technical", value=plain(value), limit=plain(high))]
    return []


def _side(evidence: Evidence, value: Decimal) -> str:
    """L, N or H where the value surely lies, "" when its sign leaves that open; a limit itself is inside."""
    low, high = evidence.low, evidence.high
    if evidence.comparator in BELOW:
        return _side_below(value, low, high, evidence.critical_low)
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


def _has_limit_beyond(evidence: Evidence, side: str) -> bool:
    if side == "L":
        return evidence.critical_low is not None or evidence.technical_low is not None
    return evidence.critical_high is not None or evidence.technical_high is not None
