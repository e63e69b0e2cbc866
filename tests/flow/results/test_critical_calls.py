"""Critical calls: opened with the decision, climbed step by step, read by a physician, taken back."""

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from aliquot.entrypoints.commands.work import work_once
from aliquot.flow.results.actions import (
    acknowledge_critical,
    note_call_read,
    refuse_result,
)
from aliquot.flow.results.models import CriticalAttempt, CriticalCall, CriticalEscalation
from aliquot.flow.results.queries import (
    call_figures,
    calls_received,
    calls_to_read,
    ladder_of,
    open_critical_calls,
)
from aliquot.foundation.actors import Actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.registers.network.actions import ContactFacts, keep_contact
from aliquot.registers.network.models import Contact
from aliquot.registers.people.models import Assignment
from tests.factories import NOW, make_patient
from tests.flow.results.critical_calls import HOUR, MINUTE, called, climb, steps, tell
from tests.regions import LOADER, Region

Decided = Callable[..., CriticalCall]


def contact(region: Region, function: str, *, site: str = "clinic", **changes: Any) -> Contact:
    where = region.hub if site == "hub" else region.clinic
    facts = {"name_en": f"Desk {function}", "name_ru": f"Пост {function}", "phone": "+7 487 000", **changes}
    with acting(LOADER):
        return keep_contact(ContactFacts(where.pk, function, **facts), by=LOADER, at=NOW)


def test_a_call_keeps_the_value_as_decided_and_what_the_policy_says(region: Region) -> None:
    call = called(region)
    assert (call.value_text, call.unit, call.flag, call.test.code) == ("7.8", "mmol/L", "HH", "K")
    assert (call.kind, call.state, call.step, call.next_step_at) == ("value", "open", -1, NOW)
    assert (call.due_at - call.opened_at, call.acknowledge_due_at) == (HOUR, NOW + 15 * MINUTE)
    assert [whom for whom, _ in call.ladder][:2] == ["app", "requester"]
    assert call.policies == "critical"


def test_a_ward_and_an_urgent_order_are_called_at_once(region: Region) -> None:
    ward = called(region, ward="ICU")
    assert (ward.ward, ward.due_at - ward.opened_at, ward.ladder[0]) == ("ICU", HOUR / 2, ["requester", 0])
    urgent = called(region, urgency="S")
    assert (urgent.policies, urgent.ladder[0]) == ("critical-urgent", ["requester", 0])


def test_the_ladder_is_climbed_at_its_moments_and_each_step_is_kept_once(region: Region) -> None:
    call = called(region)
    assert climb(region, NOW) == 1
    assert climb(region, NOW + 14 * MINUTE) == 0
    assert climb(region, NOW + 15 * MINUTE) == 1
    assert climb(region, NOW + 15 * MINUTE) == 0
    assert steps(region, call) == [("app", False), ("requester", False)]
    assert climb(region, NOW + 3 * HOUR) == 4
    assert steps(region, call)[2:] == [
        ("on_call", True),
        ("department_head", True),
        ("laboratory_doctor", False),
        ("director", False),
    ]
    with acting(region.worker):
        call.refresh_from_db()
    assert (call.state, call.next_step_at) == ("open", None)


def test_a_step_names_who_is_on_duty_and_passes_over_who_is_not(region: Region) -> None:
    call = called(region)  # Sunday, 9:00 at the clinic
    contact(region, "requester", phone="+7 487 111")
    contact(region, "on_call", on_from=time(20), on_until=time(8))
    contact(region, "department_head", days="12345")
    contact(region, "laboratory_doctor", site="hub", on_from=time(8), on_until=time(20))
    contact(region, "director", site="hub", days="1")
    climb(region, NOW + HOUR)
    assert steps(region, call) == [
        ("app", False),
        ("requester", False),
        ("on_call", True),
        ("department_head", True),
        ("laboratory_doctor", False),
        ("director", True),
    ]
    with acting(region.worker):
        kept = CriticalEscalation.objects.get(call=call, whom="requester")
    assert kept.contacts == [
        {"name_en": "Desk requester", "name_ru": "Пост requester", "phone": "+7 487 111"}
    ]


def test_a_site_where_nobody_can_read_is_telephoned_at_once(region: Region) -> None:
    call = called(region)
    with acting(LOADER):
        readers = Assignment.objects.filter(site=region.clinic, role="physician")
        assert readers.update(until=NOW - HOUR)
    climb(region, NOW)
    assert steps(region, call) == [("app", True), ("requester", False)]


def test_a_closed_or_withdrawn_call_climbs_no_further(
    region: Region, technologist: Actor, doctor: Actor
) -> None:
    told, refused = called(region), called(region, "8.1")
    tell(told, technologist)
    with acting(doctor):
        refuse_result([refused.result_id], reason="clotted", by=doctor, at=NOW)
    assert climb(region, NOW + HOUR) == 0
    assert steps(region, told) == steps(region, refused) == []


def test_one_person_at_night_holds_every_step(region: Region, technologist: Actor) -> None:
    call = called(region, ward="ICU")
    for function in ("duty_doctor", "department_head"):
        contact(region, function, days="1")
    for function in ("laboratory_doctor", "director"):
        contact(region, function, site="hub", days="1")
    climb(region, NOW + HOUR)
    assert [whom for whom, passed in steps(region, call) if not passed] == ["requester", "ward"]
    with acting(technologist):
        shown = ladder_of(CriticalCall.objects.get(pk=call.pk), at=NOW + HOUR)
        assert [one.state for one in shown].count("passed_over") == 4
        assert [one.reach for one in open_critical_calls(region.hub.pk)] == ["ward"]
    closed = tell(call, technologist, at=NOW + 2 * HOUR, role="nurse")
    assert (closed.state, closed.told_role, closed.how, closed.is_on_time) == (
        "closed",
        "nurse",
        "phone",
        False,
    )


def test_how_and_who_are_kept_and_nonsense_is_refused(region: Region, technologist: Actor) -> None:
    call = called(region)
    nonsense: list[dict[str, Any]] = [{"how": "app"}, {"how": "pigeon"}, {"role": "king"}]
    for wrong in nonsense:
        with pytest.raises(Refused):
            tell(call, technologist, **wrong)
    closed = tell(call, technologist, role="duty_doctor", how="in_person")
    assert (closed.told_role, closed.how, closed.closed_by) == ("duty_doctor", "in_person", technologist.key)
    with acting(technologist):
        attempt = CriticalAttempt.objects.get(call=call)
    assert (attempt.how, attempt.was_reached, attempt.told_to) == ("in_person", True, "Dr. Lugovoy")


def test_opening_a_value_is_not_receipt_its_acknowledgement_is(region: Region, physician: Actor) -> None:
    call = called(region)
    with acting(physician):
        assert [one.pk for one in calls_to_read(region.clinic.pk)] == [call.pk]
        with pytest.raises(Refused, match="read it first"):
            acknowledge_critical(call, "7.8", by=physician, at=NOW)
        assert note_call_read(call, by=physician, at=NOW + MINUTE)
        assert not note_call_read(call, by=physician, at=NOW + 2 * MINUTE)
        call.refresh_from_db()
        assert (call.state, call.read_at, call.read_by) == ("open", NOW + MINUTE, physician.key)
        with pytest.raises(Refused, match=r"does not hold the value 7\.8"):
            acknowledge_critical(call, "8.7", by=physician, at=NOW + 3 * MINUTE)
        call = acknowledge_critical(call, "7,8", by=physician, at=NOW + 3 * MINUTE)
        assert (call.state, call.how, call.told_role, call.told_to) == (
            "closed",
            "app",
            "physician",
            physician.name,
        )
        assert [one.pk for one in calls_received(region.clinic.pk)] == [call.pk]
        with pytest.raises(Refused, match="already closed by"):
            acknowledge_critical(call, "7.8", by=physician, at=NOW + 4 * MINUTE)


def test_nobody_acknowledges_for_another_place_or_without_the_right(
    region: Region, technologist: Actor, physician: Actor
) -> None:
    call = called(region, site=region.other_clinic)
    with acting(physician):
        assert not note_call_read(call, by=physician, at=NOW)
        with pytest.raises(Forbidden):
            acknowledge_critical(call, "7.8", by=physician, at=NOW)
    with acting(technologist), pytest.raises(Forbidden):
        acknowledge_critical(call, "7.8", by=technologist, at=NOW)


def test_a_repeat_of_what_was_told_is_noted_and_a_change_is_called(
    region: Region, technologist: Actor
) -> None:
    who = make_patient(region)
    first = called(region, "600", code="CREA", patient=who)
    tell(first, technologist)
    later = NOW + 6 * HOUR
    again = called(region, "640", code="CREA", patient=who, at=later)
    assert (again.state, again.about, again.next_step_at) == ("noted", first, None)
    worse = called(region, "760", code="CREA", patient=who, at=later)
    assert worse.state == "open"
    other = called(region, "610", code="CREA", at=later)
    assert other.state == "open"
    late = called(region, "610", code="CREA", patient=who, at=NOW + 5 * MINUTE + 24 * HOUR)
    assert late.state == "open"


def test_a_repeat_of_what_nobody_was_told_of_is_called(region: Region) -> None:
    who = make_patient(region)
    called(region, "600", code="CREA", patient=who)
    assert called(region, "610", code="CREA", patient=who, at=NOW + HOUR).state == "open"


def test_the_database_refuses_a_call_closed_without_read_back_and_a_step_that_is_not_listed(
    region: Region, technologist: Actor
) -> None:
    call = called(region)
    with acting(technologist):
        with pytest.raises(IntegrityError), transaction.atomic():
            CriticalCall.objects.filter(pk=call.pk).update(state="closed", closed_at=NOW, told_to="Dr A")
        with pytest.raises(IntegrityError), transaction.atomic():
            CriticalCall.objects.filter(pk=call.pk).update(state="noted")
    tell(call, technologist)
    with acting(technologist), pytest.raises(IntegrityError), transaction.atomic():
        CriticalCall.objects.filter(pk=call.pk).update(state="open")


def test_the_figures_say_how_soon_by_ward(region: Region, technologist: Actor) -> None:
    tell(called(region, ward="ICU"), technologist, at=NOW + 10 * MINUTE)
    tell(called(region, ward="ICU"), technologist, at=NOW + 40 * MINUTE)
    called(region)
    with acting(technologist):
        found = call_figures(region.hub.pk, since=NOW - HOUR, until=NOW + HOUR)
    everything = next(one for one in found if one.site_en is None)
    assert (everything.calls, everything.told, everything.on_time, everything.complete) == (3, 2, 1, 2)
    ward = next(one for one in found if one.ward == "ICU")
    assert (ward.calls, ward.p50, ward.p95) == (2, 25.0, 38.5)
    clinic = next(one for one in found if one.ward == "")
    assert (clinic.told, clinic.p50) == (0, None)


def test_the_worker_climbs_on_its_own(region: Region) -> None:
    call = called(region, at=NOW)
    assert work_once().failures == 0
    assert steps(region, call)
