"""What a letter with results does to a test of ours, by what stands there now."""

from dataclasses import dataclass
from enum import Enum

from aliquot.oversight.referrals.rules.letters import FINAL, NOT_PERFORMED, PENDING, Found


class Step(Enum):
    """What is done with one test."""

    NOTHING = "nothing"
    ENTER = "enter"
    """a value where there is none"""
    REPLACE = "replace"
    """another value instead of one that waits"""
    AMEND = "amend"
    """another value instead of one that was released"""
    REFUSE = "refuse"
    """the value that waits is taken back"""
    WITHDRAW = "withdraw"
    """the value that was released is taken back"""
    GIVE_UP = "give_up"
    """there will be no value"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a test of ours stands: whether it is open, and its value that waits or was released, if any."""

    is_open: bool
    waiting: str | None = None
    released: str | None = None


def step_for(found: Found, now: Standing) -> Step:
    """What a found result does; the same letter again does nothing."""
    if found.status == PENDING:
        return Step.NOTHING
    if found.status == FINAL:
        return _for_value(found.value, now)
    if now.released is not None:
        return Step.WITHDRAW
    if now.waiting is not None:
        return Step.REFUSE
    return Step.GIVE_UP if found.status == NOT_PERFORMED and now.is_open else Step.NOTHING


def _for_value(value: str, now: Standing) -> Step:
    if now.released is not None:
        return Step.NOTHING if now.released == value else Step.AMEND
    if now.waiting is not None:
        return Step.NOTHING if now.waiting == value else Step.REPLACE
    return Step.ENTER if now.is_open else Step.NOTHING
