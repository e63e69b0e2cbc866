"""Times as devices write them, brought to UTC."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# LIS02-A2 5.6.2 and HL7 v2.5.1 2.A.77 (TS): YYYYMMDDHHMM[SS[.S...]][+-ZZZZ]
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:(\d\d)(?:\.\d{1,6})?)?(?:([+-])(\d\d):?(\d\d))?")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_MESSAGE_OFFSET = re.compile(r"\d{8}(?:\d\d){0,3}(?:\.\d{1,6})?([+-])(\d\d):?(\d\d)")
_LONGEST = 40
_FURTHEST = timedelta(hours=14)  # no clock of the world is further from UTC


def read_time(text: str, zone: tzinfo, formats: Sequence[str] = ()) -> datetime | None:
    """Return a time of LIS02-A2, HL7 or one of the `formats` in UTC; None for a bare date or nonsense.

    A time without an offset is the device's local time in `zone`.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    found = _TIME.fullmatch(text)
    if not found:
        return _by_format(text, zone, formats)
    year, month, day, hour, minute, second, sign, hours, minutes = found.groups()
    own = _zone(sign, hours, minutes) if sign else zone
    if own is None:
        return None
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=own
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def offset_of(text: str) -> tzinfo | None:
    """Return the offset a time carries, or None. MSH-7's is that of the whole message (HL7 2.15.9.7)."""
    found = _MESSAGE_OFFSET.fullmatch(text.strip())
    return _zone(*found.groups()) if found else None


def zone_named(name: str) -> tzinfo | None:
    """Return the time zone of an IANA name or of an offset such as "+03:00"; None when there is none."""
    if found := _OFFSET.fullmatch(name):
        return _zone(*found.groups())
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone(sign: str, hours: str, minutes: str) -> tzinfo | None:
    """Return the zone of an offset; None where there is no such one, e.g. in the year of 15-11-2023."""
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    if offset > _FURTHEST:
        return None
    return timezone(-offset if sign == "-" else offset)


def _by_format(text: str, zone: tzinfo, formats: Sequence[str]) -> datetime | None:
    for form in formats:
        try:
            local = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the device's, set below
            return (local if local.tzinfo else local.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
