"""The validation of a rule set: asked for, run by a process of its own, signed with the password."""

from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from django.db.models import Q
from django.utils.translation import gettext as _

from aliquot.flow.verification.actions.stepping import require_person, require_place
from aliquot.flow.verification.models import RuleSetValidation, RuleSetVersion
from aliquot.flow.verification.queries import check_text, inherited_digest
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import record_events
from aliquot.registers.network.models import Site
from aliquot.registers.people.models import Person

State = RuleSetValidation.State
SETTLED = (RuleSetVersion.State.DRAFT, RuleSetVersion.State.SUBMITTED)


def request_validation(
    version: RuleSetVersion,
    *,
    since: datetime,
    until: datetime,
    laboratory: Site | None = None,
    by: Actor,
    at: datetime,
) -> RuleSetValidation:
    """Try the text on its cases and on what was recorded from `since` to before `until`, in the background.

    Records "validation_requested". A laboratory's set is tried on that laboratory's history.
    """
    if not by.may("approve_rule"):
        by.require("draft_rule")
    require_place(version.laboratory_id, by)
    if until < since:
        words = _("The end lies before the beginning.")
        raise Refused(words, fields={"until": words})
    problems = check_text(version.text, version.laboratory, at=at).problems
    if problems:
        raise Refused(_("The text has mistakes: %(problem)s") % {"problem": problems[0]})
    asked = RuleSetValidation.objects.create(
        rule_set=version,
        digest=version.digest,
        inherited_digest=inherited_digest(version.laboratory_id, at),
        laboratory=version.laboratory or laboratory,
        since=since,
        until=until,
        asked_at=at,
        asked_by=by.key,
    )
    record_events("validation_requested", [asked.pk], at=at)
    return asked


def start_validation(validation: RuleSetValidation, *, total: int, by: Actor, at: datetime) -> bool:  # noqa: ARG001 - every action says who
    """Take the run for this process; whether it was free."""
    free = RuleSetValidation.objects.filter(pk=validation.pk, state=State.QUEUED)
    return bool(free.update(state=State.RUNNING, total=total, decided=0, beat_at=at))


def note_progress(validation: RuleSetValidation, *, decided: int, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Say how far the run is, and that it is alive."""
    RuleSetValidation.objects.filter(pk=validation.pk, state=State.RUNNING).update(
        decided=decided, beat_at=at
    )


def finish_validation(
    validation: RuleSetValidation,
    report: dict[str, Any],
    *,
    by: Actor,  # noqa: ARG001 - every action says who
    at: datetime,
) -> None:
    """Keep what was found; from now on it does not change."""
    bound = {**report, "digest": validation.digest, "inherited_digest": validation.inherited_digest}
    RuleSetValidation.objects.filter(pk=validation.pk, state=State.RUNNING).update(
        state=State.FINISHED,
        report=bound,
        report_digest=report_digest(bound),
        decided=report["history"]["decided"],
        finished_at=at,
        beat_at=at,
    )


def fail_validation(validation: RuleSetValidation, fault: str, *, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says who
    """Keep why there is no report."""
    running = RuleSetValidation.objects.filter(
        Q(state=State.RUNNING) | Q(state=State.QUEUED), pk=validation.pk
    )
    running.update(state=State.FAILED, fault=fault, finished_at=at)


def sign_validation(
    validation: RuleSetValidation, *, meaning: str, password: str, by: Actor, at: datetime
) -> None:
    """Answer for a validation with name, moment and meaning; the password is asked again.

    Refused while a case fails, when the text was changed since, and when the report is not as it was kept.
    """
    by.require("approve_rule")
    require_person(by)
    version = validation.rule_set
    require_place(version.laboratory_id, by)
    validation.refresh_from_db()
    _require_signable(validation, version, meaning)
    person = Person.objects.get(pk=by.person_id or 0)
    if not person.check_password(password):
        words = _("The password is wrong.")
        raise Forbidden(words, fields={"password": words})
    state_reason(meaning.strip())
    signed = RuleSetValidation.objects.filter(pk=validation.pk, state=State.FINISHED, signed_at=None).update(
        signed_at=at,
        signed_by=by.key,
        signed_name=f"{person.name_en} / {person.name_ru}",
        meaning=meaning.strip(),
    )
    if not signed:
        raise Refused(_("Somebody signed this report meanwhile. Reload the page."))
    validation.refresh_from_db()


def _require_signable(validation: RuleSetValidation, version: RuleSetVersion, meaning: str) -> None:
    if validation.state != State.FINISHED or validation.report is None:
        raise Refused(_("There is nothing to sign yet: the run is not finished."))
    if validation.digest != version.digest or version.state not in SETTLED:
        raise Refused(_("The text was changed since this run. Validate it again."))
    if report_digest(validation.report) != validation.report_digest:
        raise Refused(_("The report is not as it was kept. Validate the set again."))
    if validation.report["cases"]["failed"]:
        raise Refused(_("Cases of the set fail. Change the rule or the case, then validate again."))
    if not meaning.strip():
        words = _("Say what your signature means.")
        raise Refused(words, fields={"meaning": words})


def report_digest(report: dict[str, Any]) -> str:
    """SHA-256 of a report with its keys in order, as hexadecimal digits."""
    return sha256(orjson.dumps(report, option=orjson.OPT_SORT_KEYS)).hexdigest()
