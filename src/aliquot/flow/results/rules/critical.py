"""Values that endanger a patient: which they are and until when somebody must be told."""

from datetime import datetime, timedelta
from decimal import Decimal

from aliquot.flow.results.rules.evidence import Evidence

URGENT_MINUTES = 30
OUTPATIENT_MINUTES = 60
BELOW = ("<", "<=")
ABOVE = (">", ">=")


def critical_limit(evidence: Evidence) -> Decimal | None:
    """The critical limit that a credible value lies beyond, else None.

    Credible: a number in the test's unit, inside what the method can measure. A value equal to the limit is
    not beyond it. With "<" or ">" only what is surely beyond counts. Source: CLSI GP47.
    """
    value = evidence.value
    if value is None or not value.is_finite() or evidence.unit != evidence.test_unit:
        return None
    if _is_absurd(evidence, value):
        return None
    if evidence.critical_low is not None and _is_below(value, evidence.comparator, evidence.critical_low):
        return evidence.critical_low
    if evidence.critical_high is not None and _is_above(value, evidence.comparator, evidence.critical_high):
        return evidence.critical_high
    return None


def due_at(opened_at: datetime, *, urgency: str, is_inpatient: bool) -> datetime:
    """Until when the requester must have been told: 30 minutes for urgent orders and wards, else 60.

    Source: Biochem Med 2017 (BM.2017.030707): CLSI GP47 at most an hour; CAP 15 to 30 minutes.
    """
    minutes = URGENT_MINUTES if urgency == "S" or is_inpatient else OUTPATIENT_MINUTES
    return opened_at + timedelta(minutes=minutes)


def repeats_value(read_back: str, value_text: str) -> bool:
    """Whether what was read back holds the value: the same digits in the same order, comma or point alike.

    For a value without digits its words must be there. Source: Joint Commission NPSG.02.03.01, read-back.
    """
    wanted = _figures(value_text)
    if not wanted:
        return bool(value_text.strip()) and value_text.strip().casefold() in read_back.casefold()
    return all(figure in _figures(read_back) for figure in wanted)


def _figures(text: str) -> list[str]:
    """The numbers in a text, without trailing zeros: "7,10" and "7.1" are one."""
    cleaned = "".join(sign if sign.isdigit() or sign in ".," else " " for sign in text).replace(",", ".")
    return [_shortened(part.strip(".")) for part in cleaned.split() if part.strip(".")]


def _shortened(figure: str) -> str:
    whole, point, rest = figure.partition(".")
    rest = rest.rstrip("0")
    return f"{whole.lstrip('0') or '0'}{point if rest else ''}{rest}"


def _is_absurd(evidence: Evidence, value: Decimal) -> bool:
    low, high = evidence.technical_low, evidence.technical_high
    return (low is not None and value < low) or (high is not None and value > high)


def _is_below(value: Decimal, comparator: str, limit: Decimal) -> bool:
    if comparator in ABOVE:
        return False
    return value <= limit if comparator == "<" else value < limit


def _is_above(value: Decimal, comparator: str, limit: Decimal) -> bool:
    if comparator in BELOW:
        return False
    return value >= limit if comparator == ">" else value > limit
