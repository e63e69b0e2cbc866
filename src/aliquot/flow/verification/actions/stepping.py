"""What every step of a rule set asks: that it is ours, still where the person saw it, and why it is taken."""

from django.utils.translation import gettext as _

from aliquot.flow.verification.models import RuleSetVersion
from aliquot.foundation.actors import Actor, SystemActor
from aliquot.foundation.context import state_reason
from aliquot.foundation.errors import Forbidden, Refused


def require_place(laboratory_id: int | None, by: Actor) -> None:
    """Refuse who does not work in the laboratory whose rules these are; the network's belong to all."""
    if laboratory_id is not None and laboratory_id not in by.sites and not isinstance(by, SystemActor):
        raise Forbidden(_("These are the rules of another laboratory."))


def require_person(by: Actor) -> None:
    """Refuse a process of the program: what is answered for is answered for by somebody."""
    if by.person_id is None:
        raise Forbidden(_("Only a person approves and signs."))


def require_words(reason: str, field: str = "reason") -> str:
    """The reason without blanks around it, kept with the audit of this transaction; refused when empty."""
    kept = reason.strip()
    if not kept:
        words = _("State the reason: it is kept with the decision.")
        raise Refused(words, fields={field: words})
    state_reason(kept)
    return kept


def take_step(version: RuleSetVersion, *states: str, **changes: object) -> None:
    """Write these changes if the version is in one of the states and has the text that was read."""
    kept = RuleSetVersion.objects.filter(pk=version.pk, state__in=states, digest=version.digest)
    if not kept.update(**changes):
        raise Refused(_("Somebody changed this rule set meanwhile. Reload the page."))
    version.refresh_from_db()
