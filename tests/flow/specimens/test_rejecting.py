"""Tests are rejected, drawn again or given up, against the real database."""

import pytest

from aliquot.flow.orders.models import OrderItem
from aliquot.flow.specimens.actions import (
    Intake,
    accept_tests,
    close_without_recollection,
    reject_tests,
    request_recollection,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.specimens.queries import rejected_tests, to_collect
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.actions import claim_events
from tests.factories import NOW, make_order, make_specimen
from tests.flow.specimens.reception import accept, nurse_of, states
from tests.regions import Region, one_with


class TestRejecting:
    def test_one_test_is_rejected_drawn_again_and_the_other_stands(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        accept(region, tube.number)
        with acting(desk):
            rejected = reject_tests(tube, ["K"], "HAEM", "pink", by=desk, at=NOW)
            assert [(one.test.code, one.rejection_note) for one in rejected] == [("K", "pink")]
            assert states(tube) == {"K": "rejected", "CREA": "accepted"}
            item = OrderItem.objects.get(test__code="K", order=tube.order)
            assert item.state == "open"
            new = request_recollection([item], by=desk, at=NOW)
            with pytest.raises(Refused, match="still under way"):
                request_recollection([item], by=desk, at=NOW)
        assert (new.replaces, new.state, new.custody_site_id) == (tube, "planned", region.clinic.pk)
        assert states(new) == {"K": "pending"}
        with acting(nurse_of(region)):
            assert list(to_collect(region.clinic)) == [new]

    def test_the_clinic_sees_what_was_rejected(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        accept(region, tube.number)
        with acting(desk):
            reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)
            tube.refresh_from_db()
        assert tube.state == "rejected"
        with acting(nurse_of(region)):
            assert [one.test.code for one in rejected_tests(region.clinic)] == ["K"]

    def test_nothing_will_come_completes_the_order(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        item = tube.order.items.get()
        with acting(desk):
            with pytest.raises(Refused, match="still under way"):
                close_without_recollection([item], reason="x", by=desk, at=NOW)
            reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)
            with pytest.raises(Refused, match="Say why"):
                close_without_recollection([item], reason="", by=desk, at=NOW)
            assert close_without_recollection([item], reason="left hospital", by=desk, at=NOW) == [
                tube.order_id
            ]
        with acting(region.worker):
            assert claim_events("order_completed", limit=5) == [tube.order_id]
            item.refresh_from_db()
        assert (item.state, item.state_reason) == ("not_performed", "left hospital")

    @pytest.mark.parametrize(
        ("codes", "reason", "field"),
        [(["K"], "NOPE", "reason_code"), (["NA"], "CLOT", "tests"), ([], "CLOT", "tests")],
    )
    def test_refusals_name_their_field(
        self, region: Region, codes: list[str], reason: str, field: str
    ) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk), pytest.raises(Refused) as refused:
            reject_tests(tube, codes, reason, "", by=desk, at=NOW)
        assert list(refused.value.fields) == [field]

    def test_what_is_measured_is_not_rejected_any_more(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk):
            tube.tests.update(state="measured")
            with pytest.raises(Refused, match=r"Already measured.*K.*Refuse the result"):
                reject_tests(tube, ["K"], "CLOT", "", by=desk, at=NOW)

    def test_tests_of_two_tubes_need_two_new_ones(self, region: Region) -> None:
        order, desk = make_order(region, "K", "HGB"), one_with(region, "receptionist")
        with acting(desk):
            for tube in order.specimens.all():
                reject_tests(tube, list(states(tube)), "CLOT", "", by=desk, at=NOW)
            with pytest.raises(Refused, match="different tubes"):
                request_recollection(order.items.all(), by=desk, at=NOW)


class TestSecondTubes:
    def test_a_missing_tube_that_turns_up_after_its_successor_is_not_measured_beside_it(
        self, region: Region
    ) -> None:
        tube, desk = make_specimen(region, "K"), one_with(region, "receptionist")
        with acting(desk):
            Specimen.objects.filter(pk=tube.pk).update(state="missing")
            new = request_recollection([tube.order.items.get()], by=desk, at=NOW)
            lost = tube.tests.select_related("rejection_reason").get()
        assert (states(tube), states(new)) == ({"K": "rejected"}, {"K": "pending"})
        assert lost.rejection_reason is not None
        assert lost.rejection_reason.code == "NOTREC"
        assert accept(region, tube.number) == [Intake.CANCELLED]

    def test_nothing_is_conceded_while_its_successor_is_under_way(self, region: Region) -> None:
        tube, desk = make_specimen(region, "K", "CREA"), one_with(region, "receptionist")
        doctor = one_with(region, "laboratory_doctor")
        accept(region, tube.number)
        with acting(desk):
            reject_tests(tube, ["K"], "HAEM", "", by=desk, at=NOW)
            request_recollection([tube.order.items.get(test__code="K")], by=desk, at=NOW)
        with acting(doctor):
            with pytest.raises(Refused, match="Another tube"):
                accept_tests(tube, ["K"], note="a newborn", by=doctor, at=NOW)
            with pytest.raises(Refused, match="None of these tests"):
                accept_tests(tube, ["CREA"], note="a newborn", by=doctor, at=NOW)
