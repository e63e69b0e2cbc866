"""Rounds that are to be expected: at what distance, and how one that is not there yet stands.

Source: ISO 15189:2022, 7.3.7.3 a (participation fits what is measured), d (is monitored); ISO/IEC 17043:2023,
7.2.1 (a scheme states how often it distributes).
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

SOON = timedelta(days=14)
PATIENCE = timedelta(days=3)
"""So long a parcel may be on its way after the day it was expected."""
MONTHS = 12


class Expected(StrEnum):
    """How a planned round stands: far ahead, near, or its samples should have come."""

    AHEAD = "ahead"
    SOON = "soon"
    OVERDUE = "overdue"


def repeated(first: date, every_months: int, count: int) -> list[date]:
    """The dates of a scheme's rounds; the day of the month is kept, at most its last.

    ValueError for fewer than one round or month.
    """
    if count < 1 or every_months < 1:
        raise ValueError("a scheme has one round or more, a month or more apart")
    return [_months_later(first, every_months * place) for place in range(count)]


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, MONTHS)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def expected(samples_on: date, today: date) -> Expected:
    """How a planned round stands that is not opened yet."""
    if today > samples_on + PATIENCE:
        return Expected.OVERDUE
    return Expected.SOON if samples_on - today <= SOON else Expected.AHEAD
