"""Placing and cancelling orders against the real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aliquot.flow.orders.actions import (
    OrderRequest,
    cancel_item,
    cancel_order,
    close_items,
    complete_orders,
    place_order,
)
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.orders.queries import items_of, orders_of_site
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.network.models import NumberRange
from aliquot.registers.patients.models import Patient, PatientSite
from tests.factories import NOW, make_order, make_patient
from tests.regions import LOADER, Region, one_with

LATER = NOW + timedelta(minutes=5)


def place(region: Region, *codes: str, patient: Patient | None = None, **changes: Any) -> Order:
    nurse = one_with(region, "nurse", region.clinic)
    facts = {"requester": "Dr. Lugovoy", **changes}
    for_whom = patient or make_patient(region)
    with acting(nurse):
        return place_order(OrderRequest(for_whom.pk, codes, **facts), site=region.clinic, by=nurse, at=NOW)


def test_panels_become_tests_once_each_in_order(region: Region) -> None:
    order = place(region, "ELEC", "GLUS", "K")
    found = [(item.test.code, item.panel, item.position) for item in items_of(order)]
    assert found == [("NA", "ELEC", 1), ("K", "ELEC", 2), ("CL", "ELEC", 3), ("GLUS", "", 4)]
    assert (order.ordering_site, order.laboratory, order.state) == (region.clinic, region.hub, "placed")


def test_a_child_born_after_the_midnight_of_its_clinic_can_be_ordered_for(region: Region) -> None:
    child, nurse = make_patient(region, birth_date=NOW.date()), one_with(region, "nurse", region.clinic)
    with acting(nurse):
        wanted = OrderRequest(child.pk, ("K",), "Dr. Lugovoy")
        night = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
        assert place_order(wanted, site=region.clinic, by=nurse, at=night).patient == child
        with pytest.raises(Refused, match="after the day of the order"):
            place_order(wanted, site=region.clinic, by=nurse, at=night - timedelta(hours=2))


def test_numbers_carry_the_site_and_follow_each_other(region: Region) -> None:
    first, second = place(region, "K").number, place(region, "K").number
    prefix = NumberRange.objects.get(site=region.clinic, kind="order").prefix
    assert first.startswith(f"L{prefix}")
    assert int(second[1:-1]) == int(first[1:-1]) + 1


def test_the_laboratory_sees_the_patient_from_now_on(region: Region) -> None:
    patient = make_patient(region)
    desk = one_with(region, "receptionist")
    with acting(desk):
        assert not Patient.objects.filter(pk=patient.pk).exists()
    place(region, "K", patient=patient)
    place(region, "K", patient=patient)
    with acting(desk):
        assert Patient.objects.get() == patient
        assert PatientSite.objects.filter(patient=patient).count() == 1


def test_the_other_clinic_sees_no_order(region: Region) -> None:
    place(region, "K")
    with acting(one_with(region, "nurse", region.other_clinic)):
        assert (Order.objects.count(), OrderItem.objects.count()) == (0, 0)
    with acting(one_with(region, "nurse", region.clinic)):
        assert vars(orders_of_site(region.clinic).get())["open_items"] == 1


def test_the_same_external_number_gives_back_the_earlier_order(region: Region) -> None:
    first = place(region, "K", external_system="mis", external_number="A-1")
    again = place(region, "GLUS", external_system="mis", external_number="A-1")
    other = place(region, "K", external_system="other", external_number="A-1")
    assert again == first
    assert other != first
    assert [item.test.code for item in items_of(again)] == ["K"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        (
            {"codes": ("K", "NOPE", "NADA")},
            "tests",
            "The catalogue does not hold NOPE, NADA. Remove the code",
        ),
        ({"codes": ()}, "tests", "No test is ordered. Choose at least one"),
        ({"requester": " "}, "requester", "Nobody is named as ordering this. Name the physician"),
        ({"urgency": "X"}, "urgency", "The urgency X is not known. Choose routine"),
    ],
)
def test_what_is_missing_is_named_with_its_remedy(
    region: Region, changes: dict[str, Any], field: str, words: str
) -> None:
    codes = changes.pop("codes", ("K",))
    with pytest.raises(Refused) as refused:
        place(region, *codes, **changes)
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field].startswith(words)


def test_everything_missing_is_named_at_once_and_no_number_is_spent(region: Region) -> None:
    patient = make_patient(region, birth_date=None)
    before = NumberRange.objects.get(site=region.clinic, kind="order").last
    with pytest.raises(Refused) as refused:
        place(region, "NOPE", patient=patient, requester="")
    assert set(refused.value.fields) == {"birth_date", "requester", "tests"}
    assert NumberRange.objects.get(site=region.clinic, kind="order").last == before


def test_a_patient_of_another_clinic_is_not_known_here(region: Region) -> None:
    hidden = make_patient(region, site=region.other_clinic)
    with pytest.raises(Refused, match="not known here") as refused:
        place(region, "K", patient=hidden)
    assert "claim the patient" in refused.value.fields["patient"]


def test_who_may_not_order_is_refused(region: Region) -> None:
    patient = make_patient(region)
    request = OrderRequest(patient.pk, ("K",), "Dr. Lugovoy")
    courier, nurse = one_with(region, "courier"), one_with(region, "nurse", region.clinic)
    with acting(courier), pytest.raises(Forbidden, match="may not place order"):
        place_order(request, site=region.clinic, by=courier, at=NOW)
    with acting(nurse), pytest.raises(Forbidden, match="does not work at"):
        place_order(request, site=region.other_clinic, by=nurse, at=NOW)


class TestCancelling:
    def test_the_order_and_its_tests_are_cancelled_with_the_reason(self, region: Region) -> None:
        order = make_order(region, "K", "NA")
        nurse = one_with(region, "nurse", region.clinic)
        with acting(nurse):
            cancelled = cancel_order(order, reason="ordered twice", by=nurse, at=LATER)
            states = set(order.items.values_list("state", "state_reason"))
        assert (cancelled.state, cancelled.cancel_reason, cancelled.cancelled_at) == (
            "cancelled",
            "ordered twice",
            LATER,
        )
        assert states == {("cancelled", "ordered twice")}
        with acting(LOADER):
            block = AuditBlock.objects.filter(table_name="lab_order", operation="update").latest("id")
            assert claim_events("order_completed", limit=10) == []
        assert (block.actor, block.reason) == (nurse.key, "ordered twice")

    def test_a_reason_is_demanded(self, region: Region) -> None:
        order = make_order(region, "K")
        nurse = one_with(region, "nurse", region.clinic)
        with acting(nurse), pytest.raises(Refused) as refused:
            cancel_order(order, reason=" ", by=nurse, at=LATER)
        assert list(refused.value.fields) == ["reason"]

    def test_a_released_test_keeps_the_order(self, region: Region) -> None:
        order = make_order(region, "K", "NA")
        nurse = one_with(region, "nurse", region.clinic)
        with acting(nurse):
            order.items.filter(test__code="K").update(state="reported")
            with pytest.raises(Refused, match="are released"):
                cancel_order(order, reason="x", by=nurse, at=LATER)
            with pytest.raises(Refused, match="already reported or closed"):
                cancel_item(order.items.get(test__code="K"), reason="x", by=nurse, at=LATER)

    def test_cancelling_the_last_open_test_completes_the_order(self, region: Region) -> None:
        order = make_order(region, "K", "NA")
        nurse = one_with(region, "nurse", region.clinic)
        with acting(nurse):
            order.items.filter(test__code="K").update(state="reported")
            assert (
                cancel_item(order.items.get(test__code="NA"), reason="x", by=nurse, at=LATER).state
                == "completed"
            )
            with pytest.raises(Refused, match="is completed and cannot be changed"):
                cancel_order(order, reason="x", by=nurse, at=LATER)
        with acting(LOADER):
            assert claim_events("order_completed", limit=10) == [order.pk]

    def test_the_other_clinic_cannot_cancel(self, region: Region) -> None:
        order = make_order(region, "K")
        stranger = one_with(region, "nurse", region.other_clinic)
        with acting(stranger), pytest.raises(Forbidden, match="not visible"):
            cancel_order(order, reason="x", by=stranger, at=LATER)


def test_giving_up_the_last_test_completes_the_order_once(region: Region) -> None:
    order, still_open = make_order(region, "K"), make_order(region, "K")
    worker = region.worker
    ids = list(order.items.values_list("pk", flat=True))
    assert close_items(ids, reason="no vein", by=worker, at=LATER) == [order.pk]
    assert complete_orders([order.pk, still_open.pk], at=LATER) == []
    assert claim_events("order_completed", limit=10) == [order.pk]
    order.refresh_from_db()
    assert (order.state, order.completed_at) == ("completed", LATER)
    assert order.items.get().state_reason == "no vein"
