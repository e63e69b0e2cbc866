"""From the bytes of an analyzer to decided results, and the indexes that keep it fast."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import autoverify_batch, file_readings
from aliquot.flow.results.jobs import decide_batch, record_batch
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.flow.specimens.models import Specimen
from aliquot.foundation import sql_files
from aliquot.foundation.months.rules.calendar import SHIFT, Month
from tests.factories import NOW, make_accepted, make_result
from tests.regions import Region
from tests.tubes import make_analyzer, message_of

SQL = Path(__file__).parents[3] / "src" / "aliquot" / "flow" / "results" / "sql"


@pytest.fixture
def analyzer(region: Region) -> Analyzer:
    return make_analyzer(region.hub, "sysmex_xn", "XN-T")


def send(region: Region, analyzer: Analyzer, number: str, *measured: Measurement) -> None:
    """One message of the analyzer, kept as a link keeps it."""
    content = message_of(analyzer.driver, number, *measured, at=NOW - timedelta(minutes=5))
    keep_messages([KeptMessage(region.hub.pk, analyzer.pk, "test", content, NOW)], by=region.worker)


def filed(region: Region) -> int:
    return file_readings(limit=100, by=region.worker, at=NOW)


def test_what_an_analyzer_sends_becomes_results_of_the_ordered_tests(
    region: Region, analyzer: Analyzer
) -> None:
    tube = make_accepted(region, "WBC", "HGB", urgency="S")
    send(
        region,
        analyzer,
        tube.number,
        Measurement("WBC", "6.155", "10*3/uL"),
        Measurement("HGB", "14.26", "g/dL"),
    )
    assert filed(region) == 2
    assert filed(region) == 0
    found = {one.test.code: one for one in Result.objects.select_related("test").filter(specimen=tube)}
    haemoglobin = found["HGB"]
    assert (haemoglobin.value, haemoglobin.unit, haemoglobin.state) == (Decimal(143), "g/L", "released")
    assert (haemoglobin.collected_at, haemoglobin.urgency, haemoglobin.analyzer_id) == (
        tube.collected_at,
        "S",
        analyzer.pk,
    )
    assert haemoglobin.reading_id is not None
    assert set(tube.tests.values_list("state", flat=True)) == {"measured"}
    assert {(one.state, one.flag, tuple(one.reasons)) for one in found.values()} == {("released", "N", ())}


def test_of_two_values_that_came_at_once_none_is_released(region: Region, analyzer: Analyzer) -> None:
    tube = make_accepted(region, "WBC", "HGB")
    both = [Measurement("WBC", one, "10*3/uL") for one in ("6.1", "7.9")]
    send(region, analyzer, tube.number, *both, Measurement("HGB", "14.26", "g/dL"))
    assert filed(region) == 3
    autoverify_batch(limit=100, by=region.worker, at=NOW)
    found = Result.objects.filter(specimen=tube).order_by("test__code", "id")
    states = [(one.value_text, one.state, [why["code"] for why in one.reasons]) for one in found]
    assert states == [
        ("143", "released", []),
        ("6.10", "held", ["rerun"]),
        ("7.90", "held", ["rerun"]),
    ]


def test_a_value_for_a_tube_nobody_knows_becomes_no_result(region: Region, analyzer: Analyzer) -> None:
    send(region, analyzer, "0000000000", Measurement("WBC", "6.1", "10*3/uL"))
    assert filed(region) == 0
    assert not Result.objects.exists()


def test_the_jobs_do_both_as_the_process_they_run_in(region: Region, analyzer: Analyzer) -> None:
    tube = make_accepted(region, "WBC")
    send(region, analyzer, tube.number, Measurement("WBC", "6.1", "10*3/uL"))
    assert (record_batch(100, NOW), decide_batch(100, NOW)) == (1, 0)
    assert Result.objects.get(specimen=tube).released_by == region.worker.key


def month_of_now() -> int:
    """The least id that a result can get now."""
    return Month.of(timezone.now()).low


def plan(name: str, **params: Any) -> str:
    """How the application's role would run a statement, were the tables large."""
    cursor = sql_files._connection("default").cursor()
    cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    cursor.execute(f"EXPLAIN {sql_files.statement(SQL, name)}", params)
    return "\n".join(row[0] for row in cursor.fetchall())


def test_the_earlier_value_is_found_by_patient_test_and_time_in_the_index(region: Region) -> None:
    now = month_of_now()
    months = {"since": now, "until": Month(now >> SHIFT).plus(1).low, "compared_since": now}
    shown = plan("gather_evidence", ids=[now + 1], given="[]", look_back=92, **months)
    # of a table that holds a row or two another index with the id may be taken
    assert re.search(
        r"Index Scan using \S+ on result_\d+_\d+ y .*\n\s+Index Cond: .*\bid = wanted\.id", shown
    )
    assert "Index Scan using result_pkey on" not in shown  # only the part of these ids is planned for
    assert re.search(r"Index Scan using result_history_(\d+_\d+) on result_\1 e", shown)
    assert re.search(r"Index Cond: \(\(patient_id = .*test_id = .*collected_at < .*collected_at >= ", shown)


def test_undecided_results_are_found_in_their_own_small_index(region: Region) -> None:
    assert "Index Scan using result_to_decide on result_first r" in plan("claim_results", limit=10)


def test_the_history_is_read_by_index(region: Region) -> None:
    assert "Index Scan using result_history on result_first r" in plan(
        "patient_history", patient=1, tests=[1], limit=5, low=0
    )


def test_filed_readings_are_decided_at_once_as_the_batch_decides_them(
    region: Region, analyzer: Analyzer
) -> None:
    at_once, later = (make_accepted(region, "WBC", "HGB") for _ in range(2))
    readings = (Measurement("WBC", "6.1", "10*3/uL"), Measurement("HGB", "1.0", "g/dL"))
    send(region, analyzer, at_once.number, *readings)
    assert filed(region) == 2
    for code, value in (("WBC", "6.10"), ("HGB", "10")):
        make_result(region, later, code, value)
    assert autoverify_batch(limit=100, by=region.worker, at=NOW) == 2
    assert decisions(at_once) == decisions(later)
    for tube in (at_once, later):
        assert CriticalCall.objects.filter(order_id=tube.order_id).count() == 1
        states = OrderItem.objects.filter(order_id=tube.order_id).values_list("state", flat=True)
        assert sorted(states) == ["open", "reported"]


def decisions(tube: Specimen) -> list[tuple[Any, ...]]:
    """What was decided of each result, and on what."""
    facts = (
        "state",
        "flag",
        "low",
        "high",
        "reasons",
        "is_automatic",
        "decided_at",
        "released_at",
        "released_by",
    )
    return list(Result.objects.filter(specimen=tube).order_by("test_id").values_list("value", *facts))


def test_a_test_measured_twice_in_a_batch_is_left_to_be_decided(region: Region, analyzer: Analyzer) -> None:
    tube = make_accepted(region, "WBC")
    send(region, analyzer, tube.number, Measurement("WBC", "6.1", "10*3/uL"))
    send(region, analyzer, tube.number, Measurement("WBC", "6.2", "10*3/uL"))
    assert filed(region) == 2
    assert set(Result.objects.values_list("state", flat=True)) == {"recorded"}
    assert autoverify_batch(limit=100, by=region.worker, at=NOW) == 2
    assert list(Result.objects.order_by("run").values_list("state", "run")) == [("held", 1), ("held", 2)]
