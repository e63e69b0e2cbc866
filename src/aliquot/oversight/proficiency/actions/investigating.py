"""A failed result is worked off: one step after another, then its conclusion."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.models import FailureCase, FailureStep
from aliquot.oversight.proficiency.rules.investigation import FINDINGS, cause_of, next_step

State = FailureCase.State


def answer_step(
    case: FailureCase, step: str, finding: str, note: str, *, by: Actor, at: datetime
) -> FailureStep:
    """The answer to a step, kept for good: clerical, sample, method group, analyzer, patient impact.

    The steps come in their order; once the cause is found only the impact on patients is left. Refused
    without a note that says what was looked at. Source: Kristensen and Meijer 2017, Biochem Med 27(1).
    """
    by.require("run_control")
    with transaction.atomic():
        held = _held(case, by)
        found = dict(held.steps.values_list("step", "finding"))
        _check(step, finding, note, next_step(found))
        return FailureStep.objects.create(
            case=held,
            organiser_id=held.organiser_id,
            laboratory_id=held.laboratory_id,
            step=step,
            finding=finding,
            note=note.strip(),
            at=at,
            by=by.key,
        )


def close_case(case: FailureCase, conclusion: str, *, by: Actor, at: datetime) -> FailureCase:
    """The case with its cause, as the steps found it, and what is done; Refused while steps are open."""
    by.require("manage_quality")
    with transaction.atomic():
        held = _held(case, by)
        found = dict(held.steps.values_list("step", "finding"))
        if (left := next_step(found)) is not None:
            step = FailureStep.Step(left).label
            raise Refused(_("Answer this step first: %(step)s.") % {"step": step})
        if not conclusion.strip():
            words = _("Say what was found and what is done about it.")
            raise Refused(words, fields={"conclusion": words})
        held.state, held.cause = State.CLOSED, cause_of(found) or FailureCase.Cause.UNEXPLAINED
        held.conclusion, held.closed_at, held.closed_by = conclusion.strip(), at, by.key
        held.save(update_fields=["state", "cause", "conclusion", "closed_at", "closed_by"])
        return held


def _held(case: FailureCase, by: Actor) -> FailureCase:
    """The open case, held; Forbidden for another laboratory's unless one manages the round."""
    held = FailureCase.objects.select_for_update().filter(pk=case.pk).first()
    if held is None or not ({held.laboratory_id, held.organiser_id} & by.sites):
        raise Forbidden(_("This case belongs to another laboratory."))
    if held.state != State.OPEN:
        raise Refused(_("This case is closed."))
    return held


def _check(step: str, finding: str, note: str, due: str | None) -> None:
    if due is None:
        raise Refused(_("All steps are answered: close the case."))
    if step != due:
        label = FailureStep.Step(due).label
        raise Refused(_("Answer this step first: %(step)s.") % {"step": label})
    if finding not in FINDINGS[step]:
        words = _("Choose what this step found.")
        raise Refused(words, fields={"finding": words})
    if not note.strip():
        words = _("Say what was looked at: it is kept with the answer.")
        raise Refused(words, fields={"note": words})
