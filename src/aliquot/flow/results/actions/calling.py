"""Telling somebody of a critical value: every try is kept, and only a read-back closes the call."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.locking import moment_text
from aliquot.flow.results.models import CriticalAttempt, CriticalCall
from aliquot.flow.results.rules.critical import Event, repeats_value, step_after
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.people.queries import name_of

APP = CriticalCall.How.APP.value
BY_LABORATORY = (CriticalCall.How.PHONE.value, CriticalCall.How.IN_PERSON.value)


def tell_critical(
    call: CriticalCall,
    told_to: str,
    read_back: str,
    *,
    by: Actor,
    at: datetime,
    role: str = "",
    how: str = "phone",
    note: str = "",
) -> CriticalCall:
    """The call, closed: `told_to` of that `role` heard it by `how` ("phone", "in_person") and repeated it.

    Refused when nobody is named, when the read-back does not hold the value's digits, or when a colleague
    closed the call, naming who and when. Whoever may call may take any step of the ladder. Source: ISO
    15189:2022, 7.4.1.3.
    """
    by.require("call_critical")
    with transaction.atomic():
        current = _locked_call(call, by, "told")
        _require_read_back(current, told_to, read_back, role=role, how=how)
        said = {"told_to": told_to.strip(), "read_back": read_back.strip(), "how": how}
        _note_attempt(current, by=by, at=at, note=note, **said)
        return _close(current, "told", by=by, at=at, told_role=role, **said)


def attempt_critical(
    call: CriticalCall, note: str, *, by: Actor, at: datetime, how: str = "phone"
) -> CriticalAttempt:
    """The kept try to reach somebody who did not answer; the call stays open. Refused without a note."""
    by.require("call_critical")
    if not note.strip():
        words = _("Write whom you tried to reach and how.")
        raise Refused(words, fields={"note": words})
    with transaction.atomic():
        return _note_attempt(_locked_call(call, by, "told"), by=by, at=at, note=note, how=how)


def note_call_read(call: CriticalCall, *, by: Actor, at: datetime) -> bool:
    """Keep that somebody of the site that ordered opened the value; whether it was the first time.

    Opening is not receipt: the call stays open, and so do its limits.
    """
    by.require("acknowledge_critical")
    unread = CriticalCall.objects.filter(pk=call.pk, ordering_site_id__in=by.sites, read_at=None)
    return bool(unread.update(read_at=at, read_by=by.key))


def acknowledge_critical(call: CriticalCall, read_back: str, *, by: Actor, at: datetime) -> CriticalCall:
    """The call, closed by the physician who read the value in the application and repeats it there.

    Refused before it was opened, without the value's digits, and when somebody was told meanwhile, naming who
    and when. Source: Joint Commission NPSG.02.03.01: receipt is by the responsible caregiver, not delivery.
    """
    by.require("acknowledge_critical")
    with transaction.atomic():
        current = _locked_call(call, by, "acknowledged")
        if current.read_at is None:
            raise Refused(_("Open the value and read it first."))
        _require_read_back(current, by.name, read_back)
        said = {"told_to": by.name, "read_back": read_back.strip(), "how": APP}
        _note_attempt(current, by=by, at=at, **said)
        return _close(current, "acknowledged", by=by, at=at, told_role="physician", **said)


def _close(call: CriticalCall, event: Event, *, by: Actor, at: datetime, **said: str) -> CriticalCall:
    """Compare and set: the state table says what follows."""
    state = step_after(call.state, event)
    CriticalCall.objects.filter(pk=call.pk, state=call.state).update(
        state=state, closed_at=at, closed_by=by.key, next_step_at=None, **said
    )
    call.refresh_from_db()
    return call


def _locked_call(call: CriticalCall, by: Actor, event: Event) -> CriticalCall:
    """The call, held, if this may happen to it: told by the laboratory, acknowledged where it was ordered."""
    current = CriticalCall.objects.select_for_update(of=("self",)).filter(pk=call.pk).first()
    if current is None or _party(current, event) not in by.sites:
        raise Forbidden(_("This call is not visible here."))
    if step_after(current.state, event) is None:
        raise Refused(
            _("This call was already closed by %(name)s at %(time)s. Reload the list.")
            % {"name": name_of(current.closed_by), "time": moment_text(current.closed_at)}
        )
    return current


def _party(call: CriticalCall, event: Event) -> int:
    return call.ordering_site_id if event == "acknowledged" else call.laboratory_id


def _require_read_back(
    call: CriticalCall, told_to: str, read_back: str, *, role: str = "", how: str = "phone"
) -> None:
    fields = {}
    value = call.value_text
    if how not in BY_LABORATORY:
        fields["how"] = _("Say how: by telephone or in person.")
    if role and role not in CriticalCall.ToldRole.values:
        fields["role"] = _("Choose who the person is.")
    if not told_to.strip():
        fields["told_to"] = _("Write the name of the person who was told.")
    if not repeats_value(read_back, value):
        words = _("The read-back does not hold the value %(value)s. Say it again and listen.")
        fields["read_back"] = words % {"value": value}
    if fields:
        raise Refused(" ".join(fields.values()), fields=fields)


def _note_attempt(
    call: CriticalCall,
    *,
    by: Actor,
    at: datetime,
    told_to: str = "",
    read_back: str = "",
    note: str = "",
    how: str = "phone",
) -> CriticalAttempt:
    return CriticalAttempt.objects.create(
        ordering_site_id=call.ordering_site_id,
        laboratory_id=call.laboratory_id,
        call=call,
        at=at,
        by=by.key,
        was_reached=bool(told_to),
        how=how,
        told_to=told_to.strip(),
        read_back=read_back.strip(),
        note=note.strip(),
    )
