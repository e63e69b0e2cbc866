"""A nonconformity is worked on: contained, its cause found, actions done, their effect checked, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.actions.noting import day_at, held_row, note_step, said
from aliquot.oversight.improvement.actions.refusals import CHECK_REFUSALS, CLOSE_REFUSALS, RISK_RATING
from aliquot.oversight.improvement.models import (
    Complaint,
    ImprovementAction,
    ImprovementStep,
    Nonconformity,
    Risk,
)
from aliquot.oversight.improvement.queries import complaint_of, people_at
from aliquot.oversight.improvement.rules.nonconformities import (
    Doing,
    filled,
    why_not_checked,
    why_not_closed,
)
from aliquot.oversight.improvement.rules.risks import STEPS

State = Nonconformity.State
WORKED = (
    "state",
    "containment",
    "impact",
    "severity",
    "probability",
    "contained_at",
    "contained_by",
    "cause",
    "whys",
    "analysis",
    "analysed_at",
    "analysed_by",
    "criterion",
    "check_on",
    "attempts",
    "checked_at",
    "checked_by",
    "verdict",
    "conclusion",
    "closed_at",
    "closed_by",
)
"""What work changes; whose it is and what happened stays (config/protection.py)."""
Kind = ImprovementStep.Kind


@dataclass(frozen=True, slots=True)
class Containment:
    """What was done at once, whom it concerns, and how great the risk is as one knows now."""

    what: str
    impact: str
    severity: int
    probability: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """The cause: its kind, the answers to five whys, and a sentence."""

    cause: str
    whys: Sequence[str]
    text: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One action: what is to be done by whom (a person's key) until when."""

    what: str
    owner: str
    due_on: date
    kind: str = ImprovementAction.Kind.CORRECTIVE


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions, by what one will see that they helped, and when that is looked at."""

    actions: Sequence[Planned]
    criterion: str
    check_on: date


def contain_nonconformity(pk: int, given: Containment, *, by: Actor, at: datetime) -> Nonconformity:
    """The nonconformity with what was done at once, its risk judged. Source: ISO 15189:2022, 7.5."""
    by.require("work_nonconformity")
    what = said("containment", given.what, _("Say what was done at once, even if it was nothing."))
    if given.impact not in Nonconformity.Impact.values:
        words = _("Say whether patients are concerned.")
        raise Refused(words, fields={"impact": words})
    if given.severity not in STEPS or given.probability not in STEPS:
        raise Refused(str(RISK_RATING))
    with transaction.atomic():
        row = held_row(pk, by, to=State.CONTAINED)
        row.containment, row.impact = what, given.impact
        row.severity, row.probability = given.severity, given.probability
        row.contained_at, row.contained_by = at, by.key
        return _stepped(row, State.CONTAINED, Kind.CONTAINED, what, by=by, at=at)


def dismiss_nonconformity(pk: int, reason: str, *, by: Actor, at: datetime) -> Nonconformity:
    """Closed as none: it was as it should be; the reason is told to who raised it."""
    by.require("work_nonconformity")
    words = said("conclusion", reason, _("Say why it is no nonconformity: who raised it will read this."))
    with transaction.atomic():
        row = held_row(pk, by, to=State.DISMISSED)
        row.conclusion, row.closed_at, row.closed_by = words, at, by.key
        return _stepped(row, State.DISMISSED, Kind.DISMISSED, words, by=by, at=at)


def find_cause(pk: int, given: Analysis, *, by: Actor, at: datetime) -> Nonconformity:
    """The nonconformity with its root cause: a kind, up to five whys, a sentence. Source: 8.7.1 b)."""
    by.require("work_nonconformity")
    text = said("analysis", given.text, _("Say the cause in a sentence."))
    if given.cause not in Nonconformity.Cause.values:
        words = _("Choose the kind of the cause.")
        raise Refused(words, fields={"cause": words})
    with transaction.atomic():
        row = held_row(pk, by, to=State.ANALYSED)
        row.cause, row.whys, row.analysis = given.cause, list(filled(given.whys)), text
        row.analysed_at, row.analysed_by = at, by.key
        return _stepped(row, State.ANALYSED, Kind.ANALYSED, text, by=by, at=at)


def plan_actions(pk: int, plan: Plan, *, by: Actor, at: datetime) -> Nonconformity:
    """The nonconformity with actions, each with an owner and a day, and how their effect will be seen."""
    by.require("work_nonconformity")
    criterion = said("criterion", plan.criterion, _("Say by what one will see that it helped."))
    if not plan.actions:
        words = _("Plan one action at least.")
        raise Refused(words, fields={"what": words})
    with transaction.atomic():
        row = held_row(pk, by, to=State.ACTING)
        _check_days(row, plan, at)
        row.criterion, row.check_on, row.state = criterion, plan.check_on, State.ACTING
        row.save(update_fields=WORKED)
        for one in plan.actions:
            _plan(row, one, by=by, at=at)
        return row


def add_action(pk: int, planned: Planned, *, by: Actor, at: datetime) -> ImprovementAction:
    """One more action, also when the others are done already."""
    by.require("work_nonconformity")
    with transaction.atomic():
        row = held_row(pk, by)
        if row.state not in {State.ACTING, State.DONE}:
            raise Refused(_("Find the cause first, then plan what is done about it."))
        if row.check_on is not None and planned.due_on > row.check_on:
            words = _("Let it be done before its effect is checked, on %(day)s.") % {"day": row.check_on}
            raise Refused(words, fields={"due_on": words})
        made = _plan(row, planned, by=by, at=at)
        Nonconformity.objects.filter(pk=row.pk).exclude(state=State.ACTING).update(state=State.ACTING)
        return made


def finish_action(action_id: int, note: str, *, by: Actor, at: datetime) -> ImprovementAction:
    """The action, done by its owner or who works on nonconformities; after the last the effect is due."""
    words = said("done_note", note, _("Say what was done."))
    with transaction.atomic():
        found = ImprovementAction.objects.filter(pk=action_id).first()
        row = held_row(found.nonconformity_id if found else 0, by)
        action = ImprovementAction.objects.select_for_update().get(pk=action_id)
        if by.key != action.owner and not by.may("work_nonconformity"):
            raise Forbidden(_("This action is somebody else's."))
        if action.done_at is not None:
            raise Refused(_("This action is done already."))
        action.done_at, action.done_by, action.done_note = at, by.key, words
        action.save(update_fields=["done_at", "done_by", "done_note"])
        note_step(row, Kind.FINISHED, f"{action.what}: {words}", by=by, at=at)
        if not row.actions.filter(done_at=None).exists():
            row.state = State.DONE
            row.save(update_fields=WORKED)
        return action


def check_effect(pk: int, note: str, *, is_effective: bool, by: Actor, at: datetime) -> Nonconformity:
    """The nonconformity, effective or back to the search for its cause. Source: ISO 15189:2022, 8.7.1 e).

    Refused to who did one of the actions, and before the day of the check.
    """
    by.require("work_nonconformity")
    words = said("verdict", note, _("Say what you looked at and what you found."))
    with transaction.atomic():
        row = held_row(pk, by, to=State.EFFECTIVE)
        assert row.check_on is not None
        why = why_not_checked(by.key, _doers(row), row.check_on, day_at(row.laboratory_id, at))
        if why:
            raise Refused(CHECK_REFUSALS[why] % {"day": row.check_on})
        row.verdict, row.checked_at, row.checked_by = words, at, by.key
        if is_effective:
            return _stepped(row, State.EFFECTIVE, Kind.EFFECTIVE, words, by=by, at=at)
        row.attempts += 1
        return _stepped(row, State.CONTAINED, Kind.WITHOUT_EFFECT, words, by=by, at=at)


def answer_complaint(pk: int, answer: str, *, is_justified: bool, by: Actor, at: datetime) -> Complaint:
    """The complaint with its answer, which who complained reads; the first answer stands. Source: 7.7.2."""
    by.require("work_nonconformity")
    words = said("answer", answer, _("Write the answer: who complained will read it."))
    with transaction.atomic():
        row = held_row(pk, by)
        complaint = complaint_of(row.pk)
        if complaint is None:
            raise Refused(_("This nonconformity is no complaint."))
        if complaint.answered_at is not None:
            raise Refused(_("This complaint is answered already."))
        complaint.answer, complaint.is_justified = words, is_justified
        complaint.answered_at, complaint.answered_by = at, by.key
        complaint.save(update_fields=["answer", "is_justified", "answered_at", "answered_by"])
        note_step(row, Kind.ANSWERED, words, by=by, at=at)
        return complaint


def link_risk(pk: int, risk: Risk, *, by: Actor, at: datetime) -> Nonconformity:
    """The nonconformity, known as an event of this risk of the same laboratory."""
    by.require("work_nonconformity")
    with transaction.atomic():
        row = held_row(pk, by)
        if risk.laboratory_id != row.laboratory_id:
            raise Forbidden(_("This risk belongs to another laboratory."))
        row.risk = risk
        row.save(update_fields=["risk"])
        note_step(row, Kind.LINKED, risk.hazard, by=by, at=at)
        return row


def close_nonconformity(pk: int, conclusion: str, *, by: Actor, at: datetime) -> Nonconformity:
    """Closed for good, by another than those who did the actions; of low risk also after containment."""
    by.require("work_nonconformity")
    words = said("conclusion", conclusion, _("Say what was learnt, or why no action is needed."))
    with transaction.atomic():
        row = held_row(pk, by)
        complaint = complaint_of(row.pk)
        doing = Doing(
            row.level,
            row.contained_by,
            _doers(row),
            is_complaint=complaint is not None,
            is_answered=complaint is not None and complaint.answered_at is not None,
        )
        if why := why_not_closed(row.state, doing, by.key):
            raise Refused(str(CLOSE_REFUSALS[why]))
        row.conclusion, row.closed_at, row.closed_by = words, at, by.key
        return _stepped(row, State.CLOSED, Kind.CLOSED, words, by=by, at=at)


def _stepped(
    row: Nonconformity, state: str, kind: str, note: str, *, by: Actor, at: datetime
) -> Nonconformity:
    row.state = state
    row.save(update_fields=WORKED)
    note_step(row, kind, note, by=by, at=at)
    return row


def _doers(row: Nonconformity) -> frozenset[str]:
    return frozenset(row.actions.exclude(done_by="").values_list("done_by", flat=True))


def _check_days(row: Nonconformity, plan: Plan, at: datetime) -> None:
    today = day_at(row.laboratory_id, at)
    last = max(one.due_on for one in plan.actions)
    if min(one.due_on for one in plan.actions) < today:
        words = _("Choose a day that is still to come.")
        raise Refused(words, fields={"due_on": words})
    if plan.check_on < last:
        words = _("Check the effect after the last action is due, on %(day)s or later.") % {"day": last}
        raise Refused(words, fields={"check_on": words})


def _plan(row: Nonconformity, planned: Planned, *, by: Actor, at: datetime) -> ImprovementAction:
    what = said("what", planned.what, _("Say what is to be done."))
    if planned.owner not in dict(people_at(row.laboratory_id)):
        words = _("Choose who does it: somebody who works at this laboratory.")
        raise Refused(words, fields={"owner": words})
    made = ImprovementAction.objects.create(
        nonconformity=row,
        laboratory_id=row.laboratory_id,
        attempt=row.attempts,
        kind=planned.kind,
        what=what,
        owner=planned.owner,
        due_on=planned.due_on,
        planned_at=at,
        planned_by=by.key,
    )
    note_step(row, Kind.PLANNED, what, by=by, at=at)
    return made
