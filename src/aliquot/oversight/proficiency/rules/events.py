"""Acceptable performance by allowable limits, and of a laboratory over testing events.

Source: 42 CFR 493.2 (unsuccessful participation), 493.801-493.959 (80 percent; no participation scores 0).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from aliquot.oversight.proficiency.rules.scores import Number

SATISFACTORY_PERCENT = Decimal(80)
EVENTS_TOGETHER = 3
FAILED_OF_THEM = 2


@dataclass(frozen=True, slots=True)
class Graded:
    """Whether a result lies within what is allowed around the target, on the limit included."""

    allowed: float | Decimal
    deviation: float | Decimal
    is_acceptable: bool


@dataclass(frozen=True, slots=True)
class Participation:
    """Of each event whether it was satisfactory; whether now, and whether ever, too many were not."""

    satisfactory: tuple[bool, ...]
    is_unsuccessful: bool
    was_unsuccessful: bool


def allowed_deviation(
    target: Number,
    *,
    absolute: Number | None = None,
    percent: Number | None = None,
    sds: Number | None = None,
) -> Number:
    """The greatest of the limits that are given: absolute, percent of the target, SDs of the group times SD.

    ValueError where none is given. Source: 42 CFR 493.931: "the greater of".
    """
    limits = [one for one in (absolute, sds) if one is not None]
    if percent is not None:
        limits.append(abs(target) * percent / 100)
    if not limits:
        raise ValueError("no limit is given: an absolute one, a percentage, or SDs of the group")
    return max(limits)


def grade(x: Number, target: Number, allowed: Number) -> Graded:
    """The verdict on one result."""
    return Graded(allowed, x - target, abs(x - target) <= allowed)


def event_score(graded: Sequence[bool]) -> Decimal:
    """Percent of acceptable results of an event; 0 where none was returned."""
    return Decimal(100 * sum(graded)) / len(graded) if graded else Decimal(0)


def is_satisfactory(score: Decimal, needed: Decimal = SATISFACTORY_PERCENT) -> bool:
    """Whether an event's score reaches what is needed."""
    return score >= needed


def follow_events(scores: Sequence[Decimal], needed: Decimal = SATISFACTORY_PERCENT) -> Participation:
    """Over events, the oldest first: unsuccessful when two of the last three were not enough."""
    good = tuple(is_satisfactory(one, needed) for one in scores)
    ends = range(1, len(good) + 1)
    failing = [_too_many(good[max(0, end - EVENTS_TOGETHER) : end]) for end in ends]
    return Participation(good, bool(failing) and failing[-1], any(failing))


def _too_many(window: tuple[bool, ...]) -> bool:
    return window.count(False) >= FAILED_OF_THEM
