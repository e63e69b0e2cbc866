"""A person decides what waits: dismiss it, assign it to a tube, or have it matched again."""

from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.grounds import must_say_why
from aliquot.flow.instruments.actions.reading import wake_workers
from aliquot.flow.instruments.models import Message, Reading
from aliquot.flow.instruments.rules.quarantine import is_of_the_line
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused


def dismiss_message(message_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Put a waiting message aside with a reason; its readings stay. Refused when it waits no longer."""
    _begin(by, reason)
    message = Message.objects.filter(pk=message_id, state=Message.State.QUARANTINED).first()
    problems = [*(message.problems if message else ()), {"code": "dismissed", "detail": reason}]
    changed = Message.objects.filter(pk=message_id, state=Message.State.QUARANTINED).update(
        state=Message.State.DISMISSED, problems=problems, decided_at=at, decided_by=by.key
    )
    _must_wait(changed)


def dismiss_reading(reading_id: int, *, reason: str, by: Actor, at: datetime) -> None:
    """Put a waiting reading aside with a reason. Refused when it waits no longer."""
    _begin(by, reason)
    changed = Reading.objects.filter(pk=reading_id, state=Reading.State.QUARANTINED).update(
        state=Reading.State.DISMISSED, decided_at=at, decided_by=by.key, decision_note=reason
    )
    _must_wait(changed)


def assign_reading(reading_id: int, specimen_number: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Say which tube a waiting reading belongs to; a worker matches it again at once.

    Refused when there is no such tube in the reading's laboratory, or the reading waits no longer.
    """
    _begin(by, reason)
    number = specimen_number.strip()
    reading = Reading.objects.filter(pk=reading_id, state=Reading.State.QUARANTINED).first()
    _must_wait(reading is not None)
    assert reading is not None
    tube = Specimen.objects.filter(number=number, laboratory_id=reading.laboratory_id).first()
    if tube is None:
        sentence = _("There is no tube %(number)s in this laboratory. Scan its label again.")
        words = sentence % {"number": number}
        raise Refused(words, fields={"specimen": words})
    changed = Reading.objects.filter(pk=reading_id, state=Reading.State.QUARANTINED).update(
        state=Reading.State.RECEIVED, specimen=tube, decided_at=at, decided_by=by.key, decision_note=reason
    )
    _must_wait(changed)
    wake_workers()


def replay_message(message_id: int, *, by: Actor, at: datetime) -> int:
    """Have a message's waiting readings, or the message itself when nothing was read of it, matched again.

    For after a mapping was added, a tube accepted or a driver corrected. Returns how many are matched again.
    Refused for what broke off on the line: a part of a message must not become a result.
    """
    _begin(by, _("matched again"))
    waiting = Reading.objects.filter(message_id=message_id, state=Reading.State.QUARANTINED)
    count = waiting.update(state=Reading.State.RECEIVED, decided_at=at, decided_by=by.key)
    if not count and not Reading.objects.filter(message_id=message_id).exists():
        _refuse_broken(message_id)
        count = Message.objects.filter(
            pk=message_id, state=Message.State.QUARANTINED, is_outgoing=False
        ).update(state=Message.State.RECEIVED, decided_at=at, decided_by=by.key)
    _must_wait(count)
    wake_workers()
    return count


def _refuse_broken(message_id: int) -> None:
    found = Message.objects.filter(pk=message_id).values_list("problems", flat=True).first()
    if is_of_the_line(found or ()):
        raise Refused(
            _("This is a part of a message that broke off or was damaged. Send it again from the analyzer.")
        )


def _begin(by: Actor, reason: str) -> None:
    by.require("match_reading")
    must_say_why(reason)


def _must_wait(found: object) -> None:
    if not found:
        raise Refused(_("This does not wait any longer: somebody has decided it. Reload the list."))
