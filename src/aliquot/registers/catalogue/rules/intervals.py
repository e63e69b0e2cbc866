"""Which interval applies to a person, and where a value lies against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Flag = Literal["LL", "L", "N", "H", "HH"]

AGE_NOBODY_REACHES = 60_000
"""In days: 164 years."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Limits for a sex ("M", "F", "" for both) from one age to another, in days, the upper exclusive."""

    low: Decimal | None
    high: Decimal | None
    sex: str = ""
    age_from_days: int = 0
    age_to_days: int = AGE_NOBODY_REACHES
    text: str = ""

    def covers(self, sex: str, age_days: int | None) -> bool:
        """Whether a person of this sex and age belongs here; an unknown age fits only limits for all ages."""
        if self.sex not in ("", sex):
            return False
        if age_days is None:
            return self.age_from_days <= 0 and self.age_to_days >= AGE_NOBODY_REACHES
        return self.age_from_days <= age_days < self.age_to_days


@dataclass(frozen=True, slots=True)
class Critical:
    """Beyond these the requester is told at once."""

    low: Decimal | None = None
    high: Decimal | None = None


def interval_for(intervals: Iterable[Interval], sex: str, age_days: int | None) -> Interval | None:
    """The one interval that covers this person: the sex's own before both, the narrowest age first.

    `sex` is "M", "F" or anything else for unknown; `age_days` counts from birth. None when no interval covers
    the person, or when equally narrow ones contradict each other: the result then waits for a person.
    Source: CLSI EP28-A3c, partitioning by sex and age.
    """
    fitting = [one for one in intervals if one.covers(sex, age_days)]
    if not fitting:
        return None
    best = min(_width(one) for one in fitting)
    closest = {one for one in fitting if _width(one) == best}
    return closest.pop() if len(closest) == 1 else None


def flag_of(value: Decimal, interval: Interval, critical: Critical | None = None) -> Flag:
    """Where `value` lies: LL and HH beyond the critical limits, L and H outside the interval, else N.

    Limits belong to the interval they close: a value equal to one is inside it. A limit of None is open.
    The letters are those of HL7 table 0078.
    """
    if critical and critical.low is not None and value < critical.low:
        return "LL"
    if critical and critical.high is not None and value > critical.high:
        return "HH"
    if interval.low is not None and value < interval.low:
        return "L"
    if interval.high is not None and value > interval.high:
        return "H"
    return "N"


def _width(interval: Interval) -> tuple[bool, int]:
    return (interval.sex == "", interval.age_to_days - interval.age_from_days)
