"""A second person decides on a rule set: sent back, or approved as validated; then put in force."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.verification.actions.stepping import (
    require_person,
    require_place,
    require_words,
    take_step,
)
from aliquot.flow.verification.actions.switching import change_rules
from aliquot.flow.verification.models import RuleSetVersion
from aliquot.flow.verification.queries import (
    catalogue_units,
    check_text,
    inherited_digest,
    untried_rules,
    versions_in_force,
)
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Refused

State = RuleSetVersion.State
NEVER_ACTIVE: dict[str, object] = {"active_from": None, "active_until": None}


def send_back_rule_set(version: RuleSetVersion, *, reason: str, by: Actor, at: datetime) -> None:  # noqa: ARG001 - every action says when
    """Return a submitted set to its writers, who see the reason."""
    by.require("approve_rule")
    require_place(version.laboratory_id, by)
    note = require_words(reason)
    take_step(version, State.SUBMITTED, state=State.DRAFT, review_note=note)


def approve_rule_set(
    version: RuleSetVersion, *, reason: str, untried: str = "", by: Actor, at: datetime
) -> None:
    """Approve a submitted set; refused to everybody who wrote in it, and without a signed validation.

    A laboratory's set must have been validated upon the network's rules that are in force now. Rules without
    a case that they stop and one that they let pass are refused by name, unless `untried` says why they may
    go without: who approves answers for that in writing (ISO 15189:2022, 7.4.1.5: validated before use). The
    units of the catalogue are kept with it: a test whose unit changes later waits for rules approved anew.
    """
    by.require("approve_rule")
    require_person(by)
    require_place(version.laboratory_id, by)
    note = require_words(reason)
    if by.key in (*version.written_by, version.submitted_by):
        raise Refused(_("You wrote or submitted this rule set: somebody else approves it."))
    signed = version.validations.filter(digest=version.digest, signed_at__isnull=False)
    beneath = inherited_digest(version.laboratory_id, at)
    if not any(one.inherited_digest == beneath for one in signed):
        raise Refused(
            _("Nobody signed a validation report of this text yet. Validate the set and sign first.")
        )
    note = _with_untried(version, note, untried.strip(), at)
    take_step(
        version,
        State.SUBMITTED,
        state=State.APPROVED,
        review_note=note,
        approved_at=at,
        approved_by=by.key,
        units=catalogue_units(),
    )


def _with_untried(version: RuleSetVersion, note: str, why: str, at: datetime) -> str:
    """The note, with the rules that no case tries and why they may go without; refused without a why."""
    missing = untried_rules(version, at)
    if not missing:
        return note
    codes = ", ".join(missing)
    if not why:
        words = _(
            "These rules lack a case that they stop or one that they let pass: %(rules)s. Send the set back "
            "for its cases, or say why they may go without."
        ) % {"rules": codes}
        raise Refused(words, fields={"untried": words})
    said = f"{note} [{codes}: {why}]"
    state_reason(said)
    return said


def activate_rule_set(
    version: RuleSetVersion, *, since: datetime, reason: str, by: Actor, at: datetime
) -> None:
    """Decide by this version from `since` on, never from a past moment; the version before it ends then.

    Workers follow in their next batch after that moment. Refused when a laboratory's own rules would no
    longer stand upon it, naming which.
    """
    by.require("approve_rule")
    require_place(version.laboratory_id, by)
    require_words(reason)
    if since < at:
        words = _("The rules cannot hold from a past moment: results were decided by others.")
        raise Refused(words, fields={"since": words})
    _require_fitting(version, at)
    with transaction.atomic():
        change_rules()
        _end_others(version, since, by)
        take_step(version, State.APPROVED, state=State.ACTIVE, active_from=since, activated_by=by.key)


def retire_rule_set(version: RuleSetVersion, *, reason: str, by: Actor, at: datetime) -> None:
    """Decide by this version no longer, or never: without another, every result of its scope waits.

    A laboratory whose own set ends goes by the network's. One that had not begun gives its time back to the
    version that was to end for it.
    """
    by.require("approve_rule")
    require_place(version.laboratory_id, by)
    require_words(reason)
    changes: dict[str, object] = {"state": State.RETIRED, "retired_at": at, "retired_by": by.key}
    with transaction.atomic():
        change_rules()
        since, until = RuleSetVersion.objects.values_list("active_from", "active_until").get(pk=version.pk)
        has_begun = since is not None and since < at
        changes |= {"active_until": min(at, until or at)} if has_begun else NEVER_ACTIVE
        take_step(version, State.APPROVED, State.ACTIVE, **changes)
        if since is not None and not has_begun:
            before = RuleSetVersion.objects.filter(laboratory=version.laboratory, state=State.ACTIVE)
            before.filter(active_until=since).update(active_until=until)


def _end_others(version: RuleSetVersion, since: datetime, by: Actor) -> None:
    """The version in force ends when this one begins; one that was to come later is set aside for it."""
    others = RuleSetVersion.objects.filter(laboratory=version.laboratory, state=State.ACTIVE).exclude(
        pk=version.pk
    )
    others.filter(active_from__gte=since).update(
        state=State.RETIRED, active_from=None, active_until=None, retired_at=since, retired_by=by.key
    )
    others.filter(active_from__lt=since).exclude(active_until__lte=since).update(active_until=since)


def _require_fitting(version: RuleSetVersion, at: datetime) -> None:
    problems = check_text(version.text, version.laboratory, at=at).problems
    if problems:
        raise Refused(_("This set can no longer be used: %(problem)s") % {"problem": problems[0]})
    if version.laboratory_id is not None:
        return
    for own in versions_in_force(at):
        if own.laboratory is not None:
            faults = check_text(own.text, own.laboratory, at=at, network=version.text).problems
            if faults:
                words = _("The rules of %(laboratory)s no longer stand upon these: %(problem)s")
                raise Refused(words % {"laboratory": own.laboratory.code, "problem": faults[0]})
