"""Which way a nonconformity may go, what is due of it, how urgent it is, and who may say that it is over.

Source: ISO 15189:2022, 7.5 (nonconforming work: immediate action, extent, who authorises), 8.7
(nonconformities and corrective actions: cause, action, effectiveness, proportion), 7.7 (complaints).
How soon one is to be contained is this program's own choice, shown on the page and changed here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from aliquot.oversight.improvement.rules.risks import Level

STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "raised": frozenset({"contained", "dismissed"}),
        "contained": frozenset({"analysed", "closed"}),
        "analysed": frozenset({"acting"}),
        "acting": frozenset({"done"}),
        # without effect: the cause is sought again; another action may still be found to be needed
        "done": frozenset({"effective", "contained", "acting"}),
        "effective": frozenset({"closed"}),
    }
)
"""The database refuses every other step (the migration of these tables; a test compares the two)."""

BEGIN: Final = "raised"
OVER: Final = frozenset({"closed", "dismissed"})
CONTAIN_WITHIN: Mapping[Level, timedelta] = MappingProxyType(
    {Level.HIGH: timedelta(days=1), Level.MEDIUM: timedelta(days=3), Level.LOW: timedelta(days=7)}
)
USUAL_SEVERITY: Mapping[str, int] = MappingProxyType(
    {
        "rejected_tube": 2,
        "control_violation": 3,
        "monitor_alarm": 3,
        "complaint": 2,
        "late_result": 2,
        "wrong_result": 4,
        "eqa_failure": 3,
        "audit_finding": 2,
        "other": 2,
    }
)
"""What a form offers before a person judges; by the source of the nonconformity."""
USUAL_PROBABILITY: Final = 3


class Urgency(IntEnum):
    """The most urgent first."""

    OVERDUE = 0
    HIGH = 1
    DUE = 2
    CALM = 3
    OVER = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a nonconformity; `due` are the days until which its open actions are to be done."""

    state: str
    level: Level
    contain_by: datetime
    check_on: date | None = None
    due: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Doing:
    """Who had a hand in what was done: at containment, at each action; whether it was a complaint."""

    level: Level
    contained_by: str
    done_by: Collection[str]
    is_complaint: bool = False
    is_answered: bool = False


def may_step(state: str, to: str) -> bool:
    """Whether a nonconformity in `state` may become `to`."""
    return to in STEPS.get(state, frozenset())


def is_overdue(one: Standing, *, at: datetime, today: date) -> bool:
    """Whether something of it should have been done before this moment; a day is over when it has passed."""
    if one.state == BEGIN:
        return at > one.contain_by
    if one.state == "acting":
        return any(day < today for day in one.due)
    return one.state == "done" and one.check_on is not None and one.check_on < today


def urgency(one: Standing, *, at: datetime, today: date) -> Urgency:
    """How urgent it is: late, of high risk, due today, or neither."""
    if one.state in OVER:
        return Urgency.OVER
    if is_overdue(one, at=at, today=today):
        return Urgency.OVERDUE
    if one.level is Level.HIGH:
        return Urgency.HIGH
    return Urgency.DUE if _is_due(one, at=at, today=today) else Urgency.CALM


def contain_by(level: Level, raised_at: datetime) -> datetime:
    """Until when it is to be contained."""
    return raised_at + CONTAIN_WITHIN[level]


def why_not_checked(by: str, done_by: Collection[str], check_on: date, today: date) -> str:
    """Why this person cannot judge the effect now: "" or one of early, own.

    Who acted does not judge whether it helped, and not before the day that was set. Source: 8.7.1 e).
    """
    if by in done_by:
        return "own"
    return "early" if today < check_on else ""


def why_not_closed(state: str, one: Doing, by: str) -> str:
    """Why this person cannot close it: "" or one of unfinished, risk, own, unanswered.

    After containment alone only one of low risk is closed: actions are proportionate to the effect. Nobody
    closes what is their own doing. Source: 8.7.1, 8.7.2; 7.7.3 for complaints.
    """
    if not may_step(state, "closed"):
        return "unfinished"
    if state == "contained" and one.level is not Level.LOW:
        return "risk"
    if by in one.done_by or (state == "contained" and by == one.contained_by):
        return "own"
    return "unanswered" if one.is_complaint and not one.is_answered else ""


def filled(whys: Iterable[str]) -> tuple[str, ...]:
    """The answers to why, in order; what was left empty is left out."""
    return tuple(one.strip() for one in whys if one.strip())


def _is_due(one: Standing, *, at: datetime, today: date) -> bool:
    if one.state == BEGIN:
        return at > one.contain_by - timedelta(days=1)
    if one.state == "acting":
        return today in one.due
    return one.state in {"done", "effective"} and (one.check_on is None or one.check_on <= today)
