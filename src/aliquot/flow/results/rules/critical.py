"""Values that endanger a patient: until when somebody must be told, and whether it was heard."""

from datetime import datetime, timedelta

URGENT_MINUTES = 30
OUTPATIENT_MINUTES = 60


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
