"""What people do with results: release, hold, refuse, repeat, comment, enter, amend, tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from aliquot.flow.instruments.queries import pending_tests
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.actions import (
    amend_result,
    attempt_critical,
    autoverify_batch,
    comment_result,
    enter_result,
    hold_result,
    refuse_result,
    release_results,
    repeat_result,
    tell_critical,
)
from aliquot.flow.results.models import CriticalAttempt, CriticalCall, Result
from aliquot.flow.results.queries import reason_sentences
from aliquot.foundation.actors import Actor
from aliquot.foundation.audit.models import AuditBlock
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden, Refused
from aliquot.foundation.events.models import Event
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.regions import LOADER, Region, one_with

LATER = NOW + timedelta(minutes=5)


def held(region: Region, value: str = "6.9", code: str = "K") -> Result:
    """A result that the rules let wait: a critical potassium unless another is wanted."""
    return make_decided(region, make_accepted(region, code), code, value)


def released(region: Region, value: str = "4.2", code: str = "K") -> Result:
    result = held(region, value, code)
    assert result.state == "released"
    return result


def events(region: Region, kind: str) -> list[int]:
    with acting(region.worker):
        return list(Event.objects.filter(kind=kind).order_by("id").values_list("subject_id", flat=True))


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(Refused, match=words):
        yield


def test_a_doctor_releases_what_waits(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        assert release_results([result.pk], by=doctor, at=LATER) == 1
        result.refresh_from_db()
    assert (result.state, result.is_automatic, result.released_by, result.released_at) == (
        "released",
        False,
        doctor.key,
        LATER,
    )
    assert [one["code"] for one in result.reasons] == ["critical"]
    assert OrderItem.objects.get(pk=result.order_item_id).state == "reported"
    assert Order.objects.get(pk=result.order_id).state == "completed"
    assert events(region, "order_completed") == [result.order_id]
    assert events(region, "result_released") == [result.order_id]


def test_the_second_of_two_doctors_learns_who_was_faster_and_when(region: Region, doctor: Actor) -> None:
    first, second = held(region), held(region)
    with acting(doctor):
        release_results([first.pk], by=doctor, at=LATER)
        with refused(rf"K 6.9, .* was already released by {doctor.name} at 22.11.2026"):
            release_results([second.pk, first.pk], by=doctor, at=LATER)
        second.refresh_from_db()
    assert second.state == "held"


def test_the_refusal_is_told_in_russian(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor), translation.override("ru"):
        release_results([result.pk], by=doctor, at=LATER)
        with refused("уже выдал"):
            release_results([result.pk], by=doctor, at=LATER)


def test_a_result_of_a_cancelled_test_cannot_be_released_but_refused(region: Region, doctor: Actor) -> None:
    result = held(region)
    OrderItem.objects.filter(pk=result.order_item_id).update(state="cancelled")
    with acting(doctor):
        with refused("cancelled or closed"):
            release_results([result.pk], by=doctor, at=LATER)
        assert refuse_result([result.pk], reason="cancelled by the ward", by=doctor, at=LATER) == 1


def test_two_values_of_one_test_are_not_both_released(region: Region, doctor: Actor) -> None:
    tube = make_accepted(region, "K")
    pair = [make_result(region, tube, "K", value).pk for value in ("6.8", "6.9")]
    autoverify_batch(limit=1000, by=region.worker, at=NOW)
    with acting(doctor):
        with refused("Two values of one test"):
            release_results(pair, by=doctor, at=LATER)
        assert release_results(pair[1:], by=doctor, at=LATER) == 1
        with refused("cancelled or closed"):
            release_results(pair[:1], by=doctor, at=LATER)


@pytest.mark.parametrize("role", ["technologist", "receptionist"])
def test_only_doctors_release(region: Region, role: str) -> None:
    result = held(region)
    person = one_with(region, role, region.hub)
    with acting(person), pytest.raises(Forbidden, match="may not release result"):
        release_results([result.pk], by=person, at=LATER)


def test_a_clinic_that_can_see_a_released_result_cannot_touch_it(region: Region, doctor: Actor) -> None:
    result = released(region)
    stranger = Actor(
        key="person:0:x", name="x", sites=frozenset({region.clinic.pk}), permissions=doctor.permissions
    )
    with acting(stranger):
        assert Result.objects.filter(pk=result.pk).exists()
        with pytest.raises(Forbidden, match="not visible"):
            amend_result(result, "5", reason="x", by=stranger, at=LATER)


def test_holding_adds_a_reason_and_the_audit_keeps_it(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor):
        hold_result([result.pk], reason=" ask the ward ", by=doctor, at=LATER)
        result.refresh_from_db()
    assert result.state == "held"
    assert reason_sentences(result.reasons)[1] == f"Held by {doctor.name}: ask the ward"
    with acting(LOADER):
        assert AuditBlock.objects.filter(
            table_name="result", reason="ask the ward", actor=doctor.key
        ).exists()


@pytest.mark.parametrize("action", [hold_result, refuse_result, repeat_result])
def test_a_decision_against_a_result_needs_a_reason(region: Region, doctor: Actor, action: object) -> None:
    result = held(region)
    assert callable(action)
    with acting(doctor), pytest.raises(Refused) as caught:
        action([result.pk], reason="  ", by=doctor, at=LATER)
    assert list(caught.value.fields) == ["reason"]


def test_a_refused_value_leaves_the_test_open_and_its_call_is_withdrawn(
    region: Region, doctor: Actor
) -> None:
    result = held(region)
    with acting(doctor):
        refuse_result([result.pk], reason="clot", by=doctor, at=LATER)
        result.refresh_from_db()
        assert result.state == "refused"
        assert OrderItem.objects.get(pk=result.order_item_id).state == "open"
        call = CriticalCall.objects.get(result=result)
        assert (call.state, call.closed_by) == ("withdrawn", doctor.key)
        with refused(f"already refused by {doctor.name}"):
            release_results([result.pk], by=doctor, at=LATER)


def test_a_repeat_is_offered_to_the_analyzer_again_and_waits_for_a_person(
    region: Region, doctor: Actor
) -> None:
    result = held(region, "8.9", "HBA1C")
    result.refresh_from_db()
    tube, analyzer = result.specimen, result.analyzer
    assert analyzer is not None
    analyzer.mappings.create(code="A1C", test=result.test)
    assert pending_tests(analyzer, [tube.number]) == []
    with acting(doctor):
        repeat_result([result.pk], reason="implausible", by=doctor, at=LATER)
    assert [one.code for one in pending_tests(analyzer, [tube.number])] == ["A1C"]
    again = make_result(region, tube, "HBA1C", "5.0")
    autoverify_batch(limit=1000, by=region.worker, at=LATER)
    again.refresh_from_db()
    assert (again.state, again.run, [one["code"] for one in again.reasons]) == ("held", 2, ["rerun"])


def test_a_comment_on_a_released_result_is_an_amendment(
    region: Region, doctor: Actor, technologist: Actor
) -> None:
    waiting, out = held(region), released(region)
    with acting(technologist):
        comment_result(waiting.pk, " seen twice ", by=technologist, at=LATER)
        with pytest.raises(Forbidden):
            comment_result(out.pk, "late thought", by=technologist, at=LATER)
    with acting(doctor):
        comment_result(out.pk, "late thought", by=doctor, at=LATER)
    waiting.refresh_from_db()
    out.refresh_from_db()
    assert (waiting.comment, out.comment) == ("seen twice", "late thought")
    assert events(region, "result_amended") == [out.order_id]


@pytest.mark.parametrize(
    ("code", "typed", "kept"),
    [
        ("K", "4,25", (Decimal("4.3"), "4.3", "")),
        ("K", "<2.0", (Decimal("2.0"), "<2.0", "<")),
        ("HBSAG", " negative ", (None, "negative", "")),
    ],
)
def test_a_value_from_the_keyboard_waits_for_a_second_look(
    region: Region, technologist: Actor, code: str, typed: str, kept: tuple[Decimal | None, str, str]
) -> None:
    tube = make_accepted(region, code)
    with acting(technologist):
        result = enter_result(tube.tests.get().order_item, typed, by=technologist, at=NOW)
    assert (result.value, result.value_text, result.comparator) == kept
    assert result.state == "held"
    assert "manual" in {one["code"] for one in result.reasons}
    assert (result.specimen_id, result.analyzer_id) == (tube.pk, None)
    assert tube.tests.get().state == "measured"


def test_a_critical_value_from_the_keyboard_opens_a_call(region: Region, technologist: Actor) -> None:
    tube = make_accepted(region, "K")
    with acting(technologist):
        result = enter_result(tube.tests.get().order_item, "7.1", by=technologist, at=NOW)
        assert result.flag == "HH"
        assert CriticalCall.objects.get(result=result).state == "open"


@pytest.mark.parametrize(
    ("code", "typed"),
    [("K", "much"), ("K", ""), ("K", "1234567890123"), ("HBSAG", "  "), ("HBSAG", "x" * 2001)],
)
def test_what_does_not_fit_the_test_is_refused_at_its_field(
    region: Region, technologist: Actor, code: str, typed: str
) -> None:
    item = make_accepted(region, code).tests.get().order_item
    with acting(technologist), pytest.raises(Refused) as caught:
        enter_result(item, typed, by=technologist, at=NOW)
    assert list(caught.value.fields) == ["value"]


def test_nothing_is_entered_without_an_accepted_tube_or_for_a_closed_test(
    region: Region, technologist: Actor
) -> None:
    tube = make_accepted(region, "K")
    item = tube.tests.get().order_item
    tube.tests.update(state="rejected")
    with acting(technologist):
        with refused("No tube for"):
            enter_result(item, "4.2", by=technologist, at=NOW)
        with refused("Amend the result"):
            enter_result(released(region).order_item, "4.2", by=technologist, at=NOW)


def test_an_amended_result_is_a_new_version_and_the_old_one_stays(region: Region, doctor: Actor) -> None:
    old = released(region)
    with acting(doctor):
        new = amend_result(old, "5,5", reason="decimal point misread", by=doctor, at=LATER)
        old.refresh_from_db()
    assert (old.state, old.value_text) == ("superseded", "4.2")
    assert (new.state, new.version, new.supersedes_id, new.value_text, new.flag) == (
        "released",
        2,
        old.pk,
        "5.5",
        "H",
    )
    assert (new.amend_reason, new.released_by, new.low) == (
        "decimal point misread",
        doctor.key,
        Decimal("3.5"),
    )
    assert new.reasons == []
    assert events(region, "result_amended") == [old.order_id]
    assert events(region, "order_completed") == [old.order_id]
    with acting(doctor), refused("replaced by a newer version"):
        amend_result(old, "5.6", reason="again", by=doctor, at=LATER)


def test_an_amendment_to_a_critical_value_opens_a_call_and_one_away_from_it_withdraws(
    region: Region, doctor: Actor
) -> None:
    old = released(region)
    with acting(doctor):
        worse = amend_result(old, "7.5", reason="wrong tube", by=doctor, at=LATER)
        assert CriticalCall.objects.get(result=worse).state == "open"
        better = amend_result(worse, "4.4", reason="wrong again", by=doctor, at=LATER)
        assert CriticalCall.objects.get(result=worse).state == "withdrawn"
        assert not CriticalCall.objects.filter(result=better).exists()
    assert better.version == 3


def test_an_amendment_needs_a_reason_and_a_change(region: Region, doctor: Actor) -> None:
    old = released(region)
    with acting(doctor):
        with refused("Write a reason"):
            amend_result(old, "5", reason="", by=doctor, at=LATER)
        with refused("unchanged"):
            amend_result(old, "4.20", reason="x", by=doctor, at=LATER)
        old.refresh_from_db()
    assert old.state == "released"


def test_a_held_result_is_not_amended(region: Region, doctor: Actor) -> None:
    result = held(region)
    with acting(doctor), refused("not ready"):
        amend_result(result, "5", reason="x", by=doctor, at=LATER)


def test_only_a_read_back_of_the_value_closes_the_call(region: Region, doctor: Actor) -> None:
    call = CriticalCall.objects.get(result=held(region))
    with acting(doctor):
        attempt_critical(call, "ward 3, nobody answers", by=doctor, at=NOW)
        with pytest.raises(Refused) as caught:
            tell_critical(call, " ", "six point eight", by=doctor, at=LATER)
        assert list(caught.value.fields) == ["told_to", "read_back"]
        call = tell_critical(call, "Dr. Lugovoy", "potassium 6,9", by=doctor, at=LATER)
        tries = list(CriticalAttempt.objects.order_by("id").values_list("was_reached", "note", "read_back"))
    assert (call.state, call.closed_at, call.closed_by, call.told_to, call.read_back) == (
        "closed",
        LATER,
        doctor.key,
        "Dr. Lugovoy",
        "potassium 6,9",
    )
    assert tries == [(False, "ward 3, nobody answers", ""), (True, "", "potassium 6,9")]


def test_a_closed_call_names_who_closed_it(region: Region, doctor: Actor) -> None:
    call = CriticalCall.objects.get(result=held(region))
    with acting(doctor):
        tell_critical(call, "Dr. Lugovoy", "6.9", by=doctor, at=LATER)
        with refused(rf"already closed by {doctor.name} at 22.11.2026"):
            tell_critical(call, "Dr. Lugovoy", "6.9", by=doctor, at=LATER)
        with refused("already closed"):
            attempt_critical(call, "once more", by=doctor, at=LATER)


def test_an_attempt_says_whom(region: Region, doctor: Actor) -> None:
    call = CriticalCall.objects.get(result=held(region))
    with acting(doctor), pytest.raises(Refused) as caught:
        attempt_critical(call, " ", by=doctor, at=NOW)
    assert list(caught.value.fields) == ["note"]


def test_another_laboratorys_call_is_not_visible(region: Region) -> None:
    call = CriticalCall.objects.get(result=held(region))
    stranger = one_with(region, "technologist", region.sites["TUL-NOV"])
    with acting(stranger), pytest.raises(Forbidden):
        tell_critical(call, "anybody", "6.9", by=stranger, at=LATER)
