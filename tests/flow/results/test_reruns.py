"""What the rules send back goes to the analyzer by itself, is bounded, and of several runs one is reported."""

from datetime import timedelta
from typing import Any

import pytest

from aliquot.flow.instruments.actions import stop_driver
from aliquot.flow.instruments.models import Analyzer, TestMapping, WorkRequest
from aliquot.flow.instruments.queries import rerun_obstacles, work_orders
from aliquot.flow.instruments.rules.driver import load, models
from aliquot.flow.orders.models import Order, OrderItem
from aliquot.flow.results.actions import (
    autoverify_batch,
    refuse_result,
    release_results,
    repeat_result,
)
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.flow.specimens.models import Specimen, SpecimenTest
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_decided, make_result
from tests.flow.results.ruled import AGAIN_K, put_in_force
from tests.regions import Region, one_with
from tests.tubes import make_analyzer
from tests.web import signed_in

RULES = f"""
[[rule]]
code = "range-GLUS"
kind = "range"
tests = ["GLUS"]
low = 0.1
high = 24
above = "dilute"
below = "hold"
dilutions = ["5", "10"]
source = "a test"

{AGAIN_K}
[[rule]]
code = "again-NA"
kind = "flags"
tests = ["NA"]
most = 2
source = "a test"
[rule.on]
short_sample = "rerun"
"""


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    """An analyzer that is told unasked and takes dilutions, and the rules above."""
    put_in_force(region, RULES)
    analyzer = make_analyzer(region.hub, "roche_cobas_c311", "C311-R")
    Analyzer.objects.filter(pk=analyzer.pk).update(query_policy="both")
    TestMapping.objects.filter(analyzer=analyzer, test__code__in=["GLUS", "K", "NA"]).delete()
    for code in ("GLUS", "K", "NA"):
        TestMapping.objects.create(analyzer=analyzer, code=f"9{code}", test=Test.objects.get(code=code))
    analyzer.refresh_from_db()
    return analyzer


@pytest.fixture
def tube(region: Region, analyzer: Analyzer) -> Specimen:
    return make_accepted(region, "GLUS", "K", "NA")


def measured(
    region: Region, tube: Specimen, analyzer: Analyzer, code: str, value: str, **changes: Any
) -> Result:
    """A value of this analyzer, after the rules saw it."""
    return make_decided(region, tube, code, value, analyzer_id=analyzer.pk, **changes)


def codes(result: Result) -> list[str]:
    result.refresh_from_db()
    return [one["code"] for one in result.reasons]


def asked() -> list[tuple[str, list[str], str, str]]:
    rows = WorkRequest.objects.filter(kind="rerun").order_by("id")
    return list(rows.values_list("kind", "codes", "dilution", "state"))


def test_a_value_beyond_the_range_is_diluted_by_itself_and_the_diluted_run_is_reported(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    first = measured(region, tube, analyzer, "GLUS", ">24.0")
    assert first.state == "held"
    assert codes(first)[-1] == "rerun_asked"
    assert asked() == [("rerun", ["9GLUS"], "5", "queued")]
    assert SpecimenTest.objects.get(order_item=first.order_item_id).state == "accepted"
    (order,) = [one for one in work_orders(analyzer, [tube.number]) if "9GLUS" in one.codes]
    assert order.dilution == "5"
    second = measured(region, tube, analyzer, "GLUS", "26.4", dilution="5", measured_at=NOW + timedelta(1))
    first.refresh_from_db()
    assert (first.state, codes(first)[-1]) == ("kept", "run_replaced")
    assert second.dilution == "5"
    assert second.state == "held", "26.4 is critical: it is called and decided by a person"
    assert "rerun" not in codes(second)
    assert CriticalCall.objects.get(result_id=second.pk).state == "open"
    assert CriticalCall.objects.filter(result_id=first.pk).exclude(state="withdrawn").count() == 0
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        assert release_results([second.pk], by=doctor, at=NOW) == 1
    assert OrderItem.objects.get(pk=first.order_item_id).result_id == second.pk


def test_a_dilution_is_asked_once_then_the_next_and_then_it_waits(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    measured(region, tube, analyzer, "GLUS", ">24.0")
    measured(region, tube, analyzer, "GLUS", ">120", dilution="5")
    last = measured(region, tube, analyzer, "GLUS", ">240", dilution="10")
    assert [one[2] for one in asked()] == ["5", "10"]
    assert last.state == "held"
    assert "above_range" in codes(last)
    assert "rerun_asked" not in codes(last)


def test_an_analyzer_that_does_not_say_its_dilution_is_not_asked_for_it_twice(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    measured(region, tube, analyzer, "GLUS", ">24.0")
    again = measured(region, tube, analyzer, "GLUS", ">24.0", measured_at=NOW + timedelta(1))
    assert len(asked()) == 1
    assert again.state == "held"
    said = again.reasons[-1]
    assert (said["code"], said["why"]) == ("rerun_impossible", "dilution_asked_before")


def test_two_runs_that_agree_report_the_first_and_say_so(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    first = measured(region, tube, analyzer, "K", "5.05")
    assert (first.state, codes(first)) == ("held", ["rerun_wanted", "rerun_asked"])
    second = measured(region, tube, analyzer, "K", "5.10")
    first.refresh_from_db()
    assert (first.state, first.is_automatic, first.released_at) == ("released", True, NOW)
    assert [(one["code"], one["later"]) for one in first.reasons] == [("run_confirmed", "5.10")]
    assert (second.state, codes(second)[-1]) == ("kept", "run_confirms")
    item = OrderItem.objects.get(pk=first.order_item_id)
    assert (item.state, item.result_id, item.is_billable) == ("reported", first.pk, True)


def test_two_runs_that_differ_wait_and_both_are_shown(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    first = measured(region, tube, analyzer, "K", "5.05")
    second = measured(region, tube, analyzer, "K", "5.60")
    first.refresh_from_db()
    assert (first.state, second.state) == ("held", "held")
    (differ,) = [one for one in second.reasons if one["code"] == "runs_differ"]
    assert (differ["first"], differ["second"]) == ("5.05", "5.60")
    assert len(asked()) == 1, "it is not measured a third time by itself"


def test_a_flagged_run_is_replaced_by_a_clean_one(region: Region, analyzer: Analyzer, tube: Specimen) -> None:
    first = measured(region, tube, analyzer, "NA", "140", flags=("short_sample",))
    assert codes(first)[-1] == "rerun_asked"
    second = measured(region, tube, analyzer, "NA", "141")
    first.refresh_from_db()
    assert (first.state, second.state) == ("kept", "released")
    assert [(one["code"], one["earlier"]) for one in second.reasons] == [("run_reported", "140")]


def test_a_run_nobody_asked_for_waits_as_ever(region: Region, analyzer: Analyzer, tube: Specimen) -> None:
    measured(region, tube, analyzer, "K", "4.0", flags=("strange",))
    second = measured(region, tube, analyzer, "K", "4.1")
    assert (second.state, codes(second)) == ("held", ["rerun"])


def test_a_first_run_that_a_person_refused_is_not_brought_back(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    first = measured(region, tube, analyzer, "K", "5.05")
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        refuse_result([first.pk], reason="wrong tube", by=doctor, at=NOW)
    second = measured(region, tube, analyzer, "K", "5.10")
    first.refresh_from_db()
    assert (first.state, second.state) == ("refused", "held")
    assert "rerun" in codes(second)


@pytest.mark.parametrize(
    ("obstacle", "why"),
    [
        ("off", "analyzer_is_off"),
        ("unmapped", "no_code_of_test"),
        ("stopped", "driver_is_stopped"),
        ("gone", "tube_is_gone"),
        ("undilutable", "no_place_for_dilution"),
    ],
)
def test_what_the_analyzer_cannot_measure_again_waits_with_the_reason(
    region: Region, analyzer: Analyzer, tube: Specimen, obstacle: str, why: str
) -> None:
    result = make_result(region, tube, "GLUS", ">24.0", analyzer_id=analyzer.pk)
    if obstacle == "off":
        Analyzer.objects.filter(pk=analyzer.pk).update(is_active=False)
    elif obstacle == "unmapped":
        TestMapping.objects.filter(analyzer=analyzer, code="9GLUS").delete()
    elif obstacle == "stopped":
        director = one_with(region, "hub_director")
        with acting(director):
            stop_driver(analyzer.driver, reason="a fault", by=director, at=NOW)
    elif obstacle == "gone":
        Specimen.objects.filter(pk=tube.pk).update(state="rejected")
    else:
        Analyzer.objects.filter(pk=analyzer.pk).update(driver="sysmex_xn")
    autoverify_batch(limit=100, by=region.worker, at=NOW)
    result.refresh_from_db()
    assert result.state == "held"
    said = [one for one in result.reasons if one["code"] == "rerun_impossible"]
    assert [one["why"] for one in said] == [why]
    assert asked() == []


@pytest.mark.parametrize("model", models())
def test_every_model_dilutes_by_order_or_asks_a_person(
    region: Region, analyzer: Analyzer, tube: Specimen, model: str
) -> None:
    driver = load(model)
    Analyzer.objects.filter(pk=analyzer.pk).update(driver=model)
    item = OrderItem.objects.get(order_id=tube.order_id, test__code="GLUS")
    (why,) = rerun_obstacles([(analyzer.pk, item.pk, item.test_id, "5")])
    tells = {(True, True): "", (True, False): "no_place_for_dilution"}
    assert why == tells.get((driver.takes_orders, driver.takes_dilution), "takes_no_orders")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "cannot be told a dilution"), ("ru", "нельзя передать разведение")],
)
def test_the_screen_says_that_a_person_dilutes(
    region: Region, analyzer: Analyzer, tube: Specimen, language: str, words: str
) -> None:
    Analyzer.objects.filter(pk=analyzer.pk).update(driver="sysmex_xn")
    result = make_result(region, tube, "GLUS", ">24.0", analyzer_id=analyzer.pk)
    autoverify_batch(limit=100, by=region.worker, at=NOW)
    page = signed_in("doctor", language=language).get(f"/bench/results/{result.pk}/").content.decode()
    assert words in page


def test_a_person_is_told_when_an_analyzer_takes_no_dilution(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    result = make_result(region, tube, "GLUS", "23.0", analyzer_id=analyzer.pk)
    Analyzer.objects.filter(pk=analyzer.pk).update(driver="sysmex_xn")
    doctor = one_with(region, "laboratory_doctor")
    with acting(doctor):
        with pytest.raises(Refused, match="cannot be told a dilution"):
            repeat_result([result.pk], reason="too high", dilution="5", by=doctor, at=NOW)
        assert Result.objects.get(pk=result.pk).state == "recorded"
        assert repeat_result([result.pk], reason="too high", by=doctor, at=NOW) == 1


def test_an_order_waits_for_the_run_that_was_asked_for(
    region: Region, analyzer: Analyzer, tube: Specimen
) -> None:
    measured(region, tube, analyzer, "NA", "140")
    measured(region, tube, analyzer, "GLUS", "5.0")
    measured(region, tube, analyzer, "K", "5.05")
    assert Order.objects.get(pk=tube.order_id).state == "placed"
    measured(region, tube, analyzer, "K", "5.06")
    assert Order.objects.get(pk=tube.order_id).state == "completed"
