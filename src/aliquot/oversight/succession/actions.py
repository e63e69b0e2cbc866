"""Plan a change of the operator, approve it as a second person, withdraw it while it has not begun."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.succession.models import OperatorChange, OperatorChangeSite
from aliquot.oversight.succession.queries import effect_of
from aliquot.registers.network.actions import end_operation, operate_site, reopen_operation
from aliquot.registers.network.models import Contract, Operation, Site
from aliquot.registers.network.queries import operator_of
from aliquot.registers.network.rules.spans import holds

State = OperatorChange.State


def plan_change(
    sites: Collection[Site],
    contract: Contract | None,
    *,
    on: datetime,
    reason: str,
    by: Actor,
    at: datetime,
) -> OperatorChange:
    """A plan: from `on` the contractor operates these sites; without a contract, whom they belong to.

    Nothing changes until somebody else approves it. Refused for a moment that is over, without a site or a
    reason, for a contract that does not cover the moment, for sites that this organisation operates then
    already, and for a site of which another change is under way.
    """
    by.require("plan_operator_change")
    if faults := _faults(sites, contract, on, reason, at):
        raise Refused(next(iter(faults.values())), fields=faults)
    change = OperatorChange.objects.create(
        contract=contract,
        operator=contract.contractor if contract else None,
        on=on,
        reason=reason.strip(),
        planned_at=at,
        planned_by=by.key,
    )
    OperatorChangeSite.objects.bulk_create(OperatorChangeSite(change=change, site=one) for one in sites)
    return change


def _faults(
    sites: Collection[Site], contract: Contract | None, on: datetime, reason: str, at: datetime
) -> dict[str, str]:
    faults = {}
    if on <= at:
        faults["on"] = _("This moment is over. Choose a later one: the past stays as it was.")
    if not reason.strip():
        faults["reason"] = _("Say why; the audit keeps it with the change.")
    if contract is not None and contract.kind != Contract.Kind.OPERATION:
        faults["contract"] = _("This contract is not about operating laboratories. Choose another.")
    elif contract is not None and not holds(contract, on):
        faults["contract"] = _(
            "This contract is not in force at that moment. Choose another, or another moment."
        )
    if found := _site_fault(sites, contract, on, at):
        faults["sites"] = found
    return faults


def _site_fault(sites: Collection[Site], contract: Contract | None, on: datetime, at: datetime) -> str:
    if not sites:
        return _("Choose the sites whose operator changes.")
    for site in sites:
        named = {"site": site}
        if operator_of(site, on) == (contract.contractor if contract else site.organisation):
            return _("%(site)s is operated by this organisation then already. Leave it out.") % named
        if _under_way(site, at):
            return _("Another change of %(site)s is under way. Withdraw it first.") % named
    return ""


def _under_way(site: Site, at: datetime) -> bool:
    changes = OperatorChange.objects.filter(parts__site=site, on__gt=at)
    return changes.exclude(state=State.WITHDRAWN).exists()


def approve_change(change: OperatorChange, *, by: Actor, at: datetime) -> OperatorChange:
    """Approve a planned change: the records say who operates from that moment on; it needs nobody then.

    What it changes is kept with it as the approver was shown it. Refused for whoever planned it, when it is
    not planned any more, and when its moment is over.
    """
    by.require("approve_operator_change")
    if change.planned_by == by.key:
        raise Forbidden(_("You planned this change. Somebody else approves it."))
    if change.on <= at:
        raise Refused(_("The moment of this change is over. Plan it anew for a later one."))
    effect = asdict(effect_of(change))
    planned = OperatorChange.objects.filter(pk=change.pk, state=State.PLANNED)
    if not planned.update(state=State.APPROVED, approved_at=at, approved_by=by.key, effect=effect):
        raise Refused(_("This change is not planned any more. Look at it again."))
    state_reason(change.reason)
    for part in change.parts.select_related("site__organisation").order_by("site_id"):
        _carry_out(change, part, by=by, at=at)
    change.refresh_from_db()
    return change


def _carry_out(change: OperatorChange, part: OperatorChangeSite, *, by: Actor, at: datetime) -> None:
    known = Operation.objects.filter(site=part.site)
    before = next((one for one in known if holds(one, change.on)), None)
    part.ended, part.would_end = before, before.until if before else None
    part.save(update_fields=["ended", "would_end"])
    if change.contract is None:
        end_operation(part.site, on=change.on, by=by, at=at)
    else:
        operate_site(part.site, change.contract, since=change.on, by=by, at=at)


def withdraw_change(change: OperatorChange, why: str, *, by: Actor, at: datetime) -> OperatorChange:
    """Take a change back before its moment: the records say again what they said without it.

    Who may only plan withdraws what is not approved yet. Refused without a reason, when it was withdrawn
    already, and once its moment is over: then another change is planned.
    """
    by.require("plan_operator_change")
    if not why.strip():
        words = _("Say why; the audit keeps it with the change.")
        raise Refused(words, fields={"why": words})
    if change.on <= at:
        raise Refused(_("This change is in force. Plan another one for what comes after it."))
    was_approved = change.state == State.APPROVED
    if was_approved:
        by.require("approve_operator_change")
    open_one = OperatorChange.objects.filter(pk=change.pk, state=change.state).exclude(state=State.WITHDRAWN)
    if not open_one.update(
        state=State.WITHDRAWN, withdrawn_at=at, withdrawn_by=by.key, withdrawn_why=why.strip()
    ):
        raise Refused(_("This change has been decided meanwhile. Look at it again."))
    state_reason(why.strip())
    for part in change.parts.select_related("ended") if was_approved else ():
        _undo(change, part, by=by, at=at)
    change.refresh_from_db()
    return change


def _undo(change: OperatorChange, part: OperatorChangeSite, *, by: Actor, at: datetime) -> None:
    Operation.objects.filter(site_id=part.site_id, since=change.on).delete()
    if part.ended is not None:
        reopen_operation(part.ended, until=part.would_end, by=by, at=at)
