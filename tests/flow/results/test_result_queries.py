"""What is asked about results: the worklist, the history, the evidence, the calls."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import translation

from aliquot.flow.results.actions import attempt_critical, autoverify_batch, release_results
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.flow.results.queries import (
    WorklistRow,
    count_waiting,
    evidence_of,
    open_critical_calls,
    patient_history,
    worklist,
)
from aliquot.flow.specimens.models import Specimen
from aliquot.flow.verification.queries import current_book
from aliquot.foundation.context import acting
from tests.factories import NOW, make_accepted, make_decided, make_order, make_patient, make_result
from tests.regions import Region, one_with


def waiting(region: Region, value: str, code: str = "K", **changes: Any) -> Result:
    """A result that the rules let wait for a person."""
    result = make_decided(region, make_accepted(region, code, **changes), code, value)
    assert result.state == "held"
    return result


def listed(region: Region, **changes: object) -> list[WorklistRow]:
    return worklist(region.hub.pk, at=NOW, **changes)  # type: ignore[arg-type]


def test_the_worklist_shows_danger_first_then_the_oldest(region: Region) -> None:
    plain_old = waiting(region, "7.6", "HBA1C")
    urgent = waiting(region, "7.9", "HBA1C", urgency="S")
    critical = waiting(region, "6.9")
    worst = waiting(region, "7.2", urgency="S")
    plain_new = waiting(region, "7.7", "HBA1C")
    rows = listed(region)
    assert [(one.danger, one.result_id) for one in rows] == [
        (0, worst.pk),
        (1, critical.pk),
        (2, urgent.pk),
        (3, plain_old.pk),
        (3, plain_new.pk),
    ]
    assert [one.is_critical for one in rows] == [True, True, False, False, False]


def test_the_worklist_is_read_page_by_page_and_by_section(region: Region) -> None:
    for value in ("6.9", "7.0", "7.1"):
        waiting(region, value)
    other = waiting(region, "7.9", "HBA1C")
    first = listed(region, limit=2)
    rest = listed(region, limit=2, after=first[-1].place)
    assert [one.value_text for one in first + rest] == ["6.9", "7.0", "7.1", "7.9"]
    assert listed(region, after=rest[-1].place) == []
    assert [one.result_id for one in listed(region, section=other.test.section)] == [other.pk]
    assert worklist(region.sites["TUL-NOV"].pk, at=NOW) == []


def test_a_row_holds_what_the_doctor_looks_at(region: Region) -> None:
    result = waiting(region, "6.9", ward="3")
    row = listed(region)[0]
    assert (row.order_number, row.specimen_number) == (result.order.number, result.specimen.number)
    assert (row.family_name, row.sex, row.ward) == ("Берёзкина", "F", "3")
    assert (row.value, row.flag, row.low, row.high) == (
        Decimal("6.9"),
        "HH",
        Decimal("3.5"),
        Decimal("5.1"),
    )
    assert row.reason_sentences == ["Critical value: 6.9, limit 6.2. Tell the requester."]
    with translation.override("ru"):
        assert row.reason_sentences == ["Критическое значение: 6.9, граница 6.2. Сообщите назначившему."]
    assert (row.call_state, row.call_due_at) == ("open", NOW + timedelta(minutes=30))
    assert row.previous_text is None


def test_a_clinic_sees_no_worklist(region: Region) -> None:
    waiting(region, "6.9")
    with acting(one_with(region, "nurse", region.clinic)):
        assert listed(region) == []


def test_a_history_is_by_time_of_collection(region: Region) -> None:
    patient = make_patient(region)
    tests = []
    for days, value in ((1, "5.0"), (9, "4.0"), (5, "4.4")):
        order = make_order(region, "K", patient=patient, at=NOW - timedelta(days=20))
        tube = make_accepted(region, order=order)
        moment = NOW - timedelta(days=days)
        Specimen.objects.filter(pk=tube.pk).update(collected_at=moment, spun_at=moment)
        tube.refresh_from_db()
        tests.append(make_result(region, tube, "K", value, measured_at=moment + timedelta(hours=1)).test_id)
        autoverify_batch(limit=1000, by=region.worker, at=NOW)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        left = [one.result_id for one in listed(region)]
        release_results(left, by=doctor, at=NOW)
    rows = patient_history(patient.pk, tests)
    assert [one.value for one in rows] == [Decimal(5), Decimal("4.4"), Decimal(4)]
    assert [one.value for one in patient_history(patient.pk, tests, limit=1)] == [Decimal(5)]


def test_the_evidence_of_a_result_is_what_the_rules_saw(region: Region) -> None:
    found = evidence_of(waiting(region, "6.9").pk)
    assert found is not None
    plan = current_book().plan_for(found)
    assert plan is not None
    assert (found.value, plan.critical.high, found.qc_state) == (Decimal("6.9"), Decimal("6.2"), "no_plan")
    assert (found.sex, found.age_days) == ("F", 14_863)
    assert evidence_of(0) is None


def test_calls_are_listed_by_when_they_are_due(region: Region) -> None:
    waiting(region, "6.9")
    urgent = waiting(region, "7.2", urgency="S")
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):
        attempt_critical(CriticalCall.objects.get(result=urgent), "busy", by=doctor, at=NOW)
        calls = open_critical_calls(region.hub.pk)
    assert [(one.value_text, one.attempts, one.requester) for one in calls] == [
        ("7.2", 1, "Dr. Lugovoy"),
        ("6.9", 0, "Dr. Lugovoy"),
    ]


def test_what_waits_is_counted(region: Region) -> None:
    waiting(region, "6.9")
    waiting(region, "7.2", urgency="S")
    waiting(region, "7.9", "HBA1C")
    make_result(region, make_accepted(region, "K"), "K", "4.2")
    counted = count_waiting(region.hub.pk, at=NOW + timedelta(minutes=45))
    assert (counted.held, counted.held_critical, counted.held_urgent, counted.oldest_held_at) == (
        3,
        2,
        1,
        NOW,
    )
    assert (counted.recorded, counted.open_calls, counted.overdue_calls) == (1, 2, 1)
