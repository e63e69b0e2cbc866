"""One field for everything: a name, a birth date, a document's number, an order's number or a bar code."""

from dataclasses import dataclass

from aliquot.flow.orders.models import Order
from aliquot.flow.orders.queries import find_order
from aliquot.flow.specimens.queries import find_specimen
from aliquot.registers.catalogue.rules.search import in_other_layout
from aliquot.registers.patients.models import Patient
from aliquot.registers.patients.queries import search_patients

SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """What a text means here: patients, or the order whose number or tube it is."""

    text: str
    patients: tuple[Patient, ...] = ()
    order: Order | None = None

    @property
    def is_nothing(self) -> bool:
        return bool(self.text) and not self.patients and self.order is None


def find(text: str) -> Found:
    """What the text means among what the actor may see; shorter than two signs means nothing yet."""
    text = text.strip()
    if len(text) < SHORTEST:
        return Found("")
    if order := _order(text):
        return Found(text, order=order)
    return Found(text, patients=tuple(search_patients(text)))


def _order(text: str) -> Order | None:
    if not any(sign.isdigit() for sign in text):
        return None
    # a scanner on a Russian layout types Д for L
    for read in (text, in_other_layout(text)):
        if found := find_order(read):
            return found
    tube = find_specimen(text)
    return tube.order if tube else None
