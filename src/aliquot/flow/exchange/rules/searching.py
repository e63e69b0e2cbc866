"""Search parameters of FHIR R4: tokens, references and dates. Source: FHIR R4, search.html."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from aliquot.flow.exchange.rules.elements import is_date_time

_PREFIXED: Final = re.compile(r"(eq|ne|gt|ge|lt|le)?(\d.*)", re.DOTALL)
_KEY: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_DAY: Final = 10
_MONTH: Final = 7


@dataclass(frozen=True, slots=True)
class Bound:
    """A comparison with a moment: not before `since` and before `until`; None leaves a side open."""

    since: datetime | None = None
    until: datetime | None = None


def read_bound(text: str) -> Bound | None:
    """What `ge2026-11-22T08:00:00+03:00` and the like ask for; None for what is no date or has `ne`.

    A date covers its whole period, in UTC when it names no zone: eq, ge, gt, le and lt as search.html#prefix
    says.
    """
    match = _PREFIXED.fullmatch(text.replace(" ", "+"))
    if match is None or not is_date_time(match[2]):
        return None
    try:
        start, end = _period(match[2])
    except (OverflowError, ValueError):  # the calendar ends with 9999
        return None
    return {
        "eq": Bound(start, end),
        "ge": Bound(start),
        "gt": Bound(end),
        "le": Bound(until=end),
        "lt": Bound(until=start),
    }.get(match[1] or "eq")


def read_key(text: str, kind: str) -> int | None:
    """The number in `12` or `Patient/12`; None for anything else."""
    said = text.removeprefix(f"{kind}/")
    return int(said) if _KEY.fullmatch(said) else None


def read_request_key(text: str) -> tuple[int, str] | None:
    """The order's number and the code in `ServiceRequest/12-GLUS`; None for anything else."""
    order, _, code = text.removeprefix("ServiceRequest/").partition("-")
    key = read_key(order, "ServiceRequest")
    return (key, code) if key is not None and code else None


def read_token(text: str) -> tuple[str | None, str]:
    """System and value of `system|value`; no system is None when none was named."""
    system, bar, value = text.rpartition("|")
    return (system if bar else None), value


def _period(text: str) -> tuple[datetime, datetime]:
    if len(text) < _DAY:
        year, month = int(text[:4]), int(text[5:7] or 1)
        start = datetime(year, month, 1, tzinfo=UTC)
        months = 1 if len(text) == _MONTH else 12
        following = (year * 12 + month - 1) + months
        return start, datetime(following // 12, following % 12 + 1, 1, tzinfo=UTC)
    moment = datetime.fromisoformat(text)
    start = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if len(text) == _DAY:
        return start, start + timedelta(days=1)
    return start, start + (timedelta(microseconds=1) if "." in text else timedelta(seconds=1))
