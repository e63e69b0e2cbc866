"""Telling somebody of a critical value: every try is kept, and only a read-back closes the call."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.results.actions.locking import moment_text
from aliquot.flow.results.models import CriticalAttempt, CriticalCall
from aliquot.flow.results.rules.critical import repeats_value
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.people.queries import name_of


def tell_critical(
    call: CriticalCall, told_to: str, read_back: str, *, by: Actor, at: datetime, note: str = ""
) -> CriticalCall:
    """The call, closed: `told_to` heard the value and read it back.

    Refused when nobody is named, when the read-back does not hold the value's digits, or when a colleague
    closed the call, naming who and when. Source: ISO 15189:2022, 7.4.1.3.
    """
    by.require("call_critical")
    with transaction.atomic():
        current = _locked_call(call, by)
        _require_read_back(current, told_to, read_back)
        _note_attempt(current, by=by, at=at, told_to=told_to, read_back=read_back, note=note)
        CriticalCall.objects.filter(pk=current.pk, state=CriticalCall.State.OPEN).update(
            state=CriticalCall.State.CLOSED,
            closed_at=at,
            closed_by=by.key,
            told_to=told_to.strip(),
            read_back=read_back.strip(),
        )
        current.refresh_from_db()
        return current


def attempt_critical(call: CriticalCall, note: str, *, by: Actor, at: datetime) -> CriticalAttempt:
    """The kept try to reach somebody who did not answer; the call stays open. Refused without a note."""
    by.require("call_critical")
    if not note.strip():
        words = _("Write whom you tried to reach and how.")
        raise Refused(words, fields={"note": words})
    with transaction.atomic():
        return _note_attempt(_locked_call(call, by), by=by, at=at, note=note)


def _locked_call(call: CriticalCall, by: Actor) -> CriticalCall:
    query = CriticalCall.objects.select_related("result").select_for_update(of=("self",))
    current = query.filter(pk=call.pk).first()
    if current is None or current.laboratory_id not in by.sites:
        raise Forbidden(_("This call is not visible here."))
    if current.state != CriticalCall.State.OPEN:
        raise Refused(
            _("This call was already closed by %(name)s at %(time)s. Reload the list.")
            % {"name": name_of(current.closed_by), "time": moment_text(current.closed_at)}
        )
    return current


def _require_read_back(call: CriticalCall, told_to: str, read_back: str) -> None:
    fields = {}
    value = call.result.value_text
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
) -> CriticalAttempt:
    return CriticalAttempt.objects.create(
        ordering_site_id=call.ordering_site_id,
        laboratory_id=call.laboratory_id,
        call=call,
        at=at,
        by=by.key,
        was_reached=bool(told_to),
        told_to=told_to.strip(),
        read_back=read_back.strip(),
        note=note.strip(),
    )
