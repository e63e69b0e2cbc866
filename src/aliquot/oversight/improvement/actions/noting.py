"""What every action of improvement needs: words that must be there, the row held, its step kept."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.improvement.models import ImprovementStep, Nonconformity
from aliquot.oversight.improvement.rules.nonconformities import may_step
from aliquot.registers.network.models import Site


def said(field: str, text: str, missing: str) -> str:
    """The words without blanks around them. Refused, beside their field, when there are none."""
    if words := text.strip():
        return words
    raise Refused(missing, fields={field: missing})


def held_row(pk: int, by: Actor, *, to: str = "") -> Nonconformity:
    """The nonconformity, held, of a laboratory of the actor's and in a state that leads to `to`."""
    found = Nonconformity.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None or found.laboratory_id not in by.sites:
        raise Forbidden(_("This nonconformity is worked on by another laboratory."))
    if found.is_over:
        raise Refused(_("This nonconformity is closed. If it came again, raise a new one."))
    if to and not may_step(found.state, to):
        raise Refused(
            _("It is not its turn: this nonconformity is now “%(state)s”.")
            % {"state": found.get_state_display()}
        )
    return found


def note_step(row: Nonconformity, kind: str, note: str, *, by: Actor, at: datetime) -> ImprovementStep:
    """One line of its timeline."""
    return ImprovementStep.objects.create(
        nonconformity=row, laboratory_id=row.laboratory_id, kind=kind, note=note, at=at, by=by.key
    )


def day_at(site_id: int, at: datetime) -> date:
    """The date of this moment at a site."""
    return Site.objects.get(pk=site_id).day_of(at)
