"""The hub's door in the demonstration: boxes received, tubes scanned, judged, racked. Some arrive badly."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from aliquot.flow.logistics.actions import finish_reception, pick_up_box, receive_box, scan_arrival
from aliquot.flow.logistics.models import Box
from aliquot.flow.specimens.actions import accept_specimens, note_condition, request_recollection
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.actors import Actor
from aliquot.registers.network.models import Site

if TYPE_CHECKING:
    from aliquot.flow.orders.models import OrderItem

SHARE_HAEMOLYSED = 0.04
SHARE_STRANGE = 0.02  # a tube of another region lies in the box
OTHER_REGION = "500112345679"


@dataclass(slots=True)
class Door:
    """The hub's reception with its people."""

    hub: Site
    courier: Actor
    receptionist: Actor
    draw: random.Random

    def pick_up(self, box: Box, *, at: datetime) -> None:
        """The courier takes the box."""
        pick_up_box(box.number, by=self.courier, at=at)

    def take_in(self, box: Box, left_out: set[str], *, at: datetime) -> list[str]:
        """Receive a box, scan what lies in it, name what is missing; the numbers that arrived."""
        receive_box(box, by=self.receptionist, at=at)
        packed = list(box.items.values_list("number", flat=True))
        scanned = [number for number in packed if number not in left_out]
        if self.draw.random() < SHARE_STRANGE * len(packed):
            scanned.append(OTHER_REGION)
        for number in scanned:
            scan_arrival(box, number, site=self.hub, by=self.receptionist, at=at)
        finish_reception(box, by=self.receptionist, at=at)
        left_out.difference_update(packed)
        return scanned

    def accept(self, numbers: list[str], *, at: datetime) -> None:
        """Look at each tube, accept what is fit test by test; ask anew for what is not."""
        for tube in Specimen.objects.filter(number__in=numbers, is_centrifuged=True):
            if self.draw.random() < SHARE_HAEMOLYSED:
                note_condition(tube, ["HAEM"], by=self.receptionist, at=at)
        outcomes = accept_specimens(numbers, site=self.hub, by=self.receptionist, at=at)
        ids = [one.specimen_id for one in outcomes if one.specimen_id]
        self._ask_anew(ids, at)

    def _ask_anew(self, specimen_ids: list[int], at: datetime) -> None:
        rejected = SpecimenTest.objects.filter(
            specimen_id__in=specimen_ids, state=SpecimenTest.State.REJECTED
        )
        by_tube: dict[int, list[OrderItem]] = {}
        for one in rejected.select_related("order_item"):
            by_tube.setdefault(one.specimen_id, []).append(one.order_item)
        for items in by_tube.values():
            request_recollection(items, by=self.receptionist, at=at)
