"""The way of a nonconformity, step by step, and what comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aliquot.oversight.improvement.models import ImprovementStep, Nonconformity

NEXT = {
    Nonconformity.State.RAISED: Nonconformity.State.CONTAINED,
    Nonconformity.State.CONTAINED: Nonconformity.State.ANALYSED,
    Nonconformity.State.ANALYSED: Nonconformity.State.ACTING,
    Nonconformity.State.ACTING: Nonconformity.State.DONE,
    Nonconformity.State.DONE: Nonconformity.State.EFFECTIVE,
    Nonconformity.State.EFFECTIVE: Nonconformity.State.CLOSED,
}
STATES = {ImprovementStep.Kind.WITHOUT_EFFECT: "notice"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the timeline, as shell/timeline.html draws it."""

    label: object
    at: datetime | None
    by: str
    detail: str
    state: str = "done"
    place: str = ""


def timeline_of(
    row: Nonconformity, steps: Iterable[ImprovementStep], names: Mapping[str, str]
) -> list[Shown]:
    """What happened, and as a last line the step that is next."""
    shown = [
        Shown(one.get_kind_display(), one.at, names[one.by], one.note, STATES.get(one.kind, "done"))  # type: ignore[call-overload]
        for one in steps
    ]
    following = NEXT.get(row.state)  # type: ignore[call-overload]
    return [*shown, Shown(following.label, None, "", "", "next")] if following else shown
