"""Nonconformities as tests need them: raised by whom it happened to, brought as far as asked."""

from datetime import date, datetime, timedelta

from aliquot.flow.specimens.actions import reject_tests
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.oversight.improvement.actions import (
    Analysis,
    Containment,
    Happening,
    Plan,
    Planned,
    contain_nonconformity,
    find_cause,
    finish_action,
    plan_actions,
    raise_nonconformity,
)
from aliquot.oversight.improvement.models import ImprovementAction, Nonconformity
from tests.factories import NOW, make_specimen
from tests.regions import Region, one_with

TODAY = date(2026, 11, 22)
WEEK = timedelta(days=7)
CONTAINED = Containment("the tube was drawn again", "none", 3, 3)
CAUSE = Analysis("people", ("tourniquet too long", "nobody showed it", ""), "the draw is not taught")


def make_rejected(region: Region) -> Specimen:
    """A tube of the first clinic that reception rejected as haemolysed."""
    tube = make_specimen(region, "K")
    desk = one_with(region, "receptionist")
    with acting(desk):
        reject_tests(tube, ["K"], "HAEM", "", by=desk, at=NOW)
    return tube


def make_raised(
    region: Region, what: str = "a bottle broke", *, severity: int | None = None
) -> Nonconformity:
    """Of the hub, from nothing in particular, by its technologist."""
    by = one_with(region, "technologist", region.hub)
    with acting(by):
        return raise_nonconformity(Happening("other", what, None, severity), region.hub, by=by, at=NOW)


def make_contained(region: Region, given: Containment = CONTAINED) -> Nonconformity:
    row, by = make_raised(region), one_with(region, "quality_manager")
    with acting(by):
        return contain_nonconformity(row.pk, given, by=by, at=NOW)


def make_acting(region: Region, owner: Actor, *, days: int = 7) -> Nonconformity:
    """With one action of this owner, due in a week, checked on the same day."""
    row, by = make_contained(region), one_with(region, "quality_manager")
    due = TODAY + timedelta(days=days)
    with acting(by):
        find_cause(row.pk, CAUSE, by=by, at=NOW)
        plan = Plan([Planned("teach the draw", owner.key, due)], "below 0.2 % haemolysed", due)
        return plan_actions(row.pk, plan, by=by, at=NOW)


def make_done(region: Region, owner: Actor, at: datetime = NOW) -> Nonconformity:
    row = make_acting(region, owner)
    with acting(owner):
        action = ImprovementAction.objects.get(nonconformity=row)
        finish_action(action.pk, "all nurses were shown", by=owner, at=at)
        row.refresh_from_db()
    return row
