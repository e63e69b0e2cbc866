"""Critical values that were told and then do not hold, or hold again: whoever believes otherwise is told."""

from datetime import datetime

from aliquot.flow.results.actions import (
    amend_result,
    note_call_read,
    open_look_back,
    refuse_result,
    release_again,
    release_results,
    repeat_result,
)
from aliquot.flow.results.models import CriticalCall, LookBack, Result
from aliquot.flow.results.queries import open_critical_calls
from aliquot.flow.results.rules.look_back import Criteria
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from tests.factories import NOW, make_patient
from tests.flow.results.critical_calls import HOUR, MINUTE, called, climb, steps, tell
from tests.regions import Region


def recalled(call: CriticalCall, region: Region, doctor: Actor, *, at: datetime) -> LookBack:
    """A look-back over the order of this call: its value is under investigation."""
    what = Criteria(order=call.order.number)
    return open_look_back(what, region.hub, reason="lamp failed", by=doctor, at=at)


def told_and_recalled(
    region: Region, technologist: Actor, doctor: Actor
) -> tuple[CriticalCall, LookBack, CriticalCall]:
    """A value that was told, released and recalled: its call, the look-back, the call that it is withdrawn."""
    call = called(region)
    tell(call, technologist)
    with acting(doctor):
        release_results([call.result_id], by=doctor, at=NOW + MINUTE)
        look_back = recalled(call, region, doctor, at=NOW + HOUR)
        withdrawal = CriticalCall.objects.get(state="open")
    return call, look_back, withdrawal


def open_kinds(call: CriticalCall) -> list[str]:
    """What of this order is still to be told."""
    return [one.kind for one in CriticalCall.objects.filter(order=call.order, state="open")]


def test_who_was_told_is_told_that_the_value_is_withdrawn(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    call = called(region)
    tell(call, technologist, role="physician")
    with acting(doctor):
        repeat_result([call.result_id], reason="haemolysed", by=doctor, at=NOW + HOUR)
        call.refresh_from_db()
        assert call.state == "closed"
        taken_back = CriticalCall.objects.get(about=call)
    assert (taken_back.kind, taken_back.state, taken_back.value_text) == ("withdrawal", "open", "7.8")
    assert taken_back.due_at - taken_back.opened_at == call.due_at - call.opened_at
    with acting(technologist):
        assert [one.kind for one in open_critical_calls(region.hub.pk)] == ["withdrawal"]
    assert climb(region, NOW + HOUR) == 1
    assert tell(taken_back, technologist, at=NOW + HOUR + MINUTE).state == "closed"


def test_an_amended_critical_value_is_taken_back_and_the_new_one_called(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    call = called(region)
    tell(call, technologist)
    with acting(doctor):
        release_results([call.result_id], by=doctor, at=NOW + 10 * MINUTE)
        new = amend_result(
            Result.objects.get(pk=call.result_id), "8.1", reason="typed", by=doctor, at=NOW + HOUR
        )
        assert CriticalCall.objects.get(about=call).kind == "withdrawal"
        assert CriticalCall.objects.get(result=new).state == "open"


def test_a_withdrawn_value_is_no_ground_for_a_repeat(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    who = make_patient(region)
    call = called(region, "600", code="CREA", patient=who)
    tell(call, technologist)
    with acting(doctor):
        refuse_result([call.result_id], reason="swapped", by=doctor, at=NOW + HOUR)
    assert called(region, "610", code="CREA", patient=who, at=NOW + 2 * HOUR).state == "open"


def test_a_critical_value_that_is_given_free_again_is_called_again(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    untold, told = called(region), called(region, "8.1")
    climb(region, NOW + 3 * HOUR)
    tell(told, technologist)
    with acting(doctor):
        release_results([untold.result_id, told.result_id], by=doctor, at=NOW + MINUTE)
        for call, still_open in ((untold, []), (told, ["withdrawal"]), (told, ["withdrawal"])):
            look_back = recalled(call, region, doctor, at=NOW + HOUR)
            assert open_kinds(call) == still_open
            release_again(look_back, reason="lamp was fine", by=doctor, at=NOW + 2 * HOUR)
        again = CriticalCall.objects.get(state="open")
    assert (again.result_id, again.kind, again.about) == (untold.result_id, "reinstated", untold)
    assert (again.opened_at, again.due_at, again.ladder) == (NOW + 2 * HOUR, NOW + 3 * HOUR, untold.ladder)
    assert climb(region, NOW + 2 * HOUR) == 1
    assert steps(region, again) == [("app", False)]


def test_who_was_told_that_a_value_is_withdrawn_is_told_that_it_stands_again(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    call = called(region)
    tell(call, technologist)
    with acting(doctor):
        release_results([call.result_id], by=doctor, at=NOW + MINUTE)
    for hours in (1, 5):
        with acting(doctor):
            look_back = recalled(call, region, doctor, at=NOW + hours * HOUR)
            withdrawal = CriticalCall.objects.get(state="open")
        assert withdrawal.kind == "withdrawal"
        tell(withdrawal, technologist, at=NOW + (hours + 1) * HOUR)
        freed = NOW + (hours + 2) * HOUR
        with acting(doctor):
            release_again(look_back, reason="lamp was fine", by=doctor, at=freed)
            again = CriticalCall.objects.get(state="open")
        assert (again.kind, again.about, again.value_text) == ("reinstated", withdrawal, "7.8")
        assert (again.due_at - again.opened_at, again.ladder) == (HOUR, call.ladder)
        assert climb(region, freed) == 1
        assert tell(again, technologist, at=freed + MINUTE).state == "closed"


def test_who_was_not_yet_told_that_a_value_stands_again_goes_on_believing_it_withdrawn(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    call, look_back, withdrawal = told_and_recalled(region, technologist, doctor)
    tell(withdrawal, technologist, at=NOW + HOUR)
    with acting(doctor):
        release_again(look_back, reason="lamp was fine", by=doctor, at=NOW + 2 * HOUR)
        second = recalled(call, region, doctor, at=NOW + 3 * HOUR)
        assert open_kinds(call) == []
        release_again(second, reason="lamp was fine", by=doctor, at=NOW + 4 * HOUR)
        assert open_kinds(call) == ["reinstated"]


def test_who_only_read_that_a_value_is_withdrawn_is_told_that_it_stands_again(
    region: Region, technologist: Actor, doctor: Actor, physician: Actor
) -> None:
    call, look_back, withdrawal = told_and_recalled(region, technologist, doctor)
    with acting(physician):
        assert note_call_read(withdrawal, by=physician, at=NOW + HOUR)
    with acting(doctor):
        release_again(look_back, reason="lamp was fine", by=doctor, at=NOW + 2 * HOUR)
        assert open_kinds(call) == ["reinstated"]
        recalled(call, region, doctor, at=NOW + 3 * HOUR)
        assert open_kinds(call) == ["withdrawal"]


def test_a_noted_repeat_is_called_when_what_was_told_is_taken_back(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    who = make_patient(region)
    first = called(region, "600", code="CREA", patient=who)
    tell(first, technologist)
    again, clotted = (
        called(region, value, code="CREA", patient=who, at=NOW + 6 * HOUR) for value in ("640", "630")
    )
    with acting(doctor):
        refuse_result([clotted.result_id], reason="clot", by=doctor, at=NOW + 7 * HOUR)
        refuse_result([first.result_id], reason="swapped", by=doctor, at=NOW + 8 * HOUR)
        again.refresh_from_db()
        clotted.refresh_from_db()
    assert (again.state, again.about, again.opened_at) == ("open", None, NOW + 8 * HOUR)
    assert clotted.state == "noted"
    assert tell(again, technologist, at=NOW + 8 * HOUR + MINUTE).is_on_time
