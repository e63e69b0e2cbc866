"""The nurse's day: who is to be drawn."""

from dataclasses import dataclass
from itertools import groupby

from aliquot.flow.orders.models import Order, Urgency
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import to_collect
from aliquot.registers.network.models import Site


@dataclass(frozen=True, slots=True)
class Waiting:
    """An order of which tubes are to be drawn."""

    order: Order
    tubes: tuple[Specimen, ...]

    @property
    def is_urgent(self) -> bool:
        return self.order.urgency == Urgency.STAT

    @property
    def is_again(self) -> bool:
        """Whether it is drawn once more because an earlier tube was lost."""
        return any(tube.replaces_id for tube in self.tubes)

    @property
    def is_labelled(self) -> bool:
        return all(tube.state == Specimen.State.LABELLED for tube in self.tubes)


def waiting_at(site: Site, text: str = "") -> list[Waiting]:
    """Orders to be drawn, urgent ones first; with `text` only patients whose name holds it."""
    groups = groupby(to_collect(site), key=lambda tube: tube.order)
    found = [Waiting(order, tuple(tubes)) for order, tubes in groups]
    wanted = text.lower().strip()
    return [one for one in found if wanted in one.order.patient.full_name.lower()]
