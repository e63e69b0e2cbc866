"""A box of drawn tubes as the pages meet it: packed by a nurse, closed, and if wished on the road."""

from datetime import timedelta

from django.utils import timezone

from aliquot.flow.logistics.actions import close_box, open_box, pack_specimen, pick_up_box
from aliquot.flow.logistics.jobs import follow_picked_up
from aliquot.flow.logistics.models import Box
from aliquot.flow.specimens.actions import collect_specimens
from aliquot.foundation.context import acting
from tests.factories import make_order
from tests.regions import Region, one_with


def packed_box(region: Region, orders: int, *codes: str, minutes: int = 30) -> tuple[Box, list[str]]:
    """A closed box of the clinic with the tubes of `orders` orders, drawn `minutes` ago, and their numbers."""
    now = timezone.now()
    drawn = now - timedelta(minutes=minutes)
    nurse = one_with(region, "nurse", region.clinic)
    numbers: list[str] = []
    for _ in range(orders):
        order = make_order(region, *codes, at=drawn - timedelta(minutes=5))
        with acting(nurse):
            numbers += list(order.specimens.order_by("id").values_list("number", flat=True))
    with acting(nurse):
        collect_specimens(numbers, collected_at=drawn, identity_confirmed=True, by=nurse, at=drawn)
        box = open_box(origin=region.clinic, lane="room", by=nurse, at=drawn)
        for number in numbers:
            pack_specimen(box, number, by=nurse, at=drawn)
        close_box(box, by=nurse, at=drawn)
    return box, numbers


def travelling_box(region: Region, orders: int, *codes: str, minutes: int = 30) -> tuple[Box, list[str]]:
    """The same box, picked up by the region's courier ten minutes after the draw."""
    box, numbers = packed_box(region, orders, *codes, minutes=minutes)
    at = timezone.now() - timedelta(minutes=minutes - 10)
    courier = region.people["courier"]
    with acting(courier):
        pick_up_box(box.number, by=courier, at=at)
    with acting(region.worker):
        follow_picked_up([box.pk], at)
    return box, numbers
