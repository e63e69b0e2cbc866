"""Who owns the data, who operates which site under which contract: dated rows that never overlap."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.network.models import Contract, DataOwner, Operation, Organisation, Site
from aliquot.registers.network.rules.spans import holds, overlap

MOST_BYTES = 8 * 1024 * 1024
"""Of a contract's document."""


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """Who agreed with whom on what; `document` are the bytes of the signed file, which may come without."""

    number: str
    kind: str
    customer: Organisation
    contractor: Organisation
    since: datetime
    until: datetime | None = None
    covers: str = ""
    document_name: str = ""
    document: bytes | None = None


def keep_contract(facts: ContractFacts, *, by: Actor, at: datetime) -> Contract:
    """The contract, kept as it was signed: later only its end may change.

    Refused without a number, with one party on both sides, an end before its beginning, a number that this
    customer has given already, and a document of more than eight megabytes.
    """
    by.require("plan_operator_change")
    if faults := _faults(facts):
        raise Refused(next(iter(faults.values())), fields=faults)
    return Contract.objects.create(
        number=facts.number.strip(),
        kind=facts.kind,
        customer=facts.customer,
        contractor=facts.contractor,
        since=facts.since,
        until=facts.until,
        covers=facts.covers.strip(),
        document_name=facts.document_name,
        document=facts.document,
        kept_at=at,
        kept_by=by.key,
    )


def _faults(facts: ContractFacts) -> dict[str, str]:
    faults = {}
    if not facts.number.strip():
        faults["number"] = _("Write the number of the contract.")
    elif Contract.objects.filter(customer=facts.customer, number=facts.number.strip()).exists():
        faults["number"] = _("This customer has a contract of this number already.")
    if facts.customer == facts.contractor:
        faults["contractor"] = _("A contract has two parties. Choose another contractor.")
    if facts.until is not None and facts.until <= facts.since:
        faults["until"] = _("The end lies before the beginning.")
    if len(facts.document or b"") > MOST_BYTES:
        faults["document"] = _("The document is larger than 8 MB. Keep a smaller copy.")
    return faults


def name_data_owner(
    organisation: Organisation,
    *,
    since: datetime,
    basis: str,
    by: Actor,
    at: datetime,  # noqa: ARG001 - every action says when
) -> DataOwner:
    """The data are this organisation's from `since` on; who owned them until then, owned them until then.

    Refused when somebody is named from that moment or a later one already.
    """
    by.require("approve_operator_change")
    if DataOwner.objects.filter(since__gte=since).exists():
        raise Refused(
            _("An owner of the data is named from a later moment already. Choose a moment after it."),
            fields={"since": _("Choose a later moment.")},
        )
    for one in DataOwner.objects.all():
        if holds(one, since):
            DataOwner.objects.filter(pk=one.pk).update(until=since)
    return DataOwner.objects.create(organisation=organisation, since=since, basis=basis.strip())


def operate_site(site: Site, contract: Contract, *, since: datetime, by: Actor, at: datetime) -> Operation:  # noqa: ARG001 - every action says when
    """The contractor operates the site from `since` until the contract ends; who did so then, ends then.

    Refused for a contract that is about something else or is not in force at that moment, and when the site
    has another operator from a later moment on: that is to be withdrawn first.
    """
    by.require("approve_operator_change")
    if contract.kind != Contract.Kind.OPERATION:
        raise Refused(
            _("Contract %(number)s is not about operating laboratories.") % {"number": contract.number}
        )
    if not holds(contract, since):
        raise Refused(_("Contract %(number)s is not in force at that moment.") % {"number": contract.number})
    _end_at(site, since)
    return Operation.objects.create(
        site=site, operator=contract.contractor, contract=contract, since=since, until=contract.until
    )


def end_operation(site: Site, *, on: datetime, by: Actor, at: datetime) -> Operation:  # noqa: ARG001 - every action says when
    """The operation that ends at `on`: from then on the site is operated by whom it belongs to.

    Refused when nobody operates it under a contract at that moment.
    """
    by.require("approve_operator_change")
    ended = _end_at(site, on)
    if ended is None:
        raise Refused(_("%(site)s is operated by its own organisation already.") % {"site": site})
    return ended


def reopen_operation(operation: Operation, *, until: datetime | None, by: Actor, at: datetime) -> None:
    """Let an operation that was to end earlier run until `until`; refused when another stands in its way."""
    by.require("approve_operator_change")
    later = Operation.objects.filter(site_id=operation.site_id).exclude(pk=operation.pk)
    if any(overlap(one, at, until) for one in later if one.since >= operation.since):
        raise Refused(_("Somebody else operates this site after it."))
    Operation.objects.filter(pk=operation.pk).update(until=until)


def _end_at(site: Site, on: datetime) -> Operation | None:
    """End what is in force at that moment; nothing that begins then or later may stand in the way."""
    known = list(Operation.objects.filter(site=site).order_by("since"))
    if any(one.since >= on for one in known):
        words = _("%(site)s has an operator from a later moment on. Withdraw that change first.")
        raise Refused(words % {"site": site})
    found = next((one for one in known if holds(one, on)), None)
    if found is not None:
        Operation.objects.filter(pk=found.pk).update(until=on)
    return found
