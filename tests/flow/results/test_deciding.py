"""Recorded results are decided by the rules, a set at a time, against a real database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.actions import autoverify_batch, refuse_result
from aliquot.flow.results.actions.deciding import decide_results
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.flow.results.queries import gather_evidence
from aliquot.flow.results.queries import interval_for as interval_of
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.flow.verification.queries import current_book
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Forbidden
from aliquot.foundation.events.models import Event
from aliquot.registers.catalogue.models import ReferenceInterval, Test
from aliquot.registers.catalogue.queries import intervals_of
from aliquot.registers.catalogue.rules.intervals import interval_for
from aliquot.registers.patients.models import Patient
from tests.factories import NOW, make_accepted, make_order, make_patient, make_result
from tests.regions import Region, one_with

HOUR = timedelta(hours=1)


def decide(region: Region, limit: int = 1000) -> int:
    return autoverify_batch(limit=limit, by=region.worker, at=NOW)


def decided(region: Region, value: str, code: str = "K", **changes: Any) -> Result:
    """A result of a fresh tube, after the rules saw it."""
    result = make_result(region, make_accepted(region, code), code, value, **changes)
    decide(region)
    result.refresh_from_db()
    return result


def codes(result: Result) -> list[str]:
    return [one["code"] for one in result.reasons]


def waiting(kind: str) -> list[int]:
    return list(Event.objects.filter(kind=kind).order_by("id").values_list("subject_id", flat=True))


def test_an_unremarkable_result_is_released_and_its_order_completed(region: Region) -> None:
    result = decided(region, "4.2")
    assert (result.state, result.flag, result.reasons) == ("released", "N", [])
    assert (result.low, result.high) == (Decimal("3.5"), Decimal("5.1"))
    assert (result.is_automatic, result.released_at, result.released_by) == (True, NOW, region.worker.key)
    assert OrderItem.objects.get(pk=result.order_item_id).state == "reported"
    order = Order.objects.get(pk=result.order_id)
    assert (order.state, order.completed_at) == ("completed", NOW)
    assert waiting("order_completed") == [order.pk]
    assert waiting("result_released") == [order.pk]
    assert SpecimenTest.objects.get(order_item=result.order_item_id).state == "measured"


def test_an_order_is_completed_by_its_last_result_only(region: Region) -> None:
    tube = make_accepted(region, "GLUS", "K")
    make_result(region, tube, "K", "4.2")
    decide(region)
    assert Order.objects.get(pk=tube.order_id).state == "placed"
    assert waiting("order_completed") == []
    make_result(region, tube, "GLUS", "5.0")
    decide(region)
    assert Order.objects.get(pk=tube.order_id).state == "completed"
    assert waiting("order_completed") == [tube.order_id]


def test_a_critical_value_waits_and_its_call_is_open_at_once(region: Region) -> None:
    result = decided(region, "6.9")
    assert (result.state, result.flag, codes(result)) == ("held", "HH", ["critical"])
    call = CriticalCall.objects.get(result=result)
    assert (call.state, call.opened_at, call.due_at) == ("open", NOW, NOW + HOUR)
    assert OrderItem.objects.get(pk=result.order_item_id).state == "open"


@pytest.mark.parametrize("changes", [{"urgency": "S"}, {"ward": "7"}])
def test_urgent_orders_and_wards_are_due_in_half_an_hour(region: Region, changes: dict[str, Any]) -> None:
    tube = make_accepted(region, "K", **changes)
    result = make_result(region, tube, "K", "2.1")
    decide(region)
    assert CriticalCall.objects.get(result=result).due_at == NOW + HOUR / 2


def test_all_reasons_are_kept_with_their_facts(region: Region) -> None:
    result = decided(region, "4.2", flags=("abnormal", "message:Turbid"), unit="mg/dL")
    assert result.reasons == [
        {"code": "unit_differs", "unit": "mg/dL", "expected": "mmol/L"},
        {"code": "analyzer_flag", "flag": "abnormal"},
        {"code": "instrument_message", "message": "Turbid"},
    ]
    assert result.analyzer_flags == ["abnormal", "message:Turbid"]


def test_a_childs_result_finds_no_interval_and_waits(region: Region) -> None:
    order = make_order(region, "K", patient=make_patient(region, birth_date=date(2020, 1, 1)))
    result = make_result(region, make_accepted(region, order=order), "K", "4.2")
    decide(region)
    result.refresh_from_db()
    assert (result.state, result.flag, codes(result)) == ("held", "", ["no_interval"])


def test_of_two_values_within_one_batch_both_wait(region: Region) -> None:
    tube = make_accepted(region, "K")
    for value in ("4.2", "4.3"):
        make_result(region, tube, "K", value)
    decide(region)
    found = Result.objects.filter(order_id=tube.order_id).order_by("id")
    assert [(one.state, one.run, codes(one)) for one in found] == [
        ("held", 1, ["rerun"]),
        ("held", 2, ["rerun"]),
    ]


def test_a_value_that_comes_later_waits_and_the_one_before_stays(region: Region) -> None:
    tube = make_accepted(region, "K")
    for value in ("4.2", "4.3"):
        make_result(region, tube, "K", value)
        decide(region)
    found = Result.objects.filter(order_id=tube.order_id).order_by("id")
    assert [(one.state, one.run) for one in found] == [("released", 1), ("held", 2)]
    assert codes(found[1]) == ["already_reported", "rerun"]


def test_a_cancelled_test_is_held(region: Region) -> None:
    tube = make_accepted(region, "GLUS", "K")
    result = make_result(region, tube, "K", "4.2")
    OrderItem.objects.filter(pk=result.order_item_id).update(state="cancelled")
    decide(region)
    result.refresh_from_db()
    assert (result.state, codes(result)) == ("held", ["item_closed"])


def test_a_suspended_analyzer_and_one_whose_controls_nobody_judged_hold(region: Region) -> None:
    tube = make_accepted(region, "K")
    result = make_result(region, tube, "K", "4.2")
    assert result.analyzer_id is not None
    Analyzer.objects.filter(pk=result.analyzer_id).update(is_suspended=True, has_qc_plan=True)
    decide(region)
    result.refresh_from_db()
    assert codes(result) == ["analyzer_suspended", "qc_unknown"]


def test_what_reception_saw_holds_the_tests_it_spoils(region: Region) -> None:
    tube = make_accepted(region, "K")
    Specimen.objects.filter(pk=tube.pk).update(condition=["HAEM"])
    result = make_result(region, tube, "K", "4.2")
    decide(region)
    result.refresh_from_db()
    assert result.state == "held"
    assert {"code": "specimen_spoilt", "condition": "HAEM"} in result.reasons


def test_words_are_compared_with_the_finding_of_health(region: Region) -> None:
    assert decided(region, "negative", "HBSAG").state == "released"
    reactive = decided(region, "reactive", "HBSAG")
    assert (reactive.flag, codes(reactive)) == ("A", ["unexpected_finding"])


def history(region: Region, *values: tuple[str, timedelta]) -> list[Result]:
    """Values of one patient, in the order in which they were measured; each with the time since its collection."""
    patient = make_patient(region)
    results = []
    for value, ago in values:
        order = make_order(region, "K", patient=patient, at=NOW - timedelta(days=20))
        tube = make_accepted(region, order=order)
        Specimen.objects.filter(pk=tube.pk).update(collected_at=NOW - ago, spun_at=NOW - ago)
        tube.refresh_from_db()
        result = make_result(region, tube, "K", value, measured_at=NOW - ago + HOUR)
        decide(region)
        result.refresh_from_db()
        results.append(result)
    return results


def test_a_great_change_within_the_window_waits(region: Region) -> None:
    first, second = history(region, ("3.6", 25 * HOUR), ("5.1", HOUR))
    assert first.state == "released"
    assert second.reasons == [
        {
            "code": "delta",
            "percent": "41.7",
            "previous": "3.6",
            "days": "1",
            "limit": second_limit(),
            "rule": "delta-catalogue",
        }
    ]


def second_limit() -> str:
    limit = Test.objects.get(code="K").delta_percent
    assert limit is not None
    return f"{limit.normalize():f}"


def test_a_great_change_against_something_older_than_the_window_is_released(region: Region) -> None:
    assert [one.state for one in history(region, ("3.6", timedelta(days=15)), ("5.1", HOUR))] == [
        "released",
        "released",
    ]


def test_a_late_tube_is_not_compared_with_what_was_collected_after_it(region: Region) -> None:
    first, late = history(region, ("3.6", HOUR), ("5.1", 25 * HOUR))
    assert (first.state, late.state) == ("released", "released")


def test_a_late_tube_is_compared_with_what_was_before_it_not_with_what_came_after(region: Region) -> None:
    *_, late = history(region, ("3.6", 50 * HOUR), ("4.2", HOUR), ("5.1", 26 * HOUR))
    assert [(one["code"], one["previous"]) for one in late.reasons] == [("delta", "3.6")]


def test_the_nearest_earlier_value_is_the_one_compared(region: Region) -> None:
    results = history(region, ("3.6", 50 * HOUR), ("4.1", 26 * HOUR), ("4.9", HOUR))
    evidence = gather_evidence(current_book(), [results[-1].pk])[0]
    assert (evidence.previous_value, evidence.previous_collected_at) == (
        Decimal("4.1"),
        results[1].collected_at,
    )


@pytest.mark.parametrize("sex", ["M", "F", "U"])
@pytest.mark.parametrize(
    "born", [date(2026, 11, 21), date(2015, 6, 1), date(1986, 3, 14), date(1940, 1, 1), None]
)
def test_the_interval_found_in_the_database_is_the_one_of_the_rule(
    region: Region, sex: str, born: date | None
) -> None:
    """The book chooses for speed; catalogue.rules.intervals says what is right: both agree on every test."""
    one = make_result(region, make_accepted(region, "K"), "K", "4.2")
    Patient.objects.filter(pk=one.patient_id).update(sex=sex, birth_date=born)
    intervals = intervals_of(Test.objects.values_list("id", flat=True))
    copies = [measured_as(one, test_id) for test_id in intervals]
    found = gather_evidence(current_book(), [copy.id for copy in Result.objects.bulk_create(copies)])
    assert [seen.test_id for seen in found] == list(intervals)
    for seen in found:
        expected, chosen = interval_for(intervals[seen.test_id], sex, seen.age_days), interval_of(seen)
        assert (chosen.is_found and not chosen.is_unclear) is (expected is not None)
        if expected:
            assert (chosen.low, chosen.high) == (expected.low, expected.high)


def measured_as(one: Result, test_id: int) -> Result:
    """The same result under another test."""
    copy = Result.objects.get(pk=one.id)
    copy.pk, copy.test_id = None, test_id
    return copy


@pytest.mark.parametrize(
    ("sex", "low"), [("F", Decimal("3.6")), ("M", Decimal("3.7")), ("U", Decimal("3.7"))]
)
def test_the_interval_of_the_sex_goes_before_a_narrower_one_of_both(
    region: Region, sex: str, low: Decimal
) -> None:
    test = Test.objects.get(code="K")
    for of_sex, days, limit in (("F", 60_000, "3.6"), ("", 40_000, "3.7")):
        ReferenceInterval.objects.create(
            test=test,
            sex=of_sex,
            age_from_days=6574,
            age_to_days=days,
            low=Decimal(limit),
            high=5,
            source="test",
        )
    one = make_result(region, make_accepted(region, "K"), "K", "4.2")
    Patient.objects.filter(pk=one.patient_id).update(sex=sex)
    found = gather_evidence(current_book(), [one.pk])[0]
    expected = interval_for(intervals_of([test.pk])[test.pk], sex, found.age_days)
    assert expected is not None
    assert (interval_of(found).low, expected.low) == (low, low)


def test_two_equally_fitting_intervals_are_no_interval(region: Region) -> None:
    test = Test.objects.get(code="K")
    ReferenceInterval.objects.create(test=test, age_from_days=6574, low=3, high=6, source="a second book")
    result = decided(region, "4.2")
    assert (result.flag, codes(result)) == ("", ["interval_unclear"])


def test_the_number_of_statements_does_not_grow_with_the_batch(region: Region) -> None:
    current_book()  # compiled once for a process, not for a batch
    counts = []
    for size in (1, 6):
        for _ in range(size):
            tube = make_accepted(region, "GLUS", "K")
            make_result(region, tube, "K", "4.2")
            make_result(region, tube, "GLUS", "33")
        with statements() as captured:
            assert decide(region) == 2 * size
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
    assert 5 < counts[0] < 20


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that goes to the database, whoever sends it."""
    sent: list[str] = []
    raw = connection.connection
    usual = raw.cursor_factory

    class Counting(usual):  # type: ignore[misc, valid-type]
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            sent.append(str(query))
            return super().execute(query, *args, **kwargs)

    raw.cursor_factory = Counting
    try:
        yield sent
    finally:
        raw.cursor_factory = usual


def test_a_batch_takes_the_oldest_first_and_no_more_than_asked(region: Region) -> None:
    tube = make_accepted(region, "GLUS", "K")
    first, second = make_result(region, tube, "K", "4.2"), make_result(region, tube, "GLUS", "5.0")
    assert decide(region, limit=1) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("released", "recorded")
    assert decide(region) == 1
    assert decide(region) == 0


def test_a_nurse_decides_nothing(region: Region) -> None:
    nurse = one_with(region, "nurse")
    with acting(nurse), pytest.raises(Forbidden):
        autoverify_batch(limit=1, by=nurse, at=NOW)


@pytest.mark.parametrize("value", ["4.2", "9.5"])
def test_a_claim_that_is_out_of_date_neither_closes_the_test_nor_opens_a_call(
    region: Region, value: str
) -> None:
    result = make_result(region, make_accepted(region, "K"), "K", value)
    doctor = one_with(region, "laboratory_doctor", region.hub)
    with acting(doctor):  # between the worker's look and its lock
        refuse_result([result.pk], reason="clotted", by=doctor, at=NOW)
    decide_results([result.pk], by=region.worker, at=NOW)
    result.refresh_from_db()
    assert result.state == "refused"
    assert OrderItem.objects.get(pk=result.order_item_id).state == "open"
    assert Order.objects.get(pk=result.order_id).state == "placed"
    assert not CriticalCall.objects.exists()


def values(region: Region, **given: tuple[str, str]) -> dict[str, Result]:
    """Values of one order in one batch, after the rules saw them: by code (value, unit)."""
    tube = make_accepted(region, *given)
    made = {code: make_result(region, tube, code, value, unit=unit) for code, (value, unit) in given.items()}
    decide(region)
    for result in made.values():
        result.refresh_from_db()
    return made


def test_values_of_one_order_are_judged_together(region: Region) -> None:
    found = values(region, K=("7.4", "mmol/L"), CA=("1.20", "mmol/L"), NA=("140", "mmol/L"))
    assert codes(found["K"]) == ["critical", "inconsistent"]
    assert found["K"].reasons[1]["rule"] == "edta-contamination"
    assert "inconsistent" in codes(found["CA"])
    assert found["NA"].state == "released"


def test_a_value_that_came_before_is_seen_by_one_that_comes_later(region: Region) -> None:
    tube = make_accepted(region, "K", "CA")
    first = make_result(region, tube, "CA", "1.20", unit="mmol/L")
    decide(region)
    second = make_result(region, tube, "K", "7.4", unit="mmol/L")
    decide(region)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (codes(first), codes(second)) == (["critical"], ["critical", "inconsistent"])


def test_a_suspension_of_the_catalogue_acts_in_the_next_batch(region: Region) -> None:
    assert decided(region, "4.2").state == "released"
    Test.objects.filter(code="K").update(autorelease=False)
    assert codes(decided(region, "4.2")) == ["autorelease_off"]
    Test.objects.filter(code="K").update(autorelease=True, critical_high=4)
    assert codes(decided(region, "4.2")) == ["critical"]


def test_a_rules_comment_stands_beside_the_result(region: Region) -> None:
    found = values(region, TSH=("6.00", "m[IU]/L"), FT4=("15.0", "pmol/L"))
    assert found["TSH"].comment.startswith("TSH is raised with FT4 within its interval")
    assert found["FT4"].comment == ""
