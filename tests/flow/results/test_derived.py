"""Computed tests follow their inputs: with the last one, with an amended one, and gone when one goes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aliquot.config.reactions import REACTIONS
from aliquot.flow.orders.actions import cancel_item, close_items
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.actions import (
    amend_result,
    open_look_back,
    refuse_result,
    release_again,
    release_results,
)
from aliquot.flow.results.actions.deciding import follow_change
from aliquot.flow.results.models import Result
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.verification.actions import resume_release, suspend_release
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import claim_events
from aliquot.foundation.events.models import Event
from aliquot.oversight.health.queries import of_the_computed
from aliquot.registers.catalogue.models import Test
from aliquot.registers.catalogue.queries import derivations
from aliquot.registers.catalogue.rules.derivation import Derived, Measured, derive
from tests.factories import NOW, make_accepted, make_decided
from tests.processes import LiveRegion
from tests.regions import Region, one_with, read_region

LIPIDS = ("CHOL", "HDL", "TRIG")
UNIT = "mmol/L"


def measured(region: Region, tube: Specimen, code: str, value: str, **changes: Any) -> Result:
    return make_decided(region, tube, code, value, **changes)


def released(tube: Specimen, code: str) -> Result | None:
    return Result.objects.filter(order_id=tube.order_id, test__code=code, state="released").first()


def amended(region: Region, result: Result, value: str) -> Result:
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        return amend_result(result, value, reason="a wrong tube", by=doctor, at=NOW + timedelta(hours=1))


def test_a_computed_test_comes_with_its_last_input_and_completes_the_order(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = measured(region, tube, "CREA", "70")
    found = released(tube, "EGFR")
    assert found is not None
    # CKD-EPI 2021, a woman of 40, 0.792 mg/dL: 142 x 1.131^-1.2 x 0.9938^40 x 1.012 = 96.6
    assert (found.value, found.value_text, found.unit) == (Decimal(97), "97", "mL/min/{1.73_m2}")
    assert (found.derived_from, found.analyzer_id, found.is_automatic) == ([creatinine.pk], None, True)
    assert (found.specimen_id, found.collected_at) == (tube.pk, tube.collected_at)
    assert found.reasons == []
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    assert Event.objects.filter(kind="order_completed").count() == 1


def test_it_waits_for_an_input_that_waits_for_a_person(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    held = measured(region, tube, "CREA", "70", flags=("strange",))
    assert held.state == "held"
    assert not Result.objects.filter(order_id=tube.order_id, test__code="EGFR").exists()
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        release_results([held.pk], by=doctor, at=NOW)
    assert released(tube, "EGFR") is not None
    assert Order.objects.get(pk=tube.order_id).state == "completed"


def test_what_a_person_refused_comes_again_from_other_inputs_only(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR", "K")
    director, doctor = one_with(region, "hub_director"), one_with(region, "laboratory_doctor")
    test = Test.objects.get(code="EGFR")
    with acting(director):
        stopped = suspend_release(laboratory=region.hub, test=test, reason="t", by=director, at=NOW)
    creatinine = measured(region, tube, "CREA", "70")
    (held,) = Result.objects.filter(order_id=tube.order_id, test=test)
    with acting(doctor):
        refuse_result([held.pk], reason="not this patient", by=doctor, at=NOW)
    with acting(director):
        resume_release(stopped, reason="t", by=director, at=NOW)
    measured(region, tube, "K", "4.2")
    follow_change([tube.order_id], at=NOW)
    assert released(tube, "EGFR") is None
    assert [one.state for one in Result.objects.filter(order_id=tube.order_id, test=test)] == ["refused"]
    amended(region, creatinine, "80")
    assert released(tube, "EGFR") is not None


def test_one_input_serves_several_computed_tests(region: Region) -> None:
    tube = make_accepted(region, *LIPIDS, "LDLC", "NHDL")
    measured(region, tube, "CHOL", "5.00")
    measured(region, tube, "HDL", "1.50")
    other = released(tube, "NHDL")
    assert other is not None
    assert other.value == Decimal("3.50")
    assert released(tube, "LDLC") is None
    measured(region, tube, "TRIG", "1.00")
    found = Result.objects.get(order_id=tube.order_id, test__code="LDLC")
    assert found.value == Decimal("3.05")


def test_an_amended_input_makes_a_new_version_and_the_old_one_stays(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = measured(region, tube, "CREA", "70")
    old = released(tube, "EGFR")
    assert old is not None
    corrected = amended(region, creatinine, "90")
    new = released(tube, "EGFR")
    assert new is not None
    old.refresh_from_db()
    assert (old.state, new.version, new.supersedes_id) == ("superseded", 2, old.pk)
    assert (new.value, new.derived_from) == (Decimal(71), [corrected.pk])
    assert new.amend_reason
    assert OrderItem.objects.get(pk=new.order_item_id).result_id == new.pk
    assert Order.objects.get(pk=tube.order_id).state == "completed"


def test_what_no_formula_says_is_given_up_with_the_reason_and_comes_back(region: Region) -> None:
    tube = make_accepted(region, *LIPIDS, "LDLC")
    for code, value in (("CHOL", "4.50"), ("HDL", "1.50")):
        measured(region, tube, code, value)
    high = measured(region, tube, "TRIG", "5.00")
    if high.state == "held":
        doctor = one_with(region, "laboratory_doctor")
        with acting(doctor):
            release_results([high.pk], by=doctor, at=NOW)
    item = OrderItem.objects.get(order_id=tube.order_id, test__code="LDLC")
    assert item.state == "not_performed"
    assert item.state_reason.startswith("Not computed: ")
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    amended(region, high, "1.00")
    found = Result.objects.get(order_id=tube.order_id, test__code="LDLC")
    assert (found.value, found.state) == (Decimal("2.55"), "released")
    item.refresh_from_db()
    assert (item.state, item.state_reason) == ("reported", "")


def test_a_withdrawn_input_takes_its_computed_test_along(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = measured(region, tube, "CREA", "70")
    with transaction.atomic():
        Result.objects.filter(pk=creatinine.pk).update(state="refused")
        follow_change([tube.order_id], at=NOW)
    assert released(tube, "EGFR") is None
    item = OrderItem.objects.get(order_id=tube.order_id, test__code="EGFR")
    assert (item.state, item.result_id) == ("open", None)
    assert Order.objects.get(pk=tube.order_id).state == "placed"


def test_nothing_is_computed_in_place_of_a_value_under_investigation(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = measured(region, tube, "CREA", "70")
    old = released(tube, "EGFR")
    assert old is not None
    doctor, later = one_with(region, "laboratory_doctor"), NOW + timedelta(hours=1)
    with acting(doctor):
        what = Criteria(order=tube.order.number, test_id=old.test_id)
        look_back = open_look_back(what, region.hub, reason="the formula", by=doctor, at=later)
        assert released(tube, "EGFR") is None
    corrected = amended(region, creatinine, "90")
    assert released(tube, "EGFR") is None
    with acting(doctor):
        release_again(look_back, reason="the formula is right", by=doctor, at=later)
    new = released(tube, "EGFR")
    assert new is not None
    assert (new.supersedes_id, new.derived_from, new.value) == (old.pk, [corrected.pk], Decimal(71))


@pytest.mark.parametrize("how", ["cancelled", "given up"])
def test_a_computed_test_ends_with_what_it_is_worked_out_from(region: Region, how: str) -> None:
    """The report of what was measured must not wait for a value that can never come."""
    tube = make_accepted(region, "CREA", "EGFR", "K")
    measured(region, tube, "K", "4.2")
    nurse = one_with(region, "nurse", region.clinic)
    with acting(nurse):
        item = OrderItem.objects.get(order_id=tube.order_id, test__code="CREA")
        if how == "cancelled":
            cancel_item(item, reason="not needed", by=nurse, at=NOW)
        else:
            close_items([item.pk], reason="tube broken", by=nurse, at=NOW)
    with acting(region.worker):
        REACTIONS["tests_given_up"](claim_events("tests_given_up", limit=10), NOW)
    computed = OrderItem.objects.get(order_id=tube.order_id, test__code="EGFR")
    assert (computed.state, computed.state_reason) == ("not_performed", "Not computed: no result of CREA.")
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    assert Event.objects.filter(kind="order_completed").count() == 1


def test_the_database_refuses_a_computed_value_that_does_not_follow(region: Region) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = measured(region, tube, "CREA", "70")
    with pytest.raises(IntegrityError, match="does not follow its inputs"), transaction.atomic():
        _take_back_alone(creatinine)


def _take_back_alone(result: Result) -> None:
    """Take a result back and look at once, as a commit would."""
    Result.objects.filter(pk=result.pk).update(state="refused")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_limit_goes_through_the_formula(region: Region) -> None:
    tube = make_accepted(region, "UALB", "UCRE", "ACR")
    for code, value in (("UALB", "<3.0"), ("UCRE", "10.0")):
        result = measured(region, tube, code, value)
        if result.state == "held":
            doctor = one_with(region, "laboratory_doctor")
            with acting(doctor):
                release_results([result.pk], by=doctor, at=NOW)
    found = Result.objects.get(order_id=tube.order_id, test__code="ACR")
    assert found.comparator == "<"
    assert found.value_text.startswith("<0.3")


STEPS = st.lists(
    st.tuples(st.sampled_from(LIPIDS), st.sampled_from(["value", "withdraw"]), st.integers(50, 600)),
    min_size=1,
    max_size=10,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_any_order_of_arrival_amendment_and_withdrawal_it_equals_the_formula_or_is_absent(
    region: Region, steps: list[tuple[str, str, int]]
) -> None:
    with transaction.atomic():
        tube = make_accepted(region, *LIPIDS, "LDLC", "NHDL")
        for code, what, hundredths in steps:
            value = f"{Decimal(hundredths) / 100:.2f}"
            current = released(tube, code)
            if what == "withdraw" and current is not None:
                _withdraw(current)
            elif what == "value" and current is None:
                _arrive(region, tube, code, value)
            elif what == "value" and current is not None and current.value_text != value:
                amended(region, current, value)
            _check(tube)
        transaction.set_rollback(True)


def _arrive(region: Region, tube: Specimen, code: str, value: str) -> None:
    OrderItem.objects.filter(order_id=tube.order_id, test__code=code).update(state="open", state_reason="")
    Order.objects.filter(pk=tube.order_id).update(state="placed", completed_at=None)
    result = measured(region, tube, code, value)
    if result.state == "held":
        doctor = one_with(region, "laboratory_doctor")
        with acting(doctor):
            release_results([result.pk], by=doctor, at=NOW)


def _withdraw(result: Result) -> None:
    Result.objects.filter(pk=result.pk).update(state="refused")
    follow_change([result.order_id], at=NOW)


def _check(tube: Specimen) -> None:
    """What the order says of its computed tests is what the formula says of its released inputs."""
    inputs = {
        one.test.code: Measured(one.value, one.unit, one.comparator)
        for one in Result.objects.filter(
            order_id=tube.order_id, test__code__in=LIPIDS, state="released"
        ).select_related("test")
        if one.value is not None
    }
    for code in ("LDLC", "NHDL"):
        expected = derive(derivations()[code], inputs, age=Decimal(40), sex="F")
        said = Result.objects.filter(
            order_id=tube.order_id, test__code=code, state__in=["released", "held", "recorded"]
        )
        if isinstance(expected, Derived):
            (one,) = said
            assert (one.value, one.comparator) == (expected.value, expected.comparator)
        else:
            assert not said, f"{code} stands beside {inputs}"


def test_the_doctor_of_the_installation_finds_a_stale_value(live_region: LiveRegion) -> None:
    region = read_region()
    with acting(region.worker):
        tube = make_accepted(region, "CREA", "EGFR")
        measured(region, tube, "CREA", "70")
        number = tube.order.number
    assert list(of_the_computed()) == []
    live_region.look("UPDATE result SET derived_from = '{1}' WHERE derived_from IS NOT NULL")
    (found,) = of_the_computed()
    assert number in found.what
