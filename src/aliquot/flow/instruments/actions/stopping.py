"""The stop switch of a driver: messages go on being kept and acknowledged, nothing of them is read."""

from datetime import datetime

from django.utils.translation import gettext as _

from aliquot.flow.instruments.actions.grounds import must_say_why
from aliquot.flow.instruments.actions.reading import wake_workers
from aliquot.flow.instruments.models import DriverStop
from aliquot.flow.instruments.rules.driver import models
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused


def stop_driver(model: str, *, reason: str, by: Actor, at: datetime) -> DriverStop:
    """From now on no message of this model's analyzers is read, nor their questions answered, in no site.

    For who manages instruments or may suspend automatic release. Refused when the driver is stopped already.
    """
    _begin(reason, by)
    if model not in models():
        words = _("Choose one of: %(known)s.") % {"known": ", ".join(models())}
        raise Refused(words, fields={"driver": words})
    stop, is_new = DriverStop.objects.get_or_create(
        model=model, ended_at=None, defaults={"reason": reason.strip(), "since": at, "by": by.key}
    )
    if not is_new:
        raise Refused(_("The driver is stopped already. Reload the page."))
    return stop


def start_driver(model: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Lift the stop: what was kept meanwhile is read now. Refused when the driver is not stopped."""
    _begin(reason, by)
    lifted = DriverStop.objects.filter(model=model, ended_at=None).update(
        ended_at=at, ended_by=by.key, end_reason=reason.strip()
    )
    if not lifted:
        raise Refused(_("The driver is not stopped. Reload the page."))
    wake_workers()


def _begin(reason: str, by: Actor) -> None:
    if not by.may("suspend_autorelease"):
        by.require("manage_instruments")
    must_say_why(reason)
