"""Tests that a rule adds: at once or by one key, on a fit tube, once, bounded, charged as the rule says."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.orders.actions import cancel_order
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.reports.jobs import report_orders
from aliquot.flow.reports.models import Report
from aliquot.flow.results.actions import autoverify_batch, confirm_add_on, decline_add_on
from aliquot.flow.results.models import AddOn, Result
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.flow.results.ruled import put_in_force
from tests.regions import Region, one_with

RULES = """
[[rule]]
code = "add-UREA"
kind = "reflex"
tests = ["CREA"]
when = "CREA > 100"
add = ["UREA"]
bill = false
consent = "policy"
most = 1
source = "a test"

[[rule]]
code = "add-UA"
kind = "reflex"
tests = ["UREA"]
when = "UREA > 5"
add = ["UA"]
bill = true
consent = "policy"
most = 1
source = "a test"

[[rule]]
code = "add-PHOS"
kind = "reflex"
tests = ["UA"]
when = "UA > 100"
add = ["PHOS"]
bill = true
consent = "policy"
most = 1
source = "a test"

[[rule]]
code = "add-WBC"
kind = "reflex"
tests = ["GLUS"]
when = "GLUS > 6.0"
add = ["WBC"]
bill = true
consent = "policy"
most = 1
source = "a test"
"""


@pytest.fixture
def ruled(region: Region) -> Region:
    put_in_force(region, RULES)
    return region


def measured(region: Region, tube: Specimen, code: str, value: str, **changes: Any) -> Result:
    return make_decided(region, tube, code, value, **changes)


def items(tube: Specimen) -> list[tuple[str, str, bool, str]]:
    found = OrderItem.objects.filter(order_id=tube.order_id).order_by("position")
    return list(found.values_list("test__code", "state", "is_billable", "added_by"))


def proposed(region: Region) -> tuple[Specimen, AddOn]:
    """A TSH outside its interval: the shipped rule asks before it adds FT4."""
    tube = make_accepted(region, "TSH")
    measured(region, tube, "TSH", "4.50")
    return tube, AddOn.objects.get(order_id=tube.order_id)


def test_a_rule_adds_its_test_to_the_same_tube_before_the_order_is_complete(ruled: Region) -> None:
    tube = make_accepted(ruled, "CREA")
    result = measured(ruled, tube, "CREA", "106")
    assert items(tube)[1:] == [("UREA", "open", False, "add-UREA")]
    served = SpecimenTest.objects.get(order_item__order_id=tube.order_id, test__code="UREA")
    assert (served.specimen_id, served.state) == (tube.pk, "accepted")
    assert Order.objects.get(pk=tube.order_id).state == "placed"
    kept = AddOn.objects.get(order_id=tube.order_id)
    assert (kept.state, kept.rule, kept.result_id, kept.is_billed, kept.depth) == (
        "added", "add-UREA", result.pk, False, 1,
    )  # fmt: skip


def test_what_the_order_has_already_is_not_added(ruled: Region) -> None:
    tube = make_accepted(ruled, "CREA", "UREA")
    measured(ruled, tube, "CREA", "106")
    assert [one[0] for one in items(tube)] == ["CREA", "UREA"]
    assert not AddOn.objects.exists()


def test_it_is_added_once_for_each_order_and_rule(ruled: Region) -> None:
    tube = make_accepted(ruled, "CREA")
    measured(ruled, tube, "CREA", "106")
    measured(ruled, tube, "CREA", "107")
    assert AddOn.objects.count() == 1
    assert [one[0] for one in items(tube)] == ["CREA", "UREA"]


def test_an_added_test_brings_another_and_that_one_no_more(ruled: Region) -> None:
    tube = make_accepted(ruled, "CREA")
    measured(ruled, tube, "CREA", "106")
    measured(ruled, tube, "UREA", "7.0")
    assert AddOn.objects.get(rule="add-UA").depth == 2
    measured(ruled, tube, "UA", "300")
    assert [(one[0], one[2]) for one in items(tube)] == [("CREA", True), ("UREA", False), ("UA", True)]
    assert not AddOn.objects.filter(rule="add-PHOS").exists()


def test_without_a_fit_tube_a_new_one_is_proposed_and_planned_when_agreed(ruled: Region) -> None:
    tube = make_accepted(ruled, "GLUS")
    measured(ruled, tube, "GLUS", "6.05")
    kept = AddOn.objects.get(order_id=tube.order_id)
    assert kept.state == "redraw"
    assert "WBC" in kept.note
    assert [one[0] for one in items(tube)] == ["GLUS"]
    doctor = one_with(ruled, "laboratory_doctor")
    with acting(doctor):
        agreed = confirm_add_on(kept.pk, by=doctor, at=NOW)
    assert (agreed.state, agreed.decided_by) == ("added", doctor.key)
    (new,) = Specimen.objects.filter(order_id=tube.order_id).exclude(pk=tube.pk)
    assert (new.state, new.container.code) != (tube.state, tube.container.code)
    assert [one.test.code for one in new.tests.select_related("test")] == ["WBC"]


def test_a_proposal_is_confirmed_by_one_key_and_the_report_follows(region: Region) -> None:
    tube, kept = proposed(region)
    assert kept.state == "proposed"
    assert [one[0] for one in items(tube)] == ["TSH"]
    assert kept.result_id is not None
    result = Result.objects.get(pk=kept.result_id)
    doctor = one_with(region, "laboratory_doctor")
    if result.state == "held":
        from aliquot.flow.results.actions import release_results

        with acting(doctor):
            release_results([result.pk], by=doctor, at=NOW)
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    report_orders([tube.order_id], NOW)
    with acting(doctor):
        confirm_add_on(kept.pk, by=doctor, at=NOW)
    assert Order.objects.get(pk=tube.order_id).state == "placed"
    measured(region, tube, "FT4", "14.0", measured_at=NOW + timedelta(minutes=1))
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    report_orders([tube.order_id], NOW + timedelta(minutes=2))
    assert Report.objects.filter(order_id=tube.order_id).count() == 2


def test_a_proposal_is_declined_with_a_reason_and_decided_once(region: Region) -> None:
    _, kept = proposed(region)
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        with pytest.raises(Refused, match="reason"):
            decline_add_on(kept.pk, reason=" ", by=doctor, at=NOW)
        decline_add_on(kept.pk, reason="known hypothyroidism", by=doctor, at=NOW)
        with pytest.raises(Refused, match="decided already"):
            confirm_add_on(kept.pk, by=doctor, at=NOW)
    kept.refresh_from_db()
    assert (kept.state, kept.note) == ("declined", "known hypothyroidism")


def test_whoever_neither_orders_nor_releases_decides_no_proposal(region: Region) -> None:
    _, kept = proposed(region)
    technologist = one_with(region, "technologist", region.hub)
    with acting(technologist), pytest.raises(Forbidden):
        confirm_add_on(kept.pk, by=technologist, at=NOW)


def test_nothing_is_added_to_a_cancelled_order(region: Region) -> None:
    tube, kept = proposed(region)
    Order.objects.filter(pk=tube.order_id).update(state="cancelled")
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor), pytest.raises(Refused, match="cancelled"):
        confirm_add_on(kept.pk, by=doctor, at=NOW)


def test_a_value_for_a_cancelled_order_brings_nothing(ruled: Region) -> None:
    tube = make_accepted(ruled, "CREA")
    result = make_result(ruled, tube, "CREA", "106")
    nurse = one_with(ruled, "nurse", ruled.clinic)
    with acting(nurse):
        cancel_order(tube.order, reason="left", by=nurse, at=NOW)
    autoverify_batch(limit=10, by=ruled.worker, at=NOW)
    result.refresh_from_db()
    assert result.state == "held"
    assert not AddOn.objects.exists()
