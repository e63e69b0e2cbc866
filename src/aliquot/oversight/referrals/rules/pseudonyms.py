"""What is told of a patient to another region: a pseudonym, the sex, an age; never a name or a number.

Source: ISO 15189:2022, 6.8.1 and 7.2.3 (what a referral laboratory must know); Federal law 152-FZ, art. 3(9)
and 5(5): no more than the purpose needs, under a pseudonym.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

DAYS, MONTHS, YEARS = "d", "mo", "a"
"""UCUM."""
NEWBORN_DAYS: Final = 28
INFANT_MONTHS: Final = 24
LETTERS: Final = 10


@dataclass(frozen=True, slots=True)
class Age:
    """How old: a whole number of days, months or years (UCUM d, mo, a)."""

    value: int
    unit: str


def pseudonym_of(uid: str) -> str:
    """What the patient of a referral is called there: of the referral's own random id, so of nothing else."""
    return "R-" + uid.replace("-", "")[:LETTERS].upper()


def age_at(born: date, on: date) -> Age:
    """The age on a day: in days below four weeks, in months below two years, then in years.

    Raises ValueError for a day before the birth.
    """
    if on < born:
        raise ValueError(f"{on} lies before {born}")
    if (on - born).days < NEWBORN_DAYS:
        return Age((on - born).days, DAYS)
    months = _months(born, on)
    return Age(months, MONTHS) if months < INFANT_MONTHS else Age(months // 12, YEARS)


def birth_date_for(age: Age, on: date) -> date:
    """A birth date that gives this age on that day, for the intervals there: not the patient's own.

    The middle of what the age allows, so that neither the youngest nor the oldest is meant.
    """
    if age.unit == DAYS:
        return on - timedelta(days=age.value)
    months = age.value if age.unit == MONTHS else age.value * 12
    latest, span = _before(on, months), 1 if age.unit == MONTHS else 12
    earliest = _before(on, months + span) + timedelta(days=1)
    return earliest + (latest - earliest) // 2


def _months(born: date, on: date) -> int:
    """Whole months lived."""
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


def _before(on: date, months: int) -> date:
    """The day so many months before, or the last of its month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day
