"""Values that endanger a patient: until when somebody must be told, who is next, and whether it was heard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from aliquot.flow.verification.rules.critical_policy import Repeat

Event = Literal["told", "acknowledged", "withdrawn", "needed_again"]
STEPS: Mapping[tuple[str, Event], str] = MappingProxyType(
    {
        ("open", "told"): "closed",
        ("open", "acknowledged"): "closed",
        ("open", "withdrawn"): "withdrawn",
        ("noted", "needed_again"): "open",
    }
)
"""Every step a call may take; what is closed or withdrawn stays so. The database refuses others.

Needed again: what was told instead of a noted one is taken back. A value that holds again has a new call.
"""
Ladder = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a ladder that was taken, or passed over because nobody of it is on duty."""

    step: int
    whom: str
    was_passed_over: bool


@dataclass(frozen=True, slots=True)
class Climb:
    """What a ladder brings now: the steps taken, and when the next is due (None at its end)."""

    taken: tuple[Taken, ...]
    next_at: datetime | None


def step_after(state: str, event: Event) -> str | None:
    """The state that follows, or None when this may not happen to a call in that state."""
    return STEPS.get((state, event))


def is_repeat(
    value: Decimal | None,
    told: Decimal | None,
    told_at: datetime | None,
    *,
    at: datetime,
    repeat: Repeat | None,
) -> bool:
    """Whether a critical value is one that was told lately and has hardly changed: it is noted, not called.

    `told` is in the same unit and critical on the same side. At exactly the hours or the change it is called.
    """
    if repeat is None or value is None or told is None or told_at is None:
        return False
    is_lately = at - told_at < timedelta(hours=repeat.hours)
    return is_lately and abs(value - told) * 100 < repeat.change_percent * abs(told)


def climb(
    ladder: Ladder, *, step: int, opened_at: datetime, at: datetime, is_there: Callable[[str], bool]
) -> Climb:
    """The steps due by now after `step` (-1: none was taken), in order; `is_there` says who is on duty.

    A due step of which nobody is on duty is passed over and the next one on duty takes its place at once. At
    the end of the ladder the call stays with whoever has it: nothing blocks.
    """
    taken: list[Taken] = []
    owed = False
    for place in range(step + 1, len(ladder)):
        whom, minutes = ladder[place]
        due = opened_at + timedelta(minutes=minutes)
        if due > at and not owed:
            return Climb(tuple(taken), due)
        owed = not is_there(whom)
        taken.append(Taken(place, whom, owed))
    return Climb(tuple(taken), None)


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
