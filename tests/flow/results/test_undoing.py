"""What a person decided is taken back within some seconds, and until then nothing of it leaves the house."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.reports.actions import release_reports
from aliquot.flow.reports.models import Report
from aliquot.flow.results.actions import (
    Then,
    amend_result,
    autoverify_batch,
    hold_result,
    open_look_back,
    refuse_result,
    release_again,
    release_results,
    repeat_result,
    settle_decisions,
    undo_decisions,
    withdraw_members,
)
from aliquot.flow.results.jobs import settle_orders
from aliquot.flow.results.models import CriticalCall, Decision, Result
from aliquot.flow.results.queries import kept_back, last_decisions
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditRow
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.foundation.events.models import Event
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.regions import Region, one_with

AT = NOW + timedelta(minutes=5)
SOON, LATER = AT + timedelta(seconds=9), AT + timedelta(seconds=10)
OVER = "can no longer be taken back"


@pytest.fixture(autouse=True)
def ten_seconds(settings: Settings) -> None:
    settings.UNDO_SECONDS = 10


def held(region: Region, tube: Specimen | None = None, code: str = "K", value: str = "6.9") -> Result:
    result = make_decided(region, tube or make_accepted(region, code), code, value)
    assert result.state == "held"
    return result


def everything(region: Region, result: Result) -> dict[str, Any]:
    """All that taking back must bring back: the result, its test, its order, its calls."""
    with acting(region.worker):
        row = Result.objects.values().get(pk=result.pk)
        item = OrderItem.objects.values().get(pk=result.order_item_id)
        order = Order.objects.values().get(pk=result.order_id)
        calls = list(
            CriticalCall.objects.filter(result=result).values("kind", "state", "closed_at", "closed_by")
        )
    return {"result": row, "item": item, "order": order, "calls": calls}


def kinds(region: Region) -> list[str]:
    with acting(region.worker):
        return sorted(Event.objects.values_list("kind", flat=True))


def reports_of(region: Region, result: Result) -> int:
    with acting(region.worker):
        return Report.objects.filter(order_id=result.order_id).count()


@pytest.mark.parametrize("step", [release_results, hold_result, refuse_result])
def test_what_was_decided_is_taken_back_as_if_it_had_not_been(
    region: Region, doctor: Actor, step: Any
) -> None:
    result = held(region)
    before = everything(region, result)
    with acting(doctor):
        step([result.pk], **({} if step is release_results else {"reason": "clot"}), by=doctor, at=AT)
        assert everything(region, result) != before
        assert undo_decisions([result.pk], by=doctor, at=SOON) == 1
    assert everything(region, result) == before
    with acting(region.worker):
        settle_orders([result.order_id], LATER)
        assert Decision.objects.get().was_taken_back
    assert everything(region, result) == before
    assert "order_completed" not in kinds(region)


def test_the_audit_keeps_the_decision_and_that_it_was_taken_back(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
        undo_decisions([result.pk], by=doctor, at=SOON)
    with acting(region.people["director"]):
        rows = AuditRow.objects.filter(table_name="result", row_id=result.pk).order_by("block_id")
        states = [one.after["state"] for one in rows if one.after and "state" in one.after]
    assert states[-2:] == ["released", "held"]


@pytest.mark.parametrize("moment", [LATER, LATER + timedelta(days=1)])
def test_after_its_time_nothing_is_taken_back(region: Region, doctor: Actor, moment: Any) -> None:
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
        with pytest.raises(Refused, match=OVER):
            undo_decisions([result.pk], by=doctor, at=moment)
        result.refresh_from_db()
    assert result.state == "released"


def test_one_key_takes_back_all_that_one_key_decided_or_nothing(region: Region, doctor: Actor) -> None:
    tube = make_accepted(region, "K", "GLUS")
    pair = [held(region, tube), held(region, tube, "GLUS", "40")]
    ids = [one.pk for one in pair]
    with acting(doctor):
        release_results(ids, by=doctor, at=AT)
        assert [one.result_id for one in last_decisions(doctor.key, region.hub.pk, at=SOON)] == ids
        assert last_decisions(doctor.key, region.hub.pk, at=LATER) == []
        amend_result(pair[1], "41", reason="typed wrongly", by=doctor, at=SOON)
        with pytest.raises(Refused, match="replaced by a newer version"):
            undo_decisions(ids, by=doctor, at=SOON)
        pair[0].refresh_from_db()
    assert pair[0].state == "released"


def test_a_colleague_takes_nothing_back(region: Region, doctor: Actor) -> None:
    result, director = held(region), region.people["director"]
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
    with acting(director):
        assert last_decisions(director.key, region.hub.pk, at=SOON) == []
        with pytest.raises(Refused, match=OVER):
            undo_decisions([result.pk], by=director, at=SOON)


def test_a_repeat_is_not_taken_back_for_the_analyzer_knows(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        hold_result([result.pk], reason="asked the ward", by=doctor, at=AT)
        repeat_result([result.pk], reason="clot", by=doctor, at=AT)
        with pytest.raises(Refused, match=OVER):
            undo_decisions([result.pk], by=doctor, at=SOON)


def test_what_a_look_back_holds_is_not_taken_back_to_the_rules(region: Region, doctor: Actor) -> None:
    result = make_result(region, make_accepted(region, "K"), "K", "4.2")
    with acting(doctor):
        hold_result([result.pk], reason="asked the ward", by=doctor, at=AT)
        what = Criteria(order=result.order.number)
        open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=AT)
        with pytest.raises(Refused, match=OVER):
            undo_decisions([result.pk], by=doctor, at=SOON)
    autoverify_batch(limit=10, by=region.worker, at=SOON)
    result.refresh_from_db()
    assert result.state == "held"


def test_a_look_back_holds_what_has_not_left_the_house_and_the_clinic_sees_nothing(
    region: Region, doctor: Actor
) -> None:
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
        what = Criteria(order=result.order.number)
        look_back = open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=SOON)
        result.refresh_from_db()
        assert (result.state, result.released_at, result.released_by) == ("held", None, "")
        assert look_back.members.get().was == "held"
        item = OrderItem.objects.get(pk=result.order_item_id)
        assert (item.state, item.result_id) == ("open", None)
        assert CriticalCall.objects.get(result=result).state == "open"
    clinic = one_with(region, "physician", region.clinic)
    with acting(clinic):
        assert not Result.objects.filter(pk=result.pk).exists()
    assert "result_amended" not in kinds(region)
    assert reports_of(region, result) == 0
    with acting(doctor):
        release_again(look_back, reason="lamp was fine", by=doctor, at=LATER)
        assert release_results([result.pk], by=doctor, at=LATER) == 1


def test_what_a_look_back_refused_is_not_taken_back(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        what = Criteria(order=result.order.number)
        look_back = open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=AT)
        hold_result([result.pk], reason="asked the ward", by=doctor, at=AT)
        withdraw_members(look_back, reason="no tube left", then=Then.OPEN, by=doctor, at=AT)
        with pytest.raises(Refused, match=OVER):
            undo_decisions([result.pk], by=doctor, at=SOON)
        result.refresh_from_db()
    assert result.state == "refused"


def test_the_report_waits_until_the_release_is_final(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
    assert kinds(region).count("decision_due") == 1
    with acting(region.worker):
        assert release_reports([result.order_id], by=region.worker, at=SOON) == 0
        assert kept_back([result.order_id]) == {result.order_id: LATER}
        waits = Event.objects.get(kind="order_completed")
        assert (waits.subject_id, waits.not_before) == (result.order_id, LATER)
        settle_orders([result.order_id], LATER)
        assert Order.objects.get(pk=result.order_id).state == "completed"
        assert release_reports([result.order_id], by=region.worker, at=LATER) == 1
    assert reports_of(region, result) == 1


def test_an_order_that_another_test_completes_is_open_again(region: Region, doctor: Actor) -> None:
    tube = make_accepted(region, "K", "NA")
    potassium = held(region, tube)
    with acting(doctor):
        release_results([potassium.pk], by=doctor, at=AT)
    make_result(region, tube, "NA", "140")
    autoverify_batch(limit=10, by=region.worker, at=AT)
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    with acting(doctor):
        undo_decisions([potassium.pk], by=doctor, at=SOON)
    with acting(region.worker):
        assert Order.objects.get(pk=tube.order_id).state == "placed"
        assert release_reports([tube.order_id], by=region.worker, at=SOON) == 1
        said = str([one.content["sections"] for one in Report.objects.all()])
    assert "6.9" not in said


def test_nothing_is_computed_from_a_release_that_may_be_taken_back(region: Region, doctor: Actor) -> None:
    tube = make_accepted(region, "CREA", "EGFR")
    creatinine = held(region, tube, "CREA", "1100")
    computed = Result.objects.filter(order_id=tube.order_id, test__code="EGFR")
    with acting(doctor):
        release_results([creatinine.pk], by=doctor, at=AT)
    with acting(region.worker):
        assert settle_decisions([tube.order_id], by=region.worker, at=SOON) == {tube.order_id: LATER}
        assert not computed.exists()
        settle_orders([tube.order_id], LATER)
        assert computed.count() == 1


def test_the_clinic_sees_a_release_when_it_is_final(region: Region, doctor: Actor) -> None:
    result, nurse = held(region), one_with(region, "nurse", region.clinic)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
    with acting(nurse):
        assert not Result.objects.filter(pk=result.pk).exists()
    with acting(region.worker):
        settle_orders([result.order_id], LATER)
    with acting(nurse):
        assert Result.objects.filter(pk=result.pk).exists()


def test_a_clinic_sees_no_decision(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        hold_result([result.pk], reason="clot", by=doctor, at=AT)
    with acting(one_with(region, "nurse", region.clinic)):
        assert not Decision.objects.exists()


def test_calls_about_a_refused_value_end_when_the_refusal_is_final(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        refuse_result([result.pk], reason="clot", by=doctor, at=AT)
        assert CriticalCall.objects.get(result=result).state == "open"
    with acting(region.worker):
        settle_orders([result.order_id], LATER)
        assert CriticalCall.objects.get(result=result).state == "withdrawn"


def test_a_worker_whose_clock_is_behind_comes_again(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        refuse_result([result.pk], reason="clot", by=doctor, at=AT)
    with acting(region.worker):
        Event.objects.filter(kind="decision_due").delete()  # as the worker that takes it
        settle_orders([result.order_id], SOON)
        assert CriticalCall.objects.get(result=result).state == "open"
        again = Event.objects.get(kind="decision_due")
        assert (again.subject_id, again.not_before) == (result.order_id, LATER)
        settle_orders([result.order_id], LATER)
        assert CriticalCall.objects.get(result=result).state == "withdrawn"


def test_what_machines_release_needs_no_time_to_be_taken_back(region: Region) -> None:
    result = make_result(region, make_accepted(region, "K"), "K", "4.2")
    autoverify_batch(limit=10, by=region.worker, at=NOW)
    assert not Decision.objects.exists()
    with acting(region.worker):
        assert release_reports([result.order_id], by=region.worker, at=NOW) == 1


def test_a_database_that_forgets_to_look_would_show_it(region: Region, doctor: Actor) -> None:
    """The clinic's row security asks the database itself, so no page can forget to."""
    result = held(region)
    with acting(doctor):
        release_results([result.pk], by=doctor, at=AT)
    with acting(one_with(region, "nurse", region.clinic)), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM result WHERE id = %s", [result.pk])
        assert cursor.fetchone() == (0,)
