"""What a person does about a control that failed; only then the release goes on."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.quality.actions.filing import judge_again
from aliquot.flow.quality.actions.standing import GOOD, hold_standing, settle_standing
from aliquot.flow.quality.models import ControlPlan, ControlResult, ControlRun, ControlViolation
from aliquot.flow.quality.queries.control import open_plan
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused


def close_violation(
    violation: ControlViolation, *, cause: str, action: str, by: Actor, at: datetime
) -> ControlViolation:
    """Record what was found and done; release resumes when nothing is open and a newer run is good.

    Under a plan that asks for a person's word, only after the good run. After a repair rules over runs begin
    anew with the next run. Source: ISO 15189:2022, 7.3.7.2 and 7.5.
    """
    by.require("run_control")
    _check_place(violation.laboratory_id, by)
    missing = {
        "cause": _("Choose what was found.") if cause not in ControlViolation.Cause.values else "",
        "action": _("Say what was done: it is kept with the run.") if not action.strip() else "",
    }
    if fields := {name: words for name, words in missing.items() if words}:
        raise Refused(" ".join(fields.values()), fields=fields)
    with transaction.atomic():
        hold_standing([(violation.analyzer_id, violation.test_id)])
        found = ControlViolation.objects.select_for_update().get(pk=violation.pk)
        if found.closed_at is not None:
            raise Refused(_("Somebody has answered this already. Reload the page."))
        plan = open_plan(found.analyzer_id, found.test_id)
        if (
            plan
            and plan.resume == ControlPlan.Resume.PERSON
            and found.is_rejection
            and not _is_good_since(found)
        ):
            raise Refused(
                _("Measure the controls again first: the plan asks for a good run before your word.")
            )
        found.cause, found.action = cause, action.strip()
        found.closed_at, found.closed_by = at, by.key
        found.save(update_fields=["cause", "action", "closed_at", "closed_by"])
        settle_standing(found.analyzer_id, found.test_id, by=by, at=at)
        return found


def close_violations(
    violations: Sequence[ControlViolation], *, cause: str, action: str, by: Actor, at: datetime
) -> int:
    """One answer for rules that one fault broke, all or none; how many they were. Refused without any."""
    if not violations:
        raise Refused(_("Somebody has answered this already. Reload the page."))
    with transaction.atomic():
        return len([close_violation(one, cause=cause, action=action, by=by, at=at) for one in violations])


def set_aside_control(result: ControlResult, *, reason: str, by: Actor, at: datetime) -> ControlResult:
    """Count a control value no longer: the wrong material stood there, it was badly dissolved.

    The value stays on the chart, marked. Rules that this run broke stay broken till somebody answers them.
    """
    by.require("run_control")
    _check_place(result.laboratory_id, by)
    if not reason.strip():
        words = _("Say why this value does not count.")
        raise Refused(words, fields={"reason": words})
    with transaction.atomic():
        hold_standing([(result.analyzer_id, result.test_id)])
        run = ControlRun.objects.get(pk=result.run_id)
        found = ControlResult.objects.select_for_update().get(pk=result.pk)
        if not found.is_counted:
            raise Refused(_("This value is set aside already. Reload the page."))
        found.is_counted, found.note = False, reason.strip()
        found.save(update_fields=["is_counted", "note"])
        judge_again(run, open_plan(run.analyzer_id, run.test_id), by=by, at=at)
        return found


def _is_good_since(violation: ControlViolation) -> bool:
    runs = ControlRun.objects.filter(
        analyzer_id=violation.analyzer_id, test_id=violation.test_id, is_complete=True
    )
    newest = runs.order_by("-began_at", "-number").first()
    return newest is not None and newest.began_at > violation.run.began_at and newest.verdict in GOOD


def _check_place(laboratory_id: int, by: Actor) -> None:
    if laboratory_id not in by.sites:
        raise Forbidden(_("This control belongs to another laboratory."))
