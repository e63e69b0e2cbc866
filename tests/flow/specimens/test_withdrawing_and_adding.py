"""Tests leave a tube and join it, and strangers see none, against the real database."""

from datetime import timedelta

import pytest

from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import (
    add_tests,
    withdraw_item,
    withdraw_order,
)
from aliquot.flow.specimens.models import SpecimenEvent, SpecimenTest
from aliquot.flow.specimens.queries import find_specimen
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from tests.factories import NOW, make_order, make_specimen
from tests.flow.specimens.reception import accept, nurse_of, states
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


class TestAddingTests:
    def test_a_stable_test_is_added_to_an_accepted_tube(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse):
            added = add_tests(tube, ["CREA"], by=nurse, at=NOW)
            assert [(one.test.code, one.state) for one in added] == [("CREA", "accepted")]
            assert states(tube) == {"K": "accepted", "CREA": "accepted"}
            assert [item.position for item in tube.order.items.order_by("position")] == [1, 2]

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("HGB", "Not to be done from this tube: HGB"),
            ("NOPE", "does not hold NOPE"),
            ("K", "already has K"),
        ],
    )
    def test_refusals(self, region: Region, code: str, words: str) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse), pytest.raises(Refused, match=words):
            add_tests(tube, [code], by=nurse, at=NOW)

    def test_too_late_adds_nothing(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "CREA"), nurse_of(region)
        accept(region, tube.number)
        with acting(nurse):
            with pytest.raises(Refused, match="GLUS is stable for 60 min"):
                add_tests(tube, ["GLUS"], by=nurse, at=NOW + timedelta(hours=3))
            assert states(tube) == {"CREA": "accepted"}
            assert tube.order.items.count() == 1

    def test_not_before_it_is_taken_in(self, region: Region) -> None:
        tube, nurse = make_specimen(region, "K"), nurse_of(region)
        with acting(nurse), pytest.raises(Refused, match="accepted tube only"):
            add_tests(tube, ["CREA"], by=nurse, at=NOW)


def test_the_other_clinic_and_the_courier_see_no_tube(region: Region) -> None:
    tube = make_specimen(region, "K")
    for stranger in (one_with(region, "nurse", region.other_clinic), one_with(region, "courier")):
        with acting(stranger):
            assert find_specimen(tube.number) is None
            assert SpecimenTest.objects.count() == SpecimenEvent.objects.count() == 0
