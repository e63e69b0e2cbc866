"""A participant takes in its portion of a sample: in which condition, and as which tube."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.oversight.proficiency.models import (
    Participation,
    ProficiencyRound,
    ProficiencySample,
    SampleReceipt,
)
from aliquot.registers.network.models import Site

Condition = SampleReceipt.Condition


def receive_sample(
    sample: ProficiencySample,
    laboratory: Site,
    condition: str,
    *,
    note: str = "",
    tube: str = "",
    by: Actor,
    at: datetime,
) -> SampleReceipt:
    """The receipt of a sample, once for each participant; `tube` is the bar code it was taken in under.

    What is not in order needs a note. Source: ISO 15189:2022, 7.3.7.3 (treated as patients' samples are).
    """
    with transaction.atomic():
        lock_participation(sample.round_id, laboratory.pk, by)
        _check(condition, note, tube)
        specimen = _tube(tube, laboratory) if tube.strip() else None
        receipt, is_new = SampleReceipt.objects.get_or_create(
            sample=sample,
            laboratory=laboratory,
            defaults={
                "organiser_id": sample.organiser_id,
                "condition": condition,
                "note": note.strip(),
                "specimen": specimen,
                "received_at": at,
                "received_by": by.key,
            },
        )
        if not is_new:
            raise Refused(_("Sample %(sample)s was taken in already.") % {"sample": sample.code})
        return receipt


def name_tube(receipt: SampleReceipt, tube: str, *, by: Actor, at: datetime) -> SampleReceipt:  # noqa: ARG001 - one shape
    """The receipt with the tube that the sample was taken in as later; Refused where it has one."""
    with transaction.atomic():
        lock_participation(receipt.sample.round_id, receipt.laboratory_id, by)
        if receipt.condition == Condition.MISSING:
            raise Refused(_("This sample was not in the parcel."))
        specimen = _tube(tube, receipt.laboratory)
        without = SampleReceipt.objects.filter(pk=receipt.pk, specimen=None)
        if not without.update(specimen=specimen):
            raise Refused(_("This sample stands for a tube already."))
        receipt.refresh_from_db()
        return receipt


def lock_participation(round_id: int, laboratory_id: int, by: Actor) -> Participation:
    """The participation, held, in a running round that is not submitted yet.

    Forbidden for whoever neither works there nor organises the round.
    """
    by.require("run_control")
    held = Participation.objects.select_for_update().filter(round_id=round_id, laboratory_id=laboratory_id)
    found = held.first()
    if found is None or not (_works_there(found, by)):
        raise Forbidden(_("This laboratory does not take part in the round, or is not yours."))
    if ProficiencyRound.objects.get(pk=round_id).state != ProficiencyRound.State.OPEN:
        raise Refused(_("This round is over."))
    return found


def _works_there(found: Participation, by: Actor) -> bool:
    organises = found.organiser_id in by.sites and by.may("manage_quality")
    return found.laboratory_id in by.sites or organises


def _check(condition: str, note: str, tube: str) -> None:
    if condition not in Condition.values:
        words = _("Say in which condition the sample came.")
        raise Refused(words, fields={"condition": words})
    if condition != Condition.GOOD and not note.strip():
        words = _("Say what was wrong with the sample: the organiser needs to know.")
        raise Refused(words, fields={"note": words})
    if condition == Condition.MISSING and tube.strip():
        words = _("A sample that did not come is no tube.")
        raise Refused(words, fields={"tube": words})


def _tube(number: str, laboratory: Site) -> Specimen:
    found = Specimen.objects.filter(number=number.strip(), laboratory=laboratory).first()
    if found is None:
        words = _("This laboratory has no tube %(number)s: take it in first.") % {"number": number.strip()}
        raise Refused(words, fields={"tube": words})
    return found
