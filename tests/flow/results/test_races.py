"""Several at once: workers and people on the same results, each in a session of its own, really committed."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Signal

import pytest
from django.db import connections

from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.models import Analyzer
from aliquot.flow.instruments.rules.reading import Measurement
from aliquot.flow.orders.actions import cancel_item
from aliquot.flow.orders.models import OrderItem
from aliquot.flow.results.actions import (
    autoverify_batch,
    file_readings,
    hold_result,
    mark_overdue,
    refuse_result,
    release_results,
    tell_critical,
)
from aliquot.flow.results.jobs import decide_batch
from aliquot.flow.results.models import CriticalCall, Result
from aliquot.foundation.actors import system_actor
from aliquot.foundation.context import acting
from aliquot.foundation.errors import Refused
from aliquot.registers.catalogue.models import Test
from tests.factories import NOW, make_accepted, make_result
from tests.flow.results.ruled import WANTS_INDEX, put_in_force
from tests.processes import LiveRegion, wait_for
from tests.regions import Region, one_with, read_region
from tests.tubes import make_analyzer, message_of

PATIENCE = 20


@pytest.fixture
def committed(live_region: LiveRegion) -> Region:
    return read_region()


@contextmanager
def sessions() -> Iterator[ThreadPoolExecutor]:
    """Threads that each have a database session of their own, closed at the end."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def in_session(pool: ThreadPoolExecutor, work: Callable[[], object]) -> "Future[object]":
    """The work, done in a session of its own on the database that this thread is pointed at."""
    pointed = dict(connections["default"].settings_dict)

    def run() -> object:
        connections["default"].settings_dict.update(pointed)
        try:
            return work()
        finally:
            connections.close_all()

    return pool.submit(run)


def results_of(region: Region, count: int, value: str = "4.2") -> list[int]:
    """Ids of results of `count` orders, two each, recorded and committed."""
    with acting(region.worker):
        tubes = [make_accepted(region, "GLUS", "K") for _ in range(count)]
        found = [make_result(region, tube, code, value) for code in ("K", "GLUS") for tube in tubes]
        return [one.pk for one in found]


def keep(region: Region, analyzer: Analyzer, number: str, *measured: Measurement) -> None:
    """One message of the analyzer, as a link keeps it."""
    content = message_of(analyzer.driver, number, *measured, at=NOW)
    keep_messages([KeptMessage(region.hub.pk, analyzer.pk, "test", content, NOW)], by=region.worker)


def test_workers_share_the_results_and_each_order_is_completed_once(
    live_region: LiveRegion, committed: Region
) -> None:
    results_of(committed, 12, "4.5")

    def work() -> int:
        done = 0
        while live_region.look("SELECT count(*) FROM result WHERE state = 'recorded'")[0][0]:
            with acting(committed.worker):
                done += autoverify_batch(limit=5, by=committed.worker, at=NOW)
        return done

    with sessions() as pool:
        shares = [in_session(pool, work) for _ in range(3)]
        assert sum(int(str(one.result(PATIENCE))) for one in shares) == 24
    assert live_region.look("SELECT state, count(*) FROM result GROUP BY state") == [("released", 24)]
    assert live_region.look("SELECT state, count(*) FROM lab_order GROUP BY state") == [("completed", 12)]
    told = live_region.look("SELECT subject_id FROM event WHERE kind = 'order_completed'")
    assert len(told) == len(set(told)) == 12


def test_what_a_worker_holds_another_leaves(committed: Region) -> None:
    results_of(committed, 1)

    def other() -> int:
        with acting(committed.worker):
            return autoverify_batch(limit=10, by=committed.worker, at=NOW)

    with sessions() as pool, acting(committed.worker):
        assert autoverify_batch(limit=1, by=committed.worker, at=NOW) == 1
        # the second result is free, but its order is in the first worker's hand
        assert in_session(pool, other).result(PATIENCE) == 0


def test_a_test_that_is_just_being_cancelled_is_not_released(
    live_region: LiveRegion, committed: Region
) -> None:
    ids = results_of(committed, 1)
    nurse = one_with(committed, "nurse", committed.clinic)

    def worker() -> int:
        with acting(committed.worker):
            return autoverify_batch(limit=10, by=committed.worker, at=NOW)

    with sessions() as pool:
        with acting(nurse):
            item = OrderItem.objects.get(test__code="K")
            cancel_item(item, reason="not needed", by=nurse, at=NOW)
            assert in_session(pool, worker).result(PATIENCE) == 0
        assert in_session(pool, worker).result(PATIENCE) == 2
    states = live_region.look("SELECT state, reasons->0->>'code' FROM result WHERE id = %s", ids[0])
    assert states == [("held", "item_closed")]


def test_a_reading_for_an_order_that_somebody_holds_is_recorded_and_decided_next(
    live_region: LiveRegion, committed: Region
) -> None:
    nurse = one_with(committed, "nurse", committed.clinic)
    with acting(committed.worker):
        tube = make_accepted(committed, "WBC", "HGB")
        analyzer = make_analyzer(committed.hub, "sysmex_xn", "XN-R")
        keep(committed, analyzer, tube.number, Measurement("WBC", "6.1", "10*3/uL"))

    def worker() -> int:
        with acting(committed.worker):
            return file_readings(limit=10, by=committed.worker, at=NOW)

    with sessions() as pool, acting(nurse):
        item = OrderItem.objects.get(order_id=tube.order_id, test__code="WBC")
        cancel_item(item, reason="not needed", by=nurse, at=NOW)
        assert in_session(pool, worker).result(PATIENCE) == 1
        assert live_region.look("SELECT state FROM result") == [("recorded",)]
    with acting(committed.worker):
        assert autoverify_batch(limit=10, by=committed.worker, at=NOW) == 1
    states = live_region.look(
        "SELECT state, jsonb_path_query_array(reasons, '$[*].code') ? 'item_closed' FROM result"
    )
    assert states == [("held", True)]


def test_an_index_for_an_order_that_somebody_holds_is_followed_by_the_next_batch(
    live_region: LiveRegion, committed: Region
) -> None:
    put_in_force(committed, WANTS_INDEX)
    nurse = one_with(committed, "nurse", committed.clinic)
    with acting(committed.worker):
        tube = make_accepted(committed, "K", "NA")
        analyzer = make_analyzer(committed.hub, "roche_cobas_c311", "C311-R")
    with acting(system_actor("setup", frozenset({committed.hub.pk}))):
        analyzer.mappings.create(code="K", test=Test.objects.get(code="K"), unit="mmol/L")
    told = "SELECT state, reasons->0->>'code' FROM result"

    def worker() -> int:
        with acting(committed.worker):
            return file_readings(limit=10, by=committed.worker, at=NOW)

    with acting(committed.worker):
        keep(committed, analyzer, tube.number, Measurement("K", "4.2", "mmol/L"))
    assert worker() == 1
    with acting(committed.worker):
        keep(committed, analyzer, tube.number, Measurement("993", "10"))
    with sessions() as pool, acting(nurse):
        item = OrderItem.objects.get(order_id=tube.order_id, test__code="NA")
        cancel_item(item, reason="not needed", by=nurse, at=NOW)
        assert in_session(pool, worker).result(PATIENCE) == 1
        assert live_region.look(told) == [("held", "index_missing")]
    with acting(committed.worker):
        assert decide_batch(10, NOW) == 1
        assert live_region.look(told) == [("held", "index_missing")]  # not before it is committed
    assert live_region.look(told) == [("released", None)]
    with acting(committed.worker):
        assert decide_batch(10, NOW) == 0


def test_of_two_doctors_at_the_same_moment_one_is_told_about_the_other(
    live_region: LiveRegion, committed: Region
) -> None:
    ids = results_of(committed, 1, "25.5")
    with acting(committed.worker):
        autoverify_batch(limit=10, by=committed.worker, at=NOW)
    doctor = one_with(committed, "laboratory_doctor", committed.hub)
    held = Signal()

    def second() -> str:
        with acting(doctor):
            held.set()
            try:
                release_results(ids[:1], by=doctor, at=NOW)
            except Refused as refusal:
                return refusal.reason
        return ""

    with sessions() as pool:
        with acting(doctor):
            release_results(ids[:1], by=doctor, at=NOW)
            answer = in_session(pool, second)
            assert held.wait(PATIENCE)
            wait_for(lambda: waits_for_a_lock(live_region), "the second doctor waits for the first")
        assert "already released by" in str(answer.result(PATIENCE))
    with acting(doctor):
        assert Result.objects.get(pk=ids[0]).released_by == doctor.key


def test_who_is_told_while_the_value_is_refused_is_told_of_that(
    live_region: LiveRegion, committed: Region
) -> None:
    ids = results_of(committed, 1, "7.8")
    with acting(committed.worker):
        autoverify_batch(limit=10, by=committed.worker, at=NOW)
    doctor, technologist = (
        one_with(committed, role, committed.hub) for role in ("laboratory_doctor", "technologist")
    )

    def refuse() -> int:
        with acting(doctor):
            return refuse_result(ids[:1], reason="clot", by=doctor, at=NOW)

    with sessions() as pool:
        with acting(technologist):
            call = CriticalCall.objects.get(result_id=ids[0])
            tell_critical(call, "Dr. Lugovoy", "7.8", by=technologist, at=NOW)
            refused = in_session(pool, refuse)
            wait_for(lambda: waits_for_a_lock(live_region), "the refusal waits for the call")
        assert refused.result(PATIENCE) == 1
    calls = live_region.look("SELECT kind, state FROM critical_call WHERE result_id = %s ORDER BY id", ids[0])
    assert calls == [("value", "closed"), ("withdrawal", "open")]


def test_who_marks_what_waits_too_long_waits_for_nobody(committed: Region) -> None:
    ids = results_of(committed, 2, "25.5")
    with acting(committed.worker):
        autoverify_batch(limit=10, by=committed.worker, at=NOW)
    doctor = one_with(committed, "laboratory_doctor", committed.hub)

    def mark() -> int:
        with acting(committed.worker):
            return mark_overdue(limit=10, by=committed.worker, at=NOW + timedelta(days=30))

    with sessions() as pool:
        with acting(doctor):
            hold_result(ids[:1], reason="asked the ward", by=doctor, at=NOW)
            assert in_session(pool, mark).result(PATIENCE) == len(ids) - 1
        assert in_session(pool, mark).result(PATIENCE) == 1


def waits_for_a_lock(live_region: LiveRegion) -> bool:
    return bool(live_region.look("SELECT 1 FROM pg_locks WHERE NOT granted"))
