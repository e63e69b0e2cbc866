"""The one switch: automatic release of a test, an analyzer, a laboratory or the network off, and on again."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.verification.actions.stepping import require_place, require_words
from aliquot.flow.verification.actions.switching import change_rules
from aliquot.flow.verification.models import Suspension
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
from aliquot.registers.network.models import Site

Scope = Suspension.Scope


def suspend_release(
    *,
    laboratory: Site | None,
    test: Test | None = None,
    analyzer: Analyzer | None = None,
    reason: str,
    by: Actor,
    at: datetime,
) -> Suspension:
    """From the commit on no rule releases what this concerns; results go on being measured, judged and shown.

    Of a test in a laboratory, of an analyzer, of a laboratory, or (no laboratory) of the whole network. Waits
    for the batches that are being decided. Refused when it is suspended already.
    """
    by.require("suspend_autorelease")
    place = analyzer.laboratory_id if analyzer else laboratory.pk if laboratory else None
    require_place(place, by)
    kept = require_words(reason)
    scope = _scope(place, test, analyzer)
    try:
        with transaction.atomic():
            change_rules()
            return Suspension.objects.create(
                scope=scope,
                laboratory_id=place,
                test=test,
                analyzer=analyzer,
                reason=kept,
                since=at,
                by=by.key,
            )
    except IntegrityError as fault:
        raise Refused(_("It is suspended already. Reload the page.")) from fault


def resume_release(suspension: Suspension, *, reason: str, by: Actor, at: datetime) -> None:
    """Let the rules release again; what waits meanwhile goes on waiting for a person."""
    by.require("suspend_autorelease")
    require_place(suspension.laboratory_id, by)
    kept = require_words(reason)
    with transaction.atomic():
        change_rules()
        ended = Suspension.objects.filter(pk=suspension.pk, ended_at=None).update(
            ended_at=at, ended_by=by.key, end_reason=kept
        )
    if not ended:
        raise Refused(_("Somebody ended this suspension meanwhile. Reload the page."))


def _scope(place: int | None, test: Test | None, analyzer: Analyzer | None) -> str:
    if analyzer and test:
        raise Refused(_("Suspend a test or an analyzer, one at a time."))
    if analyzer:
        return str(Scope.ANALYZER)
    if test and place is None:
        words = _("Say in which laboratory the test is suspended.")
        raise Refused(words, fields={"laboratory": words})
    if test:
        return str(Scope.TEST)
    return str(Scope.NETWORK if place is None else Scope.LABORATORY)
