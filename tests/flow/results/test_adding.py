"""Tests that a person adds to an order whose tube is here: on a fit tube, once, with what they are computed from."""

from datetime import timedelta

import pytest

from aliquot.config.reactions import REACTIONS
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.actions import add_tests, autoverify_batch, compute_tests, confirm_add_on
from aliquot.flow.results.models import AddOn, Result
from aliquot.flow.results.queries import addable_tests, kept_until
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.actions import claim_events
from aliquot.registers.catalogue.models import Container, Test
from tests.factories import NOW, make_accepted, make_result, make_specimen
from tests.regions import Region, one_with

Row = tuple[str, str, bool, str]


def added(region: Region, tube: Specimen, *codes: str, **changes: object) -> AddOn:
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        return add_tests(tube.order_id, codes, **{"by": nurse, "at": NOW, **changes})  # type: ignore[arg-type]


def items(tube: Specimen) -> list[Row]:
    found = OrderItem.objects.filter(order_id=tube.order_id).order_by("position")
    return list(found.values_list("test__code", "state", "is_billable", "added_by"))


def on_tubes(tube: Specimen) -> dict[str, tuple[int, str]]:
    rows = SpecimenTest.objects.filter(specimen__order_id=tube.order_id)
    return {one.test.code: (one.specimen_id, one.state) for one in rows.select_related("test")}


def test_it_goes_on_the_tube_that_is_here_charged_once_with_who_and_why(region: Region) -> None:
    tube = make_accepted(region, "K")
    kept = added(region, tube, "CREA", reason="Dr. Lugovoy by telephone")
    nurse = one_with(region, "nurse", region.clinic)
    assert on_tubes(tube)["CREA"] == (tube.pk, "accepted")
    assert items(tube) == [("K", "open", True, ""), ("CREA", "open", True, nurse.key)]
    assert (kept.state, kept.tests, kept.rule, kept.result_id) == ("added", ["CREA"], "", None)
    assert (kept.asked_by, kept.decided_by, kept.asked_at) == (nurse.key, nurse.key, NOW)
    assert kept.reason == "Dr. Lugovoy by telephone"


def test_a_completed_order_is_open_again(region: Region) -> None:
    tube = make_accepted(region, "K")
    make_result(region, tube, "K", "4.2")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    added(region, tube, "CREA")
    assert Order.objects.get(pk=tube.order_id).state == "placed"


def test_a_computed_test_brings_what_it_is_worked_out_from(region: Region) -> None:
    tube = make_accepted(region, "K")
    added(region, tube, "EGFR")
    assert [(code, origin) for code, _state, _bill, origin in items(tube)][2] == ("CREA", "needed:EGFR")
    assert on_tubes(tube)["CREA"] == (tube.pk, "accepted")


def test_a_computed_test_whose_input_was_released_is_computed_at_once(region: Region) -> None:
    tube = make_accepted(region, "CREA")
    make_result(region, tube, "CREA", "70")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
    added(region, tube, "EGFR")
    with acting(region.worker):
        compute_tests([tube.order_id], at=NOW)
        assert Result.objects.get(order_id=tube.order_id, test__code="EGFR").value_text == "97"
    assert Order.objects.get(pk=tube.order_id).state == "completed"


def test_a_computed_test_that_a_rule_proposed_is_computed_when_somebody_agrees(region: Region) -> None:
    tube = make_accepted(region, "CREA")
    brought = make_result(region, tube, "CREA", "70")
    doctor = one_with(region, "laboratory_doctor")
    with acting(region.worker):
        autoverify_batch(limit=10, by=region.worker, at=NOW)
        proposal = AddOn.objects.create(
            order_id=tube.order_id,
            ordering_site_id=tube.ordering_site_id,
            laboratory_id=tube.laboratory_id,
            rule="add-EGFR",
            result_id=brought.pk,
            tests=["EGFR"],
            state="proposed",
            asked_at=NOW,
        )
    with acting(doctor):
        confirm_add_on(proposal.pk, by=doctor, at=NOW)
    with acting(region.worker):
        REACTIONS["tests_added"](claim_events("tests_added", limit=10), NOW)
        assert Result.objects.get(order_id=tube.order_id, test__code="EGFR").value_text == "97"
    assert Order.objects.get(pk=tube.order_id).state == "completed"


def test_a_panel_adds_what_the_order_lacks(region: Region) -> None:
    tube = make_accepted(region, "CHOL")
    kept = added(region, tube, "LIPP")
    assert "CHOL" not in kept.tests
    assert {"HDL", "TRIG"} <= set(kept.tests)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (("HGB",), "Not to be done from this tube: HGB"),
        (("NOPE",), "does not hold NOPE"),
        ((), "does not hold"),
        (("K",), "already has K"),
        (("GLUS",), "GLUS is stable for 60 min"),
    ],
)
def test_refused_with_the_reason_and_nothing_is_left(
    region: Region, codes: tuple[str, ...], words: str
) -> None:
    tube = make_accepted(region, "K")
    with pytest.raises(Refused, match=words):
        added(region, tube, *codes, at=NOW + timedelta(hours=1))
    assert [row[0] for row in items(tube)] == ["K"]
    assert AddOn.objects.count() == 0


def test_where_no_tube_is_fit_a_new_one_is_planned(region: Region) -> None:
    tube = make_accepted(region, "K")
    added(region, tube, "HGB", draw=True)
    new = Specimen.objects.filter(order_id=tube.order_id).exclude(pk=tube.pk).get()
    assert (new.state, on_tubes(tube)["HGB"]) == ("planned", (new.pk, "pending"))


def test_not_on_a_tube_that_is_not_taken_in(region: Region) -> None:
    with pytest.raises(Refused, match="No tube of this order is accepted"):
        added(region, make_specimen(region, "K"), "CREA")


def test_not_on_a_tube_that_is_kept_apart(region: Region) -> None:
    tube = make_accepted(region, "K")
    Test.objects.filter(code="CREA").update(handling="molecular")
    assert "CREA" not in {one.test.code for one in addable_tests(tube.order, at=NOW)}
    with pytest.raises(Refused, match="Not to be done from this tube: CREA"):
        added(region, tube, "CREA")


def test_the_laboratory_writes_who_asked(region: Region) -> None:
    tube, doctor = make_accepted(region, "K"), one_with(region, "laboratory_doctor")
    with acting(doctor):
        with pytest.raises(Refused, match="who asked for it"):
            add_tests(tube.order_id, ["CREA"], by=doctor, at=NOW)
        assert add_tests(tube.order_id, ["CREA"], reason="the ward", by=doctor, at=NOW).tests == ["CREA"]


def test_a_cancelled_order_and_strangers_are_refused(region: Region) -> None:
    tube = make_accepted(region, "K")
    stranger, courier = one_with(region, "nurse", region.other_clinic), one_with(region, "courier")
    for one in (stranger, courier):
        with acting(one), pytest.raises(Forbidden):
            add_tests(tube.order_id, ["CREA"], by=one, at=NOW)
    Order.objects.filter(pk=tube.order_id).update(state="cancelled")
    with pytest.raises(Refused, match="cancelled"):
        added(region, tube, "CREA")


class TestWhatFits:
    def test_every_test_with_its_tube_and_until_when(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        found = {one.test.code: one for one in addable_tests(tube.order, at=NOW)}
        assert tube.collected_at is not None
        assert found["CREA"].tube == tube
        limit = found["CREA"].test.stable_room_minutes if tube.spun_at else None
        limit = limit or found["CREA"].test.unspun_room_minutes
        assert found["CREA"].until == tube.collected_at + timedelta(minutes=limit or 0)
        assert not {"K", "HGB", "EGFR"} & set(found)

    def test_what_it_names_is_accepted_until_then_and_not_after(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        one = next(one for one in addable_tests(tube.order, at=NOW) if one.test.code == "GLUS")
        after = one.until + timedelta(minutes=1)
        assert "GLUS" not in {one.test.code for one in addable_tests(tube.order, at=after)}
        with pytest.raises(Refused, match="GLUS"):
            added(region, tube, "GLUS", at=after)
        assert added(region, tube, "GLUS", at=one.until).tests == ["GLUS"]

    def test_nothing_more_than_the_tube_holds(self, region: Region) -> None:
        tube = make_accepted(region, "K")
        tube = Specimen.objects.get(pk=tube.pk)
        full = {"usable_spun_ul": tube.volume_ul, "usable_whole_ul": tube.volume_ul}
        Container.objects.filter(pk=tube.container_id).update(**full)
        assert addable_tests(tube.order, at=NOW) == []

    def test_a_proposal_says_until_when_its_tube_serves(self, region: Region) -> None:
        tube = make_accepted(region, "TSH")
        make_result(region, tube, "TSH", "4.50")
        with acting(region.worker):
            autoverify_batch(limit=10, by=region.worker, at=NOW)
        one = AddOn.objects.get()
        fits = {each.test.code: each.until for each in addable_tests(tube.order, at=NOW)}
        assert kept_until([one], at=NOW) == {one.pk: fits["FT4"]}
        assert kept_until([one], at=fits["FT4"] + timedelta(minutes=1)) == {one.pk: None}
