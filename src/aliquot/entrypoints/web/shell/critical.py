"""Critical values as every workplace shows them: the time that is left, and the ladder step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aliquot.entrypoints.web.shell.wording import HOUR, left_text
from aliquot.flow.results.queries import LadderStep
from aliquot.foundation.naming import is_russian

WHOM: Mapping[str, Promise] = {
    "app": _("the requester's own page"),
    "requester": _("the requester"),
    "ward": _("the ward"),
    "duty_doctor": _("the doctor on duty"),
    "department_head": _("the head of department"),
    "on_call": _("who is on call for the site"),
    "laboratory_doctor": _("the laboratory doctor on duty"),
    "director": _("the laboratory director"),
}
HALF = 50


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How much of the limit is used: in words, as a share of 0 to 100, and by a mark that needs no colour."""

    words: str
    share: int
    stage: str

    @property
    def is_late(self) -> bool:
        return self.stage == "late"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder as it is drawn; `state`: taken, passed_over, next, later."""

    number: int
    whom: str
    state: str
    words: str
    at: datetime
    contacts: tuple[tuple[str, str], ...]


def time_left(opened_at: datetime, due_at: datetime, *, at: datetime) -> TimeLeft:
    """The time that is left of a limit: calm in its first half, pressing in its second, late after it."""
    whole = max((due_at - opened_at).total_seconds(), 1)
    used = min(max((at - opened_at).total_seconds() / whole, 0), 1)
    words = left_text(due_at, at=at)
    if due_at < at:
        return TimeLeft(words, 100, "late")
    return TimeLeft(words, round(used * 100), "calm" if used * 100 < HALF else "pressing")


def drawn_ladder(steps: Iterable[LadderStep], *, at: datetime) -> list[Step]:
    """Every step with who answers there, what was done and what comes when."""
    return [
        Step(
            number=one.step + 1,
            whom=str(WHOM.get(one.whom, one.whom)),
            state=one.state,
            words=_words(one, at),
            at=one.at or one.due_at,
            contacts=tuple(_contact(who) for who in one.contacts),
        )
        for one in steps
    ]


def now_and_next(steps: Iterable[Step]) -> tuple[Step | None, Step | None]:
    """Whom to reach now: the last step that was taken, the first when none was; and who follows."""
    kept = list(steps)
    taken = [one for one in kept if one.state == "taken"]
    coming = [one for one in kept if one.state == "next"]
    following = coming[0] if coming else None
    return (taken[-1] if taken else following), (following if taken else None)


def _words(one: LadderStep, at: datetime) -> str:
    if one.state == "taken":
        return gettext("taken")
    if one.state == "passed_over":
        return gettext("passed over: nobody on duty")
    minutes = max(0, int((one.due_at - at).total_seconds() // 60))
    return ngettext("in %(count)d minute", "in %(count)d minutes", minutes) % {"count": minutes}


def _contact(who: Mapping[str, Any]) -> tuple[str, str]:
    return (str(who["name_ru"] if is_russian() else who["name_en"]), str(who["phone"]))


def limit_text(minutes: int) -> str:
    """A limit as people say it: whole hours as hours."""
    if minutes >= HOUR and not minutes % HOUR:
        return gettext("%(hours)d h") % {"hours": minutes // HOUR}
    return gettext("%(minutes)d min") % {"minutes": minutes}
