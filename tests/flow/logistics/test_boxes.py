"""Boxes from a clinic to the hub: packed, carried by somebody who sees numbers only, unpacked tube by tube."""

from datetime import timedelta

import pytest

from aliquot.config.reactions import REACTIONS
from aliquot.flow.logistics.actions import (
    close_box,
    finish_reception,
    open_box,
    pack_specimen,
    pick_up_box,
    receive_box,
    scan_arrival,
    unpack_specimen,
)
from aliquot.flow.logistics.models import Box
from aliquot.flow.logistics.queries import (
    boxes_of,
    boxes_to_carry,
    manifest,
    overdue_boxes,
    overdue_missing,
    reception_of,
)
from aliquot.flow.logistics.rules.custody import Arrival
from aliquot.flow.orders.models import Order
from aliquot.flow.specimens.actions import Intake, accept_specimens, withdraw_order
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import journey
from aliquot.flow.specimens.rules.numbering import specimen_number
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_order, make_specimen
from tests.regions import Region, one_with

HOUR = timedelta(hours=1)


def nurse_of(region: Region) -> Actor:
    return one_with(region, "nurse", region.clinic)


def packed_box(region: Region, *tubes: Specimen, lane: str = "room") -> Box:
    nurse = nurse_of(region)
    with acting(nurse):
        box = open_box(origin=region.clinic, lane=lane, by=nurse, at=NOW)
        for tube in tubes:
            pack_specimen(box, tube.number, by=nurse, at=NOW)
        return close_box(box, by=nurse, at=NOW) if tubes else box


def carried_box(region: Region, *tubes: Specimen, lane: str = "room") -> Box:
    box, courier = packed_box(region, *tubes, lane=lane), one_with(region, "courier")
    with acting(courier):
        return pick_up_box(box.number, by=courier, at=NOW)


def received_box(region: Region, *tubes: Specimen, lane: str = "room") -> Box:
    box, desk = carried_box(region, *tubes, lane=lane), one_with(region, "receptionist")
    with acting(desk):
        receive_box(box, by=desk, at=NOW + HOUR)
    return box


def scan(region: Region, box: Box | None, *numbers: str) -> list[Arrival]:
    desk = one_with(region, "receptionist")
    with acting(desk):
        return [scan_arrival(box, one, site=region.hub, by=desk, at=NOW + HOUR).kind for one in numbers]


def test_custody_and_state_move_with_each_hand_over(region: Region) -> None:
    tube = make_specimen(region, "K")
    box = packed_box(region, tube, lane="cold")
    tube.refresh_from_db()
    assert (tube.state, tube.custody_site, tube.lane) == ("packed", region.clinic, "cold")
    courier = one_with(region, "courier")
    with acting(courier):
        box = pick_up_box(f" {box.number.lower()} ", by=courier, at=NOW)
    assert box.due_at == NOW + timedelta(minutes=region.clinic.travel_minutes)
    ids = claim_events("box_picked_up", limit=10)
    assert REACTIONS["box_picked_up"](ids, NOW) == 1
    tube.refresh_from_db()
    assert (tube.state, tube.custody_site) == ("in_transit", region.clinic)
    desk = one_with(region, "receptionist")
    with acting(desk):
        assert receive_box(box, by=desk, at=NOW + HOUR).expected == (tube.number,)
        assert (
            scan_arrival(box, tube.number, site=region.hub, by=desk, at=NOW + HOUR).kind is Arrival.RECEIVED
        )
        assert finish_reception(box, by=desk, at=NOW + HOUR) == ()
        tube.refresh_from_db()
        steps = list(journey(tube).values_list("kind", "site__code", "by"))
    assert (tube.state, tube.custody_site, tube.arrived_at) == ("arrived", region.hub, NOW + HOUR)
    nurse = nurse_of(region).key
    assert steps == [
        ("planned", region.clinic.code, nurse),
        ("collected", region.clinic.code, nurse),
        ("packed", region.clinic.code, nurse),
        ("picked_up", region.clinic.code, region.people["courier"].key),
        ("arrived", region.hub.code, desk.key),
    ]


def test_a_courier_carries_numbers_and_sees_no_patient(region: Region) -> None:
    tube = make_specimen(region, "K")
    box = packed_box(region, tube)
    with acting(one_with(region, "courier")):
        assert list(boxes_to_carry()) == [box]
        assert [row.number for row in manifest(box)] == [tube.number]
        assert Patient.objects.count() == Order.objects.count() == Specimen.objects.count() == 0


def test_a_courier_does_nothing_but_carry(region: Region) -> None:
    box, courier = packed_box(region, make_specimen(region, "K")), one_with(region, "courier")
    with acting(courier):
        with pytest.raises(Forbidden):
            open_box(origin=region.clinic, lane="room", by=courier, at=NOW)
        with pytest.raises(Forbidden):
            receive_box(box, by=courier, at=NOW)


def test_a_nurse_of_another_clinic_sees_no_box(region: Region) -> None:
    box = packed_box(region, make_specimen(region, "K"))
    stranger = one_with(region, "nurse", region.other_clinic)
    with acting(stranger):
        assert list(boxes_of(region.clinic)) == []
        assert manifest(box) == []
        with pytest.raises(Forbidden, match="not visible"):
            close_box(box, by=stranger, at=NOW)


def test_every_scanned_tube_has_its_own_outcome(region: Region) -> None:
    inside, loose = make_specimen(region, "K"), make_specimen(region, "K")
    elsewhere, undrawn = make_specimen(region, "K"), make_order(region, "K").specimens.get()
    other, box = packed_box(region, elsewhere), received_box(region, inside)
    foreign = specimen_number("9901", 5)
    numbers = [inside.number, inside.number, loose.number, elsewhere.number, undrawn.number, foreign, "123"]
    assert scan(region, box, *numbers) == [
        Arrival.RECEIVED, Arrival.ALREADY, Arrival.EXTRA, Arrival.OTHER_BOX, Arrival.NOT_COLLECTED,
        Arrival.OTHER_REGION, Arrival.UNKNOWN,
    ]  # fmt: skip
    found = reception_of(box)
    assert (found.received, found.extra) == ((inside.number,), (loose.number, elsewhere.number))
    assert reception_of(other).received == (elsewhere.number,)


def test_a_tube_in_the_wrong_box_names_the_right_one(region: Region) -> None:
    elsewhere, desk = make_specimen(region, "K"), one_with(region, "receptionist")
    other, box = packed_box(region, elsewhere), received_box(region, make_specimen(region, "K"))
    with acting(desk):
        outcome = scan_arrival(box, elsewhere.number, site=region.hub, by=desk, at=NOW)
    assert (outcome.kind, outcome.expected_in) == (Arrival.OTHER_BOX, other.number)


def test_missing_tubes_are_named_at_once_and_found_later(region: Region) -> None:
    here, gone = make_specimen(region, "K"), make_specimen(region, "K")
    box, desk = received_box(region, here, gone), one_with(region, "receptionist")
    scan(region, box, here.number)
    with acting(desk):
        assert finish_reception(box, by=desk, at=NOW + HOUR) == (gone.number,)
        gone.refresh_from_db()
        assert (gone.state, gone.custody_site) == ("missing", region.clinic)
        assert list(overdue_missing(region.hub, now=NOW + 24 * HOUR)) == []
        assert list(overdue_missing(region.hub, now=NOW + 26 * HOUR)) == [gone]
    assert scan(region, box, gone.number) == [Arrival.RECEIVED]
    gone.refresh_from_db()
    assert (gone.state, gone.custody_site) == ("arrived", region.hub)
    assert reception_of(box).missing == ()


def test_a_tube_without_a_box_is_extra_and_can_be_taken_in(region: Region) -> None:
    tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
    assert scan(region, None, tube.number, tube.number) == [Arrival.EXTRA, Arrival.ALREADY]
    with acting(desk):
        outcomes = accept_specimens([tube.number], site=region.hub, by=desk, at=NOW + HOUR)
    assert [one.kind for one in outcomes] == [Intake.ACCEPTED]


def test_the_lane_of_the_box_decides_at_reception(region: Region) -> None:
    warm, cold = (make_specimen(region, "GLUS", collected_at=NOW - 2 * HOUR) for _ in range(2))
    for tube, lane in ((warm, "room"), (cold, "cold")):
        scan(region, received_box(region, tube, lane=lane), tube.number)
    desk = one_with(region, "receptionist")
    with acting(desk):
        outcomes = accept_specimens([warm.number, cold.number], site=region.hub, by=desk, at=NOW + HOUR)
    assert outcomes[0].kind is Intake.REJECTED
    assert outcomes[1].verdicts[0].reasons != outcomes[0].verdicts[0].reasons


def test_an_overdue_box_is_listed(region: Region) -> None:
    box = carried_box(region, make_specimen(region, "K"))
    assert list(overdue_boxes(now=NOW)) == []
    assert list(overdue_boxes(now=NOW + 24 * HOUR)) == [box]


class TestPacking:
    def test_what_may_not_travel_is_refused_with_the_reason(self, region: Region) -> None:
        nurse, box = nurse_of(region), packed_box(region)
        undrawn, twice = make_order(region, "K").specimens.get(), make_specimen(region, "K")
        withdrawn = make_specimen(region, "K")
        foreign = make_specimen(region, "K", site=region.other_clinic)
        with acting(nurse):
            withdraw_order(withdrawn.order, reason="x", by=nurse, at=NOW)
            pack_specimen(box, twice.number, by=nurse, at=NOW)
            for number, words in (
                (undrawn.number, "was not drawn yet"),
                (twice.number, "already in a box"),
                (withdrawn.number, "was withdrawn"),
                (foreign.number, "not a tube of this site"),
                ("123", "not a tube of this site"),
            ):
                with pytest.raises(Refused, match=words) as refused:
                    pack_specimen(box, number, by=nurse, at=NOW)
                assert list(refused.value.fields) == ["number"]

    def test_a_tube_is_taken_out_again(self, region: Region) -> None:
        nurse, box, tube = nurse_of(region), packed_box(region), make_specimen(region, "K")
        with acting(nurse):
            pack_specimen(box, tube.number, by=nurse, at=NOW)
            unpack_specimen(box, tube.number, by=nurse, at=NOW)
            tube.refresh_from_db()
            assert (tube.state, manifest(box)) == ("collected", [])
            with pytest.raises(Refused, match="not in an open box"):
                unpack_specimen(box, tube.number, by=nurse, at=NOW)

    def test_steps_out_of_turn_are_refused(self, region: Region) -> None:
        nurse, courier, desk = nurse_of(region), one_with(region, "courier"), one_with(region, "receptionist")
        box, tube = packed_box(region), make_specimen(region, "K")
        with acting(nurse), pytest.raises(Refused, match="is empty"):
            close_box(box, by=nurse, at=NOW)
        with acting(courier), pytest.raises(Refused, match="this step is not possible"):
            pick_up_box(box.number, by=courier, at=NOW)
        with acting(courier), pytest.raises(Refused, match="No box has the number"):
            pick_up_box(tube.number, by=courier, at=NOW)
        with acting(desk):
            with pytest.raises(Refused, match="this step is not possible"):
                receive_box(box, by=desk, at=NOW)
            with pytest.raises(Refused, match="Receive box"):
                scan_arrival(box, tube.number, site=region.hub, by=desk, at=NOW)
            with pytest.raises(Refused, match="Receive box"):
                finish_reception(box, by=desk, at=NOW)
        closed = packed_box(region, tube)
        with acting(nurse), pytest.raises(Refused, match="is closed"):
            pack_specimen(closed, make_specimen(region, "K").number, by=nurse, at=NOW)

    def test_lane_and_place_are_checked(self, region: Region) -> None:
        nurse, desk = nurse_of(region), one_with(region, "technologist", region.hub)
        with acting(nurse):
            with pytest.raises(Refused) as refused:
                open_box(origin=region.clinic, lane="warm", by=nurse, at=NOW)
            with pytest.raises(Forbidden):
                open_box(origin=region.other_clinic, lane="room", by=nurse, at=NOW)
        assert list(refused.value.fields) == ["lane"]
        with acting(desk), pytest.raises(Forbidden):
            open_box(origin=region.hub, lane="room", by=desk, at=NOW)
