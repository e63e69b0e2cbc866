"""Why somebody's roles carry no rights now, in words: another organisation operates the place."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.shell.wording import time_text
from aliquot.foundation.context import NOBODY
from aliquot.registers.people.queries import Dormant, dormant_places


def lost_rights(request: HttpRequest) -> list[str]:
    """A sentence for each place where this person's roles carry no rights now; none for most people."""
    actor = getattr(request, "actor", NOBODY)
    if actor.person_id is None:
        return []
    return [_sentence(one) for one in dormant_places(actor.person_id, timezone.now())]


def _sentence(one: Dormant) -> str:
    said = {"site": one.site, "operator": one.operator}
    if one.since is None:
        words = _("%(operator)s operates %(site)s and does not employ you. Your roles there carry no rights.")
        return words % said
    words = _("%(operator)s operates %(site)s since %(since)s. Not employed by it, you have no rights there.")
    return words % {**said, "since": time_text(one.since, ZoneInfo(one.site.time_zone))}
