"""One scan at the patient: the right tube is taken, a stranger's tube stops the draw."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aliquot.entrypoints.web.shell.wording import day_text
from aliquot.flow.orders.models import Order, Urgency
from aliquot.flow.specimens.actions import collect_specimens
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import find_specimen
from aliquot.flow.specimens.rules.labels.layout import LabelFacts
from aliquot.foundation.actors import Actor
from aliquot.foundation.errors import Refused


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a scan meant: outcome ok, problem or danger, and the words; `stranger` is the wrong tube."""

    outcome: str
    text: str
    stranger: Specimen | None = None


def draw_tube(
    order: Order, number: str, *, collected_at: datetime, identity_confirmed: bool, by: Actor, at: datetime
) -> Drawn:
    """Take the scanned tube as drawn for this order, or say what is wrong with it."""
    tube = find_specimen(number)
    if tube is None:
        return Drawn("problem", _("Not a tube of this clinic. Put it aside and scan the right one."))
    if tube.order_id != order.pk:
        return _stranger(tube, order)
    if tube.state not in {Specimen.State.PLANNED, Specimen.State.LABELLED}:
        return Drawn("problem", _("This tube is already entered."))
    try:
        collect_specimens(
            [tube.number], collected_at=collected_at, identity_confirmed=identity_confirmed, by=by, at=at
        )
    except Refused as fault:
        return Drawn("problem", fault.reason)
    return Drawn("ok", _("Drawn: %(tube)s") % {"tube": tube.container.cap_name})


def _stranger(tube: Specimen, order: Order) -> Drawn:
    if tube.order.patient_id == order.patient_id:
        return Drawn(
            "problem", _("The right patient, but another order: %(number)s.") % {"number": tube.order.number}
        )
    return Drawn("danger", _("Stop: the label of another patient"), tube)


def label_facts(tubes: list[Specimen]) -> list[LabelFacts]:
    """What the labels of these tubes say, in the reader's language."""
    return [_label(tube) for tube in tubes]


def _label(tube: Specimen) -> LabelFacts:
    patient = tube.order.patient
    return LabelFacts(
        number=tube.number,
        patient=patient.full_name or _("Unidentified patient"),
        birth_date=day_text(patient.birth_date) if patient.birth_date else "",
        sex=_sex(patient.sex),
        container=tube.container.cap_name,
        site=tube.ordering_site.code,
        tests=tuple(one.test.short for one in tube.tests.all()),
        urgency="CITO" if tube.order.urgency == Urgency.STAT else "",
    )


def _sex(code: str) -> str:
    letters = {"M": "М", "F": "Ж"} if (get_language() or "").startswith("ru") else {"M": "M", "F": "F"}
    return letters.get(code, "")
