"""A worker's round: messages, results, reactions, each in a transaction of its own."""

import asyncio
from datetime import UTC, datetime
from threading import Event

import psycopg
import pytest

from aliquot.entrypoints.commands.work import Counts, count_figures, work_once
from aliquot.entrypoints.simulate import SimulatedAnalyzer
from aliquot.flow.instruments.actions import KeptMessage, keep_messages
from aliquot.flow.instruments.rules.driver import load
from aliquot.flow.instruments.rules.forms import Header
from aliquot.flow.instruments.rules.reading import Measurement, Run
from aliquot.foundation.context import acting
from aliquot.foundation.events.actions import record_events
from aliquot.foundation.events.models import Event as Happened
from aliquot.oversight.comparability.models import ComparedMonth
from aliquot.oversight.health.queries import findings
from tests.processes import LiveRegion, free_port, listens, wait_for
from tests.regions import read_region
from tests.tubes import NOW, make_accepted_tubes, make_analyzer


def keep_one(live: LiveRegion) -> None:
    """A message with two results waits to be read."""
    region = read_region()
    (tube,) = make_accepted_tubes(region.hub, region.clinic, 1)
    analyzer = make_analyzer(region.hub, "sysmex_xn", "XN-W")
    run = Run(tube, (Measurement("WBC", "6.1", "10*3/uL"), Measurement("HGB", "14.0", "g/dL")))
    content = b"".join(one + b"\r" for one in load("sysmex_xn").result_message([run], Header(NOW)))
    with acting(region.worker) as by:
        keep_messages([KeptMessage(region.hub.pk, analyzer.pk, "test", content, NOW)], by=by)


def test_a_round_files_decided_results_and_reacts(live_region: LiveRegion) -> None:
    keep_one(live_region)
    first = work_once(100)
    assert (first.recorded, first.decided, first.failures) == (2, 0, 0)
    while work_once(100).any_work:
        pass
    assert work_once(100) == Counts()


def test_a_reaction_gets_its_subjects_once(live_region: LiveRegion) -> None:
    told: list[tuple[list[int], datetime]] = []
    with acting(read_region().worker):
        record_events("tested", [3, 1, 3], at=datetime(2026, 3, 2, tzinfo=UTC))
    assert work_once(100, {"tested": lambda ids, at: told.append((ids, at))}).events == 2
    assert work_once(100, {"tested": lambda ids, at: told.append((ids, at))}).events == 0
    assert [ids for ids, _ in told] == [[1, 3]]


def test_a_step_that_fails_is_undone_and_stops_no_other(live_region: LiveRegion) -> None:
    keep_one(live_region)
    with acting(read_region().worker):
        record_events("broken", [7], at=NOW)

    def fail(ids: list[int], at: datetime) -> None:
        raise RuntimeError("this reaction is broken")

    counts = work_once(100, {"broken": fail})
    assert (counts.recorded, counts.decided, counts.failures) == (2, 0, 1)
    assert live_region.look("SELECT subject_id FROM event WHERE kind = 'broken'") == [(7,)]


def test_a_reaction_that_always_fails_holds_up_no_other_and_is_put_off(live_region: LiveRegion) -> None:
    served: list[int] = []

    def serve(ids: list[int], at: datetime) -> None:
        if 7 in ids:
            raise RuntimeError("seven cannot be served")
        served.extend(ids)

    with acting(read_region().worker):
        record_events("partly", [5, 7, 9], at=NOW)
    first = work_once(100, {"partly": serve})
    assert (first.events, first.failures, served) == (2, 1, [5, 9])
    kept = live_region.look("SELECT subject_id, attempts, fault, not_before > clock_timestamp() FROM event")
    assert kept == [(7, 1, "RuntimeError: seven cannot be served", True)]
    with acting(read_region().worker):
        record_events("partly", [11], at=NOW)
    assert work_once(100, {"partly": serve}) == Counts(events=1)
    (told,) = [one.what for one in findings() if "seven" in one.what]
    assert told == "1 reaction fails and is tried again: partly 7: RuntimeError: seven cannot be served"
    with acting(read_region().worker):
        Happened.objects.update(not_before=None)
    assert work_once(100, {"partly": lambda ids, _at: served.extend(ids)}) == Counts(events=1)
    assert (served, live_region.look("SELECT count(*) FROM event")) == ([5, 9, 11, 7], [(0,)])


def test_events_to_which_nobody_reacts_do_not_gather(live_region: LiveRegion) -> None:
    with acting(read_region().worker):
        record_events("unheard", [1, 2], at=NOW)
        record_events("heard", [3], at=NOW)

    def fail(ids: list[int], at: datetime) -> None:
        raise RuntimeError("not now")

    work_once(100, {"heard": fail})
    assert live_region.look("SELECT kind FROM event") == [("heard",)]


def test_a_round_of_results_does_not_wait_for_figures(live_region: LiveRegion) -> None:
    keep_one(live_region)
    counted, compared = "SELECT count(*) FROM indicator_progress", "SELECT count(*) FROM compared_month"
    assert work_once(100).recorded == 2
    assert (live_region.look(counted), live_region.look(compared)) == ([(0,)], [(0,)])
    live_region.look(
        "INSERT INTO indicator_due (laboratory_id, day) VALUES (%s, '2026-11-20')", read_region().hub.pk
    )
    assert count_figures(Event()) == 1
    assert live_region.look(counted)[0][0] > 0
    assert live_region.look(compared)[0][0] > 0
    assert live_region.look("SELECT count(*) FROM indicator_due") == [(0,)], "all that changed is counted"


def test_two_workers_do_not_compare_the_same_month(live_region: LiveRegion) -> None:
    count_figures(Event())
    with acting(read_region().worker):
        ComparedMonth.objects.update(counted_at=None)
    held = "SELECT 1 FROM compared_month FOR UPDATE"
    with psycopg.connect(live_region.owner_url) as other:
        other.execute(held)
        count_figures(Event())
    assert live_region.look("SELECT count(*) FROM compared_month WHERE counted_at IS NOT NULL") == [(0,)]
    count_figures(Event())
    assert live_region.look("SELECT count(*) FROM compared_month WHERE counted_at IS NULL") == [(0,)]


@pytest.mark.journey
def test_a_worker_counts_figures_beside(live_region: LiveRegion) -> None:
    keep_one(live_region)
    worker = live_region.start("work")
    wait_for(lambda: live_region.look("SELECT count(*) FROM compared_month")[0][0] > 0, "figures are counted")
    worker.terminate()
    assert worker.wait(10) == 0


@pytest.mark.journey
def test_a_worker_is_woken_and_ends_when_asked(live_region: LiveRegion) -> None:
    region, port = read_region(), free_port()
    tubes = make_accepted_tubes(region.hub, region.clinic, 2)
    make_analyzer(region.hub, "sysmex_xn", "XN-W", port)
    live_region.start("links")
    worker = live_region.start("work")
    wait_for(lambda: listens(port), "the link listens")

    async def send() -> None:
        async with SimulatedAnalyzer("sysmex_xn", port) as analyzer:
            for tube in tubes:
                await analyzer.upload(Run(tube, (Measurement("WBC", "6.1", "10*3/uL"),)))

    asyncio.run(send())
    wait_for(lambda: live_region.look("SELECT count(*) FROM result")[0][0] == 2, "both results are recorded")
    worker.terminate()
    assert worker.wait(10) == 0
