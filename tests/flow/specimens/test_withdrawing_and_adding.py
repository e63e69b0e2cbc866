"""Tests leave a tube and join it, and strangers see none, against the real database."""

import pytest

from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import (
    withdraw_item,
    withdraw_order,
)
from aliquot.flow.specimens.models import SpecimenEvent, SpecimenTest
from aliquot.flow.specimens.queries import find_specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.factories import NOW, make_order, make_specimen
from tests.flow.specimens.reception import nurse_of, states
from tests.regions import Region, one_with


class TestWithdrawing:
    def test_an_order_takes_its_tubes_with_it(self, region: Region) -> None:
        order, nurse = make_order(region, "K", "HGB"), nurse_of(region)
        with acting(nurse):
            assert withdraw_order(order, reason="ordered twice", by=nurse, at=NOW).state == "cancelled"
            assert set(order.specimens.values_list("state", flat=True)) == {"cancelled"}

    def test_a_test_leaves_the_tube_of_the_others(self, region: Region) -> None:
        order, nurse = make_order(region, "K", "CREA"), nurse_of(region)
        with acting(nurse):
            withdraw_item(order.items.get(test__code="K"), reason="x", by=nurse, at=NOW)
            tube = order.specimens.get()
        assert (tube.state, states(tube)) == ("planned", {"K": "cancelled", "CREA": "pending"})

    def test_what_is_measured_is_not_withdrawn(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse):
            tube.tests.update(state="measured")
            with pytest.raises(Refused, match="Already measured: K"):
                withdraw_order(tube.order, reason="x", by=nurse, at=NOW)
            with pytest.raises(Refused, match="Already measured: K"):
                withdraw_item(tube.order.items.get(), reason="x", by=nurse, at=NOW)
        assert Order.objects.get(pk=tube.order_id).state == "placed"


def test_the_other_clinic_and_the_courier_see_no_tube(region: Region) -> None:
    tube = make_specimen(region, "K")
    for stranger in (one_with(region, "nurse", region.other_clinic), one_with(region, "courier")):
        with acting(stranger):
            assert find_specimen(tube.number) is None
            assert SpecimenTest.objects.count() == SpecimenEvent.objects.count() == 0
